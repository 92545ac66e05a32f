"""The differences of the first page as one picture: a dot a scenario, with the stretch between two percentiles.

Belongs here: geometry. Does not: the figures, colours (report.css, by class).
"""

from __future__ import annotations

from collections.abc import Mapping

from planwise_assets.results.ensembles import FEWEST_SEEDS, Band

_WIDTH, _HEIGHT, _PAD = 150, 22, 7


def difference_marks(differences: Mapping[str, Band], looks: Mapping[str, int]) -> dict[str, str]:
    """An SVG for each scenario, all on one scale, with a line at no difference.

    Args:
        differences: By scenario; those of the same study.
        looks: Number of each scenario's colour.
    """
    ends = [0.0]
    for band in differences.values():
        ends += [band.mean, *_whisker(band)]
    low, high = min(ends), max(ends)
    scale = (_WIDTH - 2 * _PAD) / ((high - low) or 1.0)

    def x(value: float) -> str:
        return f"{_PAD + (value - low) * scale:.1f}"

    middle = _HEIGHT / 2
    marks = {}
    for name, band in differences.items():
        ends_of = _whisker(band)
        whisker = f'<line x1="{x(ends_of[0])}" x2="{x(ends_of[1])}" y1="{middle}" y2="{middle}"/>' if ends_of else ""
        marks[name] = (
            f'<svg class="mark s{looks[name]}" viewBox="0 0 {_WIDTH} {_HEIGHT}" aria-hidden="true">'
            f'<line class="zero" x1="{x(0)}" x2="{x(0)}" y1="1" y2="{_HEIGHT - 1}"/>{whisker}'
            f'<circle cx="{x(band.mean)}" cy="{middle}" r="4.5"/></svg>'
        )
    return marks


def _whisker(band: Band) -> tuple[float, ...]:
    return (band.percentiles[10], band.percentiles[90]) if band.seeds >= FEWEST_SEEDS and band.percentiles else ()
