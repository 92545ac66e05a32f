"""Whose the excess of a failed test is: the people of the future in which it is largest, and what each put in.

Belongs here: reading fct_excess_contributions for people. Does not: the leveling (that model), the tests (compliance.py).
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


_IN_THE_WORST_FUTURE = """
    with futures as (
        select scenario_id, simulation_year, test, seed, sum(excess_amount) as excess, count(*) as people
        from fct_excess_contributions
        group by scenario_id, simulation_year, test, seed
        qualify row_number() over (partition by scenario_id, simulation_year, test order by excess desc, seed) = 1
    )

    select scenario_id, simulation_year, test, seed, employee_id, contribution, excess_amount, people
    from fct_excess_contributions
    inner join futures using (scenario_id, simulation_year, test, seed)
    order by simulation_year, test desc, excess_amount desc, contribution desc, employee_id
"""


_OF_A_PERSON = """
    select scenario_id, simulation_year, test, seed, employee_id, contribution, excess_amount, people
    from (
        select *, count(*) over (partition by simulation_year, test) as people
        from fct_excess_contributions
        where scenario_id = ? and seed = ?
    )
    where employee_id = ?
    order by simulation_year, test desc
"""


def _is_published(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the table is there: a warehouse from before it is shown all the same, with a word that it is older."""
    return bool(connection.execute("from duckdb_tables() where table_name = 'fct_excess_contributions'").fetchall())


def read_excess(connection: duckdb.DuckDBPyConnection, order: list[str]) -> list[Excess]:
    """Everybody's excess by scenario, year and test, the largest first; of several futures the worst.

    Args:
        connection: A connection to the warehouse.
        order: The scenarios in the order in which they are shown.
    """
    if not _is_published(connection):
        return []
    rows = (Excess(*row) for row in connection.cursor().execute(_IN_THE_WORST_FUTURE).fetchall())
    return sorted(rows, key=lambda one: order.index(one.scenario))


def read_person(connection: duckdb.DuckDBPyConnection, scenario: str, seed: int, employee: str) -> list[Excess]:
    """One person's excess in one future, by year and test.

    Args:
        connection: A connection to the warehouse.
        scenario: The scenario.
        seed: The future.
        employee: The person.
    """
    if not _is_published(connection):
        return []
    rows = connection.cursor().execute(_OF_A_PERSON, [scenario, seed, employee]).fetchall()
    return [Excess(*row) for row in rows]


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
