"""Two runs of one study never write at once, and a step never outlives its run.

Belongs here: the flocks that say so. Does not: queues and pools (dagster.yaml), what a run does while it holds them.

Files in `<home>/locks/`: `<study>.run` is held exclusively by the run's own process for its whole life and names the run
until it has ended in order; `<study>.steps` is held shared by every step. A new run takes the first, then waits until
nobody holds the second, so orphans of a killed run are gone before it writes. `<study>.operations` is held shared by
operations side by side, exclusively by one that runs alone. The kernel drops a flock with its process: there are no stale
locks and no process ids to misread.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from resources.errors import FinalError

_WATCH_SECONDS = 0.2
_ORPHANS_SECONDS = 15.0
_ABANDONED_EXIT_CODE = 75  # EX_TEMPFAIL: run it again

#: Run ids whose lock this very process holds: their steps need no watching when they run in it.
_held_here: set[str] = set()


class StudyBusyError(FinalError, RuntimeError):
    """Another run of the same study is at work."""


class LockDeniedError(FinalError, PermissionError):
    """A lock file may not be written: another user simulates in this home."""


def _open(file: Path) -> int:
    """A lock file's descriptor.

    Raises:
        LockDeniedError: This user may not write it.
    """
    try:
        return os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    except PermissionError:
        owner = f"user {file.stat().st_uid}" if file.exists() else f"the owner of {file.parent}"
        raise LockDeniedError(
            f"{file} belongs to {owner}, who simulates in this home. Choose a home of your own (PLANWISE_HOME), or have "
            "that user allow a group of both to write there."
        ) from None


def _try_lock(descriptor: int, kind: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.05)


@contextmanager
def study_run(folder: Path, study: str, run_id: str) -> Iterator[None]:
    """Holds the study for one run, in the run's own process.

    Args:
        folder: Where the lock files of all studies are.
        study: Name of the study.
        run_id: Dagster's id of the run, which another run is told.

    Raises:
        StudyBusyError: Another run holds it, or a step of a former run does not end.
        LockDeniedError: Another user's lock is in the way.
    """
    folder.mkdir(parents=True, exist_ok=True)
    run_file = _open(folder / f"{study}.run")
    steps_file = _open(folder / f"{study}.steps")
    is_held = False
    try:
        # Watching steps of a dead run take the lock for an instant to see that it is free: try for a second.
        if not _try_lock(run_file, fcntl.LOCK_EX, seconds=1.0):
            holder = os.pread(run_file, 200, 0).decode(errors="replace").strip() or "unknown"
            raise StudyBusyError(
                f"Study '{study}' is being simulated by another run ({holder}). Two runs of one study would write the "
                f"same files. Wait until it has ended or cancel it, then launch this one again."
            )
        is_held = True
        os.truncate(run_file, 0)
        os.pwrite(run_file, run_id.encode(), 0)
        if not _try_lock(steps_file, fcntl.LOCK_EX, seconds=_ORPHANS_SECONDS):
            raise StudyBusyError(
                f"A step of an earlier, dead run of study '{study}' is still at work after {_ORPHANS_SECONDS:.0f} s. "
                f"End that process, then launch this run again."
            )
        fcntl.flock(steps_file, fcntl.LOCK_UN)
        _held_here.add(run_id)
        yield
    finally:
        _held_here.discard(run_id)
        if is_held:
            os.truncate(run_file, 0)
        os.close(steps_file)
        os.close(run_file)


def run_at_work(folder: Path, study: str) -> str | None:
    """The run that holds the study now; None when it is free.

    Args:
        folder: Where the lock files of all studies are.
        study: Name of the study.
    """
    is_held, run = _last_run(folder, study)
    return (run.strip() or "unknown") if is_held else None


def abandoned_run(folder: Path, study: str) -> str | None:
    """The run that held the study last and was killed: the lock is free and still names it. None when there is none."""
    is_held, run = _last_run(folder, study)
    return None if is_held else run or None


def _last_run(folder: Path, study: str) -> tuple[bool, str]:
    """Whether a run holds the study, and the run that its lock names, if any."""
    try:
        # To be read only: the doctor looks at homes of others, too.
        descriptor = os.open(folder / f"{study}.run", os.O_RDONLY)
    except (FileNotFoundError, PermissionError):
        return False, ""
    try:
        is_held = not _try_lock(descriptor, fcntl.LOCK_SH, seconds=0)
        return is_held, os.pread(descriptor, 200, 0).decode(errors="replace")
    finally:
        os.close(descriptor)


def executor_mode(run_id: str) -> str:
    """How this run's steps are executed, as a step sees it: `in_process` where the run itself lives in this process."""
    return "in_process" if run_id in _held_here else "multiprocess"


@contextmanager
def study_step(folder: Path, study: str, run_id: str) -> Iterator[None]:
    """Holds the study's steps for one step; in a process of its own, the step ends when its run is gone.

    Args:
        folder: Where the lock files of all studies are.
        study: Name of the study.
        run_id: Dagster's id of the run that the step belongs to.

    Raises:
        StudyBusyError: The study belongs to another run by now.
    """
    steps_file = _open(folder / f"{study}.steps")
    stop = threading.Event()
    try:
        fcntl.flock(steps_file, fcntl.LOCK_SH)
        if run_id not in _held_here:
            run_file = folder / f"{study}.run"
            if not _run_is_alive(run_file, run_id):
                raise StudyBusyError(f"Run {run_id} does not hold study '{study}' any more; this step must not write.")
            threading.Thread(target=_end_with_the_run, args=(run_file, run_id, stop), daemon=True).start()
        yield
    finally:
        stop.set()
        os.close(steps_file)


@contextmanager
def operation_place(folder: Path, study: str, *, is_alone: bool) -> Iterator[None]:
    """A place among the study's parallel operations: beside the others, or alone when they have ended.

    Args:
        folder: Where the lock files of all studies are.
        study: Name of the study.
        is_alone: Waits until the others have ended, and keeps them waiting.
    """
    descriptor = _open(folder / f"{study}.operations")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if is_alone else fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


def _run_is_alive(run_file: Path, run_id: str) -> bool:
    """Whether the process of this very run still holds the study."""
    descriptor = os.open(run_file, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.pread(descriptor, 200, 0).decode(errors="replace") == run_id
    else:
        return False
    finally:
        os.close(descriptor)


def _end_with_the_run(run_file: Path, run_id: str, stop: threading.Event) -> None:
    while not stop.wait(_WATCH_SECONDS):
        if not _run_is_alive(run_file, run_id):
            os._exit(_ABANDONED_EXIT_CODE)
