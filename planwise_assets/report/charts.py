"""Line charts as inline SVG: a line a scenario over the years, with the band between two percentiles where there are seeds.

Belongs here: geometry. Does not: colours (report.css, by class), which figures are drawn (page.py). A chart has a title and
a description for who cannot see it, lines that differ in dash and marker as well as in colour, and a label at the end of
each line in place of a legend.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from planwise_assets.report.scales import short, tick_texts, ticks
from planwise_assets.report.tables import cut
from planwise_assets.results.measures import Unit

_WIDTH, _HEIGHT = 560, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 152, 14, 28
_LABEL_GAP = 15
_LABEL_LENGTH = 19
_MOST_YEARS_NAMED = 10

#: How many looks there are; further scenarios begin anew.
LOOKS = 8


@dataclass(frozen=True)
class Series:
    """One line.

    Attributes:
        name: Scenario.
        look: Number of its colour, dash and marker, from 0.
        values: Value by year, in the order of the chart's years; None where there is none.
        low: Lower edge of the band, likewise; empty without a band.
        high: Upper edge.
    """

    name: str
    look: int
    values: Sequence[float | None]
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()


def line_chart(identity: str, title: str, years: Sequence[int], series: Sequence[Series], unit: Unit) -> str:
    """An SVG element.

    Args:
        identity: Unique in the page; letters, digits and `-`.
        title: What is drawn.
        years: The years, in order.
        series: The lines; at least one value in all.
        unit: Of the values.
    """
    known = [value for line in series for part in (line.values, line.low, line.high) for value in part if value is not None]
    marks = ticks(min(known), max(known), whole=unit == "people")
    plot = _Plot(years, marks[0], marks[-1])
    parts = [*_axes(plot, marks, unit)]
    # Scenarios that agree everywhere share one band: two on top of each other would look like a third.
    bands = {(tuple(line.low), tuple(line.high)): line for line in reversed(series) if line.low}
    parts += [_band(plot, line) for line in reversed(bands.values())]
    parts += [_line(plot, line, years, unit) for line, *_ in _equal(series)]
    parts += _labels(plot, series)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-labelledby="{identity}-title {identity}-text">'
        f'<title id="{identity}-title">{escape(title)}</title>'
        f'<desc id="{identity}-text">{escape(_described(years, series, unit))}</desc>{"".join(parts)}</svg>'
    )


def _equal(series: Sequence[Series]) -> list[list[Series]]:
    """The lines, those that are equal everywhere together: on top of each other only the last would be seen."""
    found: dict[tuple[float | None, ...], list[Series]] = {}
    for line in series:
        found.setdefault(tuple(line.values), []).append(line)
    return list(found.values())


@dataclass(frozen=True)
class _Plot:
    years: Sequence[int]
    low: float
    high: float

    def x(self, place: int) -> float:
        width = _WIDTH - _LEFT - _RIGHT
        return _LEFT + width * (place / (len(self.years) - 1) if len(self.years) > 1 else 0.5)

    def y(self, value: float) -> float:
        return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (self.high - value) / (self.high - self.low)


def _axes(plot: _Plot, marks: list[float], unit: Unit) -> list[str]:
    parts = []
    for value, text in zip(marks, tick_texts(marks, unit), strict=True):
        y = plot.y(value)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="tick" x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{text}</text>')
    every = -(-len(plot.years) // _MOST_YEARS_NAMED)
    for place, year in enumerate(plot.years):
        if place % every == 0:
            parts.append(f'<text class="tick" x="{plot.x(place):.1f}" y="{_HEIGHT - 8}" text-anchor="middle">{year}</text>')
    return parts


def _points(plot: _Plot, values: Sequence[float | None]) -> list[tuple[float, float]]:
    return [(plot.x(place), plot.y(value)) for place, value in enumerate(values) if value is not None]


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _band(plot: _Plot, line: Series) -> str:
    upper, lower = _points(plot, line.high), _points(plot, line.low)
    if not upper:
        return ""
    if len(upper) == 1:
        (x, top), (_, bottom) = upper[0], lower[0]
        return f'<line class="whisker s{line.look % LOOKS}" x1="{x:.1f}" x2="{x:.1f}" y1="{top:.1f}" y2="{bottom:.1f}"/>'
    return f'<path class="band s{line.look % LOOKS}" d="{_path([*upper, *reversed(lower)])} Z"/>'


def _line(plot: _Plot, line: Series, years: Sequence[int], unit: Unit) -> str:
    points = _points(plot, line.values)
    if not points:
        return ""
    at = [(year, value) for year, value in zip(years, line.values, strict=True) if value is not None]
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.2">'
        f"<title>{escape(line.name)}, {year}: {short(value, unit)}</title></circle>"
        for (x, y), (year, value) in zip(points, at, strict=True)
    )
    return f'<g class="line s{line.look % LOOKS}"><path d="{_path(points)}"/>{dots}</g>'


def _labels(plot: _Plot, series: Sequence[Series]) -> list[str]:
    """A name at each line's end, and under it those of equal lines, each after `=`; names never overlap."""
    there = [lines for lines in _equal(series) if any(value is not None for value in lines[0].values)]
    placed = sorted(((_points(plot, lines[0].values)[-1], lines) for lines in there), key=lambda item: item[0][1])
    rows: list[tuple[float, Series, str]] = []
    for (_, y), lines in placed:
        for place, line in enumerate(lines):
            name = f"= {line.name}" if place else line.name
            rows.append((y + 4 + _LABEL_GAP * (place - (len(lines) - 1) / 2), lines[0], name))
    free = -1e9
    settled = []
    for y, line, name in rows:
        free = max(y, free + _LABEL_GAP)
        settled.append((free, line, name))
    over = max((settled[-1][0] if settled else 0) - (_HEIGHT - 12), 0)
    x = _WIDTH - _RIGHT + 10
    return [
        f'<g class="label s{line.look % LOOKS}"><line x1="{x}" x2="{x + 14}" '
        f'y1="{y - over - 4:.1f}" y2="{y - over - 4:.1f}"/>'
        f'<text x="{x + 19}" y="{y - over:.1f}">{escape(cut(name, _LABEL_LENGTH))}</text></g>'
        for y, line, name in settled
    ]


def _described(years: Sequence[int], series: Sequence[Series], unit: Unit) -> str:
    sentences = []
    for line in series:
        at = [(year, value) for year, value in zip(years, line.values, strict=True) if value is not None]
        if at:
            (first, start), (last, end) = at[0], at[-1]
            sentences.append(f"{line.name}: {short(start, unit)} in {first}, {short(end, unit)} in {last}.")
    return " ".join(sentences)
