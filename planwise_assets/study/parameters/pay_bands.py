"""The pay bands of the levels in a later year.

Here: the one formula, next year = round half up to the cent of (this year x (1 + uprating of next year)). The
first simulation year's bands are those of the study file, which place the census.
"""

from __future__ import annotations

from planwise_assets.study.sections.levels import Levels
from planwise_assets.study.values import MILLION, cents, millionths

# Cents x millionths x 2 then still fit a 64-bit integer.
LARGEST_BAND_CENTS = 10**12


def band_cents(levels: Levels, first_year: int, year: int) -> list[tuple[int, int]]:
    """Lowest pay and end of each level's band in a year, lowest level first.

    Args:
        levels: The section.
        first_year: First simulation year, whose bands the section gives.
        year: The year asked for.

    Returns:
        (cents, cents) for each level.
    """
    bands = [(cents(level.min_pay), cents(level.max_pay)) for level in levels.bands]
    for later in range(first_year + 1, year + 1):
        factor = MILLION + millionths(levels.uprating.at(later))
        bands = [(_scaled(low, factor), _scaled(high, factor)) for low, high in bands]
    return bands


def _scaled(amount: int, factor: int) -> int:
    return (2 * amount * factor + MILLION) // (2 * MILLION)
