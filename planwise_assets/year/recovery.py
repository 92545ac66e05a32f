"""What Dagster does about a failed step: try again with less, alone, or not at all.

Belongs here: the retry policy and who is exempt from it, an operation's place beside the others. Does not: the kinds
of failure (resources/process/failures.py), the fallback to the standard engine (models/engine_choice.py), what a step leaves
behind (cleanup.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import duckdb

from planwise_assets.project import Project
from planwise_assets.steps import OPERATIONS, Step
from planwise_assets.year.breaker import breaker_of
from resources.errors import FinalError
from resources.process.locks import operation_place
from resources.process.metrics import StepRecorder

#: On every step. Blocking checks that fail are never retried: Dagster's own rule.
RETRIES = dg.RetryPolicy(max_retries=2, delay=1, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)

#: Trying again gives the same, or only takes longer.
_FINAL = (FinalError, duckdb.ProgrammingError, duckdb.DataError, duckdb.IntegrityError)
#: What a step says that was ended because its run was cancelled.
CANCELLED = "The run was cancelled."
_SMALLER = 4
_OPERATION_NAMES = {step.name for step in OPERATIONS}


@contextmanager
def final_failures() -> Iterator[None]:
    """Turns failures that trying again cannot mend into ones that Dagster does not retry.

    Raises:
        dagster.Failure: In place of such a failure, or of the interrupt of a run that was cancelled; Dagster does not retry
            it.
    """
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


@contextmanager
def place_beside_others(project: Project, step: Step, attempt: int, recorder: StepRecorder) -> Iterator[None]:
    """Lets an operation run beside the others on its first try, and alone on a retry or while its circuit is open.

    A killed operation cannot note its own failure: its retry does.

    Args:
        project: The study.
        step: Any step; one that is no operation has nothing to wait for.
        attempt: 0 for the first try.
        recorder: The step's record, which is told when the circuit opens.
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
