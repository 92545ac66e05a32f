"""Small line charts over the years, as Markdown that Dagster's UI shows.

Belongs here: drawing numbers that are there already. Does not: where they come from (results/facts.py, overview.py). Plain
text drawing: a plotting library would cost every step more than the step itself.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from xml.sax.saxutils import escape

#: A scenario's colour by its place; told apart by most colour-blind people too (Okabe and Ito).
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
_WIDTH, _HEIGHT = 260, 110
_LEFT, _TOP, _BOTTOM = 66, 20, 18
_SHARE = 1.0

Series = Mapping[str, Mapping[int, float]]


def figure_text(value: float) -> str:
    """A figure as people read it: shares in per cent, everything above in thousands' groups."""
    return f"{value:.2%}" if abs(value) <= _SHARE and value != round(value) else f"{value:,.0f}"


def charts(drawn: Mapping[str, Series]) -> str:
    """Charts side by side, and one legend for all, as one Markdown image.

    Args:
        drawn: By title, the values of each scenario by year.
    """
    encoded = base64.b64encode(picture(drawn).encode()).decode()
    return f"![{', '.join(drawn)}](data:image/svg+xml;base64,{encoded})"


def picture(drawn: Mapping[str, Series]) -> str:
    """The same as SVG."""
    scenarios = list(dict.fromkeys(name for series in drawn.values() for name in series))
    colours = {name: _COLOURS[place % len(_COLOURS)] for place, name in enumerate(scenarios)}
    columns = min(len(drawn), 3) or 1
    rows = -(-len(drawn) // columns)
    parts = []
    for place, (title, series) in enumerate(drawn.items()):
        x, y = place % columns * _WIDTH, place // columns * _HEIGHT
        parts.append(f'<g transform="translate({x},{y})">{_chart(title, series, colours)}</g>')
    for place, (name, colour) in enumerate(colours.items()):
        y = rows * _HEIGHT + 14 * place
        parts.append(f'<rect x="10" y="{y + 4}" width="14" height="4" fill="{colour}"/>')
        parts.append(f'<text x="30" y="{y + 10}">{escape(name)}</text>')
    width, height = columns * _WIDTH, rows * _HEIGHT + 14 * len(colours) + 6
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="sans-serif" font-size="10"><rect width="100%" height="100%" fill="white"/>{"".join(parts)}</svg>'
    )


def _chart(title: str, series: Series, colours: Mapping[str, str]) -> str:
    years = sorted({year for values in series.values() for year in values})
    values = [value for line in series.values() for value in line.values()]
    if not years:
        return ""
    low, high = min(values), max(values)
    if low == high:
        low, high = low - abs(low) * 0.05 - 1e-9, high + abs(high) * 0.05 + 1e-9
    right, bottom = _WIDTH - 12, _HEIGHT - _BOTTOM

    def x(year: int) -> float:
        return _LEFT + (right - _LEFT) * (year - years[0]) / max(years[-1] - years[0], 1)

    def y(value: float) -> float:
        return bottom - (bottom - _TOP) * (value - low) / (high - low)

    parts = [
        f'<text x="{_LEFT}" y="12" font-weight="bold">{escape(title)}</text>',
        f'<path d="M{_LEFT},{_TOP}V{bottom}H{right}" fill="none" stroke="#999"/>',
        f'<text x="{_LEFT - 4}" y="{_TOP + 4}" text-anchor="end">{figure_text(high)}</text>',
        f'<text x="{_LEFT - 4}" y="{bottom}" text-anchor="end">{figure_text(low)}</text>',
        f'<text x="{_LEFT}" y="{_HEIGHT - 6}">{years[0]}</text>',
        f'<text x="{right}" y="{_HEIGHT - 6}" text-anchor="end">{years[-1]}</text>',
    ]
    for name, line in series.items():
        points = [(x(year), y(value)) for year, value in sorted(line.items())]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colours[name]}" stroke-width="1.6"/>')
        parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="2" fill="{colours[name]}"/>' for a, b in points]
    return "".join(parts)


def table(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table, all columns but the first two to the right."""
    marks = ["---" if place < 2 else "---:" for place in range(len(header))]
    lines = [header, marks, *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
