"""Why a figure moved, where the answer is known: one thing changes, and its driver is all of it.

Two sides of an invented company, in the published columns that the drivers read. Expected is the whole difference by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import duckdb
import pytest

from planwise_assets.results.driver_queries import Side, driver_sql
from planwise_assets.results.drivers import Explained, explain

Person = dict[str, Any]

X, Y = Side("before", 2025), Side("after", 2025)
SEEDS = (1, 2)


def company() -> list[Person]:
    """Seven people with pay, match and core that nothing divides evenly; two of them do not contribute."""
    people = []
    for number in range(7):
        paid = Decimal(4_000_037 + 1_234_567 * number) / 100
        contributes = number % 3 != 2
        potential = (paid * 4 / 100).quantize(Decimal("0.01"))
        people.append(
            {
                "employee_id": f"E{number}",
                "employment_status": "active",
                "hire_date": date(2020, 1, 1),
                "termination_date": None,
                "paid_compensation": paid,
                "plan_compensation": paid,
                "match_potential": potential,
                "employee_contribution": Decimal(100 * contributes),
                "employer_match": (potential * number / 10 if contributes else Decimal(0)).quantize(Decimal("0.01")),
                "employer_core": (paid * 3 / 100).quantize(Decimal("0.01")),
                "limit_reached": False,
                "is_eligible": True,
                "is_enrolled": contributes,
            }
        )
    return people


def explained(before: list[Person], after: list[Person], forfeited: tuple[int, int] = (0, 0)) -> dict[str, Explained]:
    """What moved, and that it adds up; both seeds have the same people."""
    with duckdb.connect() as connection:
        columns = ", ".join(f"{name} {_TYPES.get(type(value), 'varchar')}" for name, value in before[0].items())
        connection.execute(
            f"create table fct_workforce_snapshot (scenario_id varchar, seed bigint, simulation_year int, {columns})"
        )
        connection.execute(_COST)
        for side, people, used in ((X, before, forfeited[0]), (Y, after, forfeited[1])):
            for seed in SEEDS:
                rows = [[side.scenario, seed, side.year, *person.values()] for person in people]
                connection.executemany(f"insert into fct_workforce_snapshot values ({', '.join('?' * len(rows[0]))})", rows)
                paid, match, core = (
                    sum(person[name] for person in people)
                    for name in ("paid_compensation", "employer_match", "employer_core")
                )
                cost = [side.scenario, seed, side.year, paid, match, core, match + core - used]
                connection.execute("insert into fct_plan_cost values (?, ?, ?, ?, ?, ?, ?)", cost)
        found = explain(connection, X, Y, SEEDS)
        for figure, explanation in found.items():
            assert sum(explanation.drivers.values(), Fraction(0)) == explanation.after - explanation.before
            for driver, value in explanation.drivers.items():
                if figure != "participation" and driver != "forfeitures":
                    listed = connection.execute(driver_sql(figure, driver, X, Y, SEEDS)).fetchall()
                    assert sum(Fraction(str(dollars)) for *_, dollars in listed) / len(SEEDS) == value
        return found


_TYPES = {Decimal: "decimal(18, 2)", date: "date", bool: "boolean", type(None): "date"}
_COST = """
    create table fct_plan_cost (
        scenario_id varchar, seed bigint, simulation_year int, payroll decimal(18, 2), employer_match decimal(18, 2),
        employer_core decimal(18, 2), net_employer_cost decimal(18, 2)
    )
