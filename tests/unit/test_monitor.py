"""What a step's processes use is seen, and a step over its memory ends with the reason, its cursors' queries included."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import psutil
import pytest

from resources.duckdb.sessions import PlanwiseDuckDB
from resources.engines.session import YearSession
from resources.lake import Lake
from resources.process.failures import ModelError
from resources.process.metrics import StepRecord, StepRecorder
from resources.process.monitor import INTERVAL, MemoryBudgetExceeded, Monitor, _size

_HUNDRED_MB = 100_000_000

# Takes minutes, and next to no memory.
_LONG = "select count(*) from range(300000) a(i), range(300000) b(j) where i < j"


def recorder() -> StepRecorder:
    return StepRecorder(StepRecord(step="foundation", year=2025, started=time.time()))


def test_memory_that_is_allocated_meanwhile_is_seen() -> None:
    without, step = recorder(), recorder()
    with Monitor(without):
        pass
    with Monitor(step):
        held = bytearray(b"x") * (3 * _HUNDRED_MB)
        time.sleep(2 * INTERVAL)
        del held
    assert step.record.peak_uss_mb - without.record.peak_uss_mb == pytest.approx(300, abs=30)
    # Each figure against itself: what is shared with other workers of the tests is in the one and not in the other.
    assert step.record.peak_pss_mb - without.record.peak_pss_mb == pytest.approx(300, abs=60)
    assert len(step.record.samples) >= 2


def test_children_are_part_of_the_step() -> None:
    code = f"held = bytearray(b'x') * {2 * _HUNDRED_MB}; print('ready', flush=True); input()"
    alone, together = recorder(), recorder()
    with Monitor(alone):
        pass
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert child.stdout is not None
        child.stdout.readline()
        with Monitor(together):
            time.sleep(6 * INTERVAL)
    finally:
        child.communicate(b"\n")
    assert together.record.peak_uss_mb - alone.record.peak_uss_mb == pytest.approx(205, abs=30)
    assert together.record.peak_threads > alone.record.peak_threads - 1


def test_cpu_and_written_bytes_are_those_of_the_step_alone(tmp_path: Path) -> None:
    step = recorder()
    own = psutil.Process()
    sum(number * number for number in range(2_000_000))  # before the step
    before = own.cpu_times()
    with Monitor(step):
        sum(number * number for number in range(3_000_000))
        (tmp_path / "written").write_bytes(b"x" * 5_000_000)
        after = own.cpu_times()
    used = after.user + after.system - before.user - before.system
    assert step.record.cpu_seconds == pytest.approx(used, abs=0.1)
    assert step.record.bytes_written >= 5_000_000


def test_spilling_is_seen(tmp_path: Path) -> None:
    step = recorder()
    resource = PlanwiseDuckDB(spill_folder=str(tmp_path))
    with resource.session(threads=1, memory_gb=0.3) as connection, Monitor(step) as monitor:
        monitor.watch(connection, connection.interrupt)
        connection.execute(
            "create table sorted as select md5(i::text) a, md5((i + 1)::varchar) as b from range(2000000) t(i) order by a"
        )
    assert step.record.spilled_bytes > 1_000_000
    assert [event.kind for event in step.record.events] == ["spill"]


def test_a_spill_folder_may_go_while_it_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB removes files, and the session's end the folder, whenever they like."""
    (tmp_path / "kept").write_bytes(b"x" * 10)

    def listed(folder: Path, _pattern: str) -> Iterator[Path]:
        yield folder / "kept"
        yield folder / "gone"
        raise FileNotFoundError(folder)

    monkeypatch.setattr(Path, "rglob", listed)
    assert _size(tmp_path) == 10


def test_a_query_that_fits_spills_nothing(tmp_path: Path) -> None:
    step = recorder()
    resource = PlanwiseDuckDB(spill_folder=str(tmp_path))
    with resource.session(threads=1, memory_gb=1) as connection, Monitor(step, memory_gb=1) as monitor:
        monitor.watch(connection, connection.interrupt)
        connection.execute("create table small as select range as i from range(1000)")
    assert step.record.spilled_bytes == 0
    assert step.record.events == []


def test_a_step_over_its_memory_ends_with_the_reason(tmp_path: Path) -> None:
    """The query runs on a cursor: interrupting the connection alone would not end it."""
    step = recorder()
    with duckdb.connect() as connection:
        session = YearSession(connection, Lake(tmp_path), 2025, 2025, recorder=step)
        with pytest.raises(MemoryBudgetExceeded, match=r"Step foundation uses .* may use .* memory_gb"):
            _hold_memory_while_a_query_runs(session)
    assert [event.kind for event in step.record.events] == ["memory", "memory"]
    assert "garbage collected, DuckDB's limit shrunk to" in step.record.events[0].text


def _hold_memory_while_a_query_runs(session: YearSession) -> None:
    with Monitor(session.recorder, memory_gb=0.3) as monitor:
        monitor.watch(session.connection, session.work.interrupt)
        held = bytearray(b"x") * (5 * _HUNDRED_MB)
        cursor = session.connection.cursor()
        with session.work.of("query", cursor.interrupt):
            cursor.execute(_LONG).fetchall()
        del held


def test_a_query_that_cannot_go_on_with_less_is_over_budget_too(tmp_path: Path) -> None:
    error = ModelError("Model m failed")
    error.__cause__ = duckdb.OutOfMemoryException("could not allocate")
    with pytest.raises(MemoryBudgetExceeded, match="cannot go on"), duckdb.connect() as connection:
        _be_shrunk_and_fail(connection, error)


def _be_shrunk_and_fail(connection: duckdb.DuckDBPyConnection, error: Exception) -> None:
    step = recorder()
    with Monitor(step, memory_gb=0.3) as monitor:
        monitor.watch(connection, connection.interrupt)
        held = bytearray(b"x") * (5 * _HUNDRED_MB)
        while not step.record.events:
            time.sleep(INTERVAL / 5)
        del held
        raise error


def test_an_error_of_the_step_itself_stays_what_it_is() -> None:
    with pytest.raises(ModelError, match="wrong"), Monitor(recorder(), memory_gb=8):
        raise ModelError("wrong")


def test_the_thread_ends_with_the_step() -> None:
    with Monitor(recorder()):
        assert any(thread.name == "step-monitor" for thread in threading.enumerate())
    assert not any(thread.name == "step-monitor" for thread in threading.enumerate())
