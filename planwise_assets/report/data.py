"""What a report says, gathered from the warehouse and the study: no HTML here.

Belongs here: queries and sums for the report. Does not: the statistics themselves (results/ensembles.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from planwise_assets.report.cut import Cut
from planwise_assets.report.heat import HeatMap, heat_map
from planwise_assets.results.assumptions import Assumption, assumptions
from planwise_assets.results.compliance import PlanTest, read_plan_tests
from planwise_assets.results.ensembles import Band, Bands, band, by_seed, study_bands
from planwise_assets.results.groups import cut_bands
from planwise_assets.results.law.answers import LawAnswers
from planwise_assets.results.provenance import Published
from planwise_assets.results.reading import read_measures
from planwise_assets.results.totals import ALL_YEARS, totals
from planwise_assets.results.winners import GroupGain, summary_gains
from planwise_assets.results.wording import differing_words
from planwise_assets.sensitivity.swings import Sensitivity, heaviest


@dataclass(frozen=True)
class ReportData:
    """Everything in a report.

    Attributes:
        made: What the results were made from.
        differs: What of that is different today.
        scenarios: Published scenarios; the first is what the others are compared with.
        years: Published years.
        seeds: Published seeds.
        bands: By (scenario, year) and measure.
        opening: Headcount on the first 1 January.
        totals: Net employer cost over all years, by scenario.
        more: The same, less that of the first scenario, seed by seed; a scenario that shares no seed with it has none.
        dearer: Seeds in which a scenario costs more than the first one.
        settings: What each scenario but the first changes: title, words of the first, own words.
        tests: The plan's tests by scenario, year and test.
        gains: Who gets more and who less than in the first scenario over all years, by group.
        assumptions: Those that weigh most.
        sensitivity: The swings that were simulated for these results; None where none were.
        cut: The figures by a group that was asked for.
        heat: Who gains and who loses over all years, by age and pay, of each scenario but the first.
        law: What the law asks of the plan as a whole.
    """

    made: Published
    differs: Sequence[str]
    scenarios: list[str]
    years: list[int]
    seeds: list[int]
    bands: Bands
    opening: int
    totals: Mapping[str, Band]
    more: Mapping[str, Band]
    dearer: Mapping[str, int]
    settings: Mapping[str, list[tuple[str, str, str]]]
    tests: Sequence[PlanTest]
    gains: Mapping[str, Sequence[GroupGain]]
    assumptions: Sequence[Assumption]
    sensitivity: Sensitivity | None = None
    cut: Cut | None = None
    heat: Mapping[str, HeatMap] = field(default_factory=dict)
    law: LawAnswers = field(default_factory=LawAnswers)

    @property
    def first(self) -> str:
        """The scenario that the others are compared with."""
        return self.scenarios[0]

    @property
    def span(self) -> str:
        """The years in words."""
        return f"{self.years[0]}–{self.last_year}" if len(self.years) > 1 else str(self.last_year)

    @property
    def last_year(self) -> int:
        """The last published year."""
        return self.years[-1]


def report_data(
    connection: duckdb.DuckDBPyConnection,
    made: Published,
    differs: Sequence[str],
    *,
    swings: Sensitivity | None = None,
    group: str | None = None,
    law: LawAnswers | None = None,
) -> ReportData:
    """Reads the warehouse of a study.

    Args:
        connection: To the warehouse.
        made: What it was made from.
        differs: What of that is different today, a sentence each.
        swings: The sensitivity of these results, if one was simulated.
        group: By which the figures are shown, too; one of `group_names`.
        law: What the law's tests say of these results.
    """
    values = read_measures(connection)
    bands = study_bands(connection, made)
    scenarios = list(dict.fromkeys(scenario for scenario, _ in bands))
    first = scenarios[0]
    years = sorted({year for _, year in bands})
    # A single year has no sum.
    summed, whole = (totals(values, years), ALL_YEARS) if len(years) > 1 else (values, years[0])
    costs = {scenario: by_seed(summed, scenario, whole, "net_cost") for scenario in scenarios}
    more = {
        name: [costs[name][seed] - costs[first][seed] for seed in sorted(costs[name].keys() & costs[first].keys())]
        for name in scenarios[1:]
    }
    row = connection.execute(
        "select max(headcount_opening) from fct_plan_cost group by simulation_year order by simulation_year"
    )
    opening = row.fetchone()
    seeds = sorted({seed for _, seed, _ in values})
    return ReportData(
        made=made,
        differs=differs,
        scenarios=scenarios,
        years=years,
        seeds=seeds,
        bands=bands,
        opening=int(opening[0]) if opening else 0,
        totals={scenario: band(list(dollars.values())) for scenario, dollars in costs.items()},
        more={name: band(listed) for name, listed in more.items() if listed},
        dearer={name: sum(dollars > 0 for dollars in listed) for name, listed in more.items()},
        settings={name: differing_words(made, first, name) for name in scenarios[1:]},
        tests=read_plan_tests(connection, made.scenarios),
        gains={name: summary_gains(connection, first, name, seeds=seeds, years=years) for name in scenarios[1:]},
        assumptions=heaviest(swings) if swings and swings.of == first else assumptions(connection, made, bands),
        sensitivity=swings,
        heat={name: heat_map(connection, first, name, seeds=seeds, years=years) for name in scenarios[1:]},
        cut=Cut(group, cut_bands(connection, group)) if group else None,
        law=law or LawAnswers(),
    )
