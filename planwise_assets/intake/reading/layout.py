"""Which lines of a file are its table: header, titles above it, totals, notes and repeated headers in and below it.

Belongs here: telling rows from what stands around them, for every kind of file. Does not: opening files.
A line is left out only where it cannot be a person's: it is empty, repeats a header or a title, holds no day and a word for
a total, or holds one or two texts that look like nothing in its column. Each is named with its place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import pairwise

import duckdb

from planwise_assets.intake.names import recognised
from planwise_assets.intake.reading.table import RAW, CensusError, LeftOut, RawTable, shortened

_TOTAL = re.compile(
    r"\W*(grand|sub|report|company|overall|page|dept|department|division|group)?[\s_-]*(totals?|sum|summe)\b", re.I
)
#: `Plant 2 Total`, `Count: 12`; of a line without any day.
_SUMS_UP = re.compile(r".*\b(sub-?)?totals?\W*|\W*([a-z]+ )?(counts?|headcount)\W*[0-9,]*\W*", re.I)
_NUMBER = re.compile(r"[$€£(+-]*\s?[0-9][0-9.,' \u00a0]*(e[+-]?[0-9]+)?[)%]*", re.I)
_DAY = re.compile(r"[0-9]{1,4}[./-][0-9A-Za-z]{1,3}[./-][0-9]{2,4}")
_SEARCHED = 40


@dataclass(frozen=True)
class Header:
    """Where a table begins.

    Attributes:
        first: Index of the header's first line among the lines that were looked at.
        last: Index of its last line; the rows begin after it.
        names: The columns' names, as they stand there.
    """

    first: int
    last: int
    names: list[str]


def find_header(lines: Sequence[Sequence[str]]) -> Header | None:
    """The header among a file's first lines.

    Args:
        lines: Fields of the first lines, titles and empty lines included.

    Returns:
        The line whose fields are names of columns; else the first one of texts that stands above figures. Two lines where
        together they are more names than either. None where no line is a header.
    """
    best: tuple[int, int, Header] | None = None
    for place, cells in enumerate(lines[:_SEARCHED]):
        if not _is_text(cells):
            continue
        for header in _readings(lines, place):
            found = (recognised(header.names), -place, header)
            if best is None or (found[:2] > best[:2] and found[0] > best[0]):
                best = found
    if best is not None and best[0] >= 2:
        return best[2]
    for place, (cells, below) in enumerate(pairwise(lines[:_SEARCHED])):
        if _is_text(cells) and len(_filled(cells)) > 1 and not _is_text(below):
            return Header(place, place, list(cells))
    return best[2] if best is not None and best[0] and len(_filled(lines[best[2].first])) > 1 else None


def _readings(lines: Sequence[Sequence[str]], place: int) -> list[Header]:
    one = Header(place, place, list(lines[place]))
    if place + 1 >= len(lines) or not _is_text(lines[place + 1]):
        return [one]
    above, below = lines[place], lines[place + 1]
    width = max(len(above), len(below))
    joined, group = [], ""
    # A name above several columns is written once, above the first of them.
    is_sparse = len(_filled(above)) < len(_filled(below))
    for column in range(width):
        upper = above[column].strip() if column < len(above) else ""
        lower = below[column].strip() if column < len(below) else ""
        group = upper or (group if is_sparse else "")
        joined.append(f"{group} {lower}".strip())
    return [one, Header(place, place + 1, joined)]


def _filled(cells: Sequence[str]) -> list[str]:
    return [cell for cell in cells if cell and cell.strip()]


def _is_text(cells: Sequence[str]) -> bool:
    """Whether a line holds texts alone: no number and no day, as a row of a census has."""
    filled = _filled(cells)
    return bool(filled) and not any(_NUMBER.fullmatch(cell.strip()) or _DAY.search(cell) for cell in filled)


def titles_above(lines: Sequence[tuple[int, Sequence[str]]], header: Header) -> list[LeftOut]:
    """What stands above the header, and the header itself."""
    found = [
        LeftOut(place, "title" if _filled(cells) else "blank", shortened(cells)) for place, cells in lines[: header.first]
    ]
    return found + [LeftOut(place, "header", shortened(cells)) for place, cells in lines[header.first : header.last + 1]]


def set_rows_apart(connection: duckdb.DuckDBPyConnection, table: RawTable, header: Sequence[Sequence[str]]) -> None:
    """Takes what is nobody's row out of `census_raw` and says so in the table.

    Args:
        connection: Holds `census_raw`.
        table: Its columns, with what was left out above them.
        header: The fields of the header's lines.
    """
    columns = [f"c{place}" for place in range(len(table.names))]
    counted = " + ".join(f"cast({column} is not null as integer)" for column in columns)
    few = max(2, len(columns) // 2)
    # A total that fills most columns has its word in one of the first.
    words = " or ".join(f"{column} ilike '%total%' or trim({column}) = ''" for column in columns[:3])
    names = [cell for cells in header for cell in cells[:1] if cell.strip()]
    is_header = " or ".join(f"{columns[0]} = '{name.replace(chr(39), chr(39) * 2)}'" for name in names) or "false"
    candidates = connection.execute(
        f"select * from {RAW} where ({counted}) <= {few} or {is_header} or {words} order by place"
    ).fetchall()
    seen_titles = {left.text for left in table.left_out if left.kind == "title"}
    heads = [[cell.strip().lower() for cell in cells] for cells in header]
    found: list[LeftOut] = []
    for place, *cells in candidates:
        kind = _kind(connection, [cell or "" for cell in cells], heads, seen_titles)
        if kind is not None:
            found.append(LeftOut(int(place), kind, shortened(cells)))
    if found:
        connection.execute(f"delete from {RAW} where place in (select unnest(?))", [[left.place for left in found]])
        table.left_out += found
    for left in found:
        if left.kind == "total":
            cells = next(list(cells) for place, *cells in candidates if place == left.place)
            table.said.append(_checked(connection, table, left, cells))


def _kind(connection: duckdb.DuckDBPyConnection, cells: list[str], heads: list[list[str]], titles: set[str]) -> str | None:
    filled = _filled(cells)
    if not filled:
        return "blank"
    lowered = [cell.strip().lower() for cell in cells]
    if any(lowered[: len(head)] == head[: len(lowered)] for head in heads):
        return "header"
    if shortened(cells) in titles:
        return "title"
    has_day = any(_DAY.fullmatch(cell.strip()) for cell in filled)
    if not has_day and any(_TOTAL.match(cell) or _SUMS_UP.fullmatch(cell) for cell in filled):
        return "total"
    if len(filled) <= 2 and len(cells) > 2 and not has_day and not _is_like_its_column(connection, cells):
        return "note"
    return None


def kind_of_ragged(cells: list[str], heads: list[list[str]]) -> str | None:
    """What a line with more fields than the header is, if it is nobody's row."""
    if [cell.strip().lower() for cell in cells] in heads:
        return "header"
    filled = _filled(cells)
    return "total" if not any(_DAY.fullmatch(cell.strip()) for cell in filled) and any(map(_TOTAL.match, filled)) else None


