"""The process that all steps of a run are forked from.

Belongs here: what it has ready, starting it early, where it and this process send their errors. Does not: the executor that
uses it (executor.py).
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import forkserver
from pathlib import Path

#: What it imports, once: a forked worker starts with these. Without Dagster's own storages (planwise_assets/preload.py) a
#: worker spends two thirds of its life importing them.
PRELOADED = ["dagster._core.executor.multiprocess", "planwise_assets.definitions", "planwise_assets.preload"]


def start_fork_server(log: Path) -> None:
    """Starts it now, so that it imports while this process does: Dagster's executor finds it at work.

    Args:
        log: Where it and its workers write their errors, as long as they live. They keep this moment's environment, too.
    """
    multiprocessing.get_context("forkserver").set_forkserver_preload(PRELOADED)
    with stderr_into(log):
        forkserver.ensure_running()


@contextmanager
def stderr_into(file: Path) -> Iterator[None]:
    """Sends standard error of this process, and of those that it starts, into a file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    kept = os.dup(2)
    try:
        with file.open("ab") as handle:
            os.dup2(handle.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
