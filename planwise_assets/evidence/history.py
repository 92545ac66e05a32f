"""From files to experience in one call, for the commands.

Belongs here: the order of the steps. Does not: any of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from planwise_assets.evidence.experience import Experience
from planwise_assets.evidence.exposure import HireYear, hire_years, make_experience
from planwise_assets.evidence.reading import History, read_history
from planwise_assets.evidence.spells import Oddity, Window, make_spells
from planwise_assets.evidence.year_ends import YearEnds, read_year_ends
from planwise_assets.intake.values.dates import Order
from resources.files import content_hash

# What people write for a reason, and the cause that it is. `--cause` adds to it.
CAUSES = {
    **dict.fromkeys(("retirement", "retired", "retire", "normal retirement", "early retirement"), "retirement"),
    **dict.fromkeys(("resignation", "resignaton", "resigned", "quit", "voluntary", "voluntary termination"), "resignation"),
    **dict.fromkeys(("layoff", "lay-off", "laid off", "reduction in force", "rif", "redundancy"), "layoff"),
    **dict.fromkeys(("involuntary", "dismissed", "dismissal", "fired", "terminated for cause"), "dismissal"),
    **dict.fromkeys(("death", "died", "deceased"), "death"),
    **dict.fromkeys(("not applicable", "n/a", "none", "unknown"), "unknown"),
}


@dataclass(frozen=True)
class Evidence:
    """A history, read.

    Attributes:
        history: What the files are.
        window: The time watched.
        oddities: What is odd in it.
        experience: People at risk and exits by cell.
        hires: Hires by year.
        inputs: SHA-256 of each file, by name.
        ends: Headcounts, hires and pairs of year-ends.
    """

    history: History
    window: Window
    oddities: Sequence[Oddity]
    experience: Experience
    hires: Sequence[HireYear]
    inputs: Mapping[str, str]
    ends: YearEnds


def read_evidence(
    files: Sequence[Path],
    *,
    given: Mapping[str, str] | None = None,
    groups: Sequence[str] = (),
    causes: Mapping[str, str] | None = None,
    only: Mapping[str, str] | None = None,
    date_order: Order | None = None,
) -> Evidence:
    """Reads a client's history.

    Args:
        files: As `read_history`.
        given: As `read_history`.
        groups: Columns to group by; `level_id` is always kept where the files have it.
        causes: Further words for the reason, in lower case, and the cause that each is.
        only: As `read_history`.
        date_order: As `read_history`.

    Raises:
        EvidenceError: The history cannot be used; the message says why.
    """
    with duckdb.connect(config={"threads": 1, "memory_limit": "1GB"}) as connection:
        history = read_history(connection, files, given=given, groups=groups, only=only, date_order=date_order)
        window, oddities = make_spells(connection, history)
        has_level = any("level_id" in columns for columns in history.columns.values())
        kept = ("level_id", *history.groups) if has_level else history.groups
        experience = make_experience(connection, window, groups=kept, causes=CAUSES | dict(causes or {}))
        hires = hire_years(connection, window)
        ends = read_year_ends(connection, history, window)
    return Evidence(history, window, oddities, experience, hires, {file.name: content_hash(file) for file in files}, ends)
