"""Two runs never overlap; a step never outlives its run. Real processes, real flocks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from resources.process.locks import StudyBusyError, run_at_work, study_run, study_step

RUN = """
import sys, time
from pathlib import Path
from resources.process.locks import study_run
with study_run(Path(sys.argv[1]), "tiny", "run-1"):
    print("held", flush=True)
    time.sleep(60)
"""

STEP = """
import sys, time
from pathlib import Path
from resources.process.locks import study_step
with study_step(Path(sys.argv[1]), "tiny", "run-1"):
    print("stepping", flush=True)
    time.sleep(60)
"""


def start(code: str, folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().strip() in ("held", "stepping")
    return process


def test_a_second_run_is_refused_and_told_who_is_at_work(tmp_path: Path) -> None:
    first = start(RUN, tmp_path)
    try:
        with pytest.raises(StudyBusyError, match="run-1"), study_run(tmp_path, "tiny", "run-2"):
            pytest.fail("two runs at once")
        with study_run(tmp_path, "another_study", "run-3"):
            pass
    finally:
        first.kill()
        first.wait()
    with study_run(tmp_path, "tiny", "run-2"):
        pass


def test_an_orphaned_step_ends_before_the_next_run_starts(tmp_path: Path) -> None:
    run, step = start(RUN, tmp_path), start(STEP, tmp_path)
    assert step.poll() is None
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    started = time.monotonic()
    with study_run(tmp_path, "tiny", "run-2"):
        assert step.wait(timeout=1) != 0
    assert time.monotonic() - started < 5


def test_a_step_of_a_dead_run_does_not_start_under_the_next_one(tmp_path: Path) -> None:
    run = start(RUN, tmp_path)
    try:
        with pytest.raises(StudyBusyError, match="must not write"), study_step(tmp_path, "tiny", "run-0"):
            pytest.fail("a step of another run")
    finally:
        run.kill()
        run.wait()


def test_steps_in_the_runs_own_process(tmp_path: Path) -> None:
    with study_run(tmp_path, "tiny", "run-1"), study_step(tmp_path, "tiny", "run-1"):
        pass


def test_who_is_at_work_is_known_while_they_are(tmp_path: Path) -> None:
    assert run_at_work(tmp_path, "a") is None
    with study_run(tmp_path, "a", "first"):
        assert run_at_work(tmp_path, "a") == "first"
        assert run_at_work(tmp_path, "b") is None
    assert run_at_work(tmp_path, "a") is None
