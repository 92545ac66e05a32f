"""Why figures moved, on a simulated study: drivers add up to the cent between any two scenarios and years.

Expected are the published totals, and for raises and enrolment the formula of docs/methodology.md ("Why a figure moved")
applied in plain Python, person by person.
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from itertools import product
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from planwise_assets.commands.cli import app
from planwise_assets.results.driver_queries import FACTORS, Side, driver_sql
from planwise_assets.results.drivers import explain
from tests.harness import Simulation, simulation
from tests.integration.companies import company

SEEDS = [1, 2, 3]
YEARS = range(2025, 2028)
SCENARIOS: dict[str, Any] = {
    "baseline": {},
    "generous": {
        "plan": {
            "match": {"tiers": [{"up_to": 0.06, "rate": 1.0}]},
            "core": {"rate": 0.03, "excess_rate": 0.02},
            "auto_enrollment": {"scope": "all_eligible", "default_rate": 0.06},
            "vesting": {"match": [{"years": 0, "vested": 0}, {"years": 3, "vested": 1}]},
        }
    },
    "growing": {"workforce": {"growth": 0.1}, "compensation": {"cola": 0.03}},
    "shrinking": {"workforce": {"growth": -0.1}, "plan": {"eligibility": {"service_months": 12}}},
}
COLUMNS = {"payroll": "payroll", "match": "employer_match", "core": "employer_core", "net_cost": "net_employer_cost"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    folder = tmp_path_factory.mktemp("why")
    study = {
        "study": "why",
        "census": str(company(folder / "census.parquet", 250)),
        "years": {"start": YEARS[0], "end": YEARS[-1]},
        "seeds": SEEDS,
        "scenarios": SCENARIOS,
    }
    return simulation(folder, study).run(tested=False).publish()


@pytest.fixture(scope="module")
def warehouse(made: Simulation) -> Iterator[duckdb.DuckDBPyConnection]:
    with made.connect() as connection:
        yield connection


def pairs() -> list[tuple[Side, Side]]:
    sides = [Side(*side) for side in product(SCENARIOS, YEARS)]
    every = [(x, y) for x, y in product(sides, sides) if x != y]
    return random.Random(20).sample(every, 30)


@pytest.mark.parametrize(("x", "y"), pairs())
def test_drivers_add_up_to_the_cent(warehouse: duckdb.DuckDBPyConnection, x: Side, y: Side) -> None:
    found = explain(warehouse, x, y, SEEDS)
    for figure, column in COLUMNS.items():
        before, after = (
            Fraction(
                str(
                    warehouse.execute(
                        f"select sum({column}) from fct_plan_cost where scenario_id = ? and simulation_year = ?",
                        [side.scenario, side.year],
                    ).fetchall()[0][0]
                )
            )
            for side in (x, y)
        )
        explanation = found[figure]
        assert (explanation.before * len(SEEDS), explanation.after * len(SEEDS)) == (before, after)
        assert sum(explanation.drivers.values()) == explanation.after - explanation.before
        cents = explanation.in_steps(Fraction(1, 100))
        assert cents[0] + sum(cents[2].values()) == cents[1]
    rates = [
        warehouse.execute(
            "select avg(participants / eligible) from fct_plan_cost where scenario_id = ? and simulation_year = ?",
            [side.scenario, side.year],
        ).fetchall()[0][0]
        for side in (x, y)
    ]
    participation = found["participation"]
    assert [float(participation.before), float(participation.after)] == pytest.approx(rates)
    assert sum(participation.drivers.values()) == participation.after - participation.before
    assert found["payroll"].drivers.keys() <= {"headcount", "hires", "leavers", *dict(FACTORS["payroll"])}


def people_of(warehouse: duckdb.DuckDBPyConnection, side: Side) -> dict[str, tuple[Any, ...]]:
    rows = warehouse.execute(
        """
        select employee_id, paid_compensation, hire_date, coalesce(termination_date, make_date(simulation_year, 12, 31)),
            plan_compensation, match_potential, employer_match, employee_contribution > 0 or employer_match > 0
        from fct_workforce_snapshot where scenario_id = ? and simulation_year = ? and seed = 1
        """,
        [side.scenario, side.year],
    ).fetchall()
    return {employee: tuple(values) for employee, *values in rows}


def test_raises_are_the_change_of_the_rate_at_the_mean_share_of_the_year(warehouse: duckdb.DuckDBPyConnection) -> None:
    x, y = Side("baseline", 2025), Side("growing", 2027)
    before, after = people_of(warehouse, x), people_of(warehouse, y)
    total, both = Fraction(0), before.keys() & after.keys()
    for employee in both:
        (rate_x, share_x), (rate_y, share_y) = (
            rate_and_share(person, side.year) for person, side in ((before[employee], x), (after[employee], y))
        )
        total += (rate_y - rate_x) * (share_x + share_y) / 2
    raises = explain(warehouse, x, y, [1])["payroll"].drivers["raises"]
    assert float(raises) == pytest.approx(float(total), abs=0.005 * len(both))


def rate_and_share(person: tuple[Any, ...], year: int) -> tuple[Fraction, Fraction]:
    days = (person[2] - max(person[1], date(year, 1, 1))).days + 1
    share = Fraction(days, 365)
    return Fraction(person[0]) / share, share


def test_enrolment_is_what_those_get_who_contribute_on_one_side_alone(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Same people and pay, another match for those who join: enrolment moves after it, and before it."""
    x, y = Side("baseline", 2025), Side("generous", 2025)
    before, after = people_of(warehouse, x), people_of(warehouse, y)
    total = Fraction(0)
    for employee in before:
        (*_, potential_x, match_x, was_in), (*_, potential_y, match_y, is_in) = before[employee], after[employee]
        if was_in == is_in:
            continue
        # In the order formula, enrolment: at the other side's full match; in the opposite order: at this side's.
        potential, match, other = (potential_y, match_y, potential_x) if is_in else (potential_x, match_x, potential_y)
        got = Fraction(match) / Fraction(potential)
        total += (1 if is_in else -1) * got * (Fraction(potential) + Fraction(other)) / 2
    enrolment = explain(warehouse, x, y, [1])["match"].drivers["enrollment"]
    assert float(enrolment) == pytest.approx(float(total), abs=0.01 * len(before))


