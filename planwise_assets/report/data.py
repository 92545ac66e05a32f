"""What a report says, gathered from the warehouse and the study: no HTML here.

Belongs here: queries and sums for the report. Does not: the statistics themselves (results/ensembles.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version

import duckdb

from planwise_assets.results.comparison import differing_settings
from planwise_assets.results.ensembles import Band, Bands, Difference, band, paired_difference, study_bands
from planwise_assets.results.measures import World, read_measures
from planwise_assets.study.schema import Study
from planwise_assets.study.sections.census import census_hash

TESTS = ("ADP", "ACP", "415")


@dataclass(frozen=True)
class TestOutcome:
    """How a nondiscrimination test went over the seeds."""

    passed: int
    held: int
    exempt: bool


@dataclass(frozen=True)
class ReportData:
    """Everything in a report.

    Attributes:
        study: The study.
        scenarios: Published scenarios; the first is what the others are compared with.
        years: Published years.
        seeds: Published seeds.
        bands: By (scenario, year) and measure.
        opening: Headcount on the first 1 January.
        totals: Net employer cost over all years, by scenario.
        more: The same, less that of the first scenario, seed by seed.
        dearer: Seeds in which a scenario costs more than the first one.
        settings: What each scenario but the first changes: key, value in the first, own value.
        tests: Outcome by (scenario, year, test).
        census: SHA-256 of the census file as it is now; empty if it is gone.
        version: Of PlanWise.
    """

    study: Study
    scenarios: list[str]
    years: list[int]
    seeds: list[int]
    bands: Bands
    opening: int
    totals: Mapping[str, Band]
    more: Mapping[str, Difference]
    dearer: Mapping[str, int]
    settings: Mapping[str, list[tuple[str, str, str]]]
    tests: Mapping[tuple[str, int, str], TestOutcome]
    census: str
    version: str

    @property
    def first(self) -> str:
        """The scenario that the others are compared with."""
        return self.scenarios[0]

    @property
    def last_year(self) -> int:
        """The last published year."""
        return self.years[-1]


def report_data(connection: duckdb.DuckDBPyConnection, study: Study) -> ReportData:
    """Reads the warehouse of a study."""
    values = read_measures(connection)
    bands = study_bands(connection, study)
    scenarios = list(dict.fromkeys(scenario for scenario, _ in bands))
    first = scenarios[0]
    costs = {scenario: _total(values, scenario, "net_cost") for scenario in scenarios}
    differences = {name: paired_difference(costs[first], costs[name]) for name in scenarios[1:]}
    row = connection.execute(
        "select max(headcount_opening) from fct_plan_cost group by simulation_year order by simulation_year"
    )
    opening = row.fetchone()
    try:
        census = census_hash(study.census)
    except OSError:
        census = ""
    return ReportData(
        study=study,
        scenarios=scenarios,
        years=sorted({year for _, year in bands}),
        seeds=sorted({seed for _, seed, _ in values}),
        bands=bands,
        opening=int(opening[0]) if opening else 0,
        totals={scenario: band(list(by_seed.values())) for scenario, by_seed in costs.items()},
        more={name: difference for name, difference in differences.items() if difference},
        dearer={
            name: sum(costs[name][seed] > costs[first][seed] for seed in costs[name].keys() & costs[first].keys())
            for name in scenarios[1:]
        },
        settings={name: differing_settings(study, first, name) for name in scenarios[1:]},
        tests=_tests(connection),
        census=census,
        version=version("planwise"),
    )


def _total(values: Mapping[World, Mapping[str, float | None]], scenario: str, measure: str) -> dict[int, float]:
    totals: dict[int, float] = {}
    for (name, seed, _), world in values.items():
        if name == scenario:
            totals[seed] = totals.get(seed, 0.0) + (world[measure] or 0.0)
    return totals


def _tests(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, int, str], TestOutcome]:
    rows = connection.execute(
        """
        select scenario_id, simulation_year, test, count(*) filter (passed), count(*), bool_and(method = 'safe_harbor')
        from fct_nondiscrimination_tests
        group by all
        """
    ).fetchall()
    return {(scenario, year, test): TestOutcome(passed, held, exempt) for scenario, year, test, passed, held, exempt in rows}
