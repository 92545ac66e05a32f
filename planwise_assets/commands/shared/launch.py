"""Running one year from Python, as Dagster would: recorded, through the project's executor.

Belongs here: the command line's way into Dagster. Does not: arguments and printing (cli.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.execution.api import execute_run
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin

from planwise_assets.automation.jobs import SIMULATE_YEAR
from planwise_assets.definitions import defs
from planwise_assets.runs.fork_server import stderr_into


@dataclass(frozen=True)
class Outcome:
    """How a run ended: its id, and what went wrong in words a person can use."""

    run_id: str
    error: str | None


def simulate_year() -> Any:
    """The job, found again by worker processes."""
    return defs.resolve_job_def(SIMULATE_YEAR)


def launch_year(year: int, log: Path, *, only: str | None = None) -> Outcome:
    """Simulates one year in the instance of DAGSTER_HOME.

    Args:
        year: The simulation year.
        log: Where everything goes that Dagster and its worker processes say meanwhile.
        only: Make this asset of the year alone.
    """
    job = dg.reconstructable(simulate_year)
    with stderr_into(log), dg.DagsterInstance.get() as instance:
        run = instance.create_run_for_job(
            job_def=job.get_definition(),
            tags={"dagster/partition": str(year)},
            asset_selection=frozenset([dg.AssetKey(only)]) if only else None,
            job_code_origin=job.get_python_origin(),
            remote_job_origin=_ORIGIN,
        )
        with execute_run(job, run, instance) as result:
            return Outcome(result.run_id, None if result.success else _reason(result))


#: Where the UI finds the job (workspace.yaml). Its timeline shows no run that does not name it, and execute_job, Dagster's
#: public way into a run, cannot.
_ORIGIN = RemoteJobOrigin(RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("planwise"), "__repository__"), SIMULATE_YEAR)


def _reason(result: dg.ExecuteJobResult) -> str:
    """The first failure, without Dagster's frames around it."""
    for event in result.all_events:
        if event.is_step_failure:
            data = event.step_failure_data
            if data.user_failure_data and data.user_failure_data.description:
                return str(data.user_failure_data.description)
            error = data.error
            while error and error.cause:
                error = error.cause
            return f"Step {event.step_key}: {error.message.strip() if error else 'no reason given'}"
    for event in result.all_events:
        if event.is_failure and event.message:
            error = getattr(event.event_specific_data, "error", None)
            while error and error.cause:
                error = error.cause
            return error.message.strip() if error else str(event.message)
    return "The run did not succeed; its log is in the Dagster UI."
