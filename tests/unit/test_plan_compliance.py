"""Who is highly compensated, and what is too much in a failed test, beside the oracle and worked examples."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import duckdb
import pytest

from planwise_assets.results.excess import read_future
from tests.oracle import plan_oracle
from tests.unit.macro_text import sql
from tests.unit.plan_world import Person, plan_year, table

NEW_YEAR = date(2026, 1, 1)


def person(name: str, rate: float = 0, **opening: Any) -> Person:
    """Somebody paid 100,000.00 all year, in their 45th."""
    return Person(name, [(NEW_YEAR, 10_000_000)], [(NEW_YEAR, round(rate * 1_000_000))], opening=opening)


def highly_compensated(people: list[Person], **design: Any) -> dict[str, str]:
    """Return the reason of everybody who is."""
    connection = plan_year(people, design=design)
    return dict(connection.execute("select employee_id, hce_reason from int_highly_compensated").fetchall())


def results_of(connection: duckdb.DuckDBPyConnection, prior: Iterable[Mapping[str, Any]] = ()) -> dict[str, dict[str, Any]]:
    """Return the rows of fct_nondiscrimination_tests by test, after a year with the rows `prior`."""
    table(connection, "prior_fct_nondiscrimination_tests", prior)
    cursor = connection.execute(sql("models/final_output/fct_nondiscrimination_tests.sql"))
    names = [column[0] for column in cursor.description or ()]
    return {row[names.index("test")]: dict(zip(names, row, strict=True)) for row in cursor.fetchall()}


def test_highly_compensated_by_last_years_pay_or_by_ownership() -> None:
    """IRC 414(q)(1): more than 160,000 in 2025 for 2026; a 5 % owner this or last year, whatever the pay."""
    people = [
        person("at the threshold", prior_paid_cents=16_000_000),
        person("above", prior_paid_cents=16_000_001),
        person("owner", owner_5pct=True),
        person("was an owner", was_owner_5pct=True),
        Person("hired", [(date(2026, 3, 1), 90_000_000)], [(date(2026, 3, 1), 0)]),
    ]
    assert highly_compensated(people) == {"above": "pay", "owner": "owner", "was an owner": "owner"}


def test_the_top_paid_fifth() -> None:
    """IRC 414(q)(3): of 11 people one works 10 hours a week and does not count: a fifth of 10. Owners are beside it."""
    paid = [person(f"P{number:02}", prior_paid_cents=20_000_000 - number) for number in range(9)]
    part_timer = Person("T", [(NEW_YEAR, 1)], [(NEW_YEAR, 0)], hours=10, opening={"prior_paid_cents": 30_000_000})
    people = [*paid, part_timer, person("owner", prior_paid_cents=100, owner_5pct=True)]
    assert highly_compensated(people, top_paid_group=True) == {"T": "pay", "P00": "pay", "owner": "owner"}
    assert len(highly_compensated(people)) == 11


def test_who_left_last_year_counts_for_the_fifth_and_has_a_place() -> None:
    """IRC 414(q)(3), Treas. Reg. 1.414(q)-1T, A-9: of 100 people 24 earned above the threshold, and the four best paid left.

    A fifth is 20, of whom 16 are still here. Were the leavers forgotten, a fifth of 96 would be 19.
    """
    here = [person(f"P{number:02}", prior_paid_cents=20_000_000 - number) for number in range(20)]
    others = [person(f"N{number:02}", prior_paid_cents=5_000_000) for number in range(76)]
    facts = {"world_id": 1, "birth_date": date(1980, 6, 15), "service_date": date(2015, 3, 1)}
    gone = {"last_day": date(2025, 6, 30), "scheduled_hours_per_week": 40, "prior_paid_cents": 30_000_000}
    left = [facts | gone | {"employee_id": f"L{number}", "identity_key": 1_000 + number} for number in range(4)]
    connection = plan_year([*here, *others], design={"top_paid_group": True}, left=left)
    found = connection.execute("select employee_id from int_highly_compensated order by employee_id").fetchall()
    assert [who for (who,) in found] == [f"P{number:02}" for number in range(16)]


def test_everyone_eligible_is_tested() -> None:
    """Leavers and those who defer nothing are in the average, long-term part-timers are not; catch-up is out."""
    people = [
        person("H", 0.1, prior_paid_cents=20_000_000),
        person("N1", 0.05),
        person("N2"),
        Person("gone", [(NEW_YEAR, 10_000_000)], [(NEW_YEAR, 40_000)], exit=date(2026, 2, 1)),
        Person("part", [(NEW_YEAR, 10_000_000)], [(NEW_YEAR, 200_000)], reason="long_term_part_time"),
    ]
    adp = results_of(plan_year(people))["ADP"]
    assert (adp["hce_count"], adp["nhce_count"]) == (1, 3)
    assert (float(adp["hce_rate"]), float(adp["nhce_rate"]), float(adp["threshold"])) == (0.1, 0.03, 0.05)
    # the one ratio of 10 % is too much by 5 % of 100,000.00
    assert (adp["passed"], float(adp["excess_amount"])) == (False, 5_000)


@pytest.mark.parametrize(
    ("others", "threshold"), [(0, 0), (0.01, 0.02), (0.02, 0.04), (0.05, 0.07), (0.08, 0.1), (0.1, 0.125)]
)
def test_the_threshold_beside_the_average_of_the_others(others: float, threshold: float) -> None:
    """IRC 401(k)(3)(A)(ii): the larger of 1.25 x it and the smaller of 2 x it and it + 2 points; at it one passes."""
    at, above = (
        results_of(plan_year([person("H", rate, prior_paid_cents=20_000_000), person("N", others)]))["ADP"]
        for rate in (threshold, threshold + 0.0001)
    )
    assert (float(at["nhce_rate"]), float(at["threshold"])) == (others, threshold)
    assert (at["passed"], above["passed"]) == (True, False)


def test_pay_is_limited_in_the_tests() -> None:
    """IRC 401(a)(17): 500,000 counts as 360,000. 24,500 of it is 6.81 %, the match of 14,400 is 4 %."""
    rich = Person("H", [(NEW_YEAR, 50_000_000)], [(NEW_YEAR, 100_000)], opening={"prior_paid_cents": 50_000_000})
    tests = results_of(plan_year([rich, person("N", 0.05)]))
    assert float(tests["ADP"]["hce_rate"]) == 0.0681
    assert (float(tests["ACP"]["hce_rate"]), float(tests["ACP"]["nhce_rate"])) == (0.04, 0.04)


def test_the_testing_methods() -> None:
    """By last year's average (3 % in a first year, IRC 401(k)(3)(E)) 6 % fails; a safe harbor is exempt, its rates shown."""
    people = [person("H", 0.06, prior_paid_cents=20_000_000), person("N", 0.06)]
    by_prior = results_of(plan_year(people, design={"testing_method": "prior"}))["ADP"]
    assert (by_prior["method"], float(by_prior["nhce_rate"]), float(by_prior["nhce_rate_this_year"])) == (
        "prior",
        0.03,
        0.06,
    )
    assert (float(by_prior["threshold"]), by_prior["passed"]) == (0.05, False)
    exempt = results_of(
        plan_year([person("H", 0.1, prior_paid_cents=20_000_000), person("N")], design={"safe_harbor": "basic"})
    )
    assert (exempt["ADP"]["method"], exempt["ADP"]["passed"], float(exempt["ADP"]["hce_rate"])) == ("safe_harbor", True, 0.1)


