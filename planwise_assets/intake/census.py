"""A census file as the simulation takes it: one row a person, under PlanWise's names, every value as PlanWise writes it.

Belongs here: the order of it: file, columns, values, people. Does not: each of these (reading/, names.py, values/, people.py, pay.py).
`planwise init` and the set-up of a year call the same function, so that what the one shows the other simulates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from planwise_assets.intake import pay, people
from planwise_assets.intake.names import missing
from planwise_assets.intake.reading.file import read_census
from planwise_assets.intake.reading.table import RAW, CensusError, RawTable
from planwise_assets.intake.values.column import NOTHING, AmbiguousColumnError, Column
from planwise_assets.intake.values.dates import read_dates
from planwise_assets.intake.values.ids import read_id
from planwise_assets.intake.values.numbers import read_number
from planwise_assets.intake.values.rates import read_percent, read_rate
from planwise_assets.intake.values.words import is_flag, read_flag, read_period, read_status
from planwise_assets.study.sections.census import CENSUS_COLUMNS, CensusReading
from planwise_assets.study.sections.census_columns import BY_NAME, COLUMNS

#: The temporary table that the simulation's census is selected from.
PEOPLE = "census_people"
#: What the models read, in their order.
STAGED = tuple(column.name for column in COLUMNS if column.reaches == "staged")


@dataclass
class Census:
    """A census, read.

    Attributes:
        table: The file, and what of it is nobody's row.
        columns: By PlanWise's name, each column that is used and what was rewritten.
        unused: Columns of the file that no column of PlanWise's wants.
        rows: Rows of people in the file, before those of one person were put together.
        folded: Rows that are an earlier employment of somebody who has a later row.
        dollars_each: What deferrals in dollars are for.
    """

    table: RawTable
    columns: dict[str, Column] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)
    rows: int = 0
    folded: int = 0
    dollars_each: str | None = None

    def sql(self) -> str:
        """The people, each column as text; `census_row` is the place in the file."""
        return f"select place as census_row, {', '.join(STAGED)} from {PEOPLE}"


def census_of(
    connection: duckdb.DuckDBPyConnection,
    file: Path,
    renamed: Mapping[str, str],
    reading: CensusReading,
    census_date: date,
) -> Census:
    """Reads a census into the temporary table `census_people`.

    Args:
        connection: Any connection.
        file: The file.
        renamed: The study's `census_columns`: the file's own names to PlanWise's.
        reading: How it is read where the file does not say.
        census_date: The day before the first simulation year.

    Raises:
        CensusError: The file cannot be read, lacks a required column, or has one that can be read in two ways.
    """
    table = read_census(connection, file, reading.sheet)
    return interpret(connection, table, columns_of(table, renamed, reading.ignore), reading, census_date)


def columns_of(table: RawTable, renamed: Mapping[str, str], ignored: Iterable[str]) -> dict[str, str]:
    """PlanWise's names to the file's. What the study says wins over a column that happens to have the name.

    Raises:
        CensusError: The study names a column that the file does not have, or a required one is not there.
    """
    strange = sorted(set(renamed) - set(table.names))
    if strange:
        raise CensusError(
            f"Census {table.file}: `census_columns` names {', '.join(strange)}, which the file does not have. "
            f"Its columns: {', '.join(table.names)}."
        )
    passed_over = set(ignored)
    found = {name: name for name in table.names if name in CENSUS_COLUMNS and name not in passed_over}
    found |= {canonical: own for own, canonical in renamed.items()}
    own_twice = {own for own in found.values() if list(found.values()).count(own) > 1}
    found = {name: own for name, own in found.items() if own not in own_twice or renamed.get(own) == name}
    lacking = missing(found)
    if lacking:
        raise CensusError(
            f"Census {table.file} has no column for {', '.join(lacking)}. Its columns: {', '.join(table.names)}. "
            f"Map its own names under `census_columns:` in the study, e.g. {{{table.names[0]}: {lacking[0]}}}; `planwise init` guesses them."
        )
    return {name: found[name] for name in CENSUS_COLUMNS if name in found}


def interpret(
    connection: duckdb.DuckDBPyConnection,
    table: RawTable,
    mapping: Mapping[str, str],
    reading: CensusReading,
    census_date: date,
) -> Census:
    """Makes people of the rows in `census_raw`.

    Args:
        connection: Holds them.
        table: The file.
        mapping: PlanWise's names to the file's.
        reading: How it is read where the file does not say.
        census_date: The day before the first simulation year.

    Raises:
        CensusError: A column can be read in two ways, or holds what no setting explains.
    """
    census = Census(table, unused=[name for name in table.names if name not in mapping.values()])
    census.columns = read_columns(connection, table, mapping, reading, census_date)
    census.dollars_each = reading.deferral_dollars_each or ("year" if "plan_compensation" in mapping else None)
    _require_period(census)
    _put_together(connection, census, reading, census_date)
    row = connection.execute(f"select count(*) from {PEOPLE}").fetchone()
    census.rows = int(row[0]) if row else 0
    census.folded = people.fold(connection, table, census_date)
    return census


def read_columns(
    connection: duckdb.DuckDBPyConnection,
    table: RawTable,
    mapping: Mapping[str, str],
    reading: CensusReading,
    census_date: date | None,
) -> dict[str, Column]:
    """How each column becomes PlanWise's; nothing is written but the pairs of texts that are exchanged."""
    columns = {name: Column(name, own, table.column(own)) for name, own in mapping.items()}
    if "active" in columns and not is_flag(connection, columns["active"].raw) and "employment_status" not in columns:
        columns["employment_status"] = columns.pop("active")
        columns["employment_status"].name = "employment_status"
        columns["employment_status"].said.append("a status, not yes or no")
    days = [column for name, column in columns.items() if BY_NAME[name].kind == "date"]
    read_dates(connection, days, census_date, reading.dates, reading.zone, table.zone)
    for name, column in columns.items():
        kind = BY_NAME[name].kind
        if kind == "id":
            read_id(connection, column)
        elif kind in ("money", "number"):
            read_number(connection, column, reading.decimal, is_exact=table.kinds.get(column.own) == "number")
        elif kind == "rate":
            read_rate(connection, column, reading.rates)
        elif kind == "percent":
            read_percent(connection, column)
        elif kind == "flag":
            read_flag(connection, column, is_staged=BY_NAME[name].reaches != "made into")
        elif kind == "status":
            read_status(connection, column, reading.statuses)
        elif kind == "period":
            read_period(connection, column)
        elif kind != "date":
            nothing = ", ".join("'" + word + "'" for word in sorted(NOTHING))
            column.sql = f"case when lower(trim({RAW}.{column.raw})) not in ({nothing}) then trim({RAW}.{column.raw}) end"
    return columns


