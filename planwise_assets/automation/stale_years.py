"""Which years of a study have to be simulated again, judged from the files as they are now.

Belongs here: the question that the schedule and the census sensor share, and the runs that answer it. Does not: when it is
asked (schedules.py, sensors.py), what makes a year stale (year/setup/gate.py).

The code server may have been up for weeks, so the study is read anew each time; modules that take long to import are
imported when a tick asks, not when definitions load.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import dagster as dg

from planwise_assets.project import Project
from planwise_assets.settings import Settings
from planwise_assets.study.errors import StudyError
from planwise_assets.year.setup.gate import first_stale_year

_AT_WORK = (
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
)

Requests = Sequence[dg.RunRequest]


@dataclass(frozen=True)
class Answer:
    """What is to be simulated now.

    Attributes:
        requests: One a year; none when there is nothing to do, or nothing that can be done yet.
        reason: Why there are none, for a person.
        is_final: Whether the question is answered until something changes; otherwise it is to be asked again.
    """

    requests: Requests = ()
    reason: str = ""
    is_final: bool = False

    @property
    def for_dagster(self) -> Requests | dg.SkipReason:
        """The answer as a schedule or sensor gives it."""
        return self.requests or dg.SkipReason(self.reason)


def what_to_simulate(
    instance: dg.DagsterInstance, settings: Settings, years: Sequence[str], key: str, trigger: str
) -> Answer:
    """One run request a year, from the first stale year to the last; or why there is nothing to do.

    Args:
        instance: Where runs are recorded: while one is at work or waits, nothing is added.
        settings: Where the study is.
        years: The partitions that the loaded definitions know.
        key: Tells this tick's requests from others': a request with a known key is not launched again.
        trigger: Who asks, for the tag `planwise/trigger`.
    """
    at_work = instance.get_runs(dg.RunsFilter(statuses=list(_AT_WORK)), limit=1)
    if at_work:
        year = at_work[0].tags.get("dagster/partition", "a year")
        return Answer(reason=f"Run {at_work[0].run_id} ({year}) is at work or waits in the queue; asked again next time.")
    try:
        project = Project.load(settings)
    except StudyError as error:
        return Answer(reason=f"The study cannot be read, so nothing was started. {error}")
    wanted = [str(year) for year in range(project.first_year, project.last_year + 1)]
    if wanted != list(years):
        return Answer(
            reason=f"The study's years are now {wanted[0]}-{wanted[-1]}, Dagster still knows {years[0]}-{years[-1]}: "
            "press Reload definitions under Deployment."
        )
    try:
        stale = first_stale_year(project)
    except OSError as error:
        return Answer(reason=f"Census {project.study.census} cannot be read: {error.strerror}. Set `census:` in the study.")
    if stale is None:
        return Answer(
            reason=f"{wanted[0]}-{wanted[-1]} are complete, and census, study and code are what they were made from.",
            is_final=True,
        )
    first, reason = stale
    requests = [
        dg.RunRequest(
            run_key=f"{key}:{year}",
            partition_key=str(year),
            tags={"planwise/trigger": trigger, "planwise/reason": reason},
        )
        for year in range(first, project.last_year + 1)
    ]
    return Answer(requests, is_final=True)
