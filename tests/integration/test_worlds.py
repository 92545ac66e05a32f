"""Worlds are rows: each is what it would be alone, whatever else is computed in the same pass.

Where the expectations come from: the same world in a run with fewer others. Published tables are compared row by row, in
the order of their files, event ids included.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.harness import Simulation, simulation
from tests.integration.companies import PUBLISHED, company, study

PEOPLE, YEARS, SEEDS = 2_000, 2, range(1, 11)

SCENARIOS: dict[str, Any] = {
    "baseline": {},
    "shrinking": {"workforce": {"growth": {2025: 0.05, 2026: -0.2}, "termination_rate": 0.08}},
    "free": {"workforce": {"selection": "bernoulli", "termination_rate": "hazard"}, "hiring": {"level_mix": "current"}},
}

#: Worlds that also run quite alone: the first, the last and some between, each scenario among them.
ALONE = [("baseline", 1), ("shrinking", 6), ("free", 3), ("free", 10)]


@pytest.fixture(scope="module")
def census(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return company(tmp_path_factory.mktemp("census") / "census.parquet", PEOPLE)


@pytest.fixture(scope="module")
def all_worlds(census: Path, tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    folder = tmp_path_factory.mktemp("all_worlds")
    return simulation(folder, study(census, SCENARIOS, years=YEARS, seeds=tuple(SEEDS))).run()


def published(simulated: Simulation, table: str, scenario: str, seeds: list[int]) -> list[Any]:
    """The rows of some worlds in the order of the files, year after year."""
    rows: list[Any] = []
    for year in range(2025, 2025 + YEARS):
        file = simulated.project.lake.file(table, year)
        rows += simulated.query(
            f"""
            select * exclude (file_row_number)
            from read_parquet('{file}', hive_partitioning = false, file_row_number = true)
            where scenario_id = ? and seed in (select unnest(?))
            order by file_row_number
            """,
            [scenario, seeds],
        )
    return rows


def test_thirty_worlds_are_thirty(all_worlds: Simulation) -> None:
    """Nothing is shared that should not be: no two worlds have the same exits."""
    rows = all_worlds.query("""
        select count(*), count(distinct leavers) from (
            select list(employee_id order by employee_id) as leavers
            from fct_yearly_events where event_type = 'termination' and simulation_year = 2025 group by scenario_id, seed
        )
    """)
    assert rows == [(30, 30)]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_scenario_is_the_same_alone_and_beside_others(
    scenario: str, all_worlds: Simulation, census: Path, tmp_path: Path
) -> None:
    """Ten worlds at once: all thirty are compared by the three scenarios."""
    alone = simulation(tmp_path, study(census, {scenario: SCENARIOS[scenario]}, years=YEARS, seeds=tuple(SEEDS))).run(
        tested=False
    )
    for table in PUBLISHED:
        rows = published(alone, table, scenario, list(SEEDS))
        assert rows == published(all_worlds, table, scenario, list(SEEDS))
        assert len({row[1] for row in rows}) == len(SEEDS)


@pytest.mark.parametrize(("scenario", "seed"), ALONE, ids=[f"{scenario} {seed}" for scenario, seed in ALONE])
def test_a_world_is_the_same_alone_and_among_thirty(
    scenario: str, seed: int, all_worlds: Simulation, census: Path, tmp_path: Path
) -> None:
    alone = simulation(tmp_path, study(census, {scenario: SCENARIOS[scenario]}, years=YEARS, seeds=(seed,))).run(
        tested=False
    )
    assert alone.query("select distinct world_id from int_opening_workforce") == [(1,)]
    for table in PUBLISHED:
        rows = published(alone, table, scenario, [seed])
        assert rows == published(all_worlds, table, scenario, [seed])
        assert rows