@pytest.mark.parametrize(
    ("adopted", "nhce_before", "nhce_rate", "passed"),
    [(date(2026, 7, 1), None, 0.03, False), (date(2025, 7, 1), 0.06, 0.06, True), (date(2025, 7, 1), None, None, True)],
)
def test_the_first_year_of_a_plan_adopted_in_the_simulation(
    adopted: date, nhce_before: float | None, nhce_rate: float | None, passed: bool
) -> None:
    """IRC 401(k)(3)(E): nobody was eligible before the plan: 3 %. Later last year's, of nobody if there was nobody."""
    people = [person("H", 0.06, prior_paid_cents=20_000_000), person("N", 0.06)]
    connection = plan_year(people, design={"testing_method": "prior", "adopted": adopted})
    scenario, seed = connection.execute("select scenario_id, seed from stg_worlds").fetchall()[0]
    prior = [{"scenario_id": scenario, "seed": seed, "test": "ADP", "nhce_rate_this_year": nhce_before}]
    adp = results_of(connection, prior)["ADP"]
    assert (adp["nhce_rate"] if nhce_rate is None else float(adp["nhce_rate"])) == nhce_rate
    assert adp["passed"] is passed


@pytest.mark.parametrize("only", ["H", "N"])
def test_nobody_on_either_side_passes(only: str) -> None:
    paid: Mapping[str, int] = {"prior_paid_cents": 20_000_000} if only == "H" else {}
    tests = results_of(plan_year([person("A", 0.2, **paid)]))
    assert tests["ADP"]["passed"]
    assert tests["ACP"]["passed"]