@pytest.fixture
def planwise(made: Simulation, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("PLANWISE_STUDY", str(made.project.settings.study_file))
    monkeypatch.setenv("PLANWISE_HOME", str(made.project.settings.home))

    def run(*words: str, code: int = 0) -> str:
        result = CliRunner().invoke(app, words)
        assert result.exit_code == code, result.output
        return result.output if code else result.stdout

    return run


def test_the_table_adds_up_as_it_is_printed(planwise: Any) -> None:
    rows = list(csv.reader(planwise("why", "baseline", "generous", "--from", "2025", "--format", "csv").splitlines()))
    assert rows[0] == ["driver", *COLUMNS, "participation"]
    assert [rows[1][0], rows[-1][0]] == ["baseline 2025", "generous 2027"]
    for column in range(1, len(rows[0])):
        cents = [round(float(row[column]) * 100) for row in rows[1:]]
        assert sum(cents[:-1]) == cents[-1]
    told = json.loads(planwise("why", "baseline", "generous", "--from", "2025", "--json"))
    assert [figure["before"] for figure in told["figures"][:4]] == [float(cell) for cell in rows[1][1:5]]


def test_the_query_of_a_driver_gives_it(planwise: Any, warehouse: duckdb.DuckDBPyConnection) -> None:
    told = json.loads(planwise("why", "baseline", "generous", "--seed", "2", "--json"))
    (match,) = [figure for figure in told["figures"] if figure["figure"] == "match"]
    query = planwise("why", "baseline", "generous", "--seed", "2", "--sql", "formula", "--of", "match")
    people = warehouse.execute(query).fetchall()
    assert people
    assert sum(dollars for *_, dollars in people) == pytest.approx(match["drivers"]["formula"], abs=0.01)
    for figure in (*COLUMNS, "participation"):
        assert warehouse.execute(
            driver_sql(figure, "hires", Side("generous", 2025), Side("generous", 2026), SEEDS)
        ).fetchall()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["baseline", "--from", "2026", "--to", "2026"], "There is nothing to explain"),
        (["baseline", "generos"], "Did you mean generous?"),
        (["baseline", "--to", "2031"], "--to 2031: give a year within 2025-2027"),
        (["baseline", "--sql", "luck"], "There is no driver 'luck'"),
    ],
)
def test_a_mistake_says_what_there_is(planwise: Any, words: list[str], message: str) -> None:
    assert message in planwise("why", *words, code=2)
