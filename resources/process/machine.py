"""What this machine has: cores and memory.

Belongs here: asking the system. Does not: what a study may use of it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import psutil

_CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")


@dataclass(frozen=True)
class Machine:
    """The machine, or the container, that steps run in.

    Attributes:
        cores: Logical cores that this process may run on.
        memory_gb: All of its memory, in GB.
        available_gb: What is not in use now, in GB.
    """

    cores: int
    memory_gb: float
    available_gb: float

    @classmethod
    def here(cls) -> Machine:
        """This machine, now."""
        memory = psutil.virtual_memory()
        total = min(memory.total, _container_limit() or memory.total)
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else psutil.cpu_count() or 1
        return cls(cores, total / 1e9, min(memory.available, total) / 1e9)


def _container_limit() -> int | None:
    """The memory limit of a container in bytes; None where there is none. psutil sees the host's memory only."""
    try:
        text = _CONTAINER_LIMIT.read_text(encoding="ascii").strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None
