"""One sheet of a workbook: its cells in the form of their unit, and a chart.

Belongs here: how a value is written, and what no sheet or cell holds. Does not: what stands in a sheet (workbook.py).

Every text is written as text, which is never a formula, whatever it begins with.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from planwise_assets.results.measures import MONEY, Unit

#: Rows of a sheet, its line of names included.
SHEET_ROWS = 1_048_576
#: Characters of a cell. XlsxWriter drops what is beyond, and says so in a return code only.
CELL_CHARACTERS = 32_767


class TooLargeError(ValueError):
    """A table has more rows than a sheet, or a text more characters than a cell."""


@dataclass(frozen=True)
class Figure:
    """A number that is shown in the form of its unit."""

    unit: Unit
    value: float


class Sheet:
    """One sheet, written from top to bottom."""

    def __init__(self, book: Any, name: str) -> None:
        self._sheet = book.add_worksheet(name)
        self._bold = book.add_format({"bold": True, "bottom": 1})
        self._money = book.add_format({"num_format": "#,##0.00"})
        self._rate = book.add_format({"num_format": "0.000000"})
        self._date = book.add_format({"num_format": "yyyy-mm-dd"})
        self._units = {
            "people": book.add_format({"num_format": "#,##0.#"}),
            "tests": book.add_format({"num_format": "0.0"}),
            **dict.fromkeys(MONEY, book.add_format({"num_format": "#,##0"})),
            "share": book.add_format({"num_format": "0.00%"}),
        }

    def chart(self, book: Any, label: str, heads: Sequence[str], stretches: Sequence[tuple[str, int, int]]) -> None:
        """A native line chart of one column of dollars, below the rows.

        Args:
            book: The workbook.
            label: The column's name, and the chart's.
            heads: The names of all columns; the second holds the years.
            stretches: Of each line its name, and its first and last row.
        """
        column, name = heads.index(label), self._sheet.get_name()
        chart = book.add_chart({"type": "line"})
        for title, first, last in stretches:
            chart.add_series(
                {
                    "name": title,
                    "categories": [name, first, 1, last, 1],
                    "values": [name, first, column, last, column],
                    "marker": {"type": "automatic"},
                }
            )
        chart.set_title({"name": label})
        chart.set_y_axis({"num_format": "$#,##0.0,,\\m"})
        chart.set_size({"width": 760, "height": 380})
        # Below the last years stands, where there are several, their sum.
        self._sheet.insert_chart(stretches[-1][2] + 3, 0, chart)

    def fill(self, names: Sequence[str], rows: Iterator[Sequence[Any]], *, widths: Sequence[int]) -> None:
        """Writes the names and the rows, in one pass.

        Args:
            names: The first line; it stays in sight.
            rows: One value a name; None: an empty cell. At most SHEET_ROWS with the names, which the caller sees to.
            widths: Of the columns, in characters.

        Raises:
            TooLargeError: A text does not fit its cell.
        """
        for column, width in enumerate(widths):
            self._sheet.set_column(column, column, width)
        self._sheet.freeze_panes(1, 0)
        for column, name in enumerate(names):
            self._sheet.write_string(0, column, name, self._bold)
        last = 0
        for last, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                self._cell(last, column, value)
        self._sheet.autofilter(0, 0, max(last, 1), len(names) - 1)

    def _cell(self, row: int, column: int, value: Any) -> None:
        if value is None:
            return
        if isinstance(value, Figure):
            self._sheet.write_number(row, column, value.value, self._units[value.unit])
        elif isinstance(value, bool):
            self._sheet.write_boolean(row, column, value)
        elif isinstance(value, Decimal):
            places = -int(value.as_tuple().exponent)
            self._sheet.write_number(row, column, float(value), self._money if places == 2 else self._rate)
        elif isinstance(value, int | float) and abs(value) <= 2**53:
            self._sheet.write_number(row, column, value)
        elif isinstance(value, date | datetime):
            self._sheet.write_datetime(row, column, value, self._date)
        elif len(text := str(value)) > CELL_CHARACTERS:
            raise TooLargeError(
                f"A text of sheet {self._sheet.get_name()} has {len(text):,} characters; a cell holds {CELL_CHARACTERS:,}. "
                "Use --format parquet or csv."
            )
        else:
            self._sheet.write_string(row, column, text)
