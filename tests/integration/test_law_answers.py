"""Coverage, general test, top-heavy, the otherwise excludable and corrections of simulated people, beside the oracle.

Two years of some two hundred people: part of them left out by the plan, in a union, aliens, part-timers, officers, owners;
three plans: core by age that rises too fast, core by service with entry conditions, a safe harbor.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from planwise_assets.commands.cli import app
from planwise_assets.intake.law_facts import LawFacts, law_facts
from planwise_assets.results.excess import read_excess
from planwise_assets.results.law import apart, coverage, general, match_rates, people, top_heavy
from planwise_assets.results.law.answers import LawAnswers, law_answers
from planwise_assets.results.law.outcome import LawOutcome
from planwise_assets.results.provenance import Published, read_published
from planwise_assets.study.law.general_test import annuity_factors
from tests.harness import Simulation, census_file, simulation
from tests.oracle import law_oracle
from tests.oracle.law_oracle import Plan, Row

#: IRC 416(i)(1)(A), 401(a)(17) and the wage base: Notice 2024-80, 2025-67; SSA.
OFFICERS_PAY = {2025: 230_000, 2026: 235_000}
PAY_LIMIT = {2025: 350_000, 2026: 360_000}
WAGE_BASE = {2025: 176_100, 2026: 184_500}

STUDY: dict[str, Any] = {
    "study": "law",
    "years": {"start": 2025, "end": 2026},
    "seeds": [7],
    "scenarios": {
        "by_age": {
            "plan": {
                "match": {"employed_at_year_end": True, "minimum_hours": 600},
                "core": {
                    "employed_at_year_end": True,
                    "by_age": [
                        {"min": 0, "max": 30, "rate": 0.01},
                        {"min": 30, "max": 50, "rate": 0.03},
                        {"min": 50, "rate": 0.12},
                    ],
                },
            }
        },
        "by_service": {
            "plan": {
                "eligibility": {
                    "minimum_age": 20,
                    "service_months": 6,
                    "entry_dates": "quarterly",
                    "hours_rule": True,
                },
                "core": {
                    "by_service": [
                        {"min": 0, "max": 6, "rate": 0.02},
                        {"min": 6, "max": 12, "rate": 0.03},
                        {"min": 12, "rate": 0.04},
                    ]
                },
            }
        },
        "graded_match": {
            "plan": {
                "match": {
                    "employed_at_year_end": True,
                    "by_service": [
                        {"min": 0, "max": 3, "tiers": [{"up_to": 0.04, "rate": 0.5}]},
                        {"min": 3, "max": 9, "tiers": [{"up_to": 0.04, "rate": 1}]},
                        {"min": 9, "tiers": [{"up_to": 0.06, "rate": 1}]},
                    ],
                }
            }
        },
        "safe": {"plan": {"safe_harbor": "basic", "vesting": {"match": "immediate"}}},
    },
}
PLANS = {
    "by_age": Plan(21, 0, 0, False, match_at_year_end=True, match_hours=600, core_at_year_end=True),
    "by_service": Plan(20, 6, 3, True),
    "graded_match": Plan(21, 0, 0, False, match_at_year_end=True, has_core=False),
    "safe": Plan(21, 0, 0, False, has_core=False),
}


def census() -> list[dict[str, Any]]:
    """People of all kinds, by arithmetic."""
    rows = []
    for n in range(220):
        highly = n % 6 == 0
        pay = 170_000 + 700 * n if highly else 30_000 + 350 * n
        # A union's members, aliens, and two of five others are left out.
        union, alien, left_out = n % 17 == 1, n % 29 == 2, not highly and n % 5 < 2
        # Some of the union are in the plan all the same: no coverage speaks of them, and no minimum is owed to them.
        covered = not (alien or left_out) and (not union or n % 34 == 1)
        rows.append({
            "employee_id": f"P{n:03}",
            "birth_date": f"{1960 + (n * 7) % 46}-{1 + n % 12:02}-{1 + n % 28:02}",
            "hire_date": f"{2024 - (n * 5) % 18}-{1 + (n * 3) % 12:02}-{1 + n % 27:02}",
            "annual_compensation": pay,
            "level_id": 4 if highly else 1 + n % 2,
            "scheduled_hours_per_week": 15 if n % 13 == 5 else 40,
            "deferral_rate": [0, 0.03, 0.08, 0.12][n % 3 if not highly else 3] if covered and n not in (108, 216) else 0,
            "plan_exclusion": "yes" if left_out else "no",
            "union_member": "yes" if union else "no",
            "nonresident_alien": "yes" if alien else "no",
            "officer": "yes" if highly and n % 12 == 0 else "no",
            "ownership_percent": {36: 30, 18: 3, 33: 8, 34: 3, 87: 8}.get(n, 0),
            "match_balance": 4_000_000 if n in (18, 36) or (n % 12 == 0 and n > 90) else 1_000,
            "core_balance": 0,
        })  # fmt: skip
    return rows


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    folder = tmp_path_factory.mktemp("law")
    return (
        simulation(folder, {**STUDY, "census": str(census_file(folder, census()))}).run(check=False, tested=False).publish()
    )


@pytest.fixture(scope="module")
def warehouse(made: Simulation) -> Iterator[duckdb.DuckDBPyConnection]:
    settings = made.project.settings
    with duckdb.connect(str(settings.warehouse(made.project.study.study)), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def published(warehouse: duckdb.DuckDBPyConnection) -> Published:
    return read_published(warehouse)


@pytest.fixture(scope="module")
def answers(made: Simulation, warehouse: duckdb.DuckDBPyConnection, published: Published) -> LawAnswers:
    facts = law_facts(made.project.study, published.last.census[1])
    return law_answers(warehouse, published, facts, read_excess(warehouse, published.scenarios))


@pytest.fixture(scope="module")
def rows(warehouse: duckdb.DuckDBPyConnection) -> dict[tuple[str, int], list[Row]]:
    found: dict[tuple[str, int], list[Row]] = {}
    cursor = warehouse.cursor().execute("select * from fct_workforce_snapshot order by employee_id")
    names = [column[0] for column in cursor.description or ()]
    for row in cursor.fetchall():
        one = dict(zip(names, row, strict=True))
        found.setdefault((one["scenario_id"], one["simulation_year"]), []).append(one)
    return found


@pytest.fixture(scope="module")
def part_time(warehouse: duckdb.DuckDBPyConnection) -> dict[tuple[str, int], set[str]]:
    events = warehouse.cursor().execute(
        "select scenario_id, simulation_year, employee_id from fct_yearly_events "
        "where event_type = 'eligibility' and event_category = 'long_term_part_time'"
    )
    found: dict[tuple[str, int], set[str]] = {(name, year): set() for name in PLANS for year in (2025, 2026)}
    for scenario, since, who in events.fetchall():
        for year in range(since, 2027):
            found[scenario, year].add(who)
    return found


PEOPLE = {row["employee_id"]: row for row in census()}
WORLDS = [(scenario, year) for scenario in PLANS for year in (2025, 2026)]


def one(answers: LawAnswers, scenario: str, year: int, test: str) -> LawOutcome:
    (found,) = [it for it in answers.outcomes if (it.scenario, it.year, it.test) == (scenario, year, test)]
    return found


@pytest.mark.parametrize(("scenario", "year"), WORLDS)
def test_coverage(answers: LawAnswers, rows: Any, part_time: Any, scenario: str, year: int) -> None:
    counting = law_oracle.who_counts(rows[scenario, year], PEOPLE, part_time[scenario, year], PLANS[scenario])
    average = law_oracle.average_benefits(counting)
    for source in ("deferrals", "match", *(["core"] if PLANS[scenario].has_core else [])):
        found = one(answers, scenario, year, f"coverage: {source}")
        counts = law_oracle.counted(counting, source)
        assert tuple(found.figures[name] for name in ("others", "others_in", "highly", "highly_in")) == counts
        assert found.figures["average_benefit_percentage"] == float(average or 0)
        safe, unsafe = law_oracle.harbors(counts[0], counts[2])
        assert (found.figures["safe_harbor_percentage"], found.figures["unsafe_harbor_percentage"]) == (
            float(safe),
            float(unsafe),
        )
        parts = [law_oracle.counted([it for it in counting if it.otherwise is which], source) for which in (False, True)]
        parts_pass = [
            law_oracle.passes(part, law_oracle.harbors(part[0], part[2])[0], average) for part in parts if any(part)
        ]
        passes = law_oracle.passes(counts, safe, average) or (len(parts_pass) > 1 and all(parts_pass))
        assert (found.says == "passed") is passes, found.because


def test_the_company_asks_for_every_rule(answers: LawAnswers) -> None:
    """Or the oracle would agree about nothing."""
    said = {(it.test, it.says) for it in answers.outcomes}
    ratios = [it.figures["ratio_percentage"] for it in answers.outcomes if it.test.startswith("coverage")]
    assert any(ratio < 0.7 for ratio in ratios)
    assert ("general test: core", "failed") in said
    assert ("top-heavy", "top-heavy") in said
    assert ("top-heavy", "exempt") in said
    assert ("top-heavy", "cannot be said") in said
    assert ("ADP apart", "failed") in said or ("ADP apart", "passed") in said


@pytest.mark.parametrize("year", [2025, 2026])
@pytest.mark.parametrize("scenario", ["by_age", "by_service"])
def test_the_general_test(answers: LawAnswers, rows: Any, part_time: Any, scenario: str, year: int) -> None:
    found = one(answers, scenario, year, "general test: core")
    everybody = law_oracle.who_counts(rows[scenario, year], PEOPLE, part_time[scenario, year], PLANS[scenario])
    counting = [it for it in everybody if it.counts["core"]]
    average, plan = law_oracle.average_benefits(everybody), law_oracle.counted(everybody, "core")
    ways: dict[str, list[tuple[int, bool]]] = {"allocation": [], "disparity": [], "benefits": []}
    rates: dict[bool, list[Fraction]] = {False: [], True: []}
    for it in counting:
        core, pay = Fraction(it.row["employer_core"]), Fraction(it.row["plan_compensation"])
        if not it.benefits["core"]:
            for way in ways.values():
                way.append((0, it.highly))
            continue
        rates[it.highly].append(Fraction(law_oracle.half_up(10_000 * core / pay), 10_000))
        adjusted = law_oracle.with_disparity(core, pay, Fraction(WAGE_BASE[year]))
        age = it.row["age_at_year_end"]
        ways["allocation"].append((law_oracle.half_up(10_000 * core / pay), it.highly))
        ways["disparity"].append((law_oracle.half_up(10_000 * adjusted), it.highly))
        ways["benefits"].append((law_oracle.benefit_rate(core, pay, age, annuity_factors()), it.highly))
    expected = {way: law_oracle.failing_groups(of, plan, average) for way, of in ways.items()}
    assert {way: (found.figures["rate_groups_failing"][way], found.figures["rate_groups"][way]) for way in ways} == expected
    assert found.figures["lowest_rate"] == float(min(rates[False]))
    assert found.figures["highest_hce_rate"] == float(max(rates[True]))
    gateway = scenario == "by_service" or min(rates[False]) * 3 >= max(rates[True])
    assert found.figures["gateway"] is gateway
    ways_that_pass = [way for way, (bad, _) in expected.items() if not bad and (gateway or way != "benefits")]
    assert found.figures["way"] == (ways_that_pass[0] if ways_that_pass else None)
    assert found.says == ("passed" if ways_that_pass else "failed")


@pytest.mark.parametrize("year", [2025, 2026])
def test_rates_of_a_graded_match(answers: LawAnswers, rows: Any, part_time: Any, year: int) -> None:
    """The group of each highly compensated person's rate: 2, 4 and 6 % of pay by 0, 3 and 9 years of service."""
    found = one(answers, "graded_match", year, "match rates")
    everybody = law_oracle.who_counts(
        rows["graded_match", year], PEOPLE, part_time["graded_match", year], PLANS["graded_match"]
    )
    promised = []
    for it in everybody:
        served = it.row["tenure_years_at_year_end"]
        rate = 0 if not it.benefits["match"] else 2 if served < 3 else 4 if served < 9 else 6
        if it.counts["match"]:
            promised.append((rate, it.highly))
    others, highly = (sum(of is which for _, of in promised) for which in (False, True))
    ratios = {}
    for rate in {rate for rate, of in promised if of and rate}:
        above = [of for it, of in promised if it >= rate]
        ratios[rate] = Fraction(above.count(False) * highly, others * above.count(True))
    lowest = min(ratios.values())
    assert found.figures["ratio_percentage"] == float(lowest)
    safe, unsafe = law_oracle.harbors(others, highly)
    expected = (
        "passed" if lowest >= min(safe, Fraction(7, 10)) else "failed" if lowest < unsafe else "facts and circumstances"
    )
    assert found.says == expected


