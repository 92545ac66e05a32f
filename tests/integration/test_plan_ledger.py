"""The plan's money end to end: five simulated years, person by person, beside an oracle that reads events and settings.

Where the expected numbers come from: `tests/oracle/plan_ledger.py`, fed with the census, fct_yearly_events and the plans as
`four_plans.py` writes them in the oracle's own terms; limits from the notices, and from the statutes' rule for 2027 to 2029.
Nothing of it comes from the product's SQL. The people are made so that limits, catch-up, owners, exclusions, part-timers
and 29 February are all met.
"""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from planwise_assets.results.excess import read_future
from tests.harness import Simulation
from tests.integration.four_plans import FORFEITURE_USE, SCENARIOS, YEARS, four_plans, limits, opening, rules
from tests.oracle import pay_oracle, plan_ledger, plan_oracle
from tests.oracle.plan_oracle import half_up

__all__ = ["four_plans"]

Ledger = dict[str, dict[int, dict[str, plan_ledger.PersonYear]]]


@pytest.fixture(scope="module")
def expected(four_plans: Simulation) -> Ledger:
    """By scenario and year, everybody's year: from the census and fct_yearly_events, in no particular order."""
    pay: dict[str, dict[int, list[pay_oracle.Event]]] = defaultdict(lambda: defaultdict(list))
    plan: dict[str, dict[int, list[plan_ledger.Event]]] = defaultdict(lambda: defaultdict(list))
    for scenario, year, who, kind, category, day, level, cents, rate, details in four_plans.query(
        """
        select scenario_id, simulation_year, employee_id, event_type, event_category, effective_date, level_after,
            cast(compensation_after * 100 as bigint), cast(deferral_rate_after * 1000000 as bigint), event_details
        from fct_yearly_events order by hash(event_id)
        """
    ):
        pay[scenario][year].append(pay_oracle.Event(who, kind, day, level, cents if kind == "hire" else None, details))
        chosen = rate if kind == "enrollment" else None
        plan[scenario][year].append(plan_ledger.Event(who, kind, category, day, chosen, details))
    return {
        scenario: dict(plan_ledger.ledger(*opening(), pay[scenario], plan[scenario], own))
        for scenario, own in rules().items()
    }


# --- everybody -----------------------------------------------------------------------------------------------------

#: A column of fct_workforce_snapshot (money in cents, shares in millionths), and the same of the ledger.
MONEY = {
    "employee_contribution": "contribution",
    "catch_up_contribution": "catch_up",
    "roth_catch_up_contribution": "roth_catch_up",
    "plan_compensation": "plan_compensation",
    "employer_match": "match",
    "true_up": "true_up",
    "employer_core": "core",
    "match_potential": "potential",
    "limit_reached": "limit_reached",
}
STATE = {
    "paid_compensation": "paid",
    "eligibility_date": "eligible_from",
    "deferral_rate": "rate",
    "termination_date": "exit",
    "cumulative_match": "cumulative_match",
    "cumulative_core": "cumulative_core",
    "match_vested_percent": "match_vested",
    "core_vested_percent": "core_vested",
    "forfeited_match": "forfeited_match",
    "forfeited_core": "forfeited_core",
    "is_hce": "is_hce",
}
RATES = {"deferral_rate": 1_000_000, "match_vested_percent": 10_000, "core_vested_percent": 10_000}


def whole(column: str, value: Any) -> Any:
    """A published value in the ledger's units, exactly."""
    if not isinstance(value, Decimal):
        return value
    units = value * RATES.get(column, 100)
    assert units == int(units), (column, value)
    return int(units)


def as_published(row: plan_ledger.PersonYear) -> dict[str, Any]:
    """What the ledger expects of a row of the snapshot; who was never eligible in the year has a plan of zeros."""
    return {
        **{column: getattr(row, name) for column, name in STATE.items()},
        **{
            column: getattr(row.money, name) if row.money else (False if column == "limit_reached" else 0)
            for column, name in MONEY.items()
        },
        "is_eligible": row.eligible_from is not None,
        "is_enrolled": row.rate > 0,
        "enrollment_date": row.enrolled[0],
        "enrollment_source": row.enrolled[1],
    }


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_everybodys_year_agrees_to_the_cent(four_plans: Simulation, expected: Ledger, scenario: str) -> None:
    compared = 0
    for year in YEARS:
        own = {who: as_published(row) for who, row in expected[scenario][year].items()}
        columns = list(next(iter(own.values())))
        published = {
            who: {column: whole(column, value) for column, value in zip(columns, values, strict=True)}
            for who, *values in four_plans.query(
                f"select employee_id, {', '.join(columns)} from fct_workforce_snapshot"
                " where scenario_id = ? and simulation_year = ?",
                [scenario, year],
            )
        }
        assert published.keys() == own.keys()
        differences = [
            (who, {column: (own[who][column], published[who][column]) for column in columns
                   if own[who][column] != published[who][column]})
            for who in own if own[who] != published[who]
        ]  # fmt: skip
        assert not differences, (year, len(differences), differences[:3])
        compared += len(own)
    assert compared > 1_800


