"""What a step's processes use while it runs, and the end of a step that uses more than its memory.

Belongs here: sampling with psutil, reclaiming memory, raising MemoryBudgetExceeded. Does not: the limits themselves
(planwise_assets/steps.py), what is done after a step has ended so (retries).

A step has a process of its own (and dbt's below it) with the multiprocess executor. With in_process the process is the
run's: then memory is the whole process's, and CPU and bytes are what it added while the step was at work.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import psutil

from resources.process.metrics import StepRecorder
from resources.process.processes import METER, cpu_and_written

#: Between two samples, seconds. A step has one at its end, so that the shortest has one too, and none at its start.
INTERVAL = 0.25
#: Samples between two looks for children, which read all of /proc and take several times as long. The first is a second
#: after the start: the only child is dbt, and that takes seconds.
_LOOK_FOR_CHILDREN = 4
#: What a process may have before its step starts without that counting as the step's: Python, Dagster, dbt, DuckDB.
_BEFORE_THE_STEP_MB = 250.0
#: Samples over budget until something is done, and, after it was done, until the step ends.
_PATIENCE = 2
_KEPT_SAMPLES = 400
_SHRINK_TO = 0.75
_MB = 1e6


class MemoryBudgetExceeded(RuntimeError):  # noqa: N818 - the design's word for it
    """A step uses more memory than it was given, and giving back what can be given back did not help."""


class Monitor:
    """Samples the process tree of this step every INTERVAL seconds into the recorder, from a thread of its own."""

    def __init__(self, recorder: StepRecorder, *, memory_gb: float | None = None) -> None:
        """Prepares to sample.

        Args:
            recorder: Where the figures go.
            memory_gb: What the step may use; None watches without a limit.
        """
        self._record = recorder.record
        self._recorder = recorder
        self._budget_mb = memory_gb * 1000 if memory_gb else None
        self._process = psutil.Process()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._interrupt: Callable[[], None] | None = None
        self._spill: Path | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="step-monitor", daemon=True)
        self._children: list[psutil.Process] = []
        self._samples_until_look = _LOOK_FOR_CHILDREN - 1
        self._over = 0
        self._was_shrunk = False
        self._exceeded: str | None = None
        self._cpu_before = 0.0
        self._written_before = 0
        self._started = time.monotonic()

    def watch(self, connection: duckdb.DuckDBPyConnection, interrupt: Callable[[], None]) -> None:
        """Watches a session too.

        Args:
            connection: Its connection: for its temporary folder and its memory limit.
            interrupt: Ends every query at work in it. The connection's own `interrupt` would not end its cursors' queries.
        """
        self._connection = connection.cursor()
        self._interrupt = interrupt

    def __enter__(self) -> Self:
        self._cpu_before, self._written_before = cpu_and_written([self._process])
        if self._budget_mb:
            before = self._process.memory_info().rss / _MB
            self._budget_mb += max(0.0, before - _BEFORE_THE_STEP_MB)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()
        self._sample()
        self._connection = None
        self._record.samples = _thinned(self._record.samples)
        if self._record.spilled_bytes:
            self._recorder.event("spill", f"DuckDB put up to {self._record.spilled_bytes / _MB:.1f} MB on disk.")
        # A query that was interrupted comes back as some error of the engine; this is what it was.
        if self._exceeded and isinstance(error, Exception):
            raise MemoryBudgetExceeded(self._exceeded) from error
        if self._was_shrunk and _is_out_of_memory(error):
            raise MemoryBudgetExceeded(
                f"Step {self._record.step} was over its {self._budget_mb:.0f} MB, and with less DuckDB cannot go on: {error}"
            ) from error

    def _watch(self) -> None:
        while not self._stop.wait(INTERVAL):
            self._look_around()
            pss = self._sample()
            if self._budget_mb is not None and pss > self._budget_mb:
                pss = self._sample(exactly=True)
            if self._budget_mb is not None:
                self._keep_to_budget(pss, self._budget_mb)

    def _look_around(self) -> None:
        """Finds children now and then, and once the session's temporary folder."""
        if self._samples_until_look == 0:
            with suppress(psutil.Error):
                self._children = self._process.children(recursive=True)
            self._samples_until_look = _LOOK_FOR_CHILDREN
        self._samples_until_look -= 1
        if self._spill is None and self._connection is not None:
            row = self._connection.execute("select current_setting('temp_directory')").fetchone()
            self._spill = Path(row[0]) if row and row[0] else None

    def _sample(self, *, exactly: bool = False) -> float:
        """Takes one sample, with what is shared measured anew when asked to.

        Returns:
            The tree's PSS in MB.
        """
        record = self._record
        tree = [self._process, *self._children]
        usage = METER.usage(tree, exactly=exactly)
        cpu, written = cpu_and_written(tree)
        record.peak_uss_mb = max(record.peak_uss_mb, round(usage.uss_mb, 1))
        record.peak_pss_mb = max(record.peak_pss_mb, round(usage.pss_mb, 1))
        record.peak_threads = max(record.peak_threads, usage.threads)
        record.peak_open_files = max(record.peak_open_files, usage.files)
        record.cpu_seconds = max(record.cpu_seconds, round(cpu - self._cpu_before, 3))
        record.bytes_written = max(record.bytes_written, written - self._written_before)
        if self._spill is not None:
            record.spilled_bytes = max(record.spilled_bytes, _size(self._spill))
        # The first one stands for all that was before it.
        at = round(time.monotonic() - self._started, 3) if record.samples else 0.0
        record.samples.append((at, round(usage.pss_mb, 1), usage.threads))
        return usage.pss_mb

    def _keep_to_budget(self, pss: float, budget: float) -> None:
        if pss <= budget:
            self._over = 0
            return
        self._over += 1
        if self._over < _PATIENCE:
            return
        if not self._was_shrunk:
            self._was_shrunk, self._over = True, 0
            gc.collect()
            self._recorder.event("memory", f"{pss:.0f} MB in use, {budget:.0f} MB allowed: {self._shrink()}.")
            return
        if self._exceeded is None:
            self._exceeded = (
                f"Step {self._record.step} uses {pss:.0f} MB of memory and may use {budget:.0f} MB; collecting garbage and "
                f"shrinking DuckDB's limit did not help. Give the step more (`resources: memory_gb`) or a smaller batch "
                f"(`resources: batch_size`)."
            )
            self._recorder.event("memory", self._exceeded)
        # Again at every sample: between two queries an interrupt is lost.
        if self._interrupt is not None:
            self._interrupt()

    def _shrink(self) -> str:
        """Takes a quarter of DuckDB's memory back. While a query holds more than that, DuckDB refuses."""
        if self._connection is None:
            return "garbage collected"
        try:
            row = self._connection.execute(
                "select memory_limit, (select sum(memory_usage_bytes) from duckdb_memory()) from "
                "(select current_setting('memory_limit') as memory_limit)"
            ).fetchone()
            in_use = int(row[1] or 0) if row else 0
            limit = max(int(in_use * _SHRINK_TO / _MB), 50)
            self._connection.execute(f"set memory_limit = '{limit}MB'")
        except duckdb.Error as error:
            return f"garbage collected; DuckDB's limit could not be shrunk ({error})"
        return f"garbage collected, DuckDB's limit shrunk to {limit} MB"


def _is_out_of_memory(error: BaseException | None) -> bool:
    while error is not None and not isinstance(error, duckdb.OutOfMemoryException):
        error = error.__cause__
    return error is not None


def _size(folder: Path) -> int:
    total = 0
    with suppress(OSError):  # a spill file, or the folder, was just removed
        for file in folder.rglob("*"):
            with suppress(OSError):
                total += file.stat().st_size
    return total


def _thinned(samples: list[tuple[float, float, int]]) -> list[tuple[float, float, int]]:
    """At most _KEPT_SAMPLES of them, each the peak of its stretch."""
    stretch = -(-len(samples) // _KEPT_SAMPLES)
    return [max(samples[i : i + stretch], key=lambda sample: sample[1]) for i in range(0, len(samples), stretch or 1)]
