"""Money and hours, as they are written anywhere: $1,234.50, 1.234,50, 1'234.50, 1,23,450, USD 4, (500.00), 4.3E+04.

Belongs here: which of comma and point is the decimal mark of a column. Does not: per cents (rates.py).
"""

from __future__ import annotations

from typing import Literal

import duckdb

from planwise_assets.intake.reading.table import RAW, CensusError
from planwise_assets.intake.values.column import NOTHING, AmbiguousColumnError, Column

Decimal = Literal["point", "comma"]

PLAIN = "[+-]?[0-9]+([.][0-9]*)?"
_BLANK = "[ \u00a0\u202f\u2009]"
_CURRENCY = r"(?:USD|US[$]|EUR|GBP|CHF|CAD|AUD|INR|Rs[.]?|Fr[.]?|C[$]|A[$]|[$€£₹])"
_ROUND = rf"[(]?[+-]?{_BLANK}?{_CURRENCY}?{_BLANK}?[+-]?"
_AFTER = rf"{_BLANK}?{_CURRENCY}?[)]?-?"
_GROUPS = f"(?:,|['’]|{_BLANK})"
#: With a decimal point: groups of three, or of two and a last one of three as in India.
_POINT = rf"{_ROUND}(?:[0-9]+|[0-9]{{1,3}}(?:{_GROUPS}[0-9]{{2,3}})*{_GROUPS}[0-9]{{3}})?(?:[.][0-9]*)?{_AFTER}"
_COMMA = rf"{_ROUND}(?:[0-9]+|[0-9]{{1,3}}(?:(?:[.'’]|{_BLANK})[0-9]{{3}})+)(?:,[0-9]*)?{_AFTER}"
_SCIENTIFIC = r"[+-]?[0-9]+(?:[.][0-9]+)?[eE][+-]?[0-9]{1,2}"
#: Signs of all that may stand around the digits, as an SQL string.
_AROUND_DIGITS = "'$€£₹,’() \u00a0\u202f\u2009''USDEURGBPCHFCADAUDINRsr'"
_NO = "''"
#: What can only be one of them.
_SHOWS_POINT = (
    rf".*,[0-9]{{3}}[.].*|.*[.](?:[0-9]{{1,2}}|[0-9]{{4,}}){_AFTER}|.*,[0-9]{{2,3}},.*|[^.]*[0-9]{{4,}}[.][0-9]*{_AFTER}"
)
_SHOWS_COMMA = (
    rf".*[.][0-9]{{3}},.*|.*,(?:[0-9]{{1,2}}|[0-9]{{4,}}){_AFTER}|.*[.][0-9]{{3}}[.].*|[^,]*[0-9]{{4,}},[0-9]*{_AFTER}"
)
#: Thousands or a fraction: 43.137, 43,137.
_EITHER = rf"{_ROUND}[0-9]{{1,3}}[.,][0-9]{{3}}{_AFTER}"


def read_number(connection: duckdb.DuckDBPyConnection, column: Column, decimal: Decimal | None, *, is_exact: bool) -> None:
    """Rewrites a column of numbers as plain digits with a decimal point, in place.

    Args:
        connection: Holds `census_raw`.
        column: The column.
        decimal: The decimal mark where no number of the column shows it.
        is_exact: Whether the file itself holds numbers, and no texts.

    Raises:
        AmbiguousColumnError: The column may be thousands or fractions, or has both marks for the decimal.
    """
    text = column.text
    # Pay that everybody must have stays as it is written, so that it is refused with its text.
    nothing = frozenset({""}) if column.name == "annual_compensation" else NOTHING
    column.sql = f"case when lower({text}) not in ({_listed(nothing)}) then {text} end"
    if is_exact:
        return
    other, three, fractions = _counts(
        connection,
        column,
        f"not {_is(text, PLAIN)}",
        f"{text} like '%.___'",
        f"contains({text}, '.') and {text} not like '%.___'",
    )
    is_certain = fractions > 0 or not three
    if not other and is_certain:
        return
    if is_certain and not _counts(connection, column, f"not {_is(text, _POINT)}")[0]:
        # As most payroll systems print it. Nothing is left to ask of each row: the column is known to be written so.
        column.sql = f"case when {text} <> '' then {_signed(text, f'translate({text}, {_AROUND_DIGITS}, {_NO})')} end"
        column.said += _spoken(connection, column, text, is_point=True)
        return
    mark = _mark(connection, column, text, decimal)
    if not other and mark == "point":
        return
    is_point = mark == "point"
    body, drop = (_POINT, r"[^0-9.eE+-]") if is_point else (_COMMA, r"[^0-9,eE+-]")
    number = f"regexp_replace(regexp_replace({text}, '{_CURRENCY}', '', 'g'), '{drop}', '', 'g')"
    number = number if is_point else f"replace({number}, ',', '.')"
    signed = _signed(text, number)
    exact = f"cast(try_cast({text} as decimal(38, 8)) as varchar)"
    column.sql = (
        f"case when {_is(text, PLAIN)} and {str(is_point).lower()} then {text} "
        f"when lower({text}) in ({_listed(nothing)}) then null "
        f"when {_is(text, _SCIENTIFIC)} then rtrim(rtrim({exact}, '0'), '.') "
        f"when {_is(text, body)} and regexp_matches({text}, '[0-9]') then {signed} else {text} end"
    )
    column.said += _spoken(connection, column, text, is_point=is_point)


