"""The law by hand: what would correct a failed test, the regulations' examples through the SQL, settings read back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest

from planwise_assets.results.excess import read_excess
from planwise_assets.results.law.apart import Part, average
from planwise_assets.results.law.corrections import Correction, correction_rows, corrections
from planwise_assets.results.law.general import general_test
from planwise_assets.results.law.outcome import LawOutcome, law_rows
from planwise_assets.results.law.partial_termination import partial_termination
from planwise_assets.results.law.plan_of_year import MatchBand, PlanOfYear, in_year, limit_in_dollars, plan_of_year
from planwise_assets.study.file.load import load_study
from planwise_assets.study.law.general_test import Band
from planwise_assets.study.law.legal_limits import limit_of
from tests.report_data import published as published_of

HALF = MatchBand(0, None, ((Fraction("0.06"), Fraction(1, 2)),))
PLAN = PlanOfYear(
    scenario="a",
    year=2025,
    adopted=date(2010, 1, 1),
    minimum_age=21,
    service_months=0,
    entry_months=0,
    hours_rule=False,
    safe_harbor="none",
    method="current",
    has_roth=True,
    retirement_age=65,
    core_by="",
    core=(Band(0, None, Fraction(0)),),
    has_excess_rate=False,
    is_uniform=True,
    core_conditions=(False, 0),
    match_by="",
    match=(HALF,),
    match_conditions=(False, 0),
    match_at_most=None,
)


@pytest.fixture
def published() -> Iterator[duckdb.DuckDBPyConnection]:
    """The published case of four (test_excess.py), with ages and pay: ADP 4.5 %, the others 1.85 %, ceiling 3.7 %.

    BenefitsLink, 401(k) message board, question 30 of 4 June 1998: of 3,180.00 excess B has 1,940.00 and D 1,240.00.
    """
    with duckdb.connect() as connection:
        connection.execute("""
            create table fct_nondiscrimination_tests as
            select 'a' as scenario_id, 1::bigint as seed, 2025 as simulation_year, 'ADP' as test, false as passed,
                3180.00::decimal(18, 2) as excess_amount, 0.045::decimal(9, 6) as hce_rate,
                0.0185::decimal(9, 6) as nhce_rate;
            create table fct_yearly_events (
                scenario_id varchar, seed bigint, simulation_year integer, employee_id varchar, event_type varchar,
                event_category varchar
            );
            create table fct_workforce_snapshot (
                scenario_id varchar, seed bigint, simulation_year integer, employee_id varchar, is_hce boolean,
                is_eligible boolean, age_at_year_end integer, tenure_years_at_year_end integer,
                plan_compensation decimal(18, 2), employee_contribution decimal(18, 2), catch_up_contribution decimal(18, 2),
                employer_match decimal(18, 2)
            );
        """)
        people: list[tuple[Any, ...]] = [
            *(("A", True, 40, 150_000, 4_500, 0), ("B", True, 55, 140_000, 7_000, 0), ("C", True, 40, 100_000, 3_000, 0)),
            *(("D", True, 40, 90_000, 6_300, 0), ("N", False, 40, 50_000, 925, 0), ("M", False, 40, 40_000, 740, 0)),
        ]
        for who, is_hce, age, pay, deferred, caught_up in people:
            matched = min(deferred, pay * 0.06) / 2
            row = ["a", 1, 2025, who, is_hce, True, age, 5, pay, deferred + caught_up, caught_up, matched]
            connection.execute(f"insert into fct_workforce_snapshot values ({', '.join('?' * len(row))})", row)
        yield connection


def ways(connection: duckdb.DuckDBPyConnection, plan: PlanOfYear = PLAN, room: int = 7_500) -> Correction:
    """The ways to correct its ADP test."""
    (found,) = corrections(connection, read_excess(connection, ["a"]), {("a", 2025): plan}, lambda *_: Decimal(room))
    return found


def test_refund_catch_up_and_lost_match(published: duckdb.DuckDBPyConnection) -> None:
    """B is 55 and has room: all 1,940.00 are catch-up. D's 6,300 - 1,240 are 5.62 % of 90,000: half of 0.38 % is lost.

    D deferred 7 %, matched to 6 %: 2,700.00; of 5,060.00 the match is 2,530.00.
    """
    found = ways(published)
    assert [(it.employee, it.catch_up, it.refund, it.lost_match) for it in found.people] == [
        ("B", Decimal("1940.00"), Decimal(0), Decimal(0)),
        ("D", Decimal(0), Decimal("1240.00"), Decimal("170.00")),
    ]
    assert found.sum("refund") + found.sum("catch_up") == 3_180


def test_room_for_catch_up_is_what_the_year_has_left(published: duckdb.DuckDBPyConnection) -> None:
    """With 1,000 of room 940.00 of B's are refunded; without Roth from 2026 on there is none (IRC 414(v)(7))."""
    assert ways(published, room=1_000).people[0].refund == 940
    published.execute("update fct_workforce_snapshot set catch_up_contribution = 7000, employee_contribution = 14000 "
                      "where employee_id = 'B'")  # fmt: skip
    assert ways(published).people[0].catch_up == 500


