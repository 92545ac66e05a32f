"""What a year is made from: census, worlds and parameters; first in the session, then as files of the lake.

Belongs here: writing what models read as source `study`. Does not: whether the year may start (year_setup.py), reading the
census (planwise_assets/intake/census.py), what a valid census row is (models stg_census_rejects and stg_census), what the
parameters are (planwise_assets/study/).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg
import duckdb

from planwise_assets.intake.census import Census, census_of_study
from planwise_assets.intake.groups import CENSUS_GROUPS
from planwise_assets.intake.reading.table import CensusError
from planwise_assets.project import Project
from planwise_assets.study.parameters.fingerprint import differences
from planwise_assets.study.parameters.tables import parameter_tables
from planwise_assets.study.schema import Study
from planwise_assets.year.state.marker import begin_year, lake_assets, marker_by_these_packages, year_fingerprint
from resources.dbt.compiled import CompiledProject, Relation
from resources.engines.session import ModelResult, YearSession
from resources.files import content_hash

_CENSUS = "census_input"


@dataclass(frozen=True)
class PreparedCensus:
    """The census of a year, before anything is written.

    Attributes:
        words: How it was read, as people are told.
        reading: What was read just now; None where last year's file is the one that reading would give.
    """

    words: Mapping[str, Any]
    reading: Census | None


@dataclass(frozen=True)
class YearInputs:
    """What set-up wrote: the census, and the parameter tables."""

    census: ModelResult
    tables: list[ModelResult]


def write_inputs(session: YearSession, project: Project) -> YearInputs:
    """Declares the year begun, and writes all that dbt knows as source `study`.

    Raises:
        dagster.Failure: The census cannot be read.
    """
    return publish_inputs(session, project, prepare_year(session, project))


def prepare_year(session: YearSession, project: Project) -> PreparedCensus:
    """Makes in the session the tables of source `study`, without the census where last year's file is this year's.

    Raises:
        dagster.Failure: The census cannot be read.
    """
    words = _words_of_last_year(project, session.year)
    if words is not None:
        _prepare_parameters(session.connection, project.study, project.dbt, session.year)
        return PreparedCensus(words, None)
    census = prepare_inputs(session.connection, project.study, project.dbt, session.year)
    words = {"read_as": census.table.said, "rows_folded": census.folded, "columns_ignored": census.unused}
    return PreparedCensus(words, census)


def _words_of_last_year(project: Project, year: int) -> Mapping[str, Any] | None:
    """How last year's census was read, where reading it again would give the same file.

    How a census is read does not depend on the year: what else decides a year's results decides that too, and last year's
    marker says whether any of it has changed.
    """
    marker = marker_by_these_packages(project, year - 1)
    if marker is None or "census" not in marker:
        return None
    files = {asset: project.lake.file(asset, year - 1) for asset in _of_the_census(project)}
    is_whole = all(file.is_file() and content_hash(file) == marker["files"].get(asset) for asset, file in files.items())
    if not is_whole or differences(marker["fingerprint"], year_fingerprint(project, year - 1)):
        return None
    words: Mapping[str, Any] = marker["census"]
    return words


def _of_the_census(project: Project) -> list[str]:
    return [_CENSUS, *([CENSUS_GROUPS] if project.study.groups else [])]


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
    _prepare_parameters(connection, study, dbt, year)
    try:
        census = census_of_study(connection, study)
    except (CensusError, duckdb.Error, OSError) as error:
        said = str(error) if isinstance(error, CensusError) else f"Census {study.census} cannot be read: {error}"
        named = said if str(study.census) in said else f"Census {study.census}: {said}"
        raise dg.Failure(named, allow_retries=False) from error
    connection.execute(f"create or replace table {_CENSUS} as select * from ({census.sql()}) order by census_row")
    return census


def publish_inputs(session: YearSession, project: Project, census: PreparedCensus) -> YearInputs:
    """Writes what `prepare_year` made as this year's files, and declares the year begun.

    Args:
        session: Holds the tables of source `study`.
        project: The study.
        census: The year's census.

    Returns:
        What was written.
    """
    begin_year(project, session.year, census.words)
    project.lake.make_folders(lake_assets(project), session.year)
    written, *groups = (
        session.publish(session.connection, asset, f"select * from {asset} order by {order}")
        if census.reading
        else session.take_over(session.connection, asset, project.lake.file(asset, session.year - 1))
        for asset, order in zip(_of_the_census(project), ("census_row", "all"), strict=False)
    )
    tables = [
        session.publish(session.connection, name, f"select * from {name}")
        for name in parameter_tables(project.study, session.year)
    ]
    return YearInputs(written, [*tables, *groups])


def _prepare_parameters(connection: duckdb.DuckDBPyConnection, study: Study, dbt: CompiledProject, year: int) -> None:
    relations = {relation.asset: relation for relation in dbt.relations.values()}
    for name, rows in parameter_tables(study, year).items():
        _fill(connection, relations[name], rows)


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
