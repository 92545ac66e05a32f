"""The setting `groups`: columns of the census that results can be cut by, such as division, site, union or cost centre.

Belongs here: which columns, and under which names they are published. Does not: reading them (intake/groups.py), cutting
(results/groups.py). No rule of the plan and no draw but that of a hire's own groups asks for them.
"""

from __future__ import annotations

import re

MOST_GROUPS = 4
#: The published table of what each person belongs to; made only where the study names groups.
PERSON_GROUPS = "person_groups"
_TAKEN = ("simulation_year", "scenario_id", "seed", "employee_id")
#: What `--by` has names for already: cuts of people, heads of tables, figures. A test holds that results use no other.
RESERVED = (
    *("age", "service", "pay", "level", "person"),
    *("scenario", "year", "measure", "mean", "difference", "standard_error"),
    *("opening", "hires", "exits", "promotions", "headcount", "payroll", "average_pay", "participation", "deferral"),
    *("enrollments", "opt_outs", "contributions", "match", "core"),
)


def group_name(column: str) -> str:
    """The name under which a census column is published: `Cost Centre` is `cost_centre`."""
    return re.sub(r"[^a-z0-9]+", "_", column.lower()).strip("_")


def parse_groups(value: object) -> tuple[str, ...]:
    """Parse the setting `groups`.

    Raises:
        ValueError: Not a list of up to four columns whose names can be told apart, also from those of results.
    """
    if not isinstance(value, list | tuple) or len(value) > MOST_GROUPS:
        raise ValueError(f"must be a list of up to {MOST_GROUPS} columns of the census such as [Division, Site]")
    names: dict[str, object] = {}
    for column in value:
        if not isinstance(column, str) or not group_name(column):
            raise ValueError(f"'{column}' must be the name of a column of the census, as a text")
        name = group_name(column)
        if name in names or name in _TAKEN:
            other = f"as '{names[name]}' is" if name in names else "which every table has"
            raise ValueError(f"'{column}' would be published as {name}, {other}")
        if name in RESERVED:
            raise ValueError(
                f"'{column}' would be published as {name}, which --by and its tables use already: rename the column in the "
                f"census and here, e.g. to '{column} Group'; reserved are {', '.join(RESERVED)}"
            )
        names[name] = column
    return tuple(value)
