"""A client's history files, as one table of typed sightings.

Belongs here: opening files, finding their columns, dates. Does not: what the sightings mean (spells.py).

The one way in is `read_history`. It reads every column as text and rewrites dates by the rules of intake/; a better reader
replaces `_opened`, which gives SQL of a file with all columns as text, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from planwise_assets.evidence.errors import EvidenceError
from planwise_assets.evidence.names import DATES, GROUPABLE, INSTEAD, REQUIRED, guess
from planwise_assets.intake.values import AmbiguousColumnError, DateOrder, rewriting
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
    """

    form: Form
    columns: Mapping[str, Mapping[str, str]]
    groups: tuple[str, ...]
    rows: int


def read_history(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[Path],
    *,
    given: Mapping[str, str] | None = None,
    groups: Sequence[str] = (),
    only: Mapping[str, str] | None = None,
    date_order: DateOrder | None = None,
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
        f"reason varchar, level_id varchar{''.join(f', {name} varchar' for name in group_names(groups))})"
    )
    columns: dict[str, Mapping[str, str]] = {}
    for file in files:
        columns[str(file)] = _read(
            *(connection, file, given or {}), groups=groups, only=only or {}, date_order=date_order, several=len(files) > 1
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
    return History(form, columns, group_names(groups), rows)


def group_names(groups: Sequence[str]) -> tuple[str, ...]:
    """Names that SQL has for the files' own columns."""
    return tuple("group_" + re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") for name in groups)


def _opened(connection: duckdb.DuckDBPyConnection, file: Path) -> tuple[str, list[str]]:
    """SQL of a file with every column as text, and its columns."""
    if not file.is_file():
        raise EvidenceError(f"{file}: {'is a folder' if file.is_dir() else 'no such file'}.")
    if file.suffix.lower() == ".parquet":
        source = f"(select cast(columns(*) as varchar) from read_parquet({quoted(file)}, hive_partitioning = false))"
    elif ".csv" in [suffix.lower() for suffix in file.suffixes]:
        source = f"(select * from read_csv({quoted(file)}, header = true, all_varchar = true))"
    else:
        raise EvidenceError(f"{file}: a history file is .csv, .csv.gz or .parquet.")
    try:
        return source, [row[0] for row in connection.execute(f"describe select * from {source}").fetchall()]
    except duckdb.Error as error:
        raise EvidenceError(f"{file} cannot be read: {error}") from error


def _read(
    connection: duckdb.DuckDBPyConnection,
    file: Path,
    given: Mapping[str, str],
    *,
    groups: Sequence[str],
    only: Mapping[str, str],
    date_order: DateOrder | None,
    several: bool,
) -> Mapping[str, str]:
    source, own = _opened(connection, file)
    mapping = guess(own, given)
    lacking = [name for name in REQUIRED if name not in mapping and INSTEAD.get(name) not in mapping]
    if lacking:
        raise EvidenceError(f"{file}: no column is {', '.join(lacking)}. It has: {', '.join(own)}. Say which with --map.")
    unknown = [name for name in (*groups, *only) if name not in own]
    if unknown:
        raise EvidenceError(f"{file} has no column {', '.join(unknown)}. It has: {', '.join(own)}.")
    year = _year_sql(mapping)
    if year is None and several:
        found = _YEAR_IN_NAME.findall(file.stem)
        if not found:
            raise EvidenceError(f"{file}: nothing says of which year it is: put the year into its name, or map record_date.")
        year = found[-1]
    text = {name: f"nullif(trim({_identifier(column)}), '')" for name, column in mapping.items()}
    dates = {name: _date_sql(connection, source, mapping, name, date_order) for name in DATES}
    for name, own_years in INSTEAD.items():
        if name not in mapping and year is not None:
            dates[name] = _years_before(text[own_years], _with_year(year, dates["record_date"]))
    active = f"lower({text['active']}) not in ({_NOT_ACTIVE})" if "active" in mapping else "null"
    kept = ", ".join(f"coalesce(nullif(trim({_identifier(name)}), ''), 'none')" for name in groups)
    connection.execute(
        f"""
        insert into sightings
        select
            {quoted(Path(file.name))}, row_number() over () + 1, {text["employee_id"]}, {
            _with_year(year, dates["record_date"])
        }, {dates["birth_date"]}, {dates["hire_date"]}, {dates["rehire_date"]},
            {dates["service_date"]}, {dates["termination_date"]}, {dates["record_date"]},
            {active}, {text.get("reason", "null")}, {text.get("level_id", "null")}{", " + kept if kept else ""}
        from {source}
        {"where " + " and ".join(f"trim({_identifier(name)}) = ?" for name in only) if only else ""}
        """,
        list(only.values()),
    )
    return mapping


def _years_before(years: str, year: str) -> str:
    """A day so many completed years before the year's end, in the middle of the year that they leave open."""
    whole = f"cast(floor(try_cast({years} as double)) as integer)"
    return f"cast(make_date({year} + 1, 1, 1) - to_years({whole}) - interval 182 day as date)"


def _year_sql(mapping: Mapping[str, str]) -> str | None:
    if "status_year" in mapping:
        return f"try_cast(trim({_identifier(mapping['status_year'])}) as integer)"
    return "record" if "record_date" in mapping else None


def _with_year(year: str | None, record_date: str) -> str:
    return f"year({record_date})" if year == "record" else year or "cast(null as integer)"


def _date_sql(
    connection: duckdb.DuckDBPyConnection, source: str, mapping: Mapping[str, str], name: str, order: DateOrder | None
) -> str:
    if name not in mapping:
        return "cast(null as date)"
    try:
        # The rules of a date column are the same whatever the date is of.
        rewritten = rewriting(connection, source, {"hire_date": mapping[name]}, order)
    except AmbiguousColumnError as error:
        raise EvidenceError(str(error)) from error
    text = rewritten["hire_date"][0] if rewritten else f"trim({_identifier(mapping[name])})"
    day = f"try_cast(left({text}, 10) as date)"
    return f"case when {day} not in ({_NO_DATE}) then {day} end"


def _identifier(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


__all__ = ["GROUPABLE", "History", "group_names", "read_history"]
