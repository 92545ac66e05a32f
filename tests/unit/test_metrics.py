"""A step's record of itself: what is in it, where it goes, and that a retry does not lose the attempt before it."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import duckdb
import pytest

from resources.engines.session import YearSession
from resources.lake import Lake
from resources.process.metrics import PerformanceFolder, StepRecord, StepRecorder, read_record, recorded


def recorder(folder: Path, *, run_id: str = "a", attempt: int = 0) -> StepRecorder:
    record = StepRecord(step="foundation", year=2025, run_id=run_id, attempt=attempt, started=time.time())
    return StepRecorder(record, PerformanceFolder(folder))


def test_what_was_noted_is_read_back(tmp_path: Path) -> None:
    with recorded(recorder(tmp_path)) as step:
        step.model("int_opening_workforce", started=1.0, seconds=0.5, rows=3, bytes=100)
        step.optimization("indexes", applied=False, reason="no warehouse yet")
        step.event("batch", "2 batches")
    (read,) = PerformanceFolder(tmp_path).records(2025, ["foundation"])
    assert read == step.record
    assert read.status == "success"
    assert read.wall_seconds == pytest.approx(read.ended - read.started)
    assert [(m.name, m.rows, m.bytes) for m in read.models] == [("int_opening_workforce", 3, 100)]
    assert [(o.name, o.applied, o.reason) for o in read.optimizations] == [("indexes", False, "no warehouse yet")]
    assert [(e.kind, e.text) for e in read.events] == [("batch", "2 batches")]


def test_a_step_that_fails_leaves_a_record_with_its_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no such thing"), recorded(recorder(tmp_path)):
        raise ValueError("no such thing")
    (read,) = PerformanceFolder(tmp_path).records(2025, ["foundation"])
    assert (read.status, read.error) == ("failure", "ValueError: no such thing")


def test_a_retry_keeps_the_attempt_before_it_and_another_run_starts_anew(tmp_path: Path) -> None:
    folder = PerformanceFolder(tmp_path)
    recorder(tmp_path).finish(RuntimeError("lost"))
    recorder(tmp_path, attempt=1).finish()
    assert [(r.attempt, r.status) for r in folder.records(2025, ["foundation"])] == [(0, "failure"), (1, "success")]
    recorder(tmp_path, run_id="b").finish()
    assert [(r.run_id, r.attempt) for r in folder.records(2025, ["foundation"])] == [("b", 0)]


def test_a_later_note_of_a_model_takes_the_place_of_the_first(tmp_path: Path) -> None:
    step = recorder(tmp_path)
    step.model("workforce_events", started=1.0, seconds=0.1, rows=3, bytes=100)
    step.model("workforce_events", started=0.5, seconds=0.9, rows=3, bytes=100)
    assert [m.seconds for m in step.record.models] == [0.9]


def test_models_side_by_side_lose_no_note(tmp_path: Path) -> None:
    step = recorder(tmp_path)

    def note(part: int) -> None:
        for number in range(50):
            step.model(f"m_{part}_{number}", started=0.0, seconds=0.0, rows=0, bytes=0)

    threads = [threading.Thread(target=note, args=(part,)) for part in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(step.record.models) == 400


def test_a_broken_record_is_no_record(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{")
    assert read_record(tmp_path / "broken.json") is None
    assert read_record(tmp_path / "missing.json") is None


def test_publishing_a_file_notes_rows_size_and_profile(tmp_path: Path) -> None:
    lake, step = Lake(tmp_path / "lake"), recorder(tmp_path / "performance")
    lake.make_folders(["int_opening_workforce"], 2025)
    with duckdb.connect() as connection:
        session = YearSession(connection, lake, 2025, 2025, recorder=step)
        session.publish(connection, "int_opening_workforce", "select range as employee from range(1000) order by 1")
    (made,) = step.record.models
    assert (made.name, made.rows) == ("int_opening_workforce", 1000)
    assert made.bytes == lake.file("int_opening_workforce", 2025).stat().st_size
    assert made.profile is not None
    assert Path(made.profile).is_file()
