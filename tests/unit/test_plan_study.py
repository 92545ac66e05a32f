"""The sections `plan` and `limits`: defaults, and what the law refuses or warns of."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from planwise_assets.study.errors import StudyError
from planwise_assets.study.file.load import load_study
from planwise_assets.study.law.qualification import vested_at
from planwise_assets.study.plan.employer import SCHEDULES
from planwise_assets.study.plan.plan import Plan
from planwise_assets.study.plan.tiers import BASIC_TIERS, QACA_TIERS, match_at
from planwise_assets.study.schema import Study
from planwise_assets.study.values import ByYear, leaves, plain

TOP = "study: trial\ncensus: people.csv\nyears: {start: 2025, end: 2027}\n"


def study(folder: Path, settings: str, top: str = TOP) -> Study:
    """A study with settings of one scenario, on line 5."""
    path = folder / "study.yaml"
    path.write_text(f"{top}scenarios:\n  lean: {{{settings}}}\n")
    return load_study(path)


def refusal(folder: Path, settings: str, top: str = TOP) -> str:
    with pytest.raises(StudyError) as caught:
        study(folder, settings, top)
    return str(caught.value)


def test_shipped_defaults_are_those_of_the_research() -> None:
    """Facts: defaults.md, Plan; the changes as derived at the setting from How America Saves 2025."""
    values = {".".join(map(str, path)): plain(value) for path, value in leaves(Plan()) if not isinstance(path[-1], int)}
    scalars = {
        "eligibility.minimum_age": "21",
        "eligibility.service_months": "0",
        "eligibility.entry_dates": "immediate",
        "auto_enrollment.enabled": "true",
        "auto_enrollment.scope": "new_hires",
        "auto_enrollment.window_days": "30",
        "auto_enrollment.default_rate": "0.04",
        "auto_enrollment.active_choice_share": "0.25",
        "voluntary.cap": "0.97",
        "voluntary.later_enrollment": "0.08",
        "changes.up_share": "0.225",
        "changes.down_share": "0.113",
        "changes.step": "0.02",
        "changes.stop_share": "0.006",
        "escalation.enabled": "true",
        "escalation.increment": "0.01",
        "escalation.cap": "0.1",
        "escalation.month": "1",
        "escalation.delay_months": "6",
        "escalation.opt_out": "0.126",
        "match.basis": "annual",
        "match.employed_at_year_end": "false",
        "match.minimum_hours": "0",
        "core.rate": "0",
        "safe_harbor": "none",
        "vesting.normal_retirement_age": "65",
        "forfeitures.use": "employer_contributions",
        "testing.method": "current",
        "testing.top_paid_group": "false",
        "roth_available": "true",
    }
    assert {key: values[key] for key in scalars} == scalars
    plan = Plan()

    def shown(rows: tuple[object, ...], *names: str) -> list[str]:
        return [" ".join(plain(getattr(row, name)) for name in names) for row in rows]

    assert shown(plan.auto_enrollment.opt_out.age, "min", "rate") == ["0 0.1", "25 0.08", "45 0.07", "55 0.08", "65 0.12"]
    pay = ["0", "30000", "50000", "75000", "100000", "150000"]
    multipliers = {
        "1.8 1.3 1 0.8 0.7 0.5": plan.auto_enrollment.opt_out.pay,
        "0.55 0.8 1 1.15 1.3 1.5": plan.voluntary.pay,
        "0.75 0.82 0.92 1 1.08 1.1": plan.voluntary.deferral.pay,
    }
    for expected, bands in multipliers.items():
        assert shown(bands, "min", "multiplier") == [
            f"{low} {value}" for low, value in zip(pay, expected.split(), strict=True)
        ]
    assert shown(plan.voluntary.age, "min", "rate") == ["0 0.17", "25 0.4", "35 0.48", "45 0.53", "55 0.54"]
    assert shown(plan.voluntary.deferral.age, "min", "rate") == (
        ["0 0.055", "25 0.068", "35 0.073", "45 0.079", "55 0.093", "65 0.101"]
    )
    assert shown(plan.voluntary.deferral.spread, "factor", "weight") == [
        "0.4 0.2",
        "0.7 0.2",
        "1 0.25",
        "1.3 0.2",
        "1.8 0.15",
    ]
    assert shown(plan.match.tiers, "up_to", "rate") == ["0.03 1", "0.05 0.5"]
    assert [plain(vested_at(plan.vesting.match, k)) for k in range(8)] == ["0", "0", "0.2", "0.4", "0.6", "0.8", "1", "1"]
    assert [plain(vested_at(plan.vesting.core, k)) for k in range(5)] == ["0", "0", "0", "1", "1"]


# Deferrals of 0, 1, 2, 3, 4, 5, 6, 8, 10, 12 %. IRC 401(k)(12)(B), 401(k)(13)(D); two common formulas.
@pytest.mark.parametrize(
    ("rows", "match"),
    [
        ((("0.03", "1"), ("0.05", "0.5")), "0 1 2 3 3.5 4 4 4 4 4"),
        ((("0.01", "1"), ("0.06", "0.5")), "0 1 1.5 2 2.5 3 3.5 3.5 3.5 3.5"),
        ((("0.06", "0.5"),), "0 .5 1 1.5 2 2.5 3 3 3 3"),
        ((("0.12", "0.25"),), "0 .25 .5 .75 1 1.25 1.5 2 2.5 3"),
        ((("0.04", "1.5"),), "0 1.5 3 4.5 6 6 6 6 6 6"),
        ((), "0 0 0 0 0 0 0 0 0 0"),
    ],
)
def test_the_match_at_each_deferral(rows: tuple[tuple[str, str], ...], match: str) -> None:
    from planwise_assets.study.plan.employer import tiers

    given = [match_at(tiers(*rows), Decimal(percent) / 100) for percent in (0, 1, 2, 3, 4, 5, 6, 8, 10, 12)]
    assert given == [Decimal(value) / 100 for value in match.split()]


def test_the_tiers_that_the_law_writes() -> None:
    assert match_at(BASIC_TIERS, Decimal(1)) == Decimal("0.04")
    assert match_at(QACA_TIERS, Decimal(1)) == Decimal("0.035")


SLOW = "vests too slowly: it must be at least as fast as 100 % after 3 years"


@pytest.mark.parametrize(
    ("schedule", "legal"),
    [
        ("immediate", True),
        ("cliff_1", True),
        ("cliff_2", True),
        ("cliff_3", True),
        ("graded_1_5", True),
        ("graded_2_6", True),
        ("[{years: 4, vested: 1}]", False),
        ("[{years: 3, vested: 0.4}, {years: 4, vested: 0.6}, {years: 5, vested: 0.8}, {years: 6, vested: 1}]", False),
        ("[{years: 2, vested: 0.2}, {years: 3, vested: 0.4}, {years: 4, vested: 0.59}, {years: 5, vested: 1}]", False),
        # Ahead of one schedule in some years and of the other in others is ahead of neither.
        ("[{years: 2, vested: 0.1}, {years: 3, vested: 0.9}, {years: 4, vested: 1}]", False),
        ("[{years: 2, vested: 0.2}, {years: 3, vested: 0.99}, {years: 6, vested: 1}]", True),
        ("[{years: 0, vested: 0.5}, {years: 3, vested: 1}]", True),
    ],
)
@pytest.mark.parametrize("source", ["match", "core"])
def test_vesting_is_at_least_as_fast_as_the_statute(tmp_path: Path, source: str, schedule: str, legal: bool) -> None:
    settings = f"plan: {{vesting: {{{source}: {schedule}}}}}"
    if legal:
        study(tmp_path, settings)
    else:
        assert f"scenarios.lean.plan.vesting.{source} {SLOW}" in refusal(tmp_path, settings)


def test_named_schedules_are_rows(tmp_path: Path) -> None:
    plan = study(tmp_path, "plan: {vesting: {match: cliff_2, core: graded_1_5}}").scenarios["lean"].plan
    assert (plan.vesting.match, plan.vesting.core) == (SCHEDULES["cliff_2"], SCHEDULES["graded_1_5"])


AT_ONCE = "vesting: {match: immediate, core: immediate}"
QACA_AUTO = "auto_enrollment: {scope: all_eligible}"
LAWFUL = [
    f"safe_harbor: basic, {AT_ONCE}",
    f"safe_harbor: basic, match: {{basis: pay_period}}, {AT_ONCE}",
    f"safe_harbor: enhanced, match: {{tiers: [{{up_to: 0.04, rate: 1}}]}}, {AT_ONCE}",
    f"safe_harbor: enhanced, match: {{tiers: [{{up_to: 0.06, rate: 1.5}}]}}, {AT_ONCE}",
    f"safe_harbor: enhanced, {AT_ONCE}",
    f"safe_harbor: nonelective, {AT_ONCE}",
    f"safe_harbor: nonelective, core: {{rate: 0.05, excess_rate: 0.02}}, match: {{tiers: []}}, {AT_ONCE}",
    # The match beside the contribution may vest by the general rule.
    "safe_harbor: nonelective, vesting: {core: immediate}",
    f"safe_harbor: qaca_match, {QACA_AUTO}, vesting: {{match: cliff_2}}",
    f"safe_harbor: qaca_nonelective, {QACA_AUTO}, vesting: {{core: cliff_2}}",
    "safe_harbor: qaca_match, auto_enrollment: {scope: all_eligible, default_rate: 0.06}, escalation: {enabled: false}, "
    "vesting: {match: cliff_1}",
    "safe_harbor: qaca_match, auto_enrollment: {scope: all_eligible, default_rate: 0.03}, escalation: {cap: 0.15, "
    "delay_months: 12}, vesting: {match: cliff_2}",
    # 10 % at once, and the first rise after the plan year that follows
    "safe_harbor: qaca_match, auto_enrollment: {scope: all_eligible, default_rate: 0.10}, escalation: {cap: 0.15, "
    "delay_months: 13}, vesting: {match: cliff_2}",
    "safe_harbor: qaca_match, auto_enrollment: {scope: all_eligible, default_rate: 0.08}, escalation: {month: 7, cap: 0.15, "
    "increment: 0.02, delay_months: 7}, vesting: {match: cliff_2}",
    f"safe_harbor: basic, {AT_ONCE}, adopted: 2026-10-01, exemptions: {{small_business: true}}",
]


@pytest.mark.parametrize("plan", LAWFUL)
def test_a_safe_harbor_that_keeps_its_conditions(tmp_path: Path, plan: str) -> None:
    assert study(tmp_path, f"plan: {{{plan}}}").warnings == ()


QACA_MATCH = f"safe_harbor: qaca_match, vesting: {{match: cliff_2}}, {QACA_AUTO}"
# (the plan, the key that is at fault, what the message must say)
BROKEN = [
    ("safe_harbor: basic", "vesting.match", ["all of it at once", "401(k)(12)(E)(i)"]),
    ("safe_harbor: enhanced, vesting: {match: cliff_1}", "vesting.match", ["all of it at once"]),
    ("safe_harbor: nonelective", "vesting.core", ["all of it at once"]),
    (f"safe_harbor: qaca_match, {QACA_AUTO}", "vesting.match", ["after 2 years", "401(k)(13)(D)(iii)(I)"]),
    (f"safe_harbor: qaca_nonelective, {QACA_AUTO}", "vesting.core", ["cliff_2"]),
    (f"safe_harbor: basic, {AT_ONCE}, match: {{employed_at_year_end: true}}", "match.employed_at_year_end", ["leavers too"]),
    (
        f"safe_harbor: basic, {AT_ONCE}, match: {{minimum_hours: {{2025: 0, 2027: 500}}}}",
        "match.minimum_hours",
        ["must be 0"],
    ),
    (f"safe_harbor: enhanced, {AT_ONCE}, match: {{annual_cap: 5000}}", "match.annual_cap", ["cap takes from"]),
    (
        f"safe_harbor: nonelective, {AT_ONCE}, core: {{employed_at_year_end: true}}",
        "core.employed_at_year_end",
        ["must be false"],
    ),
    (f"safe_harbor: nonelective, {AT_ONCE}, core: {{minimum_hours: 1000}}", "core.minimum_hours", ["must be 0"]),
    (f"safe_harbor: nonelective, {AT_ONCE}, match: {{minimum_hours: 1000}}", "match.minimum_hours", ["must be 0"]),
    (f"safe_harbor: nonelective, {AT_ONCE}, core: {{rate: 0.029999}}", "core.rate", ["at least 0.03", "401(k)(12)(C)"]),
    (
        f"safe_harbor: nonelective, {AT_ONCE}, core: {{by_service: [{{min: 0, max: 5, rate: 0.02}}, {{min: 5, rate: 1}}]}}",
        "core.by_service[row 1].rate",
        ["at least 0.03"],
    ),
    (f"safe_harbor: basic, {AT_ONCE}, testing: {{method: prior}}", "testing.method", ["must be current"]),
    (
        f"safe_harbor: basic, {AT_ONCE}, match: {{tiers: [{{up_to: 0.06, rate: 1}}]}}",
        "match.tiers",
        ["100 % to 3 %, 50 % to 5 %", "enhanced"],
    ),
    (
        f"safe_harbor: basic, {AT_ONCE}, match: {{by_service: [{{min: 0, tiers: []}}]}}",
        "match.by_service",
        ["the same for all"],
    ),
    (
        f"safe_harbor: enhanced, {AT_ONCE}, match: {{tiers: [{{up_to: 0.02, rate: 1}}, {{up_to: 0.06, rate: 0.6}}]}}",
        "match.tiers",
        ["at 0.03 it gives 0.026, the basic one 0.03", "401(k)(12)(B)(iii)"],
    ),
    (
        f"safe_harbor: enhanced, {AT_ONCE}, match: {{tiers: [{{up_to: 0.01, rate: 1}}, {{up_to: 0.05, rate: 1.5}}]}}",
        "match.tiers",
        ["must not rise with the deferral"],
    ),
    (
        f"safe_harbor: enhanced, {AT_ONCE}, match: {{tiers: [{{up_to: 0.07, rate: 1}}]}}",
        "match.tiers",
        ["above 6 % of pay", "401(m)(11)(B)"],
    ),
    (
        f"safe_harbor: enhanced, {AT_ONCE}, match: {{by_service: [{{min: 0, tiers: [{{up_to: 0.03, rate: 1}}]}}]}}",
        "match.by_service[row 1].tiers",
        ["at least as generous"],
    ),
    *(
        (
            f"safe_harbor: {design}, {AT_ONCE}, match: {{by_{dimension}: "
            "[{min: 0, max: 5, tiers: [{up_to: 0.04, rate: 1}]}, {min: 5, tiers: [{up_to: 0.05, rate: 1}]}]}",
            f"match.by_{dimension}",
            [f"the same at every {words}", "401(k)(12)(B)(ii)", "401(m)(11)(B)(iii)"],
        )
        for design in ("enhanced", "nonelective")
        for dimension, words in (("service", "length of service"), ("points", "number of points"))
    ),
    (
        f"safe_harbor: basic, {AT_ONCE}, match: {{by_points: [{{min: 0, tiers: []}}]}}",
        "match.by_points",
        ["the same for all"],
    ),
    (
        f"safe_harbor: nonelective, {AT_ONCE}, match: {{tiers: [{{up_to: 0.08, rate: 0.5}}]}}",
        "match.tiers",
        ["above 6 % of pay"],
    ),
    (
        "safe_harbor: qaca_match, vesting: {match: cliff_2}, auto_enrollment: {enabled: {2025: true, 2026: false}}",
        "auto_enrollment.enabled",
        ["must be true in 2026", "401(k)(13)(C)"],
    ),
    (f"{QACA_MATCH[:-1]}, default_rate: 0.029}}", "auto_enrollment.default_rate", ["from 0.03 to 0.10"]),
    (f"{QACA_MATCH[:-1]}, default_rate: 0.11}}", "auto_enrollment.default_rate", ["from 0.03 to 0.10"]),
    (f"{QACA_MATCH}, escalation: {{enabled: false}}", "escalation.enabled", ["must rise to 6 %"]),
    (f"{QACA_MATCH}, escalation: {{cap: 0.059}}", "escalation.cap", ["at least 0.06"]),
    (f"{QACA_MATCH}, escalation: {{cap: 0.16}}", "escalation.cap", ["at most 0.15"]),
    # up to the end of the plan year after the first deferral 10 % is the most, after it 15 %
    (
        f"{QACA_MATCH[:-1]}, default_rate: 0.10}}, escalation: {{cap: 0.15}}",
        "escalation.increment",
        ["leads from 0.1 to 0.11", "0.10 is the most"],
    ),
    (
        f"{QACA_MATCH[:-1]}, default_rate: 0.08}}, escalation: {{month: 7, increment: 0.02, cap: 0.15}}",
        "escalation.increment",
        ["leads from 0.08 to 0.12"],
    ),
    (f"safe_harbor: basic, {AT_ONCE}, adopted: 2026-10-02", "adopted", ["1 October", "three months", "1.401(k)-3(e)(2)"]),
    (f"{QACA_MATCH}, escalation: {{increment: 0.005}}", "escalation.increment", ["at least 0.01"]),
    (f"{QACA_MATCH}, escalation: {{delay_months: 13}}", "escalation.delay_months", ["at most 12 in 2025"]),
    (f"{QACA_MATCH}, escalation: {{month: 4, delay_months: 4}}", "escalation.delay_months", ["at most 3 in 2025"]),
    (
        f"safe_harbor: nonelective, {AT_ONCE}, core: {{by_age: [{{min: 0, max: 40, rate: 0.02}}, {{min: 40, rate: 0.03}}]}}",
        "core.by_age[row 1].rate",
        ["at least 0.03"],
    ),
    (
        "core: {by_age: [{min: 0, max: 40, rate: 0.02}, {min: 40, rate: 0.04, excess_rate: 0.05}]}",
        "core.by_age[row 2].excess_rate",
        ["the core rate itself (0.04 in 2025)"],
    ),
    ("core: {rate: 0.02, excess_rate: 0.03}", "core.excess_rate", ["the core rate itself (0.02 in 2025)", "401(l)"]),
    ("core: {rate: 0.06, excess_rate: 0.058}", "core.excess_rate", ["0.057"]),
    (
        f"safe_harbor: nonelective, {AT_ONCE}, core: {{rate: 0.05, excess_rate: 0.021}}",
        "core.excess_rate",
        ["beyond the 0.03 of safe_harbor nonelective (0.02 in 2025", "401(k)(12)(E)(ii)"],
    ),
    ("changes: {up_share: 0.6, down_share: 0.5}", "changes.up_share", ["must not pass 1 together with down_share"]),
    ("escalation: {increment: 0}", "escalation.increment", ["must be above 0"]),
]


@pytest.mark.parametrize(("plan", "key", "fragments"), BROKEN)
def test_a_plan_that_contradicts_itself_is_refused_with_the_reason(
    tmp_path: Path, plan: str, key: str, fragments: list[str]
) -> None:
    message = refusal(tmp_path, f"plan: {{{plan}}}")
    assert f"scenarios.lean.plan.{key} " in message
    for fragment in fragments:
        assert fragment in message
    assert "a problem" in message


# (the setting, what the message must say)
OUT_OF_RANGE = [
    ("eligibility: {minimum_age: 22}", ["minimum_age is 22", "from 0 to 21"]),
    ("eligibility: {service_months: 13}", ["service_months is 13", "from 0 to 12"]),
    ("eligibility: {entry_dates: weekly}", ["entry_dates is 'weekly'"]),
    ("eligibility: {hours_rule: 1000}", ["hours_rule is 1000; it must be true or false"]),
    ("adopted: 2020-02-30", ["adopted is '2020-02-30'", "YYYY-MM-DD"]),
    ("adopted: 2020", ["adopted is 2020", "YYYY-MM-DD"]),
    ("auto_enrollment: {default_rate: 4}", ["default_rate is 4", "0.03 means 3 %"]),
    ("auto_enrollment: {default_rate: 0}", ["above 0"]),
    ("auto_enrollment: {hire_cutoff: soon}", ["hire_cutoff is 'soon'"]),
    ("auto_enrollment: {opt_out: {age: [{min: 18, rate: 0}]}}", ["opt_out.age must start at 0"]),
    ("auto_enrollment: {opt_out: {age: [{min: 0, rate: 1.1}]}}", ["opt_out.age[row 1].rate is 1.1"]),
    (
        "voluntary: {pay: [{min: 0, max: 30000, multiplier: 1}, {min: 30000.01, multiplier: 1}]}",
        ["voluntary.pay rows 1 and 2 leave a gap from 30000.00 to 30000.01"],
    ),
    ("voluntary: {deferral: {spread: [{factor: 1, weight: 0}]}}", ["a weight above 0"]),
    ("match: {tiers: [{up_to: 0.03, rate: 1}, {up_to: 0.03, rate: 1}]}", ["row 2 ends at 0.03", "above row 1's 0.03"]),
    ("match: {tiers: [{up_to: 3, rate: 1}]}", ["match.tiers[row 1].up_to is 3"]),
    ("match: {tiers: [{up_to: 0.03, rate: 11}]}", ["a match may pass that"]),
    ("match: {by_service: [{min: 1, tiers: []}]}", ["must start at 0"]),
    ("match: {by_service: [{min: 0, tires: []}]}", ["did you mean tiers?"]),
    ("match: {minimum_hours: 1001}", ["from 0 to 1000"]),
    ("match: {annual_cap: -1}", ["annual_cap is -1"]),
    ("core: {by_service: [{min: 0, max: 5, rate: 0.01}]}", ["must have no end"]),
    (
        "core: {by_age: [{min: 0, max: 50, rate: 0.01}, {min: 51, rate: 0.02}]}",
        ["core.by_age rows 1 and 2 leave a gap from 50"],
    ),
    ("core: {by_age: [{min: 0, max: 50, rate: 0.01}, {min: 49, rate: 0.02}]}", ["core.by_age rows 1 and 2 overlap"]),
    ("core: {by_age: [{min: 21, rate: 0.01}]}", ["core.by_age must start at 0"]),
    ("core: {by_age: [{min: 0, rate: -0.01}]}", ["core.by_age[row 1].rate is -0.01", "from 0 to 1"]),
    ("core: {by_age: [{min: 0, max: 130, rate: 0.01}]}", ["core.by_age[row 1].max is 130", "from 1 to 120"]),
    (
        "core: {by_age: [{min: 0, rate: 0.01}], by_service: [{min: 0, rate: 0.01}]}",
        ["plan.core must go by one of by_service and by_age", "empty ([])"],
    ),
    *(
        (
            f"{source}: {{by_points: [{{min: 0, max: 50, {value}}}, {second}]}}",
            [f"{source}.by_points{fault}"],
        )
        for source, value in (("match", "tiers: []"), ("core", "rate: 0.01"))
        for second, fault in (
            (f"{{min: 49, {value}}}", " rows 1 and 2 overlap"),
            (f"{{min: 60, {value}}}", " rows 1 and 2 leave a gap from 50 to 60"),
            (f"{{min: 50, max: 60, {value}}}", " must have no end"),
            (f"{{min: -1, {value}}}", "[row 2].min is -1"),
            (f"{{min: 50.5, {value}}}", "[row 2].min is 50.5"),
        )
    ),
    (
        "core: {by_age: [{min: 0, rate: 0.01}], by_points: [{min: 0, rate: 0.01}], by_service: [{min: 0, rate: 0.01}]}",
        ["plan.core must go by one of by_service and by_age and by_points"],
    ),
    (
        "match: {by_service: [{min: 0, tiers: []}], by_points: [{min: 0, tiers: []}]}",
        ["plan.match must go by one of by_service and by_points"],
    ),
    ("match: {by_age: [{min: 0, tiers: []}]}", ["by_age"]),
    ("safe_harbor: yes", ["safe_harbor is true", "'basic'"]),
    ("vesting: {match: cliff_7}", ["vesting.match is 'cliff_7'", "cliff_3", "graded_2_6"]),
    ("vesting: {match: []}", ["must have at least one row"]),
    ("vesting: {match: [{years: 0, vested: 0.9}]}", ["must end with vested 1, and row 1 has 0.9"]),
    ("vesting: {match: [{years: 1, vested: 0.5}, {years: 1, vested: 1}]}", ["row 2 must have more years than row 1"]),
    ("vesting: {match: [{years: 1, vested: 0.5}, {years: 2, vested: 0.4}, {years: 3, vested: 1}]}", ["vest no less"]),
    ("vesting: {normal_retirement_age: 66}", ["from 50 to 65"]),
    ("forfeitures: {use: lost}", ["'carried'"]),
]


@pytest.mark.parametrize(("plan", "fragments"), OUT_OF_RANGE)
def test_a_value_out_of_range(tmp_path: Path, plan: str, fragments: list[str]) -> None:
    message = refusal(tmp_path, f"plan: {{{plan}}}")
    for fragment in ["line 5", "scenarios.lean.plan.", *fragments]:
        assert fragment in message


@pytest.mark.parametrize(
    ("settings", "fragments"),
    [
        ("cpi: 2.5", ["limits.cpi is 2.5", "0.03 means 3 %"]),
        ("overrides: {elective_deferral: {2027: 25000}}", ["did you mean elective_deferral_402g?"]),
        ("overrides: {elective_deferral_402g: 25000}", ["each holds for its own year only"]),
        ("overrides: {elective_deferral_402g: {27: 25000}}", ["entry '27: 25000'"]),
        ("overrides: {elective_deferral_402g: {2027: -1}}", ["entry '2027: -1'"]),
        ("overrides: {key_employee_416: {2027: 250000}}", ["must not set key_employee_416", "reference only", "top-heavy"]),
    ],
)
def test_a_limit_out_of_range(tmp_path: Path, settings: str, fragments: list[str]) -> None:
    message = refusal(tmp_path, f"limits: {{{settings}}}")
    for fragment in ["line 5", *fragments]:
        assert fragment in message


def test_a_year_before_every_limit_stops_the_study(tmp_path: Path) -> None:
    early = TOP.replace("2025", "2014").replace("2027", "2014")
    assert "scenarios.lean.limits have no elective_deferral_402g for 2014" in refusal(tmp_path, "", early)


def test_loan_payments_are_not_matched_before_the_law(tmp_path: Path) -> None:
    early = TOP.replace("2025", "2023")
    message = refusal(tmp_path, "plan: {match: {student_loans: {enabled: true}}}", early)
    assert "student_loans.enabled must be false in 2023" in message
    study(tmp_path, "plan: {match: {student_loans: {enabled: {2023: false, 2024: true}}}}", early)


@pytest.mark.parametrize(
    ("plan", "fragments"),
    [
        ("adopted: 2022-12-28, auto_enrollment: {enabled: false}", []),
        ("adopted: 2022-12-29, auto_enrollment: {enabled: false}", ["IRC 414A", "2022-12-29", "automatic enrolment is off"]),
        ("adopted: 2023-01-01, auto_enrollment: {scope: all_eligible}", []),
        ("adopted: 2023-01-01", ["left out (scope, hire_cutoff)"]),
        (
            "adopted: 2023-01-01, auto_enrollment: {scope: all_eligible, default_rate: 0.02}",
            ["0.02 and not from 0.03 to 0.10"],
        ),
        ("adopted: 2023-01-01, auto_enrollment: {scope: all_eligible}, escalation: {enabled: false}", ["rates do not rise"]),
        (
            "adopted: 2023-01-01, auto_enrollment: {scope: all_eligible}, escalation: {cap: 0.09}",
            ["not to between 0.10 and 0.15"],
        ),
        ("adopted: 2023-01-01, auto_enrollment: {scope: all_eligible}, escalation: {increment: 0.02}", ["not by 0.01"]),
        (
            "adopted: 2023-01-01, auto_enrollment: {scope: all_eligible, default_rate: 0.10}, escalation: {enabled: false}",
            [],
        ),
        *(
            (f"adopted: 2023-01-01, auto_enrollment: {{enabled: false}}, exemptions: {{{name}: true}}", [])
            for name in ("new_business", "small_business", "church_plan", "governmental_plan")
        ),
        # A new business is new for its first years only.
        (
            "adopted: 2024-01-01, auto_enrollment: {enabled: false}, exemptions: {new_business: {2025: true, 2027: false}}",
            ["in 2027 automatic enrolment is off"],
        ),
        # What is required is required from the plan's first year on.
        ("adopted: 2026-07-01, auto_enrollment: {scope: all_eligible, enabled: {2025: false, 2026: true}}", []),
        ("adopted: 2026-07-01, auto_enrollment: {enabled: false}", ["from 2026 on", "in 2026 automatic enrolment is off"]),
        ("eligibility: {hours_rule: true, long_term_part_time: false}", ["401(k)(2)(D)(ii)", "collectively bargained"]),
        ("eligibility: {hours_rule: true}", []),
        ("safe_harbor: qaca_match, vesting: {match: cliff_2}", ["401(k)(13)(C)(iv)", "new_hires"]),
        (f"{QACA_MATCH[:-1]}, window_days: 61}}", []),
        (f"{QACA_MATCH[:-1]}, window_days: 62}}", ["401(k)(13)(E)", "window_days is 62"]),
        ("core: {by_age: [{min: 0, max: 40, rate: 0.02}, {min: 40, rate: 0.02}]}", []),
        *(
            (
                f"core: {{by_{dimension}: [{{min: 0, max: 40, rate: 0.02}}, {{min: 40, rate: 0.03}}]}}",
                ["IRC 401(a)(4)", f"by {dimension} is no uniform formula", "general test", "-8(b)"],
            )
            for dimension in ("age", "service", "points")
        ),
        *(
            (
                f"match: {{by_{dimension}: [{{min: 0, max: 40, tiers: []}}, {{min: 40, tiers: [{{up_to: 1, rate: 1}}]}}]}}",
                ["IRC 401(a)(4)", f"a match by {dimension}", "-4(e)(3)(iii)(G)", "-4(b), -4(c)"],
            )
            for dimension in ("service", "points")
        ),
    ],
)
def test_what_the_law_asks_beside_the_design_is_a_warning(tmp_path: Path, plan: str, fragments: list[str]) -> None:
    warnings = study(tmp_path, f"plan: {{{plan}}}").warnings
    assert len(warnings) == (1 if fragments else 0)
    for fragment in fragments:
        assert fragment in warnings[0]
    assert all(warning.startswith("scenarios.lean: IRC ") for warning in warnings)


def test_mandatory_enrollment_begins_in_2025(tmp_path: Path) -> None:
    early = TOP.replace("2025", "2023").replace("2027", "2024")
    plan = "plan: {adopted: 2023-01-01, auto_enrollment: {enabled: false}}"
    assert study(tmp_path, plan, early).warnings == ()


def test_a_flag_may_change_by_year(tmp_path: Path) -> None:
    plan = study(tmp_path, "plan: {auto_enrollment: {enabled: {2025: false, 2027: true}}}").scenarios["lean"].plan
    enabled = plan.auto_enrollment.enabled
    assert isinstance(enabled, ByYear)
    assert [enabled.at(year) for year in (2025, 2026, 2027)] == [False, False, True]