def _signed(text: str, number: str) -> str:
    """SQL of a number with its sign: a minus stands in front, behind, or is a pair of brackets."""
    return (
        f"case when starts_with({text}, '(') or contains({text}, '-') then '-' else '' end "
        f"|| replace(replace({number}, '-', ''), '+', '')"
    )


def _mark(connection: duckdb.DuckDBPyConnection, column: Column, text: str, decimal: Decimal | None) -> Decimal:
    point, comma, either = _counts(
        connection,
        column,
        _is(text, _SHOWS_POINT),
        _is(text, _SHOWS_COMMA),
        f"{_is(text, _EITHER)} and contains({text}, '.')",
    )
    if point and comma and max(point, comma) < 9 * min(point, comma):
        if decimal is None:
            raise _two_ways(column, "has points and commas before fractions", connection, text)
        return decimal
    if point or comma:
        # The few others stay as they are, and are refused by their place.
        return "point" if point >= comma else "comma"
    if decimal is not None:
        return decimal
    if either:
        raise _two_ways(column, "may be thousands or fractions", connection, text)
    return "point"


def _two_ways(column: Column, problem: str, connection: duckdb.DuckDBPyConnection, text: str) -> AmbiguousColumnError:
    row = connection.execute(
        f"select {text} from {RAW} where regexp_full_match({text}, '.*[0-9][.,][0-9].*') order by place limit 1"
    ).fetchone()
    return AmbiguousColumnError(
        f"Column {column.own!r} {problem} (e.g. {row[0] if row else ''}): say --decimal point (43.137 is 43 and a "
        f"fraction) or --decimal comma "
        "(it is 43 thousand); in a study, `census_reading: {decimal: comma}`.",
        "decimal",
        ("point", "comma"),
    )


def _spoken(connection: duckdb.DuckDBPyConnection, column: Column, text: str, *, is_point: bool) -> list[str]:
    money, groups, brackets, scientific, apart = _counts(
        connection,
        column,
        f"regexp_matches({text}, '{_CURRENCY}')",
        f"regexp_matches({text}, '[0-9]{'[,]' if is_point else '[.]'}[0-9]{{2,3}}')",
        f"starts_with({text}, '(') or ends_with({text}, '-')",
        _is(text, _SCIENTIFIC),
        f"regexp_matches({text}, '[0-9](?:[’'']|{_BLANK})[0-9]')",
    )
    if money:
        _require_one_currency(connection, column, text)
    said = [] if is_point else ["the comma is the decimal mark"]
    said += ["without the sign of the currency"] if money else []
    said += ["without thousands separators"] if groups or apart else []
    said += ["brackets and a minus behind as negative"] if brackets else []
    said += ["written out from 4.3E+04"] if scientific else []
    return said


def _require_one_currency(connection: duckdb.DuckDBPyConnection, column: Column, text: str) -> None:
    sign = f"nullif(regexp_replace(regexp_extract({text}, '{_CURRENCY}'), '^(USD|US[$])$', '$'), '')"
    rows = connection.execute(
        f"select {sign}, count(*), min(place) from {RAW} where {sign} is not null group by 1 order by 2 desc, 1"
    ).fetchall()
    if len(rows) > 1:
        found = ", ".join(f"{name} ({times:,}, first in line or row {place})" for name, times, place in rows)
        raise CensusError(f"Column {column.own!r} has amounts in several currencies: {found}. Give all of them in one.")


def _counts(connection: duckdb.DuckDBPyConnection, column: Column, *conditions: str) -> tuple[int, ...]:
    counts = ", ".join(f"count(*) filter ({condition})" for condition in conditions)
    row = connection.execute(f"select {counts} from {RAW} where {column.text} <> ''").fetchone()
    return tuple(int(count) for count in row) if row else tuple(0 for _ in conditions)


def _listed(words: frozenset[str]) -> str:
    return ", ".join("'" + word.replace("'", "''") + "'" for word in sorted(words))


def _is(text: str, pattern: str) -> str:
    escaped = pattern.replace("'", "''")
    return f"regexp_full_match({text}, '{escaped}')"
