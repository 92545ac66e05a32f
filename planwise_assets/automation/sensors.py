"""What the daemon watches while nobody looks.

Belongs here: sensors. Does not: what they find out (runs/instance.py, stale_years.py), how people are told (alerts.py).
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path

import dagster as dg

from planwise_assets.automation.alerts import Alert, AlertTargets
from planwise_assets.automation.jobs import SIMULATE_YEAR
from planwise_assets.automation.stale_years import what_to_simulate
from planwise_assets.project import Project
from planwise_assets.runs.instance import fail_abandoned_run

#: A file younger than this may still be being copied.
SETTLE_SECONDS = 10.0


def abandoned_runs_sensor(project: Project) -> dg.SensorDefinition:
    """Frees the queue from a run that was killed."""

    @dg.sensor(
        name="abandoned_runs",
        description="Marks a run whose process was killed as failed, so that the runs behind it in the queue may start.",
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def abandoned_runs(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        run_id = fail_abandoned_run(context.instance, project.settings.locks, project.study.study)
        return dg.SkipReason(f"Run {run_id} was killed." if run_id else "No run was killed.")

    return abandoned_runs


def census_sensor(project: Project) -> dg.SensorDefinition:
    """Simulates the horizon when the census file has another content. Off until somebody switches it on in the UI.

    The cursor holds the file's time and size as last judged, so that a tick without a change reads nothing.
    """
    years = [str(year) for year in range(project.first_year, project.last_year + 1)]
    census = project.study.census

    @dg.sensor(
        name="census_file",
        job_name=SIMULATE_YEAR,
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description=f"Simulates the study again when its census file ({census.name}) changes.",
    )
    def census_file(context: dg.SensorEvaluationContext) -> Sequence[dg.RunRequest] | dg.SkipReason:
        seen = _seen(census)
        if seen is None:
            return dg.SkipReason(f"Census {census}: no such file. Put it back, or set `census:` in the study.")
        now = json.dumps(seen)
        if now == context.cursor:
            return dg.SkipReason(f"{census.name} has not been written since it was last looked at.")
        age = time.time() - seen[0] / 1e9
        if 0 <= age < SETTLE_SECONDS:
            return dg.SkipReason(f"{census.name} was written {age:.0f} s ago: waiting until it is whole.")
        found = what_to_simulate(context.instance, project.settings, years, f"census:{now}", "census_file")
        # Otherwise (a run at work, a study that cannot be read) the change is still to be dealt with.
        if found.is_final:
            context.update_cursor(now)
        return found.for_dagster

    return census_file


def failure_alerts_sensor(project: Project, targets: AlertTargets) -> dg.SensorDefinition:
    """Tells people about a failed run: on by itself where the environment says whom to tell."""

    @dg.run_failure_sensor(
        name="failure_alerts",
        description="Sends every failed run to PLANWISE_ALERT_WEBHOOK and PLANWISE_ALERT_COMMAND (docs/schedules.md).",
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING if targets else dg.DefaultSensorStatus.STOPPED,
        # Runs of `dagster job execute` belong to no code location; the instance is this study's alone.
        monitor_all_code_locations=True,
    )
    def failure_alerts(context: dg.RunFailureSensorContext) -> dg.SkipReason | None:
        if not targets:
            return dg.SkipReason("Nobody to tell: set PLANWISE_ALERT_WEBHOOK or PLANWISE_ALERT_COMMAND.")
        reasons = [
            data.user_failure_data.description if data.user_failure_data else data.error.message if data.error else None
            for data in (event.step_failure_data for event in context.get_step_failure_events())
        ]
        told = next((reason for reason in reasons if reason), context.failure_event.message)
        targets.send(Alert.of(project.study.study, context.dagster_run, told or "No reason given.", targets.ui_address))
        return None

    return failure_alerts


def _seen(file: Path) -> tuple[int, int] | None:
    """Time in nanoseconds and size in bytes; None without the file."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
