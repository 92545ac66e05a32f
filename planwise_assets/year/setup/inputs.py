"""What a year is made from: census, worlds and parameters; first in the session, then as files of the lake.

Belongs here: writing what models read as source `study`. Does not: whether the year may start (year_setup.py), reading the
census (planwise_assets/intake/census.py), what a valid census row is (models stg_census_rejects and stg_census), what the
parameters are (planwise_assets/study/).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import dagster as dg
import duckdb

from planwise_assets.intake.census import Census, census_of_study
from planwise_assets.intake.groups import CENSUS_GROUPS
from planwise_assets.intake.reading.table import CensusError
from planwise_assets.project import Project
from planwise_assets.study.parameters.tables import parameter_tables
from planwise_assets.study.schema import Study
from planwise_assets.year.state.marker import begin_year, lake_assets
from resources.dbt.compiled import CompiledProject, Relation
from resources.engines.session import ModelResult, YearSession

_CENSUS = "census_input"


@dataclass(frozen=True)
class YearInputs:
    """What set-up wrote: the census, how it was read, the parameter tables."""

    census: ModelResult
    reading: Census
    tables: list[ModelResult]

    @property
    def ignored_columns(self) -> list[str]:
        """Columns of the census file that nothing wants."""
        return self.reading.unused


def write_inputs(session: YearSession, project: Project) -> YearInputs:
    """Declares the year begun, and writes all that dbt knows as source `study`.

    Raises:
        dagster.Failure: The census cannot be read.
    """
    return publish_inputs(session, project, prepare_inputs(session.connection, project.study, project.dbt, session.year))


def prepare_inputs(connection: duckdb.DuckDBPyConnection, study: Study, dbt: CompiledProject, year: int) -> Census:
    """Makes every table of source `study` in a session, under its own name. Nothing is written.

    Args:
        connection: The session.
        study: The study.
        dbt: The compiled dbt project, which declares the tables' columns and types.
        year: The simulation year.

    Raises:
        dagster.Failure: The census cannot be read; the message names place, value and what to do.
    """
    relations = {relation.asset: relation for relation in dbt.relations.values()}
    for name, rows in parameter_tables(study, year).items():
        _fill(connection, relations[name], rows)
    try:
        census = census_of_study(connection, study)
    except (CensusError, duckdb.Error, OSError) as error:
        said = str(error) if isinstance(error, CensusError) else f"Census {study.census} cannot be read: {error}"
        named = said if str(study.census) in said else f"Census {study.census}: {said}"
        raise dg.Failure(named, allow_retries=False) from error
    connection.execute(f"create or replace table {_CENSUS} as select * from ({census.sql()}) order by census_row")
    return census


def publish_inputs(session: YearSession, project: Project, census: Census) -> YearInputs:
    """Writes what `prepare_inputs` made as this year's files, and declares the year begun.

    Args:
        session: Holds the tables of source `study`.
        project: The study.
        census: How the census was read.

    Returns:
        What was written.
    """
    begin_year(project, session.year)
    project.lake.make_folders(lake_assets(project), session.year)
    written = session.publish(session.connection, _CENSUS, f"select * from {_CENSUS} order by census_row")
    tables = [
        session.publish(session.connection, name, f"select * from {name}")
        for name in parameter_tables(project.study, session.year)
    ]
    if project.study.groups:
        query = f"select * from {CENSUS_GROUPS} order by all"
        tables.append(session.publish(session.connection, CENSUS_GROUPS, query))
    return YearInputs(written, census, tables)


def _fill(connection: duckdb.DuckDBPyConnection, relation: Relation, rows: Sequence[Mapping[str, object]]) -> None:
    """Makes a table of rows with the columns and types of its contract, models/sources.yml; a row must name each column."""
    columns = ", ".join(f"{name} {kind}" for name, kind in relation.columns.items())
    connection.execute(f"create or replace table {relation.name} ({columns})")
    for row in rows:
        if row.keys() != relation.columns.keys():
            wrong = ", ".join(sorted(row.keys() ^ relation.columns.keys()))
            raise ValueError(f"{relation.name}: models/sources.yml and planwise_assets/study/ do not agree on {wrong}.")
    if rows:
        # A list a column in one statement: row by row (executemany) takes DuckDB 2 ms a row, a hundred times as long.
        values = ", ".join(f"unnest(cast(? as {kind}[]))" for kind in relation.columns.values())
        connection.execute(
            f"insert into {relation.name} select {values}", [[row[name] for row in rows] for name in relation.columns]
        )
