"""What a person should know of a study whose hazards are a published table's.

Belongs here: the sentences. Does not: what is refused (`rules.py`), the table (`published_table.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from planwise_assets.study.sections.hazards import Hazards
from planwise_assets.study.sections.workforce import HAZARD, Workforce
from planwise_assets.study.values import plain


def hazards_said(hazards: Hazards, workforce: Workforce, years: range) -> Iterator[str]:
    """Sentences about the table of a scenario.

    Args:
        hazards: The scenario's hazards.
        workforce: How many leave.
        years: The simulation years.

    Returns:
        One sentence a fact; none without a table.
    """
    hazard = hazards.termination
    if hazard.table is None:
        return
    unread = [name for name in ("base", "age", "tenure") if name in hazard.model_fields_set]
    if unread:
        yield f"hazards.termination.table {hazard.table} takes the place of {', '.join(unread)}, which are not read."
    free = hazard.first_age_of_retirement
    if free is not None:
        yield f"{hazard.table} counts every way out, so hazards.retirement counts from age {free} on alone."
    solved = [workforce.termination_rate.at(year) for year in years if workforce.termination_rate.at(year) != HAZARD]
    if solved:
        yield (
            f"{hazard.table} decides who leaves, and workforce.termination_rate ({plain(solved[0])}) how many: with "
            "`termination_rate: hazard` its rates decide both."
        )
