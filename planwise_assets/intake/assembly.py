"""A row a person from a row a line: what people.py and pay.py say, put into one table, and what must be known for it.

Belongs here: the order of the SQL. Does not: its rules (people.py, pay.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date

import duckdb

from planwise_assets.intake import pay, people
from planwise_assets.intake.reading.table import CensusError, RawTable
from planwise_assets.intake.values.column import AmbiguousColumnError, Column
from planwise_assets.study.sections.census import CensusReading
from planwise_assets.study.sections.census_columns import BY_NAME, COLUMNS

#: The temporary table that the simulation's census is selected from.
PEOPLE = "census_people"
#: What the models read, in their order.
STAGED = tuple(column.name for column in COLUMNS if column.reaches == "staged")
#: Columns of which others are made.
_MADE_FROM = frozenset(column.name for column in COLUMNS if column.reaches == "made into") | {
    "prior_year_compensation",
    "overtime",
}

#: Of these two, an exit before the hire and after service began is that of an earlier employment.
_MAY_HAVE_RETURNED = {"service_date", "termination_date"}


def put_together(
    connection: duckdb.DuckDBPyConnection,
    columns: Mapping[str, Column],
    census_date: date,
    dollars_each: str | None,
    reading: CensusReading,
) -> int:
    """Makes `census_people` of `census_read`.

    Args:
        connection: Holds `census_read`, a column for each of the census's.
        columns: They.
        census_date: The day that the census is of.
        dollars_each: What deferrals in dollars are for; None: as the column `pay_frequency` says.
        reading: How the census is read where it does not say: hours, and service before a long break.

    Returns:
        How many rows there are.
    """
    known = set(columns)
    makes = reading.weekly_hours == "worked" or reading.pay_each or known & _MADE_FROM or known >= _MAY_HAVE_RETURNED
    made = _made(known, dollars_each, reading) if makes else _as_they_are(known)
    source = f"""
        with employments as ({people.employments(known, census_date)}),
        paid as ({pay.paid_days(known)}),
        priced as (
            select *, {pay.annual_pay(known, reading.pay_each)}, {pay.deferred_cents(known)} as deferred_cents from paid
        )"""
    kept = ", ".join((
        "began, ended, first_day, ended_before, has_unknown_break, days_in_year, paid_days, hours_contradict, pay_source",
        f"deferred_cents, {pay.paid_words(known)} as paid_text, {pay.expected_pay(known)} as expected_pay",
    ))  # fmt: skip
    selected = ", ".join(f"{sql} as {name}" for name, sql in made.items())
    with _in_any_order(connection):
        row = connection.execute(
            f"create or replace temp table {PEOPLE} as {source} select place, {selected}, {kept} from priced"
        ).fetchone()
    return int(row[0]) if row else 0


@contextmanager
def _in_any_order(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Lets a table be filled in any order: each row has its place, and a million rows take a third less time."""
    setting = "preserve_insertion_order"
    before = connection.execute(f"select current_setting('{setting}')").fetchone()
    connection.execute(f"set {setting} = false")
    try:
        yield
    finally:
        connection.execute(f"set {setting} = {bool(before and before[0])}")


def _as_they_are(known: set[str]) -> dict[str, str]:
    """Nothing is made of anything: the file's own columns are the models'."""
    return {name: people.value(name, known) for name in STAGED}


