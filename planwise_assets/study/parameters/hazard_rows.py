"""A scenario's hazards as rows of `scenario_hazards`, and the base that their multipliers multiply.

Belongs here: bands and published tables as rows. Does not: the settings (`sections/hazards.py`), the conventions of the
tables (`sections/published_table.py`).

A published table need not be a product of age and service: its rows by age hold for some years of service each
(`tenure_min` to `tenure_max`), and its rows by service say 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from planwise_assets.study.bands import OPEN_END, MultiplierBand
from planwise_assets.study.parameters.plan_tables import Values
from planwise_assets.study.schema import Scenario
from planwise_assets.study.sections.hazards import LevelMultiplier, TerminationHazard
from planwise_assets.study.sections.published_table import Graded, graded, parse_table

# So small that a multiplier, which has six decimals, says the smallest rate of a table to a millionth of itself, and that
# the largest multiplier, 999, is a rate of 5.
_TABLE_BASE = Decimal("0.005")
_MOST, _PLACES = Decimal(999), Decimal("0.000001")


def termination_base(hazard: TerminationHazard, year: int) -> Decimal:
    """Yearly probability of termination where every multiplier is 1."""
    return hazard.base.at(year) if hazard.table is None else _TABLE_BASE


def hazard_rows(scenario: Scenario, _first_year: int, _year: int) -> Iterator[Values]:
    """The rows of one scenario, without year and scenario.

    Args:
        scenario: One of a loaded study.
        _first_year: First simulation year; hazards are the same in all.
        _year: The simulation year.

    Returns:
        The rows: promotion, termination, retirement.
    """
    hazards = scenario.hazards
    for name, hazard in (("promotion", hazards.promotion), ("termination", hazards.termination)):
        table = hazard.table if isinstance(hazard, TerminationHazard) else None
        if table is not None and isinstance(hazard, TerminationHazard):
            yield from _of_table(graded(parse_table(table)), hazard.scale)
        else:
            yield from (_row(name, "age", *band) for band in _bands(hazard.age))
            yield from (_row(name, "tenure", *band) for band in _bands(hazard.tenure))
        yield from (_row(name, "level", *level) for level in _by_level(hazard.level))
    yield from (_row("retirement", "age", band.min, _end(band.max), band.rate) for band in hazards.retirement_in_force)


def _row(hazard: str, dimension: str, start: int, end: int, value: Decimal, *service: int) -> Values:
    low, high = service or (0, OPEN_END)
    return {
        "hazard": hazard,
        "dimension": dimension,
        "band_min": start,
        "band_max": end,
        "value": value,
        "tenure_min": low,
        "tenure_max": high,
    }


def _of_table(table: Graded, scale: Decimal) -> Iterator[Values]:
    """Ages with equal rates are one band; below the first age and beyond the last one the table's edge holds."""
    base = -math.log1p(-float(_TABLE_BASE))
    services = pairwise((*table.service_starts, OPEN_END))
    for (low, high), first, probabilities in zip(services, table.first_ages, table.probabilities, strict=True):
        rates = [-math.log1p(-min(value, 0.999)) * float(scale) / base for value in probabilities]
        values = [min(Decimal(repr(rate)).quantize(_PLACES), _MOST) for rate in rates]
        starts = [place for place, value in enumerate(values) if place == 0 or value != values[place - 1]]
        ends = [first + place for place in starts[1:]]
        for place, start, end in zip(starts, [0, *ends], [*ends, OPEN_END], strict=True):
            yield _row("termination", "age", start, end, values[place], low, high)
        yield _row("termination", "tenure", low, high, Decimal(1))


def _bands(bands: Sequence[MultiplierBand]) -> Iterator[tuple[int, int, Decimal]]:
    return ((band.min, _end(band.max), band.multiplier) for band in bands)


def _by_level(rows: Sequence[LevelMultiplier]) -> Iterator[tuple[int, int, Decimal]]:
    ordered = sorted(rows, key=lambda row: row.level_id)
    return ((row.level_id, row.level_id + 1, row.multiplier) for row in ordered)


def _end(end: int | None) -> int:
    return OPEN_END if end is None else end
