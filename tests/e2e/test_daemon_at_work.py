"""What the real daemon does by itself and for others: queued runs from the shell, sensor, schedule, a range of years.

Proved: `dagster job launch` leaves a year to the daemon; the census sensor, switched on in the UI, simulates a new census;
the nightly schedule says why it starts nothing, and after a change simulates what the change touches; one asset's
range of years, from its page, is made a year after the other. What is left is what the study gives without Dagster.
"""

from __future__ import annotations

import os
import subprocess
import time
from typing import Any

import pytest

from planwise_assets.automation.sensors import SETTLE_SECONDS
from planwise_assets.partitions import year_of_run
from planwise_assets.settings import PROJECT_ROOT
from tests.e2e.dagster_ui import DagsterUi, wait_for
from tests.e2e.installation import Installation, command
from tests.e2e.person import Person

pytestmark = pytest.mark.e2e

YEARS = [2025, 2026]
GROWTH = {2025: 0.03, 2026: 0.02}
STUDY: dict[str, Any] = {
    "study": "daemon",
    "census": "census.csv",
    "years": {"start": YEARS[0], "end": YEARS[-1]},
    "resources": {"memory_gb": 2, "threads": 2},
    "scenarios": {"baseline": {"workforce": {"growth": GROWTH}}},
}
FASTER = {"baseline": {"workforce": {"growth": {**GROWTH, 2026: 0.05}}}}
PATIENCE_SECONDS = 600.0
UI_VARIABLES = {"PLANWISE_NIGHTLY": "* * * * *"}  # every minute


@pytest.fixture(scope="module")
def simulated(made: Installation, ui: DagsterUi) -> Installation:
    """Both years, each left to the daemon by `dagster job launch`."""
    for year in YEARS:
        words = ["job", "launch", "-w", "workspace.yaml", "-j", "simulate_year"]
        asked = subprocess.run(
            [command("dagster"), *words, "--tags", f'{{"dagster/partition": "{year}"}}'],
            cwd=PROJECT_ROOT, env=made.environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert asked.returncode == 0, asked.stdout + asked.stderr
    for run in made.runs():
        assert ui.wait_for_run(run.run_id, PATIENCE_SECONDS) == "SUCCESS"
    return made


def years_of_runs(made: Installation) -> list[str | None]:
    """The year of every run, the oldest first."""
    return [year_of_run(run.tags) for run in made.runs()]


def tick_that(ui: DagsterUi, automation: str, status: str, says: str = "", *, after: int = 0) -> dict[str, Any]:
    """The first tick after so many others that has this status and says this, once it is there."""

    def found() -> dict[str, Any] | None:
        later = list(reversed(ui.ticks(automation)))[after:]
        return next((tick for tick in later if tick["status"] == status and says in (tick["skipReason"] or "")), None)

    return wait_for(found, PATIENCE_SECONDS, f"a tick of {automation}: {status} {says}")


def test_launched_years_run_in_the_daemon(simulated: Installation, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert years_of_runs(simulated) == ["2025", "2026"]
    assert simulated.results() == simulated.undisturbed(tmp_path_factory.mktemp("undisturbed"))


def test_the_sensor_simulates_a_new_census(
    simulated: Installation, ui: DagsterUi, person: Person, tmp_path_factory: pytest.TempPathFactory
) -> None:
    *rest, _ = simulated.census.read_text().splitlines()
    simulated.census.write_text("\n".join([*rest, ""]))
    copied = time.time() - SETTLE_SECONDS
    os.utime(simulated.census, (copied, copied))
    person.switch_on("sensors", "census_file")

    runs = tick_that(ui, "census_file", "SUCCESS")["runIds"]

    assert [ui.wait_for_run(run, PATIENCE_SECONDS) for run in runs] == ["SUCCESS"] * len(YEARS)
    assert years_of_runs(simulated)[-len(YEARS) :] == ["2025", "2026"]
    assert simulated.results() == simulated.undisturbed(tmp_path_factory.mktemp("undisturbed"))


def test_the_schedule_simulates_what_a_change_touches(
    simulated: Installation, ui: DagsterUi, person: Person, tmp_path_factory: pytest.TempPathFactory
) -> None:
    person.switch_on("schedules", "nightly")
    quiet = tick_that(ui, "nightly", "SKIPPED", "are complete")
    assert quiet["skipReason"] == "2025-2026 are complete, and census, study and code are what they were made from."

    changed = {**STUDY, "scenarios": FASTER}
    simulated.write_study(changed)
    (run,) = tick_that(ui, "nightly", "SUCCESS")["runIds"]

    assert ui.wait_for_run(run, PATIENCE_SECONDS) == "SUCCESS"
    latest = simulated.runs()[-1]
    assert (latest.run_id, latest.tags["dagster/partition"]) == (run, "2026")
    assert "scenarios.baseline.workforce.growth in 2026: 0.02 -> 0.05" in latest.tags["planwise/reason"]
    assert simulated.results() == simulated.undisturbed(tmp_path_factory.mktemp("undisturbed"))
    tick_that(ui, "nightly", "SKIPPED", "are complete", after=len(ui.ticks("nightly")))


def test_a_range_of_years_from_an_assets_page(simulated: Installation, ui: DagsterUi, person: Person) -> None:
    before = simulated.results()
    assert ui.wait_for_backfill(person.launch_from_asset("fct_plan_cost"), PATIENCE_SECONDS) == "COMPLETED_SUCCESS"
    latest = simulated.runs()[-len(YEARS) :]
    assert [year_of_run(run.tags) for run in latest] == ["2025", "2026"]
    assert {(str(key.to_user_string()), run.status.value) for run in latest for key in run.asset_selection or ()} == {
        ("fct_plan_cost", "SUCCESS")
    }
    assert simulated.results() == before, "the same inputs gave another result"
