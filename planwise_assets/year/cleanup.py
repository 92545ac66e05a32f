"""Step 8 of a year: what steps and killed runs leave behind is removed.

Belongs here: what may be left, and removing it. Does not: when (runs/executor.py: as a run begins,
what a killed one left, and as it ends, what it leaves itself).
"""

from __future__ import annotations

import shutil
from pathlib import Path

from planwise_assets.project import Project
from planwise_assets.settings import Settings


def leftovers(settings: Settings, study: str) -> list[Path]:
    """What a killed run of this study left: spill folders, files half written. While a run is at work, what is in use."""
    temporary, warehouse = settings.temporary(study), settings.warehouse(study)
    return sorted(
        [
            *(temporary.iterdir() if temporary.is_dir() else ()),
            *settings.lake(study).glob("*/simulation_year=*/tmp_*"),
            *warehouse.parent.glob(f"tmp_*_{warehouse.name}*"),
            *settings.state(study).glob("tmp_*"),
            *(settings.home / "performance" / study).rglob("tmp_*"),
        ]
    )


def sweep(project: Project) -> None:
    """Removes what steps left behind. Only inside the study's lock: nobody else of this study is at work then."""
    for path in leftovers(project.settings, project.study.study):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    shutil.rmtree(project.temporary, ignore_errors=True)
