"""The study's circuit breaker, and the parts of a step that stand behind it.

Belongs here: whose breaker it is, and what a step notes when a fast path fails. Does not: counting failures
(resources/process/breaker.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from planwise_assets.project import Project
from planwise_assets.settings import Settings
from resources.process.breaker import FAILURES_TO_OPEN, Breaker
from resources.process.metrics import EventKind, StepRecorder


@dataclass(frozen=True)
class FastPath:
    """A part of the fast path that has a slower one to take its place, behind its circuit breaker.

    Attributes:
        breaker: The study's breaker.
        component: `engine:<group>`, `optimization:<name>`, `operation:<name>`.
        recorder: The step's record.
        log: The step's log.
    """

    breaker: Breaker
    component: str
    recorder: StepRecorder
    log: Any

    def may_be_used(self) -> bool:
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


def breaker_of(project: Project) -> Breaker:
    """The circuit breaker of a study."""
    return study_breaker(project.settings, project.study.study)


def study_breaker(settings: Settings, study: str) -> Breaker:
    """The circuit breaker of a study, by its name."""
    return Breaker(settings.state(study) / "breaker.json")
