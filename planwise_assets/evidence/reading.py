"""A client's history files, as one table of typed sightings.

Belongs here: opening files, finding their columns, dates. Does not: what the sightings mean (spells.py).

The one way in is `read_history`. Files are opened, and days are read, as a census is (intake/).
"""

from __future__ import annotations

import gzip
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from planwise_assets.evidence.errors import EvidenceError
from planwise_assets.evidence.names import AMOUNTS, DATES, INSTEAD, REQUIRED, guess
from planwise_assets.intake.reading.file import read_census
from planwise_assets.intake.reading.table import RAW, RawTable
from planwise_assets.intake.values.column import AmbiguousColumnError, Column
from planwise_assets.intake.values.dates import Order, read_dates
from planwise_assets.intake.values.numbers import read_number
from planwise_assets.intake.values.rates import read_rate
from resources.engines.session import quoted

Form = Literal["snapshots", "dates"]
_YEAR_IN_NAME = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(?![0-9])")
_NOT_ACTIVE = (
    "'terminated', 'term', 'inactive', 'left', 'separated', 'retired', 'resigned', 'dead', 'deceased', "
    "'no', 'n', 'false', '0'"
)
# A date that some systems write for "none".
_NO_DATE = "date '1900-01-01', date '9999-12-31'"


@dataclass(frozen=True)
class History:
    """What the files are.

    Attributes:
        form: One row a person and year, or one row a spell with its dates.
        columns: PlanWise's name to the file's, for each file.
        groups: The file's columns kept for grouping, by the names that SQL has for them.
        rows: Rows read.
        unread: Columns that are not used, each with the reason.
    """

    form: Form
    columns: Mapping[str, Mapping[str, str]]
    groups: tuple[str, ...]
    rows: int
    unread: tuple[str, ...] = ()


def read_history(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[Path],
    *,
    given: Mapping[str, str] | None = None,
    groups: Sequence[str] = (),
    only: Mapping[str, str] | None = None,
    date_order: Order | None = None,
) -> History:
    """Reads files into the table `sightings` of a connection.

    Args:
        connection: An open DuckDB connection.
        files: Year-end censuses (the year in the name, or a column of it), or one file of yearly rows, or one file with a
            row a spell of employment.
        given: PlanWise's name to the file's own, where the guess would be wrong; one mapping for all files.
        groups: The files' own columns to keep for grouping, such as department.
        only: Values that columns of the files must have for a row to count, such as one company of several.
        date_order: How 03/04/1980 is read where a column does not say.

    Returns:
        What the files are.

    Raises:
        EvidenceError: A file cannot be read, a column is missing, or nothing says which year a file is of.
    """
    connection.execute(
        "create or replace table sightings (source varchar, line bigint, employee_id varchar, year integer, "
        "birth_date date, hire_date date, "
        "rehire_date date, service_date date, termination_date date, record_date date, is_active boolean, "
        f"{', '.join(f'{name} double' for name in AMOUNTS)}, reason varchar, level_id varchar, enrollment_source varchar"
        f"{''.join(f', {name} varchar' for name in group_names(groups))})"
    )
    columns: dict[str, Mapping[str, str]] = {}
    unread: list[str] = []
    for file in files:
        columns[str(file)] = _read(
            *(connection, file, given or {}),
            groups=groups,
            only=only or {},
            date_order=date_order,
            several=len(files) > 1,
            unread=unread,
        )
    row = connection.execute("select count(*), count(year), count(distinct year) from sightings").fetchone()
    rows, with_year, years = row or (0, 0, 0)
    if not rows:
        raise EvidenceError(f"{', '.join(map(str, files))}: no rows.")
    form: Form = "snapshots" if with_year == rows and (years > 1 or len(files) > 1) else "dates"
    if form == "dates" and not any("termination_date" in found for found in columns.values()):
        raise EvidenceError(
            f"{files[0]} has one row a person and no termination dates: a history is two or more year-end files, a file "
            "with a row a person and year (record_date or status_year), or a file with termination_date."
        )
    return History(form, columns, group_names(groups), rows, tuple(unread))