@pytest.mark.parametrize("scenario", ["by_age", "by_service"])
def test_top_heavy(answers: LawAnswers, rows: Any, part_time: Any, scenario: str) -> None:
    assert one(answers, scenario, 2025, "top-heavy").says == "cannot be said"
    found = one(answers, scenario, 2026, "top-heavy")
    key = law_oracle.key_people(rows[scenario, 2025], PEOPLE, OFFICERS_PAY[2025])
    money = law_oracle.balances(rows[scenario, 2025], [])
    share = Fraction(sum(money[who] for who in key), sum(money.values()))
    assert (found.figures["key_employees"], found.figures["key_share"]) == (len(key), pytest.approx(float(share)))
    assert (found.says == "top-heavy") is (share > Fraction(6, 10))
    union = {who for who, row in PEOPLE.items() if row["union_member"] == "yes"}
    cost = law_oracle.minimum_cost(rows[scenario, 2026], key, part_time[scenario, 2026] | union, PAY_LIMIT[2026])
    assert found.figures["minimum_cost"] == (cost / 100 if share > Fraction(6, 10) else 0)


@pytest.mark.parametrize(("scenario", "year"), [it for it in WORLDS if it[0] != "safe"])
def test_the_otherwise_excludable_apart(answers: LawAnswers, rows: Any, part_time: Any, scenario: str, year: int) -> None:
    everybody = law_oracle.who_counts(rows[scenario, year], PEOPLE, part_time[scenario, year], PLANS[scenario])
    for test in ("ADP", "ACP"):
        ratios: dict[tuple[bool, bool], list[int]] = {
            (highly, other): [] for highly in (False, True) for other in (False, True)
        }
        for it in everybody:
            if it.row["is_eligible"]:
                money = law_oracle.cents(
                    it.row["employee_contribution"] - it.row["catch_up_contribution"]
                    if test == "ADP"
                    else it.row["employer_match"]
                )
                pay = law_oracle.cents(it.row["plan_compensation"])
                ratio = law_oracle.half_up(Fraction(10_000 * money, pay)) if pay else 0
                ratios[it.highly, it.otherwise].append(ratio)
        found = one(answers, scenario, year, f"{test} apart")
        if found.says == "not needed":
            continue
        highly = law_oracle.mean(ratios[True, False] + ratios[True, True])
        others = law_oracle.mean(ratios[False, False])
        assert (found.figures["hce_rate"], found.figures["nhce_rate"]) == ((highly or 0) / 10_000, (others or 0) / 10_000)


