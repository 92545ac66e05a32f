"""The one exception that a bad study file raises, and the sentences in it.

Belongs here: how problems are told to people. Does not: the rules themselves (`values.py`, the sections, `rules.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from resources.errors import FinalError

# A place in the study file: names of keys, row numbers (from 0) and years.
KeyPath = tuple[str | int, ...]


class Finding(NamedTuple):
    """A key path, and the end of a sentence that starts with it."""

    place: KeyPath
    message: str


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a study file.

    Attributes:
        message: A sentence that says what is wrong and what to do.
        line: Line of the file, from 1; None when the problem has no line (a file that is not there).
    """

    message: str
    line: int | None = None


class StudyError(FinalError, ValueError):
    """A study file, or another that people write, that cannot be used; the message lists every problem that was found."""

    def __init__(self, path: Path, problems: Iterable[Problem], kind: str = "study file") -> None:
        """Put the problems of a file of some kind together, each once, in the order of its lines."""
        self.path = path
        # The same mistake in `defaults` shows up once for each scenario: say it once.
        self.problems = tuple(sorted(dict.fromkeys(problems), key=lambda problem: problem.line or 0))
        lines = [
            f"  line {problem.line}: {problem.message}" if problem.line else f"  {problem.message}"
            for problem in self.problems
        ]
        count = f"{len(lines)} problems" if len(lines) > 1 else "a problem"
        super().__init__("\n".join([f"The {kind} {path} has {count}:", *lines]))


def key_text(path: KeyPath) -> str:
    """A key path as people read it: `hazards.termination.age[row 2].multiplier`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[row {part + 1}]"
        else:
            text += f".{part}" if text else part
    return text


def value_text(value: object) -> str:
    """A value of the file, short enough for an error message."""
    if value is None:
        return "empty"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, bool):
        return str(value).lower()
    text = f"'{value}'" if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
