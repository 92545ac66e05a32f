"""The program `planwise` as a process: quick to start, and quick to end.

Belongs here: Python's garbage collector and its exit. Does not: any command (cli.py).
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


class _Ending:
    """Ends the process once all else is done: threads have ended, and everybody's exit handlers have run.

    Python would then take all that is loaded apart, object by object: with Dagster half a second in which nobody gains
    anything.
    """

    def __init__(self) -> None:
        #: What the command ended with. None: it has not ended as commands do, and Python says why.
        self.code: int | None = None
        #: Whether this process is the program, and not another that uses its modules.
        self.is_the_program = False

    def __call__(self) -> None:
        if self.code is None:
            return
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except OSError:  # Python's own ending says so, and has an exit code for it
            return
        os._exit(self.code)


ENDING = _Ending()


@contextmanager
def kept_for_good() -> Iterator[None]:
    """For imports of large libraries: what they make stays, so the collector need not walk it, now or in a later round.

    Walking Dagster and dbt while they are imported takes a quarter of the time of importing them.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        # DuckDB's module complains at a process's end of what the collector leaves: the program does not come so far.
        if ENDING.is_the_program:
            gc.freeze()
        if was_on:
            gc.enable()
