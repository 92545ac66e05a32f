"""The tornado: what a figure is more or less with each assumption at its low and at its high value, as inline SVG.

Belongs here: the section of the report, geometry. Does not: the differences (sensitivity/), colours (report.css, by class).

Low and high are told apart by place (upper and lower half of a row), by their values at the ends of the bars and by colour.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from planwise_assets.report.scales import short, tick_texts, ticks
from planwise_assets.report.tables import cut, html_table
from planwise_assets.results.certainty import known
from planwise_assets.results.ensembles import FEWEST_SEEDS
from planwise_assets.results.measures import MEASURES, Unit
from planwise_assets.sensitivity.swings import Sensitivity, Swing, Turn

_WIDTH, _ROW, _BAR = 900, 40, 14
_LEFT, _RIGHT, _TOP, _BOTTOM = 350, 90, 8, 30
_NAME_LENGTH, _VALUE_LENGTH = 44, 16


def tornado_section(found: Sensitivity, title: str) -> str:
    """The section: the picture, and the same as a table with the sources.

    Args:
        found: The swings.
        title: Of the scenario that they are of.
    """
    shown = [swing for swing in found.swings if not swing.is_none]
    none = [swing.varied.what for swing in found.swings if swing.is_none]
    measure = MEASURES[found.measure]
    futures = f"{found.seeds} future{'s' * (found.seeds > 1)}"
    sure = (
        f"{futures} with the same luck; the thin lines go from P10 to P90 of the futures."
        if found.seeds >= FEWEST_SEEDS
        else f"{futures}: too few to say how sure ({FEWEST_SEEDS} are needed)."
    )
    hint = (
        f"{measure.title} of {title}, {found.span}: {short(found.as_it_is.mean, measure.unit)}. Each assumption is changed "
        f"alone, to a low and to a high value, and all years are simulated again; {sure}"
    )
    same = f'<p class="hint">No difference in any future: {escape(", ".join(none))}.</p>' if none else ""
    picture = f'<figure class="wide">{_tornado(found, shown)}</figure>' if shown else ""
    return (
        f'<section id="sensitivity"><h2>What it depends on</h2><p class="hint">{escape(hint)}</p>{picture}{same}'
        f"{_table(found)}</section>"
    )


def _tornado(found: Sensitivity, swings: Sequence[Swing]) -> str:
    unit = MEASURES[found.measure].unit
    ends = [end for swing in swings for turn in (swing.low, swing.high) for end in (0.0, turn.less.mean, *_spread(turn))]
    marks = ticks(min(ends), max(ends))
    scale = (_WIDTH - _LEFT - _RIGHT) / (marks[-1] - marks[0])

    def x(value: float) -> float:
        return _LEFT + (value - marks[0]) * scale

    height = _TOP + _ROW * len(swings) + _BOTTOM
    parts = []
    for value, text in zip(marks, tick_texts(marks, unit), strict=True):
        kind = "zero" if not value else "grid"
        parts.append(
            f'<line class="{kind}" x1="{x(value):.1f}" x2="{x(value):.1f}" y1="{_TOP}" y2="{height - _BOTTOM}"/>'
            f'<text class="tick" x="{x(value):.1f}" y="{height - 10}" text-anchor="middle">{text}</text>'
        )
    for place, swing in enumerate(swings):
        top = _TOP + _ROW * place + (_ROW - 2 * _BAR) / 2
        name = escape(cut(swing.varied.what, _NAME_LENGTH))
        parts.append(f'<text x="{_LEFT - 70}" y="{top + _BAR + 4:.1f}" text-anchor="end">{name}</text>')
        for half, (look, turn) in enumerate((("low", swing.low), ("high", swing.high))):
            y = top + half * _BAR
            start, end = sorted((x(0.0), x(turn.less.mean)))
            said = f"{swing.varied.what} {turn.side.value}: {known(turn.less.mean, None, unit, signed=True)}"
            line = _spread(turn)
            whisker = (
                f'<line class="spread" x1="{x(line[0]):.1f}" x2="{x(line[1]):.1f}" '
                f'y1="{y + _BAR / 2:.1f}" y2="{y + _BAR / 2:.1f}"/>'
                if line
                else ""
            )
            parts.append(
                f'<rect class="{look}" x="{start:.1f}" y="{y:.1f}" width="{max(end - start, 0.5):.1f}" height="{_BAR - 1}">'
                f"<title>{escape(said)}</title></rect>{whisker}{_value(turn, x, y)}"
            )
    described = " ".join(_described(swing, unit) for swing in swings)
    return (
        f'<svg class="tornado" viewBox="0 0 {_WIDTH} {height}" role="img" aria-labelledby="tornado-title tornado-text">'
        f'<title id="tornado-title">What it depends on</title><desc id="tornado-text">{escape(described)}</desc>'
        f"{''.join(parts)}</svg>"
    )


def _value(turn: Turn, x: Callable[[float], float], y: float) -> str:
    """The assumption's value, where its bar ends, on the side away from the middle."""
    ends = (turn.less.mean, *_spread(turn))
    is_left = turn.less.mean < 0
    at = x(min(*ends, 0.0)) - 5 if is_left else x(max(*ends, 0.0)) + 5
    return (
        f'<text class="tick" x="{at:.1f}" y="{y + _BAR - 3:.1f}" text-anchor="{"end" if is_left else "start"}">'
        f"{escape(cut(turn.side.value, _VALUE_LENGTH))}</text>"
    )


def _spread(turn: Turn) -> tuple[float, ...]:
    spread = turn.spread
    return (spread.percentiles[10], spread.percentiles[90]) if spread.percentiles and spread.seeds >= FEWEST_SEEDS else ()


def _described(swing: Swing, unit: Unit) -> str:
    low, high = (known(turn.less.mean, None, unit, signed=True) for turn in (swing.low, swing.high))
    return f"{swing.varied.what}: {low} at {swing.low.side.value}, {high} at {swing.high.side.value}."


def _table(found: Sensitivity) -> str:
    label = escape(MEASURES[found.measure].label)
    rows = []
    for swing in found.swings:
        first, own = escape(swing.varied.what), escape(swing.varied.now)
        rows.append([first, own, "low", *_cells(found, swing.low)])
        rows.append(["", "", "high", *_cells(found, swing.high)])
    return html_table(
        f"Lows and highs <span>{label}, {found.span}, with the standard error over the futures</span>",
        ["assumption", "now", "", "value", "source", "difference", "higher in"],
        rows,
        text=5,
    )


def _cells(found: Sensitivity, turn: Turn) -> list[str]:
    unit, error = MEASURES[found.measure].unit, turn.less.standard_error
    difference = known(turn.less.mean, error, unit, signed=True)
    return [
        escape(turn.side.value),
        f'<span class="says">{escape(turn.side.source)}</span>',
        f"{difference}<small>± {short(error, unit)}</small>" if error else difference,
        f"{turn.more} of {turn.less.seeds}" if found.seeds >= FEWEST_SEEDS else "-",
    ]
