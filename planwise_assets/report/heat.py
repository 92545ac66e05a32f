"""Who gains and who loses by age and yearly pay at once: a heat map for each scenario.

Belongs here: its section. Does not: the gains (results/winners.py), colours (report.css, by class).

A cell says the mean in figures, with its sign, beside its colour, which is deeper the more it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import duckdb

from planwise_assets.results.winners import CUTS, MATTERS, GroupGain, group_gains

_DOWN, _ACROSS = "age", "pay"
#: The deepest colour, in per cent: the figures must be read upon it.
_DEEPEST = 55


@dataclass(frozen=True)
class HeatMap:
    """The gains of one scenario.

    Attributes:
        rows: The bands down the side, in order.
        columns: The bands across, in order.
        cells: By both bands.
    """

    rows: Sequence[str]
    columns: Sequence[str]
    cells: Mapping[tuple[str, ...], GroupGain]


def heat_map(
    connection: duckdb.DuckDBPyConnection, a: str, b: str, *, seeds: Sequence[int], years: Sequence[int]
) -> HeatMap:
    """The gains of B over A by two cuts at once.

    Args:
        connection: To the warehouse.
        a: The scenario to compare with.
        b: The other.
        seeds: The futures to look at.
        years: The years to add up.
    """
    rows, columns = (
        [gain.bands[0] for gain in group_gains(connection, a, b, [cut], seeds=seeds, years=years)]
        for cut in (_DOWN, _ACROSS)
    )
    both = group_gains(connection, a, b, [_DOWN, _ACROSS], seeds=seeds, years=years)
    return HeatMap(rows, columns, {gain.bands: gain for gain in both})


def heat_section(maps: Mapping[str, HeatMap], span: str, first: str, named: Callable[[str], str]) -> str:
    """The section; empty where nobody is employed in both.

    Args:
        maps: By scenario.
        span: The years in words.
        first: Title of the scenario that the others are compared with.
        named: A scenario's title as HTML.
    """
    # One scale for all, or the least difference would look like the largest.
    most = max((abs(float(gain.mean)) for found in maps.values() for gain in found.cells.values()), default=0.0)
    tables = "".join(_table(found, named(name), most) for name, found in maps.items() if found.cells)
    if not tables:
        return ""
    hint = (
        f"Match and core over {span}, less what an exit forfeits, against {first}: the mean of the people whom both employ, "
        f"then the shares who get at least ${MATTERS} more (▲) and less (▼). Blue is more, orange less, deeper the more; "
        "a row or column is the band of the person's first year."
    )
    return f'<section id="heat"><h2>Who gains and who loses</h2><p class="hint">{escape(hint)}</p>{tables}</section>'


def _table(found: HeatMap, title: str, most: float) -> str:
    heads = "".join(f'<th scope="col">{escape(column)}</th>' for column in found.columns)
    body = "".join(
        f'<tr><th scope="row" class="text">{escape(row)}</th>'
        + "".join(_cell(found.cells.get((row, column)), most) for column in found.columns)
        + "</tr>"
        for row in found.rows
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="Heat map"><table class="heat">'
        f"<caption>{title}</caption>"
        f'<thead><tr><th scope="col" class="text">{CUTS[_DOWN][0]} / {CUTS[_ACROSS][0]}</th>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cell(gain: GroupGain | None, most: float) -> str:
    if gain is None:
        return "<td></td>"
    mean = float(gain.mean)
    depth = round(_DEEPEST * abs(mean) / most) if most else 0
    look = "more" if mean > 0 else "less" if mean < 0 else "none"
    sign = "+" if mean > 0 else "-" if mean < 0 else ""
    return (
        f'<td class="{look}" style="--depth:{depth}%">{sign}${abs(mean):,.0f}'
        f"<small>▲{gain.gains:.0%} ▼{gain.loses:.0%}, {gain.people:,.0f} people</small></td>"
    )