#: Each condition of the SQL, undone.
DEFECTS = [
    (people, "_QUERY", "not works_a_year or", ""),
    (people, "_QUERY", "to_years(1)", "to_years(0)"),
    (people, "_QUERY", "to_years(21)", "to_years(30)"),
    (people, "_QUERY", "works_a_year or not hours_rule", "true"),
    (people, "_QUERY", "and not is_union", ""),
    (people, "_QUERY", "and not is_alien", ""),
    (people, "_QUERY", "(is_excluded and could_be_in)", "is_excluded"),
    (people, "_QUERY", "or (is_excluded and could_be_in)", ""),
    (people, "_QUERY", "is_there or not match_at_year_end", "true"),
    (people, "_QUERY", "hours >= match_hours", "true"),
    (people, "_QUERY", "hours <= 500", "false"),
    (top_heavy, "_MONEY", "and not coalesce(facts.is_union, false)", ""),
    (people, "_QUERY", "is_eligible and not is_there and hours", "not is_there and hours"),
    (people, "_QUERY", "employer_core > 0", "true"),
    (people, "_QUERY", "employee_contribution - catch_up_contribution", "employee_contribution"),
    (coverage, "_AVERAGE_BENEFITS", "+ core_cents", ""),
    (general, "RATES", "57 *", "0 *"),
    (general, "RATES", "2 * pay_cents - wage_base_cents", "2 * pay_cents"),
    (general, "RATES", "* factor", ""),
    (general, "_GATEWAY", "min(rate)", "max(rate)"),
    (top_heavy, "_MONEY", "- forfeited_match", ""),
    (top_heavy, "_MONEY", "+ deferred_cents", ""),
    (top_heavy, "_MONEY", "owns > 5", "false"),
    (top_heavy, "_MONEY", "and paid_cents > 15000000", ""),
    (top_heavy, "_MONEY", "place <= officers_at_most", "false"),
    (top_heavy, "_MONEY", "employment_status = 'active' and is_eligible", "is_eligible"),
    (top_heavy, "_PAID", "not is_key_now", "true"),
    (match_rates, "_COUNTS", "and counts_for_match", ""),
    (match_rates, "_COUNTS", "gets_match, count", "true, count"),
    (apart, "_AVERAGES", "not is_hce and not is_otherwise_excludable", "not is_hce"),
]


