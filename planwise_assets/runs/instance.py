"""Dagster's home of a study: its configuration, the limit that keeps runs apart, and the end of runs that were killed.

Belongs here: making DAGSTER_HOME ready and keeping its records true. Does not: what runs in it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from planwise_assets.settings import PROJECT_ROOT
from resources.process.locks import abandoned_run


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
    with open_instance(home) as instance:
        instance.event_log_storage.set_concurrency_slots(pool, 1)
    ready.touch()


@contextmanager
def open_instance(home: Path) -> Iterator[dg.DagsterInstance]:
    """The instance of this home, whichever home the environment names: dagster.yaml asks it for DAGSTER_HOME."""
    before = os.environ.get("DAGSTER_HOME")
    os.environ["DAGSTER_HOME"] = str(home)
    try:
        with dg.DagsterInstance.from_config(str(home)) as instance:
            yield instance
    finally:
        if before is None:
            del os.environ["DAGSTER_HOME"]
        else:
            os.environ["DAGSTER_HOME"] = before


def fail_abandoned_run(instance: dg.DagsterInstance, locks: Path, study: str) -> str | None:
    """Records the end of a run that was killed before it could do so itself.

    Dagster's default run launcher does not look after runs of `dagster job execute`: one that was killed would count as
    at work for ever, and hold the study's pool, so that nothing in the queue would start.

    Args:
        instance: Where the run is recorded, perhaps.
        locks: The folder of the studies' lock files.
        study: The study.

    Returns:
        The run's id, when there was something to record.
    """
    run_id = abandoned_run(locks, study)
    run = instance.get_run_by_id(run_id) if run_id else None
    if run is None or run.is_finished:
        return None
    instance.report_run_failed(run, "The process of this run has died: it was killed, or the machine stopped.")
    return run_id
