"""Published tables as files of other programs: workbooks, CSV, Parquet.

Belongs here: writing tables, and where their figures come from. Does not: arguments (commands/export.py).

A text that begins like a formula would be run by a spreadsheet that opens it (OWASP, "CSV Injection"). In CSV such a text
gets an apostrophe before it; in a workbook every text is written as text, which is never a formula.
Numbers are numbers in both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import duckdb
import xlsxwriter
import yaml  # type: ignore[import-untyped,unused-ignore]

from planwise_assets.settings import PROJECT_ROOT
from planwise_assets.study.errors import key_text
from planwise_assets.study.schema import Study
from planwise_assets.study.sections.census import census_hash
from planwise_assets.study.values import leaves, plain
from resources.engines.session import quoted
from resources.files import make_whole

_MODELS = PROJECT_ROOT / "dbt_project" / "models"
#: Rows of a sheet, its line of names included.
SHEET_ROWS = 1_048_576
#: What a spreadsheet may take for the beginning of a formula; the last four are full-width forms of the first four.
FORMULA_STARTS = "=+-@\t\r\n＝＋－＠"


class TooLargeError(ValueError):
    """A table has more rows than a sheet."""


def write_files(
    connection: duckdb.DuckDBPyConnection, tables: Sequence[str], folder: Path, file_format: Literal["csv", "parquet"]
) -> Iterator[Path]:
    """Writes a file a table into a folder, rows in the order of the table.

    Yields:
        Each file once it is complete.
    """
    for table in tables:
        source = _harmless(connection, table) if file_format == "csv" else f"select * from {table}"
        options = "format csv, header" if file_format == "csv" else "format parquet, compression zstd"
        file = folder / f"{table}.{file_format}"
        make_whole(file, partial(_copy, connection, source, options))
        yield file


def _copy(connection: duckdb.DuckDBPyConnection, source: str, options: str, file: Path) -> None:
    connection.execute(f"copy ({source}) to {quoted(file)} ({options})")


def _harmless(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """A query of the table in which no text begins like a formula."""
    columns = connection.execute(f"describe {table}").fetchall()
    starts = FORMULA_STARTS.replace("\t", "").replace("\r", "").replace("\n", "")
    listed = " || ".join([f"'{starts}'", "chr(9)", "chr(10)", "chr(13)"])
    selected = [
        f"case when {name} <> '' and contains({listed}, left({name}, 1)) then '''' || {name} else {name} end as {name}"
        if kind in ("VARCHAR", "JSON")
        else name
        for name, kind, *_ in columns
    ]
    return f"select {', '.join(selected)} from {table}"


def write_workbook(connection: duckdb.DuckDBPyConnection, study: Study, tables: Sequence[str], file: Path) -> None:
    """Writes a workbook: a sheet a table, `about` (where the figures come from) and `columns` (what they mean).

    Raises:
        TooLargeError: A table does not fit a sheet; nothing is written.
    """
    for table in tables:
        counted = connection.execute(f"select count(*) from {table}").fetchone()
        if counted and counted[0] >= SHEET_ROWS:
            raise TooLargeError(
                f"{table} has {counted[0]:,} rows; a sheet holds {SHEET_ROWS - 1:,}. Use --format parquet or csv."
            )
    make_whole(file, lambda building: _write(connection, study, tables, building))


def _write(connection: duckdb.DuckDBPyConnection, study: Study, tables: Sequence[str], file: Path) -> None:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(file), options) as book:
        _Sheet(book, "about").fill(["what", "value"], _about(connection, study), widths=[52, 90])
        for table in tables:
            cursor = connection.cursor().execute(f"select * from {table}")
            names = [column[0] for column in cursor.description or []]
            _Sheet(book, table).fill(names, _rows(cursor), widths=[max(len(name) + 2, 11) for name in names])
        _Sheet(book, "columns").fill(["table", "column", "meaning"], _meanings(tables), widths=[30, 34, 100])


class _Sheet:
    """One sheet, written from top to bottom."""

    def __init__(self, book: Any, name: str) -> None:
        self._sheet = book.add_worksheet(name)
        self._bold = book.add_format({"bold": True, "bottom": 1})
        self._money = book.add_format({"num_format": "#,##0.00"})
        self._rate = book.add_format({"num_format": "0.000000"})
        self._date = book.add_format({"num_format": "yyyy-mm-dd"})

    def fill(self, names: Sequence[str], rows: Iterator[Sequence[Any]], *, widths: Sequence[int]) -> None:
        for column, width in enumerate(widths):
            self._sheet.set_column(column, column, width)
        self._sheet.freeze_panes(1, 0)
        for column, name in enumerate(names):
            self._sheet.write_string(0, column, name, self._bold)
        last = 0
        for last, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                self._cell(last, column, value)
        self._sheet.autofilter(0, 0, max(last, 1), len(names) - 1)

    def _cell(self, row: int, column: int, value: Any) -> None:
        if value is None:
            return
        if isinstance(value, bool):
            self._sheet.write_boolean(row, column, value)
        elif isinstance(value, Decimal):
            places = -int(value.as_tuple().exponent)
            self._sheet.write_number(row, column, float(value), self._money if places == 2 else self._rate)
        elif isinstance(value, int | float) and abs(value) <= 2**53:
            self._sheet.write_number(row, column, value)
        elif isinstance(value, date | datetime):
            self._sheet.write_datetime(row, column, value, self._date)
        else:
            self._sheet.write_string(row, column, str(value))


def _rows(cursor: duckdb.DuckDBPyConnection) -> Iterator[Sequence[Any]]:
    while batch := cursor.fetchmany(10_000):
        yield from batch


def _about(connection: duckdb.DuckDBPyConnection, study: Study) -> Iterator[tuple[str, str]]:
    """The study as it is now, and what the published years were made from (table `provenance`)."""
    try:
        census = census_hash(study.census)
    except OSError:
        census = "unknown: the file is gone"
    yield "study", study.study
    yield "years", f"{study.years.start} to {study.years.end}"
    yield "seeds", ", ".join(map(str, study.seeds))
    yield "scenarios", ", ".join(study.scenarios)
    yield "census", study.census.name
    yield "census, SHA-256", census
    yield "PlanWise", version("planwise")
    if connection.execute("select 1 from duckdb_tables() where table_name = 'provenance'").fetchone():
        cursor = connection.cursor().execute("select * from provenance order by simulation_year")
        names = [column[0] for column in cursor.description or []]
        for year, *values in cursor.fetchall():
            for name, value in zip(names[1:], values, strict=True):
                yield f"{year}: {name}", "-" if value is None else str(value)
    for place, value in leaves(study.scenarios):
        yield f"scenarios.{key_text(place)}", plain(value)


def _meanings(tables: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """What dbt documents of each column."""
    for table in tables:
        for file in sorted(_MODELS.glob(f"*/{table}.yml")):
            for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]:
                for column in model["columns"]:
                    yield table, column["name"], column.get("description", "")
