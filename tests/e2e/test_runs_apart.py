"""Runs beside Dagster's queue: two commands at once, and a command that is killed in the middle.

Proved: of two commands of one study, started together, one wins and the other changes nothing and says who is at work; a
run that was killed with all its might leaves no process behind, and the next one, started at once, gives the bytes of an
undisturbed one. Two studies of one home run together, and neither changes the other's results.
"""

from __future__ import annotations

import dataclasses
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import dagster as dg
import psutil
import pytest

from planwise_assets.runs.instance import prepare_instance
from tests.e2e.installation import Installation, command, installation
from tests.harness import SAMPLE_CENSUS, simulation

pytestmark = pytest.mark.e2e

#: Enough people and worlds that a step is at work long enough to be met there.
STUDY: dict[str, Any] = {
    "study": "apart",
    "census": str(SAMPLE_CENSUS),
    "years": {"start": 2025, "end": 2025},
    "seeds": [1, 2, 3],
    "resources": {"memory_gb": 2, "threads": 2},
    "scenarios": {"baseline": {}, "faster": {"workforce": {"growth": 0.05}}},
}
PATIENCE_SECONDS = 300

#: What the groups before a group make: when one of these files is new, the year has come that far.
MADE_BEFORE = {
    "foundation": {"stg_worlds", "stg_census"},
    "state_aggregation": {"workforce_events", "compensation_changes"},
}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the study gives, without Dagster and without anybody's interference."""
    return simulation(tmp_path_factory.mktemp("undisturbed"), STUDY).run(tested=False).hashes()


@pytest.fixture
def made(tmp_path: Path) -> Installation:
    return installation(tmp_path / "study", STUDY)


def test_of_two_commands_at_once_one_wins(made: Installation, undisturbed: dict[str, str]) -> None:
    commands = [made.start_year(2025), made.start_year(2025)]
    said = {command.pid: command.communicate(timeout=PATIENCE_SECONDS)[0] for command in commands}

    (loser,) = (command for command in commands if command.returncode != 0)
    statuses = {run.status.value: run.run_id for run in made.runs()}
    assert set(statuses) == {"SUCCESS", "FAILURE"}
    assert "StudyBusyError" in said[loser.pid]
    assert f"Study 'apart' is being simulated by another run ({statuses['SUCCESS']})" in said[loser.pid]
    assert "STEP_START" not in {kind(entry) for entry in made.events(statuses["FAILURE"])}
    assert made.results() == undisturbed


def test_of_two_commands_that_wait_both_end_well(made: Installation, undisturbed: dict[str, str]) -> None:
    started = [
        subprocess.Popen(
            [command("planwise"), "simulate", "--wait"], env=made.environment(), cwd=made.folder,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    said = [process.communicate(timeout=PATIENCE_SECONDS)[0] for process in started]
    assert [process.returncode for process in started] == [0, 0], said
    assert sum("Waiting for another run of apart to end" in text for text in said) == 1
    assert made.results() == undisturbed


def test_two_studies_in_one_home_run_together(made: Installation, undisturbed: dict[str, str]) -> None:
    """Each has its lock and its folders; what the home has once (compiled SQL, temporary files) is in nobody's way."""
    other = dataclasses.replace(made, study="other", study_file_name="other.yaml")
    other.write_study({**STUDY, "study": "other"})
    prepare_instance(other.dagster_home, "planwise_other")
    commands = [study.start_year(2025, executor="multiprocess") for study in (made, other)]
    said = [command.communicate(timeout=PATIENCE_SECONDS)[0] for command in commands]

    assert [command.returncode for command in commands] == [0, 0], said
    begun, ended = zip(*(_lifetime(study) for study in (made, other)), strict=True)
    assert max(begun) < min(ended), "they did not run together"
    assert {name: study.results() for name, study in (("apart", made), ("other", other))} == {
        "apart": undisturbed,
        "other": undisturbed,
    }


def _lifetime(made: Installation) -> tuple[float, float]:
    (run,) = made.runs()
    times = [entry.timestamp for entry in made.events(run.run_id)]
    return min(times), max(times)


def test_a_killed_run_leaves_nothing_that_matters(made: Installation, undisturbed: dict[str, str]) -> None:
    """Killed twice, each time with a step at work: in the first half of the year and in the second."""
    killed: list[psutil.Process] = []
    for half in ("foundation", "state_aggregation"):
        command = made.start_year(2025, output=subprocess.DEVNULL, executor="multiprocess")
        process = psutil.Process(command.pid)
        at_work = wait_for_step(made, process, half)
        killed += [process, *process.children(recursive=True)]
        assert at_work in {other.pid for other in killed}, "the step is not one of the run's own processes"
        command.send_signal(signal.SIGKILL)
        command.wait()

    code, said = made.execute_year(2025, executor="multiprocess")

    assert code == 0, said
    assert made.results() == undisturbed
    assert [process for process in killed if process.is_running() and process.status() != psutil.STATUS_ZOMBIE] == []
    assert [run.status.value for run in made.runs()] == ["FAILURE", "FAILURE", "SUCCESS"]
    assert list(made.lake.root.rglob("tmp_*")) == []


def kind(entry: dg.EventLogEntry) -> str | None:
    """The type of an event; None for a line of log."""
    return entry.dagster_event.event_type_value if entry.dagster_event else None


def wait_for_step(made: Installation, run: psutil.Process, group: str) -> int:
    """Waits until the run's step of this group, or one after it, holds the study's steps: the pid of who does."""
    lock = made.home / "locks" / f"{made.study}.steps"
    deadline = time.monotonic() + PATIENCE_SECONDS
    begun = 0.0
    while time.monotonic() < deadline:
        assert run.is_running()
        begun = begun or run.create_time()
        folder = made.lake.root
        files = folder.glob("*/simulation_year=2025/*.parquet")
        if any(file.stem in MADE_BEFORE[group] and file.stat().st_mtime >= begun for file in files):
            holders = flock_holders(lock)
            if holders:
                return holders[0]
        time.sleep(0.002)
    raise TimeoutError(f"no step of {group} or after it was seen at work")


def flock_holders(file: Path) -> list[int]:
    """The processes that hold a shared flock on a file, from the kernel's own list."""
    inode = file.stat().st_ino
    held = (line.split() for line in Path("/proc/locks").read_text().splitlines())
    return [int(lock[4]) for lock in held if lock[1] == "FLOCK" and lock[3] == "READ" and lock[5].endswith(f":{inode}")]
