"""The plan's tests on the first page: a cell for each of one scenario over all years, and a sentence on all of them.

Belongs here: which year is shown, and the words. Does not: the tests' statistics (results/compliance.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from html import escape

from planwise_assets.results.certainty import known
from planwise_assets.results.compliance import PlanTest

#: A tenth of a point: a few people who join, leave or defer another point are as much.
_NARROW = 0.001


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
        narrowly = worst.worst is not None and worst.worst < _NARROW
        verdict = f'<span class="yes">{"just passes" if narrowly else "passes"}</span>'
    else:
        look, word = ("no", "fails") if worst.failed == worst.seeds else ("some", "may fail")
        verdict = f'<span class="{look}">{word} {_years(failing)}</span>'
    return f'{verdict}<span class="says">{_figures(worst)}</span>'


def outcomes_told(outcomes: Sequence[PlanTest], titles: Mapping[str, str]) -> str:
    """A sentence for each test that a scenario fails, as HTML: which scenarios, and whether in every future.

    Args:
        outcomes: All tests of all years.
        titles: Of the scenarios that are shown, in their order.
    """
    told = []
    for test in dict.fromkeys(one.test for one in outcomes):
        failing = [one for one in outcomes if one.test == test and one.scenario in titles and one.failed]
        surely = {one.scenario for one in failing if one.failed == one.seeds}
        perhaps = {one.scenario for one in failing} - surely
        said = [f"{word} {_where(names, titles)}" for word, names in (("fails", surely), ("may fail", perhaps)) if names]
        if said:
            told.append(f"The <b>{test}</b> test {', and '.join(said)}.")
    return " ".join(told) if told or not outcomes else "Every test of the plan passes."


def _where(failing: Collection[str], titles: Mapping[str, str]) -> str:
    """In all scenarios, in all but a few, or in these."""
    others = [escape(titles[name]) for name in titles if name not in failing]
    if not others:
        return "in every scenario" if len(titles) > 1 else "in some year"
    if len(others) < len(failing):
        return f"in every scenario but {' and '.join(others)}"
    return f"in {', '.join(escape(titles[name]) for name in titles if name in failing)}"


def touches_nobody(outcomes: Sequence[PlanTest]) -> bool:
    """Whether a test has nothing to show but that it passes, in every scenario and year."""
    return bool(outcomes) and all(one.hce_rate is None and not one.failed and not one.excess for one in outcomes)


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
