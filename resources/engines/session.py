"""A step's view of one year of the lake, whichever engine makes its models.

Belongs here: opening relations as views, publishing a query as a file, what either engine reports. Does not: in which order
models are made (optimized.py, standard.py), which year or scenario it is (the relation `year_context` says), Dagster.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import duckdb

from resources.dbt.compiled import CompiledProject, DataTest, Relation
from resources.duckdb.profiles import profiled
from resources.files import make_whole
from resources.lake import Lake
from resources.process.failures import MissingInputError, Work
from resources.process.metrics import StepRecorder

_SAMPLE_ROWS = 5


@dataclass(frozen=True)
class ModelResult:
    """What making one file took (rows, size in bytes, wall time in seconds), and the figures in it.

    Attributes:
        is_last_years: Whether the file was not made but is last year's, because nothing that it is made from has changed.
    """

    name: str
    rows: int
    bytes: int
    seconds: float
    facts: Mapping[str, Any] = field(default_factory=dict)
    is_last_years: bool = False


@dataclass(frozen=True)
class TestResult:
    """The outcome of a data test: `pass`, `warn` or `error`, with the first failing rows."""

    name: str
    status: str
    failures: int
    sample: list[dict[str, str]] = field(default_factory=list)


def sample_of(connection: duckdb.DuckDBPyConnection, test: DataTest) -> list[dict[str, str]]:
    """The first failing rows of a data test, as text by column.

    Args:
        connection: A session's connection or cursor, in which everything that the test reads is open.
        test: The test.
    """
    connection.execute(f"select * from (\n{test.sql}\n) limit {_SAMPLE_ROWS}")
    names = [column[0] for column in connection.description or []]
    return [dict(zip(names, map(str, values), strict=True)) for values in connection.fetchall()]


@dataclass(frozen=True)
class YearSession:
    """One step's view of one year of the lake.

    Attributes:
        connection: The step's DuckDB connection; models run on its cursors.
        lake: The study's files.
        year: The simulation year.
        first_year: The first year of the study, which reads nothing of the year before it.
        cursors: How many models may run side by side.
        recorder: What the step notes about itself.
        work: What the step has at work, so that it can be stopped.
    """

    connection: duckdb.DuckDBPyConnection
    lake: Lake
    year: int
    first_year: int
    cursors: int = 1
    recorder: StepRecorder = field(default_factory=StepRecorder)
    work: Work = field(default_factory=Work)

    def file_of(self, relation: Relation) -> Path | None:
        """The file behind a relation; None for last year's relations in the first year."""
        if not relation.from_prior_year:
            return self.lake.file(relation.asset, self.year)
        return self.lake.file(relation.asset, self.year - 1) if self.year > self.first_year else None

    def open(self, relation: Relation, cursor: duckdb.DuckDBPyConnection | None = None, *, where: str = "") -> None:
        """Makes the view through which SQL reads the relation, narrowed by `where` (further joins and a condition).

        Args:
            relation: The relation.
            cursor: The cursor of whoever asks from another thread than the session's own.
            where: SQL after the view's `from`.

        Raises:
            MissingInputError: The file has not been made.
        """
        file = self.file_of(relation)
        if file is None:
            columns = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in relation.columns.items())
            query = f"select {columns} where false"
        elif not file.is_file():
            year = self.year - 1 if relation.from_prior_year else self.year
            raise MissingInputError(f"{relation.asset} of {year} has not been made: materialize it for {year} first.")
        else:
            # Of a source, what is declared and no more: an undeclared column could take the place of an alias in a query.
            columns = ", ".join(f"this.{name}" for name in relation.columns) if relation.is_source else "this.*"
            query = f"select {columns} from {read_parquet(file)} as this {where}"
        (cursor or self.connection).execute(f'create or replace view "{relation.name}" as {query}')

    def publish(self, cursor: duckdb.DuckDBPyConnection, asset: str, sql: str, *, is_profiled: bool = True) -> ModelResult:
        """Writes the result of a query as this year's file of an asset, whole or not at all.

        Args:
            cursor: Runs the query; views that it reads must be open.
            asset: Name of the asset.
            sql: One SELECT with a total order, which is the order of the file's rows.
            is_profiled: Whether DuckDB's profile of the query is kept.

        Returns:
            Rows, bytes, and seconds until the file was in its place. It survives a power cut once its year is complete.

        Raises:
            duckdb.Error: The query failed; the file that was there before still is.
            OSError: The disk failed.
        """
        began, started = time.time(), time.perf_counter()
        file = self.lake.file(asset, self.year)
        profile = self.recorder.profile_of(asset) if is_profiled else None
        with profiled(cursor, profile):
            row = cursor.execute(
                f"copy (\n{sql}\n) to {quoted(file)} (format parquet, compression zstd, use_tmp_file true)"
            ).fetchone()
        result = ModelResult(asset, int(row[0]) if row else 0, file.stat().st_size, time.perf_counter() - started)
        self.note(result, began, profile)
        return result

    def take_over(self, cursor: duckdb.DuckDBPyConnection, asset: str, last_year: Path) -> ModelResult:
        """Makes last year's file of an asset this year's, whole or not at all.

        A copy and not a link: each year's file is its own, as old as its year, and what befalls one befalls no other.

        Args:
            cursor: Counts the rows.
            asset: Name of the asset.
            last_year: The file.

        Raises:
            CannotWriteError: The disk failed.
        """
        began, started = time.time(), time.perf_counter()
        file = self.lake.file(asset, self.year)
        make_whole(file, lambda building: shutil.copyfile(last_year, building))
        row = cursor.execute("select num_rows from parquet_file_metadata(?)", [str(file)]).fetchone()
        rows, seconds = int(row[0]) if row else 0, time.perf_counter() - started
        result = ModelResult(asset, rows, file.stat().st_size, seconds, is_last_years=True)
        self.note(result, began)
        return result

    def note(self, result: ModelResult, began: float, profile: Path | None = None) -> None:
        """Notes in the step's record what making one file took; `began` is in seconds since 1970.

        Args:
            result: What was made.
            began: Seconds since 1970.
            profile: DuckDB's profile, where one was kept.
        """
        self.recorder.model(
            result.name,
            started=began,
            seconds=result.seconds,
            rows=result.rows,
            bytes=result.bytes,
            profile=str(profile) if profile else None,
        )


