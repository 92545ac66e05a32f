"""What the employer promises, band by band: the tiers of the match and the core rates, safe-harbor designs resolved.

Belongs here: names to numbers, each band with the place where the study says it. Does not: whether a design keeps its
conditions (`law/qualification.py`, `law/safe_harbor.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from planwise_assets.study.errors import KeyPath
from planwise_assets.study.plan.employer import Tier, tiers
from planwise_assets.study.plan.plan import Plan

# IRC 401(k)(12)(B) and 401(k)(13)(D)(i)(I): 4.0 % and 3.5 % of pay at most.
BASIC_TIERS = tiers(("0.03", "1"), ("0.05", "0.5"))
QACA_TIERS = tiers(("0.01", "1"), ("0.06", "0.5"))
# The designs whose tiers the law writes.
OWN_TIERS: dict[str, tuple[Tier, ...]] = {"basic": BASIC_TIERS, "qaca_match": QACA_TIERS}

# IRC 401(k)(12)(C) and 401(k)(13)(D)(i)(II).
NONELECTIVE = ("nonelective", "qaca_nonelective")
NONELECTIVE_RATE = Decimal("0.03")


class Step(NamedTuple):
    """A tier with where it starts."""

    start: Decimal
    end: Decimal
    rate: Decimal


class MatchBand(NamedTuple):
    """The match of the people of a band.

    Attributes:
        place: Where in the section `plan` it is said.
        dimension: What the band is of: `service` (completed years) or `points`. One band of it is everybody.
        min: First value of the band.
        max: First value after it; None: no end.
        tiers: The tiers; none is no match.
    """

    place: KeyPath
    dimension: str
    min: int
    max: int | None
    tiers: tuple[Tier, ...]


class CoreBand(NamedTuple):
    """The core contribution of the people of a band, in a year.

    Attributes:
        place: Where in the section `plan` it is said.
        dimension: What the band is of, as in `MatchBand`.
        min: First value of the band.
        max: First value after it; None: no end.
        rate: Share of pay.
        excess_rate: On top, of pay above the Social Security wage base; share.
    """

    place: KeyPath
    dimension: str
    min: int
    max: int | None
    rate: Decimal
    excess_rate: Decimal


def match_bands(plan: Plan) -> tuple[MatchBand, ...]:
    """The match by band; one band when it is not graded."""
    own = OWN_TIERS.get(plan.safe_harbor)
    if own is None and plan.match.bands:
        return tuple(
            MatchBand(("match", *place), dimension, band.min, band.max, band.tiers)
            for place, dimension, band in plan.match.bands
        )
    tiers_of_all = own if own is not None else plan.match.tiers
    return (MatchBand(("match",), "service", 0, None, tiers_of_all),)


def core_bands(plan: Plan, year: int) -> tuple[CoreBand, ...]:
    """The core contribution by band; one band when it is not graded."""
    core = plan.core
    if core.bands:
        return tuple(
            CoreBand(("core", *place), dimension, band.min, band.max, band.rate, band.excess_rate)
            for place, dimension, band in core.bands
        )
    rate = core.rate.at(year)
    if plan.safe_harbor in NONELECTIVE and not rate:
        rate = NONELECTIVE_RATE
    return (CoreBand(("core",), "service", 0, None, rate, core.excess_rate.at(year)),)


def steps_of(rows: tuple[Tier, ...]) -> Iterator[Step]:
    """Tiers with where each starts."""
    start = Decimal(0)
    for row in rows:
        yield Step(start, row.up_to, row.rate)
        start = row.up_to


def match_at(rows: tuple[Tier, ...], deferral: Decimal) -> Decimal:
    """The match at a deferral rate; both as a share of pay."""
    return sum((max(min(deferral, step.end) - step.start, Decimal(0)) * step.rate for step in steps_of(rows)), Decimal(0))
