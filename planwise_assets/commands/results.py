"""`planwise results`: what is published, as tables; over seeds as bands, with how many seeds a precision needs.

Belongs here: arguments, the tables of bands, JSON. Does not: the statistics (ensembles.py), the first tables (results.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import duckdb
import typer

from planwise_assets.commands.console import fail, print_json, print_table, say
from planwise_assets.commands.study import JsonOption, one_of, open_study, published, published_scenarios
from planwise_assets.ensembles import CONFIDENCE, PERCENTILES, Band, half_width, measure_bands, seeds_needed
from planwise_assets.measures import MEASURES, Measure, read_measures, solved_measures
from planwise_assets.results import print_tables
from planwise_assets.settings import Settings
from planwise_assets.study.schema import Study

Bands = dict[tuple[str, int], dict[str, Band]]

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


def study_bands(connection: duckdb.DuckDBPyConnection, study: Study) -> Bands:
    """The bands of every measure, scenarios in the study's order."""
    scenarios = published_scenarios(connection, study)
    solved = {name: solved_measures(study.scenarios, name, study.simulation_years) for name in scenarios}
    found = measure_bands(read_measures(connection), solved)
    return {at: found[at] for at in sorted(found, key=lambda at: (scenarios.index(at[0]), at[1]))}


def band_text(measure: Measure, band: Band | None) -> list[str]:
    """Mean, standard error and percentiles as people read them."""
    if band is None:
        return ["-"] * (2 + len(PERCENTILES))
    if band.deterministic:
        return [measure.text(band.mean), "deterministic", *["-"] * len(PERCENTILES)]
    error = "-" if band.standard_error is None else measure.text(band.standard_error)
    spread = (measure.text(band.percentiles.get(percent)) for percent in PERCENTILES)
    return [measure.text(band.mean), error, *spread]


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


def band_json(band: Band) -> dict[str, Any]:
    """A band as a program reads it."""
    return {
        "seeds": band.seeds,
        "mean": band.mean,
        "standard_error": band.standard_error,
        "deterministic": band.deterministic,
        **{f"p{percent}": value for percent, value in band.percentiles.items()},
    }


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