@pytest.mark.parametrize("defect", DEFECTS, ids=[f"{of[1]}: {of[2]}" for of in DEFECTS])
def test_each_condition_decides_something(
    made: Simulation, answers: LawAnswers, monkeypatch: pytest.MonkeyPatch, defect: tuple[Any, str, str, str]
) -> None:
    """What the oracle agrees with changes when a condition is undone: a seeded defect is noticed."""
    module, name, rule, undone = defect
    assert rule in getattr(module, name)
    monkeypatch.setattr(module, name, getattr(module, name).replace(rule, undone))
    with duckdb.connect(str(made.project.settings.warehouse("law")), read_only=True) as connection:
        told = read_published(connection)
        facts = law_facts(made.project.study, told.last.census[1])
        found = law_answers(connection, told, facts, read_excess(connection, told.scenarios))
    assert [it.as_json() for it in found.outcomes] != [it.as_json() for it in answers.outcomes]


def test_corrections_add_up(answers: LawAnswers, warehouse: duckdb.DuckDBPyConnection) -> None:
    """Refund and catch-up are the excess; a QNEC lifts the others' average to the least that passes."""
    assert answers.corrections
    for way in answers.corrections:
        for share in way.people:
            assert share.catch_up + share.refund == share.excess
            assert share.lost_match >= 0
        assert way.qnec is not None
        assert way.qnec > 0
        assert (way.qmac is not None) is (way.test == "ACP")


