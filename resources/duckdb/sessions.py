"""DuckDB sessions that keep to their step's threads and memory.

Belongs here: opening, limiting and closing connections. Does not: what is computed in them, where files are.

A step's session is in memory: what lasts is the lake. Each DuckDB process takes 80 % of the memory and every core unless
told otherwise, so every session is told.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import TypeVar

import duckdb
from dagster_duckdb import DuckDBResource
from pydantic import Field

#: Of a step's memory, what Python, Arrow and DuckDB's own overhead need beside the buffers that DuckDB counts.
PROCESS_OVERHEAD_GB = 0.25
_SMALLEST_LIMIT_GB = 0.1
#: A session spills at most this many times its memory: a runaway query ends as an error before the disk is full.
SPILL_FACTOR = 50

_Made = TypeVar("_Made")


class PlanwiseDuckDB(DuckDBResource):
    """In-memory DuckDB sessions with limits. Unlike its base, it always closes what it opened."""

    database: str = ":memory:"
    spill_folder: str = Field(description="Where sessions make their own temporary folders; removed when they close.")

    @contextmanager
    def session(self, *, threads: int, memory_gb: float, others_follow: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection for one step.

        Args:
            threads: DuckDB's threads; cursors at work beside the first add one each.
            memory_gb: What the whole process may use. DuckDB gets it less PROCESS_OVERHEAD_GB.
            others_follow: Whether this process will want further sessions: the next one is opened meanwhile, and this one is
                closed while Dagster writes down what the step did.
        """
        Path(self.spill_folder).mkdir(parents=True, exist_ok=True)
        connection = _SPARES.take()
        spill = mkdtemp(prefix="spill_", dir=self.spill_folder)
        settings = session_settings(threads, memory_gb, spill)
        connection.execute("; ".join(f"set {name} = {_literal(value)}" for name, value in settings.items()))
        if others_follow:
            _SPARES.prepare()
        try:
            yield connection
        finally:
            if others_follow:
                _SPARES.leave(connection, spill)
            else:
                _close(connection, spill)


class _Spares:
    """In-memory databases opened ahead and closed behind: either takes DuckDB 5 to 25 ms, which a small step would wait for.

    What a forked process inherited is its parent's.
    """

    def __init__(self) -> None:
        self._next: Future[duckdb.DuckDBPyConnection] | None = None
        self._last: Future[None] | None = None
        self._process = 0

    def prepare(self) -> None:
        """Begins to open one, from a thread."""
        if self._next is None or self._process != os.getpid():
            self._next, self._process = _in_a_thread(_open), os.getpid()

    def take(self) -> duckdb.DuckDBPyConnection:
        """One that nobody has used. The one before it is closed by then: two would be more memory than a step may use."""
        spare, self._next = self._next, None
        last, self._last = self._last, None
        if self._process != os.getpid():
            return _open()
        if last is not None:
            wait([last])
        return spare.result() if spare is not None else _open()

    def leave(self, connection: duckdb.DuckDBPyConnection, spill: str) -> None:
        """Begins to close one, from a thread."""
        self._last = _in_a_thread(_close, connection, spill)


_SPARES = _Spares()


def _in_a_thread(work: Callable[..., _Made], *given: object) -> Future[_Made]:
    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spare")
    future = pool.submit(work, *given)
    pool.shutdown(wait=False)
    return future


def _open() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:", config={"threads": 1, "async_threads": 0})


def _close(connection: duckdb.DuckDBPyConnection, spill: str) -> None:
    connection.close()
    shutil.rmtree(spill, ignore_errors=True)


def session_settings(threads: int, memory_gb: float, spill_folder: str) -> dict[str, str | bool | int | float | list[str]]:
    """DuckDB's settings for a step; the standard engine hands the same to dbt.

    Args:
        threads: DuckDB's own.
        memory_gb: Of the whole process, in GB; DuckDB gets it less PROCESS_OVERHEAD_GB.
        spill_folder: Where it may write what does not fit into memory.
    """
    limit = max(memory_gb - PROCESS_OVERHEAD_GB, _SMALLEST_LIMIT_GB)
    return {
        "threads": threads,
        "memory_limit": f"{int(limit * 1000)}MB",
        "temp_directory": spill_folder,
        "max_temp_directory_size": f"{int(_spill_limit_gb(limit, spill_folder) * 1000)}MB",
        # Beside its threads DuckDB has eight more that read files ahead. Nobody has allowed them, and files here are local.
        "async_threads": 0,
        # The order of rows in a file is part of its bytes.
        "preserve_insertion_order": True,
        # DuckDB would draw it over what the command prints, for every query of two seconds.
        "enable_progress_bar": False,
    }


def _literal(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'" if isinstance(value, str) else str(value).lower()


def _spill_limit_gb(memory_gb: float, folder: str) -> float:
    """Never more than nine tenths of what is free on the disk."""
    return min(memory_gb * SPILL_FACTOR, shutil.disk_usage(folder).free / 1e9 * 0.9)
