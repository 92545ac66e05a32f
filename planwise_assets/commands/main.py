"""The program `planwise`: runs the command that the arguments name.

Belongs here: the entry point. Does not: which commands there are (cli.py), how the process begins and ends
(shared/process.py).
"""

from __future__ import annotations

import atexit
import platform
import sys
from collections.abc import Sequence
from itertools import islice

from planwise_assets.commands.shared.process import ENDING


def study_first(words: Sequence[str]) -> list[str]:
    """The arguments with `--study FILE` before the command, where the option is known: people write it behind, too."""
    study: list[str] = []
    others: list[str] = []
    waiting = iter(words)
    for word in waiting:
        if word == "--study":
            study += [word, *islice(waiting, 1)]
        elif word.startswith("--study="):
            study.append(word)
        else:
            others.append(word)
    return study + others


def not_here(system: str) -> str | None:
    """Why PlanWise does not run on a system; None where it does.

    Args:
        system: As `platform.system()` names it.
    """
    if system != "Windows":
        return None
    return "PlanWise needs the locks and forks of Unix: on Windows run it in WSL 2 (docs/how-to/windows.md)."


def main() -> None:
    """Runs the command that the arguments name.

    Raises:
        SystemExit: The command has ended, or PlanWise does not run on this system.
    """
    if reason := not_here(platform.system()):
        sys.stderr.write(f"{reason}\n")
        raise SystemExit(2)
    # First of all, since the handler that is registered first runs last. So the command is imported after it.
    atexit.register(ENDING)
    ENDING.is_the_program = True
    from planwise_assets.commands.cli import app  # noqa: PLC0415

    try:
        app(study_first(sys.argv[1:]))
    except SystemExit as ended:
        code = 0 if ended.code is None else ended.code
        # Anything else is a reason, which Python prints.
        ENDING.code = code if isinstance(code, int) else None
        raise
