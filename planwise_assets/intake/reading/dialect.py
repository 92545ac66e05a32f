"""How a text file separates its fields: decided from its lines once, never guessed again by whoever reads it.

Belongs here: separator, quote, escape. Does not: which line is the header (layout.py), reading all of it (text.py).
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_SEPARATORS = (",", ";", "\t", "|", "^", "~", "\x1f")
_SPOKEN = {
    ",": "commas",
    ";": "semicolons",
    "\t": "tabs",
    "|": "vertical bars",
    "^": "carets",
    "~": "tildes",
    "\x1f": "unit separators",
}


class BrokenLineError(ValueError):
    """A line is no row.

    Attributes:
        line: Its number among those that were parsed, from 1.
    """

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(problem)
        self.line = line


@dataclass(frozen=True)
class Dialect:
    """How lines become fields.

    Attributes:
        separator: Between fields.
        quote: Around fields that hold a separator.
        is_escaped: Whether a quote inside a field has a backslash before it, in place of being doubled.
        skips_spaces: Whether fields begin after the spaces behind a separator.
        is_named: Whether the first line names the separator (`sep=;`, as spreadsheets write it).
    """

    separator: str
    quote: str = '"'
    is_escaped: bool = False
    skips_spaces: bool = False
    is_named: bool = False

    @property
    def spoken(self) -> str:
        """The separator in a word."""
        return _SPOKEN.get(self.separator, repr(self.separator))

    def rows(self, lines: Sequence[str]) -> list[list[str]]:
        """Lines (with their ends) as rows of fields."""
        return [row for row, _ in self.numbered(lines)]

    def numbered(self, lines: Sequence[str]) -> list[tuple[list[str], int]]:
        """The same, each with the number of its first line, from 1.

        Raises:
            BrokenLineError: A quote is not closed or stands within a field, or a field is longer than 131,072 characters.
        """
        reader = csv.reader(
            lines,
            delimiter=self.separator,
            quotechar=self.quote,
            doublequote=not self.is_escaped,
            escapechar="\\" if self.is_escaped else None,
            skipinitialspace=self.skips_spaces,
            strict=True,
        )
        made, first = [], 1
        try:
            for row in reader:
                made.append((row, first))
                first = reader.line_num + 1
        except csv.Error as error:
            raise BrokenLineError(first, str(error)) from None
        return made


def dialect_of(lines: Sequence[str]) -> Dialect | None:
    """The dialect of a file's lines: some of its first and its last ones, each with its end.

    Returns:
        None where no separator parts the lines into the same number of fields: one column, or no table.
    """
    if lines and lines[0].lower().startswith("sep=") and len(lines[0].strip("\r\n")) == 5:
        return Dialect(lines[0][4], *_quoting(lines[1:], lines[0][4]), is_named=True)
    best: tuple[float, int, Dialect] | None = None
    for separator in _SEPARATORS:
        found = Dialect(separator, *_quoting(lines, separator))
        score = _score(found, lines)
        if score and (best is None or (score, -_SEPARATORS.index(separator)) > best[:2]):
            best = (score, -_SEPARATORS.index(separator), found)
    return best[2] if best else None


def _score(dialect: Dialect, lines: Sequence[str]) -> float:
    """How many of the lines have as many fields as most lines, weighed by how many fields that is."""
    try:
        rows = dialect.rows(lines)
    except BrokenLineError:
        # A quote that is not closed, or stands in a field: each line alone still shows how many fields there are.
        rows = [line.rstrip("\r\n").split(dialect.separator) for line in lines]
    widths = Counter(len(row) for row in rows if any(field.strip() for field in row))
    if not widths:
        return 0
    width, times = max(widths.items(), key=lambda item: (item[1] * min(item[0] - 1, 1), item[0]))
    if width < 2:
        return 0
    share = times / sum(widths.values())
    return share * share * min(width, 12) if share >= 0.4 else 0


def _quoting(lines: Sequence[str], separator: str) -> tuple[str, bool, bool]:
    text = "".join(lines)
    quote = "'" if '"' not in text and _balances(text, separator) else '"'
    skips = f"{separator} {quote}" in text
    # A field may end with a backslash: one before a quote escapes it only where the lines make more sense like that.
    plain, escaped = (_score(Dialect(separator, quote, is_it, skips), lines) for is_it in (False, f"\\{quote}" in text))
    return quote, escaped > plain, skips


def _balances(text: str, separator: str) -> bool:
    """Whether single quotes open and close fields, as in `'Smith, J'`, and are not apostrophes in names."""
    opened = text.count(f"{separator}'") + sum(line.startswith("'") for line in text.splitlines())
    closed = text.count(f"'{separator}") + sum(line.endswith("'") for line in text.splitlines())
    return opened == closed > 0
