"""What the marker of a year says it was made from is what it was made from, whatever happens while the year runs.

And what a year that has closed says about the years after it: which of them are stale in the UI.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from planwise_assets.year import alone
from planwise_assets.year.setup.gate import year_problems
from planwise_assets.year.setup.inputs import write_inputs
from planwise_assets.year.state.marker import YearGateError, openings_after
from planwise_assets.year.state.workforce_state import close_year
from resources.engines.session import YearSession
from resources.files import read_json
from tests.harness import TINY_CENSUS, Simulation, simulation

STUDY: dict[str, Any] = {
    "study": "marker",
    "census": "census.csv",
    "years": {"start": 2025, "end": 2028},
    "seeds": [42],
    "scenarios": {"baseline": {}},
}
SHRINKING = {"baseline": {"workforce": {"growth": {2025: -0.03, 2026: 0.03}}}}


@pytest.fixture(scope="module")
def three_years(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    folder = tmp_path_factory.mktemp("marker")
    shutil.copy(TINY_CENSUS, folder / "census.csv")
    return simulation(folder, STUDY).run([2025, 2026, 2027], tested=False)


@pytest.fixture
def folder(three_years: Simulation, tmp_path: Path) -> Path:
    """A copy of study, census and lake, to do harm to."""
    return shutil.copytree(three_years.project.settings.study_file.parent, tmp_path / "copy")


def session(made: Simulation, connection: duckdb.DuckDBPyConnection, year: int) -> YearSession:
    return YearSession(connection, made.project.lake, year, made.project.first_year)


def versions(made: Simulation, year: int) -> dict[int, str]:
    """What the years after this one open with, as it stands."""
    return openings_after(made.project, year, read_json(made.project.lake.marker(year))["closing_hash"])


def test_a_census_that_changes_while_a_year_runs_is_noticed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = simulation(folder, STUDY)

    def changed_at_the_last_moment(*arguments: Any) -> Any:
        (folder / "census.csv").write_text((folder / "census.csv").read_text() + "\n")
        return close_year(*arguments)

    monkeypatch.setattr(alone, "close_year", changed_at_the_last_moment)
    made.run([2025], tested=False)
    assert "2025 was simulated from something else. Changed since: the census file." in year_problems(made.project, 2026)[0]


def test_a_closing_state_alone_does_not_complete_a_year_that_was_set_up_again(folder: Path) -> None:
    made = simulation(folder, {**STUDY, "scenarios": SHRINKING})
    with duckdb.connect() as connection:
        write_inputs(session(made, connection, 2025), made.project)
    with (
        duckdb.connect() as connection,
        pytest.raises(YearGateError, match=r"not made since: compensation_changes, .*int_workforce_needs.*--years 2025"),
    ):
        close_year(session(made, connection, 2025), made.project)
    assert year_problems(made.project, 2026)[0] == "2025 has not been simulated to its end."


def test_a_year_that_was_never_set_up_is_not_completed(folder: Path) -> None:
    made = simulation(folder, STUDY)
    made.project.lake.begun(2027).unlink()
    with duckdb.connect() as connection, pytest.raises(YearGateError, match="2027 has not been set up"):
        close_year(session(made, connection, 2027), made.project)


def test_a_closed_year_tells_the_years_after_it_what_they_open_with(three_years: Simulation) -> None:
    closing = {year: read_json(three_years.project.lake.marker(year))["closing_hash"] for year in (2025, 2026, 2027)}
    assert versions(three_years, 2025) == {2026: closing[2025], 2027: closing[2026], 2028: closing[2027]}
    assert versions(three_years, 2027) == {2028: closing[2027]}


def test_a_year_made_again_with_another_result_leaves_all_later_years_without_a_known_opening(folder: Path) -> None:
    before = versions(simulation(folder, STUDY), 2025)
    again = simulation(folder, {**STUDY, "scenarios": SHRINKING}).run([2025], tested=False)
    after = versions(again, 2025)
    assert {year: after[year] != before[year] for year in before} == {2026: True, 2027: True, 2028: True}
    assert after[2027] == "unknown until 2026 is simulated again"

    again.run([2026], tested=False)
    assert versions(again, 2026)[2027] == read_json(again.project.lake.marker(2026))["closing_hash"]
    assert versions(again, 2026)[2028] == "unknown until 2027 is simulated again"


def test_taking_a_change_back_makes_the_later_years_what_they_were(folder: Path) -> None:
    before = versions(simulation(folder, STUDY), 2025)
    simulation(folder, {**STUDY, "scenarios": SHRINKING}).run([2025], tested=False)
    assert versions(simulation(folder, STUDY).run([2025], tested=False), 2025) == before
