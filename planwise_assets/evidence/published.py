"""Published tables of termination as priors and as yardsticks.

Belongs here: a table as hazards on a grid, and which exits the caller can use. Does not: what a table means
(`study/sections/published_table.py`, which the study file reads too), fitting.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from planwise_assets.evidence.errors import EvidenceError
from planwise_assets.evidence.prior import Prior
from planwise_assets.study.sections.published_table import Exits, PublishedTable, graded, parse_table

# The grid of a prior: ages and completed years of service.
_FIRST_AGE, _LAST_AGE, _LAST_SERVICE = 15, 80, 50


def named_table(text: str) -> PublishedTable:
    """A table from what a person writes, such as `soa-1549`.

    Raises:
        EvidenceError: It is no table, or nothing says what it is about.
    """
    try:
        return parse_table(text)
    except ValueError as error:
        raise EvidenceError(f"table {text!r} {error}.") from None


def read_table(text: str, exits: Sequence[Exits]) -> Prior:
    """A published table as hazards by age on 1 January (last birthday) and completed service.

    Args:
        text: As `named_table`.
        exits: Which exits the caller can use.

    Returns:
        The hazards. Ages and services beyond the table take its nearest edge (`Prior` says so).

    Raises:
        EvidenceError: No such table, pymort is not installed, or the axis or exits of the table are not known or do not
            fit.
    """
    table = named_table(text)
    counted = table.convention.exits
    if counted not in exits:
        raise EvidenceError(
            f"{table.name} counts {counted} exits, and here a table of {' or '.join(exits)} is wanted: a table of other "
            "exits would count some twice or not at all."
        )
    try:
        found = graded(table)
    except ValueError as error:
        raise EvidenceError(f"table {text!r} {error}.") from None
    probability = np.array(
        [[found.at(age, service) for service in range(_LAST_SERVICE + 1)] for age in range(_FIRST_AGE, _LAST_AGE + 1)]
    )
    return Prior(table.name, _FIRST_AGE, 0, -np.log1p(-np.minimum(probability, 0.999)), found.citation)
