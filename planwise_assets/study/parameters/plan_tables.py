"""A scenario's plan and legal limits in one year as rows of the parameter tables `plan_*`.

Here: the rows. Not here: their columns (`columns.py`), the settings (`plan*.py`, `limits.py`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence

from planwise_assets.study.bands import OPEN_END, PayBand, RateBand
from planwise_assets.study.errors import key_text
from planwise_assets.study.law.legal_limits import limits_in_force
from planwise_assets.study.parameters.columns import Values
from planwise_assets.study.parameters.weights import normalised
from planwise_assets.study.plan.plan import Plan
from planwise_assets.study.plan.tiers import core_bands, match_bands, steps_of
from planwise_assets.study.schema import Scenario
from planwise_assets.study.values import ByYear, cents, leaves, millionths, plain

# The end of a pay band without an end: more than anybody earns, in cents.
OPEN_PAY_END = 9_000_000_000_000
_ID_LENGTH = 12


def plan_design_id(plan: Plan, year: int) -> str:
    """A short hash of every setting of the plan in a year; the same plan has the same id in any scenario and study."""
    settings = {
        key_text(path): plain(value.at(year) if isinstance(value, ByYear) else value) for path, value in leaves(plan)
    }
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:_ID_LENGTH]


def _parameters(scenario: Scenario, _first_year: int, year: int) -> Iterator[Values]:
    plan = scenario.plan
    entry, auto, voluntary, changes = plan.eligibility, plan.auto_enrollment, plan.voluntary, plan.changes
    escalation, match, core, testing = plan.escalation, plan.match, plan.core, plan.testing
    yield (
        plan_design_id(plan, year),
        plan.adopted,
        plan.roth_available.at(year),
        plan.pay_before_entry.at(year),
        plan.safe_harbor,
        entry.minimum_age.at(year),
        entry.service_months.at(year),
        entry.entry_dates,
        entry.hours_rule.at(year),
        entry.long_term_part_time.at(year),
        auto.enabled.at(year),
        auto.scope,
        auto.hire_cutoff,
        auto.window_days.at(year),
        millionths(auto.default_rate.at(year)),
        millionths(auto.active_choice_share.at(year)),
        millionths(voluntary.cap.at(year)),
        millionths(voluntary.later_enrollment.at(year)),
        millionths(changes.up_share.at(year)),
        millionths(changes.down_share.at(year)),
        millionths(changes.step.at(year)),
        millionths(changes.stop_share.at(year)),
        escalation.enabled.at(year),
        millionths(escalation.increment.at(year)),
        millionths(escalation.cap.at(year)),
        escalation.month,
        escalation.delay_months.at(year),
        millionths(escalation.opt_out.at(year)),
        match.basis,
        match.pay_periods,
        None if match.annual_cap is None else cents(match.annual_cap.at(year)),
        match.employed_at_year_end.at(year),
        match.minimum_hours.at(year),
        match.student_loans.enabled.at(year),
        millionths(match.student_loans.share.at(year)),
        millionths(match.student_loans.payment_rate.at(year)),
        core.employed_at_year_end.at(year),
        core.minimum_hours.at(year),
        plan.vesting.normal_retirement_age,
        plan.forfeitures.use,
        testing.method,
        testing.top_paid_group.at(year),
        millionths(testing.prior_nhce_adp),
        millionths(testing.prior_nhce_acp),
    )


def _behavior(scenario: Scenario, _first_year: int, _year: int) -> Iterator[Values]:
    plan = scenario.plan
    for name, section in (
        ("deferral", plan.voluntary.deferral),
        ("opt_out", plan.auto_enrollment.opt_out),
        ("voluntary", plan.voluntary),
    ):
        yield from ((name, "age", *values) for values in _by_age(section.age))
        yield from ((name, "pay", *values) for values in _by_pay(section.pay))


def _by_age(bands: Sequence[RateBand]) -> Iterator[Values]:
    return ((band.min, OPEN_END if band.max is None else band.max, band.rate) for band in bands)


def _by_pay(bands: Sequence[PayBand]) -> Iterator[Values]:
    for band in bands:
        yield cents(band.min), OPEN_PAY_END if band.max is None else cents(band.max), band.multiplier


def _spread(scenario: Scenario, _first_year: int, _year: int) -> Iterator[Values]:
    rows = [row for row in scenario.plan.voluntary.deferral.spread if row.weight]
    start = 0
    weights = normalised([row.weight for row in rows])
    for position, (row, weight) in enumerate(zip(rows, weights, strict=True), start=1):
        yield position, row.factor, start, start + weight
        start += weight


def _tiers(scenario: Scenario, _first_year: int, year: int) -> Iterator[Values]:
    for core in core_bands(scenario.plan, year):
        if core.rate or core.excess_rate:
            rates = millionths(core.rate), millionths(core.excess_rate)
            yield "core", core.min, _end(core.max), 1, 0, 0, *rates
    for band in match_bands(scenario.plan):
        for number, step in enumerate(steps_of(band.tiers), start=1):
            yield "match", band.min, _end(band.max), number, *map(millionths, step), 0


def _vesting(scenario: Scenario, _first_year: int, _year: int) -> Iterator[Values]:
    vesting = scenario.plan.vesting
    for source, schedule in (("core", vesting.core), ("match", vesting.match)):
        if schedule[0].years:
            yield source, 0, 0
        yield from ((source, step.years, millionths(step.vested)) for step in schedule)


def _legal_limits(scenario: Scenario, first_year: int, year: int) -> Iterator[Values]:
    yield from limits_in_force(scenario.limits, year, first_year)


def _end(end: int | None) -> int:
    return OPEN_END if end is None else end


# The plan's tables with rows of each scenario: a function of (scenario, first simulation year, year).
PLAN_TABLES: dict[str, Callable[[Scenario, int, int], Iterator[Values]]] = {
    "plan_parameters": _parameters,
    "plan_behavior": _behavior,
    "plan_deferral_spread": _spread,
    "plan_tiers": _tiers,
    "plan_vesting": _vesting,
    "plan_legal_limits": _legal_limits,
}
