"""Years launched from the Dagster UI, through the real daemon and web server.

Proved, on an instance that has never run anything: a job backfill, an asset backfill and manual runs, launched together,
become whole-year runs, each backfill's years in order, never two runs at once (event log); a year asked for too early is
refused by the gate and by nothing else; what is left in the lake is what the study gives without Dagster. Then: a refusal
paints no complete year red; making a year again changes nothing; with a changed setting it leaves all later years stale,
until they are made again. After a failed year the later ones are refused, and launching what failed completes the horizon.
And a run that is killed does not hold up the queue.

Backfills after the first are launched by a person's clicks in a real browser, where there is Chromium (`.ci/run` installs it
where it may); elsewhere by the very requests that those clicks send.
"""

from __future__ import annotations

import os
import signal
import subprocess
from itertools import pairwise
from typing import Any, NamedTuple

import dagster as dg
import pytest

from planwise_assets.partitions import year_of_run
from planwise_assets.steps import GROUP_ORDER
from tests.e2e.dagster_ui import REPOSITORY, DagsterUi, wait_for
from tests.e2e.installation import STEPS, Installation
from tests.e2e.person import Person

pytestmark = pytest.mark.e2e

YEARS = [2025, 2026, 2027]
STUDY: dict[str, Any] = {
    "study": "ui",
    "census": "census.csv",
    "years": {"start": YEARS[0], "end": YEARS[-1]},
    "resources": {"memory_gb": 2, "threads": 2},
    "scenarios": {"baseline": {}},
}
FASTER = {"baseline": {"workforce": {"growth": {2025: 0.10, 2026: 0.03}}}}
PATIENCE_SECONDS = 900.0


class Run(NamedTuple):
    """One run, from the event log."""

    run_id: str
    year: int
    backfill: str | None
    status: str
    launched: float
    ended: float
    steps: dict[str, tuple[float, float]]


class Launched(NamedTuple):
    """What was launched together."""

    made: Installation
    job_backfill: str
    asset_backfill: str
    early: str
    manual: str
    runs: list[Run]


@pytest.fixture(scope="module")
def launched(made: Installation, ui: DagsterUi) -> Launched:
    manual = ui.launch_year(2025)
    early = ui.launch_year(2027)
    selector = {"repositorySelector": REPOSITORY, "partitionSetName": "simulate_year_partition_set"}
    job_backfill = ui.launch_backfill(YEARS, selector=selector)
    asset_backfill = ui.launch_backfill(YEARS, assetSelection=[{"path": [key]} for key in ui.asset_keys()])
    for backfill in (job_backfill, asset_backfill):
        assert ui.wait_for_backfill(backfill, PATIENCE_SECONDS).startswith("COMPLETED")
    return Launched(made, job_backfill, asset_backfill, early, manual, [recorded(made, run) for run in made.runs()])


def recorded(made: Installation, run: dg.DagsterRun) -> Run:
    """A run with its times, from the event log."""
    times: dict[str, list[float]] = {}
    for entry in made.events(run.run_id):
        if entry.dagster_event:
            times.setdefault(entry.dagster_event.event_type_value, []).append(entry.timestamp)
    ends = [*times.get("PIPELINE_SUCCESS", []), *times.get("PIPELINE_FAILURE", [])]
    return Run(
        run_id=run.run_id,
        year=int(year_of_run(run.tags) or 0),
        backfill=run.tags.get("dagster/backfill"),
        status=run.status.value,
        launched=min(times["PIPELINE_STARTING"]),
        ended=max(ends),
        steps={step: (min(moments), max(moments)) for step, moments in recorded_steps(made, run.run_id).items()},
    )


def recorded_steps(made: Installation, run_id: str) -> dict[str, list[float]]:
    """When each step of a run began and ended."""
    steps: dict[str, list[float]] = {}
    for entry in made.events(run_id):
        kind = entry.dagster_event.event_type_value if entry.dagster_event else None
        if entry.step_key and kind in ("STEP_START", "STEP_SUCCESS", "STEP_FAILURE"):
            steps.setdefault(entry.step_key, []).append(entry.timestamp)
    return steps


