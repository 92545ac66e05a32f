"""What Dagster does about a failed step: try again with less, alone, or not at all; and what it leaves is cleared.

Belongs here: the retry policy and who is exempt from it, an operation's place beside the others, the sweep. Does not: the
kinds of failure (resources/failures.py), the fallback to the standard engine (dbt_assets.py).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from planwise_assets.groups import OPERATIONS, Step
from planwise_assets.lifecycle.markers import YearGateError
from planwise_assets.project import Project
from planwise_assets.settings import Settings
from planwise_assets.study.errors import StudyError
from planwise_assets.study.legal_limits import NoLimitError
from resources.breaker import FAILURES_TO_OPEN, Breaker
from resources.failures import MissingInputError, ModelError, StepTimeoutError
from resources.locks import StudyBusyError, operation_place
from resources.metrics import EventKind, StepRecorder

#: On every step. Blocking checks that fail are never retried: Dagster's own rule.
RETRIES = dg.RetryPolicy(max_retries=2, delay=1, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)

#: Trying again gives the same, or only takes longer.
_FINAL = (
    *(ModelError, MissingInputError, StepTimeoutError),
    *(StudyBusyError, StudyError, YearGateError, NoLimitError),
    *(duckdb.ProgrammingError, duckdb.DataError, duckdb.IntegrityError),
)
#: What a step says that was ended because its run was cancelled.
CANCELLED = "The run was cancelled."
_SMALLER = 4
_OPERATION_NAMES = {step.name for step in OPERATIONS}


@contextmanager
def final_failures() -> Iterator[None]:
    """Turns failures that trying again cannot mend into ones that Dagster does not retry."""
    try:
        yield
    except _FINAL as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    except (KeyboardInterrupt, dg.DagsterExecutionInterruptedError) as error:
        # With a retry policy Dagster tries a cancelled step again: the cancelled run would go on.
        raise dg.Failure(CANCELLED, allow_retries=False) from error


def batch_size(configured: int, attempt: int) -> int:
    """Rows that an operation takes at once: a quarter after each failure."""
    return max(configured // int(_SMALLER**attempt), 1)


def breaker_of(project: Project) -> Breaker:
    """The circuit breaker of a study."""
    return study_breaker(project.settings, project.study.study)


def study_breaker(settings: Settings, study: str) -> Breaker:
    """The circuit breaker of a study, by its name."""
    return Breaker(settings.state(study) / "breaker.json")


@dataclass(frozen=True)
class FastPath:
    """A part of the fast path that has a slower one to take its place, behind its circuit breaker.

    Attributes:
        breaker: The study's breaker.
        component: `engine:<group>`, `optimization:<name>`.
        recorder: The step's record.
        log: The step's log.
    """

    breaker: Breaker
    component: str
    recorder: StepRecorder
    log: Any

    def is_open_to_use(self) -> bool:
        """Whether it may be used in this step; notes it when not."""
        if self.breaker.allows(self.component):
            return True
        self._note("breaker", f"{self.component} is left alone after {FAILURES_TO_OPEN} failures. See: planwise doctor")
        return False

    def worked(self) -> None:
        """It did what it should."""
        self.breaker.succeeded(self.component)

    def broke(self, error: Exception, *, instead: str) -> None:
        """It failed, and `instead` says what is done now."""
        self._note("fallback", f"{self.component} failed: {error} {instead}")
        if self.breaker.failed(self.component, str(error)).state == "open":
            self._note("breaker", f"{self.component} failed {FAILURES_TO_OPEN} times: it is left alone for some runs.")

    def _note(self, kind: EventKind, text: str) -> None:
        self.recorder.event(kind, text)
        self.log.warning(text)


@contextmanager
def place_beside_others(project: Project, step: Step, attempt: int, recorder: StepRecorder) -> Iterator[None]:
    """Lets an operation run beside the others on its first try, and alone on a retry or while its circuit is open.

    A killed operation cannot note its own failure: its retry does.
    """
    if step.name not in _OPERATION_NAMES:
        yield
        return
    breaker, component = breaker_of(project), f"operation:{step.name}"
    if attempt == 1 and breaker.allows(component):
        circuit = breaker.failed(component, f"{step.name} failed beside the other operations.")
        if circuit.state == "open":
            recorder.event("breaker", f"{component} opened: the operation runs alone from now on.")
    is_alone = attempt > 0 or not breaker.allows(component)
    with operation_place(project.settings.locks, project.study.study, is_alone=is_alone):
        yield
    if not is_alone:
        breaker.succeeded(component)


def leftovers(settings: Settings, study: str) -> list[Path]:
    """What a killed run of this study left: spill folders, files half written. While a run is at work, what is in use."""
    temporary, warehouse = settings.temporary(study), settings.warehouse(study)
    return sorted(
        [
            *(temporary.iterdir() if temporary.is_dir() else ()),
            *settings.lake(study).glob("*/simulation_year=*/tmp_*"),
            *warehouse.parent.glob(f"tmp_{warehouse.name}*"),
            *settings.state(study).glob("tmp_*"),
            *(settings.home / "performance" / study).rglob("tmp_*"),
        ]
    )


def sweep(project: Project) -> None:
    """Removes what steps left behind. Only inside the study's lock: nobody else of this study is at work then."""
    for path in leftovers(project.settings, project.study.study):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    shutil.rmtree(project.temporary, ignore_errors=True)
