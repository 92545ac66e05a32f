"""The year gate: a year follows only a complete, matching year, and the message says what is wrong and what to run."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from planwise_assets.project import Project
from planwise_assets.study.file.load import load_study
from planwise_assets.year.setup.gate import year_problems
from planwise_assets.year.state.marker import consistent_years, drop_marker
from tests.harness import TINY_CENSUS, Simulation, simulation, with_other_code

STUDY: dict[str, Any] = {
    "study": "gate",
    "census": "census.csv",
    "years": {"start": 2025, "end": 2028},
    "seeds": [42],
    "scenarios": {"baseline": {"workforce": {"growth": {2025: 0.03, 2027: 0.02}}}},
}


@pytest.fixture(scope="module")
def two_years(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    folder = tmp_path_factory.mktemp("gate")
    shutil.copy(TINY_CENSUS, folder / "census.csv")
    return simulation(folder, STUDY).run([2025, 2026], tested=False)


@pytest.fixture
def study_folder(two_years: Simulation, tmp_path: Path) -> Path:
    """A copy of study, census and lake, to do harm to."""
    return shutil.copytree(two_years.project.settings.study_file.parent, tmp_path / "copy")


def reopened(folder: Path, **changes: Any) -> Project:
    return simulation(folder, {**STUDY, **changes}).project


def test_the_next_year_may_start_and_the_one_after_may_not(two_years: Simulation) -> None:
    assert year_problems(two_years.project, 2025) == []
    assert year_problems(two_years.project, 2026) == []
    assert year_problems(two_years.project, 2027) == []
    assert year_problems(two_years.project, 2028) == [
        "2027 has not been simulated to its end.",
        "Run 2027 first: planwise simulate --years 2027-2028",
    ]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"scenarios": {"baseline": {"workforce": {"growth": 0.04}}}}, "workforce.growth in 2025: 0.03 -> 0.04"),
        ({"seeds": [42, 43]}, "seeds: 42 -> 42"),
        ({"scenarios": {**STUDY["scenarios"], "another": {}}}, "scenarios: baseline -> baseline, another"),
        ({"census_reject_limit": 0.02}, "census reject limit"),
    ],
)
def test_a_changed_study_makes_the_year_before_stale(study_folder: Path, changes: dict[str, Any], told: str) -> None:
    problems = year_problems(reopened(study_folder, **changes), 2027)
    assert told in problems[0]
    assert problems[-1] == "Run 2025-2026 first: planwise simulate --years 2025-2027"


@pytest.mark.parametrize(
    "changes",
    [
        {"years": {"start": 2025, "end": 2040}},
        {"scenarios": {"baseline": {"workforce": {"growth": {2025: 0.03, 2027: 0.05}}}}},
        {"resources": {"memory_gb": 2, "threads": 1}},
        {"scenarios": {"baseline": {"workforce": {"growth": {2025: 0.03, 2027: 0.02}, "termination_rate": 0.12}}}},
    ],
    ids=["later end", "later year's parameter", "resources", "a default written down"],
)
def test_what_changes_no_result_of_earlier_years_makes_nothing_stale(study_folder: Path, changes: dict[str, Any]) -> None:
    assert year_problems(reopened(study_folder, **changes), 2027) == []


def test_a_changed_census_is_noticed(study_folder: Path) -> None:
    census = study_folder / "census.csv"
    census.write_text(census.read_text().replace("30000.00", "30000.01", 1))
    assert "the census file" in year_problems(reopened(study_folder), 2027)[0]


def test_changed_code_is_noticed(study_folder: Path) -> None:
    changed = with_other_code(reopened(study_folder), "int_raise_events")
    assert "the code (model int_raise_events)" in year_problems(changed, 2027)[0]


@pytest.mark.parametrize("harm", ["a byte", "removed", "of another study"])
def test_a_file_that_is_not_what_was_recorded_is_named(study_folder: Path, harm: str) -> None:
    project = reopened(study_folder)
    file = project.lake.file("int_hiring_events", 2026)
    if harm == "a byte":
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    elif harm == "removed":
        file.unlink()
    else:
        shutil.copy(project.lake.file("int_hiring_events", 2025), file)
    assert "int_hiring_events" in year_problems(project, 2027)[0]


def test_an_earlier_year_made_again_with_another_result_leaves_later_years_stale(study_folder: Path) -> None:
    shrinking = {"baseline": {"workforce": {"growth": {2025: 0.0, 2026: 0.03, 2027: 0.02}}}}
    again = simulation(study_folder, {**STUDY, "scenarios": shrinking}).run([2025], tested=False)
    assert consistent_years(again.project) == [2025]
    problems = year_problems(again.project, 2027)
    assert problems[-1] == "Run 2026 first: planwise simulate --years 2026-2027"


def test_an_identical_re_run_makes_nothing_stale(study_folder: Path) -> None:
    again = simulation(study_folder, STUDY).run([2025], tested=False)
    assert consistent_years(again.project) == [2025, 2026]
    assert year_problems(again.project, 2027) == []


def test_a_year_that_was_begun_again_and_not_ended_is_incomplete(study_folder: Path) -> None:
    project = reopened(study_folder)
    drop_marker(project, 2026)
    assert year_problems(project, 2027)[0] == "2026 has not been simulated to its end."


def test_a_study_file_in_another_place_is_the_same_study(two_years: Simulation, tmp_path: Path) -> None:
    file = tmp_path / "renamed.yaml"
    text = two_years.project.settings.study_file.read_text()
    file.write_text(text.replace("census.csv", str(two_years.project.study.census)))
    assert year_problems(replace(two_years.project, study=load_study(file)), 2027) == []