def group_names(groups: Sequence[str]) -> tuple[str, ...]:
    """Names that SQL has for the files' own columns."""
    return tuple("group_" + re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") for name in groups)


def _opened(connection: duckdb.DuckDBPyConnection, file: Path) -> RawTable:
    """The rows of a file in `census_raw`, every column as text; a packed file is unpacked beside the others."""
    if file.suffix.lower() != ".gz" or not file.is_file():
        return read_census(connection, file)
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / file.stem
        with gzip.open(file) as packed, plain.open("wb") as unpacked:
            shutil.copyfileobj(packed, unpacked)
        return read_census(connection, plain)


def _read(
    connection: duckdb.DuckDBPyConnection,
    file: Path,
    given: Mapping[str, str],
    *,
    groups: Sequence[str],
    only: Mapping[str, str],
    date_order: Order | None,
    several: bool,
    unread: list[str],
) -> Mapping[str, str]:
    table = _opened(connection, file)
    own = table.names
    mapping = guess(own, given)
    lacking = [name for name in REQUIRED if name not in mapping and INSTEAD.get(name) not in mapping]
    if lacking:
        raise EvidenceError(f"{file}: no column is {', '.join(lacking)}. It has: {', '.join(own)}. Say which with --map.")
    unknown = [name for name in (*groups, *only) if name not in own]
    if unknown:
        raise EvidenceError(f"{file} has no column {', '.join(unknown)}. It has: {', '.join(own)}.")
    columns = {name: Column(name, column, table.column(column)) for name, column in mapping.items()}
    read_dates(connection, [columns[name] for name in DATES if name in columns], None, order=date_order, of_file=table.zone)
    dates = {name: _day(columns[name].sql) if name in columns else "cast(null as date)" for name in DATES}
    unread += _read_amounts(connection, columns, table)
    year = _year_of(file, columns, dates, several=several)
    for name, own_years in INSTEAD.items():
        if name not in columns and year is not None:
            dates[name] = _years_before(columns[own_years].sql, year)
    active = f"lower({columns['active'].sql}) not in ({_NOT_ACTIVE})" if "active" in columns else "null"
    others = [f"try_cast({columns[name].sql} as double)" if name in columns else "null" for name in AMOUNTS]
    others += [columns[name].sql if name in columns else "null" for name in ("reason", "level_id", "enrollment_source")]
    others += [f"coalesce(nullif(trim({table.column(name)}), ''), 'none')" for name in groups]
    chosen = " and ".join(f"trim({table.column(name)}) = ?" for name in only)
    connection.execute(
        f"""
        insert into sightings
        select
            {quoted(Path(file.name))}, place, {columns["employee_id"].sql}, {year or "cast(null as integer)"},
            {", ".join(dates[name] for name in DATES)}, {active}, {", ".join(others)}
        from {RAW} {" ".join(join for column in columns.values() for join in column.joins)}
        {"where " + chosen if chosen else ""}
        """,
        list(only.values()),
    )
    return {name: column for name, column in mapping.items() if name in columns}


def _read_amounts(connection: duckdb.DuckDBPyConnection, columns: dict[str, Column], table: RawTable) -> list[str]:
    """Pay, hours and deferrals as numbers; a column that can be read in two ways is not used, which is said."""
    unread = []
    for name in AMOUNTS:
        if name not in columns:
            continue
        try:
            if name == "deferral_rate":
                read_rate(connection, columns[name], None)
            else:
                read_number(connection, columns[name], None, is_exact=table.kinds.get(columns[name].own) == "number")
        except AmbiguousColumnError as error:
            del columns[name]
            unread.append(f"{name} is not used: {error}")
    return unread


def _year_of(file: Path, columns: Mapping[str, Column], dates: Mapping[str, str], *, several: bool) -> str | None:
    """SQL of the calendar year that a row is of; None: the file does not say, and is the only one."""
    if "status_year" in columns:
        return f"try_cast({columns['status_year'].sql} as integer)"
    if "record_date" in columns:
        return f"year({dates['record_date']})"
    found = _YEAR_IN_NAME.findall(file.name)
    if several and not found:
        raise EvidenceError(f"{file}: nothing says of which year it is: put the year into its name, or map record_date.")
    return found[-1] if several else None


def _day(text: str) -> str:
    day = f"try_cast({text} as date)"
    return f"case when {day} not in ({_NO_DATE}) then {day} end"


def _years_before(years: str, year: str) -> str:
    """A day so many completed years before the year's end, in the middle of the year that they leave open."""
    whole = f"cast(floor(try_cast({years} as double)) as integer)"
    return f"cast(make_date({year} + 1, 1, 1) - to_years({whole}) - interval 182 day as date)"
