"""Published tables as files of other programs: CSV and Parquet.

Belongs here: writing tables as they are. Does not: the workbook (workbook.py), arguments (commands/export.py).

A text that begins like a formula would be run by a spreadsheet that opens it (OWASP, "CSV Injection"). In CSV such a text
gets an apostrophe before it. Numbers are numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Literal

import duckdb

from resources.engines.session import quoted
from resources.files import make_whole

#: What a spreadsheet may take for the beginning of a formula; the last four are full-width forms of the first four.
FORMULA_STARTS = "=+-@\t\r\n＝＋－＠"


def harmless(text: str) -> str:
    """The text, behind an apostrophe if a spreadsheet would run it as a formula."""
    return f"'{text}" if text.startswith(tuple(FORMULA_STARTS)) else text


def write_files(
    connection: duckdb.DuckDBPyConnection, tables: Sequence[str], folder: Path, file_format: Literal["csv", "parquet"]
) -> Iterator[Path]:
    """Writes a file a table into a folder, rows in the order of the table.

    Args:
        connection: A connection to the warehouse.
        tables: Names of published tables.
        folder: Where the files go, each named after its table; made if it is missing.
        file_format: In `csv`, a text that a spreadsheet would run as a formula gets an apostrophe before it.

    Yields:
        Each file once it is complete.

    Raises:
        CannotWriteError: The folder, the disk or a right is wanting.
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
    quoted_columns = [(f'"{name}"', kind) for name, kind, *_ in columns]
    selected = [
        f"case when {name} <> '' and contains({listed}, left({name}, 1)) then '''' || {name} else {name} end as {name}"
        if kind in ("VARCHAR", "JSON")
        else name
        for name, kind in quoted_columns
    ]
    return f"select {', '.join(selected)} from {table}"
