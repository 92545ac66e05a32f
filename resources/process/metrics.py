"""What a step took: the record that each step keeps of itself, and where the records are.

Belongs here: the record, the recorder that fills it, reading and writing it. Does not: sampling a process
(resources/process/monitor.py), what follows from the records (planwise_assets/year/analysis/).

Records are never in the lake, whose bytes are the same in every run: `<home>/performance/<study>/simulation_year=<year>/`
has one file a step, `<step>.json`, written by the step itself at its end, whether it succeeded or failed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ValidationError

from resources.files import write_whole

EventKind = Literal["retry", "fallback", "breaker", "memory", "spill", "batch"]
Status = Literal["running", "success", "failure"]


class ModelRecord(BaseModel):
    """One file that a step made.

    Attributes:
        name: Name of the model, operation or input table.
        started: When its SQL began; seconds since 1970.
        seconds: Wall time, writing included.
        cpu: CPU time of DuckDB's threads in it; seconds, where a profile was kept.
        rows: Rows written.
        bytes: Size of the file.
        profile: Path of DuckDB's JSON profile, where one was kept.
    """

    name: str
    started: float
    seconds: float
    cpu: float | None = None
    rows: int
    bytes: int
    profile: str | None = None


class OptimizationRecord(BaseModel):
    """One DuckDB optimization in a step: whether it was applied, what it changed, what it took and what it brought."""

    name: str
    applied: bool
    changed: str = ""
    seconds: float = 0.0
    effect: str = ""
    reason: str = ""


class EventRecord(BaseModel):
    """Something out of the ordinary: a retry, a fallback, a breaker that opened, memory reclaimed, a spill, batches."""

    kind: EventKind
    text: str
    at: float


class StepRecord(BaseModel):
    """What one attempt of a step took. Times are seconds, `started` and `ended` since 1970; memory is of the process tree.

    Attributes:
        people: Opening rows x worlds: what a run's times are compared by. The analysis of the year fills it in.
        samples: Seconds since the start, PSS in MB, threads.
    """

    step: str
    year: int
    run_id: str = ""
    attempt: int = 0
    started: float
    ended: float = 0.0
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_uss_mb: float = 0.0
    peak_pss_mb: float = 0.0
    peak_threads: int = 0
    peak_open_files: int = 0
    bytes_written: int = 0
    spilled_bytes: int = 0
    threads: int = 1
    memory_gb: float = 0.0
    cursors: int = 1
    engine: str = ""
    executor: str = ""
    status: Status = "running"
    error: str | None = None
    people: int | None = None
    samples: list[tuple[float, float, int]] = []
    models: list[ModelRecord] = []
    optimizations: list[OptimizationRecord] = []
    events: list[EventRecord] = []


@dataclass(frozen=True)
class PerformanceFolder:
    """The records of one study: `<root>/simulation_year=<year>/<step>.json`."""

    root: Path

    def year(self, year: int) -> Path:
        """Where the records of a year are."""
        return self.root / f"simulation_year={year}"

    def step(self, step: str, year: int) -> Path:
        """The record of a step's last attempt."""
        return self.year(year) / f"{step}.json"

    def profile(self, model: str, year: int) -> Path:
        """DuckDB's profile of a model."""
        return self.year(year) / "profiles" / f"{model}.json"

    @property
    def history(self) -> Path:
        """One line a finished year: what later runs are compared with."""
        return self.root / "history.jsonl"

    def records(self, year: int, steps: list[str]) -> list[StepRecord]:
        """The records of these steps in a year, earlier attempts of the same run included, in order of their start."""
        found = [
            record
            for step in steps
            for file in [self.step(step, year), *self.year(year).glob(f"{step}.attempt_*.json")]
            if (record := read_record(file)) is not None
        ]
        return sorted(found, key=lambda record: (record.started, record.step, record.attempt))


