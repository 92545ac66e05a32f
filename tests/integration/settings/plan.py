"""The settings of the plan and of the legal limits, and on which published facts each may act.

The years are 2026 and 2027: Roth catch-up is enforced from 2026 on, and the limits of 2027 are the first that are projected.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb

from tests.harness import SAMPLE_CENSUS, census_file
from tests.integration.settings.perturbing import (
    SECOND,
    CannotChangeError,
    Case,
    Document,
    Part,
    Path_,
    Setting,
    Step,
    at,
    boundary,
    by,
    changed,
    merged,
    to,
)
from tests.integration.settings.plan_facts import (
    CATCH_UP,
    CHANCES,
    CHANGES,
    CORE,
    CORE_VESTED,
    COST,
    DEFERRALS,
    ENTRY,
    HCE,
    JOINING,
    LIMIT,
    MATCH,
    MATCH_VESTED,
    PLAN_PAY,
    POTENTIAL,
    RATES,
    ROTH,
    TESTS,
    TRUE_UP,
    with_what_follows,
)

YEARS = (2026, 2027)


def earlier(document: Document, path: Path_) -> list[Document]:
    """A step of a vesting schedule a year earlier; the first, at 0 years, a year later."""
    years = at(document, path)
    return [changed(document, path, years - 1 if years else 1)]


def more_vested(document: Document, path: Path_) -> list[Document]:
    if at(document, path) == 1:
        raise CannotChangeError("a schedule ends with everything vested")
    return by(lambda share: share + 0.05)(document, path)


def limit(dollars: int) -> Step:
    """The study's own value of the first year."""
    return to({YEARS[0]: dollars})


def behavior(section: str, value: str, acts_on: set[str], baseline: str) -> dict[str, Setting]:
    """The lines of a table by age and of one by pay."""
    return {
        f"{section}.age[].min": Setting(boundary(-4), acts_on, baseline),
        f"{section}.age[].max": Setting(boundary(4), acts_on, baseline),
        f"{section}.age[].rate": Setting(by(lambda rate: rate * 0.4), acts_on, baseline),
        f"{section}.pay[].min": Setting(boundary(-12_000), acts_on, baseline),
        f"{section}.pay[].max": Setting(boundary(12_000), acts_on, baseline),
        f"{section}.pay[].{value}": Setting(by(lambda factor: factor * 0.4), acts_on, baseline),
    }


JOINS = {JOINING, CHANCES}
MATCHES = {MATCH, POTENTIAL}
VESTS = {MATCH_VESTED, CORE_VESTED}

