"""CSV and other separated text, of any common dialect and encoding, into `census_raw`.

Belongs here: reading all lines, and the number of the line that each row begins in. Does not: the dialect's and the header's
rules (dialect.py, layout.py).

A regular file is read by DuckDB with the dialect that was found, in strict mode and with nothing left for it to guess.
Whatever is not regular (short or long rows, quotes within fields, several line ends, empty lines) is parsed by Python's csv
module, which knows the line of each row, and handed over. tests/unit/test_census_reading.py holds the two to the
same answer.
"""

from __future__ import annotations

import csv
import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from planwise_assets.intake.reading.dialect import BrokenLineError, Dialect, dialect_of
from planwise_assets.intake.reading.encoding import as_utf8
from planwise_assets.intake.reading.layout import (
    Header,
    find_header,
    kind_of_ragged,
    require_header,
    set_rows_apart,
    titles_above,
)
from planwise_assets.intake.reading.table import RAW, CensusError, LeftOut, RawTable, shortened, unlike
from resources.engines.session import quoted

_HEAD_BYTES, _TAIL_BYTES = 60_000, 6_000
_SHOWN = 5


@dataclass(frozen=True)
class _Text:
    file: Path
    content: bytes
    dialect: Dialect
    lines: list[tuple[int, list[str]]]
    header: Header

    @property
    def names(self) -> list[str]:
        return unlike(_without_empty_end(self.header.names))

    @property
    def first_row(self) -> int:
        """Index among `lines` of the first row."""
        return self.header.last + 1


def read_text(connection: duckdb.DuckDBPyConnection, file: Path) -> RawTable:
    """Reads a text file into `census_raw`.

    Raises:
        CensusError: It is no text, has no separator, no header, or lines that are not rows; the message names them.
    """
    content, of_encoding = as_utf8(file.read_bytes(), str(file))
    head = content[:_HEAD_BYTES].decode(errors="ignore")
    tail = content[-_TAIL_BYTES:].decode(errors="ignore") if len(content) > _HEAD_BYTES else ""
    dialect = dialect_of(_lines(head)[:400] + _lines(tail)[1:])
    if dialect is None:
        raise CensusError(
            f"Census {file}: no separator parts its lines into columns (looked for commas, semicolons, tabs, bars). The "
            f"first "
            f"line is {shortened(_lines(head)[:1])!r}. Export it as .csv or .xlsx."
        )
    text = _beginning(file, content, dialect)
    table = RawTable(file, text.names)
    table.said += [f"Columns are separated by {dialect.spoken}."] if dialect.separator != "," else []
    table.said += [of_encoding] if of_encoding else []
    table.left_out = titles_above(text.lines, text.header)
    if dialect.is_named:
        table.left_out.insert(0, LeftOut(1, "title", f"sep={dialect.separator}"))
    if not _read_regular(connection, text):
        _read_line_by_line(connection, text, table)
    set_rows_apart(connection, table, [text.lines[place][1] for place in range(text.header.first, text.header.last + 1)])
    return table


def _beginning(file: Path, content: bytes, dialect: Dialect) -> _Text:
    lines = _lines(content[:_HEAD_BYTES].decode(errors="ignore"))
    skipped = 1 if dialect.is_named else 0
    try:
        rows = dialect.numbered(lines[skipped : skipped + 120])
    except BrokenLineError:
        rows = [(line.rstrip("\r\n").split(dialect.separator), place) for place, line in enumerate(lines[skipped:120], 1)]
    numbered = [(place + skipped, cells) for cells, place in rows]
    header = require_header(find_header([cells for _, cells in numbered]), file, numbered[0][1] if numbered else [""])
    return _Text(file, content, dialect, numbered, header)


