"""Workbooks (.xlsx, .xlsm, .xls, .xlsb, .ods) into `census_raw`, every cell as a text or an exact value.

Belongs here: the sheet, cells as texts, what a workbook hides. Does not: the file's own markup (markup.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from planwise_assets.intake.names import recognised
from planwise_assets.intake.reading.layout import find_header, require_header, set_rows_apart, titles_above
from planwise_assets.intake.reading.markup import Markup, markup_of
from planwise_assets.intake.reading.table import RAW, CensusError, RawTable, unlike
from planwise_assets.intake.reading.text import hand_over

#: A floating-point number of Excel is exact to this many digits.
_EXCEL_DIGITS = 15
#: A 0 in the format of a day: midnight without a day, which spreadsheets leave where there is none.
_NO_DAY = time(0)
#: So many different values of cells are kept with their texts.
_REMEMBERED = 100_000


def read_workbook(connection: duckdb.DuckDBPyConnection, file: Path, sheet: str | None) -> RawTable:
    """Reads a sheet of a workbook into `census_raw`.

    Args:
        connection: Where the rows go.
        file: The workbook.
        sheet: Its sheet; None: the only visible one that has a header.

    Raises:
        CensusError: No workbook, no such sheet, several that could be it, no header, or cells without a value.
    """
    try:
        with CalamineWorkbook.from_path(file) as book:
            name, cells = _sheet(book, file, sheet)
    except (CalamineError, OSError, ValueError) as error:
        if isinstance(error, CensusError):
            raise
        raise CensusError(
            f"Census {file} cannot be read as a workbook: {error}. If it has a password, save it without one; else save "
            f"it again."
        ) from None
    markup = markup_of(file, name)
    if markup.broken:
        raise CensusError(
            f"Census {file}, sheet {name!r}: {len(markup.broken):,} cells have no value: {', '.join(markup.broken[:5])}. "
            "Open it, let it calculate, mend the errors, and save it."
        )
    head = [[_text(value, markup.zeros.get((row, at))) for at, value in enumerate(r)] for row, r in enumerate(cells[:60], 1)]
    header = require_header(find_header(head), file, head[0] if head else [""])
    below = cells[header.last + 1 :]
    typed = _as_texts(below, header.last + 2, markup)
    width = max((len(_trimmed(row)) for row in head[header.first : header.last + 1]), default=0)
    width = max(width, _width(below))
    names = list(header.names)
    names = [*names[:width], *[""] * (width - len(names))]
    table = RawTable(file, unlike(names), unit="row", sheet=name)
    table.said += _said(markup, name, file)
    table.left_out = titles_above(list(enumerate(head, 1)), header)
    hand_over(
        connection,
        ((place, *row[:width], *[""] * (width - len(row))) for place, row in enumerate(below, header.last + 2)),
        width,
    )
    table.kinds = _kinds(connection, table.names, typed)
    set_rows_apart(connection, table, head[header.first : header.last + 1])
    return table


def _sheet(book: CalamineWorkbook, file: Path, wanted: str | None) -> tuple[str, list[list[Any]]]:
    """The sheet's name and its cells, from its first row and column on."""
    sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    names = [sheet.name for sheet in sheets]
    if wanted is not None:
        if wanted not in names:
            raise CensusError(f"Census {file} has no sheet {wanted!r}; it has {', '.join(map(repr, names))}.")
        return wanted, _cells(book, wanted)
    read = {sheet.name: _cells(book, sheet.name) for sheet in sheets if sheet.visible == SheetVisibleEnum.Visible}
    filled = {name: cells for name, cells in read.items() if any(value not in ("", None) for row in cells for value in row)}
    if not filled:
        hidden = [name for name in names if name not in read]
        raise CensusError(
            f"Census {file} has no rows in a sheet that shows."
            + (f" Hidden: {', '.join(map(repr, hidden))}; name one as the sheet to read." if hidden else "")
        )
    tables = {name: cells for name, cells in filled.items() if _is_table(cells)} or filled
    if len(tables) > 1:
        raise CensusError(
            f"Census {file} has {len(tables)} sheets with a table: {', '.join(map(repr, tables))}. Say which: --sheet "
            f"{next(iter(tables))!r} (`census_reading: {{sheet: ...}}` in a study)."
        )
    return next(iter(tables.items()))


