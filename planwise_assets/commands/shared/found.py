"""What the commands that search by trials have in common: the file that they may write, and how a search may fail.

Belongs here: what `calibrate`, `solve` and `screen` share. Does not: a found study's content (calibration/found.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

from planwise_assets.calibration.question import QuestionError
from planwise_assets.commands.shared.console import Exit, fail
from planwise_assets.study.errors import StudyError
from resources.files import CannotWriteError
from resources.process.failures import EngineError, ModelError, ShortageError
from resources.process.locks import LockDeniedError, StudyBusyError


def refuse_found_study(file: Path, study_file: Path) -> None:
    """Ends, before any work, where a found study may not lie.

    Args:
        file: Where it is to lie.
        study_file: The client's study.

    Raises:
        typer.Exit: It may not; code 2.
    """
    from planwise_assets.calibration.found import MARK  # noqa: PLC0415 - needs numpy

    if file.resolve() == study_file.resolve():
        fail(f"--out {file} is the study itself.")
    refuse_to_replace(file, MARK, "planwise has not found it")


def refuse_to_replace(file: Path, mark: str, told: str) -> None:
    """Ends, before any work, where a command would replace somebody's own file, or could not write its own.

    Args:
        file: Where the command is to write.
        mark: How the first line of a file begins that may be replaced.
        told: What is said of one that has another, such as "planwise screen has not written it".

    Raises:
        typer.Exit: It may not be written; code 2.
    """
    if file.exists() and not file.read_bytes().startswith(mark.encode()):
        fail(f"{file} is there, and {told}: --out names another file.")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=file.parent):
            pass
    except OSError as error:
        fail(f"{file} cannot be written: {error.strerror or error}.")


@contextmanager
def failures_told(what: str) -> Iterator[None]:
    """Ends the command with one message where the question is wrong or its trials fail.

    Args:
        what: What could not be simulated, such as "A candidate".

    Raises:
        typer.Exit: Code 2 where the question is at fault, 1 where a trial is.
    """
    try:
        yield
    except (StudyError, QuestionError, StudyBusyError, LockDeniedError, CannotWriteError) as error:
        fail(str(error))
    except (ModelError, ShortageError, EngineError) as error:
        fail(f"{what} could not be simulated. {error}", Exit.FAILED)