def _is_like_its_column(connection: duckdb.DuckDBPyConnection, cells: list[str]) -> bool:
    """Whether a text has the shape of another one in its column (E00041 that of E00040): then it is a row with gaps."""
    for place, cell in enumerate(cells):
        if cell.strip():
            shape = "translate(upper({}), '123456789BCDEFGHIJKLMNOPQRSTUVWXYZ', '000000000AAAAAAAAAAAAAAAAAAAAAAAAA')"
            like = connection.execute(
                f"select count(*) from {RAW} where {shape.format(f'trim(c{place})')} = {shape.format('trim(?)')}", [cell]
            ).fetchone()
            return like is not None and like[0] > 1
    return False


def _amount(text: str) -> Decimal | None:
    plain = re.sub(r"[$€£\s,']", "", text)
    try:
        return Decimal(plain) if plain and _NUMBER.fullmatch(text.strip()) else None
    except InvalidOperation:
        return None


def _checked(connection: duckdb.DuckDBPyConnection, table: RawTable, left: LeftOut, cells: Sequence[str | None]) -> str:
    """Whether the figures of a total are what the rows add up to. A short line's figures may stand in another column."""
    amounts = [amount for cell in cells if cell and (amount := _amount(cell)) is not None]
    where = f"{table.place_name(left.place).capitalize()} is a total ({left.text})"
    if not amounts:
        return f"{where}: left out."
    parts = ", ".join(
        f"sum(try_cast(regexp_replace(c{place}, '[$€£,'' ]', '', 'g') as decimal(18, 4)))"
        for place in range(len(table.names))
    )
    row = connection.execute(f"select count(*), {parts} from {RAW}").fetchone()
    people, totals = (row[0], row[1:]) if row else (0, ())
    wrong = [amount for amount in amounts if amount != people and all(amount != total for total in totals)]
    agreed = [
        name
        for name, total in zip(table.names, totals, strict=True)
        if total is not None and any(total == amount for amount in amounts)
    ]
    if not wrong:
        return f"{where}; {' and '.join(agreed)} of the rows add up to it." if agreed else f"{where}: it counts the rows."
    return (
        f"{where}, and no column of the {people:,} rows adds up to {wrong[0]:,}: rows may be missing, or it is of something "
        "else."
    )


def require_header(header: Header | None, file: object, first: Sequence[str]) -> Header:
    """The header.

    Args:
        header: What was found; None: nothing.
        file: The census, for the message.
        first: The cells of its first line, for the message.

    Raises:
        CensusError: There is none.
    """
    if header is None:
        raise CensusError(
            f"Census {file} has no line of column names: its first line is {shortened(first)!r}. It needs one above the "
            f"rows, "
            "e.g. employee_id,birth_date,hire_date,annual_compensation."
        )
    return header
