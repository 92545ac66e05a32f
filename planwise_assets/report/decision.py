"""The first page: what a person who decides needs, on one sheet of paper.

Belongs here: the page's parts, in the order in which somebody who decides asks. Does not: figures (data.py), the rest of the
report (page.py), that it stays one sheet (report.css; tests/e2e/test_report_on_paper.py prints it).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from html import escape

from planwise_assets.report.charts import LOOKS
from planwise_assets.report.data import ReportData
from planwise_assets.report.outcomes import outcome_cell, outcomes_told, touches_nobody
from planwise_assets.report.ranges import difference_marks
from planwise_assets.report.tables import cut
from planwise_assets.results.certainty import certainty, is_same, known
from planwise_assets.results.ensembles import FEWEST_SEEDS, Band
from planwise_assets.results.winners import MATTERS, GroupGain
from planwise_assets.results.wording import sentence

#: More do not fit on the sheet; the rest of the report has all.
MOST_SCENARIOS = 6
_MOST_DIFFERENCES = 2
_OF = {"ADP": "what the highly paid defer", "ACP": "what they are matched", "415": "limit a person"}
_HASH_SHOWN = 12
_HEAD_LENGTH = 30


def decision_page(data: ReportData, made_on: date, *, is_alone: bool = False) -> str:
    """The section that is the first page.

    Args:
        data: What the report says.
        made_on: The day on which the report is made.
        is_alone: Whether nothing comes after it.
    """
    question = f'<p class="question">{escape(data.made.question)}</p>' if data.made.question else ""
    parts = [
        f'<header><p class="kicker">Workforce and 401(k) projection, {data.span}</p><h1>{escape(data.made.title)}</h1>',
        f"{question}</header>",
        _stale(data),
        f'<p class="answer">{" ".join(_answer(data))}</p>',
        _scenarios(data),
        _gains(data),
        _tests(data),
        _assumptions(data),
        _source(data, made_on, is_alone=is_alone),
    ]
    shown = len(_shown(data))
    dense = " dense" * (shown > 4) + " crowded" * (shown + bool(data.differs) > 5)
    return f'<section id="decision" class="decision{dense}">{"".join(parts)}</section>'


def named(data: ReportData, scenario: str) -> str:
    """A scenario's title with its colour."""
    look = data.scenarios.index(scenario) % LOOKS
    return f'<span class="key s{look}"></span>{escape(data.made.titles[scenario])}'


def _shown(data: ReportData) -> list[str]:
    return data.scenarios[:MOST_SCENARIOS]


def _cut(data: ReportData, scenario: str) -> str:
    """A title for the head of a narrow column; the first table has it whole."""
    return cut(data.made.titles[scenario], _HEAD_LENGTH)


def _stale(data: ReportData) -> str:
    if not data.differs:
        return ""
    more = len(data.differs) - _MOST_DIFFERENCES
    listed = "; ".join(escape(sentence) for sentence in data.differs[:_MOST_DIFFERENCES])
    return (
        f'<p class="stale"><b>These are not the results of today’s study.</b> Since then: {listed}'
        f"{f'; and {more} more' if more > 0 else ''}. Bring them up to date: <code>planwise simulate</code>.</p>"
    )


def _money(band: Band) -> str:
    return known(band.mean, 0.0 if band.deterministic else band.standard_error, "dollars")


def _answer(data: ReportData) -> Iterable[str]:
    """What the table below says, in sentences."""
    first = escape(_cut(data, data.first))
    yield (
        f"<b>{first}</b> costs the employer {_money(data.bands[data.first, data.years[0]]['net_cost'])} in {data.years[0]}"
        + (f" and {_money(data.totals[data.first])} over {data.span}." if len(data.years) > 1 else ".")
    )
    listed = [(name, data.more[name]) for name in _shown(data)[1:] if name in data.more]
    same = [escape(_cut(data, name)) for name, band in listed if is_same(band)]
    dearer = sorted((item for item in listed if item[1].mean > 0), key=lambda item: -item[1].mean)
    cheaper = sorted((item for item in listed if item[1].mean < 0), key=lambda item: item[1].mean)
    texts = [
        f"<b>{escape(_cut(data, name))}</b> {known(abs(band.mean), band.standard_error, 'dollars')} "
        f"{'more' if band.mean > 0 else 'less'}"
        for name, band in (*dearer, *cheaper)
    ]
    if texts:
        yield f"Against that, {_over(data)}: {', '.join(texts)}."
    if same:
        yield f"The same: {', '.join(same)}."
    if data.tests:
        yield outcomes_told(data.tests, {name: _cut(data, name) for name in _shown(data)})


