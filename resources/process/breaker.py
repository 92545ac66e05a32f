"""A circuit breaker for each part of the fast path: what failed three times in a row is left alone for some runs.

Belongs here: the state and its rules. Does not: what a component is used for, or what takes its place.

The state outlives processes, is shared by those of a run, and cools down in runs, not by the clock: a study that is
simulated once a quarter must not find its breaker closed merely because time went by. Libraries for this (pybreaker and its
like) keep a timer in one process, so this is a small one of its own: one JSON file a study, changed under a flock.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from resources.files import read_json, write_json

FAILURES_TO_OPEN = 3
#: Runs that take the standard path before the component is tried again.
COOL_DOWN_RUNS = 3

State = Literal["closed", "open", "half_open"]


@dataclass(frozen=True)
class Circuit:
    """What is remembered of one component.

    Attributes:
        state: `closed`: in use; `open`: left alone; `half_open`: tried once more.
        failures: Failures since the last success.
        runs_left: Runs until it is tried again, while open.
        reason: The last failure.
    """

    state: State = "closed"
    failures: int = 0
    runs_left: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Breaker:
    """The circuits of one study, by component: `engine:<group>`, `operation:<name>`, `optimization:<name>`."""

    file: Path

    def circuits(self) -> dict[str, Circuit]:
        """Every component that ever failed and has not worked since."""
        known = read_json(self.file)
        try:
            return {name: Circuit(**values) for name, values in known.items()} if isinstance(known, dict) else {}
        except TypeError:  # written by another version: begin anew
            return {}

    def allows(self, component: str) -> bool:
        """Whether the component may be used."""
        return self.circuits().get(component, Circuit()).state != "open"

    def failed(self, component: str, reason: str) -> Circuit:
        """Notes a failure.

        Returns:
            The component's circuit after it.
        """
        with self._changing() as circuits:
            before = circuits.get(component, Circuit())
            failures = before.failures + 1
            opens = before.state == "half_open" or failures >= FAILURES_TO_OPEN
            after = Circuit("open" if opens else "closed", failures, COOL_DOWN_RUNS if opens else 0, reason.strip()[:500])
            circuits[component] = after
        return after

    def succeeded(self, component: str) -> None:
        """Notes a success, which closes the circuit; costs nothing when there is nothing to forget."""
        if component in self.circuits():
            with self._changing() as circuits:
                circuits.pop(component, None)

    def begin_run(self) -> None:
        """Counts a run of the study towards the cool-down of what is open."""
        if not self.circuits():
            return
        with self._changing() as circuits:
            for name, circuit in circuits.items():
                if circuit.state == "open":
                    left = circuit.runs_left - 1
                    state: State = "open" if left >= 0 else "half_open"
                    circuits[name] = replace(circuit, state=state, runs_left=max(left, 0))

    def reset(self) -> list[str]:
        """Forgets everything.

        Returns:
            The components that were known.
        """
        with self._changing() as circuits:
            known = sorted(circuits)
            circuits.clear()
        return known

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Circuit]]:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            circuits = self.circuits()
            yield circuits
            values: dict[str, Any] = {name: asdict(circuit) for name, circuit in circuits.items()}
            write_json(self.file, values)
