"""`planwise results`: what is published, as tables; over seeds as bands, with how many seeds a precision needs.

Belongs here: arguments, tables, JSON. Does not: the statistics (results/ensembles.py), the queries (results/tables.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import duckdb
import typer

from planwise_assets.commands.shared.console import fail, is_terminal, note, print_json, print_table, say
from planwise_assets.commands.shared.options import JsonOption, one_of, open_study, published
from planwise_assets.results.ensembles import (
    CONFIDENCE,
    PERCENTILES,
    Band,
    Bands,
    band_json,
    band_text,
    half_width,
    seeds_needed,
    study_bands,
)
from planwise_assets.results.measures import MEASURES, Measure
from planwise_assets.results.tables import PLAN_COLUMNS, PLAN_QUERY, WORKFORCE_COLUMNS, WORKFORCE_QUERY
from planwise_assets.settings import Settings
from planwise_assets.study.schema import Study

_SHOWN = ("headcount", "payroll", "participation", "match", "net_cost", "cost_rate")


def results(
    bands: Annotated[bool, typer.Option("--bands", help="Percentiles, mean and its error over the seeds.")] = False,
    measure: Annotated[
        list[str] | None, typer.Option(help="With --bands: this measure; may be repeated.", metavar="NAME")
    ] = None,
    precision: Annotated[
        float | None,
        typer.Option(help="Say how many seeds hold the mean to this share of it, e.g. 0.01.", metavar="SHARE"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Prints the results that are published.

    Try:

        planwise results

        planwise results --bands --measure net_cost --precision 0.005

        planwise results --json | jq '.facts[] | select(.measure == "headcount")'
    """
    settings, study = open_study()
    names = [one_of("measure", name, MEASURES) for name in measure or _SHOWN]
    if precision is not None and not 0 < precision < 1:
        fail(f"--precision {precision}: give a share of the mean between 0 and 1, e.g. 0.01 for 1 %.")
    if not bands and precision is None and measure is None:
        show_results(settings, study, as_json=as_json)
        return
    with published(settings, study) as connection:
        found = study_bands(connection, study)
    if as_json:
        print_json(_as_json(study, found, measure or list(MEASURES), precision))
        return
    if len(study.seeds) < 2:
        say("The study has one seed: no bands. In the study file, seeds: {count: 25, first: 1} gives 25 futures.")
    for name in names:
        _print_bands(MEASURES[name], found, precision)


def show_results(settings: Settings, study: Study, *, as_json: bool) -> None:
    """Prints all that is published, as the first tables or as JSON."""
    with published(settings, study) as connection:
        if as_json:
            print_json(_as_json(study, study_bands(connection, study), list(MEASURES), None))
        else:
            print_tables(connection, settings, study)


def _print_bands(measure: Measure, found: Mapping[tuple[str, int], Mapping[str, Band]], precision: float | None) -> None:
    columns = ["scenario", "year", "measure", "mean", "standard error", *(f"P{percent}" for percent in PERCENTILES)]
    if precision is not None:
        columns += ["95% within", "seeds needed"]
    rows = []
    for (scenario, year), bands in found.items():
        band = bands.get(measure.name)
        cells = [scenario, str(year), measure.name, *band_text(measure, band)]
        rows.append(cells + (_needed(measure, band, precision) if precision is not None else []))
    print_table(f"{measure.label[0].upper()}{measure.label[1:]}: {measure.meaning}", columns, rows)


def _needed(measure: Measure, band: Band | None, precision: float) -> list[str]:
    if band is None or band.standard_error is None or not band.mean:
        return ["-", "1" if band and band.deterministic else "-"]
    width = half_width(band.standard_error, band.seeds)
    return [f"± {measure.text(width)}", f"{seeds_needed(band.standard_error, band.seeds, precision * abs(band.mean)):,}"]


def _as_json(study: Study, found: Bands, names: list[str], precision: float | None) -> dict[str, Any]:
    facts = []
    for (scenario, year), bands in found.items():
        for name in names:
            if name not in bands:
                continue
            band = bands[name]
            row = {"scenario_id": scenario, "simulation_year": year, "measure": name, "unit": MEASURES[name].unit}
            row |= band_json(band)
            if precision is not None and band.standard_error is not None and band.mean:
                row["half_width_95"] = half_width(band.standard_error, band.seeds)
                row["seeds_needed"] = seeds_needed(band.standard_error, band.seeds, precision * abs(band.mean))
            facts.append(row)
    value: dict[str, Any] = {"study": study.study, "seeds": list(study.seeds), "facts": facts}
    if precision is not None:
        value |= {"precision": precision, "confidence": CONFIDENCE}
    return value


def print_tables(connection: duckdb.DuckDBPyConnection, settings: Settings, study: Study) -> None:
    """Prints the tables of workforce and plan, scenarios in the study's order, and where the lake and the warehouse are."""
    workforce, plan = (connection.execute(query).fetchall() for query in (WORKFORCE_QUERY, PLAN_QUERY))
    place = {scenario: position for position, scenario in enumerate(study.scenarios)}
    for rows in (workforce, plan):
        rows.sort(key=lambda row: (place.get(row[0], len(place)), row[0], row[1]))
    seeds = len(study.seeds)
    means = f", means over {seeds} seeds" if seeds > 1 else ""
    _print_rows(f"Study {study.study}: the workforce{means}", WORKFORCE_COLUMNS, workforce)
    if not is_terminal():
        say("")
    _print_rows(f"Study {study.study}: the plan{means}; money in thousands", PLAN_COLUMNS, plan)
    if seeds > 1 and is_terminal():
        say("How sure that is: planwise results --bands")
    # In a pipe the rows alone.
    tell = say if is_terminal() else note
    tell(f"Lake:      {settings.lake(study.study)}")
    tell(f"Warehouse: {settings.warehouse(study.study)} (open it read-only)")


def _print_rows(title: str, columns: dict[str, Callable[[Any], str]], rows: Sequence[tuple[Any, ...]]) -> None:
    texts = (
        [
            scenario,
            str(year),
            *("-" if figure is None else text(figure) for text, figure in zip(columns.values(), figures, strict=True)),
        ]
        for scenario, year, *figures in rows
    )
    print_table(title, ["scenario", "year", *columns], texts)