def _over(data: ReportData) -> str:
    return f"{'over' if len(data.years) > 1 else 'in'} {data.span}"


def _scenarios(data: ReportData) -> str:
    looks = {name: place % LOOKS for place, name in enumerate(data.scenarios)}
    marks = difference_marks({name: band for name, band in data.more.items() if name in _shown(data)}, looks)
    several = len(data.years) > 1
    heads = ["Scenario", f"Cost {data.years[0]}", *([f"Cost {data.span}"] if several else []), "Difference"]
    heads += [*(["How sure"] if _says_how_sure(data) else []), f"In the plan, {data.last_year}"]
    rows = []
    for name in _shown(data):
        cost, share = data.bands[name, data.years[0]].get("net_cost"), data.bands[name, data.last_year].get("participation")
        told = f'<b>{named(data, name)}</b><span class="says">{escape(sentence(data.made, name))}</span>'
        cells = [told, _money(cost) if cost else "-", *([_money(data.totals[name])] if several else [])]
        rows.append(
            [*cells, *_difference(data, name, marks), known(share.mean, share.standard_error, "share") if share else "-"]
        )
    left = len(data.scenarios) - MOST_SCENARIOS
    more = f" The other {left} scenarios are in the rest of the report." if left > 0 else ""
    note = (
        f"Cost is match and core less forfeitures used. The difference is over all years, from "
        f"{escape(_cut(data, data.first))}, each person with the same luck in both."
        f"{_how_sure(data)}{more}"
    )
    return _table("What it costs", heads, rows, note, "costs")


def _says_how_sure(data: ReportData) -> bool:
    return len(data.seeds) >= FEWEST_SEEDS


def _how_sure(data: ReportData) -> str:
    if _says_how_sure(data):
        return " Dot: mean; line and range: P10 to P90 of the futures."
    if len(data.scenarios) == 1:
        return ""
    futures = len(data.seeds)
    simulated = f"{futures} futures were" if futures > 1 else "One future was"
    return f" {simulated} simulated: how far chance moves a difference is said from {FEWEST_SEEDS} on (setting seeds)."


def _difference(data: ReportData, name: str, marks: dict[str, str]) -> Iterator[str]:
    """The cells of a difference and, where it can be said, of how sure it is."""
    band = data.more.get(name)
    sure = ""
    if name == data.first:
        yield "(the first)"
    elif band is None:
        yield "no common future"
    else:
        text = "none" if is_same(band) else f"<b>{known(band.mean, band.standard_error, 'dollars', signed=True)}</b>"
        yield f"{text}{marks[name]}"
        sure = escape(certainty(band, data.dearer[name])).replace("\n", "<br>")
    if _says_how_sure(data):
        yield sure


def _gains(data: ReportData) -> str:
    others = [name for name in _shown(data)[1:] if data.gains.get(name)]
    if not others:
        return ""
    groups = [gain.bands[0] for gain in data.gains[others[0]]]
    found = {(name, gain.bands[0]): gain for name in others for gain in data.gains[name]}
    rows = [[group, *(_gain(found.get((name, group))) for name in others)] for group in groups]
    note = (
        f"▲ share who get at least ${MATTERS} more {_over(data)} (match and core less what an exit forfeits), ▼ share who "
        "get that much less, then the mean difference of everybody in the group, over all those years; of the "
        f"{data.gains[others[0]][0].people:,.0f} people whom both scenarios employ at some time."
    )
    heads = [f"Compared with {_cut(data, data.first)}", *(_cut(data, name) for name in others)]
    return _table(f"Who gains and who loses, {data.span}", heads, rows, note)