def _cells(book: CalamineWorkbook, name: str) -> list[list[Any]]:
    return book.get_sheet_by_name(name).to_python(skip_empty_area=False)


def _is_table(cells: Sequence[Sequence[object]]) -> bool:
    return any(recognised([str(value) for value in row]) >= 3 for row in cells[:60])


def _text(value: object, zeros: int | None) -> str:
    """A cell as text: a number without digits that its format does not have, a day as YYYY-MM-DD."""
    if value is None or isinstance(value, str):
        return value or ""
    if value == _NO_DAY:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | int):
        return _number(value).zfill(zeros or 0)
    if isinstance(value, datetime):
        return str(value.date()) if value.time() == time(0) else value.isoformat(sep=" ")
    return str(value)


def _number(value: float) -> str:
    """Exactly what the workbook holds, without an exponent: 1001, not 1001.0; 43137.3, not 43137.299999999996."""
    if isinstance(value, int) or value.is_integer():
        return str(int(value))
    text = format(value, f".{_EXCEL_DIGITS}g")
    return text if "e" not in text else format(Decimal(text), "f")


def _width(rows: Sequence[Sequence[str]]) -> int:
    """How many columns have a filled cell: empty ones at the end of a sheet are none."""
    width = max(map(len, rows), default=0)
    while width and not any(len(row) >= width and row[width - 1].strip() for row in rows):
        width -= 1
    return width


def _trimmed(row: Sequence[str]) -> Sequence[str]:
    end = len(row)
    while end and not row[end - 1].strip():
        end -= 1
    return row[:end]


def _as_texts(rows: Sequence[list[Any]], first: int, markup: Markup) -> Counter[tuple[int, str]]:
    """Makes texts of the cells that are none, in place: most are texts already, and a million rows are not copied.

    Args:
        rows: The rows below the header.
        first: The place of the first of them.
        markup: What the file's markup says of its cells.

    Returns:
        How many cells of each column are dates and how many numbers.
    """
    width = max(map(len, rows), default=0)
    dates, numbers = [0] * width, [0] * width
    zeros = markup.zeros
    # A cell has one of a few types and of few values: what was written once is looked up, and no other question is asked.
    written: dict[tuple[type, object], str] = {}
    for place, row in enumerate(rows, first):
        for column, value in enumerate(row):
            kind = type(value)
            if kind is str:
                continue
            padding = zeros.get((place, column)) if zeros else None
            text = written.get((kind, value)) if padding is None else _text(value, padding)
            if text is None:
                text = _text(value, None)
                if len(written) < _REMEMBERED:
                    written[kind, value] = text
            row[column] = text
            if kind is float or kind is int:
                numbers[column] += 1
            elif kind is date or kind is datetime:
                dates[column] += 1
    counted = (
        (place, kind, counts[place]) for place in range(width) for kind, counts in (("date", dates), ("number", numbers))
    )
    return Counter({(place, kind): count for place, kind, count in counted if count})


def _kinds(connection: duckdb.DuckDBPyConnection, names: Sequence[str], typed: Counter[tuple[int, str]]) -> dict[str, str]:
    """The columns all of whose filled cells are dates or are numbers."""
    counted = connection.execute(
        f"select {', '.join(f'count(c{place})' for place in range(len(names)))} from {RAW}"
    ).fetchone()
    return {
        names[place]: kind
        for (place, kind), count in typed.items()
        if place < len(names) and counted and counted[place] == count
    }


def _said(markup: Markup, name: str, file: Path) -> list[str]:
    said = [f"Sheet {name!r} of the workbook."]
    if markup.hidden_rows:
        said.append(
            f"{markup.hidden_rows:,} rows of it are hidden (a filter hides rows, too); they are read like the others."
        )
    if markup.zeros:
        said.append("Zeros in front of numbers are kept as their cell format shows them.")
    if not markup.is_known:
        said.append(
            f"A {file.suffix} workbook does not show which cells are errors, or which zeros a format puts in front of an "
            f"id: "
            "save it as .xlsx if there may be such."
        )
    return said