def _read_regular(connection: duckdb.DuckDBPyConnection, text: _Text) -> bool:
    """Lets DuckDB read a file of which every line is a row of as many fields as there are names."""
    content, dialect = text.content, text.dialect
    width, skipped = len(text.header.names), text.lines[text.header.last][0]
    start = _after(content, skipped)
    newlines = content.count(b"\n", start) + (not content.endswith(b"\n"))
    returns = content.count(b"\r", start)
    if (
        dialect.skips_spaces
        or dialect.is_escaped
        or len(text.names) != width
        or text.header.first != text.header.last
        or content.find(b"\n\n", start) >= 0
        or content.find(b"\n\r", start) >= 0
        or returns not in (0, content.count(b"\r\n", start))
        or (returns and returns != content.count(b"\n", start))
    ):
        return False
    with tempfile.TemporaryDirectory() as folder:
        file = text.file
        if file.stat().st_size != len(content) or (not content.isascii() and file.read_bytes() != content):
            file = Path(folder) / "census.csv"
            file.write_bytes(content)
        columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(width))
        source = (
            f"read_csv({quoted(file)}, header = false, auto_detect = false, columns = {{{columns}}}, skip = {skipped}, "
            f"delim = {_literal(dialect.separator)}, quote = {_literal(dialect.quote)}, escape = {_literal(dialect.quote)})"
        )
        try:
            row = connection.execute(
                f"create or replace temp table {RAW} as select row_number() over () + {skipped} as place, * from {source}"
            ).fetchone()
        except duckdb.Error:
            return False
    # As many rows as lines: each row is a line of its own, and its number follows from its place.
    return row is not None and row[0] == newlines > 0


def _after(content: bytes, lines: int) -> int:
    """Where the bytes after so many lines begin."""
    place = 0
    for _ in range(lines):
        place = content.find(b"\n", place) + 1
    return place


def _read_line_by_line(connection: duckdb.DuckDBPyConnection, text: _Text, table: RawTable) -> None:
    width = len(text.names)
    lines = _lines(text.content.decode())
    following = _header_ends(text, len(lines))
    try:
        rows = text.dialect.numbered(lines[following:])
    except BrokenLineError as error:
        line = error.line + following
        raise CensusError(
            f"Census {text.file}: line {line} has a quote that is not closed, or one within a field: "
            f"{shortened([lines[line - 1].strip()])!r} ({error}). Double the quotes that are part of a value."
        ) from None
    heads = [[cell.strip().lower() for cell in text.lines[place][1]] for place in range(text.header.first, text.first_row)]
    kept: list[list[str | int]] = []
    too_long: list[str] = []
    for cells, place in rows:
        line = place + following
        own = [cell.strip() for cell in cells[width:]]
        if any(own):
            kind = kind_of_ragged(cells, heads)
            if kind is None:
                too_long.append(f"line {line} has {len(_without_empty_end(cells))} fields: {shortened(cells)}")
            else:
                table.left_out.append(LeftOut(line, kind, shortened(cells)))
        elif cells:
            kept.append([line, *cells[:width], *[""] * (width - len(cells))])
        else:
            table.left_out.append(LeftOut(line, "blank", ""))
    if too_long:
        raise CensusError(
            f"Census {text.file}: {len(too_long):,} lines have more fields than the {width} columns that line "
            f"{text.lines[text.header.last][0]} names. Put quotes around values that hold {text.dialect.spoken}.\n  "
            + "\n  ".join(too_long[:_SHOWN])
        )
    hand_over(connection, kept, width)


def _header_ends(text: _Text, lines: int) -> int:
    """How many lines of the file stand before the first row."""
    return text.lines[text.first_row][0] - 1 if text.first_row < len(text.lines) else lines


def _lines(text: str) -> list[str]:
    """The lines with their ends. Not `splitlines`, which parts at characters that no spreadsheet takes for an end."""
    return [line for line in re.split(r"(?<=\n)|(?<=\r)(?!\n)", text) if line]


def hand_over(connection: duckdb.DuckDBPyConnection, rows: Iterable[Sequence[str | int]], width: int) -> None:
    """Makes `census_raw` of rows, each with its place first: through a file that leaves nothing to guess.

    Args:
        connection: Gets the table: `place`, and the texts as `c0`, `c1`, ...
        rows: Of each its place (a line or row of the file, from 1), then `width` texts.
        width: How many texts a row has.
    """
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(width))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.csv"
        with file.open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle, lineterminator="\n").writerows(rows)
        if not file.stat().st_size:
            names = ", ".join(f"c{place} varchar" for place in range(width))
            connection.execute(f"create or replace temp table {RAW} (place bigint, {names})")
            return
        connection.execute(
            f"create or replace temp table {RAW} as select * from read_csv({quoted(file)}, header = false, auto_detect = "
            f"false, "
            f"columns = {{'place': 'BIGINT', {columns}}}, delim = ',', quote = '\"', escape = '\"', max_line_size = "
            f"16777216)"
        )


def _without_empty_end(cells: Sequence[str]) -> list[str]:
    kept = list(cells)
    while kept and not kept[-1].strip():
        kept.pop()
    return kept


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
