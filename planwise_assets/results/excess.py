"""Whose the excess of a failed test is: the people of the future in which it is largest, and what each put in.

Belongs here: the leveling, from the published tests and the snapshot, and showing it. Nothing is stored of it: it is in
nobody's money, and a plan whose tests are passed has none. Does not: the tests (compliance.py).

Source: it goes by dollars, not by ratios: IRC 401(k)(8)(C), 401(m)(6)(C); Treas. Reg. 1.401(k)-2(b)(2)(iii).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb


@dataclass(frozen=True)
class Excess:
    """What of one person's money is excess of one failed test. Money is dollars.

    Attributes:
        scenario: The scenario.
        year: The year.
        test: ADP (deferrals without catch-up) or ACP (match).
        seed: The future: of those in which the test fails the one with most excess, the first of equals.
        employee: The person.
        contribution: What the test counts of the person.
        excess: How much of it is excess, without earnings.
        people: How many share the excess of this test.
    """

    scenario: str
    year: int
    test: str
    seed: int
    employee: str
    contribution: Decimal
    excess: Decimal
    people: int

    def as_json(self) -> dict[str, Any]:
        """The person's excess as a program reads it."""
        return {
            "scenario_id": self.scenario,
            "simulation_year": self.year,
            "test": self.test,
            "seed": self.seed,
            "employee_id": self.employee,
            "contribution": float(self.contribution),
            "excess": float(self.excess),
        }


#: Who is in the plan as a long-term part-timer, `since` when, as a common table expression. No test is about them (IRC
#: 401(k)(15)(B)).
UNTESTED = """untested as (
        select scenario_id, seed, employee_id, min(simulation_year) as since
        from fct_yearly_events
        where event_type = 'eligibility' and event_category = 'long_term_part_time'
        group by all
    )"""

#: Who is in the tests of a year, where `untested` is joined.
IS_TESTED = "is_eligible and coalesce(untested.since > simulation_year, true)"

#: Everybody's excess, in SQL that begins with `with` and ends with the relation `excess`.
#:
#: Amounts come down from the highest to the next highest, both to the one after it, until the excess is used up: the k
#: highest come down to (their sum - excess) / k, and of all k the highest such level is that of everybody above it, in whole
#: cents; of a cent too much those with the lowest amounts keep one each. Excess in all goes by ratios to 0.01 % and may be
#: more than all that was put in: nobody's is more than that. Long-term part-timers are in neither test (IRC 401(k)(15)(B)).
_EXCESS = f"""
    with failed as (
        select scenario_id, seed, simulation_year, test, cast(excess_amount * 100 as bigint) as excess_cents
        from fct_nondiscrimination_tests
        where not passed and test in ('ADP', 'ACP')
    ),

    {UNTESTED},

    ranked as (
        select
            failed.*,
            employee_id,
            cast(if(test = 'ADP', employee_contribution - catch_up_contribution, employer_match) * 100 as bigint) as cents,
            row_number() over highest as place,
            cast(sum(cents) over highest as bigint) as sum_so_far
        from failed
        inner join fct_workforce_snapshot as snapshot using (scenario_id, seed, simulation_year)
        left join untested using (scenario_id, seed, employee_id)
        where is_hce and {IS_TESTED}
        window highest as (partition by scenario_id, seed, simulation_year, test order by cents desc, employee_id)
    ),

    leveled as (
        select *, greatest(max((sum_so_far - excess_cents) // place) over one_test, 0) as level
        from ranked
        window one_test as (partition by scenario_id, seed, simulation_year, test)
    ),

    lowered as (
        select *, count(*) over one_test as people, sum(cents - level) over one_test - excess_cents as cents_too_many
        from leveled
        where cents > level
        window one_test as (partition by scenario_id, seed, simulation_year, test)
    ),

    excess as (
        select
            scenario_id,
            simulation_year,
            test,
            seed,
            employee_id,
            cast(cents * 0.01 as decimal(18, 2)) as contribution,
            cast((cents - level - if(place > people - cents_too_many, 1, 0)) * 0.01 as decimal(18, 2)) as excess_amount
        from lowered
        where excess_amount > 0
    )
"""

_IN_THE_WORST_FUTURE = f"""
    {_EXCESS},

    futures as (
        select scenario_id, simulation_year, test, seed, sum(excess_amount) as in_all, count(*) as people
        from excess
        group by scenario_id, simulation_year, test, seed
        qualify row_number() over (partition by scenario_id, simulation_year, test order by in_all desc, seed) = 1
    )

    select excess.*, people
    from excess
    inner join futures using (scenario_id, simulation_year, test, seed)
    order by simulation_year, test desc, excess_amount desc, contribution desc, employee_id
"""

_OF_A_FUTURE = f"""
    {_EXCESS}

    select *, count(*) over (partition by simulation_year, test) as people
    from excess
    where scenario_id = ? and seed = ?
    order by simulation_year, test desc, excess_amount desc, contribution desc, employee_id
"""


def read_excess(connection: duckdb.DuckDBPyConnection, order: list[str]) -> list[Excess]:
    """Everybody's excess by scenario, year and test, the largest first; of several futures the worst.

    Args:
        connection: A connection to the warehouse.
        order: The scenarios in the order in which they are shown.
    """
    rows = (Excess(*row) for row in connection.cursor().execute(_IN_THE_WORST_FUTURE).fetchall())
    return sorted(rows, key=lambda one: order.index(one.scenario))


def read_future(connection: duckdb.DuckDBPyConnection, scenario: str, seed: int) -> list[Excess]:
    """Everybody's excess in one future, by year and test, the largest first.

    Args:
        connection: One through which the published tables are read.
        scenario: The scenario.
        seed: The future.
    """
    return [Excess(*row) for row in connection.cursor().execute(_OF_A_FUTURE, [scenario, seed]).fetchall()]


EXCESS_HEADS = ("scenario", "year", "test", "seed", "employee", "counted", "excess")
#: So many people of one test are printed: those with most excess.
SHOWN = 10


def excess_rows(found: Sequence[Excess]) -> Iterator[list[str]]:
    """The first people of each test as they are read, under EXCESS_HEADS; how many more there are stands after them."""
    place: dict[tuple[str, int, str], int] = {}
    for one in found:
        test = (one.scenario, one.year, one.test)
        place[test] = place.get(test, 0) + 1
        cells = [one.scenario, str(one.year), one.test, str(one.seed)]
        if place[test] <= SHOWN:
            yield [*cells, one.employee, f"{one.contribution:,.2f}", f"{one.excess:,.2f}"]
        elif place[test] == one.people:
            yield [*cells, f"and {one.people - SHOWN:,} more", "", ""]