def read_parquet(file: Path) -> str:
    """SQL that reads one file, and never takes a column from its path (that would turn the year into a BIGINT)."""
    return f"read_parquet({quoted(file)}, hive_partitioning = false)"


def quoted(path: Path) -> str:
    """A path as an SQL string."""
    return "'" + str(path).replace("'", "''") + "'"


#: Figures of a model that has just been made, by name.
Facts = Callable[[duckdb.DuckDBPyConnection, str], Mapping[str, Any]]


#: Last year's file of a model, where it is this year's as it is.
Unchanged = Callable[[str], Path | None]


def all_anew(_model: str) -> None:
    """For who makes everything."""


def no_facts(_connection: duckdb.DuckDBPyConnection, _model: str) -> Mapping[str, Any]:
    """For models of which nothing is to be said."""
    return {}


class Engine(Protocol):
    """Makes models and runs their data tests, and tells of each as it comes: optimized.py and standard.py."""

    def __call__(
        self,
        session: YearSession,
        project: CompiledProject,
        models: Sequence[str],
        tests: Sequence[DataTest] = (),
        *,
        facts_of: Facts = no_facts,
    ) -> Iterator[ModelResult | TestResult]:
        """Makes models in dependency order and tests them.

        Args:
            session: The step's session.
            project: The compiled project.
            models: Names of models; what they read beside each other must have been made.
            tests: Data tests; what they read beside the models must have been made.
            facts_of: The figures to report of a model, asked with the cursor that made it.

        Yields:
            The result of each model, parents before children, and the outcome of each test.

        Raises:
            ModelError: The SQL of a model or a test failed, or a model's columns are not those of its contract.
            MissingInputError: A file that a model or a test reads has not been made.
            ShortageError: Memory or disk ran out.
            EngineError: The engine itself failed.
        """
