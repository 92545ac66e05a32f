"""`planwise results`: what is published, as tables; over seeds as bands, with how many seeds a precision needs.

Belongs here: arguments, tables, JSON. Does not: the statistics (results/ensembles.py), the queries (results/tables.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from planwise_assets.commands.plan_tests import show_tests
from planwise_assets.commands.shared.console import Form, fail, is_terminal, note, print_json, print_table, say
from planwise_assets.commands.shared.cuts import (
    ByOption,
    chosen_group,
    cut_facts,
    cuttable,
    print_cut,
    print_cut_bands,
)
from planwise_assets.commands.shared.options import (
    FormOption,
    JsonOption,
    Results,
    StrictOption,
    one_of,
    open_study,
    published,
)
from planwise_assets.results.chances import chances_above
from planwise_assets.results.ensembles import (
    CONFIDENCE,
    PERCENTILES,
    Band,
    Bands,
    band_text,
    fact_json,
    half_width,
    seeds_needed,
    study_bands,
)
from planwise_assets.results.groups import CUTS, cut_bands
from planwise_assets.results.measures import MEASURES, Measure
from planwise_assets.results.reading import read_measures
from planwise_assets.results.tables import TABLES, table_heads, table_rows
from planwise_assets.results.totals import ALL_YEARS, totals, year_text
from planwise_assets.settings import Settings


def _amount(words: str) -> float:
    """`12000000`, `12,000,000`, `50%` (0.5).

    Raises:
        typer.Exit: It is none of these; code 2.
    """
    found = re.fullmatch(r"(-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?)(%?)", words.strip())
    if not found:
        fail(f"--above {words}: give an amount, e.g. 12000000, 12,000,000 or 50%.")
    return float(found[1].replace(",", "")) / (100 if found[2] else 1)


def results(
    *,
    bands: Annotated[bool, typer.Option("--bands", help="Percentiles, mean and its error over the seeds.")] = False,
    measure: Annotated[
        list[str] | None, typer.Option(help="With --bands: this measure; may be repeated.", metavar="NAME")
    ] = None,
    precision: Annotated[
        float | None,
        typer.Option(help="Say how many seeds hold the mean to this share of it, e.g. 0.01.", metavar="SHARE"),
    ] = None,
    above: Annotated[
        float | None,
        typer.Option(
            help="In how many futures the figure of --measure (net_cost) is above this, e.g. 12,000,000 or 50%.",
            metavar="AMOUNT",
            parser=_amount,
        ),
    ] = None,
    tests: Annotated[
        bool,
        typer.Option("--tests", help="The plan's tests: rates, limit, margin, excess and whose, what would have to change."),
    ] = False,
    by: ByOption = None,
    form: FormOption = Form.TABLE,
    as_json: JsonOption = False,
    strict: StrictOption = False,
) -> None:
    """Prints the results that are published.

    Try:

        planwise results

        planwise results --bands --measure net_cost --precision 0.005

        planwise results --measure net_cost --above 12000000

        planwise results --tests

        planwise results --tests --format csv > tests.csv

        planwise results --by division

        planwise results --json | jq '.facts[] | select(.measure == "headcount")'
    """
    settings, study = open_study()
    names = [one_of("measure", name, MEASURES) for name in measure or _key_measures()]
    if precision is not None and not 0 < precision < 1:
        fail(f"--precision {precision}: give a share of the mean between 0 and 1, e.g. 0.01 for 1 %.")
    for option, given in (("--tests", tests), ("--above", above is not None), ("--precision", precision is not None)):
        if by is not None and given:
            fail(f"--by cuts the figures, not what {option} shows: leave one of the two out.")
    if form is not Form.TABLE and not tests:
        fail("--format is of --tests; figures as files: planwise export --format csv.")
    with published(settings, study, strict=strict) as there:
        if tests:
            show_tests(there, study, form, as_json=as_json)
            return
        if above is not None:
            _show_chances(there, measure or ["net_cost"], above, as_json=as_json)
            return
        if by is not None:
            _show_cut(there, by, measure, bands=bands, as_json=as_json)
            return
        if not bands and precision is None and measure is None:
            show_results(there, settings, as_json=as_json)
            return
        found = study_bands(there.connection, there.made, together=True)
        if as_json:
            print_json(_as_json(there, found, measure or list(MEASURES), precision))
            return
        if len(there.made.seeds) < 2:
            say("The study has one seed: no bands. In the study file, seeds: {count: 25, first: 1} gives 25 futures.")
        for name in names:
            _print_bands(MEASURES[name], found, precision)


def _show_cut(there: Results, by: str, measure: list[str] | None, *, bands: bool, as_json: bool) -> None:
    """Prints the results by a group."""
    group = chosen_group(there.connection, by)
    is_whole = as_json or bands or bool(measure)
    found = cut_bands(there.connection, group, together=there.made.years if is_whole else ())
    names = cuttable(measure or [name for name in CUTS if as_json or MEASURES[name].is_key])
    if as_json:
        facts = cut_facts(group, found, names)
        yearly, together = (
            [fact for fact in facts if (fact["simulation_year"] is None) is whole] for whole in (False, True)
        )
        print_json({**there.as_json(), "facts": yearly, "totals": together})
    elif is_whole:
        print_cut_bands(group, found, names)
    else:
        print_cut(group, found, there.made.scenarios)


def show_results(there: Results, settings: Settings, *, as_json: bool) -> None:
    """Prints all that is published, as the first tables or as JSON.

    Args:
        there: The published results.
        settings: Say where the lake and the warehouse are.
        as_json: Print JSON.
    """
    if as_json:
        print_json(_as_json(there, study_bands(there.connection, there.made, together=True), list(MEASURES), None))
    else:
        print_tables(there, settings)


def _show_chances(there: Results, names: list[str], above: float, *, as_json: bool) -> None:
    made = there.made
    values = read_measures(there.connection)
    values = {**values, **totals(values, made.years)}
    years = [*made.years, ALL_YEARS]
    found = {name: chances_above(values, name, above, made.scenarios, years) for name in names}
    if as_json:
        chances = [{"measure": name, "above": above, **chance.as_json()} for name in names for chance in found[name]]
        print_json({**there.as_json(), "chances": chances})
        return
    for name in names:
        rows = [[chance.scenario, year_text(chance.year), str(chance.seeds), chance.text()] for chance in found[name]]
        measure = MEASURES[name]
        heads = ["scenario", "year", "seeds", "share of futures (95 % interval)"]
        print_table(f"{measure.title} above {measure.text(above)}", heads, rows, left=4)


def _print_bands(measure: Measure, found: Mapping[tuple[str, int], Mapping[str, Band]], precision: float | None) -> None:
    columns = ["scenario", "year", "measure", "mean", "standard error", *(f"P{percent}" for percent in PERCENTILES)]
    if precision is not None:
        columns += ["95% within", "seeds needed"]
    rows = []
    for (scenario, year), bands in found.items():
        band = bands.get(measure.name)
        if band is None and year == ALL_YEARS:
            continue
        cells = [scenario, year_text(year), measure.name, *band_text(measure, band)]
        rows.append(cells + (_needed(measure, band, precision) if precision is not None else []))
    print_table(f"{measure.title}: {measure.meaning}", columns, rows)


def _needed(measure: Measure, band: Band | None, precision: float) -> list[str]:
    if band is None or band.standard_error is None or not band.mean:
        return ["-", "1" if band and band.deterministic else "-"]
    width = half_width(band.standard_error, band.seeds)
    return [f"± {measure.text(width)}", f"{seeds_needed(band.standard_error, band.seeds, precision * abs(band.mean)):,}"]


def _as_json(there: Results, found: Bands, names: list[str], precision: float | None) -> dict[str, Any]:
    facts: list[dict[str, Any]] = []
    together: list[dict[str, Any]] = []
    for (scenario, year), bands in found.items():
        for name in names:
            if name not in bands:
                continue
            band = bands[name]
            row = fact_json(scenario, year, MEASURES[name], band)
            if precision is not None and band.standard_error is not None and band.mean:
                row["half_width_95"] = half_width(band.standard_error, band.seeds)
                row["seeds_needed"] = seeds_needed(band.standard_error, band.seeds, precision * abs(band.mean))
            (together if year == ALL_YEARS else facts).append(row)
    value: dict[str, Any] = {**there.as_json(), "facts": facts, "totals": together}
    if precision is not None:
        value |= {"precision": precision, "confidence": CONFIDENCE}
    return value


def print_tables(there: Results, settings: Settings) -> None:
    """Prints the tables of workforce and plan, scenarios in the study's order, and where the lake and the warehouse are."""
    made = there.made
    all_bands = study_bands(there.connection, made, together=True)
    bands = {at: row for at, row in all_bands.items() if at[1] != ALL_YEARS}
    seeds = len(made.seeds)
    means = f", means over {seeds} seeds" if seeds > 1 else ""
    for place, (title, aside) in enumerate(TABLES.items()):
        if place and not is_terminal():
            say("")
        full = f"Study {made.study}: {title}{means}" + (f"; {aside}" if aside else "")
        if aside and not is_terminal():
            note(f"{title}: {aside}")
        print_table(full, table_heads(title, bands), table_rows(title, bands, made.scenarios))
    if len(made.years) > 1 and is_terminal():
        say(f"{MEASURES['net_cost'].title} over {min(made.years)}-{max(made.years)}: {'; '.join(_totals(all_bands))}")
    if seeds > 1 and is_terminal():
        say("How sure that is: planwise results --bands")
    # In a pipe the rows alone.
    tell = say if is_terminal() else note
    tell(f"Lake:      {settings.lake(made.study)}")
    tell(f"Warehouse: {settings.warehouse(made.study)} (open it read-only)")


def _totals(bands: Bands) -> list[str]:
    """Net cost of each scenario over all years."""
    costs = {scenario: row["net_cost"] for (scenario, year), row in bands.items() if year == ALL_YEARS}
    return [f"{name} {MEASURES['net_cost'].text(cost.mean)}" for name, cost in costs.items()]


def _key_measures() -> list[str]:
    return [name for name, measure in MEASURES.items() if measure.is_key]