def test_the_annual_cap_of_the_match_holds(published: duckdb.DuckDBPyConnection) -> None:
    """D's match of 2,500.00 at a cap of 2,500.00 stays: 5,060.00 would earn 2,530.00."""
    published.execute("update fct_workforce_snapshot set employer_match = 2500 where employee_id = 'D'")
    assert ways(published, replace(PLAN, match_at_most=Decimal(2_500))).people[1].lost_match == 0


def test_what_a_qnec_costs(published: duckdb.DuckDBPyConnection) -> None:
    """4.50 % passes beside 2.50 %: the larger of 1.25 n and the smaller of 2 n and n + 2 points. So 0.65 % of 90,000."""
    found = ways(published)
    assert (found.qnec_rate, found.qnec, found.qmac) == (Fraction(65, 10_000), Decimal("585.00"), None)
    (row,) = correction_rows([found])
    assert row[4:] == ["2", "3,180.00", "1,940.00", "1,240.00", "170.00", "585.00", "0.65%", "-"]


def test_by_the_prior_year_method_a_qnec_comes_too_late(published: duckdb.DuckDBPyConnection) -> None:
    assert ways(published, replace(PLAN, method="prior")).qnec is None


def test_a_qmac_of_acp(published: duckdb.DuckDBPyConnection) -> None:
    """The others' match of 832.50 is 0.925 % of pay; with 4.5 % of the highly compensated 2.5 % is needed: 1,417.50 more."""
    published.execute("update fct_nondiscrimination_tests set test = 'ACP', nhce_rate = 0.00925")
    found = ways(published)
    assert found.qmac == Decimal("1417.50")
    assert found.sum("refund") == found.sum("excess")
    assert found.sum("lost_match") == 0


def law_people(rows: list[tuple[str, int, int, int]], wage_base: int = 176_100) -> Iterator[LawOutcome]:
    """The general test of people given by name (H or N), age, pay and core contribution, in dollars."""
    connection = duckdb.connect()
    connection.execute("""
        create temp table law_people (
            scenario_id varchar, seed bigint, simulation_year integer, employee_id varchar, is_hce boolean, is_there boolean,
            is_eligible boolean, is_otherwise_excludable boolean, has_match boolean, has_core boolean, gets_match boolean,
            gets_core boolean, age integer, service integer, counts_for_match boolean, counts_for_core boolean,
            pay_cents bigint, deferral_cents bigint, match_cents bigint, core_cents bigint
        )
    """)
    for who, age, pay, core in rows:
        values = ["a", 1, 2025, who, who[0] == "H", True, True, False, False, True, False, core > 0, age, 5, False, True]
        values += [pay * 100, 0, 0, core * 100]
        connection.execute(f"insert into law_people values ({', '.join('?' * len(values))})", values)
    bands = (Band(0, 40, Fraction(2, 100)), Band(40, None, Fraction(9, 100)))
    plan = replace(PLAN, core_by="age", core=bands, is_uniform=False)
    return general_test(connection, [plan], {("a", 2025): wage_base * 100}, "")


