"""Headcounts are exact to the person, in every world and year, by what happened and not only by what was planned.

Where the expected numbers come from: the issue's own table for companies of 100 to 60,040; for every other year `plan`, the
rules of docs/methodology.md, 2. How many, in plain fractions, which shares no code with the product.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import floor
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.harness import Simulation, simulation
from tests.integration.companies import company, study

RATES = {"growth": 0.03, "termination_rate": 0.12, "new_hire_termination_rate": 0.25}

#: people: closing headcount, experienced exits, hires, new-hire exits in the first year under RATES.
ISSUE = {
    100: (103, 12, 20, 5),
    1_000: (1_030, 120, 200, 50),
    7_505: (7_730, 900, 1_500, 375),
    60_040: (61_841, 7_204, 12_007, 3_002),
}

NO_RETIREMENT = [{"min": 0, "rate": 0}]
NOBODY_EVER = {"termination": {"base": 0}, "retirement": NO_RETIREMENT}
EVERYBODY_AT_ONCE = {"termination": {"base": 1}, "retirement": NO_RETIREMENT}


class Year(NamedTuple):
    """What happened in one world in one year: people by what became of them."""

    opening: int
    experienced_exits: int
    reductions: int
    hires: int
    new_hire_exits: int
    closing: int


def plan(rates: dict[str, Any], opening: int, years: int) -> list[Year]:
    """What must happen, year after year, when everything is planned."""
    planned: list[Year] = []
    expected, taken = Fraction(0), 0
    for year in range(2025, 2025 + years):
        growth, exit_rate, new_hire_rate = (Fraction(str(in_year(rates[name], year))) for name in RATES)
        target = floor(opening * (1 + growth) + Fraction(1, 2))
        expected += opening * exit_rate
        exits = floor(expected) - taken
        taken += exits
        net = target - (opening - exits)
        hires = floor(max(net, 0) / (1 - new_hire_rate) + Fraction(1, 2))
        planned.append(Year(opening, exits, max(-net, 0), hires, hires - max(net, 0), target))
        opening = target
    return planned


def in_year(value: Any, year: int) -> Any:
    """A setting by year, carried forward."""
    return value if not isinstance(value, dict) else value[max(start for start in value if start <= year)]


def happened(simulated: Simulation) -> dict[tuple[str, int], list[Year]]:
    """Each world's years, from the published events and the snapshot alone."""
    rows = simulated.query("""
        with people as (
            select
                scenario_id, seed, simulation_year,
                count(*) filter (detailed_status in ('continuous_active', 'experienced_termination')) as opening,
                count(*) filter (employment_status = 'active') as closing
            from fct_workforce_snapshot
            group by all
        ),

        changes as (
            select
                scenario_id, seed, simulation_year,
                count(*) filter (event_type = 'termination' and event_category in ('experienced', 'retirement')) as exits,
                count(*) filter (event_type = 'termination' and event_category = 'reduction') as reductions,
                count(*) filter (event_type = 'hire') as hires,
                count(*) filter (event_type = 'termination' and event_category = 'new_hire') as new_hire_exits
            from fct_yearly_events
            group by all
        )

        select scenario_id, seed, opening, exits, reductions, hires, new_hire_exits, closing
        from stg_worlds
        left join people using (scenario_id, seed, simulation_year)
        left join changes using (scenario_id, seed, simulation_year)
        order by simulation_year
    """)
    years: dict[tuple[str, int], list[Year]] = {}
    for scenario, seed, *counts in rows:
        years.setdefault((scenario, seed), []).append(Year(*(count or 0 for count in counts)))
    return years


# --- the issue's table ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=[(100, 3), (1_000, 2), (7_505, 2), (60_040, 1)], ids=lambda p: f"{p[0]} people")
def growing_company(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, int, Simulation]:
    people, years = request.param
    folder = tmp_path_factory.mktemp(f"company_{people}")
    census = company(folder / "census.parquet", people)
    seeds = (1, 2, 3) if people <= 1_000 else (1,)
    return people, years, simulation(folder, study(census, {"base": {"workforce": RATES}}, years=years, seeds=seeds)).run()


def test_first_year_has_the_totals_of_the_issue(growing_company: tuple[int, int, Simulation]) -> None:
    people, _, simulated = growing_company
    closing, exits, hires, new_hire_exits = ISSUE[people]
    for years in happened(simulated).values():
        assert years[0] == Year(people, exits, 0, hires, new_hire_exits, closing)


def test_plan_and_events_agree_in_every_later_year(growing_company: tuple[int, int, Simulation]) -> None:
    people, count, simulated = growing_company
    for years in happened(simulated).values():
        assert years == plan(RATES, people, count)
    planned = simulated.query("""
        select
            opening_headcount, experienced_exits, planned_reduction, planned_hires, planned_new_hire_exits, target_headcount
        from int_workforce_needs where seed = 1 order by simulation_year
    """)
    assert [Year(*row) for row in planned] == plan(RATES, people, count)


