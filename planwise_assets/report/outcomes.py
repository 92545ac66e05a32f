"""One test of one scenario over all years, in a cell of the first page.

Belongs here: which year is shown, and its words. Does not: the tests' statistics (results/compliance.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from planwise_assets.results.certainty import known
from planwise_assets.results.compliance import PlanTest


def worst_year(outcomes: Sequence[PlanTest]) -> PlanTest:
    """The year that is furthest from passing: in which most futures fail, then the smallest margin, then most excess."""
    return min(outcomes, key=lambda one: (-one.failed / one.seeds, one.worst if one.worst is not None else 1.0, -one.excess))


def outcome_cell(outcomes: Sequence[PlanTest]) -> str:
    """HTML of the cell.

    Args:
        outcomes: One test of one scenario by year; empty where there is none.
    """
    if not outcomes:
        return "-"
    if all(one.is_exempt for one in outcomes):
        return '<span class="yes">exempt</span>'
    worst = worst_year([one for one in outcomes if not one.is_exempt])
    failing = [one.year for one in outcomes if one.failed]
    if not failing:
        verdict = '<span class="yes">passes</span>'
    else:
        look = "no" if worst.failed == worst.seeds else "some"
        verdict = f'<span class="{look}">fails {_years(failing)}</span>'
    return f'{verdict}<span class="says">{_figures(worst)}</span>'


def _years(years: Sequence[int]) -> str:
    is_run = years[-1] - years[0] == len(years) - 1
    if len(years) == 1:
        return str(years[0])
    return f"{years[0]}–{years[-1]}" if is_run else f"in {len(years)} years"


def _figures(one: PlanTest) -> str:
    of = f"{one.year}, {one.failed} of {one.seeds} futures" if one.failed and one.seeds > 1 else str(one.year)
    excess = f"; excess {known(one.excess, None, 'dollars')}" if one.excess else ""
    if one.hce_rate is None or one.limit is None or one.margin is None:
        return f"{of}{excess}" if excess else "nobody above the limit"
    worst = f" (worst {one.worst * 100:+.2f})" if one.seeds > 1 and one.worst is not None else ""
    return f"{of}: {one.hce_rate:.2%} of at most {one.limit:.2%}, {one.margin * 100:+.2f} pt{worst}{excess}"
