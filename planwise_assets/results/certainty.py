"""How far a figure is known, and how sure a difference is, in words.

Belongs here: rounding to what is known, and when that is said at all. Does not: the statistics (ensembles.py).
"""

from __future__ import annotations

import math

from planwise_assets.results.ensembles import FEWEST_SEEDS, Band
from planwise_assets.results.measures import MONEY, Unit

_SIZES = ((1e9, "bn"), (1e6, "m"), (1e3, "k"))


def is_same(band: Band) -> bool:
    """Whether a difference is none, in every future."""
    return not band.mean and not band.standard_error


def known(value: float, error: float | None, unit: Unit, *, signed: bool = False) -> str:
    """A figure rounded to what is known of it: to the place of its standard error's first digit, three digits without one.

    At most three digits are shown, and of a share at most one place after the point: nobody decides by more.

    Args:
        value: The figure, a mean over the futures.
        error: Its standard error; None with one future, 0 for a total that is solved exactly.
        unit: Of both.
        signed: Whether a difference is meant, which has its sign; shares differ in points.
    """
    sign = ("+" if value > 0 else "") if signed else ""
    if unit == "share":
        digits = min(max(-_place(error * 100) if error else 1, 0), 1)
        return f"{value * 100:{sign}.{digits}f}{' pt' if signed else '%'}"
    first = _place(value) if value else 0
    place = min(max(_place(error), first - 2), first) if error else first - 2
    rounded = round(value / 10.0**place) * 10.0**place
    if unit not in MONEY:
        return f"{rounded:{sign},.0f}"
    minus = "-" if rounded < 0 else sign
    for size, word in _SIZES:
        if abs(rounded) >= size:
            return f"{minus}${abs(rounded) / size:,.{max(_place(size) - place, 0)}f}{word}"
    return f"{minus}${abs(rounded):,.0f}"


def certainty(difference: Band, more: int) -> str:
    """How sure a difference of costs is: in how many futures, and on a second line its P10 and P90.

    Args:
        difference: Of all futures, paired.
        more: Futures in which it is above 0.
    """
    futures = difference.seeds
    if is_same(difference):
        return "to the dollar"
    if futures == 1:
        return "one future: how sure is not known"
    if futures < FEWEST_SEEDS:
        return f"{futures} futures: too few to say how sure ({FEWEST_SEEDS} are needed)"
    agreeing, word = (more, "dearer") if difference.mean > 0 else (futures - more, "cheaper")
    error = difference.standard_error
    low, high = (known(difference.percentiles[percent], error, "dollars") for percent in (10, 90))
    return f"{word} in {agreeing} of {futures} futures\n{low} to {high}"


def _place(value: float) -> int:
    """The power of ten of a number's first digit."""
    return math.floor(math.log10(abs(value)) + 1e-12)