# --- growth, hazards and empty levels ------------------------------------------------------------------------------

#: 150 x 1.03 = 154.5: halves go up. 150 and 155 x .12 = 18 and 18.6: the remainder waits for the next year.
PEOPLE = 150

#: Nobody of the census is in level 3.
EMPTY_LEVEL = 3
YEARS = 3

EXACT: dict[str, dict[str, Any]] = {
    "issue": {"workforce": RATES},
    "no_growth": {"workforce": {**RATES, "growth": 0}},
    "shrinking": {"workforce": {**RATES, "growth": -0.05}},
    "reductions": {"workforce": {**RATES, "growth": -0.3}},
    "by_year": {
        "workforce": {
            **RATES,
            "growth": {2025: 0.1, 2026: -0.25, 2027: 0.005},
            "termination_rate": {2025: 0.29, 2027: 0.07},
        }
    },
    "doubling": {"workforce": {**RATES, "growth": 1}},
    "nobody_leaves": {"workforce": {**RATES, "termination_rate": 0}},
    "everybody_leaves": {"workforce": {**RATES, "termination_rate": 1}},
    "new_hires_stay": {"workforce": {**RATES, "new_hire_termination_rate": 0}},
    "most_new_hires_go": {"workforce": {**RATES, "new_hire_termination_rate": 0.9}},
    "no_hazard_but_a_quota": {"workforce": RATES, "hazards": NOBODY_EVER},
    "full_hazard_but_a_quota": {"workforce": RATES, "hazards": EVERYBODY_AT_ONCE},
    "all_hires_into_the_empty_level": {
        "workforce": RATES,
        "hiring": {"level_mix": [{"level_id": level, "weight": int(level == EMPTY_LEVEL)} for level in range(1, 6)]},
    },
    "the_empty_level_stays_empty": {
        "workforce": RATES,
        "hiring": {"level_mix": "current"},
        "hazards": {"promotion": {"base": 0}},
    },
}

HAZARD = {**RATES, "termination_rate": "hazard", "new_hire_termination_rate": 0}

#: scenario: whether everybody leaves or nobody, when the hazards decide.
BY_HAZARD = {"exact_0": 0, "exact_1": 1, "bernoulli_0": 0, "bernoulli_1": 1}

SCENARIOS = EXACT | {
    name: {
        "workforce": {**HAZARD, "selection": name.split("_")[0]},
        "hazards": EVERYBODY_AT_ONCE if leave else NOBODY_EVER,
    }
    for name, leave in BY_HAZARD.items()
}


