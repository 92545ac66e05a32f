"""The top-paid group over a census and the years after it: who left in the lookback year is of its people (IRC 414(q)(3)).

Where the expected numbers come from: the first year is the worked case, a hundred people of whom 24 earned above the
threshold and the four best paid left. Later years are the oracle's rule (tests/oracle/plan_ledger.py) on the people that the
year before published.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from tests.harness import Simulation, census_file, simulation
from tests.oracle import pay_oracle, plan_ledger

YEARS = range(2025, 2028)
#: In the later years so low that more than a fifth are paid above it.
THRESHOLDS = {2025: 80_000, 2026: 50_000, 2027: 50_000}
STUDY: dict[str, Any] = {
    "study": "top_paid_group",
    "years": {"start": YEARS[0], "end": YEARS[-1]},
    "seeds": [7],
    "defaults": {
        "workforce": {"growth": 0, "termination_rate": 0.2},
        "limits": {"overrides": {"hce_compensation_414q": THRESHOLDS}},
    },
    "scenarios": {"everybody": {}, "fifth": {"plan": {"testing": {"top_paid_group": True}}}},
}


def people() -> list[dict[str, Any]]:
    """A hundred of 2024: L0 to L3 are paid best and leave in it, P00 to P19 above the threshold, N00 to N75 below."""

    def row(who: str, paid: int, **more: Any) -> dict[str, Any]:
        common = {"birth_date": "1985-06-01", "hire_date": "2010-01-04", "termination_date": "", "level_id": 3}
        return common | {"employee_id": who, "annual_compensation": paid, "prior_year_compensation": paid} | more

    left = [row(f"L{n}", 200_000 + n, termination_date=f"2024-{3 * n + 1:02}-01") for n in range(4)]
    left.append(row("LONG_GONE", 300_000, termination_date="2023-12-31"))
    return [
        *left,
        *(row(f"P{n:02}", 150_000 - n) for n in range(20)),
        *(row(f"N{n:02}", 60_000 + n, level_id=1) for n in range(76)),
    ]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    folder = tmp_path_factory.mktemp("top_paid")
    return simulation(folder, {**STUDY, "census": str(census_file(folder, people()))}).run()


def highly_compensated(run: Simulation, scenario: str, year: int) -> set[str]:
    found = run.query(
        "select employee_id from fct_workforce_snapshot where is_hce and scenario_id = ? and simulation_year = ?",
        [scenario, year],
    )
    return {who for (who,) in found}


def test_the_worked_case(run: Simulation) -> None:
    """The fifth of a hundred is 20; four of them have left, so 16 who are here. Without the election all 20 who are here."""
    assert highly_compensated(run, "everybody", 2025) == {f"P{n:02}" for n in range(20)}
    assert highly_compensated(run, "fifth", 2025) == {f"P{n:02}" for n in range(16)}


@pytest.mark.parametrize("year", YEARS[1:])
def test_later_years_take_the_simulations_own_leavers(run: Simulation, year: int) -> None:
    here: dict[str, tuple[pay_oracle.Person, plan_ledger.Member]] = {}
    left = dict(here)
    for who, birth, hired, gone, paid in run.query(
        "select employee_id, birth_date, hire_date, termination_date, cast(paid_compensation * 100 as bigint)"
        " from fct_workforce_snapshot where scenario_id = 'fifth' and simulation_year = ?",
        [year - 1],
    ):
        # everybody of the census, and each hire of the shipped study, works full time
        person = pay_oracle.Person(birth, hired, hired, 1, 0, exit_date=gone)
        (left if gone else here)[who] = person, plan_ledger.Member(Fraction(40), prior_paid=paid)
    eve, limits = date(year - 1, 12, 31), {"hce_compensation_cents": THRESHOLDS[year] * 100}
    expected = plan_ledger.highly_compensated(here, left, eve, limits, top_paid_group=True)
    assert highly_compensated(run, "fifth", year) == expected
    assert left
    assert expected != plan_ledger.highly_compensated(here, {}, eve, limits, top_paid_group=True), "the leavers matter"


def test_without_the_election_nobody_is_looked_back_at(run: Simulation) -> None:
    """What a plan does not ask for has no rows."""
    worlds = run.query("select distinct world_id from int_lookback_leavers")
    assert len(worlds) == 1
