"""What is simulated at a terminal, seen in the UI of the same home: on the runs page, and on the timeline.

And what is not: the worlds of `planwise sensitivity` are in a home of their own.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.e2e.browser import browser, chromium
from tests.e2e.dagster_ui import REPOSITORY, DagsterUi
from tests.e2e.installation import Installation

pytestmark = pytest.mark.e2e

YEARS = [2025, 2026]
STUDY: dict[str, Any] = {
    "study": "shell",
    "census": "census.csv",
    "years": {"start": YEARS[0], "end": YEARS[-1]},
    "seeds": [1, 2],
    "resources": {"memory_gb": 2, "threads": 2},
}
_RUNS = """{ runsOrError { ... on Runs { results {
    jobName status tags { key value } repositoryOrigin { repositoryName repositoryLocationName } } } } }"""


def planwise(made: Installation, *words: str) -> subprocess.CompletedProcess[str]:
    done = made.planwise(*words)
    done.check_returncode()
    return done


@pytest.fixture(scope="module")
def simulated(ui: DagsterUi, made: Installation) -> list[dict[str, Any]]:
    """Both years, simulated at a terminal while the UI is up; the runs as its runs page asks for them."""
    planwise(made, "simulate")
    return list(ui.ask(_RUNS)["runsOrError"]["results"])


def test_runs_of_the_shell_are_runs_of_the_ui(simulated: list[dict[str, Any]]) -> None:
    years = [next(tag["value"] for tag in run["tags"] if tag["key"] == "dagster/partition") for run in simulated]
    assert years == ["2026", "2025"]
    assert {(run["jobName"], run["status"]) for run in simulated} == {("simulate_year", "SUCCESS")}
    # The timeline leaves out whatever run does not say of which code location it is.
    assert [run["repositoryOrigin"] for run in simulated] == [REPOSITORY] * 2


@pytest.mark.skipif(chromium() is None, reason="needs Chromium")
def test_the_timeline_shows_them(simulated: list[dict[str, Any]], ui: DagsterUi, tmp_path: Path) -> None:
    assert simulated
    with browser(tmp_path / "profile") as page:
        page.open(f"http://127.0.0.1:{ui.port}/overview/activity/timeline")
        assert "No runs or scheduled ticks" not in page.wait_for_text("planwise", "simulate_year")


def test_a_sensitivity_is_in_a_home_of_its_own(simulated: list[dict[str, Any]], ui: DagsterUi, made: Installation) -> None:
    """Neither the client's lake, nor its warehouse, nor its runs have anything of it; the report draws it."""
    before = made.files()
    said = json.loads(planwise(made, "sensitivity", "--only", "cola", "--json").stdout)
    (cola,) = said["assumptions"]
    assert cola["low"]["value"] == "0 %"
    assert cola["low"]["difference"] < 0 < cola["high"]["difference"]
    assert cola["swing"] == pytest.approx(cola["high"]["difference"] - cola["low"]["difference"])
    assert made.files() == before
    assert len(ui.ask(_RUNS)["runsOrError"]["results"]) == len(simulated)
    with duckdb.connect(str(made.home / "warehouse" / "shell.duckdb"), read_only=True) as warehouse:
        assert warehouse.execute("select distinct scenario_id from fct_plan_cost").fetchall() == [("baseline",)]
    planwise(made, "report", "--out", "report.html")
    page = (made.folder / "report.html").read_text(encoding="utf-8")
    assert 'class="tornado"' in page
    assert "Simulated: each changed alone" in page
    # Asked again it simulates nothing: the years are as the study says.
    assert json.loads(planwise(made, "sensitivity", "--only", "cola", "--json").stdout) == said


def test_a_sensitivity_of_other_settings_is_not_drawn(simulated: list[dict[str, Any]], made: Installation) -> None:
    assert simulated
    planwise(made, "sensitivity", "--only", "cola", "--json")
    made.write_study({**STUDY, "defaults": {"workforce": {"growth": 0.01}}})
    planwise(made, "simulate")
    told = planwise(made, "report", "--out", "report.html").stderr
    assert "Without the tornado. The sensitivity table is of other settings" in told
    assert 'class="tornado"' not in (made.folder / "report.html").read_text(encoding="utf-8")
    made.write_study(STUDY)
