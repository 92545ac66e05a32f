"""What processes use, read at little cost.

Belongs here: memory, threads, open files, CPU and bytes written of a few processes at one moment. Does not: when to look,
and what follows (resources/process/monitor.py).

Memory that processes share must count once, and only the kernel can say how much that is: adding it up (smaps_rollup) takes
it 2 to 9 ms a process and holds up whoever allocates meanwhile. What is resident (RSS) costs 0.02 ms. What is shared
changes slowly, so it is measured once a second, and in between RSS is taken less what was shared then.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

import psutil

#: How long what was shared is taken to be still so.
_EXACT_EVERY_SECONDS = 1.0
_MB = 1e6


@dataclass(frozen=True)
class Usage:
    """What some processes have at one moment: memory in MB, threads and open files."""

    uss_mb: float
    pss_mb: float
    threads: int
    files: int


@dataclass(frozen=True)
class _Shared:
    """When it was measured (monotonic seconds), and how much less than RSS were USS and PSS; bytes."""

    at: float
    not_unique: float
    not_own: float


class Meter:
    """Measures processes, and remembers of each what it shares."""

    def __init__(self) -> None:
        self._shared: dict[int, _Shared] = {}

    def usage(self, processes: Iterable[psutil.Process], *, exactly: bool = False) -> Usage:
        """What these processes have now.

        Args:
            processes: The processes; one that has ended counts nothing.
            exactly: Whether to ask the kernel whatever it costs.
        """
        uss = pss = 0.0
        threads = files = 0
        for process in processes:
            try:
                resident = process.memory_info().rss
                shared = self._shared.get(process.pid)
                if exactly or shared is None or time.monotonic() - shared.at > _EXACT_EVERY_SECONDS:
                    memory = process.memory_full_info()
                    resident = memory.rss
                    shared = _Shared(time.monotonic(), resident - memory.uss, resident - memory.pss)
                    self._shared[process.pid] = shared
                uss += max(resident - shared.not_unique, 0.0) / _MB
                pss += max(resident - shared.not_own, 0.0) / _MB
                threads += process.num_threads()
                files += process.num_fds()
            except psutil.Error:  # it has ended meanwhile
                continue
        return Usage(uss, pss, threads, files)


#: The process's own: with in_process, what one step has measured serves the next.
METER = Meter()


def cpu_and_written(processes: Iterable[psutil.Process]) -> tuple[float, int]:
    """CPU seconds and bytes written of some processes, children that have ended included in the CPU."""
    cpu, written = 0.0, 0
    for process in processes:
        try:
            times = process.cpu_times()
            cpu += times.user + times.system + times.children_user + times.children_system
            written += process.io_counters().write_chars
        except psutil.Error:
            continue
    return cpu, written
