"""The figures of each world, read from the warehouse, or from a step's views of one year.

Belongs here: the queries. Does not: which figures there are (measures.py), statistics over seeds (ensembles.py).
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from planwise_assets.results.measures import MEASURES, SUPPLEMENTS, Values, World
from planwise_assets.study.sections.workforce import HAZARD

# Their totals are solved, so that the seed has no say in them; see solved_measures().
_HEADCOUNT = frozenset({"headcount"})
_FLOWS = frozenset({"hires", "exits"})


def read_measures(connection: duckdb.DuckDBPyConnection) -> Values:
    """Every measure by (scenario, seed, year), in that order.

    Args:
        connection: One whose current schema holds the published tables.

    Returns:
        None for a measure that has no value in a world.
    """
    found: dict[World, dict[str, float | None]] = {}
    there = {name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
    for table in dict.fromkeys(measure.table for measure in MEASURES.values()):
        if table == SUPPLEMENTS and table not in there:
            continue
        for world, values in table_measures(connection, table).items():
            found.setdefault(world, dict.fromkeys(MEASURES)).update(values)
    return {world: found[world] for world in sorted(found)}


def table_measures(connection: duckdb.DuckDBPyConnection, table: str) -> Values:
    """The measures of one published table by (scenario, seed, year); nothing for a table that has none.

    Args:
        connection: One through which the table is read: the warehouse, or a step's view of its year.
        table: The table.
    """
    measures = [measure for measure in MEASURES.values() if measure.table == table]
    if not measures:
        return {}
    columns = ", ".join(f'cast({measure.sql} as double) as "{measure.name}"' for measure in measures)
    # On the connection itself: a cursor of it would not know which schema is the current one.
    rows = connection.execute(
        f"""
        select scenario_id, seed, simulation_year, {columns}
        from {table}
        group by scenario_id, seed, simulation_year
        order by scenario_id, seed, simulation_year
        """
    ).fetchall()
    names = [measure.name for measure in measures]
    return {
        (scenario, int(seed), int(year)): dict(zip(names, values, strict=True)) for scenario, seed, year, *values in rows
    }


def solved_measures(settings: Mapping[str, str]) -> frozenset[str]:
    """The measures that a scenario solves to a target instead of drawing them (docs/methodology.md, "How many").

    With `selection: exact` the closing headcount is the growth target; with a number for `termination_rate` in every year so
    are exits and hires.

    Args:
        settings: The scenario's settings by key, as text.
    """
    if settings["workforce.selection"] != "exact":
        return frozenset()
    return _HEADCOUNT if HAZARD in settings["workforce.termination_rate"] else _HEADCOUNT | _FLOWS
