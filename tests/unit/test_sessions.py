"""Sessions of a process that has many, one after another: each begins with nothing of the one before it."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import duckdb
import pytest

from resources.duckdb import sessions
from resources.duckdb.sessions import PlanwiseDuckDB


@pytest.fixture
def resource(tmp_path: Path) -> PlanwiseDuckDB:
    return PlanwiseDuckDB(spill_folder=str(tmp_path))


def left_over(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_a_session_is_closed_and_its_folder_gone_before_the_next_one_begins(
    resource: PlanwiseDuckDB, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []
    close = sessions._close

    def slowly(connection: duckdb.DuckDBPyConnection, spill: str) -> None:
        time.sleep(0.2)
        close(connection, spill)
        closed.append(threading.current_thread().name)

    monkeypatch.setattr(sessions, "_close", slowly)
    for finished in range(3):
        with resource.session(threads=2, memory_gb=0.5, others_follow=True) as connection:
            assert len(closed) == finished
            assert len(left_over(tmp_path)) == 1, "the folder of the session before"
            assert connection.execute("select current_setting('threads'), count(*) from duckdb_tables()").fetchone() == (
                2,
                0,
            )
            connection.execute("create table mine as select 1 as a")
    assert len(closed) == 2, "the last one is closed meanwhile"
    with resource.session(threads=1, memory_gb=0.5) as connection:
        assert len(closed) == 3
        assert connection.execute("select current_setting('threads')").fetchone() == (1,)
    assert left_over(tmp_path) == []
    assert threading.current_thread().name not in closed[:3]


def test_a_session_whose_end_failed_does_not_fail_the_next_one(
    resource: PlanwiseDuckDB, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_connection: duckdb.DuckDBPyConnection, _spill: str) -> None:
        raise OSError("the disk went away")

    with monkeypatch.context() as patched:
        patched.setattr(sessions, "_close", broken)
        with resource.session(threads=1, memory_gb=0.5, others_follow=True):
            pass
        time.sleep(0.1)
    with resource.session(threads=1, memory_gb=0.5) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_a_forked_process_waits_for_nothing_of_its_parents(
    resource: PlanwiseDuckDB, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The parent's thread that closes the last session does not exist in the child: waiting for it would be for ever."""
    may_close = threading.Event()
    close = sessions._close
    with monkeypatch.context() as patched:
        patched.setattr(sessions, "_close", lambda *of: (may_close.wait(), close(*of)))
        with resource.session(threads=1, memory_gb=0.5, others_follow=True):
            pass
    child = os.fork()
    if not child:
        with resource.session(threads=1, memory_gb=0.5) as connection:
            os._exit(0 if connection.execute("select 1").fetchone() == (1,) else 1)
    may_close.set()
    deadline = time.monotonic() + 20
    ended, status = 0, 0
    while not ended and time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        time.sleep(0.05)
    if not ended:
        os.kill(child, 9)
    assert (ended, status) == (child, 0)
