"""Options of the commands that read a client's history, and opening it.

Belongs here: what `fit` and `backtest` have in common. Does not: anything that needs numpy before a history is opened.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from planwise_assets.commands.shared.console import Exit, fail, print_table, say

if TYPE_CHECKING:
    from planwise_assets.evidence.history import Evidence

FilesArgument = Annotated[
    list[Path],
    typer.Argument(
        help="Year-end censuses with the year in their names; or one file with a row a person and year; or one with "
        "hire and termination dates. Every kind that init reads, or text packed as .gz."
    ),
]
MapOption = Annotated[
    list[str] | None, typer.Option("--map", help="A column of the files and what it is, e.g. 'Leave Code=reason'.")
]
GroupOption = Annotated[
    list[str] | None,
    typer.Option("--group", help="A column of the files that may matter; it is used if it tells better what came."),
]
CauseOption = Annotated[
    list[str] | None, typer.Option("--cause", help="A word of the files' reason and its cause, e.g. 'RTD=retirement'.")
]
OnlyOption = Annotated[
    list[str] | None,
    typer.Option(help="A column of the files and the value that a row must have to count, e.g. 'Company=Mill'."),
]
DatesOption = Annotated[
    Literal["mdy", "dmy"] | None, typer.Option(help="How 03/04/1980 is read, where the files do not say.")
]


def open_history(
    files: Sequence[Path],
    *,
    column: Sequence[str] | None,
    group: Sequence[str] | None,
    cause: Sequence[str] | None,
    only: Sequence[str] | None,
    dates: Literal["mdy", "dmy"] | None,
) -> Evidence:
    """Reads the history; a person's mistakes end here with one message.

    Args:
        files: Yearly censuses, or lists of people with their days.
        column: `--map`, each as the file's column = what it is.
        group: `--group`, each a column of the files.
        cause: `--cause`, each as a word of the files = its cause.
        only: `--only`, each as a column of the files = the value of the rows that count.
        dates: How 03/04/1980 is read, where the files do not say.

    Raises:
        typer.Exit: The history cannot be read, an option is no pair, or the extra is not installed; code 2.
    """
    need_the_extra()
    from planwise_assets.evidence.errors import EvidenceError  # noqa: PLC0415
    from planwise_assets.evidence.history import read_evidence  # noqa: PLC0415
    from planwise_assets.intake.reading.table import CensusError  # noqa: PLC0415

    try:
        return read_evidence(
            files,
            given={known: own for own, known in _pairs("--map", column)},
            groups=list(group or ()),
            causes={word.lower(): name for word, name in _pairs("--cause", cause)},
            only=dict(_pairs("--only", only)),
            date_order=dates,
        )
    except (EvidenceError, CensusError) as error:
        fail(str(error))


def need_the_extra() -> None:
    """Ends where numpy and scipy are not installed.

    Raises:
        typer.Exit: They are not; code 2.
    """
    # The matrices are small: on a busy machine the threads of the linear algebra wait for each other longer than they work.
    # It reads this when numpy is first imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        import scipy  # noqa: F401, PLC0415
    except ImportError:
        fail("This command needs the extra `evidence`: pip install 'planwise[evidence]'.")


def _pairs(option: str, given: Sequence[str] | None) -> list[tuple[str, str]]:
    found = []
    for item in given or ():
        left, separator, right = item.rpartition("=")
        if not (separator and left and right):
            fail(f"{option} {item!r}: give it as LEFT=RIGHT.", Exit.USAGE)
        found.append((left, right))
    return found


def say_what_was_seen(evidence: Evidence) -> None:
    """What the history is, what is odd in it, and the exits by cause and year."""
    seen, window = evidence.experience, evidence.window
    listed = "leavers are in their year's file" if window.lists_leavers else "leavers are those missing from the next file"
    say(f"{evidence.history.rows:,} rows; watched from {window.start} to {window.end}; {listed}.")
    for oddity in evidence.oddities:
        say(f"  {oddity.count:,} {oddity.kind}: {oddity.what} (e.g. {', '.join(oddity.examples) or '-'})")
    causes = seen.causes
    rows = []
    for year in seen.years:
        part = seen.in_years([year])
        counts = (f"{part.events[cause].sum():,.0f}" for cause in causes)
        rows.append([str(year), f"{part.people.sum():,.0f}", f"{part.person_years.sum():,.1f}", *counts])
    print_table("Exits of those employed on 1 January", ["year", "at risk", "person-years", *causes], rows)
