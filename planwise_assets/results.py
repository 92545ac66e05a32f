"""The results as a person reads them first: the workforce and the plan, one row a scenario and year, from the warehouse.

Belongs here: printing them. Does not: the queries (result_tables.py), how a result came to be, bands (commands/results.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import duckdb

from planwise_assets.commands.console import is_terminal, note, print_table, say
from planwise_assets.result_tables import PLAN_COLUMNS, PLAN_QUERY, WORKFORCE_COLUMNS, WORKFORCE_QUERY
from planwise_assets.settings import Settings
from planwise_assets.study.schema import Study


def print_tables(connection: duckdb.DuckDBPyConnection, settings: Settings, study: Study) -> None:
    """Prints the tables of workforce and plan, scenarios in the study's order, and where the lake and the warehouse are."""
    workforce, plan = (connection.execute(query).fetchall() for query in (WORKFORCE_QUERY, PLAN_QUERY))
    place = {scenario: position for position, scenario in enumerate(study.scenarios)}
    for rows in (workforce, plan):
        rows.sort(key=lambda row: (place.get(row[0], len(place)), row[0], row[1]))
    seeds = len(study.seeds)
    means = f", means over {seeds} seeds" if seeds > 1 else ""
    _print(f"Study {study.study}: the workforce{means}", WORKFORCE_COLUMNS, workforce)
    if not is_terminal():
        say("")
    _print(f"Study {study.study}: the plan{means}; money in thousands", PLAN_COLUMNS, plan)
    if seeds > 1 and is_terminal():
        say("How sure that is: planwise results --bands")
    # In a pipe the rows alone.
    tell = say if is_terminal() else note
    tell(f"Lake:      {settings.lake(study.study)}")
    tell(f"Warehouse: {settings.warehouse(study.study)} (open it read-only)")


def _print(title: str, columns: dict[str, Callable[[Any], str]], rows: Sequence[tuple[Any, ...]]) -> None:
    texts = (
        [
            scenario,
            str(year),
            *("-" if figure is None else text(figure) for text, figure in zip(columns.values(), figures, strict=True)),
        ]
        for scenario, year, *figures in rows
    )
    print_table(title, ["scenario", "year", *columns], texts)
