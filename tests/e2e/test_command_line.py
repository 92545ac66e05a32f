"""Years from the command line, as CI runs them: `dagster job execute`, one process a year.

Proved: years follow each other with either executor and with or without DAGSTER_HOME; a year that may not start fails in
its set-up, says what to do, and writes nothing.

The expected files are those of the same study simulated in this process without Dagster (tests/harness.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.installation import STEPS, Installation, installation

pytestmark = pytest.mark.e2e

STUDY: dict[str, Any] = {
    "study": "ci",
    "census": "census.csv",
    "years": {"start": 2025, "end": 2028},
    "seeds": [1, 2],
    "resources": {"memory_gb": 2, "threads": 2},
    "scenarios": {"baseline": {}, "slower": {"workforce": {"growth": {2025: 0.03, 2026: 0.01}}}},
}


@pytest.fixture(scope="module")
def two_years(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """2025 and 2026, by two commands."""
    made = installation(tmp_path_factory.mktemp("ci") / "study", STUDY)
    for year in (2025, 2026):
        code, said = made.execute_year(year)
        assert code == 0, said
    return made


def steps_of_last_run(made: Installation) -> dict[str, set[str]]:
    """The steps of the last run, by how they ended."""
    ended: dict[str, set[str]] = {"STEP_SUCCESS": set(), "STEP_FAILURE": set()}
    for entry in made.events(made.runs()[-1].run_id):
        if entry.dagster_event and entry.dagster_event.event_type_value in ended and entry.step_key:
            ended[entry.dagster_event.event_type_value].add(entry.step_key)
    return ended


def test_years_one_after_another(two_years: Installation, tmp_path: Path) -> None:
    assert two_years.results() == two_years.undisturbed(tmp_path, [2025, 2026])
    assert steps_of_last_run(two_years) == {"STEP_SUCCESS": STEPS, "STEP_FAILURE": set()}


def test_the_next_year_anywhere_without_a_dagster_home(two_years: Installation, tmp_path: Path) -> None:
    """With the other executor, and a longer horizon and another later year in the study: neither touches 2025 and 2026."""
    made = two_years.copy(tmp_path / "study")
    changed = {**STUDY, "years": {"start": 2025, "end": 2030}, "scenarios": {**STUDY["scenarios"]}}
    changed["scenarios"]["slower"] = {"workforce": {"growth": {2025: 0.03, 2026: 0.01, 2027: 0.05}}}
    made.write_study(changed)
    here = tmp_path / "here"
    here.mkdir()

    code, said = made.execute_year(2027, folder=here, has_dagster_home=False, executor="multiprocess")

    assert code == 0, said
    assert list(here.iterdir()) == []
    assert made.results() == made.undisturbed(tmp_path / "undisturbed", [2025, 2026, 2027])


def test_a_year_out_of_order_is_refused(two_years: Installation) -> None:
    told = "2028 cannot start. 2027 has not been simulated to its end. Run 2027 first: planwise simulate --years 2027-2028"
    assert_refused(two_years, 2028, told)


def test_a_changed_census_is_refused(two_years: Installation, tmp_path: Path) -> None:
    made = two_years.copy(tmp_path / "study")
    person = made.census.read_text().splitlines()[1]
    pay = person.split(",")[3]
    made.census.write_text(made.census.read_text().replace(f",{pay},", f",{float(pay) + 0.01:.2f},", 1))
    told = (
        "2027 cannot start. 2025 was simulated from something else. Changed since: the census file. "
        "Run 2025-2026 first: planwise simulate --years 2025-2027"
    )
    assert_refused(made, 2027, told)


def test_a_census_of_bad_rows_is_refused_before_anything_is_written(two_years: Installation, tmp_path: Path) -> None:
    made = two_years.copy(tmp_path / "study")
    pay = made.census.read_text().splitlines()[1].split(",")[3]
    made.census.write_text(made.census.read_text().replace(f",{pay},", ",-1,", 1))
    assert_refused(made, 2025, "line 2, annual_compensation '-1': Annual pay is between 1 and 50,000,000.")


def test_an_earlier_years_changed_parameter_is_refused(two_years: Installation, tmp_path: Path) -> None:
    made = two_years.copy(tmp_path / "study")
    changed = {**STUDY["scenarios"], "slower": {"workforce": {"growth": {2025: 0.03, 2026: 0.02}}}}
    made.write_study({**STUDY, "scenarios": changed})
    told = (
        "2027 cannot start. 2026 was simulated from something else. Changed since: "
        "scenarios.slower.workforce.growth in 2026: 0.01 -> 0.02. Run 2026 first: planwise simulate --years 2026-2027"
    )
    assert_refused(made, 2027, told)


def assert_refused(made: Installation, year: int, told: str) -> None:
    """The year fails in set-up with these words, once, and nothing is written."""
    before = made.files()
    code, said = made.execute_year(year)
    assert code != 0
    assert told in said
    assert steps_of_last_run(made) == {"STEP_SUCCESS": set(), "STEP_FAILURE": {"year_setup"}}
    assert "STEP_UP_FOR_RETRY" not in said
    assert made.files() == before
