"""The steps of a year: what they share, and in which order the groups run.

Belongs here: one table. Does not: what a step computes, how much a slot is (allocation.py).

The study's budget is cut into three slots, and a step is given whole ones. A slot belongs to one step at a time, so no set
of steps that may run together, subsets launched in the UI included, can ever use more than the budget. Steps that should
run side by side have different slots; a step that runs alone has them all, memory that nobody else could use included.
"""

from __future__ import annotations

from dataclasses import dataclass

#: The slots of a full budget. Small budgets have fewer, and steps share them in turn.
SLOTS = (1, 2, 3)


@dataclass(frozen=True)
class Step:
    """One Dagster step.

    Attributes:
        name: Name of the step; for a group also the dbt group and the Dagster asset group.
        slots: The parts of the budget that it takes.
        cursors: Models, or tables, that may be made side by side in it, where its threads and the study's connections allow.
    """

    name: str
    slots: tuple[int, ...] = SLOTS
    cursors: int = 1


YEAR_SETUP = Step("year_setup")

#: The groups of dbt models that decide all that happens in a year. Groups of a line run side by side.
_DECIDING = (
    (Step("staging_inputs", slots=(1, 2), cursors=4), Step("staging_tables", slots=(3,), cursors=2)),
    (Step("foundation", slots=(1, 2), cursors=2), Step("hazards", slots=(3,), cursors=2)),
    (Step("event_generation", cursors=2),),
    (Step("plan_events", cursors=2),),
)

#: The parallel operations. The third is the longest: its slot has the threads that are left over, and with two slots it has
#: one to itself.
OPERATIONS = (
    Step("workforce_events", slots=(1,)),
    Step("compensation_changes", slots=(2,)),
    Step("plan_enrollments", slots=(3,)),
)

#: The groups of dbt models that make of it what people read.
_SHOWING = (
    (Step("state_aggregation", cursors=2),),
    (Step("final_output", cursors=2),),
)

WORKFORCE_STATE = Step("workforce_state")
WAREHOUSE = Step("warehouse", slots=(1, 2), cursors=2)
YEAR_PERFORMANCE = Step("year_performance", slots=(3,))
#: Not part of a simulated year: job `validate_year` makes it.
YEAR_VALIDATION = Step("year_validation", slots=(3,))

#: A simulated year, stage by stage; the steps of a stage may run side by side. The one list of this order.
YEAR: tuple[tuple[Step, ...], ...] = (
    (YEAR_SETUP,),
    *_DECIDING,
    OPERATIONS,
    *_SHOWING,
    (WORKFORCE_STATE,),
    (WAREHOUSE, YEAR_PERFORMANCE),
)

GROUPS_BEFORE_OPERATIONS = tuple(step.name for stage in _DECIDING for step in stage)
GROUPS_AFTER_OPERATIONS = tuple(step.name for stage in _SHOWING for step in stage)
GROUP_ORDER = GROUPS_BEFORE_OPERATIONS + GROUPS_AFTER_OPERATIONS
#: The groups of dbt models in the order of a year.
GROUPS = tuple(step for stage in YEAR for step in stage if step.name in GROUP_ORDER)

#: The group after which all that happens in a year is decided, and the operations begin.
SETTLED = GROUPS_BEFORE_OPERATIONS[-1]

#: What runs side by side, by the steps' names.
PARALLEL = tuple(tuple(step.name for step in stage) for stage in YEAR if len(stage) > 1)

#: Where in the year an asset is made, by its step: people sort and filter the catalogue by it (tag `planwise/stage`).
STAGES = {
    step.name: f"{place:02}-{step.name}"
    for place, step in enumerate([*(step for stage in YEAR for step in stage), YEAR_VALIDATION], 1)
}
