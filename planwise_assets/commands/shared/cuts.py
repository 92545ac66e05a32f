"""`--by GROUP`: results cut by what people belong to, as the commands show them.

Belongs here: the option, its tables. Does not: the figures (results/groups.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import duckdb
import typer

from planwise_assets.commands.shared.console import fail, print_table
from planwise_assets.commands.shared.options import one_of
from planwise_assets.results.comparison import FactDifference
from planwise_assets.results.ensembles import PERCENTILES, Bands, band_text, fact_json
from planwise_assets.results.groups import CUTS, group_names
from planwise_assets.results.measures import MEASURES
from planwise_assets.results.totals import ALL_YEARS, year_text
from planwise_assets.study.sections.groups import group_name

ByOption = Annotated[
    str | None, typer.Option("--by", help="Cut by a group of the study (`groups:`), e.g. division.", metavar="GROUP")
]


def chosen_group(connection: duckdb.DuckDBPyConnection, by: str) -> str:
    """The group of `--by`.

    Raises:
        typer.Exit: There is no such group, or the results have none; code 2.
    """
    names = group_names(connection)
    if not names:
        fail(
            f"--by {by}: the results have no groups. Name up to four columns of the census in the study, e.g. "
            "groups: [Division], and simulate again."
        )
    return one_of("group", group_name(by), names)


def cuttable(names: Sequence[str]) -> list[str]:
    """The measures of `--measure`, which must be such as can be cut.

    Raises:
        typer.Exit: One of them cannot; code 2.
    """
    if whole := [name for name in names if name not in CUTS]:
        fail(f"--by: {', '.join(whole)} belongs to the plan as a whole and cannot be cut. These can: {', '.join(CUTS)}.")
    return list(names)


def print_cut(group: str, found: Mapping[str, Bands], order: Sequence[str]) -> None:
    """A row a value, scenario and year: the means of the figures that can be cut.

    Args:
        group: Name of the group.
        found: The bands of each of its values.
        order: The scenarios, in the study's order.
    """
    shown = [MEASURES[name] for name in CUTS if MEASURES[name].heading]
    rows = []
    for value, bands in found.items():
        for scenario, year in sorted(bands, key=lambda at: (order.index(at[0]), at[1])):
            row = bands[scenario, year]
            texts = (measure.text(row[measure.name].mean) if measure.name in row else "-" for measure in shown)
            rows.append([value, scenario, str(year), *texts])
    heads = [group, "scenario", "year", *(measure.heading for measure in shown)]
    print_table(f"By {group}; means over the seeds", heads, rows, left=2)


def print_cut_bands(group: str, found: Mapping[str, Bands], names: Sequence[str]) -> None:
    """A table a measure: mean, error and percentiles of each value, scenario and year.

    Args:
        group: Name of the group.
        found: The bands of each of its values.
        names: Measures, such as `cuttable` lets pass.
    """
    heads = [group, "scenario", "year", "measure", "mean", "standard error", *(f"P{percent}" for percent in PERCENTILES)]
    for name in names:
        measure = MEASURES[name]
        rows = [
            [value, scenario, year_text(year), name, *band_text(measure, row.get(name))]
            for value, bands in found.items()
            for (scenario, year), row in bands.items()
            if name in row or year != ALL_YEARS
        ]
        print_table(f"{measure.title} by {group}: {measure.meaning}", heads, rows, left=2)


def cut_facts(group: str, found: Mapping[str, Bands], names: Sequence[str]) -> list[dict[str, Any]]:
    """The figures as a program reads them.

    Args:
        group: Name of the group.
        found: The bands of each of its values.
        names: Measures, such as `cuttable` lets pass.

    Returns:
        A row a value, scenario, year and measure, with the measure's unit; none where it has no value.
    """
    return [
        {"group": group, "value": value, **fact_json(scenario, year, MEASURES[name], row[name])}
        for value, bands in found.items()
        for (scenario, year), row in bands.items()
        for name in names
        if name in row
    ]


def print_cut_differences(group: str, found: Mapping[str, list[FactDifference]], a: str, b: str) -> None:
    """A row a value, measure and year: both means, their difference, its standard error.

    Args:
        group: Name of the group.
        found: What differs, for each of its values.
        a: Name of the scenario that is compared with.
        b: Name of the other.
    """
    rows = []
    for value, facts in found.items():
        for fact in facts:
            measure, error = MEASURES[fact.measure], fact.difference.standard_error
            means = (measure.text(fact.a), measure.text(fact.b), measure.text(fact.difference.mean, signed=True))
            rows.append([value, measure.label, year_text(fact.year), *means, "-" if error is None else measure.text(error)])
    heads = [group, "measure", "year", a, b, "difference", "standard error"]
    print_table(f"{b} less {a}, by {group}", heads, rows, left=2)