def _require_period(census: Census) -> None:
    known = census.columns
    if "deferral_rate" in known or "roth_rate" in known or not {"pretax_deferral", "roth_deferral"} & set(known):
        return
    if (
        census.dollars_each is None
        and "pay_frequency" not in known
        and not {"plan_compensation", "prior_year_compensation"} & set(known)
    ):
        own = known["pretax_deferral" if "pretax_deferral" in known else "roth_deferral"].own
        raise CensusError(
            f"Column {own!r} holds deferrals in dollars, and nothing says for how long: say --deferral-dollars year, month, semimonth, "
            "biweek or week; in a study, `census_reading: {deferral_dollars_each: biweek}`."
        )
    if census.dollars_each is None and "pay_frequency" not in known:
        census.dollars_each = "year"


def _put_together(connection: duckdb.DuckDBPyConnection, census: Census, reading: CensusReading, census_date: date) -> None:
    columns = census.columns
    known = set(columns)
    selected = ", ".join(f"{column.sql} as {name}" for name, column in columns.items())
    joins = " ".join(join for column in columns.values() for join in column.joins)
    connection.execute(f"create or replace temp table census_read as select place, {selected} from {RAW} {joins}")
    _require_readable(connection, census)
    if not known & _MADE_FROM and "annual_compensation" in known:
        # Nothing is made of anything: the file's own columns are the models'.
        passed = ", ".join(people.value(name, known) + f" as {name}" for name in STAGED)
        day = {name: people.value(name, known, "date") for name in ("hire_date", "termination_date")}
        connection.execute(
            f"create or replace temp table {PEOPLE} as select place, {passed}, {day['hire_date']} as began, {day['hire_date']} as began_first, {day['termination_date']} as ended, "
            "'rate' as pay_source, false as has_unknown_break, cast(null as date) as ended_before, false as hours_contradict, "
            "cast(null as bigint) as paid_days, cast(0 as hugeint) as deferred_cents, cast(null as varchar) as paid_text from census_read"
        )
        return
    connection.execute(f"create or replace temp view employments as {people.employments(known, census_date)}")
    connection.execute(f"create or replace temp view paid as {pay.paid_days(known)}")
    moved = "ended_before is not null or has_unknown_break"
    made = {
        "hire_date": f"case when {moved} then cast(began as varchar) else {people.value('hire_date', known)} end",
        "termination_date": f"case when {moved} or ended is not null then cast(ended as varchar) else {people.value('termination_date', known)} end",
        "service_date": f"coalesce({people.value('service_date', known)}, cast({people.service_from(known)} as varchar))",
        "active": people.is_employed(known),
        "plan_exclusion": people.is_excluded(known),
        "owner_5pct": people.is_owner(known),
        "scheduled_hours_per_week": pay.weekly_hours(known, from_worked=reading.weekly_hours == "worked"),
    }
    for name in ("eligibility_date", "enrollment_date"):
        if name in known:
            # Whoever came back was eligible and enrolled in an employment that ended: those days are before this one.
            own = people.value(name, known, "date")
            made[name] = f"case when {moved} and {own} < began then cast(began as varchar) else {name} end"
    plain = ", ".join(
        f"{made.get(name, people.value(name, known))} as {name}"
        for name in STAGED
        if name not in ("annual_compensation", "deferral_rate")
    )
    extra = "began, first_day as began_first, ended, ended_before, has_unknown_break, hours_contradict, paid_days"
    inner = f"""
        select place, {plain}, {pay.annual_pay(known)}, {extra}, {pay.deferred_cents(known)} as deferred_cents,
            {people.value("prior_year_compensation", known)} as paid_text,
            {", ".join(people.value(name, known) + f" as given_{name}" for name in _FOR_DEFERRALS)}
        from paid"""
    rate = pay.deferral(
        {name for name in known if name not in _FOR_DEFERRALS} | {name for name in _FOR_DEFERRALS if name in known},
        census.dollars_each,
    )
    for name in _FOR_DEFERRALS:
        rate = rate.replace(f"({name} as", f"(given_{name} as")
    excluded = [f"given_{name}" for name in _FOR_DEFERRALS]
    connection.execute(
        f"create or replace temp table {PEOPLE} as select * exclude ({', '.join(excluded)}), {rate} as deferral_rate from ({inner})"
    )
    connection.execute("drop view paid; drop view employments")
    _require_breaks(connection, census, reading.unknown_breaks)


