"""People at risk and exits by cell, from spells.

Belongs here: person-years, ages, completed service, and their cells. Does not: the spells (spells.py), fitting.

A row year is the calendar year, as PlanWise steps: age and completed service are those of 1 January. **Initial exposure**
counts everybody who is employed on 1 January (or when the watch begins, later in the year, for the rest of it); **central
exposure** is the time that each was there, leavers to the day they left, or half of the time where the day is unknown.
People hired in a year are not at risk in it: PlanWise gives them a rate of their own, which `HireYear` has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np

from planwise_assets.evidence.experience import Experience, Group
from planwise_assets.evidence.spells import UNKNOWN, Window


@dataclass(frozen=True)
class HireYear:
    """The hires of one calendar year, and those of them who left in it."""

    year: int
    hires: int
    left: int


def make_experience(
    connection: duckdb.DuckDBPyConnection,
    window: Window,
    *,
    groups: Sequence[str] = (),
    causes: Mapping[str, str] | None = None,
) -> Experience:
    """Cells of the tables `spells` and `sightings`.

    Args:
        connection: Where the tables are.
        window: The time watched.
        groups: Columns of `sightings` to group by; a person's group is that of the year before, or of the first sighting.
        causes: The files' own words for the reason, in lower case, to causes; other words are causes themselves.

    Returns:
        The cells, in order of year, age, service and groups.
    """
    _person_years(connection, window, groups)
    keys = ["year", "age", "service", "duration", *groups]
    words = sorted(
        str(row[0]) for row in connection.execute("select distinct word from person_years where word is not null").fetchall()
    )
    named = {word: (causes or {}).get(word, word) for word in words}
    counts = ", ".join("count(*) filter (word = ?)" for _ in words)
    table = connection.execute(
        f"""
        select {", ".join(keys)}, count(*) as people, sum(at_risk) as person_years{", " + counts if words else ""}
        from person_years group by all order by {", ".join(keys)}
        """,
        words,
    ).fetchnumpy()
    columns = list(table.values())
    counted = columns[len(keys) + 2 :]
    events = {cause: np.zeros(len(columns[0])) for cause in sorted(set(named.values()))}
    for word, column in zip(words, counted, strict=True):
        events[named[word]] += np.asarray(column, float)
    grouped = {}
    for name in groups:
        labels, codes = np.unique(np.asarray(table[name], str), return_inverse=True)
        grouped[name.removeprefix("group_")] = Group(codes.astype(np.int64), tuple(map(str, labels)))
    return Experience(
        age=np.asarray(table["age"], np.int64),
        service=np.asarray(table["service"], np.int64),
        year=np.asarray(table["year"], np.int64),
        people=np.asarray(table["people"], float),
        duration=np.asarray(table["duration"], float) / 366,
        person_years=np.asarray(table["person_years"], float) / 366,
        events=events,
        groups=grouped,
    )


def _person_years(connection: duckdb.DuckDBPyConnection, window: Window, groups: Sequence[str]) -> None:
    """The table `person_years`: one row a spell and calendar year at risk; times in 366ths of a year."""
    attributes = "".join(f", coalesce(before.{name}, own.{name}, 'none') as {name}" for name in groups)
    joins = ""
    if groups:
        joins = """
            left join seen as before on before.employee_id = at_risk.employee_id and before.year = at_risk.year - 1
            left join seen as own on own.employee_id = at_risk.employee_id and coalesce(own.year, at_risk.year) =
            at_risk.year
        """
    connection.execute(
        f"""
        create or replace table person_years as
        with seen as (
            select employee_id, year{"".join(f", {name}" for name in groups)} from sightings
            qualify row_number() over (partition by employee_id, year order by line) = 1
        ),
        watched as (
            select *,
                greatest(date '{window.start}', case
                    when first_year is null then hire_date
                    when {window.lists_leavers} then make_date(first_year, 1, 1)
                    else make_date(first_year, 12, 31) end) as watch_from
            from spells
            where coalesce(exit_date, make_date(exit_year, 12, 31), date '{window.end}') >= date '{window.start}'
        ),
        yearly as (
            select *, unnest(generate_series(year(watch_from + interval 1 day), least(exit_year, {window.end.year}))) as year
            from watched
        ),
        at_risk as (
            select employee_id, year, hire_date, birth_date, service_from, exit_date, exit_year, reason,
                make_date(year::integer, 1, 1) as opening,
                (make_date(year::integer + 1, 1, 1) - make_date(year::integer, 1, 1)) as days,
                greatest(watch_from, make_date(year::integer, 1, 1)) as from_day,
                least(date '{window.end}', make_date(year::integer, 12, 31)) as to_day
            from yearly
            where hire_date < make_date(year::integer, 1, 1)
        ),
        timed as (
            select *, coalesce(exit_year = year and coalesce(exit_date, to_day) <= to_day, false) as leaves,
                round(366.0 * (to_day - from_day + 1) / days)::integer as duration
            from at_risk
        )
        select at_risk.year, at_risk.employee_id,
            date_sub('year', at_risk.birth_date, at_risk.opening) as age,
            greatest(date_sub('year', at_risk.service_from, at_risk.opening), 0) as service,
            least(duration, 366) as duration,
            case
                when not leaves then least(duration, 366)
                when exit_date is null then least(duration, 366) / 2.0
                else 366.0 * greatest(exit_date - from_day + 1, 1) / days end as at_risk,
            case when leaves then lower(coalesce(reason, '{UNKNOWN}')) end as word{attributes}
        from timed as at_risk
        {joins}
        where duration > 0
        """
    )


def hire_years(connection: duckdb.DuckDBPyConnection, window: Window) -> list[HireYear]:
    """Hires of each whole year watched, and who of them left in it; nothing where the files do not list leavers."""
    if not window.lists_leavers:
        return []
    rows = connection.execute(
        f"""
        select year(hire_date), count(*), count(*) filter (exit_year = year(hire_date))
        from spells
        where hire_date >= date '{window.start}' and make_date(year(hire_date), 12, 31) <= date '{window.end}'
        group by 1 order by 1
        """
    ).fetchall()
    return [HireYear(*row) for row in rows]