def test_what_the_people_met(expected: Ledger) -> None:
    """The agreement is worth what it was tried on: every rule of money met by several people."""
    years = [(scenario, year, row) for scenario in expected for year in YEARS for row in expected[scenario][year].values()]
    eligible = [(scenario, year, row, row.money) for scenario, year, row in years if row.money]
    tried = {
        "never eligible": sum(row.money is None for *_, row in years),
        "long-term part-time": sum(row.reason == "long_term_part_time" for *_, row in years),
        "catch-up": sum(money.catch_up > 0 for *_, money in eligible),
        "catch-up of 60 to 63": sum(
            money.catch_up > (limits(year)["catch_up_cents"] or 0) for _, year, _, money in eligible
        ),
        "Roth catch-up": sum(money.roth_catch_up > 0 for *_, money in eligible),
        "no Roth, no catch-up": sum(
            scenario == "by_period" and year >= 2028 and money.limit_reached and money.catch_up == 0
            for scenario, year, _, money in eligible
        ),
        "pay limited": sum(money.plan_compensation == limits(year)["compensation_cents"] for _, year, _, money in eligible),
        "bonus": sum(row.beside[0] > 0 for *_, row in years),
        "overtime": sum(row.beside[1] > 0 for *_, row in years),
        "true-up": sum(money.true_up > 0 for *_, money in eligible),
        "match lost by period": sum(money.losses[3] > 0 for scenario, *_, money in eligible if scenario == "by_period"),
        "capped match": sum(money.match == 8_000_00 for scenario, *_, money in eligible if scenario == "integrated"),
        "conditions not met": sum(money.losses[2] > 0 for *_, money in eligible),
        "integrated core": sum(
            scenario == "integrated" and money.plan_compensation > (limits(year)["social_security_wage_base_cents"] or 0)
            for scenario, year, _, money in eligible
        ),
        "cut by 415": sum(money.excess_415 > 0 for *_, money in eligible),
        "partly vested at exit": sum(
            row.exit is not None and not {row.match_vested, row.core_vested} <= {0, 1_000_000} for *_, row in years
        ),
        "match forfeited": sum(row.forfeited_match > 0 for *_, row in years),
        "core forfeited": sum(row.forfeited_core > 0 for *_, row in years),
        "cumulative over years": sum(
            row.forfeited_match > row.money.match > 0 for *_, row in years if row.money is not None
        ),
        "highly compensated": sum(row.is_hce for *_, row in years),
        "joined again": sum(row.enrolled[1] == "later" for *_, row in years),
    }
    print(tried)
    assert min(tried.values()) >= 5, tried


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_forfeitures_are_events_with_what_they_are_of(four_plans: Simulation, expected: Ledger, scenario: str) -> None:
    found = four_plans.query(
        """
        select simulation_year, employee_id, event_category, effective_date, event_details
        from fct_yearly_events where scenario_id = ? and event_type = 'forfeiture'
        """,
        [scenario],
    )

    def details(cumulative: int, forfeited: int, vested: int) -> dict[str, Decimal]:
        return {
            "cumulative": Decimal(cumulative) / 100,
            "forfeited": Decimal(forfeited) / 100,
            "vested": Decimal(vested) / 1_000_000,
        }

    own = {
        (year, who, source, row.exit): details(*money)
        for year, rows in expected[scenario].items()
        for who, row in rows.items()
        for source, money in {
            "match": (row.cumulative_match, row.forfeited_match, row.match_vested),
            "core": (row.cumulative_core, row.forfeited_core, row.core_vested),
        }.items()
        if money[1] > 0
    }
    published = {tuple(key): {name: Decimal(value) for name, value in json.loads(text).items()} for *key, text in found}
    assert len(published) == len(found)
    assert published == own


