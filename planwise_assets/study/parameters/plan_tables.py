"""A scenario's plan and legal limits in one year as rows of the parameter tables `plan_*`.

Belongs here: the rows, their values by column name. Does not: the order and types of the columns
(dbt_project/models/sources.yml), the settings (`study/plan/`, `study/sections/limits.py`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from decimal import Decimal

from planwise_assets.study.bands import OPEN_END, OPEN_PAY_END
from planwise_assets.study.errors import key_text
from planwise_assets.study.law.legal_limits import limits_in_force
from planwise_assets.study.parameters.weights import normalised
from planwise_assets.study.plan.employer import VestingStep
from planwise_assets.study.plan.plan import Plan
from planwise_assets.study.plan.tiers import core_bands, match_bands, steps_of
from planwise_assets.study.schema import Scenario
from planwise_assets.study.values import ByYear, cents, leaves, millionths, plain

#: A row of a parameter table by column name; year and scenario are put in front of it (`tables.py`).
Values = dict[str, object]

_ID_LENGTH = 12
# SECURE 2.0 s.125: two years of 500 hours, in plan years that begin after 2024.
LONG_TERM_FROM_YEAR = 2025
#: Settings that came later, each with the value that says what plans said before there was one.
_LATER = {
    **dict.fromkeys(("match.by_points", "core.by_age", "core.by_points"), "none"),
    **dict.fromkeys(("compensation.bonus", "compensation.overtime"), "true"),
    "match.period_pay": "months",
    "eligibility.computation_periods": "plan_years",
    "eligibility.long_term_employer_money": "false",
    "vesting.partial_termination.vests": "true",
    "vesting.partial_termination.turnover": "0.2",
}


def plan_design_id(plan: Plan, year: int) -> str:
    """A short hash of every setting of the plan in a year; the same plan has the same id in any scenario and study.

    A setting that came later counts only where a plan uses it: plans without it keep the id that they had.
    """
    settings = {
        key_text(path): plain(value.at(year) if isinstance(value, ByYear) else value) for path, value in leaves(plan)
    }
    settings = {name: value for name, value in settings.items() if _LATER.get(name) != value}
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:_ID_LENGTH]


def _parameters(scenario: Scenario, _first_year: int, year: int) -> Iterator[Values]:
    plan = scenario.plan
    entry, auto, voluntary, changes = plan.eligibility, plan.auto_enrollment, plan.voluntary, plan.changes
    escalation, match, core, testing = plan.escalation, plan.match, plan.core, plan.testing
    partial = plan.vesting.partial_termination
    yield {
        "plan_design_id": plan_design_id(plan, year),
        "adopted": plan.adopted,
        "roth_available": plan.roth_available.at(year),
        "pay_before_entry": plan.pay_before_entry.at(year),
        "counts_bonus": plan.compensation.bonus.at(year),
        "counts_overtime": plan.compensation.overtime.at(year),
        "safe_harbor": plan.safe_harbor,
        "minimum_age": entry.minimum_age.at(year),
        "service_months": entry.service_months.at(year),
        "entry_dates": entry.entry_dates,
        "hours_rule": entry.hours_rule.at(year),
        "long_term_part_time": entry.long_term_part_time.at(year) and year >= LONG_TERM_FROM_YEAR,
        "computation_periods": entry.computation_periods,
        "long_term_employer_money": entry.long_term_employer_money.at(year),
        "auto_enabled": auto.enabled.at(year),
        "auto_scope": auto.scope,
        "auto_hire_cutoff": auto.hire_cutoff,
        "auto_window_days": auto.window_days.at(year),
        "auto_default_rate_millionths": millionths(auto.default_rate.at(year)),
        "active_choice_share_millionths": millionths(auto.active_choice_share.at(year)),
        "voluntary_cap_millionths": millionths(voluntary.cap.at(year)),
        "later_enrollment_millionths": millionths(voluntary.later_enrollment.at(year)),
        "change_up_share_millionths": millionths(changes.up_share.at(year)),
        "change_down_share_millionths": millionths(changes.down_share.at(year)),
        "change_step_millionths": millionths(changes.step.at(year)),
        "stop_share_millionths": millionths(changes.stop_share.at(year)),
        "escalation_enabled": escalation.enabled.at(year),
        "escalation_increment_millionths": millionths(escalation.increment.at(year)),
        "escalation_cap_millionths": millionths(escalation.cap.at(year)),
        "escalation_month": escalation.month,
        "escalation_delay_months": escalation.delay_months.at(year),
        "escalation_opt_out_millionths": millionths(escalation.opt_out.at(year)),
        "match_basis": match.basis,
        "pay_periods": match.pay_periods,
        "pay_calendar": match.pay_calendar,
        "match_cap_cents": None if match.annual_cap is None else cents(match.annual_cap.at(year)),
        "match_employed_at_year_end": match.employed_at_year_end.at(year),
        "match_minimum_hours": match.minimum_hours.at(year),
        "student_loan_matched": match.student_loans.enabled.at(year),
        "student_loan_share_millionths": millionths(match.student_loans.share.at(year)),
        "student_loan_rate_millionths": millionths(match.student_loans.payment_rate.at(year)),
        "core_employed_at_year_end": core.employed_at_year_end.at(year),
        "core_minimum_hours": core.minimum_hours.at(year),
        "normal_retirement_age": plan.vesting.normal_retirement_age,
        "partial_termination_millionths": millionths(partial.turnover.at(year)) if partial.vests.at(year) else None,
        "forfeiture_use": plan.forfeitures.use,
        "testing_method": testing.method,
        "top_paid_group": testing.top_paid_group.at(year),
        "prior_nhce_adp_millionths": millionths(testing.prior_nhce_adp),
        "prior_nhce_acp_millionths": millionths(testing.prior_nhce_acp),
    }


def _bands(scenario: Scenario, _first_year: int, year: int) -> Iterator[Values]:
    plan = scenario.plan
    for subject, section in (
        ("deferral", plan.voluntary.deferral),
        ("opt_out", plan.auto_enrollment.opt_out),
        ("voluntary", plan.voluntary),
    ):
        yield from (_band(subject, "age", row.min, row.max, row.rate) for row in section.age)
        for row in section.pay:
            end = OPEN_PAY_END if row.max is None else cents(row.max)
            yield _band(subject, "pay", cents(row.min), end, row.multiplier)
    yield from _spread(plan)
    for core in core_bands(plan, year):
        for subject, rate in (("core", core.rate), ("core_excess", core.excess_rate)):
            if rate:
                yield _band(subject, core.dimension, core.min, core.max, rate)
    for match in match_bands(plan):
        for step in steps_of(match.tiers):
            yield _band("match", match.dimension, match.min, match.max, step.rate, tier=(step.start, step.end))
    yield from _vesting("match_vesting", plan.vesting.match)
    yield from _vesting("core_vesting", plan.vesting.core)


def _band(
    subject: str,
    dimension: str,
    low: int,
    high: int | None,
    value: Decimal,
    *,
    tier: tuple[Decimal, Decimal | None] = (Decimal(0), None),
) -> Values:
    """A row of `plan_bands`.

    Args:
        subject: What the value is of.
        dimension: What the band is of; its ends are in that measure's unit (models stg_plan_bands and
            stg_enrollment_behavior).
        low: First value of the band.
        high: First value after it; None: no end.
        value: Share, multiplier or factor.
        tier: For the match, where its tier starts and ends; shares of pay.
    """
    return {
        "subject": subject,
        "dimension": dimension,
        "band_min": low,
        "band_max": OPEN_END if high is None else high,
        "tier_from": tier[0],
        "tier_up_to": tier[1],
        "value": value,
    }


def _spread(plan: Plan) -> Iterator[Values]:
    """The factors of a chosen rate as stretches of the unit interval, end to end."""
    rows = [row for row in plan.voluntary.deferral.spread if row.weight]
    start = 0
    for row, weight in zip(rows, normalised([row.weight for row in rows]), strict=True):
        yield _band("deferral", "spread", start, start + weight, row.factor)
        start += weight


def _vesting(subject: str, schedule: tuple[VestingStep, ...]) -> Iterator[Values]:
    """A step holds up to the next; nothing is vested before the first."""
    steps = ([] if schedule[0].years == 0 else [(0, Decimal(0))]) + [(step.years, step.vested) for step in schedule]
    ends = [*(years for years, _ in steps[1:]), None]
    for (years, vested), end in zip(steps, ends, strict=True):
        yield _band(subject, "service", years, end, vested)


def _legal_limits(scenario: Scenario, first_year: int, year: int) -> Iterator[Values]:
    return (limit._asdict() for limit in limits_in_force(scenario.limits, year, first_year))


# The plan's tables with rows of each scenario: a function of (scenario, first simulation year, year).
PLAN_TABLES: dict[str, Callable[[Scenario, int, int], Iterator[Values]]] = {
    "plan_parameters": _parameters,
    "plan_bands": _bands,
    "plan_legal_limits": _legal_limits,
}
