"""What a manager opens first: the whole study on one page, as metadata of the asset `warehouse`.

Belongs here: the page. Does not: the queries behind it, which the command line's tables share (results/tables.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from planwise_assets.results.tables import PLAN_COLUMNS, PLAN_QUERY, WORKFORCE_COLUMNS, WORKFORCE_QUERY
from planwise_assets.ui.charts import Series, charts, table

#: Charted: title, table (0 the workforce, 1 the plan), column after scenario and year.
_CHARTED = (
    ("headcount, 31 December", 0, 4),
    ("payroll", 0, 5),
    ("average pay", 0, 6),
    ("participation", 1, 0),
    ("employer match", 1, 3),
    ("net employer cost", 1, 6),
)


def overview(connection: duckdb.DuckDBPyConnection, scenarios: Sequence[str]) -> str:
    """The page, as Markdown.

    Args:
        connection: One whose current schema holds the published tables.
        scenarios: The study's, in its order.
    """
    place = {name: position for position, name in enumerate(scenarios)}
    results = [
        sorted(connection.execute(query).fetchall(), key=lambda row: (place.get(row[0], len(place)), row[0], row[1]))
        for query in (WORKFORCE_QUERY, PLAN_QUERY)
    ]
    drawn: dict[str, Series] = {}
    for title, which, column in _CHARTED:
        series: dict[str, dict[int, float]] = {}
        for scenario, year, *figures in results[which]:
            if figures[column] is not None:
                series.setdefault(scenario, {})[year] = float(figures[column])
        drawn[title] = series
    parts = [charts(drawn)]
    for heading, columns, rows in zip(
        ("The workforce", "The plan (money in thousands)"), (WORKFORCE_COLUMNS, PLAN_COLUMNS), results, strict=True
    ):
        parts.append(f"### {heading}\n\n{table(['scenario', 'year', *columns], _texts(columns, rows))}")
    return "\n\n".join(parts)


def _texts(columns: Any, rows: Sequence[tuple[Any, ...]]) -> list[list[str]]:
    return [
        [
            scenario,
            str(year),
            *("-" if figure is None else text(figure) for text, figure in zip(columns.values(), figures, strict=True)),
        ]
        for scenario, year, *figures in rows
    ]