@pytest.mark.parametrize("seed", range(20))
def test_excess_by_leveling_agrees_with_the_oracle(seed: int) -> None:
    """To a cent a person: the SQL lowers to a level in millionths, the oracle to the exact one."""
    chance = random.Random(seed)
    highly = [
        Person(
            f"H{n}",
            [(NEW_YEAR, chance.randrange(10_000_000, 24_000_000))],
            [(NEW_YEAR, 10_000 * chance.randrange(11))],
            opening={"prior_paid_cents": 20_000_000},
        )
        for n in range(chance.randrange(1, 9))
    ]
    others = [person(f"N{n}", 0.01 * chance.randrange(6)) for n in range(chance.randrange(1, 9))]
    connection = plan_year([*highly, *others])
    adp = results_of(connection)["ADP"]
    ratios = connection.execute("""
        select employee_contribution_cents, plan_compensation_cents from int_employee_contributions
        where starts_with(employee_id, 'H')
    """).fetchall()
    whole = [(Fraction(plan_oracle.half_up(Fraction(10_000 * d, pay)), 10_000), pay) for d, pay in ratios]
    average = Fraction(plan_oracle.half_up(10_000 * sum((r for r, _ in whole), Fraction(0)) / len(whole)), 10_000)
    assert average == Fraction(adp["hce_rate"])
    nhce = Fraction(adp["nhce_rate"])
    threshold = max(nhce * Fraction(5, 4), min(nhce * 2, nhce + Fraction(2, 100)))
    assert Fraction(adp["threshold"]) == threshold
    assert adp["passed"] is (average <= threshold)
    expected = Fraction(0)
    if average > threshold:
        expected = plan_oracle.leveled_excess(whole, Fraction(int(threshold * 10_000), 10_000))
    assert abs(Fraction(adp["excess_amount"]) * 100 - expected) <= sum(pay for _, pay in whole) * Fraction(1, 10**6) + len(
        whole
    )


# --- whose the excess is -------------------------------------------------------------------------------------------

#: Amounts and excess in dollars, and what is whose.
PUBLISHED = {
    # BenefitsLink, 401(k) message board, question 30 of 4 June 1998: 3, 5, 3 and 7 % at a ceiling of 3.7 %.
    "question 30": ({"A": 4_500, "B": 7_000, "C": 3_000, "D": 6_300}, 3_180, {"B": 1_940, "D": 1_240}),
    # By hand, by Treas. Reg. 1.401(k)-2(b)(2)(iii): 6 % of 200,000 and 7 % of 128,000 at a ceiling of 5 %.
    "two by hand": ({"A": 12_000, "B": 8_960}, 4_560, {"A": 3_800, "B": 760}),
    # By hand: one gives alone; all give, the lowest last.
    "one alone": ({"A": 10_000, "B": 9_000}, 500, {"A": 500}),
    "everybody": ({"A": 10_000, "B": 9_000, "C": 1_000}, 20_000, {"A": 10_000, "B": 9_000, "C": 1_000}),
}


@pytest.mark.parametrize("case", PUBLISHED)
def test_the_oracle_levels_dollars_as_published(case: str) -> None:
    amounts, excess, whose = PUBLISHED[case]
    assert plan_oracle.dollar_leveled(amounts, excess) == whose


