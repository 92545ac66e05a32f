"""Companies of any size for tests that look at whole studies, and how two worlds or two lakes are compared.

The people are those of the sample census, over and over: copy k of somebody has the id `<id>-<k>`, so that draws differ.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from planwise_assets.year.state.marker import lake_assets
from tests.harness import SAMPLE_CENSUS, Simulation

PUBLISHED = ("dim_hazards", "fct_compensation_growth", "fct_workforce_snapshot", "fct_yearly_events")

#: Hires by fixed shares: with them, nothing but their number depends on the scenario.
FIXED_MIX = [{"level_id": level, "weight": weight} for level, weight in enumerate((60, 25, 10, 4, 1), start=1)]


def company(file: Path, people: int, *, where: str = "true", rejected: int = 0) -> Path:
    """A census file, Parquet or CSV by its name.

    Args:
        file: Where it goes.
        people: How many, all of them active; in the order of their ids.
        where: SQL condition on the sample's columns, which at least a fifth of it meets.
        rejected: How many of them are too young to be employees, so that they are refused.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    kind = "parquet" if file.suffix == ".parquet" else "csv, header"
    duckdb.execute(f"""
        copy (
            with everybody as (
                select sample.* replace (employee_id || '-' || copy as employee_id), copy
                from '{SAMPLE_CENSUS}' as sample, range({people // 1_000 + 1}) as copies (copy)
                where active and {where}
            ),

            chosen as (from everybody order by copy, md5(employee_id) limit {people})

            select * exclude (copy) replace (
                case when row_number() over (order by employee_id) > {rejected} then birth_date else date '2019-05-05' end
                    as birth_date
            )
            from chosen order by employee_id
        ) to '{file}' (format {kind})
    """)
    return file


def study(census: Path, scenarios: dict[str, Any], *, years: int, seeds: object = (42,), **more: Any) -> dict[str, Any]:
    """A study from 2025 on."""
    return {
        "study": "test",
        "census": str(census),
        "years": {"start": 2025, "end": 2024 + years},
        "seeds": list(seeds) if isinstance(seeds, tuple) else seeds,
        "scenarios": scenarios,
        **more,
    }


def lake_files(simulated: Simulation, *, years: int, without: tuple[str, ...] = ()) -> dict[str, str]:
    """The hash of every file of the first years, after making sure that there is one of every asset."""
    assets = set(lake_assets(simulated.project)) - set(without)
    files = {f"{asset}/simulation_year={2025 + year}/{asset}.parquet" for asset in assets for year in range(years)}
    hashes = simulated.hashes(without=without)
    assert files <= hashes.keys()
    return {path: hashes[path] for path in sorted(files)}


def world_rows(simulated: Simulation, table: str, scenario: str, seed: int = 42, year: int | None = None) -> list[Any]:
    """All rows of one world in a table, but for the world's name and what is made from it (event ids), in order."""
    return simulated.query(
        f"""
        select columns(lambda name: name not in ('scenario_id', 'seed', 'world_id', 'event_id'))
        from {table}
        where scenario_id = ? and seed = ? and simulation_year = coalesce(?, simulation_year)
        order by all
        """,
        [scenario, seed, year],
    )
