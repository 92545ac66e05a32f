"""Shares and per cents: 6%, 0.06, and 6 in a column of per cents.

Belongs here: which of the two a column holds. Does not: dollars (intake/pay.py).
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal

import duckdb

from planwise_assets.intake.values.column import NOTHING, AmbiguousColumnError, Column, texts, translate

Rates = Literal["percent", "share"]

_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)")
_PERCENT = re.compile(r"([+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+))\s*(?:%|pct|percent|per cent)", re.I)
#: More than this in a column of rates is dollars.
_LARGEST_PERCENT = 100


def holds_dollars(connection: duckdb.DuckDBPyConnection, raw: str) -> bool:
    """Whether a column that was taken for rates holds amounts of money: a currency sign, or more than a hundred."""
    known = texts(connection, raw)
    amounts = [
        text
        for text in known
        if text.startswith("$") or ((number := _number(text.replace(",", ""))) is not None and number > _LARGEST_PERCENT)
    ]
    return len(amounts) > 0.05 * len(known)


def read_rate(connection: duckdb.DuckDBPyConnection, column: Column, rates: Rates | None) -> None:
    """Rewrites a column of rates as shares, in place: 0.06 for 6 %.

    Args:
        connection: Holds `census_raw`.
        column: The column.
        rates: What 1 is where no rate of the column shows it: 1 % or 100 %.

    Raises:
        AmbiguousColumnError: The column may be per cents or shares.
    """
    known = [text for text in texts(connection, column.raw) if text.lower() not in NOTHING]
    has_signs = any(_PERCENT.fullmatch(text) for text in known)
    numbers = [number for text in known if (number := _number(text)) is not None and number > 0]
    as_percent = False if has_signs else _is_percent(column, numbers, rates)

    def read(text: str) -> str | None:
        if text.lower() in NOTHING:
            return ""
        if found := _PERCENT.fullmatch(text):
            return _share(found[1])
        if as_percent and _NUMBER.fullmatch(text):
            return _share(text)
        return text.replace(",", ".") if _NUMBER.fullmatch(text) and "," in text else None

    translate(
        connection, column, read, [*known, *(text for text in texts(connection, column.raw) if text.lower() in NOTHING)]
    )
    if has_signs:
        column.said.append("per cents as shares: 6% is 0.06")
    elif as_percent:
        column.said.append(f"numbers as per cents: {_plain(max(numbers))} is {_plain(max(numbers))} %")


def read_percent(connection: duckdb.DuckDBPyConnection, column: Column) -> None:
    """Rewrites a column of per cents that is no rate of pay (how much of the company somebody owns), in place."""
    known = texts(connection, column.raw)
    numbers = [number for text in known if (number := _number(text)) is not None]
    as_share = bool(numbers) and max(numbers) <= 1 and not any(_PERCENT.fullmatch(text) for text in known)

    def read(text: str) -> str | None:
        found = _PERCENT.fullmatch(text)
        if found:
            return found[1].replace(",", ".")
        number = _number(text)
        return _plain(number * 100) if number is not None and as_share else "" if text.lower() in NOTHING else None

    translate(connection, column, read, known)
    column.said += ["shares as per cents: 0.125 is 12.5 %"] if as_share and max(numbers) > 0 else []


def _is_percent(column: Column, numbers: list[Decimal], rates: Rates | None) -> bool:
    """Whether numbers without a sign are per cents."""
    if not numbers:
        return False
    halves = all(number % Decimal("0.5") == 0 for number in numbers)
    largest = max(numbers)
    if largest > 1 and (halves or min(numbers) >= Decimal("0.25")):
        return True
    if largest < 1 and not halves:
        return False
    if rates is not None:
        return rates == "percent"
    if largest == 1 and any(number < Decimal("0.25") for number in numbers):
        return False
    example = "1" if Decimal(1) in numbers else _plain(largest)
    problem = (
        "has 1 and nothing that says of what" if largest <= 1 else f"has both {_plain(min(numbers))} and {_plain(largest)}"
    )
    raise AmbiguousColumnError(
        f"Column {column.own!r} {problem}: say --rates percent ({example} is {example} %) or --rates share ({example} is "
        f"{_plain(Decimal(example) * 100)} %); in a study, `census_reading: {{rates: percent}}`.",
        "rates",
        ("percent", "share"),
    )


def _number(text: str) -> Decimal | None:
    return Decimal(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None


def _share(text: str) -> str:
    return format((Decimal(text.replace(",", ".")) / 100).quantize(Decimal("0.000001")), "f")


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")