class StepRecorder:
    """Collects what a step does. One that is given no folder keeps its record in memory only.

    Models run side by side: every method may be called from any thread.
    """

    def __init__(self, record: StepRecord | None = None, folder: PerformanceFolder | None = None) -> None:
        """Starts the record.

        Args:
            record: What is known of the step when it starts.
            folder: Where the record goes at the end.
        """
        self.record = record or StepRecord(step="", year=0, started=time.time())
        self.folder = folder
        self._lock = threading.Lock()

    def model(
        self,
        name: str,
        *,
        started: float,
        seconds: float,
        rows: int,
        bytes: int,
        cpu: float | None = None,
        profile: str | None = None,
    ) -> None:
        """Notes a file that was made; a later note of the same name takes its place.

        Args:
            name: Name of the model, operation or table.
            started: Seconds since 1970.
            seconds: Wall time.
            rows: Rows of the file.
            bytes: Its size.
            cpu: CPU seconds, where known.
            profile: Path of DuckDB's profile, where one was kept.
        """
        made = ModelRecord(name=name, started=started, seconds=seconds, rows=rows, bytes=bytes, cpu=cpu, profile=profile)
        with self._lock:
            self.record.models = [*(model for model in self.record.models if model.name != name), made]

    def optimization(
        self,
        name: str,
        *,
        applied: bool,
        changed: str = "",
        seconds: float = 0.0,
        effect: str = "",
        reason: str = "",
    ) -> None:
        """Notes an optimization: what it changed, how long that took, what it brought; or why it was not applied.

        Args:
            name: Its name in the study file.
            applied: Whether it was.
            changed: What it changed, as a setting or statement.
            seconds: What applying it took.
            effect: What it brought, where that was measured.
            reason: Why it was not applied.
        """
        note = OptimizationRecord(name=name, applied=applied, changed=changed, seconds=seconds, effect=effect, reason=reason)
        with self._lock:
            self.record.optimizations.append(note)

    def profile_of(self, name: str) -> Path | None:
        """Where DuckDB's profile of a model goes; None when the record stays in memory."""
        return self.folder.profile(name, self.record.year) if self.folder else None

    def event(self, kind: EventKind, text: str) -> None:
        """Notes something out of the ordinary, in words for a person."""
        with self._lock:
            self.record.events.append(EventRecord(kind=kind, text=text, at=time.time()))

    def finish(self, error: BaseException | None = None) -> None:
        """Ends the record and writes it. The record of an earlier attempt in the same run is kept beside it."""
        record = self.record
        record.ended = time.time()
        record.wall_seconds = record.ended - record.started
        record.status = "failure" if error else "success"
        record.error = f"{type(error).__name__}: {error}" if error else None
        if self.folder is None:
            return
        file = self.folder.step(record.step, record.year)
        _keep_earlier_attempt(file, record)
        write_record(file, record)


@contextmanager
def recorded(recorder: StepRecorder) -> Iterator[StepRecorder]:
    """Ends the recorder's record when the block ends, whichever way it ends."""
    try:
        yield recorder
    except BaseException as error:
        recorder.finish(error)
        raise
    else:
        recorder.finish()


def read_record(file: Path) -> StepRecord | None:
    """The record in a file; None when it is missing, broken or of another version."""
    try:
        return StepRecord.model_validate_json(file.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def write_record(file: Path, record: BaseModel) -> None:
    """Writes a record whole or not at all. Not synced: what a power cut takes of it, no result needs."""
    write_whole(file, f"{record.model_dump_json()}\n".encode())


def _keep_earlier_attempt(file: Path, record: StepRecord) -> None:
    earlier = read_record(file)
    if earlier is not None and earlier.run_id == record.run_id and earlier.attempt < record.attempt:
        file.replace(file.with_name(f"{record.step}.attempt_{earlier.attempt}.json"))
    elif earlier is None or earlier.run_id != record.run_id:
        for stale in file.parent.glob(f"{record.step}.attempt_*.json"):
            stale.unlink(missing_ok=True)