def excess_of(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, int]]:
    """Return the cents of everybody's excess by test, from the tests of the year and what its snapshot would show."""
    for name, query in {
        "fct_nondiscrimination_tests": sql("models/final_output/fct_nondiscrimination_tests.sql"),
        "fct_workforce_snapshot": _SNAPSHOT,
        "fct_yearly_events": _NO_EVENTS,
    }.items():
        connection.execute(f"create or replace table {name} as {query}")
    found: dict[str, dict[str, int]] = {}
    for one in read_future(connection, "baseline", 42):
        found.setdefault(one.test, {})[one.employee] = int(one.excess * 100)
    return found


_SNAPSHOT = """
    select
        scenario_id, seed, worlds.simulation_year, employee_id, is_hce, true as is_eligible,
        employee.employee_contribution_cents / 100 as employee_contribution,
        employee.catch_up_cents / 100 as catch_up_contribution,
        employer.match_cents / 100 as employer_match
    from int_tested_members as tested
    inner join stg_worlds as worlds using (world_id)
    inner join int_employee_contributions as employee using (world_id, employee_id)
    inner join int_employer_contributions as employer using (world_id, employee_id)
"""
_NO_EVENTS = """
    select
        'baseline' as scenario_id, 42 as seed, 2026 as simulation_year, '' as employee_id, '' as event_type,
        '' as event_category
    where false
"""


def earner(name: str, paid: int, rate: float, **opening: Any) -> Person:
    """Somebody paid so many dollars at a deferral rate."""
    return Person(name, [(NEW_YEAR, paid * 100)], [(NEW_YEAR, round(rate * 1_000_000))], opening=opening)


@pytest.mark.parametrize("case", ["question 30", "two by hand"])
def test_the_published_cases_from_pay_and_deferrals(case: str) -> None:
    """From ratios to the excess in all and on to the person, with nobody matched."""
    highly = {
        "question 30": [("A", 150_000, 0.03), ("B", 140_000, 0.05), ("C", 100_000, 0.03), ("D", 90_000, 0.07)],
        "two by hand": [("A", 200_000, 0.06), ("B", 128_000, 0.07)],
    }[case]
    others = 0.0185 if case == "question 30" else 0.03
    people = [
        *(earner(name, paid, rate, prior_paid_cents=20_000_000) for name, paid, rate in highly),
        earner("N", 50_000, others),
    ]
    connection = plan_year(people, match=[])
    _, excess, whose = PUBLISHED[case]
    table(connection, "prior_fct_nondiscrimination_tests", [])
    assert excess_of(connection) == {"ADP": {who: dollars * 100 for who, dollars in whose.items()}}
    assert float(results_of(connection)["ADP"]["excess_amount"]) == excess


def test_where_all_is_passed_nobody_has_excess() -> None:
    connection = plan_year([person("H", 0.05, prior_paid_cents=20_000_000), person("N", 0.05)])
    table(connection, "prior_fct_nondiscrimination_tests", [])
    assert excess_of(connection) == {}


@pytest.mark.parametrize("seed", range(20))
def test_whose_the_excess_is_agrees_with_the_oracle(seed: int) -> None:
    """In all it is the published excess, each to a cent; amounts that are equal are lowered to within a cent."""
    chance = random.Random(seed)
    highly = [
        earner(f"H{n}", chance.randrange(100_000, 240_000), 0.01 * chance.randrange(11), prior_paid_cents=20_000_000)
        for n in range(chance.randrange(2, 9))
    ]
    connection = plan_year([*highly, earner("N", 50_000, 0.01 * chance.randrange(3))])
    table(connection, "prior_fct_nondiscrimination_tests", [])
    found, tests = excess_of(connection), results_of(connection)
    for test, amount in (("ADP", "employee_contribution - catch_up_contribution"), ("ACP", "employer_match")):
        query = f"select employee_id, cast(({amount}) * 100 as bigint) from fct_workforce_snapshot where is_hce"
        amounts = dict(connection.execute(query).fetchall())
        excess = 0 if tests[test]["passed"] else int(tests[test]["excess_amount"] * 100)
        own, expected = found.get(test, {}), plan_oracle.dollar_leveled(amounts, excess)
        assert sum(own.values()) == min(excess, sum(amounts.values()))
        assert all(abs(own.get(who, 0) - cents) < 1 for who, cents in expected.items())
        assert own.keys() <= expected.keys()
