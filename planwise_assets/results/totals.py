"""Several years together: sums of dollars, future by future.

Belongs here: the sums. Does not: statistics over seeds (ensembles.py), which take them like the figures of a year.
"""

from __future__ import annotations

from collections.abc import Collection

from planwise_assets.results.measures import MEASURES, Values, World

#: In the place of a year: the years together.
ALL_YEARS = 0
WORDS = "all years"


def totals(values: Values, years: Collection[int]) -> Values:
    """The sum of each figure in dollars over some years, by scenario and seed, under ALL_YEARS.

    Args:
        values: As `read_measures` gives them.
        years: The years; nothing is summed of a single one.

    Returns:
        None for every other figure (a share of several years is no sum), and where a year has no value.
    """
    if len(years) < 2:
        return {}
    summed = [name for name, measure in MEASURES.items() if measure.unit == "dollars"]
    found: dict[World, dict[str, float | None]] = {}
    for (scenario, seed, year), world in values.items():
        if year not in years:
            continue
        total = found.setdefault((scenario, seed, ALL_YEARS), {**dict.fromkeys(MEASURES), **dict.fromkeys(summed, 0.0)})
        for name in summed:
            before, value = total[name], world[name]
            total[name] = None if before is None or value is None else before + value
    return dict(found)


def year_text(year: int) -> str:
    """A year as people read it."""
    return WORDS if year == ALL_YEARS else str(year)


def year_or_all(year: int) -> int | None:
    """A year as a program reads it: null for all years together."""
    return None if year == ALL_YEARS else year