def _gain(gain: GroupGain | None) -> str:
    if gain is None:
        return "-"
    if not gain.gains and not gain.loses:
        return '<span class="none">nobody</span>'
    look = "gain" if gain.mean > 0 else "lose"
    return (
        f'<span><span class="{look}">▲{_share(gain.gains)} ▼{_share(gain.loses)}</span> '
        f'<span class="mean">{"+" if gain.mean >= 0 else "-"}${abs(gain.mean):,.0f}</span></span>'
    )


def _share(share: float) -> str:
    return "&lt;1%" if 0 < share < 0.005 else f"{share:.0%}"


def _tests(data: ReportData) -> str:
    heads = ["Test", *(_cut(data, name) for name in _shown(data))]
    nobody = [
        f"{test} ({of})" for test, of in _OF.items() if touches_nobody([one for one in data.tests if one.test == test])
    ]
    rows = [
        [
            f"<b>{test}</b> {of}",
            *(
                outcome_cell([one for one in data.tests if (one.scenario, one.test) == (name, test)])
                for name in _shown(data)
            ),
        ]
        for test, of in _OF.items()
        if f"{test} ({of})" not in nobody
    ]
    margin = "margin in points" + (": mean of the futures, and the worst of them" if len(data.seeds) > 1 else "")
    note = (
        f"In the year that is furthest from passing: average of the highly compensated against its limit, and the {margin}; "
        "excess: what of that year goes back to them, which is not in the cost above."
        + "".join(f" {test}: nobody is above it in any scenario." for test in nobody)
    )
    return _table("Does the plan pass its tests?", heads, rows, note)


def _assumptions(data: ReportData) -> str:
    if not data.assumptions:
        return ""
    listed = "".join(f"<li>{escape(one.says)} <b>{escape(one.worth)}</b></li>" for one in data.assumptions)
    note = "Plain arithmetic on the figures of the first scenario, not simulated (planwise sensitivity simulates them)."
    if data.sensitivity and data.sensitivity.of == data.first:
        futures = data.sensitivity.seeds
        note = (
            f"Simulated: each changed alone, to a low and a high value with a source, in {futures} "
            f"future{'s' * (futures > 1)} with the same luck; all of them in the rest of the report. "
            "Nobody saves more or less because the match changes."
        )
    return f'<h2>What it depends on most</h2><ol>{listed}</ol><p class="note">{note}</p>'


def _source(data: ReportData, made_on: date, *, is_alone: bool) -> str:
    last, futures = data.made.last, len(data.seeds)
    known_of = "one future" if futures == 1 else f"{futures} futures"
    if futures < FEWEST_SEEDS:
        known_of += ": a sketch"
    remarks = len(data.made.warnings)
    where = "planwise report has them" if is_alone else "see Summary"
    know = f" {remarks} remark{'s' * (remarks > 1)} on data and plan: {where}." if remarks else ""
    day = f"{made_on.day} {made_on:%B %Y}"
    return (
        f'<p class="source">{day}. {data.opening:,} people on 1 January {data.years[0]}; {known_of}. '
        f"A projection, not a forecast.{know} Source: study {escape(data.made.study)} "
        f"({_short(last.study_file)}), census {_short(last.census)}; PlanWise {escape(last.packages['planwise'])}.</p>"
    )


def _short(file: tuple[str, str]) -> str:
    """A file's own name and the beginning of its SHA-256; the end of the report has all of both."""
    name = file[0].replace("\\", "/").rsplit("/", 1)[-1]
    return f"{escape(name)}, {file[1][:_HASH_SHOWN] or 'unknown'}"


def _table(title: str, heads: Sequence[str], rows: Iterable[Sequence[str]], note: str, kind: str = "") -> str:
    """A table whose rows become blocks on a narrow screen: each cell knows the name of its column."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>'
        + "".join(f'<td data-head="{escape(name)}">{cell}</td>' for name, cell in zip(heads[1:], row[1:], strict=True))
        + "</tr>"
        for row in rows
    )
    return (
        f'<h2>{escape(title)}</h2><table class="plain {kind}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        f'<p class="note">{note}</p>'
    )