def said_by(made: Installation, run_id: str) -> list[str | None]:
    """What the failed steps of a run say to a person."""
    failures = [
        entry.dagster_event.step_failure_data.user_failure_data
        for entry in made.events(run_id)
        if entry.dagster_event and entry.dagster_event.is_step_failure
    ]
    return [failure.description if failure else None for failure in failures]


def test_every_run_is_a_whole_year(launched: Launched) -> None:
    done = [run for run in launched.runs if run.run_id != launched.early]
    assert len(done) == 1 + 2 * len(YEARS)
    assert {(run.status, frozenset(run.steps)) for run in done} == {("SUCCESS", frozenset(STEPS))}


@pytest.mark.parametrize("kind", ["job_backfill", "asset_backfill"])
def test_a_backfills_years_run_in_order(launched: Launched, kind: str) -> None:
    runs = sorted((run for run in launched.runs if run.backfill == getattr(launched, kind)), key=lambda run: run.launched)
    assert [run.year for run in runs] == YEARS


def test_two_runs_are_never_at_work_at_once(launched: Launched) -> None:
    """From launch to end, the first two of the instance included; so no two steps of different runs either."""
    runs = sorted(launched.runs, key=lambda run: run.launched)
    assert [run.run_id for run in runs[:2]] == [launched.manual, launched.early]
    for before, after in pairwise(runs):
        assert before.ended <= after.launched, (before, after)
        assert max(end for _, end in before.steps.values()) < min(start for start, _ in after.steps.values())


def test_only_the_gate_refuses_and_only_what_is_early(launched: Launched) -> None:
    (refused,) = (run for run in launched.runs if run.status != "SUCCESS")
    assert refused.run_id == launched.early
    assert set(refused.steps) == {"year_setup"}
    assert said_by(launched.made, refused.run_id) == [
        "2027 cannot start. 2026 has not been simulated to its end. Run 2026 first: planwise simulate --years 2026-2027"
    ]


def test_what_they_leave_is_what_the_study_gives(launched: Launched, tmp_path_factory: pytest.TempPathFactory) -> None:
    made = launched.made
    assert made.results() == made.undisturbed(tmp_path_factory.mktemp("undisturbed"))


def test_a_refused_launch_leaves_the_record_of_a_complete_year_alone(launched: Launched, ui: DagsterUi) -> None:
    """Dagster by itself: a failed partition of every asset, and "0/1 passed" at every check."""
    made = launched.made
    before = ui.record()
    census = made.census.read_text(encoding="utf-8")
    pay = census.splitlines()[1].split(",")[3]
    made.census.write_text(census.replace(f",{pay},", f",{float(pay) + 0.01:.2f},", 1), encoding="utf-8")
    refused = ui.launch_year(2027)
    assert ui.wait_for_run(refused, PATIENCE_SECONDS) == "FAILURE"
    assert "Changed since: the census file." in str(said_by(made, refused))
    made.census.write_text(census, encoding="utf-8")

    assert ui.record() == before
    assert {node["partitionStats"]["numFailed"] for node in before.values()} == {0}


