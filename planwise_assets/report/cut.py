"""The figures by a group of people, such as the division: a section of the report.

Belongs here: its table. Does not: the figures (results/groups.py), which group (commands/report.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from planwise_assets.report.scales import short
from planwise_assets.report.tables import html_table, words
from planwise_assets.results.ensembles import Band, Bands
from planwise_assets.results.groups import CUTS
from planwise_assets.results.measures import MEASURES, Measure


@dataclass(frozen=True)
class Cut:
    """Figures by a group.

    Attributes:
        group: Its name.
        values: The bands of each of its values.
    """

    group: str
    values: Mapping[str, Bands]


def cut_section(cut: Cut, scenarios: Sequence[str], year: int, named: Callable[[str], str]) -> str:
    """The section: a row a value and scenario, in one year.

    Args:
        cut: The figures.
        scenarios: In the order of the rows.
        year: The year that is shown.
        named: A scenario's title as HTML.
    """
    shown = [MEASURES[name] for name in CUTS if MEASURES[name].is_key or name in ("hires", "exits")]
    rows = [
        [escape(value) if place == 0 else "", named(scenario), *(_cell(measure, bands[scenario, year]) for measure in shown)]
        for value, bands in cut.values.items()
        for place, scenario in enumerate(name for name in scenarios if (name, year) in bands)
    ]
    group = escape(words(cut.group))
    several = any(band.seeds > 1 for bands in cut.values.values() for row in bands.values() for band in row.values())
    table = html_table(
        f"By {escape(cut.group)}, {year}{' <span>mean ± standard error over the seeds</span>' * several}",
        [cut.group, "scenario", *(measure.label for measure in shown)],
        rows,
        text=2,
    )
    return (
        f'<section id="cut"><h2>{group}</h2><p class="hint">What is a count, a sum or a mean over people. Forfeitures, net '
        f"cost and the plan's tests are of the plan as a whole.</p>{table}</section>"
    )


def _cell(measure: Measure, row: Mapping[str, Band]) -> str:
    band = row.get(measure.name)
    if band is None:
        return "-"
    error = f" <small>± {short(band.standard_error, measure.unit)}</small>" if band.standard_error else ""
    return f"{short(band.mean, measure.unit)}{error}"
