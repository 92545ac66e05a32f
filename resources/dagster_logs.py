"""What steps print, kept in files for the Dagster UI and shown on the console, without four more processes a step.

Belongs here: capturing stdout and stderr. Does not: where the files are and how the UI reads them, which is Dagster's own.

The stock manager starts, for every step, two `tail` to copy the files to the console and two Python interpreters to watch
over them: with two cores, half of what a small year in processes of its own takes. Here a thread of the step copies.
Named in dagster.yaml; without those lines Dagster's own manager does the same, only slower.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TextIO

from dagster import StringSource
from dagster._core.storage.compute_log_manager import CapturedLogContext, ComputeIOType
from dagster._core.storage.local_compute_log_manager import IO_TYPE_EXTENSION, LocalComputeLogManager
from dagster._utils import touch_file

#: How far the console is behind the file, seconds.
_BEHIND = 0.5
_BLOCK = 1 << 16


class ThreadedComputeLogManager(LocalComputeLogManager):
    """The stock local manager, with a thread in place of its processes."""

    @classmethod
    def config_type(cls) -> Any:
        """`home`: DAGSTER_HOME, below which the files are where the stock manager has them."""
        return {"home": StringSource}

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> ThreadedComputeLogManager:
        """How Dagster makes it from dagster.yaml."""
        return cls(str(Path(config_value["home"]) / "storage"), inst_data=inst_data)

    @contextmanager
    def capture_logs(self, log_key: Sequence[str]) -> Generator[CapturedLogContext, None, None]:
        """Sends what the process prints to the step's files, and from there to where it went before."""
        with ExitStack() as streams:
            for stream, kind in ((sys.stdout, ComputeIOType.STDOUT), (sys.stderr, ComputeIOType.STDERR)):
                file = Path(self.get_captured_local_path(log_key, IO_TYPE_EXTENSION[kind]))
                file.parent.mkdir(parents=True, exist_ok=True)
                streams.enter_context(_captured(stream, file))
            yield CapturedLogContext(log_key)
        # How the manager tells the UI that nothing more comes.
        touch_file(self.complete_artifact_path(log_key))  # type: ignore[no-untyped-call]


@contextmanager
def _captured(stream: TextIO, file: Path) -> Iterator[None]:
    """Points the stream's file descriptor, which what is not Python prints to as well, at the file meanwhile."""
    descriptor = _descriptor(stream)
    if descriptor is None:
        yield
        return
    stream.flush()
    console = os.dup(descriptor)
    with file.open("ab") as written, file.open("rb") as read:
        read.seek(0, os.SEEK_END)
        os.dup2(written.fileno(), descriptor)
        ended = threading.Event()
        copier = threading.Thread(target=_copy, args=(read, console, ended), name="console", daemon=True)
        copier.start()
        try:
            yield
        finally:
            stream.flush()
            os.dup2(console, descriptor)
            ended.set()
            copier.join()
            os.close(console)


def _copy(file: Any, console: int, ended: threading.Event) -> None:
    """Copies what comes into the file until nothing more will; a console that is gone is no reason to fail a step."""
    while True:
        is_last = ended.wait(_BEHIND)
        try:
            while block := file.read(_BLOCK):
                os.write(console, block)
        except OSError:
            return
        if is_last:
            return


def _descriptor(stream: TextIO) -> int | None:
    """The stream's file descriptor; None where a test or a notebook has put something else in its place."""
    try:
        return stream.fileno()
    except (AttributeError, OSError, ValueError):
        return None