def _require_readable(connection: duckdb.DuckDBPyConnection, census: Census) -> None:
    """That what others are made from can be read: no model would see that it cannot.

    Raises:
        CensusError: It cannot; the message names places and values.
    """
    kinds = {"date": "date", "money": "decimal(18, 4)", "number": "decimal(18, 4)", "rate": "decimal(18, 6)"}
    kinds |= {"percent": "decimal(18, 6)", "period": "integer"}
    for name, column in census.columns.items():
        kind = kinds.get(BY_NAME[name].kind)
        if BY_NAME[name].reaches != "made into" or kind is None:
            continue
        bad = connection.execute(
            f"select place, {name}, count(*) over () from census_read where {name} is not null and try_cast({name} as {kind}) is null "
            "order by place limit 5"
        ).fetchall()
        if bad:
            shown = "; ".join(f"{census.table.place_name(place)}: {text!r}" for place, text, _ in bad)
            raise CensusError(
                f"Column {column.own!r} ({name}) has {bad[0][2]:,} values that cannot be read: {shown}. It is written such as "
                f"{BY_NAME[name].example}. Mend them, or pass the column over: --ignore '{column.own}'."
            )


def _require_breaks(connection: duckdb.DuckDBPyConnection, census: Census, given: str | None) -> None:
    """That the length of everybody's break in service is known, or that it is said what counts.

    Raises:
        AmbiguousColumnError: It is neither.
    """
    rows = connection.execute(
        f"select place, employee_id, count(*) over () from {PEOPLE} where has_unknown_break and service_date is null order by place limit 3"
    ).fetchall()
    if not rows:
        return
    if given is None:
        own = census.columns[next(name for name in ("original_hire_date", "rehire_date") if name in census.columns)].own
        who = ", ".join(f"{person} in {census.table.place_name(place)}" for place, person, _ in rows)
        raise AmbiguousColumnError(
            f"{rows[0][2]:,} people came back after a break of unknown length ({who}): column {own!r} has a first day, and no termination date "
            "before the latest one. Add the termination date, or a column prior_service_years; or say --breaks lost (service counts from the "
            "latest hire) or --breaks kept (from the first); in a study, `census_reading: {unknown_breaks: lost}`.",
            "unknown_breaks",
            ("lost", "kept"),
        )
    if given == "kept":
        connection.execute(
            f"update {PEOPLE} set service_date = cast(began_first as varchar) where has_unknown_break and service_date is null"
        )


#: Columns of which others are made.
_MADE_FROM = frozenset(column.name for column in COLUMNS if column.reaches == "made into") | {"prior_year_compensation"}
_FOR_DEFERRALS = (
    "deferral_rate", "roth_rate", "pretax_deferral", "roth_deferral", "pay_frequency", "plan_compensation",
)  # fmt: skip
__all__ = ["PEOPLE", "STAGED", "Census", "CensusError", "census_of", "columns_of", "interpret", "read_columns"]
