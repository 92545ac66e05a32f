"""Who gains and who loses between two scenarios: person by person over the futures, and cut by age, pay or a group.

Belongs here: gains and losses of people, from the published snapshots. Does not: the events that explain them
(comparison.py), printing (commands/compare_people.py), the report's page (report/).

A gain is employer money: match and core of the year less what an exit forfeits, in B less in A, over the years in which both
scenarios employ the person. One person in one seed (future) gains at least MATTERS, loses as much, or has the same; over the
seeds that is a share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import duckdb

from planwise_assets.study.sections.groups import PERSON_GROUPS

#: What people can be cut by: name, title, and over the person's first year the band and what the bands are ordered by.
CUTS: Mapping[str, tuple[str, str, str]] = {
    "age": ("age", "age_band", "age_at_year_end"),
    "service": ("years of service", "tenure_band", "tenure_years_at_year_end"),
    "pay": (
        "yearly pay",
        """case
            when annual_compensation < 30000 then 'below 30,000'
            when annual_compensation < 50000 then '30,000 to 50,000'
            when annual_compensation < 75000 then '50,000 to 75,000'
            when annual_compensation < 100000 then '75,000 to 100,000'
            when annual_compensation < 150000 then '100,000 to 150,000'
            else '150,000 and more'
        end""",
        "annual_compensation",
    ),
    "level": ("level", "cast(level_id as varchar)", "level_id"),
}
#: The same for the few groups that one page has room for.
_SUMMARY: Mapping[str, tuple[str, str, str]] = {
    "third": (
        "pay, in thirds",
        """case ntile(3) over (partition by seed, simulation_year order by annual_compensation, employee_id)
            when 1 then 'Lowest-paid third'
            when 2 then 'Middle third by pay'
            else 'Highest-paid third'
        end""",
        "annual_compensation",
    ),
    "generation": (
        "age, in three",
        """case
            when age_at_year_end < 35 then 'Under 35' when age_at_year_end < 50 then '35 to 49' else '50 and older'
        end""",
        "age_at_year_end",
    ),
}
_BANDS = {**CUTS, **_SUMMARY}
#: Fewer dollars, over the chosen years, are neither a gain nor a loss: nobody gains by the rounding of a cent.
MATTERS = 10


@dataclass(frozen=True)
class PersonGain:
    """What one person gains over the futures.

    Attributes:
        employee_id: Who.
        futures: Seeds in which both scenarios employ the person in a year.
        gains: Share of those in which the person gains.
        loses: Share in which the person loses.
        mean: Mean gain over them, all years together; dollars, negative for a loss.
        lowest: The least.
        highest: The most.
    """

    employee_id: str
    futures: int
    gains: float
    loses: float
    mean: Decimal
    lowest: Decimal
    highest: Decimal

    def as_json(self) -> dict[str, Any]:
        """The row as a program reads it."""
        return dict(vars(self))


@dataclass(frozen=True)
class GroupGain:
    """What the people of one group gain.

    Attributes:
        bands: The group: its band in each of the cuts.
        people: People in it in a future, on average.
        gains: Share of them (of people and futures) who gain.
        loses: Share who lose.
        mean: Mean gain of all of them, those without any included; dollars.
        mean_loss: Mean of those who lose, a negative amount; None if nobody does.
        total: What all of them gain in a future, on average; dollars.
    """

    bands: tuple[str, ...]
    people: float
    gains: float
    loses: float
    mean: Decimal
    mean_loss: Decimal | None
    total: Decimal

    def as_json(self) -> dict[str, Any]:
        """The row as a program reads it."""
        return {**vars(self), "bands": list(self.bands)}


def person_gains(
    connection: duckdb.DuckDBPyConnection, a: str, b: str, *, seeds: Sequence[int], years: Sequence[int]
) -> list[PersonGain]:
    """Everybody whom both scenarios employ, who gains most first and who loses most last; ties by id.

    Args:
        connection: A connection to the warehouse.
        a: The scenario to compare with.
        b: The other.
        seeds: The futures to look at.
        years: The years to add up.
    """
    rows = connection.execute(
        f"""
        with {_gains_sql()}

        select employee_id, count(*), {_SHARES}, min(gain), max(gain)
        from gains
        group by employee_id
        order by sum(gain) / count(*) desc, employee_id
        """,
        _parameters(a, b, seeds, years),
    ).fetchall()
    return [PersonGain(*row) for row in rows]


def group_gains(
    connection: duckdb.DuckDBPyConnection, a: str, b: str, cuts: Sequence[str], *, seeds: Sequence[int], years: Sequence[int]
) -> list[GroupGain]:
    """People in groups, in the order of the bands. Bands are those of the person's first year of the chosen ones, in A.

    Args:
        connection: A connection to the warehouse.
        a: The scenario to compare with.
        b: The other.
        cuts: Names of CUTS (or of the summary's, or groups of the study): one for a table, two for a heat map, none for
            everybody in one row.
        seeds: The futures to look at.
        years: The years to add up.
    """
    bands = "".join(f"{cut}_band, " for cut in cuts)
    order = "".join(f"min({cut}_place), " for cut in cuts)
    rows = connection.execute(
        f"""
        with {_gains_sql(cuts)}

        select
            {bands}
            count(*) / len($seeds), {_SHARES},
            cast(round(avg(gain) filter (gain <= -{MATTERS}), 2) as decimal(18, 2)),
            cast(round(sum(gain) / len($seeds), 2) as decimal(18, 2))
        from gains
        {"group by all" if cuts else "having count(*) > 0"}
        order by {order} count(*)
        """,
        _parameters(a, b, seeds, years),
    ).fetchall()
    return [GroupGain(tuple(row[: len(cuts)]), *row[len(cuts) :]) for row in rows]


def summary_gains(
    connection: duckdb.DuckDBPyConnection, a: str, b: str, *, seeds: Sequence[int], years: Sequence[int]
) -> list[GroupGain]:
    """Everybody, then thirds by pay in their first year, then three groups by age; empty where both employ nobody.

    Args:
        connection: A connection to the warehouse.
        a: The scenario to compare with.
        b: The other.
        seeds: The futures to look at.
        years: The years to add up.
    """
    everybody = [replace(gain, bands=("Everybody",)) for gain in group_gains(connection, a, b, (), seeds=seeds, years=years)]
    return everybody + [gain for cut in _SUMMARY for gain in group_gains(connection, a, b, [cut], seeds=seeds, years=years)]


def _parameters(a: str, b: str, seeds: Sequence[int], years: Sequence[int]) -> dict[str, Any]:
    return {"a": a, "b": b, "seeds": list(seeds), "years": list(years)}


_MONEY = "{0}.employer_match + {0}.employer_core - {0}.forfeited_match - {0}.forfeited_core"

#: Of rows with a gain: the share of those who gain, of those who lose, and the mean gain.
_SHARES = f"""
    count(*) filter (gain >= {MATTERS}) / count(*), count(*) filter (gain <= -{MATTERS}) / count(*),
    cast(round(sum(gain) / count(*), 2) as decimal(18, 2))"""


def _gains_sql(cuts: Sequence[str] = ()) -> str:
    """One row a person and seed, with the person's band in each of the cuts."""
    groups = [cut for cut in cuts if cut not in _BANDS]
    member = f"inner join {PERSON_GROUPS} as member using (simulation_year, seed, employee_id)" if groups else ""
    # The band of a group is its value, and the values stand in the order of the alphabet.
    bands = {**_BANDS, **{group: (group, f'member."{group}"', f'member."{group}"') for group in groups}}
    banded = "".join(f", {band} as {cut}_band, {place} as {cut}_place" for cut in cuts for _, band, place in [bands[cut]])
    first = "".join(
        f", arg_min(a.{column}, a.simulation_year) as {column}" for cut in cuts for column in (f"{cut}_band", f"{cut}_place")
    )
    return f"""
gains as (
    select a.seed, a.employee_id, sum(({_MONEY.format("b")}) - ({_MONEY.format("a")})) as gain{first}
    from (
        select snapshot.*{banded}
        from fct_workforce_snapshot as snapshot {member}
        where scenario_id = $a and list_contains($seeds, seed) and list_contains($years, simulation_year)
    ) as a
    inner join fct_workforce_snapshot as b
        on
            a.seed = b.seed and a.simulation_year = b.simulation_year and a.employee_id = b.employee_id
            and b.scenario_id = $b
    group by a.seed, a.employee_id
)
"""
