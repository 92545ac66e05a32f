"""What each step may use: the study's budget, on this machine, cut into slots.

Belongs here: the arithmetic from `resources:` and the machine to a step's threads, memory and cursors, and to the
executor's limits. Does not: which step has which slots (steps.py), enforcing a step's limits
(resources/duckdb/sessions.py).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from planwise_assets.steps import SLOTS, Step
from planwise_assets.study.schema import Resources
from resources.process.machine import Machine

#: Of the study's memory, what the run itself has: its own process and the fork server.
RUN_MEMORY_GB = 0.4
#: Of the study's threads, from four on, what the run itself has: its own process, and Python in every step's.
RUN_THREADS = 1
#: Less is too little for a Python process and DuckDB's smallest buffers: a budget has as many slots as fit.
SMALLEST_SLOT_GB = 0.6
SMALLEST_MEMORY_GB = 1.0
#: Twice as many threads as cores still fill the gaps when one waits for a file; more only hold buffers and switch.
THREADS_A_CORE = 2
#: Of the machine's memory, what the system and its other processes keep.
_MACHINE_SHARE = 0.9
_SLOT_TAG = "planwise/slot_"


class AllocationError(ValueError):
    """The machine is too small for any year; the message says what the smallest is."""


@dataclass(frozen=True)
class StepLimits:
    """What one step may use.

    Attributes:
        threads: Cursors at work and DuckDB's threads together.
        memory_gb: Memory of the step's whole process, in GB.
        cursors: Models that may run side by side in it.
        slots: The slots that it holds while it runs.
    """

    threads: int
    memory_gb: float
    cursors: int
    slots: tuple[int, ...]

    @property
    def duckdb_threads(self) -> int:
        """DuckDB's own threads beside the cursors: with `SET threads=1`, four cursors run four threads."""
        return self.threads - self.cursors + 1

    @property
    def tags(self) -> dict[str, str]:
        """The op tags through which a step learns its limits, and the executor its slots."""
        return {
            "planwise/threads": str(self.threads),
            "planwise/memory_gb": str(self.memory_gb),
            "planwise/cursors": str(self.cursors),
            **{f"{_SLOT_TAG}{slot}": "held" for slot in self.slots},
        }

    @classmethod
    def from_tags(cls, tags: Mapping[str, str]) -> StepLimits:
        """The limits in a step's own op tags."""
        return cls(
            threads=int(tags["planwise/threads"]),
            memory_gb=float(tags["planwise/memory_gb"]),
            cursors=int(tags["planwise/cursors"]),
            slots=tuple(sorted(int(tag.removeprefix(_SLOT_TAG)) for tag in tags if tag.startswith(_SLOT_TAG))),
        )


@dataclass(frozen=True)
class Allocation:
    """A study's budget on this machine.

    Attributes:
        memory_gb: Memory of everything that runs at the same time, the run itself included; GB.
        threads: Threads of everything that runs at the same time, the run itself included.
        connections: Models that may run side by side in a step, at most.
        slots: How many slots the budget has, 1 to 3.
        warnings: Where the machine has less than the study asks for: one sentence each.
    """

    memory_gb: float
    threads: int
    connections: int
    slots: int
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(cls, resources: Resources, machine: Machine) -> Allocation:
        """What a study gets on a machine.

        The machine's whole memory counts, not what is free now: every process of a run must come to the same numbers.

        Raises:
            AllocationError: The machine has less than the smallest budget that works.
        """
        memory, threads = float(resources.memory_gb), resources.threads
        warnings = []
        most_memory = math.floor(machine.memory_gb * _MACHINE_SHARE * 10) / 10
        if most_memory < SMALLEST_MEMORY_GB:
            raise AllocationError(
                f"This machine has {machine.memory_gb:.1f} GB of memory, of which a study may use {most_memory:.1f} GB. "
                f"The smallest budget that works is {SMALLEST_MEMORY_GB:.1f} GB."
            )
        if memory > most_memory:
            warnings.append(
                f"resources.memory_gb is {memory:g}, and this machine has {machine.memory_gb:.1f} GB: "
                f"{most_memory:g} GB are used. The results are the same."
            )
            memory = most_memory
        most_threads = machine.cores * THREADS_A_CORE
        if threads > most_threads:
            warnings.append(
                f"resources.threads is {threads}, and this machine has {machine.cores} cores: "
                f"{most_threads} threads are used. The results are the same."
            )
            threads = most_threads
        slots = max(1, min(len(SLOTS), threads, math.floor(round((memory - RUN_MEMORY_GB) / SMALLEST_SLOT_GB, 6))))
        return cls(memory, threads, resources.connections, slots, tuple(warnings))

    def limits(self, step: Step) -> StepLimits:
        """What a step may use: the sum of its slots."""
        slots = tuple(sorted({math.ceil(slot * self.slots / len(SLOTS)) for slot in step.slots}))
        threads = sum(self._threads_of(slot) for slot in slots)
        each = math.floor((self.memory_gb - RUN_MEMORY_GB) / self.slots * 1000) / 1000
        return StepLimits(threads, round(each * len(slots), 3), self._cursors(step, threads), slots)

    def alone(self, step: Step) -> StepLimits:
        """What a step may use when no other can run beside it (executor in_process): the whole budget."""
        threads = sum(self._threads_of(slot) for slot in range(1, self.slots + 1))
        memory_gb = round(self.memory_gb - RUN_MEMORY_GB, 3)
        return replace(self.limits(step), threads=threads, memory_gb=memory_gb, cursors=self._cursors(step, threads))

    @property
    def executor_config(self) -> dict[str, Any]:
        """The multiprocess executor's limits: every slot is held by one step at a time."""
        slots = range(1, self.slots + 1)
        return {
            "max_concurrent": self.slots,
            "tag_concurrency_limits": [{"key": f"{_SLOT_TAG}{slot}", "limit": 1} for slot in slots],
        }

    def pressure(self, machine: Machine) -> tuple[str, ...]:
        """What to say when less memory is free now than the budget: the run goes on, and may be slow or be killed."""
        if machine.available_gb >= self.memory_gb:
            return ()
        return (
            f"{machine.available_gb:.1f} GB of memory are free, and this study may use {self.memory_gb:g} GB: "
            "set resources.memory_gb lower, or end other programs.",
        )

    def _cursors(self, step: Step, threads: int) -> int:
        return min(step.cursors, self.connections, threads)

    def _threads_of(self, slot: int) -> int:
        """The threads in equal parts; what is left over goes to the last slots."""
        threads = self.threads - RUN_THREADS if self.threads > len(SLOTS) else self.threads
        each, left_over = divmod(threads, self.slots)
        return each + (slot > self.slots - left_over)
