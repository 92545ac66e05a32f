"""A run that was killed is known by what it leaves behind: a free lock that still names it. Real processes, real flocks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from planwise_assets.runs.instance import fail_abandoned_run
from resources.process.locks import StudyBusyError, abandoned_run, study_run

RUN = """
import sys, time
from pathlib import Path
from resources.process.locks import study_run
with study_run(Path(sys.argv[1]), "tiny", sys.argv[2]):
    print("held", flush=True)
    time.sleep(60)
"""


def start(folder: Path, run_id: str) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", RUN, str(folder), run_id], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "held"
    return process


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def test_a_run_at_work_is_not_abandoned_and_a_killed_one_is(tmp_path: Path) -> None:
    assert abandoned_run(tmp_path, "tiny") is None
    process = start(tmp_path, "run-1")
    assert abandoned_run(tmp_path, "tiny") is None
    kill(process)
    assert abandoned_run(tmp_path, "tiny") == "run-1"
    assert abandoned_run(tmp_path, "another_study") is None


def test_a_run_that_ended_or_failed_in_order_is_not_abandoned(tmp_path: Path) -> None:
    with study_run(tmp_path, "tiny", "run-1"):
        pass
    assert abandoned_run(tmp_path, "tiny") is None
    with pytest.raises(RuntimeError, match="as it happens"), study_run(tmp_path, "tiny", "run-2"):
        raise RuntimeError("as it happens")
    assert abandoned_run(tmp_path, "tiny") is None


def test_a_run_that_was_refused_does_not_hide_the_one_at_work(tmp_path: Path) -> None:
    process = start(tmp_path, "run-1")
    with pytest.raises(StudyBusyError), study_run(tmp_path, "tiny", "run-2"):
        pytest.fail("two runs at once")
    kill(process)
    assert abandoned_run(tmp_path, "tiny") == "run-1"


def test_the_record_of_a_killed_run_is_ended_once(tmp_path: Path) -> None:
    with dg.instance_for_test() as instance:
        recorded = instance.create_run_for_job(dg.job(name="any")(lambda: None), status=dg.DagsterRunStatus.STARTED)
        kill(start(tmp_path, recorded.run_id))
        assert fail_abandoned_run(instance, tmp_path, "tiny") == recorded.run_id
        ended = instance.get_run_by_id(recorded.run_id)
        assert ended is not None
        assert ended.status is dg.DagsterRunStatus.FAILURE
        assert fail_abandoned_run(instance, tmp_path, "tiny") is None
        kill(start(tmp_path, "recorded-elsewhere"))
        assert fail_abandoned_run(instance, tmp_path, "tiny") is None
