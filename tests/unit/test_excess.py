"""Dollar leveling by hand, from published tables: futures apart, ties to the cent, and who is in no test."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from planwise_assets.results.excess import read_excess, read_future

#: Of each seed: the failed test's excess, and the highly compensated with what they deferred and were matched.
PEOPLE: dict[int, tuple[str, float, list[tuple[str, int, int]]]] = {
    # BenefitsLink, 401(k) message board, question 30 of 4 June 1998: 7,000.00 first to 6,300.00, then both by 1,240.00.
    1: ("ADP", 3180, [("A", 4500, 0), ("B", 7000, 0), ("C", 3000, 0), ("D", 6300, 0)]),
    # By hand, by Treas. Reg. 1.401(k)-2(b)(2)(iii): A comes down to 8,960.00, then 760.00 of each are left of 4,560.00.
    2: ("ADP", 4560, [("A", 12000, 0), ("B", 8960, 0)]),
    # Three with 10.00 share 0.02 beyond the level: the first two a cent each. One who is in 415 alone (P) has none.
    3: ("ACP", 0.02, [("A", 0, 10), ("B", 0, 10), ("C", 0, 10), ("D", 0, 5), ("P", 0, 90)]),
    # More excess than money takes all of it.
    4: ("ADP", 30.01, [("A", 10, 0), ("B", 20, 0)]),
    5: ("", 0, [("A", 10, 0)]),
}
WHOSE: dict[int, list[tuple[str, float, float]]] = {
    1: [("B", 7000, 1940), ("D", 6300, 1240)],
    2: [("A", 12000, 3800), ("B", 8960, 760)],
    3: [("A", 10, 0.01), ("B", 10, 0.01)],
    4: [("B", 20, 20), ("A", 10, 10)],
    5: [],
}


@pytest.fixture
def published() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("""
            create table fct_nondiscrimination_tests (
                scenario_id varchar, seed bigint, simulation_year integer, test varchar, passed boolean,
                excess_amount decimal(18, 2)
            );
            create table fct_workforce_snapshot (
                scenario_id varchar, seed bigint, simulation_year integer, employee_id varchar, is_hce boolean,
                is_eligible boolean,
                employee_contribution decimal(18, 2), catch_up_contribution decimal(18, 2), employer_match decimal(18, 2)
            );
            create table fct_yearly_events (
                scenario_id varchar, seed bigint, simulation_year integer, employee_id varchar, event_type varchar,
                event_category varchar
            );
        """)
        for seed, (failed, excess, people) in PEOPLE.items():
            for test in ("ADP", "ACP"):
                row = ["a", seed, 2025, test, test != failed, excess if test == failed else 0]
                connection.execute("insert into fct_nondiscrimination_tests values (?, ?, ?, ?, ?, ?)", row)
            # The others of the plan, a highly compensated person who is not in it, and catch-up are no part of it.
            rows: list[tuple[Any, ...]] = [(who, True, True, deferred + 5, 5, matched) for who, deferred, matched in people]
            rows += [("N", False, True, 9000, 0, 90), ("X", True, False, 9000, 0, 90)]
            for who, is_hce, is_eligible, *money in rows:
                row = ["a", seed, 2025, who, is_hce, is_eligible, *money]
                connection.execute("insert into fct_workforce_snapshot values (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        # What is excess of the dollar limit of additions is cut already, and nobody's here.
        connection.execute("insert into fct_nondiscrimination_tests values ('a', 1, 2025, '415', false, 9)")
        connection.execute("insert into fct_yearly_events values ('a', 3, 2024, 'P', 'eligibility', 'long_term_part_time')")
        yield connection


@pytest.mark.parametrize("seed", PEOPLE)
def test_whose_it_is(published: duckdb.DuckDBPyConnection, seed: int) -> None:
    found = read_future(published, "a", seed)
    expected = [(who, Decimal(str(of)), Decimal(str(excess))) for who, of, excess in WHOSE[seed]]
    assert [(one.employee, one.contribution, one.excess) for one in found] == expected
    assert {one.test for one in found} == ({PEOPLE[seed][0]} if expected else set())


def test_a_part_timer_is_tested_until_being_in_by_part_time(published: duckdb.DuckDBPyConnection) -> None:
    published.execute("update fct_yearly_events set simulation_year = 2026")
    assert {one.employee for one in read_future(published, "a", 3)} == {"P"}


def test_of_several_futures_the_worst_is_shown(published: duckdb.DuckDBPyConnection) -> None:
    """4,560.00 of ADP in future 2; ACP fails in future 3 alone."""
    shown = read_excess(published, ["a"])
    assert [(one.test, one.seed, one.employee) for one in shown] == [
        *(("ADP", 2, who) for who in "AB"),
        *(("ACP", 3, who) for who in "AB"),
    ]