SETTINGS: dict[str, Setting] = {
    "plan.adopted": Setting(to("2026-05-15"), {ENTRY}),
    "plan.eligibility.minimum_age": Setting(to(18), {ENTRY}),
    "plan.eligibility.service_months": Setting(to(6), {ENTRY}),
    "plan.eligibility.entry_dates": Setting(to("immediate", "quarterly", "semiannual"), {ENTRY}),
    "plan.eligibility.hours_rule": Setting(to(True), {ENTRY}),
    "plan.eligibility.long_term_part_time": Setting(to(False), {ENTRY}, "hours"),
    "plan.eligibility.computation_periods": Setting(to("anniversaries"), {ENTRY}, "hours"),
    "plan.eligibility.long_term_employer_money": Setting(to(True), {MATCH, CORE, POTENTIAL}, "hours"),
    "plan.auto_enrollment.enabled": Setting(to(False), {JOINING}),
    "plan.auto_enrollment.scope": Setting(to("new_hires"), {JOINING}),
    "plan.auto_enrollment.hire_cutoff": Setting(to("2015-01-01", "2026-07-01"), {JOINING}),
    "plan.auto_enrollment.window_days": Setting(to(60), {JOINING}),
    "plan.auto_enrollment.default_rate": Setting(to(0.06), {RATES}),
    **behavior("plan.auto_enrollment.opt_out", "multiplier", JOINS, "baseline"),
    "plan.auto_enrollment.active_choice_share": Setting(to(0.6), JOINS),
    **behavior("plan.voluntary", "multiplier", JOINS, "voluntary"),
    "plan.voluntary.cap": Setting(to(0.3), JOINS, "voluntary"),
    "plan.voluntary.later_enrollment": Setting(to(0.2), JOINS, "voluntary"),
    **behavior("plan.voluntary.deferral", "multiplier", {RATES}, "voluntary"),
    "plan.voluntary.deferral.spread[].factor": Setting(by(lambda factor: factor + 0.5), {RATES}, "voluntary"),
    "plan.voluntary.deferral.spread[].weight": Setting(by(lambda weight: weight + 0.5), {RATES}, "voluntary"),
    "plan.changes.up_share": Setting(to(0.6), {CHANGES}),
    "plan.changes.down_share": Setting(to(0.5), {CHANGES}),
    "plan.changes.step": Setting(to(0.05), {RATES}),
    "plan.changes.stop_share": Setting(to(0.4), {CHANGES}),
    "plan.escalation.enabled": Setting(to(False), {CHANGES}),
    "plan.escalation.increment": Setting(to(0.02), {RATES}),
    "plan.escalation.cap": Setting(to(0.05), {RATES}),
    "plan.escalation.month": Setting(to(7), {CHANGES}),
    "plan.escalation.delay_months": Setting(to(14), {CHANGES}),
    "plan.escalation.opt_out": Setting(to(0.6), {CHANGES}),
    "plan.match.tiers[].up_to": Setting(by(lambda end: end + 0.01), MATCHES),
    "plan.match.tiers[].rate": Setting(by(lambda rate: rate + 0.3), MATCHES),
    "plan.match.by_service": Setting(to([{"min": 0, "tiers": [{"up_to": 0.06, "rate": 1.5}]}]), MATCHES),
    "plan.match.by_service[].min": Setting(boundary(-1), MATCHES, "graded"),
    "plan.match.by_service[].max": Setting(boundary(1), MATCHES, "graded"),
    "plan.match.by_service[].tiers[].up_to": Setting(by(lambda end: end + 0.01), MATCHES, "graded"),
    "plan.match.by_service[].tiers[].rate": Setting(by(lambda rate: rate + 0.3), MATCHES, "graded"),
    "plan.match.by_points": Setting(to([{"min": 0, "tiers": [{"up_to": 0.06, "rate": 1.5}]}]), MATCHES),
    "plan.match.by_points[].min": Setting(boundary(-4), MATCHES, "points"),
    "plan.match.by_points[].max": Setting(boundary(4), MATCHES, "points"),
    "plan.match.by_points[].tiers[].up_to": Setting(by(lambda end: end + 0.01), MATCHES, "points"),
    "plan.match.by_points[].tiers[].rate": Setting(by(lambda rate: rate + 0.3), MATCHES, "points"),
    "plan.match.basis": Setting(to("pay_period"), {MATCH, TRUE_UP}),
    "plan.match.pay_periods": Setting(to(12), {MATCH, PLAN_PAY, DEFERRALS}, "graded"),
    "plan.match.period_pay": Setting(to("days"), {PLAN_PAY, DEFERRALS}, "graded"),
    "plan.match.annual_cap": Setting(to(1_500), MATCHES),
    "plan.match.employed_at_year_end": Setting(to(True), {MATCH}),
    "plan.match.minimum_hours": Setting(to(1_000), {MATCH}),
    "plan.match.student_loans.enabled": Setting(to(True), {MATCH}),
    "plan.match.student_loans.share": Setting(to(0.9), {MATCH}, "graded"),
    "plan.match.student_loans.payment_rate": Setting(to(0.01), {MATCH}, "graded"),
    "plan.core.rate": Setting(to(0.05), {CORE}),
    "plan.core.excess_rate": Setting(to(0.01), {CORE}),
    "plan.core.by_service": Setting(to([{"min": 0, "rate": 0.01, "excess_rate": 0.01}]), {CORE}),
    "plan.core.by_service[].min": Setting(boundary(-1), {CORE}, "graded"),
    "plan.core.by_service[].max": Setting(boundary(1), {CORE}, "graded"),
    "plan.core.by_service[].rate": Setting(by(lambda rate: rate + 0.01), {CORE}, "graded"),
    "plan.core.by_service[].excess_rate": Setting(by(lambda rate: rate - 0.005), {CORE}, "graded"),
    "plan.core.by_age": Setting(to([{"min": 0, "rate": 0.01, "excess_rate": 0.01}]), {CORE}),
    "plan.core.by_age[].min": Setting(boundary(-4), {CORE}, "core_by_age"),
    "plan.core.by_age[].max": Setting(boundary(4), {CORE}, "core_by_age"),
    "plan.core.by_age[].rate": Setting(by(lambda rate: rate + 0.01), {CORE}, "core_by_age"),
    "plan.core.by_age[].excess_rate": Setting(by(lambda rate: rate - 0.005), {CORE}, "core_by_age"),
    "plan.core.by_points": Setting(to([{"min": 0, "rate": 0.01, "excess_rate": 0.01}]), {CORE}),
    "plan.core.by_points[].min": Setting(boundary(-4), {CORE}, "points"),
    "plan.core.by_points[].max": Setting(boundary(4), {CORE}, "points"),
    "plan.core.by_points[].rate": Setting(by(lambda rate: rate + 0.01), {CORE}, "points"),
    "plan.core.by_points[].excess_rate": Setting(by(lambda rate: rate - 0.005), {CORE}, "points"),
    "plan.core.employed_at_year_end": Setting(to(True), {CORE}),
    "plan.core.minimum_hours": Setting(to(1_000), {CORE}),
    "plan.safe_harbor": Setting(
        to("basic", "enhanced", "nonelective", "qaca_match", "qaca_nonelective"), {TESTS, *MATCHES}, "harbor"
    ),
    "plan.compensation.bonus": Setting(to(False), {PLAN_PAY, DEFERRALS}),
    "plan.compensation.overtime": Setting(to(False), {PLAN_PAY, DEFERRALS}),
    "plan.vesting.match[].years": Setting(earlier, {MATCH_VESTED}),
    "plan.vesting.match[].vested": Setting(more_vested, {MATCH_VESTED}),
    "plan.vesting.core[].years": Setting(earlier, {CORE_VESTED}),
    "plan.vesting.core[].vested": Setting(more_vested, {CORE_VESTED}),
    "plan.vesting.normal_retirement_age": Setting(to(60), VESTS),
    "plan.vesting.partial_termination.vests": Setting(to(False), VESTS, "reduced"),
    "plan.vesting.partial_termination.turnover": Setting(to(0.9), VESTS, "reduced"),
    "plan.forfeitures.use": Setting(to("expenses", "carried"), {COST}),
    "plan.testing.method": Setting(to("prior"), {TESTS}),
    "plan.testing.top_paid_group": Setting(to(True), {HCE}),
    "plan.testing.prior_nhce_adp": Setting(to(0.06), {TESTS}, "voluntary"),
    "plan.testing.prior_nhce_acp": Setting(to(0.06), {TESTS}, "voluntary"),
    "plan.roth_available": Setting(to(False), {CATCH_UP}),
    "plan.pay_before_entry": Setting(to(True), {PLAN_PAY}),
    # The index of a year moves the limits of the year after it at the earliest.
    "limits.cpi": Setting(to(0.2), {DEFERRALS, PLAN_PAY, LIMIT}, acts_in=SECOND, by_year=False),
    "limits.wage_index": Setting(to(0.3), {CORE}, acts_in=SECOND, by_year=False),
    "limits.overrides.elective_deferral_402g": Setting(limit(9_000), {DEFERRALS}),
    "limits.overrides.catch_up_414v": Setting(limit(1_000), {CATCH_UP}),
    "limits.overrides.catch_up_60_63_414v": Setting(limit(1_000), {CATCH_UP}),
    "limits.overrides.annual_additions_415c": Setting(limit(20_000), {CATCH_UP, CORE}),
    "limits.overrides.compensation_401a17": Setting(limit(90_000), {PLAN_PAY}),
    "limits.overrides.hce_compensation_414q": Setting(limit(80_000), {HCE}),
    "limits.overrides.social_security_wage_base": Setting(limit(100_000), {CORE}),
    "limits.overrides.roth_catch_up_wages_414v7": Setting(limit(60_000), {ROTH}),
}

