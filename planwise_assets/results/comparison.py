"""Two scenarios of a study against each other: the facts by year, and the people with the events that differ.

Belongs here: what differs, from the published tables. Does not: statistics (ensembles.py), printing (commands/compare.py).

Both scenarios have the same people, and these the same draws; so a person differs only where a setting acted, or where an
exact total made room: who is the last to leave depends on the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from planwise_assets.results.ensembles import Difference, by_seed, paired_difference
from planwise_assets.results.measures import MEASURES, Values
from planwise_assets.results.provenance import Published
from planwise_assets.results.totals import year_or_all


@dataclass(frozen=True)
class FactDifference:
    """One measure in one year: both means and their difference.

    Attributes:
        measure: Name of the measure.
        year: Simulation year; ALL_YEARS for their sum.
        a: Mean over the common seeds in the first scenario; None if there is no value.
        b: In the second.
        difference: b - a, paired by seed.
    """

    measure: str
    year: int
    a: float
    b: float
    difference: Difference

    def as_json(self) -> dict[str, Any]:
        """The row as a program reads it."""
        return {
            "measure": self.measure,
            "unit": MEASURES[self.measure].unit,
            "simulation_year": year_or_all(self.year),
            "a": self.a,
            "b": self.b,
            "difference": self.difference.mean,
            "standard_error": self.difference.standard_error,
            "standard_error_unpaired": self.difference.unpaired_error,
            "seeds": self.difference.seeds,
        }


@dataclass(frozen=True)
class PersonDifference:
    """One person, seed and year in which two scenarios differ.

    Attributes:
        employee_id: Who.
        seed: In which future.
        year: Simulation year.
        changed: Column to its two values, for each column that differs.
        only_a: Events that only the first scenario has.
        only_b: Events that only the second has.
        reason: What explains it: the weightiest kind of event that differs, `earlier events`, or `terms` (the same events,
            other rules for the money).
        since: The year of the first event that differs; None for `terms`.
    """

    employee_id: str
    seed: int
    year: int
    changed: Mapping[str, tuple[Any, Any]]
    only_a: Sequence[str]
    only_b: Sequence[str]
    reason: str
    since: int | None


@dataclass(frozen=True)
class PeopleDifferences:
    """Everybody who differs.

    Attributes:
        compared: Person-years of both scenarios.
        reasons: Person-years by reason, as in `PersonDifference`; most first.
        exits: People who leave in one scenario and stay in the other, of those whom both employ in the year.
        people: The person-years with the largest differences of employer money, then pay.
        total: All person-years that differ.
    """

    compared: int
    reasons: Mapping[str, int]
    exits: int
    people: Sequence[PersonDifference]
    total: int


def differing_settings(made: Published, a: str, b: str) -> list[tuple[str, str, str]]:
    """Every setting in which two published scenarios differ: key, value in a, value in b; `-` where it has none.

    Args:
        made: What was published.
        a: Name of the one scenario.
        b: Name of the other.

    Returns:
        In the order of a's settings, then those that b alone has; values as text.
    """
    first, second = made.settings[a], made.settings[b]
    keys = dict.fromkeys([*first, *second])
    return [(key, first.get(key, "-"), second.get(key, "-")) for key in keys if first.get(key) != second.get(key)]


def fact_differences(values: Values, a: str, b: str, years: Sequence[int]) -> list[FactDifference]:
    """The facts of two scenarios by measure and year, seed by seed.

    Args:
        values: As `read_measures` or `cut_measures` gives them.
        a: Name of the scenario to compare with.
        b: Name of the other.
        years: Simulation years.

    Returns:
        In the order of MEASURES, then of the years; without those of which the scenarios have no seed in common.
    """
    found = []
    for measure in MEASURES:
        for year in years:
            first, second = (by_seed(values, scenario, year, measure) for scenario in (a, b))
            difference = paired_difference(first, second)
            if difference is None:
                continue
            common = first.keys() & second.keys()
            means = [sum(side[seed] for seed in sorted(common)) / len(common) for side in (first, second)]
            found.append(FactDifference(measure, year, means[0], means[1], difference))
    return found


#: Kinds of events, the one that explains the others first: who is not hired cannot enrol.
CAUSES = (
    "hire",
    "termination",
    "promotion",
    "eligibility",
    "enrollment",
    "opt_out",
    "deferral_change",
    "deferral_escalation",
    "merit_raise",
    "cola",
    "forfeiture",
)

#: The columns of the snapshot that say that a person's year is another one.
_COMPARED = (
    "employment_status",
    "level_id",
    "annual_compensation",
    "paid_compensation",
    "deferral_rate",
    "employee_contribution",
    "employer_match",
    "employer_core",
    "forfeited_match",
    "forfeited_core",
)


def event_text() -> str:
    """SQL that says an event of `fct_yearly_events` in words.

    Only what the event is about: every event also carries what it left as it was.
    """
    return """
        event_type
            || case when event_category <> event_type then ' (' || event_category || ')' else '' end
            || ' ' || effective_date
            || case
                when event_type in ('hire', 'promotion', 'merit_raise', 'cola')
                    then ' to ' || format('{:,.2f}', cast(compensation_after as double))
                when event_type in ('enrollment', 'deferral_change', 'deferral_escalation', 'opt_out')
                    then ' to ' || format('{:.1f}%', cast(deferral_rate_after * 100 as double))
                when event_type = 'forfeiture' then ' of ' || (event_details ->> 'forfeited')
                else ''
            end
    """


_SIDE = f"""
    select seed, simulation_year, employee_id, event_type, {event_text()} as event
    from fct_yearly_events
    where scenario_id = ?
