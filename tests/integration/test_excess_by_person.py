"""Whose the excess of a failed test is, from a census and a study to what `planwise` says of it.

Where the expected numbers come from: a published answer (BenefitsLink, 401(k) message board, question 30 of 4 June 1998).
Four highly compensated defer 3, 5, 3 and 7 % of 150,000, 140,000, 100,000 and 90,000; the ceiling is 3.7 %.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from typer.testing import CliRunner

from planwise_assets.commands.cli import app
from planwise_assets.results.excess import SHOWN, Excess, excess_rows, read_future
from tests.harness import Simulation, census_file, simulation

STUDY: dict[str, Any] = {
    "study": "excess",
    "years": {"start": 2025, "end": 2025},
    "seeds": [1],
    "defaults": {
        "workforce": {"growth": 0, "termination_rate": 0, "new_hire_termination_rate": 0},
        "hazards": {"retirement": [{"min": 0, "rate": 0}], "promotion": {"base": 0}},
        "levels": {"uprating": 0, "merit_rate": 0},
        "compensation": {"cola": 0},
        "plan": {
            "auto_enrollment": {"enabled": False},
            "escalation": {"enabled": False},
            "voluntary": {"later_enrollment": 0},
            "changes": {"up_share": 0, "down_share": 0, "stop_share": 0},
        },
        "limits": {"overrides": {"hce_compensation_414q": {2025: 80_000}}},
    },
    "scenarios": {"fails": {}, "exempt": {"plan": {"safe_harbor": "basic", "vesting": {"match": "immediate"}}}},
}
#: Pay and deferral rate.
PEOPLE = {
    **{"A": (150_000, 0.03), "B": (140_000, 0.05), "C": (100_000, 0.03), "D": (90_000, 0.07)},
    **{"N1": (50_000, 0.0185), "N2": (40_000, 0.0185)},
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    folder = tmp_path_factory.mktemp("excess")
    common = {"birth_date": "1985-06-01", "hire_date": "2010-01-04", "enrollment_date": "2015-01-01"}
    rows = [
        common
        | {"employee_id": who, "annual_compensation": paid, "prior_year_compensation": paid, "deferral_rate": rate}
        | {"eligibility_date": "2010-01-04", "level_id": 3 if paid > 80_000 else 1}
        for who, (paid, rate) in PEOPLE.items()
    ]
    return simulation(folder, {**STUDY, "census": str(census_file(folder, rows))}).run().publish()


@pytest.fixture
def planwise(made: Simulation, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("PLANWISE_STUDY", str(made.project.settings.study_file))
    monkeypatch.setenv("PLANWISE_HOME", str(made.project.settings.home))

    def run(*words: str) -> str:
        result = CliRunner().invoke(app, list(words))
        assert result.exit_code == 0, result.output
        return result.stdout

    return run


def test_the_published_case(made: Simulation) -> None:
    in_all = made.query("select excess_amount from fct_nondiscrimination_tests where scenario_id = 'fails' and test = 'ADP'")
    assert in_all == [(3_180,)]
    with made.connect() as connection:
        found = [read_future(connection, scenario, 1) for scenario in ("fails", "exempt")]
    assert [(one.test, one.employee, one.contribution, one.excess) for one in found[0]] == [
        ("ADP", "B", 7_000, 1_940),
        ("ADP", "D", 6_300, 1_240),
    ]
    assert found[1] == []


def test_results_say_whose_it_is(planwise: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    told = json.loads(planwise("results", "--tests", "--json"))["excess_by_person"]
    assert [(row["scenario_id"], row["test"], row["employee_id"], row["excess"]) for row in told] == [
        ("fails", "ADP", "B", 1940.0),
        ("fails", "ADP", "D", 1240.0),
    ]
    # A program that reads lines has the tests alone.
    assert "1,940.00" not in planwise("results", "--tests")
    monkeypatch.setattr("planwise_assets.commands.plan_tests.is_terminal", lambda: True)
    said = planwise("results", "--tests")
    assert "1,940.00" in said
    assert "1,240.00" in said


def test_a_person_is_told(planwise: Any) -> None:
    assert "The ADP test of 2025 fails: 1,940.00 of this person's 7,000.00 are excess" in planwise("person", "B")
    (excess,) = json.loads(planwise("person", "D", "--json"))["excess"]
    assert (excess["contribution"], excess["excess"]) == (6300, 1240)
    assert "excess" not in planwise("person", "A")
    assert "excess" not in planwise("person", "B", "--scenario", "exempt")


def test_of_many_people_the_first_are_shown_and_the_rest_are_counted() -> None:
    many = [Excess("a", 2025, "ADP", 1, f"E{n}", Decimal(100), Decimal(50 - n), SHOWN + 2) for n in range(SHOWN + 2)]
    shown = list(excess_rows(many))
    assert len(shown) == SHOWN + 1
    assert shown[-1][4:] == ["and 2 more", "", ""]
