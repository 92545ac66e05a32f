"""A small company is not spared for ever by rounding: its exits follow the rate over the years, to the person.

Eight people at 12 % expect 0.96 exits a year, which no single year can have. The remainder is carried: after t years
floor(0.96 t) people have left, 24 in 25 years, and at 5 % (0.4 a year) floor(0.4 t), 10 in 25. Rounding each year by itself
would give none at all (down) or 25 and none (to the nearest).
"""

from __future__ import annotations

from math import floor

import pytest

from tests.harness import Simulation, census_file, simulation

pytestmark = pytest.mark.statistical

FIRST, LAST = 2025, 2049
SEEDS = (1, 2, 3)
RATES = {"usual": 12, "low": 5}  # per cent


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    folder = tmp_path_factory.mktemp("small")
    people = [
        {
            "employee_id": f"P{number}",
            "birth_date": f"{1965 + 4 * number}-06-15",
            "hire_date": f"{2008 + 2 * number}-03-01",
            "annual_compensation": 40_000 + 5_000 * number,
        }
        for number in range(8)
    ]
    study = {
        "study": "small",
        "census": str(census_file(folder, people)),
        "years": {"start": FIRST, "end": LAST},
        "seeds": list(SEEDS),
        "scenarios": {name: {"workforce": {"growth": 0.0, "termination_rate": rate / 100}} for name, rate in RATES.items()},
    }
    return simulation(folder, study).run(tested=False)


@pytest.mark.parametrize("scenario", RATES)
def test_eight_people_leave_at_their_rate_over_the_years(company: Simulation, scenario: str) -> None:
    exits = {
        (seed, year): count
        for seed, year, count in company.query(
            """
            select seed, simulation_year, count(*)
            from fct_yearly_events
            where scenario_id = $1 and event_type = 'termination' and event_category in ('experienced', 'retirement')
            group by all
            """,
            [scenario],
        )
    }
    for seed in SEEDS:
        so_far = 0
        for t, year in enumerate(range(FIRST, LAST + 1), start=1):
            so_far += exits.get((seed, year), 0)
            assert so_far == floor(8 * RATES[scenario] * t / 100), (seed, year)


def test_the_company_stays_at_eight(company: Simulation) -> None:
    headcounts = company.query(
        "select distinct headcount from fct_compensation_growth where level_id is null and method = 'all'"
    )
    assert headcounts == [(8,)]