def test_without_the_census_each_answer_says_so(warehouse: duckdb.DuckDBPyConnection, published: Published) -> None:
    gone = law_answers(warehouse, published, LawFacts(missing="the census people.csv is gone"), [])
    for it in gone.outcomes:
        if it.says not in ("not needed", "exempt"):
            assert "the census people.csv is gone" in it.because, it


def test_results_say_it(made: Simulation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANWISE_STUDY", str(made.project.settings.study_file))
    monkeypatch.setenv("PLANWISE_HOME", str(made.project.settings.home))
    told = CliRunner().invoke(app, ["results", "--tests", "--json"])
    assert told.exit_code == 0, told.output
    read = json.loads(told.stdout)
    assert {row["test"] for row in read["law"]} >= {"coverage: deferrals", "general test: core", "top-heavy"}
    assert read["corrections"]
    lines = CliRunner().invoke(app, ["results", "--tests"]).stdout.splitlines()
    (safe,) = [line for line in lines if line.startswith("safe ") and "general test" in line]
    assert "2025-2026" in safe
    assert "not needed" in safe
    told = CliRunner().invoke(app, ["results", "--tests", "--format", "csv"])
    blocks = told.stdout.split("\n\n")
    heads, *rows_of_law = csv.reader(blocks[1].splitlines())
    assert heads == ["scenario", "years", "test", "law", "outcome", "why"]
    assert {row[2] for row in rows_of_law} == {row["test"] for row in read["law"]}
    refused = CliRunner().invoke(app, ["results", "--format", "csv"])
    assert (refused.exit_code, "--format is of --tests" in refused.stderr) == (2, True)


def test_a_census_that_changed_is_not_asked(made: Simulation, published: Published) -> None:
    facts = law_facts(made.project.study, "another")
    assert facts.people == ()
    assert "is not the one of these results any more" in facts.missing
    known = law_facts(made.project.study, published.last.census[1])
    assert {it.employee for it in known.people if it.is_union} == {f"P{n:03}" for n in range(220) if n % 17 == 1}
    assert {it.employee: it.owns for it in known.people if it.owns} == {
        "P036": 30,
        "P018": 3,
        "P033": 8,
        "P034": 3,
        "P087": 8,
    }
