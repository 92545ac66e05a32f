"""What the law asks of the plan as a whole, and what would correct a failed test, in the report.

Belongs here: HTML of the two tables. Does not: the tests (results/law/), those of averages (page.py).
"""

from __future__ import annotations

from html import escape

from planwise_assets.report.data import ReportData
from planwise_assets.report.decision import named
from planwise_assets.report.tables import html_table
from planwise_assets.results.law.corrections import CORRECTION_HEADS, correction_rows
from planwise_assets.results.law.outcome import LAW_HEADS, law_rows

#: How an outcome looks; whatever else it says is neither.
_LOOKS = {
    **dict.fromkeys(("passed", "exempt", "not needed", "not top-heavy", "not presumed"), "yes"),
    **dict.fromkeys(("failed", "top-heavy", "presumed"), "no"),
}


def law_tables(data: ReportData) -> str:
    """Both tables; nothing where nothing was asked."""
    rows, before = [], ""
    for scenario, years, test, law, says, because in law_rows(data.law.outcomes):
        look = _LOOKS.get(says, "some")
        title = "" if scenario == before else named(data, scenario)
        rows.append(
            [title, years, *map(escape, (test, law)), f'<span class="{look}">{escape(says)}</span>', escape(because)]
        )
        before = scenario
    if not rows:
        return ""
    table = html_table("What the law asks of the plan as a whole", LAW_HEADS, rows, text=6)
    if not data.law.corrections:
        return table
    ways = [[named(data, scenario), *map(escape, cells)] for scenario, *cells in correction_rows(data.law.corrections)]
    several = " <span>in the future with most excess</span>" if len(data.seeds) > 1 else ""
    return table + html_table(
        f"What would correct it, in dollars; nothing of it is done{several}", CORRECTION_HEADS, ways, text=4
    )
