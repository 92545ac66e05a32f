"""How commands speak: to a person at a terminal, to a pipe, to a program.

Belongs here: consoles, exit codes, tables that lose their boxes in a pipe, JSON. Does not: what any command says.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from enum import IntEnum, StrEnum
from itertools import zip_longest
from typing import Any, NoReturn
from uuid import UUID

import typer
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from planwise_assets.results.export import harmless
from resources.files import CannotWriteError

# Nothing is wrapped in a pipe: a row is a line.
_PIPED_WIDTH = 400


class Exit(IntEnum):
    """Exit codes (docs/reference/commands.md)."""

    OK = 0
    FAILED = 1
    USAGE = 2


console = Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH)
problems = Console(stderr=True)


@contextmanager
def written_or_said() -> Iterator[None]:
    """Ends the command with one message where a file that it writes for people cannot be written.

    Raises:
        typer.Exit: It cannot; code 2.
    """
    try:
        yield
    except CannotWriteError as error:
        fail(str(error))


@contextmanager
def busy(what: str, percent: int | None = None) -> Iterator[None]:
    """A bar with what is done and for how long, while it is done; nothing where nobody looks.

    Args:
        what: What is done.
        percent: How much of the whole command is done when this begins; None: nobody knows, and the bar moves.
    """
    if not problems.is_terminal:
        yield
        return
    share = [] if percent is None else [TaskProgressColumn()]
    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        *share,
        TimeElapsedColumn(),
        console=problems,
        transient=True,
    ) as progress:
        progress.add_task(what, total=None if percent is None else 100, completed=percent or 0)
        yield


@contextmanager
def rows_written(total: int) -> Iterator[Callable[[int], None]]:
    """A bar of rows written, for a person at a terminal; a pipe gets none."""
    with Progress(
        TextColumn("rows"), BarColumn(), MofNCompleteColumn(), console=problems, transient=True, disable=not is_terminal()
    ) as progress:
        task = progress.add_task("rows", total=total)
        yield lambda rows: progress.advance(task, rows)


def is_terminal() -> bool:
    """Whether a person reads standard output."""
    return sys.stdout.isatty()


def say(text: str) -> None:
    """A line for people, as it is: no wrapping, no colours, no markup."""
    console.print(text, highlight=False, soft_wrap=True, markup=False)


def note(text: str) -> None:
    """A line beside the output, on standard error, so that a pipe holds the output alone."""
    problems.print(text, highlight=False, soft_wrap=True, markup=False)


def fail(message: str, code: Exit = Exit.USAGE) -> NoReturn:
    """Ends the command with a message on standard error.

    Raises:
        typer.Exit: Always.
    """
    note(message)
    raise typer.Exit(code)


def distinct(heads: Sequence[str]) -> list[str]:
    """The heads of a table, each once: people may call a group as they call a scenario, or a scenario `year`."""
    found: list[str] = []
    for head in heads:
        name, number = head, 2
        while name and name in found:
            name, number = f"{head} ({number})", number + 1
        found.append(name)
    return found


def print_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], *, left: int = 1, wrap: bool = False
) -> int:
    """Prints a table: with lines at a terminal; in a pipe plain columns under one line of names.

    What is wider than the terminal is printed as several tables, each with the columns of text: no digit is cut off.

    Args:
        title: Shown at a terminal only: a pipe wants rows.
        columns: The names.
        rows: Texts. At a terminal a line is drawn where the first one changes in a table with several rows of each.
        left: How many columns, from the first on, hold text; the others hold figures.
        wrap: Whether long texts may take several lines at a terminal.

    Returns:
        How many rows there were.
    """
    listed = [list(row) for row in rows]
    columns = distinct(columns)
    if not is_terminal():
        _print_plain(columns, listed, left)
        return len(listed)
    widths = [max(map(cell_len, cells)) for cells in zip(columns, *listed, strict=True)]
    for places in [range(len(columns))] if wrap else that_fit(widths, left, console.width):
        _print_lined(
            title, [columns[place] for place in places], [[row[place] for place in places] for row in listed], left, wrap
        )
    return len(listed)


def that_fit(widths: Sequence[int], left: int, width: int) -> list[list[int]]:
    """The columns of each table that is no wider than the terminal: those of text in all, those of figures in turn.

    Args:
        widths: Of each column's longest text.
        left: How many columns, from the first on, hold text.
        width: Of the terminal.
    """
    text = list(range(min(left, len(widths))))
    tables: list[list[int]] = [[]]
    for place in range(len(text), len(widths)):
        # A column takes a space to either side and a line.
        if tables[-1] and sum(widths[at] + 3 for at in (*text, *tables[-1], place)) + 1 > width:
            tables.append([])
        tables[-1].append(place)
    return [[*text, *figures] for figures in tables]


def _print_lined(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], left: int, wrap: bool) -> None:
    table = Table(title=title or None, title_justify="left", box=box.HEAVY_HEAD)
    # Where the texts alone are too wide, the longest takes a second line.
    longest = (
        max(range(min(left, len(columns))), key=lambda place: max(len(row[place]) for row in rows), default=0) if rows else 0
    )
    for place, name in enumerate(columns):
        may_wrap = wrap or place == longest
        table.add_column(name, justify="left" if place < left else "right", no_wrap=not may_wrap, overflow="fold")
    has_sections = len({row[0] for row in rows}) < len(rows)
    for row, following in zip_longest(rows, rows[1:]):
        table.add_row(*map(escape, row), end_section=has_sections and following is not None and following[0] != row[0])
    console.print(table, highlight=False)


class Form(StrEnum):
    """How a table is written for other programs; `tsv` is what a spreadsheet takes from the clipboard as cells."""

    TABLE = "table"
    TSV = "tsv"
    CSV = "csv"
    MARKDOWN = "markdown"


def print_in_form(form: Form, title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], *, left: int = 1) -> None:
    """Prints a table in a form: as `print_table` does, or tab-separated, comma-separated or Markdown, without the title.

    A text that a spreadsheet would run as a formula gets an apostrophe before it.

    Args:
        form: Which.
        title: For people.
        columns: The names.
        rows: Texts; the first `left` columns hold text, the others figures.
        left: How many columns hold text.
    """
    if form is Form.TABLE:
        print_table(title, columns, rows, left=left)
        return
    listed = [[harmless(text) if place < left else text for place, text in enumerate(row)] for row in rows]
    columns = distinct(columns)
    if form is Form.MARKDOWN:
        lines = [columns, ["---" if place < left else "---:" for place in range(len(columns))], *listed]
        sys.stdout.writelines(f"| {' | '.join(text.replace('|', chr(92) + '|') for text in line)} |\n" for line in lines)
        return
    dialect = {Form.TSV: "excel-tab", Form.CSV: "excel"}[form]
    csv.writer(sys.stdout, dialect, lineterminator="\n").writerows([columns, *listed])


def _print_plain(columns: Sequence[str], rows: Sequence[Sequence[str]], left: int) -> None:
    widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
    for row in (columns, *rows):
        cells = (
            text.ljust(width) if place < left else text.rjust(width)
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        sys.stdout.write("  ".join(cells).rstrip() + "\n")


def print_json(value: Any) -> None:
    """Prints a value as JSON: dates as text, decimals as numbers."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=_json_value) + "\n")


def _json_value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date | UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")
