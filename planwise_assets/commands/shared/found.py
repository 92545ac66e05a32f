"""The file of a study that a search found: whether it may be written.

Belongs here: what `calibrate` and `solve` have in common. Does not: its content (calibration/found.py).
"""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile

from planwise_assets.commands.shared.console import fail


def refuse_to_replace(file: Path, study_file: Path) -> None:
    """Ends, before any work, where the found study would replace somebody's own file or could not be written.

    Args:
        file: Where the found study is to lie.
        study_file: The client's study.

    Raises:
        typer.Exit: It may not be written; code 2.
    """
    from planwise_assets.calibration.found import MARK  # noqa: PLC0415 - needs numpy

    if file.resolve() == study_file.resolve():
        fail(f"--out {file} is the study itself.")
    if file.exists() and not file.read_bytes().startswith(MARK.encode()):
        fail(f"{file} is there, and planwise has not found it: --out names another file.")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=file.parent):
            pass
    except OSError as error:
        fail(f"{file} cannot be written: {error.strerror or error}.")
