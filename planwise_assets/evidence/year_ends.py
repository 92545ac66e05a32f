"""What the year-ends show beside exits: who was hired, and what became of those who stayed.

Belongs here: headcounts, hires and pairs of year-ends as arrays. Does not: what follows from them (movement.py, saving.py).

A pair is somebody who was employed at two year-ends in a row, without an exit between them; ages and completed service are
those of the 1 January between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb
import numpy as np
from numpy.typing import NDArray

from planwise_assets.evidence.reading import History
from planwise_assets.evidence.spells import Window

Array = NDArray[np.generic]


@dataclass(frozen=True)
class YearEnds:
    """Arrays over year-ends, hires and pairs; a number that the files do not have is NaN, a word is empty.

    Attributes:
        headcount: People employed at each year-end.
        mix: Share of them at each level, by year-end; empty without levels.
        hires: By column: `year`, `age`, `level`, `hours`.
        pairs: By column: `year` (of the later end), `age`, `service`, `months` of service at the later end, and before and
            after: `level`, `pay`, `rate` (deferral), with `source` (way into the plan, before).
        has: Which of level_id, annual_compensation, scheduled_hours_per_week, deferral_rate, enrollment_source the files
            have.
        lists_leavers: Whether who was hired and left in a year is among its hires.
    """

    headcount: Mapping[int, int]
    mix: Mapping[int, Mapping[str, float]]
    hires: Mapping[str, Array]
    pairs: Mapping[str, Array]
    has: frozenset[str]
    lists_leavers: bool

    def in_years(self, years: Sequence[int]) -> YearEnds:
        """The hires and changes of these calendar years, with the year-end before the first."""
        ends = {min(years) - 1, *years}
        hires, pairs = (
            {name: column[np.isin(table["year"], list(years))] for name, column in table.items()}
            for table in (self.hires, self.pairs)
        )
        return replace(
            self,
            headcount={year: count for year, count in self.headcount.items() if year in ends},
            mix={year: mix for year, mix in self.mix.items() if year in ends},
            hires=hires,
            pairs=pairs,
        )


OPTIONAL = ("level_id", "annual_compensation", "scheduled_hours_per_week", "deferral_rate", "enrollment_source")


def read_year_ends(connection: duckdb.DuckDBPyConnection, history: History, window: Window) -> YearEnds:
    """The year-ends of a history.

    Args:
        connection: Where the tables `sightings` and `spells` are, ids and hire dates mended.
        history: What the files are; spells show who was there at each year-end, and no more than that.
        window: The time watched.
    """
    if history.form == "snapshots":
        _of_snapshots(connection)
    else:
        _of_spells(connection, window)
    headcount = dict(
        connection.execute("select year, count(*) from year_ends where is_there group by year order by year").fetchall()
    )
    mix: dict[int, dict[str, float]] = {}
    for year, level, share in connection.execute(
        """
        select year, level_id, count(*) / sum(count(*)) over (partition by year)
        from year_ends where is_there and level_id is not null group by year, level_id order by year, level_id
        """
    ).fetchall():
        mix.setdefault(year, {})[level] = share
    hires = _arrays(
        connection,
        f"""
        select year, date_sub('year', birth_date, hire_date) as age, coalesce(level_id, '') as level,
            scheduled_hours_per_week as hours
        from year_ends where year(hire_date) = year and year >= {window.start.year} order by year, employee_id
        """,
    )
    pairs = _arrays(
        connection,
        """
        select after.year, date_sub('year', after.birth_date, make_date(after.year, 1, 1)) as age,
            greatest(date_sub('year', coalesce(after.service_date, before.hire_date), make_date(after.year, 1, 1)), 0) as
            service, date_sub('month', before.hire_date, make_date(after.year + 1, 1, 1)) as months,
            coalesce(before.level_id, '') as level_before, coalesce(after.level_id, '') as level_after,
            before.annual_compensation as pay_before, after.annual_compensation as pay_after,
            before.deferral_rate as rate_before, after.deferral_rate as rate_after,
            coalesce(lower(before.enrollment_source), '') as source
        from year_ends as before
        inner join year_ends as after on before.employee_id = after.employee_id and after.year = before.year + 1
        where before.is_there and after.is_there and year(after.hire_date) < after.year
        order by after.year, after.employee_id
        """,
    )
    given = ", ".join(f"count({name}) > 0" for name in OPTIONAL)
    row = connection.execute(f"select {given} from year_ends").fetchone() or ()
    has = frozenset(name for name, there in zip(OPTIONAL, row, strict=True) if there)
    return YearEnds(headcount, mix, hires, pairs, has, window.lists_leavers)


def _of_snapshots(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        create or replace temp table year_ends as
        select *, coalesce(is_active, termination_date is null or year(termination_date) > year) as is_there
        from sightings
        qualify row_number() over (
            partition by employee_id, year order by is_active is not distinct from false desc, line
        ) = 1
        """
    )


def _of_spells(connection: duckdb.DuckDBPyConnection, window: Window) -> None:
    """Levels and pay of a file of spells are of the day that it was made on, and of no year-end."""
    last = window.end.year if window.end.month == 12 else window.end.year - 1
    connection.execute(
        f"""
        create or replace temp table year_ends as
        select employee_id, years.year, birth_date, hire_date, service_from as service_date,
            exit_date is null or exit_date > make_date(years.year, 12, 31) as is_there,
            null::varchar as level_id, null::double as annual_compensation, null::double as scheduled_hours_per_week,
            null::double as deferral_rate, null::varchar as enrollment_source
        from spells, (select unnest(generate_series({window.start.year - 1}, {last}))::integer as year) as years
        where hire_date <= make_date(years.year, 12, 31) and (exit_date is null or year(exit_date) >= years.year)
        qualify row_number() over (partition by employee_id, years.year order by is_there desc, hire_date desc) = 1
        """
    )


def _arrays(connection: duckdb.DuckDBPyConnection, sql: str) -> dict[str, Array]:
    found = connection.execute(sql).fetchnumpy()
    return {
        name: np.asarray(np.ma.filled(column.astype(float), np.nan))
        if column.dtype.kind in "if"
        else np.asarray(column, str)
        for name, column in found.items()
    }
