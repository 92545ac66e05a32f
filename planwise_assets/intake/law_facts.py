"""What the law's tests must know of the people of the census, and no simulation needs: officers, owners, unions, exclusions.

Belongs here: reading it from the census when somebody asks. Does not: the tests (results/law/), what a column means
(people.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from planwise_assets.intake import people
from planwise_assets.intake.assembly import PEOPLE
from planwise_assets.intake.census import census_of_study
from planwise_assets.intake.reading.table import CensusError
from planwise_assets.study.sections.census import census_hash

if TYPE_CHECKING:
    from planwise_assets.study.schema import Study


@dataclass(frozen=True)
class PersonFacts:
    """One person of the census about whom there is something to know.

    Attributes:
        employee: The person.
        is_excluded: The plan's terms leave the person out.
        is_union: A collective agreement covers the person.
        is_alien: A nonresident alien without US income.
        is_officer: An officer.
        owns: Per cent of the company; 5.01 of somebody known to own more than 5.
        weekly_hours: Scheduled hours a week.
    """

    employee: str
    is_excluded: bool = False
    is_union: bool = False
    is_alien: bool = False
    is_officer: bool = False
    owns: Decimal = Decimal(0)
    weekly_hours: Decimal = Decimal(40)


@dataclass(frozen=True)
class LawFacts:
    """What the census says.

    Attributes:
        people: Those about whom it says something; everybody else works 40 hours a week, and is none of it.
        columns: PlanWise's names of the columns that the census has.
        officers: The census's own name of the column of officers; empty where it has none.
        unread: Words of the column `officer` that are neither yes nor no; nobody is an officer for them.
        missing: Why it says nothing, a sentence; empty where it was read.
    """

    people: tuple[PersonFacts, ...] = ()
    columns: frozenset[str] = frozenset()
    officers: str = ""
    unread: tuple[str, ...] = ()
    missing: str = ""


def law_facts(study: Study, sha256: str) -> LawFacts:
    """Reads the census that published results were made from, if it is still there.

    Args:
        study: Names the census and how it is read.
        sha256: Of the census of then.
    """
    try:
        if census_hash(Path(study.census)) != sha256:
            return LawFacts(missing=f"the census {study.census} is not the one of these results any more")
        with duckdb.connect() as connection:
            columns = census_of_study(connection, study).columns
            known = frozenset(columns)
            found = tuple(PersonFacts(*row) for row in connection.execute(_query(known)).fetchall())
            officers = columns["officer"].own if "officer" in columns else ""
            return LawFacts(found, known, officers, _unread(connection, known))
    except (CensusError, duckdb.Error, OSError) as error:
        return LawFacts(missing=f"the census {study.census} cannot be read any more: {str(error).splitlines()[0]}")


#: A yes in a column that the models read, which keeps the census's own words.
_YES = "('true', 'yes', 't', 'y', '1')"
#: What somebody owns of whom the census says no more than "more than 5 %".
_MORE_THAN_5 = "5.01"
_SHOWN = 3


def _query(known: frozenset[str]) -> str:
    """SQL of the people who are something, over what the census was read into."""
    status = people.value("employment_status", known)
    return f"""
        with read as (
            select
                place,
                {people.value("union_member", known)} = 'true' or {status} = 'union' as is_union,
                {people.value("nonresident_alien", known)} = 'true' or {status} = 'nonresident' as is_alien,
                lower({people.value("officer", known)}) = 'true' as is_officer,
                {people.value("ownership_percent", known, "decimal(9, 4)")} as owns
            from census_read
        )
        select
            employee_id,
            coalesce(lower(plan_exclusion) in {_YES}, false) as is_excluded,
            coalesce(is_union, false) as is_union,
            coalesce(is_alien, false) as is_alien,
            coalesce(is_officer, false) as is_officer,
            greatest(coalesce(owns, 0), if(lower(owner_5pct) in {_YES}, {_MORE_THAN_5}, 0)) as owns,
            coalesce(try_cast(scheduled_hours_per_week as decimal(9, 4)), 40) as weekly_hours
        from {PEOPLE}
        inner join read using (place)
        where
            employee_id is not null
            and (is_excluded or is_union or is_alien or is_officer or owns > 0 or weekly_hours <> 40)
        order by employee_id"""


def _unread(connection: duckdb.DuckDBPyConnection, known: frozenset[str]) -> tuple[str, ...]:
    """A few words of the column `officer` that are neither yes nor no."""
    if "officer" not in known:
        return ()
    rows = connection.execute(
        f"select distinct officer from census_read where officer not in ('true', 'false', '') order by 1 limit {_SHOWN}"
    ).fetchall()
    return tuple(word for (word,) in rows)
