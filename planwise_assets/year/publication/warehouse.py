"""Asset `warehouse`: the published tables of all years in one DuckDB file, for people and BI tools.

Belongs here: the asset and its metadata. Does not: how the file is built and put in its place (building.py), what the
tables hold.
"""

from typing import Any

import dagster as dg
import duckdb as duckdb_package

from planwise_assets.project import Project
from planwise_assets.steps import WAREHOUSE
from planwise_assets.ui.code_links import source_of
from planwise_assets.ui.overview import overview
from planwise_assets.year.publication.building import publish_warehouse
from planwise_assets.year.publication.tables import published_tables
from planwise_assets.year.session import year_asset, year_session
from planwise_assets.year.state.marker import consistent_years, read_marker
from resources.duckdb.optimizations import Target, optimize, switched
from resources.duckdb.sessions import PlanwiseDuckDB


def warehouse_asset(project: Project) -> dg.AssetsDefinition:
    """The asset that publishes."""

    @year_asset(
        project,
        WAREHOUSE,
        group_name="closing",
        description="The published tables of all simulated years as one DuckDB file. Open it read-only.",
        deps=["workforce_state", *project.dbt.published],
        sources=[source_of(__name__)],
    )
    def warehouse(context: dg.AssetExecutionContext, duckdb: PlanwiseDuckDB) -> dg.MaterializeResult[Any]:
        years = consistent_years(project)
        file = project.settings.warehouse(project.study.study)
        with year_session(context, project, WAREHOUSE, duckdb) as session:
            page = ""
            markers = [marker for year in years if (marker := read_marker(project, year))]
            tables = published_tables(session.connection, project, markers)

            def improve(database: str) -> None:
                nonlocal page
                page = _page(session.connection, database)
                target = Target(session.connection, database, tuple(tables))
                optimize("warehouse", target, project.study.resources.optimizations, session.recorder, context.log.warning)

            rows = publish_warehouse(
                session,
                tables,
                markers,
                file,
                switches=switched("warehouse", project.study.resources.optimizations),
                improve=improve,
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


def _page(connection: duckdb_package.DuckDBPyConnection, database: str) -> str:
    cursor = connection.cursor()
    cursor.execute(f"use {database}")
    return overview(cursor)
