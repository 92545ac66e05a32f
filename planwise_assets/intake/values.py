"""How a stranger writes dates, money and rates, and SQL that rewrites them as PlanWise reads them.

Belongs here: recognising one way of writing in a whole column. Does not: judging a row (the staging models do), guessing: a
column that could be read in two ways is refused, or read as the user says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import duckdb

DateOrder = Literal["mdy", "dmy"]

DATES = frozenset({"birth_date", "hire_date", "termination_date", "service_date", "enrollment_date", "eligibility_date"})
MONEY = frozenset({"annual_compensation", "prior_year_compensation", "match_balance", "core_balance"})
NUMBERS = MONEY | {"scheduled_hours_per_week", "hours_prior_year_1", "hours_prior_year_2"}
RATES = frozenset({"deferral_rate"})

# Day and month with a four-digit year, after slashes, dots or dashes.
_SLASHED = r"[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{4}"
_ISO = r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T]00:00:00([.]0+)?)?"
_GROUPED = r"-?[$]? ?[0-9]{1,3}(,[0-9]{3})*([.][0-9]*)?|-?[$] ?[0-9]+([.][0-9]*)?"
_PERCENT = r"[0-9]+([.][0-9]*)? ?%"


class AmbiguousColumnError(ValueError):
    """A column can be read in two ways; the message says which option decides."""


def rewriting(
    connection: duckdb.DuckDBPyConnection, source: str, mapping: Mapping[str, str], date_order: DateOrder | None
) -> dict[str, tuple[str, str]]:
    """Finds the columns that PlanWise would not read as they are written.

    Args:
        connection: Any connection.
        source: SQL of the file, every column as text.
        mapping: PlanWise's name to the file's.
        date_order: How `03/04/1980` is read; None: only where the column itself decides.

    Returns:
        By PlanWise's name: SQL that rewrites the values that are written so and leaves the others be, and what it does.

    Raises:
        AmbiguousColumnError: The days and months of a column can be exchanged in every row.
    """
    found: dict[str, tuple[str, str]] = {}
    for canonical, own in mapping.items():
        text = f'trim("{own.replace(chr(34), chr(34) * 2)}")'
        if canonical in DATES and _count(connection, source, f"regexp_full_match({text}, '{_SLASHED}')"):
            found[canonical] = _date(connection, source, own, text, date_order)
        elif canonical in NUMBERS and _count(
            connection,
            source,
            f"regexp_full_match({text}, '{_GROUPED}') and contains({text}, ',') or starts_with({text}, '$')",
        ):
            plain = f"regexp_replace({text}, '[$, ]', '', 'g')"
            found[canonical] = (_where(text, _GROUPED, plain), "without $ and thousands separators")
        elif canonical in RATES and _count(connection, source, f"regexp_full_match({text}, '{_PERCENT}')"):
            share = f"cast(cast(rtrim({text}, ' %') as decimal(18, 6)) / 100 as decimal(18, 6))"
            found[canonical] = (_where(text, _PERCENT, f"cast({share} as varchar)"), "per cents as shares: 6% is 0.06")
    return found


def _where(text: str, pattern: str, rewritten: str) -> str:
    return f"case when regexp_full_match({text}, '{pattern}') then {rewritten} else {text} end"


def _date(
    connection: duckdb.DuckDBPyConnection, source: str, own: str, text: str, order: DateOrder | None
) -> tuple[str, str]:
    part = f"try_cast(regexp_extract({text}, '^([0-9]+)[/.-]([0-9]+)', {{}}) as integer)"
    slashed = f"regexp_full_match({text}, '{_SLASHED}')"
    first_is_day = _count(connection, source, f"{slashed} and {part.format(1)} > 12 and {part.format(2)} <= 12")
    second_is_day = _count(connection, source, f"{slashed} and {part.format(2)} > 12 and {part.format(1)} <= 12")
    if order is None and bool(first_is_day) == bool(second_is_day):
        reason = "has days before months and months before days" if first_is_day else "does not say which is the month"
        raise AmbiguousColumnError(
            f"Column {own!r} {reason}: say --dates mdy (03/04/1980 is 4 March) or --dates dmy (it is 3 April)."
        )
    is_dmy = order == "dmy" if order is not None else bool(first_is_day)
    month, day = (2, 1) if is_dmy else (1, 2)
    year = f"regexp_extract({text}, '([0-9]{{4}})$', 1)"
    iso = f"{year} || '-' || {_two(text, month)} || '-' || {_two(text, day)}"
    return _where(text, _SLASHED, iso), f"dates as YYYY-MM-DD, read as {'day/month' if is_dmy else 'month/day'}/year"


def _two(text: str, group: int) -> str:
    return f"lpad(regexp_extract({text}, '^([0-9]+)[/.-]([0-9]+)', {group}), 2, '0')"


def _count(connection: duckdb.DuckDBPyConnection, source: str, condition: str) -> int:
    row = connection.execute(f"select count(*) filter ({condition}) from {source}").fetchone()
    return int(row[0]) if row else 0
