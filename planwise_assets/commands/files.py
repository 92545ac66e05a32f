"""Files that commands write for people: whole, or not at all.

Belongs here: writing beside and renaming into place, and the message when that fails. Does not: what is in a file.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from planwise_assets.commands.console import Exit, fail


def write_whole(file: Path, content: bytes) -> None:
    """Writes a file, or leaves what was there."""
    make_whole(file, lambda building: building.write_bytes(content))


def make_whole(file: Path, make: Callable[[Path], object]) -> None:
    """Lets `make` build a file under another name in the same folder, and renames it into place.

    A folder that is missing is made; anything that keeps the file from being written ends the command with one message.
    """
    building = file.with_name(f".tmp_{os.getpid()}_{file.name}")
    try:
        if file.is_dir():
            raise IsADirectoryError(21, "it is a folder; name a file in it")
        file.parent.mkdir(parents=True, exist_ok=True)
        make(building)
        building.replace(file)
    except OSError as error:
        fail(f"{file} cannot be written: {error.strerror or error}.", Exit.USAGE)
    finally:
        building.unlink(missing_ok=True)
