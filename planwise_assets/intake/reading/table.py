"""What a reader gives: a table of texts, where each row stands in the file, and what was recognised besides the rows.

Belongs here: the shape of it. Does not: reading (text.py, workbook.py, parquet.py) and what is a row (layout.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

#: The temporary table that holds the rows: `place` (BIGINT) and `c0`, `c1`, ... (VARCHAR, NULL where a cell is empty).
RAW = "census_raw"


class CensusError(ValueError):
    """The census cannot be used as it is; the message names file, place, value, and what to do."""


@dataclass(frozen=True)
class LeftOut:
    """A line of the file that is nobody's row.

    Attributes:
        place: Its number, as `RawTable.place_name` takes it.
        kind: title, header, total, note or blank.
        text: What stands there, shortened.
    """

    place: int
    kind: str
    text: str


@dataclass
class RawTable:
    """A census as it is; the rows are in the temporary table `census_raw` of the connection that read it.

    Attributes:
        file: The file.
        names: The columns' own names, unlike each other, in the order of `c0`, `c1`, ...
        unit: What a place counts: `line` of a text, `row` of a sheet or a Parquet file.
        sheet: Of a workbook, the sheet that was read.
        said: What was recognised of the file as a whole, a sentence each.
        left_out: Lines that are nobody's row, in order.
        kinds: Per column, what the file itself says of its values (Parquet and workbooks): date, number or text.
        zone: The time zone that the file names for its times, if it does.
    """

    file: Path
    names: list[str]
    unit: str = "line"
    sheet: str | None = None
    said: list[str] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    zone: str | None = None

    def place_name(self, place: int) -> str:
        """A place as a person finds it: `line 43`, or `sheet 'Census' row 43`."""
        return f"sheet {self.sheet!r} row {place}" if self.sheet is not None else f"{self.unit} {place}"

    def column(self, own: str) -> str:
        """The column of `census_raw` that holds a column of the file."""
        return f"c{self.names.index(own)}"


def unlike(names: Sequence[str]) -> list[str]:
    """Column names as a person says them: without spaces around or lines in them, none empty, none twice."""
    made: list[str] = []
    for place, name in enumerate(names, 1):
        plain = " ".join(name.replace("\ufeff", "").split()) or f"column {place}"
        once, times = plain, 1
        while plain in made:
            times += 1
            plain = f"{once} ({times})"
        made.append(plain)
    return made


def shortened(cells: Sequence[str | None], length: int = 60) -> str:
    """The filled cells of a line, in a few words."""
    text = " | ".join(cell.strip() for cell in cells if cell and cell.strip())
    return text if len(text) <= length else text[: length - 1] + "…"