def test_rate_groups_of_the_regulation() -> None:
    """Treas. Reg. 1.401(a)(4)-2(c)(4), Examples 2 and 3, quoted from memory: 5 % for all but H2 (7.5 %), then N4 has 8 %.

    The average benefit percentage of the second is (5 + 5 + 5 + 8) / 4 of 6.25: 92 %, at least 70 %.
    """
    people = [("H1", 40, 200_000, 10_000), ("H2", 40, 200_000, 15_000), *((f"N{n}", 40, 50_000, 2_500) for n in range(1, 4))]
    (second,) = law_people([*people, ("N4", 40, 50_000, 2_500)])
    assert (second.figures["rate_groups"]["allocation"], second.figures["rate_groups_failing"]["allocation"]) == (2, 1)
    (third,) = law_people([*people, ("N4", 40, 50_000, 4_000)])
    assert (third.says, third.figures["way"]) == ("passed", "allocation")


def test_disparity_of_the_regulation() -> None:
    """Treas. Reg. 1.401(a)(4)-7(b)(5), quoted from memory: M's 5 % of 30,000 are 10 %, N's 8 % of 100,000 10.76 %.

    So by allocation rates H (8 %) is alone above N (5 %); imputed he still is, as 10.76 % is above 10 %. With 5.4 % for N
    it is 10.8 % beside 10.76 %: the rate group passes.
    """
    (apart,) = law_people([("H", 40, 100_000, 8_000), ("N", 40, 30_000, 1_500)], 51_300)
    assert apart.figures["rate_groups_failing"]["disparity"] == 1
    (together,) = law_people([("H", 40, 100_000, 8_000), ("N", 40, 30_000, 1_620)], 51_300)
    assert (together.figures["rate_groups_failing"]["allocation"], together.says) == (1, "passed")
    assert together.figures["way"] == "disparity"


def test_cross_testing_passes_where_the_gateway_is_kept() -> None:
    """By hand: 9 % at 60 buy less a year than 3 % at 30: 9 x 1.085^5 = 13.53 against 3 x 1.085^35 = 52.15, of 7.95."""
    old, young = ("H", 60, 200_000, 18_000), ("N", 30, 50_000, 1_500)
    (passes,) = law_people([old, young])
    assert (passes.says, passes.figures["way"], passes.figures["gateway"]) == ("passed", "benefits", True)
    assert "UP-1984" in passes.because
    (fails,) = law_people([old, ("N", 30, 50_000, 1_400)])
    assert (fails.says, fails.figures["gateway"]) == ("failed", False)
    assert "not kept" in fails.because


@pytest.mark.parametrize(("let_go", "says"), [(0, "not needed"), (19, "not presumed"), (20, "presumed")])
def test_a_fifth_let_go_is_presumed_a_partial_termination(let_go: int, says: str) -> None:
    """Rev. Rul. 2007-43, by hand: of 100 participants 19 are below and 20 at the presumption; 5 more left by themselves.

    Each left 100.00 unvested: 2,000.00 would not be forfeited. Ten people who are not in the plan do not count.
    """
    with duckdb.connect() as connection:
        connection.execute(f"""
            create table fct_workforce_snapshot as
            select
                'a' as scenario_id, 1::bigint as seed, 2025 as simulation_year, 'P' || n as employee_id,
                n < 100 as is_eligible, if(n < 25, 60.00, 0)::decimal(18, 2) as forfeited_match,
                if(n < 25, 40.00, 0)::decimal(18, 2) as forfeited_core
            from range(110) as numbers (n);
            create table fct_yearly_events as
            select scenario_id, seed, simulation_year, employee_id, 'termination' as event_type,
                if(n < {let_go} or n >= 100, 'reduction', 'experienced') as event_category
            from range(110) as numbers (n)
            inner join fct_workforce_snapshot on employee_id = 'P' || n
            where n < 25 or n >= 100
        """)
        (found,) = partial_termination(connection)
    assert found.says == says
    if let_go:
        assert found.figures["turnover"] == let_go / 100
        assert found.figures["forfeited"] == let_go * 100


