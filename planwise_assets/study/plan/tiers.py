"""What the employer promises by service: the tiers of the match and the core rates, safe-harbor designs resolved.

Here: names to numbers. Not here: whether a design keeps its conditions (`law/qualification.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from planwise_assets.study.plan.employer import CoreBand, ServiceTiers, Tier, tiers
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


def match_bands(plan: Plan) -> tuple[ServiceTiers, ...]:
    """The match by completed years of service; one band when it is not graded."""
    own = OWN_TIERS.get(plan.safe_harbor)
    if own is None and plan.match.by_service:
        return plan.match.by_service
    return (ServiceTiers(min=0, tiers=own if own is not None else plan.match.tiers),)


def core_bands(plan: Plan, year: int) -> tuple[CoreBand, ...]:
    """The core contribution by completed years of service; one band when it is not graded."""
    core = plan.core
    if core.by_service:
        return core.by_service
    rate = core.rate.at(year)
    if plan.safe_harbor in NONELECTIVE and not rate:
        rate = NONELECTIVE_RATE
    return (CoreBand(min=0, rate=rate, excess_rate=core.excess_rate.at(year)),)


def steps_of(rows: tuple[Tier, ...]) -> Iterator[Step]:
    """Tiers with where each starts."""
    start = Decimal(0)
    for row in rows:
        yield Step(start, row.up_to, row.rate)
        start = row.up_to


def match_at(rows: tuple[Tier, ...], deferral: Decimal) -> Decimal:
    """The match at a deferral rate; both as a share of pay."""
    return sum((max(min(deferral, step.end) - step.start, Decimal(0)) * step.rate for step in steps_of(rows)), Decimal(0))