def _made(known: set[str], dollars_each: str | None, reading: CensusReading) -> dict[str, str]:
    """SQL of each column that the models read."""
    moved = "ended_before is not null or has_unknown_break"
    ended = people.value("termination_date", known)
    rate = pay.deferral(known, dollars_each)
    service = people.service_from(known, reading.parity_below_years)
    made = _as_they_are(known) | {
        "annual_compensation": "yearly_pay",
        "deferral_rate": rate,
        "hire_date": f"case when {moved} then cast(began as varchar) else {people.value('hire_date', known)} end",
        # A day that cannot be read stays as it is, and is refused by its place.
        "termination_date": f"case when {moved} or ended is not null then cast(ended as varchar) else {ended} end",
        "service_date": f"coalesce({people.value('service_date', known)}, cast({service} as varchar))",
        "overtime": pay.overtime(known),
        "active": people.is_employed(known),
        "plan_exclusion": people.is_excluded(known, f"coalesce(try_cast({rate} as decimal(18, 6)) > 0, false)"),
        "owner_5pct": people.is_owner(known),
        "scheduled_hours_per_week": pay.weekly_hours(known, from_worked=reading.weekly_hours == "worked"),
    }
    for name in ("eligibility_date", "enrollment_date"):
        if name in known:
            # Whoever came back was eligible and enrolled in an employment that ended: those days are before this one.
            day = people.value(name, known, "date")
            made[name] = f"case when ({moved}) and {day} < began then cast(began as varchar) else {name} end"
    return made


def require_readable(connection: duckdb.DuckDBPyConnection, table: RawTable, columns: Mapping[str, Column]) -> None:
    """That what others are made from can be read: no model would see that it cannot.

    Args:
        connection: Holds `census_read`.
        table: The file, which names the places.
        columns: Each column by PlanWise's name.

    Raises:
        CensusError: It cannot; the message names places and values.
    """
    kinds = {"date": "date", "money": "decimal(18, 4)", "number": "decimal(18, 4)", "rate": "decimal(18, 6)"}
    kinds |= {"percent": "decimal(18, 6)", "period": "integer"}
    for name, column in columns.items():
        kind = kinds.get(BY_NAME[name].kind)
        if BY_NAME[name].reaches != "made into" or kind is None:
            continue
        bad = connection.execute(
            f"select place, {name}, count(*) over () from census_read where {name} is not null and try_cast({name} as "
            f"{kind}) is null "
            "order by place limit 5"
        ).fetchall()
        if bad:
            shown = "; ".join(f"{table.place_name(place)}: {text!r}" for place, text, _ in bad)
            raise CensusError(
                f"Column {column.own!r} ({name}) has {bad[0][2]:,} values that cannot be read: {shown}. It is written "
                f"such as "
                f"{BY_NAME[name].example}. Mend them, or pass the column over: --ignore '{column.own}'."
            )


def require_breaks(
    connection: duckdb.DuckDBPyConnection, table: RawTable, columns: Mapping[str, Column], given: str | None
) -> None:
    """That the length of everybody's break in service is known, or that it is said what counts.

    Args:
        connection: Holds `census_people`; with `kept`, service there begins on the first day.
        table: The file, which names the places.
        columns: Each column by PlanWise's name.
        given: What counts of a break of unknown length: `lost` (service from the latest hire) or `kept`; None: nobody has
            said.

    Raises:
        AmbiguousColumnError: It is neither.
    """
    rows = connection.execute(
        f"select place, employee_id, count(*) over () from {PEOPLE} where has_unknown_break and service_date is null "
        f"order by place limit 3"
    ).fetchall()
    if not rows:
        return
    if given is None:
        own = columns[next(name for name in ("original_hire_date", "rehire_date") if name in columns)].own
        who = ", ".join(f"{person} in {table.place_name(place)}" for place, person, _ in rows)
        raise AmbiguousColumnError(
            f"{rows[0][2]:,} people came back after a break of unknown length ({who}): column {own!r} has a first day, "
            f"and no termination date "
            "before the latest one. Add the termination date, or a column prior_service_years; or say --breaks lost "
            "(service counts from the "
            "latest hire) or --breaks kept (from the first); in a study, `census_reading: {unknown_breaks: lost}`.",
            "unknown_breaks",
            ("lost", "kept"),
        )
    if given == "kept":
        connection.execute(
            f"update {PEOPLE} set service_date = cast(first_day as varchar) where has_unknown_break and service_date is null"
        )