def test_making_years_again_shows_what_is_stale(launched: Launched, ui: DagsterUi, person: Person) -> None:
    made = launched.made
    fresh = {asset: dict.fromkeys(YEARS, "FRESH") for asset in ui.asset_keys()}
    assert ui.stale_status(YEARS) == fresh

    assert ui.wait_for_run(ui.launch_year(2025), PATIENCE_SECONDS) == "SUCCESS"
    assert ui.stale_status(YEARS) == fresh, "an identical re-run made something stale"

    made.write_study({**STUDY, "scenarios": FASTER})
    ui.reload()
    assert ui.wait_for_run(ui.launch_year(2025), PATIENCE_SECONDS) == "SUCCESS"
    # Dagster shows as stale what reads the change itself: here all that reads the year before.
    stale = {2025: "FRESH", 2026: "STALE", 2027: "STALE"}
    from_the_year_before = ui.readers("opening_workforce")
    assert {"year_setup", "int_opening_workforce", "int_workforce_needs"} <= from_the_year_before
    assert ui.stale_status(YEARS) == {
        asset: stale if asset in from_the_year_before else fresh[asset] for asset in ui.asset_keys()
    }
    assert ui.stale_causes("int_opening_workforce", 2026) == [("opening_workforce", "has a new data version")]

    assert ui.wait_for_backfill(person.launch_from_graph(), PATIENCE_SECONDS) == "COMPLETED_SUCCESS"
    assert ui.stale_status(YEARS) == fresh


def test_what_failed_is_launched_again_alone(launched: Launched, ui: DagsterUi, person: Person) -> None:
    """A file lies where a folder of 2026 has to be: the disk's fault, as it were."""
    made = launched.made
    before = made.results()
    folder = made.lake.folder("int_hiring_events") / "simulation_year=2026"
    folder.rename(folder.with_name("aside"))
    folder.write_text("in the way", encoding="utf-8")

    assert ui.wait_for_backfill(person.launch_from_job("All"), PATIENCE_SECONDS) == "COMPLETED_FAILED"
    tried = {run.year: run for run in (recorded(made, run) for run in made.runs()[-len(YEARS) :])}
    assert {year: run.status for year, run in tried.items()} == {2025: "SUCCESS", 2026: "FAILURE", 2027: "FAILURE"}
    assert set(tried[2027].steps) == {"year_setup"}
    assert said_by(made, tried[2027].run_id) == [
        "2027 cannot start. 2026 has not been simulated to its end. Run 2026 first: planwise simulate --years 2026-2027"
    ]

    folder.unlink()
    folder.with_name("aside").rename(folder)
    assert ui.wait_for_backfill(person.launch_from_job("Failed"), PATIENCE_SECONDS) == "COMPLETED_SUCCESS"
    again = [recorded(made, run) for run in made.runs()[-2:]]
    assert [(run.year, run.status) for run in again] == [(2026, "SUCCESS"), (2027, "SUCCESS")]
    assert made.results() == before


def test_the_pages_show_what_they_promise(launched: Launched, ui: DagsterUi, person: Person) -> None:
    """Groups in the graph; a fact's figures over the years; a check's result; the overview of the whole study."""
    assert {*GROUP_ORDER, "setup", "operations", "closing"} <= set(person.groups())
    plotted = person.plotted("fct_plan_cost")
    assert {"participation (baseline)", "match (baseline)", "dagster/row_count"} <= plotted
    assert "tests_run" in person.check("fct_plan_cost")
    page = person.overview()
    for words in ("The workforce", "The plan (money in thousands)", "baseline", *map(str, YEARS)):
        assert words in page


def test_a_killed_command_does_not_hold_up_the_queue(launched: Launched, ui: DagsterUi) -> None:
    """Dagster itself would wait for it for ever: its launcher does not look after runs of `dagster job execute`."""
    made = launched.made
    process = made.start_year(2027, output=subprocess.DEVNULL)
    started = wait_for(
        lambda: next((run.run_id for run in made.runs() if run.status is dg.DagsterRunStatus.STARTED), None),
        PATIENCE_SECONDS,
        "the command's run",
    )
    wait_for(lambda: "foundation" in recorded_steps(made, started), PATIENCE_SECONDS, "its third step")
    os.kill(process.pid, signal.SIGKILL)
    process.wait()

    behind = ui.launch_year(2027)

    assert ui.wait_for_run(behind, PATIENCE_SECONDS) == "SUCCESS"
    assert ui.run_status(started) == "FAILURE"
