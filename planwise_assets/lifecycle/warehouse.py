"""Asset `warehouse`: the published tables of all years in one DuckDB file, for people and BI tools.

Belongs here: building the file beside the old one and putting it in its place. Does not: what the tables hold.

Readers never stop a run: whoever holds the old file keeps it, undisturbed, until it is closed. Open it read-only.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb as duckdb_package

from planwise_assets.groups import WAREHOUSE
from planwise_assets.lifecycle.markers import consistent_years, read_marker
from planwise_assets.overview import overview
from planwise_assets.project import Project
from planwise_assets.step import year_asset, year_session
from resources.duckdb import PlanwiseDuckDB
from resources.engine import quoted
from resources.lake import Lake, sync
from resources.optimizations import Target, optimize

#: What each published year was made from and with: what its marker says, but for the files.
_PROVENANCE = """
    create table warehouse.provenance as
    with markers as (select unnest(from_json($markers::json, '["json"]')) as marker)
    select
        (marker ->> 'simulation_year')::integer as simulation_year,
        marker ->> 'study' as study,
        marker ->> 'engine' as engine,
        marker ->> 'validation' as validation,
        (marker -> 'seeds')::json as seeds,
        (marker -> 'scenarios')::json as scenarios,
        marker ->> 'opening_hash' as opening_hash,
        marker ->> 'closing_hash' as closing_hash,
        (marker -> 'fingerprint')::json as fingerprint,
        (marker -> 'packages')::json as packages,
        (marker -> 'accepted_problems')::json as accepted_problems
    from markers
    order by simulation_year
"""


def published_tables(project: Project) -> list[str]:
    """The tables that people read: every `fct_` and `dim_` model."""
    return sorted(name for name in project.dbt.models if name.startswith(("fct_", "dim_")))


def warehouse_asset(project: Project) -> dg.AssetsDefinition:
    """The asset that publishes."""

    @year_asset(
        project,
        WAREHOUSE,
        group_name="closing",
        description="The published tables of all simulated years as one DuckDB file. Open it read-only.",
        deps=["workforce_state", *published_tables(project)],
    )
    def warehouse(context: dg.AssetExecutionContext, duckdb: PlanwiseDuckDB) -> dg.MaterializeResult[Any]:
        years = consistent_years(project)
        file = project.settings.warehouse(project.study.study)
        with year_session(context, project, WAREHOUSE, duckdb) as session:
            page = ""

            def improve(database: str) -> None:
                nonlocal page
                page = _page(session.connection, database, list(project.study.scenarios))
                target = Target(session.connection, database, tuple(published_tables(project)))
                optimize("warehouse", target, project.study.resources.optimizations, session.recorder, context.log.warning)

            markers = [marker for year in years if (marker := read_marker(project, year))]
            rows = publish_warehouse(
                session.connection, project.lake, published_tables(project), markers, file, improve=improve
            )
        return dg.MaterializeResult(
            metadata={
                "overview": dg.MetadataValue.md(page),
                "path": dg.MetadataValue.path(str(file)),
                "years": ", ".join(map(str, years)),
                "bytes": file.stat().st_size,
                **{f"rows ({table})": count for table, count in rows.items()},
            }
        )

    return warehouse


def _page(connection: duckdb_package.DuckDBPyConnection, database: str, scenarios: list[str]) -> str:
    cursor = connection.cursor()
    cursor.execute(f"use {database}")
    return overview(cursor, scenarios)


def publish_warehouse(
    connection: duckdb_package.DuckDBPyConnection,
    lake: Lake,
    tables: list[str],
    markers: list[dict[str, Any]],
    file: Path,
    *,
    improve: Callable[[str], None] = lambda _: None,
) -> dict[str, int]:
    """Builds the warehouse from the lake and renames it into place.

    Args:
        connection: A session with the step's limits.
        lake: The study's files.
        tables: The published tables.
        markers: Of the years to publish, all of them complete; what they say goes into table `provenance`.
        file: Where the warehouse goes.
        improve: What is done to the attached warehouse when its tables are made; it may add to it, and fail without harm.

    Returns:
        Rows by table.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    building = file.with_name(f"tmp_{file.name}")
    building.unlink(missing_ok=True)
    rows: dict[str, int] = {}
    connection.execute(f"attach {quoted(building)} as warehouse")
    for table in tables:
        files = ", ".join(quoted(lake.file(table, marker["simulation_year"])) for marker in markers)
        connection.execute(
            f"create table warehouse.{table} as select * from read_parquet([{files}], hive_partitioning = false)"
        )
        count = connection.execute(f"select count(*) from warehouse.{table}").fetchone()
        rows[table] = int(count[0]) if count else 0
    connection.execute(_PROVENANCE, {"markers": json.dumps(markers)})
    improve("warehouse")
    connection.execute("checkpoint warehouse")
    connection.execute("detach warehouse")
    building.with_name(f"{building.name}.wal").unlink(missing_ok=True)
    sync(building)
    building.replace(file)
    # A former holder's write-ahead log does not belong to this file, which could not be opened beside it.
    file.with_name(f"{file.name}.wal").unlink(missing_ok=True)
    sync(file)
    return rows
