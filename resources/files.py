"""Files that are whole or not there: written beside their place and renamed into it.

Belongs here: the one way to write a file that somebody may read meanwhile, and what identifies a file's content. Does not:
where files are (lake.py), what is in them.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

#: Threads that wait for the disk and do nothing else; more gained nothing.
_SYNCS_AT_ONCE = 8


class CannotWriteError(OSError):
    """A file could not be written; the message says which and why. What was there before is still there."""


def temporary_of(file: Path) -> Path:
    """Where a file is built. A killed process leaves it; two processes never share it."""
    return file.with_name(f"tmp_{os.getpid()}_{file.name}")


def make_whole(file: Path, make: Callable[[Path], object], *, is_durable: bool = False) -> None:
    """Lets `make` build a file under another name in the same folder, and renames it into place.

    Args:
        file: The file. A folder that is missing is made.
        make: Writes what the file shall hold to the path that it is given.
        is_durable: Whether the file must survive a power cut from now on.

    Raises:
        CannotWriteError: The folder, the disk or a right is wanting.
    """
    building = temporary_of(file)
    try:
        if file.is_dir():
            raise IsADirectoryError(21, "it is a folder; name a file in it")
        if file.parent.is_file():
            raise NotADirectoryError(20, f"{file.parent} is a file, not a folder")
        file.parent.mkdir(parents=True, exist_ok=True)
        make(building)
        if is_durable:
            sync(building)
        building.replace(file)
        if is_durable:
            sync(file)
    except OSError as error:
        raise CannotWriteError(f"{file} cannot be written: {error.strerror or error}.") from error
    finally:
        # Where the file's folder is itself a file, there is nothing to clear away.
        with suppress(NotADirectoryError):
            building.unlink(missing_ok=True)


def write_whole(file: Path, content: bytes) -> None:
    """Writes bytes; raises what make_whole raises."""
    make_whole(file, lambda building: building.write_bytes(content))


def write_json(file: Path, value: Any) -> None:
    """Writes JSON that survives a power cut; raises what make_whole raises."""
    text = json.dumps(value, indent=2, sort_keys=True) + "\n"
    make_whole(file, lambda building: building.write_text(text, encoding="utf-8"), is_durable=True)


def read_json(file: Path) -> Any | None:
    """The JSON in a file, or None when the file is missing or broken."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None


def sync(file: Path) -> None:
    """Makes a file and its name survive a power cut: fsync of the file, then of its folder."""
    for path in (file, file.parent):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def sync_all(files: Iterable[Path]) -> None:
    """As `sync`, of many files at once: the disk then writes its journal once for many, and not once for each.

    Raises:
        CannotWriteError: The disk failed.
    """
    with ThreadPoolExecutor(max_workers=_SYNCS_AT_ONCE, thread_name_prefix="sync") as pool:
        try:
            # Read to its end, so that an error is raised here.
            list(pool.map(sync, files))
        except OSError as error:
            raise CannotWriteError(f"{error.filename or 'A file'} cannot be written: {error.strerror or error}.") from error


def content_hash(file: Path) -> str:
    """The sha256 of a file's bytes, as hex."""
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
