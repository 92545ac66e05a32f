"""A scenario's plan and legal limits in one year as rows of the parameter tables `plan_*`.

Here: the rows, their values by column name. Not here: the order and types of the columns
(dbt_project/models/sources.yml), the settings (`plan*.py`, `limits.py`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence

from planwise_assets.study.bands import OPEN_END, PayBand, RateBand
from planwise_assets.study.errors import key_text
from planwise_assets.study.legal_limits import limits_in_force
from planwise_assets.study.plan import Plan
from planwise_assets.study.plan_tiers import core_bands, match_bands, steps_of
from planwise_assets.study.schema import Scenario
from planwise_assets.study.uprating import cents, millionths
from planwise_assets.study.values import ByYear, leaves, plain
from planwise_assets.study.weights import normalised

#: A row of a parameter table by column name; year and scenario are put in front of it (`tables.py`).
Values = dict[str, object]

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
    yield {
        "plan_design_id": plan_design_id(plan, year),
        "adopted": plan.adopted,
        "roth_available": plan.roth_available.at(year),
        "pay_before_entry": plan.pay_before_entry.at(year),
        "safe_harbor": plan.safe_harbor,
        "minimum_age": entry.minimum_age.at(year),
        "service_months": entry.service_months.at(year),
        "entry_dates": entry.entry_dates,
        "hours_rule": entry.hours_rule.at(year),
        "long_term_part_time": entry.long_term_part_time.at(year),
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
        "match_cap_cents": None if match.annual_cap is None else cents(match.annual_cap.at(year)),
        "match_employed_at_year_end": match.employed_at_year_end.at(year),
        "match_minimum_hours": match.minimum_hours.at(year),
        "student_loan_matched": match.student_loans.enabled.at(year),
        "student_loan_share_millionths": millionths(match.student_loans.share.at(year)),
        "student_loan_rate_millionths": millionths(match.student_loans.payment_rate.at(year)),
        "core_employed_at_year_end": core.employed_at_year_end.at(year),
        "core_minimum_hours": core.minimum_hours.at(year),
        "normal_retirement_age": plan.vesting.normal_retirement_age,
        "forfeiture_use": plan.forfeitures.use,
        "testing_method": testing.method,
        "top_paid_group": testing.top_paid_group.at(year),
        "prior_nhce_adp_millionths": millionths(testing.prior_nhce_adp),
        "prior_nhce_acp_millionths": millionths(testing.prior_nhce_acp),
    }


def _behavior(scenario: Scenario, _first_year: int, _year: int) -> Iterator[Values]:
    plan = scenario.plan
    for name, section in (
        ("deferral", plan.voluntary.deferral),
        ("opt_out", plan.auto_enrollment.opt_out),
        ("voluntary", plan.voluntary),
    ):
        yield from ({"behavior": name, "dimension": "age"} | band for band in _by_age(section.age))
        yield from ({"behavior": name, "dimension": "pay"} | band for band in _by_pay(section.pay))


def _by_age(bands: Sequence[RateBand]) -> Iterator[Values]:
    return ({"band_min": band.min, "band_max": _end(band.max), "value": band.rate} for band in bands)


def _by_pay(bands: Sequence[PayBand]) -> Iterator[Values]:
    for band in bands:
        end = OPEN_PAY_END if band.max is None else cents(band.max)
        yield {"band_min": cents(band.min), "band_max": end, "value": band.multiplier}


def _spread(scenario: Scenario, _first_year: int, _year: int) -> Iterator[Values]:
    rows = [row for row in scenario.plan.voluntary.deferral.spread if row.weight]
    start = 0
    weights = normalised([row.weight for row in rows])
    for position, (row, weight) in enumerate(zip(rows, weights, strict=True), start=1):
        end = start + weight
        yield {"position": position, "factor": row.factor, "from_millionths": start, "to_millionths": end}
        start = end


def _tiers(scenario: Scenario, _first_year: int, year: int) -> Iterator[Values]:
    for core in core_bands(scenario.plan, year):
        if core.rate or core.excess_rate:
            yield {
                "source": "core",
                "service_min": core.min,
                "service_max": _end(core.max),
                "tier": 1,
                "from_millionths": 0,
                "up_to_millionths": 0,
                "rate_millionths": millionths(core.rate),
                "excess_rate_millionths": millionths(core.excess_rate),
            }
    for band in match_bands(scenario.plan):
        for number, step in enumerate(steps_of(band.tiers), start=1):
            yield {
                "source": "match",
                "service_min": band.min,
                "service_max": _end(band.max),
                "tier": number,
                "from_millionths": millionths(step.start),
                "up_to_millionths": millionths(step.end),
                "rate_millionths": millionths(step.rate),
                "excess_rate_millionths": 0,
            }


def _vesting(scenario: Scenario, _first_year: int, _year: int) -> Iterator[Values]:
    vesting = scenario.plan.vesting
    for source, schedule in (("core", vesting.core), ("match", vesting.match)):
        if schedule[0].years:
            yield {"source": source, "years": 0, "vested_millionths": 0}
        for step in schedule:
            yield {"source": source, "years": step.years, "vested_millionths": millionths(step.vested)}


def _legal_limits(scenario: Scenario, first_year: int, year: int) -> Iterator[Values]:
    return (limit._asdict() for limit in limits_in_force(scenario.limits, year, first_year))


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
