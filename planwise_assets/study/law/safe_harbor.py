"""The conditions of the safe-harbor designs, IRC 401(k)(12), 401(k)(13) and 401(m)(11): a design that breaks one is refused.

Belongs here: contribution, formula, allocation, QACA's automatic enrolment. Does not: vesting and everything that also holds
without a safe harbor (`qualification.py`), the designs' own tiers (`plan/tiers.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import chain, pairwise

from planwise_assets.study.errors import Finding
from planwise_assets.study.plan.employer import Match, Tier
from planwise_assets.study.plan.plan import Plan
from planwise_assets.study.plan.tiers import (
    BASIC_TIERS,
    NONELECTIVE,
    NONELECTIVE_RATE,
    OWN_TIERS,
    core_bands,
    match_at,
    match_bands,
    steps_of,
)
from planwise_assets.study.values import plain

SAFE_HARBOR_MATCH = ("basic", "enhanced", "qaca_match")
QACA = ("qaca_match", "qaca_nonelective")
_EVERYWHERE = {"service": "at every length of service", "points": "at every number of points"}


def safe_harbor_findings(plan: Plan, year: int) -> Iterator[Finding]:
    """Why the plan is not the safe harbor that it claims to be in a year; vesting apart (`qualification.py`)."""
    design = plan.safe_harbor
    if design == "none":
        return
    if plan.testing.method == "prior":
        message = f"must be current with safe_harbor {design} (Treas. Reg. 1.401(k)-1(e)(7))"
        yield Finding(("testing", "method"), message)
    if plan.adopted > date(year, 10, 1) and plan.adopted.year == year:
        message = (
            f"must be 1 October at the latest, or in another year, with safe_harbor {design}: a first plan year has at "
            "least three months (Treas. Reg. 1.401(k)-3(e)(2))"
        )
        yield Finding(("adopted",), message)
    if design in NONELECTIVE:
        yield from _nonelective(plan, year)
    yield from _match_conditions(plan, year)
    yield from _match_formula(plan)
    if design in QACA:
        yield from _qaca(plan, year)


def _nonelective(plan: Plan, year: int) -> Iterator[Finding]:
    design, core = plan.safe_harbor, plan.core
    for band in core_bands(plan, year):
        if band.rate < NONELECTIVE_RATE:
            message = f"must be at least 0.03 in {year} with safe_harbor {design}, for everyone eligible (IRC 401(k)(12)(C))"
            yield Finding((*band.place, "rate"), message)
    yield from _conditions("core", core.employed_at_year_end.at(year), core.minimum_hours.at(year), design)


def _match_conditions(plan: Plan, year: int) -> Iterator[Finding]:
    """No condition on the safe-harbor match, nor on a match beside the nonelective contribution."""
    match, design = plan.match, plan.safe_harbor
    if not any(band.tiers for band in match_bands(plan)):
        return
    yield from _conditions("match", match.employed_at_year_end.at(year), match.minimum_hours.at(year), design)
    if match.annual_cap is not None and design in SAFE_HARBOR_MATCH:
        message = f"must be left out with safe_harbor {design}: a cap takes from the promised match (IRC 401(k)(12)(B))"
        yield Finding(("match", "annual_cap"), message)


def _conditions(source: str, at_year_end: bool, hours: int, design: str) -> Iterator[Finding]:
    why = f"with safe_harbor {design}: its contribution goes to everyone eligible, leavers too (Treas. Reg. 1.401(k)-3)"
    if at_year_end:
        yield Finding((source, "employed_at_year_end"), f"must be false {why}")
    if hours:
        yield Finding((source, "minimum_hours"), f"must be 0 {why}")


def _match_formula(plan: Plan) -> Iterator[Finding]:
    design, match = plan.safe_harbor, plan.match
    if design in OWN_TIERS:
        yield from _written_by_law(match, design)
        return
    bands = match_bands(plan)
    if len({band.tiers for band in bands}) > 1:
        message = (
            f"must be the same {_EVERYWHERE[bands[0].dimension]} with safe_harbor {design}: no highly compensated employee "
            "may have a higher match than any other at the same deferral (IRC 401(k)(12)(B)(ii), 401(m)(11)(B)(iii))"
        )
        yield Finding(bands[0].place[:-1], message)
        return
    for band in bands:
        place = (*band.place, "tiers")
        if any(later.rate > earlier.rate for earlier, later in pairwise(band.tiers)):
            message = f"must not rise with the deferral with safe_harbor {design} (IRC 401(k)(12)(B)(iii), 401(m)(11)(B))"
            yield Finding(place, message)
        if any(row.rate and row.up_to > Decimal("0.06") for row in band.tiers):
            message = f"must not match deferrals above 6 % of pay with safe_harbor {design} (IRC 401(m)(11)(B)(i))"
            yield Finding(place, message)
        short = _short_of(band.tiers, BASIC_TIERS) if design == "enhanced" else None
        if short is not None:
            message = (
                f"must be at least as generous as the basic match at every deferral with safe_harbor enhanced: at "
                f"{plain(short)} it gives {plain(match_at(band.tiers, short))}, the basic one "
                f"{plain(match_at(BASIC_TIERS, short))} (IRC 401(k)(12)(B)(iii)(II))"
            )
            yield Finding(place, message)


def _written_by_law(match: Match, design: str) -> Iterator[Finding]:
    """`basic` and `qaca_match` bring their tiers; others beside them would go unused without a word."""
    if match.tiers not in (OWN_TIERS[design], Match().tiers):
        law = ", ".join(f"{plain(row.rate * 100)} % to {plain(row.up_to * 100)} %" for row in OWN_TIERS[design])
        hint = "; take safe_harbor enhanced for tiers of your own" if design == "basic" else ""
        yield Finding(("match", "tiers"), f"must be left out with safe_harbor {design}, which is {law}{hint}")
    if match.bands:
        place, _, _ = match.bands[0]
        yield Finding(("match", place[0]), f"must be left out with safe_harbor {design}, which is the same for all")


def _short_of(rows: tuple[Tier, ...], floor: tuple[Tier, ...]) -> Decimal | None:
    """The first deferral at which tiers give less than the floor; both are straight between their ends."""
    ends = sorted({step.end for step in chain(steps_of(rows), steps_of(floor))} | {Decimal(1)})
    return next((end for end in ends if match_at(rows, end) < match_at(floor, end)), None)


def _qaca(plan: Plan, year: int) -> Iterator[Finding]:
    """IRC 401(k)(13)(C): automatic deferrals of 3 to 10 % that reach 6 % in the fourth year at the latest."""
    design, auto, escalation = plan.safe_harbor, plan.auto_enrollment, plan.escalation
    needs = f"with safe_harbor {design}"
    if not auto.enabled.at(year):
        yield Finding(("auto_enrollment", "enabled"), f"must be true in {year} {needs} (IRC 401(k)(13)(C)(i))")
        return
    rate = auto.default_rate.at(year)
    if not Decimal("0.03") <= rate <= Decimal("0.10"):
        message = f"must be from 0.03 to 0.10 in {year} {needs} (IRC 401(k)(13)(C)(iii))"
        yield Finding(("auto_enrollment", "default_rate"), message)
    if escalation.enabled.at(year) and escalation.cap.at(year) > Decimal("0.15"):
        yield Finding(("escalation", "cap"), f"must be at most 0.15 in {year} {needs} (IRC 401(k)(13)(C)(iii))")
    elif rate <= Decimal("0.10") < (highest := _highest_at_first(plan, year)):
        message = (
            f"leads from {plain(rate)} to {plain(highest)} before the end of the plan year after the first deferral "
            f"{needs}: up to then 0.10 is the most (IRC 401(k)(13)(C)(iii)); in {year} take a lower "
            "default_rate or increment, or a delay_months that leaves one rise out"
        )
        yield Finding(("escalation", "increment"), message)
    if rate >= Decimal("0.06"):
        return
    law = "automatic rates must rise to 6 %, a point a year (IRC 401(k)(13)(C)(iii))"
    if not escalation.enabled.at(year):
        yield Finding(("escalation", "enabled"), f"must be true in {year} {needs} and a default rate below 0.06: {law}")
        return
    if escalation.increment.at(year) < Decimal("0.01"):
        yield Finding(("escalation", "increment"), f"must be at least 0.01 in {year} {needs}: {law}")
    if escalation.cap.at(year) < Decimal("0.06"):
        yield Finding(("escalation", "cap"), f"must be at least 0.06 in {year} {needs}: {law}")
    # The first rise is due when the plan year after the year of the first deferral ends: whoever is enrolled on
    # 31 December must have had one by 1 January of the year after next.
    latest = 12 if escalation.month == 1 else escalation.month - 1
    if escalation.delay_months.at(year) > latest:
        message = f"must be at most {latest} in {year} {needs} and rises in month {escalation.month}: {law}"
        yield Finding(("escalation", "delay_months"), message)


def _highest_at_first(plan: Plan, year: int) -> Decimal:
    """The highest automatic rate by the end of the plan year after the first deferral, of who is enrolled on 1 January."""
    rate, escalation = plan.auto_enrollment.default_rate.at(year), plan.escalation
    if not escalation.enabled.at(year):
        return rate
    months_to_rises = (escalation.month - 1, escalation.month + 11)
    rises = sum(months > 0 and months >= escalation.delay_months.at(year) for months in months_to_rises)
    return max(rate, min(rate + rises * escalation.increment.at(year), escalation.cap.at(year)))