# Settings that change no result by their nature, and what they change instead (a test of its own asserts it).
ONLY_WARN = {
    f"plan.exemptions.{name}": "says why IRC 414A asks nothing of the plan, and so silences a warning"
    for name in ("new_business", "small_business", "church_plan", "governmental_plan")
}


def _tiers(*rows: tuple[float, float]) -> list[Document]:
    return [{"up_to": end, "rate": rate} for end, rate in rows]


def _by_pay(*multipliers: float) -> list[Document]:
    """The shipped bands, with other multipliers."""
    ends = (0, 30_000, 50_000, 75_000, 100_000, 150_000, None)
    return [
        {"min": low, "multiplier": multiplier} | ({"max": high} if high else {})
        for (low, high), multiplier in zip(pairwise(ends), multipliers, strict=True)
    ]


# The baseline: everybody acts often, every band of age and pay has people, and schedules have room to move.
BASELINE: Document = {
    "workforce": {"growth": 0.4},
    "levels": {
        "hire_percentile": 0.5,
        "hire_percentile_spread": 0.5,
        "bands": [
            {"level_id": level, "name": f"Level {level}", "min_pay": low, "max_pay": high}
            for level, (low, high) in enumerate(
                ((16_000, 60_000), (60_000, 100_000), (100_000, 150_000), (150_000, 250_000), (250_000, 600_000)), start=1
            )
        ],
    },
    "hiring": {
        "level_mix": [{"level_id": level, "weight": 5 if level == 1 else 3} for level in range(1, 6)],
        "ages": [{"min": low, "max": high, "weight": 1} for low, high in ((18, 25), (25, 35), (35, 45), (45, 55), (55, 70))],
        "part_time_share": 0.3,
        "part_time_hours": 15,
    },
    "plan": {
        "eligibility": {"minimum_age": 20, "service_months": 2, "entry_dates": "monthly"},
        "auto_enrollment": {"scope": "all_eligible"},
        "changes": {"up_share": 0.3, "down_share": 0.2, "stop_share": 0.1},
        "escalation": {"opt_out": 0.3},
        "match": {"tiers": _tiers((0.02, 1.0), (0.04, 0.5), (0.08, 0.25))},
        "core": {"rate": 0.03, "excess_rate": 0.02},
        "vesting": {
            "match": [{"years": years, "vested": vested} for years, vested in ((0, 0.1), (2, 0.5), (4, 0.9), (6, 1))],
            "core": [{"years": years, "vested": vested} for years, vested in ((0, 0.1), (2, 0.6), (4, 1))],
        },
    },
}
BASELINES: dict[str, Document] = {
    "baseline": BASELINE,
    # Nobody is enrolled who does not want to be, and whoever wants to may be refused by the cap.
    "voluntary": merged(
        BASELINE,
        {
            "plan": {
                "auto_enrollment": {"enabled": False},
                "voluntary": {
                    "cap": 0.7,
                    "later_enrollment": 0.5,
                    "deferral": {"pay": _by_pay(0.5, 0.7, 0.9, 1.1, 1.4, 1.8)},
                },
                "testing": {"method": "prior"},
            }
        },
    ),
    # Employer money by service and by pay period, with student loans.
    "graded": merged(
        BASELINE,
        {
            "plan": {
                "match": {
                    "by_service": [
                        {"min": 0, "max": 3, "tiers": _tiers((0.02, 0.5), (0.06, 0.25))},
                        {"min": 3, "max": 8, "tiers": _tiers((0.03, 1), (0.06, 0.5))},
                        {"min": 8, "tiers": _tiers((0.04, 1.5), (0.08, 0.75))},
                    ],
                    "basis": "pay_period",
                    "pay_periods": 24,
                    "student_loans": {"enabled": True, "share": 0.4},
                },
                "core": {
                    "by_service": [
                        {"min": 0, "max": 3, "rate": 0.02, "excess_rate": 0.01},
                        {"min": 3, "max": 8, "rate": 0.04, "excess_rate": 0.02},
                        {"min": 8, "rate": 0.06, "excess_rate": 0.03},
                    ]
                },
            }
        },
    ),
    "core_by_age": merged(
        BASELINE,
        {
            "plan": {
                "core": {
                    "by_age": [
                        {"min": 0, "max": 35, "rate": 0.02, "excess_rate": 0.01},
                        {"min": 35, "max": 50, "rate": 0.04, "excess_rate": 0.02},
                        {"min": 50, "rate": 0.06, "excess_rate": 0.03},
                    ]
                }
            }
        },
    ),
    "points": merged(
        BASELINE,
        {
            "plan": {
                "match": {
                    "by_points": [
                        {"min": 0, "max": 40, "tiers": _tiers((0.02, 0.5), (0.06, 0.25))},
                        {"min": 40, "max": 60, "tiers": _tiers((0.03, 1), (0.06, 0.5))},
                        {"min": 60, "tiers": _tiers((0.04, 1.5), (0.08, 0.75))},
                    ]
                },
                "core": {
                    "by_points": [
                        {"min": 0, "max": 40, "rate": 0.02, "excess_rate": 0.01},
                        {"min": 40, "max": 60, "rate": 0.04, "excess_rate": 0.02},
                        {"min": 60, "rate": 0.06, "excess_rate": 0.03},
                    ]
                },
            }
        },
    ),
    # Hours count, so that long-term part-timers are let in by their own rule.
    "hours": merged(BASELINE, {"plan": {"eligibility": {"hours_rule": True}}}),
    # A third of the people are let go.
    "reduced": merged(BASELINE, {"workforce": {"growth": -0.4}}),
    # A plan that keeps the conditions of every safe harbor without being one.
    "harbor": merged(
        BASELINE,
        {
            "plan": {
                "match": {"tiers": _tiers((0.03, 1), (0.05, 0.5))},
                # Beside the 3 % of a nonelective safe harbor there are 2 % that integration may go by.
                "core": {"rate": 0.05},
                "vesting": {"match": "immediate", "core": "immediate"},
            }
        },
    ),
}

