"""The plan's tests over seeds: rates, margins and the way back to a limit, by hand and by search."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import duckdb
import pytest

from planwise_assets.results.compliance import PlanTest, others_needed, outcome_rows, read_plan_tests

# Three futures. The others average 5 %, so the limit is 7 %: margins of 0.31, 0.20 and -0.05 points.
ROWS = """
    create table fct_nondiscrimination_tests as
    select *, cast(threshold_ as decimal(9, 6)) as threshold, excess_ :: decimal(18, 2) as excess_amount from (values
        ('a', 1, 2025, 'ADP', 'current', 0.0669::decimal(9, 6), 0.05::decimal(9, 6), 0.07, true, 0),
        ('a', 2, 2025, 'ADP', 'current', 0.0680, 0.05, 0.07, true, 0),
        ('a', 3, 2025, 'ADP', 'current', 0.0705, 0.05, 0.07, false, 1500),
        ('a', 1, 2025, 'ACP', 'safe_harbor', 0.04, 0.03, 0.05, true, 0),
        ('a', 2, 2025, 'ACP', 'safe_harbor', 0.04, 0.03, 0.05, true, 0),
        ('a', 3, 2025, 'ACP', 'safe_harbor', 0.06, 0.03, 0.05, true, 0),
        ('a', 1, 2025, '415', 'individual', null, null, null, true, 0),
        ('a', 2, 2025, '415', 'individual', null, null, null, true, 30),
        ('a', 3, 2025, '415', 'individual', null, null, null, true, 0)
    ) as t (scenario_id, seed, simulation_year, test, method, hce_rate, nhce_rate, threshold_, passed, excess_)
"""


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute(ROWS)
        yield opened


def by_test(connection: duckdb.DuckDBPyConnection) -> dict[str, PlanTest]:
    return {outcome.test: outcome for outcome in read_plan_tests(connection, ["a"])}


def test_a_test_fails_in_some_futures_by_some_margin(connection: duckdb.DuckDBPyConnection) -> None:
    adp = by_test(connection)["ADP"]
    assert (adp.failed, adp.seeds, adp.says) == (1, 3, "fails in 1 of 3")
    assert adp.hce_rate == pytest.approx((0.0669 + 0.068 + 0.0705) / 3)
    assert (adp.nhce_rate, adp.limit) == (0.05, 0.07)
    assert adp.margin == pytest.approx((0.0031 + 0.0020 - 0.0005) / 3)
    assert adp.worst == pytest.approx(-0.0005)
    assert (adp.excess, adp.worst_excess) == (500, 1500)


def test_what_would_have_to_change_is_said_of_the_worst_future(connection: duckdb.DuckDBPyConnection) -> None:
    # 7.05 % passes at a limit of 7.05 %: with the others at 5.05 %, two points below.
    assert by_test(connection)["ADP"].remedy() == (
        "ADP of 2025: In the worst of the futures the highly compensated's average of 7.05% must fall by 0.05 points to "
        "7.00%, or the others' 5.00% rise by 0.05 points to 5.05%; else $1,500 of theirs is excess."
    )


def test_an_exempt_test_passes_whatever_its_rates(connection: duckdb.DuckDBPyConnection) -> None:
    acp = by_test(connection)["ACP"]
    assert (acp.says, acp.failed, acp.remedy()) == ("exempt", 0, None)
    assert acp.worst == pytest.approx(-0.01)


def test_additions_have_no_average(connection: duckdb.DuckDBPyConnection) -> None:
    tests = by_test(connection)
    assert (tests["415"].says, tests["415"].margin, tests["415"].worst_excess) == ("passed", None, 30)
    assert list(tests) == ["ADP", "ACP", "415"]
    shown = list(outcome_rows(list(tests.values())))
    assert " ".join(shown[0]) == "a 2025 ADP fails in 1 of 3 6.85% 5.00% 7.00% +0.15 pt -0.05 pt 500 1,500"
    assert " ".join(shown[2]) == "a 2025 415 passed - - - - - 10 30"


def test_outcomes_of_tests_are_never_added_up(connection: duckdb.DuckDBPyConnection) -> None:
    assert "8 of 9" not in str(list(outcome_rows(read_plan_tests(connection, ["a"]))))


def test_the_others_that_are_needed_are_the_least_that_pass() -> None:
    """By search over every average of 0.01 %, with the statute's own limit."""
    step = Decimal("0.0001")
    others = [step * place for place in range(2600)]
    limits = [max(n * Decimal("1.25"), min(2 * n, n + Decimal("0.02"))) for n in others]
    for place in range(0, 2600, 7):
        highly = step * place
        assert others_needed(highly) == next(n for n, limit in zip(others, limits, strict=True) if limit >= highly)


def test_how_often_a_test_fails_is_said_from_ten_futures_on(connection: duckdb.DuckDBPyConnection) -> None:
    few = by_test(connection)["ADP"].as_json()
    assert (few["failed"], few["seeds"]) == (1, 3)
    assert (few["share_failed"], few["share_failed_low_95"], few["share_failed_high_95"]) == (None, None, None)
    assert by_test(connection)["ADP"].chance_text == "withheld: 3 of 10 seeds"
    connection.execute(
        "insert into fct_nondiscrimination_tests select * exclude (more) replace (seed + 10 * more as seed) "
        "from fct_nondiscrimination_tests, range(1, 4) as further (more)"
    )
    many = by_test(connection)["ADP"].as_json()
    assert (many["failed"], many["seeds"], many["share_failed"]) == (4, 12, pytest.approx(1 / 3))
    assert many["share_failed_low_95"] < 1 / 3 < many["share_failed_high_95"]
    assert by_test(connection)["ADP"].chance_text == "33% (14% to 61%)"
    assert by_test(connection)["ACP"].chance_text == "-", "a safe harbor takes its place"
