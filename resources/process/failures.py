"""What can go wrong in a step, told apart, and the means to stop what is at work.

Belongs here: the kinds of failure, the deadline of a step, stopping queries and child processes. Does not: what Dagster
does about a failure (planwise_assets/year/recovery.py), what is remembered of it (resources/process/breaker.py).

Interrupting a connection does not stop the queries of its cursors, so everything at work is registered by name with the
step's `Work`, which stops each of them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import duckdb
import psutil

from resources.errors import FinalError

#: An interrupt that comes between two queries is lost: it is repeated until the step has ended.
_REPEAT_SECONDS = 0.1
_NO_LIMIT = threading.TIMEOUT_MAX


class ModelError(FinalError, RuntimeError):
    """The SQL of a model failed, or broke its contract; the message names the model. Trying again cannot help."""


class MissingInputError(FinalError, RuntimeError):
    """A file that must be there has not been made. Trying again cannot help."""


class ShortageError(RuntimeError):
    """Memory or disk ran out, or a file could not be read or written. With less at once it may go well."""


class EngineError(RuntimeError):
    """The optimized engine itself failed, not the SQL that it was given. The standard engine may do it."""


class StepTimeoutError(FinalError, RuntimeError):
    """The step took longer than the study allows; the message names what was at work."""


class StepStoppedError(RuntimeError):
    """Other work of the step failed, or the run was cancelled: this work was ended with it."""


def failure_of(what: str, error: duckdb.Error) -> Exception:
    """The kind of failure that an error of DuckDB is.

    Args:
        what: What failed, as the start of the sentence: `Model int_x failed for 2025`.
        error: DuckDB's error.
    """
    message = f"{what}: {error}"
    if isinstance(error, duckdb.InterruptException):
        return StepStoppedError(message)
    if isinstance(error, duckdb.OutOfMemoryException | duckdb.IOException):
        return ShortageError(message)
    if isinstance(error, duckdb.InternalException | duckdb.FatalException):
        return EngineError(message)
    return ModelError(message)


@contextmanager
def engine_faults(work: Work) -> Iterator[None]:
    """Tells failures of the optimized engine's own machinery from those of the SQL, the inputs and the machine.

    Args:
        work: What the step has at work; once it was told to stop, failures are left as they are.

    Raises:
        ShortageError: Memory or disk ran out.
        StepStoppedError: A query was interrupted.
        EngineError: Anything else failed that is not of a kind of its own.
    """
    try:
        yield
    except (ModelError, MissingInputError, ShortageError, StepStoppedError, EngineError):
        raise
    except Exception as error:
        if work.reason is not None:
            raise
        if isinstance(error, duckdb.InterruptException | duckdb.OutOfMemoryException | duckdb.IOException):
            raise failure_of("The optimized engine", error) from error
        raise EngineError(f"The optimized engine failed: {type(error).__name__}: {error}") from error


def end_process(process: psutil.Process) -> None:
    """Ends a process and all its children, at once."""
    with suppress(psutil.NoSuchProcess):
        for one in [*process.children(recursive=True), process]:
            with suppress(psutil.NoSuchProcess):
                one.kill()


class Work:
    """What a step has at work: queries on cursors and child processes, each by name, so that all of it can be stopped.

    Models run side by side: every method may be called from any thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._at_work: dict[int, tuple[str, Callable[[], object]]] = {}
        self._next = 0
        #: Why everything was stopped, once it was.
        self.reason: Exception | None = None

    @contextmanager
    def of(self, name: str, stop: Callable[[], object]) -> Iterator[None]:
        """Registers one piece of work while it lasts.

        Args:
            name: The model, operation or test.
            stop: What ends it; may be called more than once, and from another thread.

        Raises:
            StepStoppedError: The step is being stopped already.
        """
        with self._lock:
            if self.reason is not None:
                raise StepStoppedError(f"{name} was not begun: {self.reason}")
            key = self._next = self._next + 1
            self._at_work[key] = (name, stop)
        try:
            yield
        finally:
            with self._lock:
                del self._at_work[key]

    def names(self) -> list[str]:
        """What is at work now."""
        with self._lock:
            return [name for name, _ in self._at_work.values()]

    def stop(self, reason: Exception) -> None:
        """Stops everything at work, and whatever would begin; the first reason counts."""
        with self._lock:
            self.reason = self.reason or reason
        self.interrupt()
        self._stopped.set()

    @contextmanager
    def until(self, seconds: float | None, step: str) -> Iterator[None]:
        """Stops the work of the block when it takes longer than it may, and keeps stopping it until the block has ended.

        Args:
            seconds: How long the block may take; None for ever.
            step: Name of the step, for when nothing in particular is at work.

        Raises:
            Exception: The reason for which the work was stopped, in place of whatever error the stop caused.
        """
        ended = threading.Event()
        watch = threading.Thread(target=self._watch, args=(seconds, step, ended), daemon=True, name="deadline")
        watch.start()
        try:
            yield
        except Exception as error:
            if self.reason is not None and self.reason is not error:
                raise self.reason from error
            raise
        finally:
            ended.set()
            self._stopped.set()
            watch.join()

    def _watch(self, seconds: float | None, step: str, ended: threading.Event) -> None:
        if not self._stopped.wait(_NO_LIMIT if seconds is None else seconds):
            at_work = ", ".join(name for name in self.names() if name != step) or step
            self.stop(
                StepTimeoutError(
                    f"Step {step} took longer than {(seconds or 0) / 60:g} minutes, which is the study's "
                    f"`resources.step_timeout_minutes`. At work: {at_work}."
                )
            )
        while not ended.wait(_REPEAT_SECONDS):
            self.interrupt()

    def interrupt(self) -> None:
        """Stops what is at work now, without a reason: a watcher of memory calls it as often as it must."""
        with self._lock:
            for _, stop in self._at_work.values():
                with suppress(duckdb.Error, OSError):
                    stop()