PART = Part(SETTINGS, BASELINES, YEARS)


def census(folder: Path) -> Path:
    """Some 600 people of every level, age and service, the youngest and the best paid well represented.

    Half take part: some enrolled automatically, of them some within the last year; some with half of their pay, and so all
    who may have the higher catch-up. Every eleventh works 15 hours a week, of them half for two years already. A
    quarter have bonuses, half of them overtime too.
    """
    query = f"""
        with people as (
            select *,
                row_number() over (partition by level_id order by md5(employee_id)) as place,
                row_number() over (order by birth_date desc, employee_id) as by_age
            from '{SAMPLE_CENSUS}' where active
        )
        select
            employee_id, birth_date, hire_date, annual_compensation, row_number() over (order by md5(employee_id)) as number
        from people where by_age <= 80 or place <= 110 or (level_id = 4 and place <= 140) order by employee_id
    """
    rows = []
    for who, born, hired, pay, number in duckdb.execute(query).fetchall():
        row = {"employee_id": who, "birth_date": born, "hire_date": hired, "annual_compensation": pay}
        if number % 4 == 0:
            row |= {"bonus": 3_000 + number, "overtime": 700 if number % 8 else ""}
        if number % 2:
            joined = hired if number % 3 else max(hired, date(2025, 2, 1) + timedelta(days=number % 90))
            row |= {
                "deferral_rate": 0.5 if number % 5 == 0 or born.year in range(1963, 1967) else 0.01 + number % 9 / 100,
                "enrollment_date": joined,
                "enrollment_source": "voluntary" if number % 3 == 1 else "auto",
                "match_balance": 10_000 + number,
                "core_balance": 5_000 + number,
            }
        if number % 11 == 0:
            row |= {"scheduled_hours_per_week": 15, "hours_prior_year_1": 780, "hours_prior_year_2": 780 * (number % 4 < 2)}
        rows.append(row)
    return census_file(folder, rows)


def fault(case: Case, differs: set[str]) -> str | None:
    """What is wrong with the facts that a case changes in its first year; None if nothing is."""
    acts_on = SETTINGS[case.setting].acts_on
    if not differs & acts_on:
        return f"acts on {sorted(differs)} and not on {sorted(acts_on)}"
    if not differs <= with_what_follows(acts_on):
        return f"acts on {sorted(differs - with_what_follows(acts_on))} too"
    return None
