"""What the daemon watches while nobody looks.

Belongs here: sensors. Does not: what they find out (instance.py).
"""

from __future__ import annotations

import dagster as dg

from planwise_assets.instance import fail_abandoned_run
from planwise_assets.project import Project


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
