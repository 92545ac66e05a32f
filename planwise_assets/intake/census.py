"""A census file as the simulation takes it: one row a person, under PlanWise's names, every value as PlanWise writes it.

Belongs here: the order of it: file, columns, values, people. Does not: each of these (reading/, names.py, values/,
people.py, pay.py). `planwise init` and the set-up of a year call the same function, so that what the one shows the other
simulates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from planwise_assets.intake import people
from planwise_assets.intake.assembly import PEOPLE, STAGED, put_together, require_breaks, require_readable
from planwise_assets.intake.groups import read_groups
from planwise_assets.intake.names import missing
from planwise_assets.intake.reading.file import read_census
from planwise_assets.intake.reading.table import RAW, CensusError, RawTable
from planwise_assets.intake.values.column import NOTHING, Column, padded
from planwise_assets.intake.values.dates import read_dates
from planwise_assets.intake.values.ids import read_id
from planwise_assets.intake.values.numbers import read_number
from planwise_assets.intake.values.rates import read_percent, read_rate
from planwise_assets.intake.values.words import holds_statuses, read_flag, read_period, read_status
from planwise_assets.study.sections.census import CENSUS_COLUMNS, CensusReading
from planwise_assets.study.sections.census_columns import BY_NAME

if TYPE_CHECKING:
    from planwise_assets.study.schema import Study


@dataclass
class Census:
    """A census, read.

    Attributes:
        table: The file, and what of it is nobody's row.
        census_date: The day that it is of.
        columns: By PlanWise's name, each column that is used and what was rewritten.
        unused: Columns of the file that no column of PlanWise's wants.
        rows: Rows of people in the file, before those of one person were put together.
        folded: Rows that are an earlier employment of somebody who has a later row.
        dollars_each: What deferrals in dollars are for.
        weekly_hours: What somebody without scheduled hours works: `scheduled` (as the models say) or `worked` (last year's).
    """

    table: RawTable
    census_date: date
    columns: dict[str, Column] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)
    rows: int = 0
    folded: int = 0
    dollars_each: str | None = None
    weekly_hours: str = "scheduled"

    def sql(self) -> str:
        """The people, each column as text; `census_row` is the place in the file."""
        return f"select place as census_row, {', '.join(STAGED)} from {PEOPLE}"


def census_of_study(connection: duckdb.DuckDBPyConnection, study: Study) -> Census:
    """Reads the census that a study names, as the study says, and what it names as groups.

    Args:
        connection: Gets the tables `census_people` and, where the study names groups, `census_groups`.
        study: The study.

    Raises:
        CensusError: The census cannot be read; the message names place, value and what to do.
    """
    census = census_of(connection, study.census, study.census_columns, study.census_reading, study.years.census_date)
    if study.groups:
        read_groups(connection, census.table, study.groups)
    return census


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

    Args:
        table: The file.
        renamed: The file's own names to PlanWise's.
        ignored: The file's own names that are passed over though PlanWise knows them.

    Returns:
        The names, in PlanWise's order.

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
            f"Map its own names under `census_columns:` in the study, e.g. {{{table.names[0]}: {lacking[0]}}}; `planwise "
            f"init` guesses them."
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
    unused = [name for name in table.names if name not in mapping.values()]
    census = Census(table, census_date, unused=unused, weekly_hours=reading.weekly_hours)
    census.columns = read_columns(connection, table, mapping, reading, census_date)
    selected = ", ".join(f"{column.sql} as {name}" for name, column in census.columns.items())
    joins = " ".join(join for column in census.columns.values() for join in column.joins)
    connection.execute(f"create or replace temp view census_read as select place, {selected} from {RAW} {joins}")
    census.dollars_each = reading.deferral_dollars_each or ("year" if "plan_compensation" in mapping else None)
    _require_period(census)
    require_readable(connection, table, census.columns)
    census.rows = put_together(connection, census.columns, census_date, census.dollars_each, reading)
    require_breaks(connection, table, census.columns, reading.unknown_breaks)
    census.folded = people.fold(connection, table, reading.parity_below_years)
    return census


def read_columns(
    connection: duckdb.DuckDBPyConnection,
    table: RawTable,
    mapping: Mapping[str, str],
    reading: CensusReading,
    census_date: date | None,
) -> dict[str, Column]:
    """How each column becomes PlanWise's; nothing is written but the pairs of texts that are exchanged.

    Args:
        connection: Holds `census_raw`.
        table: The file.
        mapping: PlanWise's names to the file's.
        reading: How it is read where the file does not say.
        census_date: The day that the census is of; two-digit years lie before it. None: not known yet.

    Returns:
        Each column by PlanWise's name, with the SQL that makes its values of `census_raw`.

    Raises:
        CensusError: A column can be read in two ways, has words that no setting explains, or ids whose digits are lost.
    """
    raws = {name: table.column(own) for name, own in mapping.items()}
    with_blanks = padded(connection, raws.values())
    columns = {name: Column(name, own, raws[name], is_padded=raws[name] in with_blanks) for name, own in mapping.items()}
    if "active" in columns and "employment_status" not in columns and holds_statuses(connection, columns["active"].raw):
        columns["employment_status"] = columns.pop("active")
        columns["employment_status"].name = "employment_status"
        columns["employment_status"].said.append("a status, not yes or no")
    days = [column for name, column in columns.items() if BY_NAME[name].kind == "date"]
    read_dates(connection, days, census_date, order=reading.dates, zone=reading.zone, of_file=table.zone)
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
            column.sql = f"case when lower({column.text}) not in ({nothing}) then {column.text} end"
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
            f"Column {own!r} holds deferrals in dollars, and nothing says for how long: say --deferral-dollars year, "
            f"month, semimonth, "
            "biweek or week; in a study, `census_reading: {deferral_dollars_each: biweek}`."
        )
    if census.dollars_each is None and "pay_frequency" not in known:
        census.dollars_each = "year"


__all__ = ["PEOPLE", "STAGED", "Census", "CensusError", "census_of", "columns_of", "interpret", "read_columns"]
