"""The steps of a year: what they may use, and in which order the groups run.

Belongs here: one table. Does not: what a step computes.

Memory covers a step's whole process. Threads are DuckDB's threads and cursors together.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One Dagster step.

    Attributes:
        name: Name of the step; for a group also the dbt group and the Dagster asset group.
        threads: Threads that the step may use.
        memory_gb: Memory of the step's whole process, in GB.
        cursors: Models that may run side by side in it.
    """

    name: str
    threads: int
    memory_gb: float
    cursors: int = 1

    @property
    def tags(self) -> dict[str, str]:
        """The op tags through which a step learns its limits."""
        return {"planwise/threads": str(self.threads), "planwise/memory_gb": str(self.memory_gb)}


#: The groups of dbt models in the order of a year. The first two run side by side, so do the next two.
GROUPS = (
    Step("staging_inputs", threads=2, memory_gb=0.5, cursors=2),
    Step("staging_tables", threads=1, memory_gb=0.3),
    Step("foundation", threads=2, memory_gb=1.2),
    Step("hazards", threads=1, memory_gb=1.0),
    Step("event_generation", threads=4, memory_gb=1.5, cursors=2),
    Step("plan_events", threads=4, memory_gb=1.3, cursors=2),
    Step("state_aggregation", threads=4, memory_gb=2.0, cursors=2),
    Step("final_output", threads=4, memory_gb=2.5, cursors=2),
)

#: The parallel operations, between the plan's events and state aggregation.
OPERATIONS = (
    Step("workforce_events", threads=1, memory_gb=1.0),
    Step("compensation_changes", threads=1, memory_gb=1.0),
    Step("plan_enrollments", threads=1, memory_gb=1.0),
)

YEAR_SETUP = Step("year_setup", threads=2, memory_gb=0.5)
WORKFORCE_STATE = Step("workforce_state", threads=2, memory_gb=1.0)
WAREHOUSE = Step("warehouse", threads=2, memory_gb=1.5)
YEAR_PERFORMANCE = Step("year_performance", threads=1, memory_gb=0.5)

GROUP_ORDER = tuple(step.name for step in GROUPS)

#: The group after which all that happens in a year is decided, and the operations begin.
SETTLED = "plan_events"
