"""Asset `year_setup`: step 1 of a year. The gate first, then the year's inputs as files of the lake.

Belongs here: refusing a year that may not start, and writing what models read as source `study`. Does not: the gate's
rules (markers.py), what the parameters are (planwise_assets/study/).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import dagster as dg

from planwise_assets.groups import YEAR_SETUP
from planwise_assets.lifecycle.census_file import CensusError, census_file
from planwise_assets.lifecycle.markers import begin_year, lake_assets, opening_hash, year_problems
from planwise_assets.lifecycle.opening import OPENING_WORKFORCE, opening_observation
from planwise_assets.partitions import year_of
from planwise_assets.project import Project
from planwise_assets.step import year_asset, year_session
from planwise_assets.study.tables import Table, parameter_tables
from resources.duckdb import PlanwiseDuckDB
from resources.engine import ModelResult, YearSession
from resources.machine import Machine

_CENSUS = "census_input"


@dataclass(frozen=True)
class YearInputs:
    """What set-up wrote: the census, the columns of its file that nothing wants, the parameter tables."""

    census: ModelResult
    ignored_columns: list[str]
    tables: list[ModelResult]


def year_setup_asset(project: Project) -> dg.AssetsDefinition:
    """The asset that every other asset of a year stands on."""

    @year_asset(
        project,
        YEAR_SETUP,
        group_name="setup",
        description="Checks that the year may start, then writes the census, the worlds and this year's parameters.",
        deps=[OPENING_WORKFORCE],
    )
    def year_setup(context: dg.AssetExecutionContext, duckdb: PlanwiseDuckDB) -> Iterator[Any]:
        year = year_of(context)
        accepted = _pass_the_gate(context, project, year)
        limited = [*project.allocation.warnings, *project.allocation.pressure(Machine.here())]
        for warning in [*project.study.warnings, *limited]:
            context.log.warning(warning)
        with year_session(context, project, YEAR_SETUP, duckdb) as session:
            inputs = write_inputs(session, project)
        if year == project.first_year:
            yield opening_observation(year, opening_hash(project, year))
        yield dg.MaterializeResult(
            metadata={
                "census_rows": inputs.census.rows,
                "census_columns_ignored": ", ".join(inputs.ignored_columns) or "none",
                "worlds": len(project.study.scenarios) * len(project.study.seeds),
                "parameter_rows": sum(table.rows for table in inputs.tables),
                "warnings": dg.MetadataValue.json([*project.study.warnings, *limited]),
                "accepted_problems": dg.MetadataValue.json(accepted),
            }
        )

    return year_setup


def write_inputs(session: YearSession, project: Project) -> YearInputs:
    """Declares the year begun, and writes all that dbt knows as source `study`.

    Raises:
        dagster.Failure: The census cannot be read.
    """
    begin_year(project, session.year)
    project.lake.make_folders(lake_assets(project), session.year)
    census, ignored = _write_census(session, project)
    tables = [_write_table(session, table) for table in parameter_tables(project.study, session.year).values()]
    return YearInputs(census, ignored, tables)


def _pass_the_gate(context: dg.AssetExecutionContext, project: Project, year: int) -> list[str]:
    problems = year_problems(project, year)
    if problems and not project.settings.accept_stale:
        raise dg.Failure(f"{year} cannot start. {' '.join(problems)}", allow_retries=False)
    for problem in problems:
        context.log.warning(f"Accepted, because PLANWISE_ACCEPT_STALE=1: {problem}")
    return problems


def _write_census(session: YearSession, project: Project) -> tuple[ModelResult, list[str]]:
    relation = next(r for r in project.dbt.relations.values() if r.asset == _CENSUS)
    canonical = [column for column in relation.columns if column not in ("simulation_year", "census_row")]
    try:
        census = census_file(session.connection, project.study.census, project.study.census_columns, canonical)
    except CensusError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    sql = f"select cast({session.year} as integer) as simulation_year, * from ({census.sql})"
    return session.publish(session.connection, _CENSUS, sql), census.ignored


def _write_table(session: YearSession, table: Table) -> ModelResult:
    columns = ", ".join(f"{name} {kind}" for name, kind in table.columns)
    session.connection.execute(f"create or replace table {table.name} ({columns})")
    if table.rows:
        # A list a column in one statement: row by row (executemany) takes DuckDB 2 ms a row, a hundred times as long.
        values = ", ".join(f"unnest(cast(? as {kind}[]))" for _, kind in table.columns)
        session.connection.execute(
            f"insert into {table.name} select {values}", [list(column) for column in zip(*table.rows, strict=True)]
        )
    return session.publish(session.connection, table.name, f"select * from {table.name}")