# --- the company ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_plans_cost_is_the_sum_of_the_people(four_plans: Simulation, expected: Ledger, scenario: str) -> None:
    """With forfeitures used against the employer's money of the year, of the next year, or for expenses at once."""
    carried = 0
    for year in YEARS:
        rows = list(expected[scenario][year].values())
        money = [row.money for row in rows if row.money]
        active = [row for row in rows if row.exit is None and row.money]
        contributing = [row.rate for row in active if row.rate]
        arising = sum(row.forfeited_match + row.forfeited_core for row in rows)
        employer = sum(one.match + one.core for one in money)
        use = FORFEITURE_USE[scenario]
        used = {
            "employer_contributions": min(carried + arising, employer),
            "carried": min(carried, employer),
            "expenses": arising,
        }[use]
        cost = employer - (0 if use == "expenses" else used)
        payroll = sum(row.paid for row in rows)
        carried += arising - used
        own = {
            "headcount_closing": sum(row.exit is None for row in rows),
            "terminations": sum(row.exit is not None for row in rows),
            "payroll": payroll,
            "eligible": len(active),
            "participants": len(contributing),
            "participation_rate": half_up(Fraction(len(contributing) * 1_000_000, len(active))),
            "average_deferral_rate": half_up(Fraction(sum(contributing), len(contributing))),
            "employee_contributions": sum(one.contribution for one in money),
            "catch_up_contributions": sum(one.catch_up for one in money),
            "employer_match": sum(one.match for one in money),
            "true_up": sum(one.true_up for one in money),
            "employer_core": sum(one.core for one in money),
            "match_potential": sum(one.potential for one in money),
            **{
                f"match_lost_{what}": sum(one.losses[number] for one in money)
                for number, what in enumerate(("not_enrolled", "low_deferral", "conditions", "limits"))
            },
            "forfeitures_arising": arising,
            "forfeitures_used": used,
            "forfeitures_carried": carried,
            "net_employer_cost": cost,
            # A percentage, to the sixth digit.
            "cost_percent_of_payroll": half_up(Fraction(cost * 100 * 1_000_000, payroll)),
        }
        (published,) = four_plans.query(
            f"select {', '.join(own)} from fct_plan_cost where scenario_id = ? and simulation_year = ?", [scenario, year]
        )
        rates = ("participation_rate", "average_deferral_rate", "cost_percent_of_payroll")
        found = {
            name: int(value * 1_000_000) if name in rates else whole(name, value)
            for name, value in zip(own, published, strict=True)
        }
        assert found == own, year
        # In 2027 half of the company is let go, a partial termination: nobody forfeits anything.
        assert (arising > 0) != ((scenario, year) == ("integrated", 2027))
    assert (carried > 0) is (scenario == "by_period")


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_nondiscrimination_tests_agree(four_plans: Simulation, expected: Ledger, scenario: str) -> None:
    """ADP and ACP over the ledger's people; the excess to a cent a person, because the SQL's levels are millionths."""
    nhce_before = {"ADP": Fraction(3, 100), "ACP": Fraction(3, 100)}
    ((seed,),) = four_plans.query("select distinct seed from fct_nondiscrimination_tests")
    with four_plans.connect() as connection:
        excesses = read_future(connection, scenario, seed)
    for year in YEARS:
        rows = expected[scenario][year].values()
        for test in ("ADP", "ACP"):
            before = nhce_before[test] if scenario == "by_period" else None
            own = plan_ledger.judged(rows, test, before, exempt=scenario == "safe_harbor")
            assert own.nhce_rate_this_year is not None
            nhce_before[test] = own.nhce_rate_this_year
            ((method, *found, excess),) = four_plans.query(
                """
                select method, hce_count, nhce_count, hce_rate, nhce_rate, nhce_rate_this_year, threshold, passed,
                    excess_amount
                from fct_nondiscrimination_tests where scenario_id = ? and simulation_year = ? and test = ?
                """,
                [scenario, year, test],
            )
            assert method == {"by_period": "prior", "safe_harbor": "safe_harbor"}.get(scenario, "current")
            found = [Fraction(value) if isinstance(value, Decimal) else value for value in found]
            assert found == [
                own.hce_count,
                own.nhce_count,
                own.hce_rate,
                own.nhce_rate,
                own.nhce_rate_this_year,
                own.threshold,
                own.passed,
            ], (year, test)
            pay = sum(row.money.plan_compensation for row in rows if row.money and row.is_hce)
            assert abs(Fraction(excess) * 100 - own.excess) <= pay * Fraction(1, 10**6) + own.hce_count
            assert (excess > 0) is not own.passed
            amounts = {
                who: row.money.contribution - row.money.catch_up if test == "ADP" else row.money.match
                for who, row in expected[scenario][year].items()
                if row.money and row.is_hce and row.reason != "long_term_part_time"
            }
            whose = plan_oracle.dollar_leveled(amounts, 0 if own.passed else int(excess * 100))
            published = {one.employee: int(one.excess * 100) for one in excesses if (one.year, one.test) == (year, test)}
            assert sum(published.values()) == sum(whose.values())
            assert published.keys() <= whose.keys()
            assert all(abs(published.get(who, 0) - cents) < 1 for who, cents in whose.items())


