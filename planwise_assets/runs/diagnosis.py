"""`planwise doctor`: the state of the circuit breakers and of the environment, and what to do about what is wrong.

Belongs here: looking and telling. Does not: mending anything but the breaker, on demand.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from planwise_assets.intake.census import CensusError, census_of_study
from planwise_assets.settings import Settings
from planwise_assets.study.schema import Study
from planwise_assets.year.cleanup import leftovers
from resources.process.locks import abandoned_run

_LITTLE_DISK_GB = 5
_GB = 1e9


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        what: What was looked at.
        found: What was found.
        advice: What to do; empty when all is well.
        is_fatal: Whether no run can work like this.
    """

    what: str
    found: str
    advice: str = ""
    is_fatal: bool = False


def diagnose(settings: Settings, study: Study) -> list[Finding]:
    """Looks at the environment of a study."""
    name = study.study
    dagster_home, expected = os.environ.get("DAGSTER_HOME"), settings.dagster_home(name)
    is_other = dagster_home is not None and Path(dagster_home).resolve() != expected.resolve()
    home = _nearest(settings.home)
    is_writable = os.access(home, os.W_OK | os.X_OK)
    free = shutil.disk_usage(home).free / _GB
    killed = abandoned_run(settings.locks, name)
    left = leftovers(settings, name)
    return [
        Finding("study", f"{name} ({settings.study_file})"),
        Finding(
            "DAGSTER_HOME",
            dagster_home or "not set",
            f"For `dagster` commands: export DAGSTER_HOME={expected}" if is_other or dagster_home is None else "",
        ),
        Finding(
            "home",
            f"{settings.home} ({'writable' if is_writable else 'not writable'})",
            "" if is_writable else "Set PLANWISE_HOME to a folder that you may write.",
            is_fatal=not is_writable,
        ),
        Finding(
            "free disk",
            f"{free:.1f} GB",
            "Sorting may need it: make room." if free < _LITTLE_DISK_GB else "",
            is_fatal=free == 0,
        ),
        _of_census(study),
        Finding("killed run", killed or "none", "Launch the year again: it clears up first." if killed else ""),
        Finding(
            "leftovers",
            f"{len(left)} (first: {left[0]})" if left else "none",
            "Of a run at work, or of a killed one; the study's next run removes them." if left else "",
        ),
    ]


def _of_census(study: Study) -> Finding:
    """Whether the census can be read as the study says, and how many people are in it."""
    try:
        with duckdb.connect() as connection:
            read = census_of_study(connection, study)
    except (CensusError, duckdb.Error, OSError) as error:
        return Finding("census", f"{study.census} cannot be read", " ".join(str(error).split()), is_fatal=True)
    return Finding("census", f"{study.census}: {read.rows - read.folded:,} people in {read.rows:,} rows")


def _nearest(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())