"""


def changed(people: list[Person], change: Callable[[Person], Person]) -> list[Person]:
    return [person | change(person) for person in people]


def drivers_of(found: dict[str, Explained]) -> dict[str, set[str]]:
    return {figure: {name for name, value in explanation.drivers.items() if value} for figure, explanation in found.items()}


def test_nothing_moved() -> None:
    assert not any(drivers_of(explained(company(), company())).values())


@pytest.mark.parametrize("fewer", [False, True])
def test_only_the_headcount_changed(fewer: bool) -> None:
    """Twice the company, or half of it: the average stays, so all of it is people."""
    twice = company() + changed(company(), lambda person: {"employee_id": f"{person['employee_id']}_twin"})
    found = explained(twice, company()) if fewer else explained(company(), twice)
    assert drivers_of(found) == {
        **{figure: {"headcount"} for figure in ("payroll", "match", "core", "net_cost")},
        "participation": {"leavers" if fewer else "hires"} if found["participation"].drivers else set(),
    }
    assert found["participation"].after == found["participation"].before == Fraction(5, 7)


def test_only_the_match_rate_changed() -> None:
    richer = changed(
        company(),
        lambda person: {name: person[name] * 3 for name in ("match_potential", "employer_match")},
    )
    found = explained(company(), richer)
    assert drivers_of(found) == {
        "payroll": set(), "match": {"formula"}, "core": set(), "net_cost": {"formula"}, "participation": set(),
    }  # fmt: skip
    before = sum(person["employer_match"] for person in company())
    assert found["match"].drivers == {"formula": Fraction(2 * before)}


def test_a_longer_formula_changes_nobodys_deferral() -> None:
    """100 % of the first 8 % in place of 4 %: the full match doubles, who defers 4 % or less gets the same, half of it."""
    longer = changed(company(), lambda person: {"match_potential": person["match_potential"] * 2})
    found = explained(company(), longer)
    assert not any(drivers_of(found).values())
    more = changed(longer, lambda person: {"employer_match": (person["employer_match"] * 3 / 2).quantize(Decimal("0.01"))})
    assert drivers_of(explained(company(), more))["match"] == {"formula"}


def test_only_pay_was_raised() -> None:
    money = ("paid_compensation", "plan_compensation", "match_potential", "employer_match", "employer_core")
    found = explained(company(), changed(company(), lambda person: {name: person[name] * 2 for name in money}))
    assert drivers_of(found) == {
        **{figure: {"raises"} for figure in ("payroll", "match", "core", "net_cost")},
        "participation": set(),
    }


def test_only_enrolment_changed() -> None:
    """Who did not contribute does, at the full match."""
    everybody = changed(
        company(),
        lambda person: (
            {}
            if person["is_enrolled"]
            else {"is_enrolled": True, "employee_contribution": Decimal(100), "employer_match": person["match_potential"]}
        ),
    )
    found = explained(company(), everybody)
    assert drivers_of(found) == {
        "payroll": set(), "match": {"enrollment"}, "core": set(), "net_cost": {"enrollment"},
        "participation": {"enrollment"},
    }  # fmt: skip
    assert found["participation"].drivers == {"enrollment": Fraction(2, 7)}


@pytest.mark.parametrize("limited", [False, True])
def test_only_deferrals_changed(limited: bool) -> None:
    """Contributors get half of what they got; where a dollar limit is the reason, it says so."""
    less = changed(
        company(),
        lambda person: {
            "employer_match": (person["employer_match"] / 2).quantize(Decimal("0.01")),
            "employee_contribution": person["employee_contribution"] / 2,
            "limit_reached": limited,
        },
    )
    reason = {"limits" if limited else "deferral"}
    assert drivers_of(explained(company(), less)) == {
        "payroll": set(), "match": reason, "core": set(), "net_cost": reason, "participation": set(),
    }  # fmt: skip


def test_only_forfeitures_changed() -> None:
    found = explained(company(), company(), forfeited=(10, 250))
    assert drivers_of(found)["net_cost"] == {"forfeitures"}
    assert found["net_cost"].drivers == {"forfeitures": Fraction(-240)}


def test_days_and_raises_share_what_both_did() -> None:
    """Hired on 2 July (183 days), then all year at twice the rate r: raises are (2 r - r)(183/365 + 1)/2."""
    here = company()[:1]
    part = changed(here, lambda _: {"hire_date": date(2025, 7, 2), "paid_compensation": Decimal("18300.00")})
    full = changed(here, lambda _: {"paid_compensation": Decimal("73000.00")})
    found = explained(part, full)["payroll"]
    assert found.drivers == {"raises": Fraction(27_400), "days": Fraction(27_300)}


def test_eligibility_takes_what_had_no_value_before() -> None:
    """Nobody's pay counted, so that the rates are unknown before: all of the match comes from becoming eligible."""
    nothing = dict.fromkeys(
        ("plan_compensation", "match_potential", "employee_contribution", "employer_match", "employer_core"), Decimal(0)
    )
    before = changed(company(), lambda _: nothing | {"is_eligible": False, "is_enrolled": False})
    found = explained(before, company())
    assert drivers_of(found)["match"] == drivers_of(found)["core"] == {"eligible_pay"}
    assert "participation" not in found


def test_steps_add_up_in_whole_cents() -> None:
    third = Explained(Fraction(1, 3), Fraction(4, 3), dict.fromkeys(("raises", "days", "hires"), Fraction(1, 3)))
    before, after, drivers = third.in_steps(Fraction(1, 100))
    assert (before, after, list(drivers.values())) == (33, 133, [34, 33, 33])