def test_years_with_the_same_answer_are_one_line() -> None:
    said = [LawOutcome("a", year, "top-heavy", "IRC 416", "exempt", "So.") for year in (2025, 2026)]
    assert list(law_rows([*said, replace(said[0], year=2027, says="top-heavy")])) == [
        ["a", "2025-2026", "top-heavy", "IRC 416", "exempt", "So."],
        ["a", "2027", "top-heavy", "IRC 416", "top-heavy", "So."],
    ]


def test_a_setting_in_a_year() -> None:
    assert [in_year("0.03 from 2025, 0.02 from 2027", year) for year in (2025, 2026, 2027)] == ["0.03", "0.03", "0.02"]
    assert in_year("none", 2025) == "none"


@pytest.mark.parametrize(
    ("others", "highly", "passes"),
    [(200, 400, True), (200, 401, False), (500, 700, True), (500, 701, False), (1_000, 1_250, True), (1_000, 1_251, False)],
)
def test_a_part_is_tested_as_a_plan(others: int, highly: int, passes: bool) -> None:
    """IRC 401(k)(3)(A)(ii), by hand: beside 2 % pass 4 %, beside 5 % pass 7 %, beside 10 % pass 12.5 %."""
    assert Part(highly, others).passes is passes
    assert Part(None, others).passes
    assert Part(highly, None).passes


def test_averages_are_to_a_hundredth_of_a_per_cent() -> None:
    """Treas. Reg. 1.401(k)-2(a)(2)(i): of 3.00 and 3.01 % it is 3.01 %, halves up."""
    assert average(301 + 300, 2) == 301
    assert average(300 + 300 + 301, 3) == 300
    assert average(None, 0) is None


def test_a_limit_is_that_of_the_results(tmp_path: Path) -> None:
    """An override of the study, an announced value (Notice 2025-67), and one projected by the study's own growth."""
    own = {"limits": {"cpi": {2025: 0.03, 2027: 0.05}, "overrides": {"catch_up_414v": {2026: 9_000, 2027: 9_500}}}}
    made = published_of(tmp_path, {"a": own}, 1)
    assert limit_in_dollars(made, "a", "catch_up_414v", 2026) == 9_000
    assert limit_in_dollars(made, "a", "catch_up_414v", 2027) == 9_500
    assert limit_in_dollars(made, "a", "key_employee_416", 2026) == 235_000
    study = load_study(tmp_path / "study.yaml").scenarios["a"].limits
    for name in ("catch_up_414v", "key_employee_416", "compensation_401a17", "social_security_wage_base"):
        expected = limit_of(name, 2029, study, 2025).value_cents
        assert limit_in_dollars(made, "a", name, 2029) * 100 == expected


def test_a_plan_of_a_year_is_read_back_from_the_words_of_the_results(tmp_path: Path) -> None:
    own = {
        "plan": {
            "eligibility": {"minimum_age": {2025: 21, 2027: 18}, "entry_dates": "quarterly"},
            "match": {
                "by_points": [{"min": 0, "max": 50, "tiers": []}, {"min": 50, "tiers": [{"up_to": 0.04, "rate": 0.5}]}]
            },
            "core": {"rate": {2025: 0, 2026: 0.02}},
        }
    }
    made = published_of(tmp_path, {"a": own}, 1)
    first, later = plan_of_year(made, "a", 2025), plan_of_year(made, "a", 2027)
    assert (first.minimum_age, later.minimum_age, first.entry_months) == (21, 18, 3)
    assert (first.has_core, later.has_core, later.is_uniform) == (False, True, True)
    assert (first.match_by, first.promise(49), first.promise(50)) == ("points", 0, Fraction("0.02"))
    assert first.match_of(Fraction("0.03"), 60) == Fraction("0.015")