def test_some_tests_fail_and_some_pass(four_plans: Simulation) -> None:
    outcomes = four_plans.query("select distinct test, passed from fct_nondiscrimination_tests order by all")
    assert set(outcomes) >= {("ACP", True), ("ADP", False), ("ADP", True)}


def test_nobody_passes_415(four_plans: Simulation, expected: Ledger) -> None:
    """Regular deferrals and employer money are at most the limit and pay; what was cut is the published excess."""
    for scenario, own in rules().items():
        for year in YEARS:
            money = [row for row in expected[scenario][year].values() if row.money]
            for row in money:
                assert row.money is not None
                added = row.money.contribution - row.money.catch_up + row.money.match + row.money.core
                assert added <= min(own.limits(year)["annual_additions_cents"], row.paid)
            ((passed, excess),) = four_plans.query(
                "select passed, excess_amount from fct_nondiscrimination_tests"
                " where test = '415' and scenario_id = ? and simulation_year = ?",
                [scenario, year],
            )
            assert passed
            assert excess * 100 == sum(row.money.excess_415 for row in money if row.money)


# --- the oracle itself ---------------------------------------------------------------------------------------------


def test_the_limits_are_those_of_the_law() -> None:
    """For 2027 the values that shared research gives at 2.5 %; no limit falls."""
    assert [limits(2027)[name] for name in ("elective_deferral_cents", "catch_up_cents", "catch_up_60_63_cents")] == [
        25_000_00, 8_000_00, 11_750_00,
    ]  # fmt: skip
    assert [limits(2027)[name] for name in ("annual_additions_cents", "compensation_cents")] == [74_000_00, 370_000_00]
    assert limits(2028)["hce_compensation_cents"] == 165_000_00


def test_the_ledger_on_a_life_worked_by_hand() -> None:
    """60,000 a year at 5 %, matched 100 % to 3 % and 50 % to 5 %, hired on 1 July 2023, gone on 1 July 2026.

    2025: the match is 2,400. 2026: 182 of 365 days pay 29,917.81, 5 % of that is 1,495.89, and the match is
    897.53 + 299.18 = 1,196.71. With 1,000 from before that is 4,596.71, vested 40 % after 3 years: 1,838.68, and 2,758.03
    stay behind. A day earlier it is 181 days, 29,753.42, matched 1,190.14: 4,590.14, of which 20 % is 918.03, and 3,672.11
    stay behind.
    """

    def left_behind(day: date, balance: int = 1_000_00) -> plan_ledger.PersonYear:
        person = pay_oracle.Person(date(1990, 5, 5), date(2023, 7, 1), date(2023, 7, 1), 1, 60_000_00)
        member = plan_ledger.Member(Fraction(40), eligible_from=date(2023, 7, 1), rate=50_000, match=balance)
        gone = pay_oracle.Event("A", "termination", day, None, None, "{}")
        years = plan_ledger.ledger({"A": person}, {"A": member}, {2025: [], 2026: [gone]}, {2025: [], 2026: []}, by_law)
        return dict(years)[2026]["A"]

    by_law = rules()["true_up"]
    on_the_day, before = left_behind(date(2026, 7, 1)), left_behind(date(2026, 6, 30))
    assert (on_the_day.cumulative_match, on_the_day.match_vested, on_the_day.forfeited_match) == (
        4_596_71,
        400_000,
        2_758_03,
    )
    assert (before.cumulative_match, before.match_vested, before.forfeited_match) == (4_590_14, 200_000, 3_672_11)
    assert left_behind(date(2026, 7, 1), 1_000_01) != on_the_day
