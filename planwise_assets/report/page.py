"""The report as HTML: what is said, in which order, in which words.

Belongs here: the page and its sections from the second sheet on. Does not: the first sheet (decision.py), figures (data.py),
drawing (charts.py), looks (report.css).

The page loads nothing and runs nothing: styles and charts are in it, and its content policy forbids the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from html import escape
from pathlib import Path

from planwise_assets.report.charts import Series, line_chart
from planwise_assets.report.cut import cut_section
from planwise_assets.report.data import ReportData
from planwise_assets.report.decision import decision_page, named
from planwise_assets.report.heat import heat_section
from planwise_assets.report.law import law_tables
from planwise_assets.report.scales import short
from planwise_assets.report.tables import html_table, words
from planwise_assets.report.tornado import tornado_section
from planwise_assets.results.compliance import HEADS, TESTS, outcome_rows
from planwise_assets.results.ensembles import FEWEST_SEEDS, PERCENTILES, Band, band_text
from planwise_assets.results.measures import MEASURES, Measure, shown

_STYLE = Path(__file__).with_name("report.css")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

_TESTS_HINT = (
    "Each is held for itself, in each future. The averages are of the highly compensated and of the others, in per cent of "
    "pay; the margin is what is left to the limit, in points. A safe harbor is exempt, and its rates are for information. "
    "Excess is what would go back to people, or for 415 what was cut or made catch-up; the projection pays nothing back."
)


def report_page(data: ReportData, made_on: date, *, only_decision: bool = False) -> str:
    """The whole file.

    Args:
        data: What the report says.
        made_on: The day on which it is made.
        only_decision: Whether it is the first page alone.
    """
    parts = [decision_page(data, made_on, is_alone=only_decision), *([] if only_decision else _rest(data))]
    style = _STYLE.read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<title>PlanWise: {escape(data.made.title)}, {data.span}</title><style>{style}</style></head>\n"
        '<body><a class="skip" href="#decision">To the first page</a><div class="page"><main>'
        + "\n".join(parts)
        + "</main></div></body></html>\n"
    )


def _rest(data: ReportData) -> list[str]:
    links = (
        ("summary", "Summary"),
        ("charts", "Charts"),
        ("scenarios", "Scenarios"),
        *([("heat", "Who gains")] if any(one.cells for one in data.heat.values()) else []),
        ("tests", "Tests"),
        *([("cut", words(data.cut.group))] if data.cut else []),
        *([("sensitivity", "What it depends on")] if data.sensitivity else []),
        ("tables", "All figures"),
        ("reading", "How to read this"),
    )
    nav = "".join(f'<a href="#{anchor}">{escape(text)}</a>' for anchor, text in links)
    return [
        f'<nav aria-label="Sections">{nav}</nav>',
        *(_summary(data), _charts(data), _scenarios(data)),
        *(heat_section(data.heat, data.span, data.made.titles[data.first], partial(named, data)), _tests(data)),
        *([cut_section(data.cut, data.scenarios, data.last_year, partial(named, data))] if data.cut else []),
        *([tornado_section(data.sensitivity, data.made.titles[data.sensitivity.of])] if data.sensitivity else []),
        *(_tables(data), _reading(data)),
        f"<footer>Made by PlanWise {escape(data.made.last.packages['planwise'])}. This file is complete: it loads nothing."
        "</footer>",
    ]


def _lead(data: ReportData) -> str:
    scenarios, seeds = len(data.scenarios), len(data.seeds)
    return (
        f"{data.opening:,} people on 1 January {data.years[0]}, {len(data.years)} year{'s' * (len(data.years) > 1)}, "
        f"{scenarios} scenario{'s' * (scenarios > 1)}, {seeds} seed{'s' * (seeds > 1)}."
    )


def _error(error: float, measure: Measure) -> str:
    """A standard error, or below what it is when it is too small to be written."""
    text, smallest = short(error, measure.unit), short(0.0001, measure.unit)
    return f"under {smallest}" if measure.unit == "share" and text == short(0.0, measure.unit) else text


def _at(data: ReportData, scenario: str, measure: str, year: int | None = None) -> Band | None:
    return data.bands[scenario, year or data.last_year].get(measure)


def _key_measures() -> list[str]:
    """What is drawn, and shown side by side."""
    return [name for name, measure in MEASURES.items() if measure.is_key]


def _figure(measure: Measure, band: Band | None) -> str:
    if band is None:
        return "-"
    error = f" <small>± {_error(band.standard_error, measure)}</small>" if band.standard_error else ""
    return f"{short(band.mean, measure.unit)}{error}"


def _to_know(data: ReportData) -> str:
    """What was allowed in the study or in a year, and should be known."""
    said = "".join(
        f"<li>{', '.join(map(str, years))}: {escape(warning)}</li>" for warning, years in data.made.warnings.items()
    )
    return f'<div class="know"><h3>To be known</h3><ul>{said}</ul></div>' if said else ""


def _summary(data: ReportData) -> str:
    first = data.first
    cards = []
    headcount = _at(data, first, "headcount")
    if headcount:
        growth = headcount.mean / data.opening - 1 if data.opening else 0
        cards.append(_card("Headcount", f"{headcount.mean:,.0f}", f"{growth:+.1%} on the opening {data.opening:,}"))
    for name, more in (
        ("payroll", "paid in the year"),
        ("participation", "of the eligible contribute"),
        ("net_cost", "match and core less forfeitures used"),
        ("cost_rate", "net employer cost"),
    ):
        measure, band = MEASURES[name], _at(data, first, name)
        if band:
            spread = _spread(measure, band)
            cards.append(_card(words(measure.label), short(band.mean, measure.unit), f"{more}{spread}"))
    means = f", means over {len(data.seeds)} seeds" if len(data.seeds) > 1 else ""
    label = f"{_lead(data)} {data.made.titles[first]} in {data.last_year}{means}."
    return (
        f'<section id="summary"><h2>Summary</h2><p class="hint">{escape(label)}</p>'
        f'<div class="cards">{"".join(cards)}</div>{_to_know(data)}{_side_by_side(data)}</section>'
    )


def _card(what: str, figure: str, more: str) -> str:
    return (
        f'<div class="card"><div class="what">{escape(what)}</div><div class="figure">{escape(figure)}</div>'
        f'<div class="more">{escape(more).replace(" · ", "<br>")}</div></div>'
    )


def _spread(measure: Measure, band: Band) -> str:
    if not band.percentiles:
        return ""
    return f" · P10 to P90: {short(band.percentiles[10], measure.unit)} to {short(band.percentiles[90], measure.unit)}"


def _side_by_side(data: ReportData) -> str:
    names = [name for name in _key_measures() if any(_at(data, scenario, name) for scenario in data.scenarios)]
    heads = ["scenario", *(MEASURES[name].label for name in names), "net cost, all years"]
    rows = []
    for scenario in data.scenarios:
        cells = [_figure(MEASURES[name], _at(data, scenario, name)) for name in names]
        rows.append([named(data, scenario), *cells, _figure(MEASURES["net_cost"], data.totals[scenario])])
    several = " <span>mean ± standard error over the seeds</span>" if len(data.seeds) > 1 else ""
    return html_table(f"Scenarios side by side, {data.last_year}{several}", heads, rows)


def _charts(data: ReportData) -> str:
    figures = []
    for name in _key_measures():
        series = [_series(data, scenario, name) for scenario in data.scenarios]
        if not any(value is not None for line in series for value in line.values):
            continue
        measure = MEASURES[name]
        chart = line_chart(f"chart-{name.replace('_', '-')}", words(measure.label), data.years, series, measure.unit)
        figures.append(
            f"<figure><figcaption><h3>{escape(words(measure.label))}</h3><span>{escape(measure.meaning)}</span></figcaption>"
            f"{chart}</figure>"
        )
    seeds = len(data.seeds)
    few = "" if seeds >= FEWEST_SEEDS else f", interpolated between {seeds}: too few to say how likely it is"
    band = f" The shaded band goes from P10 to P90 of the seeds{few}." if seeds > 1 else ""
    return (
        '<section id="charts"><h2>Year by year</h2><p class="hint">Each line is a scenario'
        f"{', its mean over the seeds' * (len(data.seeds) > 1)}.{band} Axes need not begin at zero. "
        "Lines that are equal are drawn once, and named together with =. The figures are in the "
        f'tables below.</p><div class="charts">{"".join(figures)}</div></section>'
    )


def _series(data: ReportData, scenario: str, measure: str) -> Series:
    bands = [_at(data, scenario, measure, year) for year in data.years]
    has_band = any(band and band.percentiles for band in bands)

    def edge(percent: int) -> list[float | None]:
        return [band.percentiles.get(percent, band.mean) if band else None for band in bands] if has_band else []

    return Series(
        data.made.titles[scenario],
        data.scenarios.index(scenario),
        [band.mean if band else None for band in bands],
        edge(PERCENTILES[0]),
        edge(PERCENTILES[-1]),
    )


def _scenarios(data: ReportData) -> str:
    rows = [
        [named(data, name) if place == 0 else "", escape(key), escape(old), escape(new)]
        for name, settings in data.settings.items()
        for place, (key, old, new) in enumerate(settings)
    ]
    first = escape(data.made.titles[data.first])
    if rows:
        body = html_table(
            f"Settings in which a scenario differs from {first}", ["scenario", "what", first, "here"], rows, text=4
        )
    else:
        body = "<p>The study file has one scenario, or scenarios that do not differ.</p>"
    return (
        '<section id="scenarios"><h2>What the scenarios are</h2><p class="hint">All other settings are the same; '
        f"<code>planwise config explain</code> lists every one with its source.</p>{body}</section>"
    )


def _tests(data: ReportData) -> str:
    rows = []
    for outcome, cells in zip(data.tests, outcome_rows(data.tests), strict=True):
        look = "yes" if not outcome.failed else "no" if outcome.failed == outcome.seeds else "some"
        is_first = outcome.test == next(iter(TESTS)) and outcome.year == data.years[0]
        title = named(data, outcome.scenario) if is_first else ""
        rows.append([title, *map(escape, cells[1:3]), f'<span class="{look}">{escape(cells[3])}</span>', *cells[4:]])
    several = " <span>rates, limits, margins and excess are means over the futures; the worst is one future's</span>"
    table = html_table(f"Tests by year{several * (len(data.seeds) > 1)}", HEADS, rows, text=4)
    meaning = "; ".join(f"{test}: {of}" for test, of in TESTS.items())
    remedies = [(outcome.scenario, text) for outcome in data.tests if (text := outcome.remedy())]
    listed = "".join(f"<li>{named(data, scenario)}. {escape(text)}</li>" for scenario, text in remedies)
    change = f"<h3>What would have to change</h3><ul>{listed}</ul>" if remedies else ""
    return (
        f'<section id="tests"><h2>Tests of the plan</h2><p class="hint">{escape(meaning)}. {_TESTS_HINT}</p>'
        f"{table}{change}{law_tables(data)}</section>"
    )


def _tables(data: ReportData) -> str:
    has_seeds = len(data.seeds) > 1
    heads = ["scenario", "year", "mean" if has_seeds else "value"]
    if has_seeds:
        heads += ["standard error", *(f"P{percent}" for percent in PERCENTILES)]
    blocks = []
    for place, measure in enumerate(shown(data.bands)):
        rows = []
        for (scenario, year), bands in data.bands.items():
            cells = band_text(measure, bands.get(measure.name))[: len(heads) - 2]
            title = named(data, scenario) if year == data.years[0] else ""
            rows.append([title, str(year), *(_cell(text) for text in cells)])
        table = html_table(f"{escape(words(measure.label))} <span>{escape(measure.meaning)}</span>", heads, rows)
        blocks.append(f"<details{' open' * (place == 0)}><summary>{escape(words(measure.label))}</summary>{table}</details>")
    return (
        '<section id="tables"><h2>All figures</h2><p class="hint">By scenario and year. The same as JSON: '
        f"<code>planwise results --json</code>; every table in full: <code>planwise export</code>.</p>"
        f"{''.join(blocks)}</section>"
    )


def _cell(text: str) -> str:
    return '<span class="tag">deterministic</span>' if text == "deterministic" else escape(text)


def _reading(data: ReportData) -> str:
    notes = [
        "A <b>seed</b> is one possible future. All scenarios of a seed have the same luck, so what differs between them is "
        "what the settings did; differences are taken seed by seed.",
        "The <b>standard error</b> says how far the mean may be from that of very many seeds; the <b>band</b> says how far "
        "one future may be from another. <b>Deterministic</b> totals are solved exactly and are the same in every seed.",
        "A projection is not a forecast: it says what follows from the settings.",
    ]
    seeds = data.seeds
    facts: Sequence[tuple[str, str]] = (
        ("Study", f"{data.made.study}: {data.made.last.study_file[0]}, SHA-256 {data.made.last.study_file[1] or 'unknown'}"),
        ("Years", ", ".join(map(str, data.years))),
        ("Seeds", ", ".join(map(str, seeds)) if len(seeds) <= 30 else f"{len(seeds)}, from {seeds[0]} to {seeds[-1]}"),
        ("Census", f"{data.made.last.census[0]}, SHA-256 {data.made.last.census[1]}"),
        ("PlanWise", data.made.last.packages["planwise"]),
    )
    listed = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    told = "".join(f"<p>{note}</p>" for note in notes)
    return f'<section id="reading"><h2>How to read this</h2>{told}<dl>{listed}</dl></section>'
