"""Who gets more and who gets less employer money in one scenario than in another, in groups by pay and age.

Belongs here: the few groups of the report's first page. Does not: single people (comparison.py), statistics over seeds
(ensembles.py).

Compared is who is employed at the end of the year in both scenarios of one future: with the same draws, what differs is what
the settings did.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

#: Below this many dollars a year somebody counts as unchanged.
THRESHOLD = 10


@dataclass(frozen=True)
class Gain:
    """One group of people, over all futures.

    Attributes:
        group: What they have in common.
        people: How many they are, a mean over the futures.
        gaining: Share of them whose match and core together are at least THRESHOLD dollars a year higher.
        losing: Share of them for whom they are that much lower.
        mean: Mean difference a person; dollars a year.
    """

    group: str
    people: float
    gaining: float
    losing: float
    mean: float


_GROUPS = f"""
with pairs as (
    select
        a.seed,
        a.age_at_year_end as age,
        b.employer_match + b.employer_core - a.employer_match - a.employer_core as more,
        a.annual_compensation as pay,
        ntile(3) over (partition by a.seed order by a.annual_compensation, a.employee_id) as third
    from fct_workforce_snapshot as a
    inner join fct_workforce_snapshot as b using (seed, simulation_year, employee_id)
    where
        a.scenario_id = $a and b.scenario_id = $b and simulation_year = $year
        and a.employment_status = 'active' and b.employment_status = 'active'
),

grouped as (
    select *, 0 as place, 'Everybody' as label from pairs
    union all by name
    select
        *,
        third as place,
        case third when 1 then 'Lowest-paid third' when 2 then 'Middle third by pay' else 'Highest-paid third' end as label
    from pairs
    union all by name
    select
        *,
        case when age < 35 then 4 when age < 50 then 5 else 6 end as place,
        case when age < 35 then 'Under 35' when age < 50 then '35 to 49' else '50 and older' end as label
    from pairs
)

select
    label,
    count(*) / count(distinct seed) as people,
    count(*) filter (where more >= {THRESHOLD}) / count(*) as gaining,
    count(*) filter (where more <= -{THRESHOLD}) / count(*) as losing,
    cast(sum(more) as double) / count(*) as mean
from grouped
group by place, label
order by place
"""


def gains(connection: duckdb.DuckDBPyConnection, a: str, b: str, year: int) -> list[Gain]:
    """What scenario b gives more than a, by group; empty where nobody is employed in both.

    Args:
        connection: A connection to the warehouse.
        a: The scenario that is compared with.
        b: The other.
        year: Simulation year.
    """
    rows = connection.cursor().execute(_GROUPS, {"a": a, "b": b, "year": year}).fetchall()
    return [Gain(*row) for row in rows]
