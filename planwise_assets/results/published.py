"""What the warehouse holds: scenarios and years.

Belongs here: asking the published tables what is in them. Does not: opening them (commands/shared/options.py), figures
(measures.py).
"""

from __future__ import annotations

import duckdb

from planwise_assets.study.schema import Study


def published_scenarios(connection: duckdb.DuckDBPyConnection, study: Study) -> list[str]:
    """The scenarios that are published, in the study's order; those that the file has lost last."""
    found = {row[0] for row in connection.execute("select distinct scenario_id from fct_plan_cost").fetchall()}
    return [name for name in study.scenarios if name in found] + sorted(found - set(study.scenarios))


def published_years(connection: duckdb.DuckDBPyConnection) -> list[int]:
    """The years that are published."""
    rows = connection.execute("select distinct simulation_year from fct_plan_cost order by all").fetchall()
    return [int(row[0]) for row in rows]
