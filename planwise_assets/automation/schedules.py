"""What happens at a set time.

Belongs here: schedules. Does not: which years are stale (stale_years.py), what reacts to files and runs (sensors.py).
"""

from __future__ import annotations

from typing import Any

import dagster as dg

from planwise_assets.automation.jobs import SIMULATE_YEAR
from planwise_assets.automation.stale_years import Requests, what_to_simulate
from planwise_assets.project import Project


def nightly_schedule(project: Project) -> Any:
    """Simulates the horizon again at night, from the first year that no longer matches; nothing when all do.

    Off until somebody switches it on in the UI.
    """
    years = [str(year) for year in range(project.first_year, project.last_year + 1)]

    @dg.schedule(
        name="nightly",
        cron_schedule=project.settings.nightly,
        execution_timezone=project.settings.timezone,
        job_name=SIMULATE_YEAR,
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description=(
            "At night: when census, study or code changed since the last complete simulation, simulates the years from the "
            "first that is affected to the last; otherwise does nothing, and the tick says so."
        ),
        tags={"planwise/study": project.study.study},
    )
    def nightly(context: dg.ScheduleEvaluationContext) -> Requests | dg.SkipReason:
        key = f"nightly:{context.scheduled_execution_time.isoformat()}"
        return what_to_simulate(context.instance, project.settings, years, key, "nightly").for_dagster

    return nightly