@pytest.fixture(scope="module")
def small_companies(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    folder = tmp_path_factory.mktemp("small_companies")
    census = company(folder / "census.csv", PEOPLE, where=f"level_id <> {EMPTY_LEVEL}")
    return simulation(folder, study(census, SCENARIOS, years=YEARS, seeds=(1, 2))).run()


@pytest.fixture(scope="module")
def years_of(small_companies: Simulation) -> dict[tuple[str, int], list[Year]]:
    return happened(small_companies)


@pytest.mark.parametrize("scenario", EXACT)
def test_every_total_is_the_planned_one(scenario: str, years_of: dict[tuple[str, int], list[Year]]) -> None:
    for seed in (1, 2):
        assert years_of[scenario, seed] == plan(EXACT[scenario]["workforce"], PEOPLE, YEARS)


def test_scenarios_meet_the_cases_they_are_there_for(years_of: dict[tuple[str, int], list[Year]]) -> None:
    assert [year.closing for year in years_of["issue", 1]] == [155, 160, 165]  # 154.5, 159.65, 164.8
    assert [year.experienced_exits for year in years_of["issue", 1]] == [18, 18, 19]  # 18, 36.6, 55.8 in all
    assert [year.closing for year in years_of["no_growth", 1]] == [150, 150, 150]
    assert [year.reductions for year in years_of["reductions", 1]] == [27, 19, 13]  # 45 - 18, 31 - 12, 22 - 9
    assert years_of["everybody_leaves", 1][0] == Year(150, 150, 0, 207, 52, 155)  # 155 / .75 = 206.7
    assert years_of["most_new_hires_go", 1][0] == Year(150, 18, 0, 230, 207, 155)  # 23 / .1


@pytest.mark.parametrize("scenario", BY_HAZARD)
def test_a_hazard_of_0_takes_nobody_and_one_of_1_everybody(
    scenario: str, years_of: dict[tuple[str, int], list[Year]]
) -> None:
    for seed in (1, 2):
        opening = PEOPLE
        for year in years_of[scenario, seed]:
            closing = floor(opening * Fraction("1.03") + Fraction(1, 2))
            exits = opening * BY_HAZARD[scenario]
            assert year == Year(opening, exits, 0, closing - opening + exits, 0, closing)
            opening = closing


def test_an_empty_level_is_filled_or_stays_empty_as_the_scenario_says(small_companies: Simulation) -> None:
    rows = small_companies.query(
        """
        select scenario_id, simulation_year, count(*) filter (level_id = $level), count(*) filter (level_id <> $level)
        from int_hiring_events inner join stg_worlds using (world_id, simulation_year)
        where seed = 1 group by all
        """,
        {"level": EMPTY_LEVEL},
    )
    hires = {(scenario, year): counts for scenario, year, *counts in rows}
    for year, planned in zip(range(2025, 2025 + YEARS), plan(RATES, PEOPLE, YEARS), strict=True):
        assert hires["all_hires_into_the_empty_level", year] == [planned.hires, 0]
        assert hires["the_empty_level_stays_empty", year] == [0, planned.hires]


def test_needs_show_a_row_for_a_level_that_nobody_has(small_companies: Simulation) -> None:
    rows = small_companies.query(
        """
        select simulation_year, opening_headcount, experienced_exits, hires
        from int_hiring_needs_by_level inner join stg_worlds using (world_id, simulation_year)
        where level_id = $level and seed = 1 and scenario_id = 'the_empty_level_stays_empty' order by all
        """,
        {"level": EMPTY_LEVEL},
    )
    assert rows == [(year, 0, 0, 0) for year in range(2025, 2025 + YEARS)]


# --- one employee, and nobody --------------------------------------------------------------------------------------

ONE_YEARS = 3

ALONE: dict[str, dict[str, Any]] = {
    "issue": {"workforce": RATES},
    "leaves_when_due": {"workforce": {**RATES, "growth": 0, "termination_rate": 0.4}},  # .4, .8, 1.2: in year 3
    "grows": {"workforce": {**RATES, "growth": 0.5}},  # 1.5: halves go up
    "goes": {"workforce": {**RATES, "growth": -0.6}},  # .4: the company is empty from then on
    "goes_and_should_return": {"workforce": {**RATES, "growth": {2025: -0.6, 2026: 1}}},  # twice nobody is nobody
    "leaves_and_is_replaced": {"workforce": {**RATES, "growth": 0, "termination_rate": 1}},
}
ALONE_BY_HAZARD = {"goes_by_hazard": {"workforce": {**HAZARD, "growth": -0.6, "selection": "bernoulli"}}}


@pytest.fixture(scope="module")
def one_employee(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    folder = tmp_path_factory.mktemp("one_employee")
    census = company(folder / "census.csv", 1)
    return simulation(folder, study(census, ALONE | ALONE_BY_HAZARD, years=ONE_YEARS, seeds=(1, 2))).run()


def test_a_company_of_one_is_exact_too(one_employee: Simulation) -> None:
    years = happened(one_employee)
    for scenario, seed in product(ALONE, (1, 2)):
        assert years[scenario, seed] == plan(ALONE[scenario]["workforce"], 1, ONE_YEARS)
    assert [year.experienced_exits for year in years["leaves_when_due", 1]] == [0, 0, 1]
    assert [year.closing for year in years["grows", 1]] == [2, 3, 5]
    assert [year.reductions for year in years["goes", 1]] == [1, 0, 0]


@pytest.mark.parametrize("scenario", ["goes", "goes_and_should_return", "goes_by_hazard"])
def test_years_after_everybody_has_left_are_empty_and_complete(scenario: str, one_employee: Simulation) -> None:
    for seed in (1, 2):
        assert happened(one_employee)[scenario, seed][1:] == [Year(0, 0, 0, 0, 0, 0)] * (ONE_YEARS - 1)
    rows = one_employee.query(
        """
        select simulation_year, headcount, total_compensation, average_compensation
        from fct_compensation_growth
        where scenario_id = ? and seed = 1 and level_id is null and method = 'all' order by all
        """,
        [scenario],
    )
    assert rows == [(2024 + number, 0, 0, None) for number in range(1, ONE_YEARS + 1)]


def test_a_lake_of_nobody_at_all_is_complete(tmp_path: Path) -> None:
    """Every world empty: files without a row, in their types, and the year after opens with them."""
    scenarios = {"goes": ALONE["goes"]}
    nobody = simulation(tmp_path, study(company(tmp_path / "census.csv", 1), scenarios, years=2, seeds=(1,))).run()
    assert nobody.query("select count(*) from workforce_state") == [(0,)]
    assert nobody.query("select count(*) from fct_yearly_events where simulation_year = 2026") == [(0,)]
    for model in nobody.project.dbt.models:
        full, empty = (
            nobody.query(
                f"describe select * from read_parquet('{nobody.project.lake.file(model, year)}', hive_partitioning=false)"
            )
            for year in (2025, 2026)
        )
        assert full == empty
