"""Spells of employment from sightings, and what is odd about them.

Belongs here: who was watched from when to when, how each spell ended, the list of oddities. Does not: reading files
(reading.py), counting (exposure.py).

A spell runs from a hire date to an exit. In yearly files a new spell begins where a person's hire date lies after the
year-end at which they were last seen, or where they are back after an exit. The watch begins on 1 January of the first
file's year where the files list the people who left in their year (then nobody who left is missing), else on 31 December
of the first year in which the person is seen: who had left before that was never in a file (left truncation).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from planwise_assets.evidence.errors import EvidenceError
from planwise_assets.evidence.reading import History

UNKNOWN = "unknown"
_SHOWN = 5


@dataclass(frozen=True)
class Oddity:
    """Something in the history that a person should know.

    Attributes:
        kind: A short name.
        count: People, rows or years that it is about.
        what: What was found and what was made of it.
        examples: Some of the ids.
    """

    kind: str
    count: int
    what: str
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Window:
    """The time that the history watches.

    Attributes:
        start: First day.
        end: Last day.
        lists_leavers: Whether those who left in a year are in that year's file.
    """

    start: date
    end: date
    lists_leavers: bool


def make_spells(connection: duckdb.DuckDBPyConnection, history: History) -> tuple[Window, list[Oddity]]:
    """Makes the table `spells` of `sightings`.

    Returns:
        The time watched, and what is odd.

    Raises:
        EvidenceError: There is no time between two sightings to watch.
    """
    oddities = _unusable(connection)
    if history.form == "dates":
        window = _spells_of_dates(connection)
    else:
        oddities += _id_changes(connection)
        window = _spells_of_snapshots(connection)
        oddities += _odd_snapshots(connection, window)
    if window.end <= window.start:
        raise EvidenceError(f"The history ends on {window.end}, where it begins: two year-ends are the least.")
    return window, oddities + _odd_spells(connection)


def _unusable(connection: duckdb.DuckDBPyConnection) -> list[Oddity]:
    bad = "employee_id is null or birth_date is null or hire_date is null or hire_date < birth_date + interval 14 year"
    found = _ids(connection, f"select coalesce(employee_id, 'line ' || line) from sightings where {bad}")
    connection.execute(f"delete from sightings where {bad}")
    return _oddity("unusable rows", found, "rows without id, birth or hire date, or hired before the age of 14: left out")


def _spells_of_dates(connection: duckdb.DuckDBPyConnection) -> Window:
    """Spells as their dates say; the watch begins with the first full year that has an exit."""
    connection.execute(
        """
        create or replace table spells as
        with stated as (
            select *, rehire_date is not null and rehire_date > coalesce(termination_date, hire_date) as is_back
            from sightings
        )
        select employee_id, birth_date, hire_date, coalesce(service_date, hire_date) as service_from, null::integer as
            first_year, termination_date as exit_date, year(termination_date) as exit_year, reason, false as is_vanished
        from stated
        union all
        select employee_id, birth_date, rehire_date, rehire_date, null, null, null, null, false
        from stated where is_back
        """
    )
    row = connection.execute("select min(exit_year), max(exit_date), max(hire_date) from spells").fetchone()
    if row is None or row[0] is None:
        raise EvidenceError("No termination date in the history can be read.")
    first, last = int(row[0]), max(day for day in row[1:] if day is not None)
    # Data end with a year where something happened in its last month.
    return Window(date(first, 1, 1), date(last.year, 12, 31) if last.month == 12 else last, lists_leavers=True)


def _spells_of_snapshots(connection: duckdb.DuckDBPyConnection) -> Window:
    row = connection.execute(
        """
        select min(year), max(year), max(record_date) filter (year = (select max(year) from sightings)),
            count(*) filter (not is_active or year(termination_date) = year) from sightings
        """
    ).fetchone()
    first, last, final_day, leavers = row or (0, 0, None, 0)
    end = final_day if final_day is not None and final_day.year == last else date(last, 12, 31)
    window = Window(date(first, 1, 1) if leavers else date(first, 12, 31), end, bool(leavers))
    connection.execute(
        f"""
        create or replace table spells as
        with once_a_year as (
            -- the row of the exit wins over another of the same year
            select * from sightings
            qualify row_number() over (
                partition by employee_id, year order by (is_active is not distinct from false) desc, termination_date desc
            nulls last, line ) = 1
        ),
        stepped as (
            select *,
                lag(year) over person as year_before, lag(is_active) over person as active_before,
                coalesce(is_active, termination_date is null or year(termination_date) > year) as is_there
            from once_a_year
            window person as (partition by employee_id order by year)
        ),
        numbered as (
            select *, sum((year_before is null or hire_date > make_date(year_before, 12, 31)
                or (active_before is not distinct from false and is_there))::integer) over person as spell
            from stepped
            window person as (partition by employee_id order by year rows unbounded preceding)
        ),
        joined as (
            select employee_id, spell,
                arg_min(birth_date, year) as birth_date, arg_min(hire_date, year) as hire_date,
                arg_min(coalesce(service_date, hire_date), year) as service_from,
                min(year) as first_year, max(year) as last_year,
                max(termination_date) as stated_exit, bool_or(not is_there) as has_left,
                arg_max(reason, year) filter (not is_there) as reason
            from numbered
            group by all
        ),
        -- a date that no file was there to see says nothing
        dated as (
            select *, case when stated_exit >= hire_date and year(stated_exit) <= last_year + (not has_left)::integer
                and stated_exit <= date '{window.end}' then stated_exit end as exit_date
            from joined
        )
        select employee_id, birth_date, hire_date, service_from, first_year, exit_date,
            coalesce(year(exit_date), case when has_left then last_year when last_year < {last} then last_year + 1 end) as
            exit_year, reason, exit_date is null and not has_left and last_year < {last} as is_vanished
        from dated
        """
    )
    return window


def _id_changes(connection: duckdb.DuckDBPyConnection) -> list[Oddity]:
    """People who go on under another id: the same birth and hire date, one id ending in the year before the other begins."""
    connection.execute(
        """
        create or replace temp table changed as
        with lives as (
            select employee_id, birth_date, hire_date, min(year) as first_year, max(year) as last_year,
                bool_or(is_active is not distinct from false or coalesce(year(termination_date) <= year, false)) as has_left
            from sightings group by all
        ),
        pairs as (
            select later.employee_id as new_id, earlier.employee_id as old_id
            from lives as earlier
            join lives as later using (birth_date, hire_date)
            where earlier.employee_id <> later.employee_id and later.first_year = earlier.last_year + 1 and not
                earlier.has_left and year(hire_date) < later.first_year
        )
        select * from pairs
        qualify count(*) over (partition by new_id) = 1 and count(*) over (partition by old_id) = 1
        """
    )
    found = _ids(connection, "select old_id || ' > ' || new_id from changed")
    # A chain of changes is followed to its first id.
    for _ in range(10):
        connection.execute(
            "update sightings set employee_id = changed.old_id from changed where sightings.employee_id = changed.new_id"
        )
    return _oddity(
        "changed ids", found, "ids that end where another with the same birth and hire date begins: taken as one person"
    )


def _odd_snapshots(connection: duckdb.DuckDBPyConnection, window: Window) -> list[Oddity]:
    found = []
    if window.lists_leavers:
        ids = _ids(connection, "select employee_id from spells where is_vanished")
        found += _oddity(
            "vanished", ids, f"people missing from the next file without an exit: counted as exits, cause {UNKNOWN}"
        )
    twice = "select employee_id from sightings group by employee_id, year having count(*) > 1"
    found += _oddity(
        "twice in a year", _ids(connection, twice), "people with several rows in a year: the row of the exit counts"
    )
    restated = """
        select distinct employee_id from (
            select employee_id, hire_date, year, lag(hire_date) over person as before, lag(year) over person as year_before
            from sightings window person as (partition by employee_id order by year)
        ) where hire_date <> before and hire_date <= make_date(year_before, 12, 31)
    """
    found += _oddity(
        "restated hire dates", _ids(connection, restated), "hire dates that change without an exit: the first one counts"
    )
    gaps = """
        select distinct employee_id from (
            select employee_id, year, hire_date, lag(year) over (partition by employee_id order by year) as before from
        sightings ) where year > before + 1 and hire_date <= make_date(before, 12, 31)
    """
    found += _oddity("gaps", _ids(connection, gaps), "people missing from a year between two: taken as employed all along")
    late = """
        select employee_id from spells where year(hire_date) < first_year and first_year > (select min(year) from sightings)
    """
    found += _oddity(
        "transfers in",
        _ids(connection, late),
        "people first seen years after their hire: watched from the year they are seen in",
    )
    if window.end.month < 12:
        found.append(Oddity("part-year file", 1, f"the last file is of {window.end}: that year counts for a part"))
    return found


def _odd_spells(connection: duckdb.DuckDBPyConnection) -> list[Oddity]:
    births = "select employee_id from spells group by employee_id having count(distinct birth_date) > 1"
    back = "select employee_id from spells group by employee_id having count(*) > 1"
    before = "select employee_id from spells where exit_date < hire_date"
    found = _oddity("restated births", _ids(connection, births), "people with several birth dates: each spell has its own")
    found += _oddity(
        "rehired",
        _ids(connection, back),
        "people with several spells: service begins anew, unless service_date says otherwise",
    )
    found += _oddity("exit before hire", _ids(connection, before), "spells that end before they begin: left out")
    connection.execute("delete from spells where exit_date < hire_date")
    return found


def _oddity(kind: str, ids: Sequence[str], what: str) -> list[Oddity]:
    return [Oddity(kind, len(ids), what, tuple(ids[:_SHOWN]))] if ids else []


def _ids(connection: duckdb.DuckDBPyConnection, sql: str) -> list[str]:
    return sorted(str(row[0]) for row in connection.execute(sql).fetchall())