"""

_PEOPLE = f"""
with a_events as ({_SIDE}),
b_events as ({_SIDE}),

only_one as (
    select 'a' as side, * from (select * from a_events except select * from b_events)
    union all
    select 'b' as side, * from (select * from b_events except select * from a_events)
),

events as (
    select
        seed,
        simulation_year,
        employee_id,
        coalesce(list(event order by event) filter (side = 'a'), []) as only_a,
        coalesce(list(event order by event) filter (side = 'b'), []) as only_b,
        arg_min(event_type, list_position([{", ".join(f"'{cause}'" for cause in CAUSES)}], event_type)) as cause
    from only_one
    group by all
),

first_events as (
    select seed, employee_id, min(simulation_year) as since from only_one group by all
),

a as (select * from fct_workforce_snapshot where scenario_id = ?),
b as (select * from fct_workforce_snapshot where scenario_id = ?),

both_sides as (
    select
        coalesce(a.seed, b.seed) as seed,
        coalesce(a.simulation_year, b.simulation_year) as simulation_year,
        coalesce(a.employee_id, b.employee_id) as employee_id,
        {", ".join(f"a.{column} as a_{column}, b.{column} as b_{column}" for column in _COMPARED)},
        abs(coalesce(b.employer_match + b.employer_core, 0) - coalesce(a.employer_match + a.employer_core, 0)) as money,
        abs(coalesce(b.paid_compensation, 0) - coalesce(a.paid_compensation, 0)) as pay
    from a
    full join b on a.seed = b.seed and a.simulation_year = b.simulation_year and a.employee_id = b.employee_id
)

select
    both_sides.*,
    coalesce(events.only_a, []) as only_a,
    coalesce(events.only_b, []) as only_b,
    case when since < simulation_year then 'earlier events' else coalesce(events.cause, 'terms') end as cause,
    case when since <= simulation_year then since end as since,
    {" or ".join(f"a_{column} is distinct from b_{column}" for column in _COMPARED)} or events.cause is not null as differs
from both_sides
left join events using (seed, simulation_year, employee_id)
left join first_events using (seed, employee_id)
where seed in (select unnest(?)) and simulation_year in (select unnest(?))
"""


def people_differences(
    connection: duckdb.DuckDBPyConnection, a: str, b: str, *, seeds: Sequence[int], years: Sequence[int], limit: int
) -> PeopleDifferences:
    """Who differs between two scenarios, and by which events.

    Args:
        connection: A connection to the warehouse.
        a: The one scenario.
        b: The other.
        seeds: The seeds to look at.
        years: The years to look at; the first event that differs may be earlier.
        limit: Person-years that are listed.
    """
    cursor = connection.cursor()
    cursor.execute(f"create or replace temp table compared as {_PEOPLE}", [a, b, a, b, list(seeds), list(years)])
    counted = cursor.execute("select count(*), count(*) filter (differs) from compared").fetchone() or (0, 0)
    reasons = cursor.execute(
        "select cause, count(*) from compared where differs group by cause order by count(*) desc, cause"
    ).fetchall()
    flipped = cursor.execute("select count(*) from compared where a_employment_status <> b_employment_status").fetchone()
    rows = cursor.execute(
        """
        select * from compared where differs
        order by money desc, pay desc, seed, simulation_year, employee_id
        limit ?
        """,
        [limit],
    )
    names = [column[0] for column in rows.description or []]
    people = [_person(dict(zip(names, row, strict=True))) for row in rows.fetchall()]
    return PeopleDifferences(counted[0], dict(reasons), flipped[0] if flipped else 0, people, counted[1])


def _person(row: Mapping[str, Any]) -> PersonDifference:
    changed = {
        column: (row[f"a_{column}"], row[f"b_{column}"]) for column in _COMPARED if row[f"a_{column}"] != row[f"b_{column}"]
    }
    return PersonDifference(
        row["employee_id"],
        row["seed"],
        row["simulation_year"],
        changed,
        row["only_a"],
        row["only_b"],
        row["cause"],
        row["since"],
    )
