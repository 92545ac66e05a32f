"""What a year is made from, as files of the lake: the census as it is, the worlds, the year's parameters.

Belongs here: writing what models read as source `study`. Does not: whether the year may start (year_setup.py), what a valid
census row is (models stg_census_rejects and stg_census), what the parameters are (planwise_assets/study/).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import dagster as dg
import duckdb

from planwise_assets.intake.census_file import CensusError, census_file
from planwise_assets.project import Project
from planwise_assets.study.parameters.tables import parameter_tables
from planwise_assets.year.state.marker import begin_year, lake_assets
from resources.dbt.compiled import Relation
from resources.engines.session import ModelResult, YearSession

_CENSUS = "census_input"


@dataclass(frozen=True)
class YearInputs:
    """What set-up wrote: the census, the columns of its file that nothing wants, the parameter tables."""

    census: ModelResult
    ignored_columns: list[str]
    tables: list[ModelResult]


def write_inputs(session: YearSession, project: Project) -> YearInputs:
    """Declares the year begun, and writes all that dbt knows as source `study`.

    Raises:
        dagster.Failure: The census cannot be read.
    """
    begin_year(project, session.year)
    project.lake.make_folders(lake_assets(project), session.year)
    census, ignored = _write_census(session, project)
    relations = {relation.asset: relation for relation in project.dbt.relations.values()}
    parameters = parameter_tables(project.study, session.year)
    tables = [_write_table(session, relations[name], rows) for name, rows in parameters.items()]
    return YearInputs(census, ignored, tables)


def _write_census(session: YearSession, project: Project) -> tuple[ModelResult, list[str]]:
    relation = next(r for r in project.dbt.relations.values() if r.asset == _CENSUS)
    canonical = [column for column in relation.columns if column not in ("simulation_year", "census_row")]
    try:
        census = census_file(session.connection, project.study.census, project.study.census_columns, canonical)
    except CensusError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    sql = f"select cast({session.year} as integer) as simulation_year, * from ({census.sql})"
    try:
        return session.publish(session.connection, _CENSUS, sql), census.ignored
    except duckdb.Error as error:
        # Its head was sound, so that only reading all of it shows the damage.
        raise dg.Failure(f"Census {project.study.census} cannot be read: {error}", allow_retries=False) from error


def _write_table(session: YearSession, relation: Relation, rows: Sequence[Mapping[str, object]]) -> ModelResult:
    """Writes rows in the order and with the types of their contract, models/sources.yml; they must name each column."""
    columns = ", ".join(f"{name} {kind}" for name, kind in relation.columns.items())
    session.connection.execute(f"create or replace table {relation.name} ({columns})")
    for row in rows:
        if row.keys() != relation.columns.keys():
            wrong = ", ".join(sorted(row.keys() ^ relation.columns.keys()))
            raise ValueError(f"{relation.name}: models/sources.yml and planwise_assets/study/ do not agree on {wrong}.")
    if rows:
        # A list a column in one statement: row by row (executemany) takes DuckDB 2 ms a row, a hundred times as long.
        values = ", ".join(f"unnest(cast(? as {kind}[]))" for kind in relation.columns.values())
        session.connection.execute(
            f"insert into {relation.name} select {values}", [[row[name] for row in rows] for name in relation.columns]
        )
    return session.publish(session.connection, relation.name, f"select * from {relation.name}")
