"""What `planwise init` says of a census: what it is taken for, what is assumed, its bad rows and its totals.

Belongs here: tables and sentences. Does not: working any of it out (intake/).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from planwise_assets.commands.shared.console import print_table, say
from planwise_assets.intake.census import Census
from planwise_assets.intake.judge import Judgement
from planwise_assets.intake.mapping import Mapping, assumptions
from planwise_assets.intake.names import looks_like
from planwise_assets.intake.reading.table import RawTable
from planwise_assets.intake.totals import Totals
from planwise_assets.study.sections.census_columns import BY_NAME

_SHOWN_REJECTS = 20


@dataclass(frozen=True)
class Report:
    """All that is said at the end: to people, to programs; and whether a simulation would refuse the census."""

    print: Callable[[], None]
    as_json: Callable[[], dict[str, Any]]
    is_refused: bool


def said_of(table: RawTable, mapping: Mapping, census: Census | None = None) -> None:
    """Prints what the file is, and what each column was taken for.

    Args:
        table: The file.
        mapping: What each of its columns was taken for.
        census: The same census once it is read, for what was rewritten; None: not yet.
    """
    for sentence in table.said:
        say(sentence)
    for left in table.left_out[:12]:
        if left.kind in ("title", "note"):
            say(f"{table.place_name(left.place).capitalize()} is a {left.kind}, nobody's row: {left.text}")
    rewritten = {column.own: "; ".join(column.said) for column in census.columns.values()} if census else {}
    rows = [
        [
            guess.own,
            guess.column + (" (no effect)" if BY_NAME[guess.column].reaches == "known" else ""),
            f"{guess.why} ({guess.score:.2f})",
            rewritten.get(guess.own) or "-",
        ]
        for guess in sorted(mapping.guesses, key=lambda guess: table.names.index(guess.own))
    ]
    print_table("Columns", ["column of the file", "is", "why", "read as"], rows, left=4, wrap=True)
    for sentence in mapping.remarks:
        say(sentence)


def report_of(
    census: Path, out: Path, *, mapping: Mapping, read: Census, judged: Judgement, totals: Totals, limit: Decimal
) -> Report:
    """The report of a census that was read and judged.

    Args:
        census: The file.
        out: The study file that was written.
        mapping: What each column was taken for.
        read: How the census was read.
        judged: Its bad rows.
        totals: Its totals.
        limit: Share of the rows that may be bad; 0.02 is 2 %. With more of them, or nobody who enters, the census is
            refused.
    """
    is_refused = judged.rejected_rows > limit * judged.rows or not judged.active
    unused = [name for name in read.unused if name not in mapping.ignored]
    assumed = assumptions(read.columns, works_as_last_year=read.weekly_hours == "worked")

    def print_it() -> None:
        said_of(read.table, mapping, read)
        if unused:
            money = [name for name in unused if looks_like(name) == "pay"]
            say(f"Not used: {', '.join(unused)}" + (f" (pay that is not counted: {', '.join(money)})" if money else ""))
        if mapping.ignored:
            say(f"Passed over on purpose: {', '.join(mapping.ignored)}")
        if assumed:
            print_table(
                "Not in the file, and so assumed",
                ["missing", "assumed"],
                [list(pair) for pair in assumed],
                left=2,
                wrap=True,
            )
        day = f"{read.census_date.day} December {read.census_date.year}"
        say(f"The census is taken to be of {day}, the day before the first year; --years says otherwise.")
        _print_totals(totals)
        _print_rejects(read.table, judged)
        say(f"\nStudy: {out}")
        if is_refused:
            say(
                f"A simulation stops while more than {float(limit):.1%} of the rows are bad: mend them in {census} and run "
                "init again, or leave them out with --reject-limit."
            )
        else:
            say(f"Next: PLANWISE_STUDY={out} planwise simulate")

    def as_json() -> dict[str, Any]:
        return {
            "study": str(out),
            "census": str(census),
            "file": read.table.said,
            "census_date": str(read.census_date),
            "columns": mapping.columns,
            "guesses": [guess.__dict__ for guess in mapping.guesses],
            "rewritten": {name: "; ".join(column.said) for name, column in read.columns.items() if column.said},
            "ignored": [*unused, *mapping.ignored],
            "remarks": mapping.remarks,
            "assumed": dict(assumed),
            "left_out": [left.__dict__ for left in read.table.left_out],
            "lines": dict(totals.lines),
            "people": dict(totals.people),
            "figures": dict(totals.figures),
            "rows": judged.rows,
            "active": judged.active,
            "rejected_rows": judged.rejected_rows,
            "rejects": [reject.__dict__ for reject in judged.rejects],
            "usable": not is_refused,
        }

    return Report(print_it, as_json, is_refused)


def _print_totals(totals: Totals) -> None:
    for title, counted in (("Lines of the file", totals.lines), ("Rows of people", totals.people)):
        parts = "; ".join(f"{what} {count:,}" for what, count in counted)
        say(f"{title}: {sum(count for _, count in counted):,} = {parts}.")
    for example in totals.examples:
        say(f"Pay of a part of the year: {example}")
    print_table("Control totals", ["figure", "value"], [list(pair) for pair in totals.figures], left=1)


def _print_rejects(table: RawTable, judged: Judgement) -> None:
    shown = judged.rejects[:_SHOWN_REJECTS]
    if not shown:
        return
    rows = ([str(row.place), row.employee_id or "-", row.column, row.value or "-", row.reason] for row in shown)
    print_table("Bad rows", [table.unit, "employee", "column", "value", "rule"], rows, left=5, wrap=True)
    for reason, count in Counter(row.reason for row in judged.rejects[_SHOWN_REJECTS:]).items():
        say(f"and {count:,} more: {reason}")
    if any(row.column == "annual_compensation" and row.value in ("0", "0.00") for row in judged.rejects):
        say(
            "Somebody without pay in the year (on leave, say) has a yearly rate all the same: give it in a column "
            "annual_compensation of its own."
        )
    if sum(row.reason.startswith("An employee id occurs once") for row in judged.rejects) > 0.5 * judged.rows:
        say(
            "Most people have several rows that are no employments one after the other, one a pay code or a fund, say: give "
            "one row a person, with a column for each kind of pay."
        )
