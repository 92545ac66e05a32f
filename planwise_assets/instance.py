"""Dagster's home of a study: its configuration, and the limit that keeps runs apart.

Belongs here: making DAGSTER_HOME ready. Does not: what runs in it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import dagster as dg

from planwise_assets.settings import PROJECT_ROOT


def prepare_instance(home: Path, pool: str) -> None:
    """Puts the project's dagster.yaml into the home and admits one run of the study at a time.

    Args:
        home: DAGSTER_HOME; made when it is not there. A dagster.yaml that a user changed there is kept.
        pool: The study's pool.
    """
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():
        shutil.copy(PROJECT_ROOT / "dagster.yaml", home / "dagster.yaml")
    ready = home / f"{pool}.limit"
    if ready.exists():
        return
    with dg.DagsterInstance.from_config(str(home)) as instance:
        instance.event_log_storage.set_concurrency_slots(pool, 1)
    ready.touch()
