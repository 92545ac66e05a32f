"""The workbook: what the study says, sheet by sheet, and where its figures come from.

Belongs here: its sheets and their formats. Does not: other files (export.py), arguments (commands/export.py).

Every text is written as text, which is never a formula, whatever it begins with.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter
import yaml  # type: ignore[import-untyped,unused-ignore]

from planwise_assets.results.compliance import HEADS, PlanTest, read_plan_tests
from planwise_assets.results.ensembles import PERCENTILES, Bands, study_bands
from planwise_assets.results.measures import MEASURES, Unit
from planwise_assets.results.provenance import Published
from planwise_assets.results.wording import statements
from planwise_assets.settings import PROJECT_ROOT
from resources.files import make_whole

_MODELS = PROJECT_ROOT / "dbt_project" / "models"
#: Rows of a sheet, its line of names included.
SHEET_ROWS = 1_048_576
#: Characters of a cell. XlsxWriter drops what is beyond, and says so in a return code only.
CELL_CHARACTERS = 32_767


class TooLargeError(ValueError):
    """A table has more rows than a sheet, or a text more characters than a cell."""


def write_workbook(
    connection: duckdb.DuckDBPyConnection, made: Published, differs: Sequence[str], tables: Sequence[str], file: Path
) -> None:
    """Writes a workbook.

    Its sheets: `about` (where the figures come from), `summary` (the figures that people compare, by scenario and year),
    `bands` (the same over the seeds, where there are several), `tests` (the plan's, with their margins), one a table,
    `scenarios` (what each is, in words), and `columns` (what each column means).

    Args:
        connection: To the warehouse.
        made: What it was made from.
        differs: What of that is different today.
        tables: The published tables that get a sheet.
        file: The workbook.

    Raises:
        TooLargeError: A table does not fit a sheet, or a text a cell; nothing is written.
    """
    for table in tables:
        counted = connection.execute(f"select count(*) from {table}").fetchone()
        if counted and counted[0] >= SHEET_ROWS:
            raise TooLargeError(
                f"{table} has {counted[0]:,} rows; a sheet holds {SHEET_ROWS - 1:,}. Use --format parquet or csv."
            )
    make_whole(file, lambda building: _write(connection, made, differs, tables, building))


def _write(
    connection: duckdb.DuckDBPyConnection, made: Published, differs: Sequence[str], tables: Sequence[str], file: Path
) -> None:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(file), options) as book:
        _Sheet(book, "about").fill(["what", "value"], _in_cells(_about(made, differs)), widths=[52, 90])
        bands = study_bands(connection, made)
        heads = ["scenario", "year", *(measure.label for measure in MEASURES.values())]
        _Sheet(book, "summary").fill(heads, _summary(bands), widths=[max(len(head) + 2, 11) for head in heads])
        if len(made.seeds) > 1:
            _Sheet(book, "bands").fill(_BAND_HEADS, _bands(bands), widths=[20, 6, 18, *[14] * (len(_BAND_HEADS) - 3)])
        outcomes = read_plan_tests(connection, made.scenarios)
        _Sheet(book, "tests").fill(_TEST_HEADS, map(_test, outcomes), widths=[20, 6, 6, 14, *[12] * 9, 100])
        for table in tables:
            cursor = connection.execute(f"select * from {table}")
            names = [column[0] for column in cursor.description or []]
            _Sheet(book, table).fill(names, _rows(cursor), widths=[max(len(name) + 2, 11) for name in names])
        words = ["what", *made.titles.values()]
        _Sheet(book, "scenarios").fill(words, _in_words(made), widths=[40, *[50] * len(made.titles)])
        _Sheet(book, "columns").fill(["table", "column", "meaning"], _meanings(tables), widths=[30, 34, 100])


class _Sheet:
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
            "dollars": book.add_format({"num_format": "#,##0"}),
            "share": book.add_format({"num_format": "0.00%"}),
        }

    def fill(self, names: Sequence[str], rows: Iterator[Sequence[Any]], *, widths: Sequence[int]) -> None:
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
        if isinstance(value, _Figure):
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


_BAND_HEADS = ["scenario", "year", "figure", "mean", "standard error", *(f"P{percent}" for percent in PERCENTILES), "seeds"]


def _summary(bands: Bands) -> Iterator[list[Any]]:
    for (scenario, year), row in bands.items():
        figures = (_Figure(measure.unit, row[name].mean) if name in row else None for name, measure in MEASURES.items())
        yield [scenario, year, *figures]


def _bands(bands: Bands) -> Iterator[list[Any]]:
    for (scenario, year), row in bands.items():
        for name, band in row.items():
            spread = [band.mean, band.standard_error, *(band.percentiles.get(percent) for percent in PERCENTILES)]
            figures = (None if value is None else _Figure(MEASURES[name].unit, value) for value in spread)
            yield [scenario, year, MEASURES[name].label, *figures, band.seeds]


_TEST_HEADS = [*HEADS, "fails in seeds", "of seeds", "what would have to change"]


def _test(one: PlanTest) -> list[Any]:
    shares = (one.hce_rate, one.nhce_rate, one.limit, one.margin, one.worst)
    return [
        *(one.scenario, one.year, one.test, one.says),
        *(None if share is None else _Figure("share", share) for share in shares),
        *(_Figure("dollars", money) for money in (one.excess, one.worst_excess)),
        *(one.failed, one.seeds, one.remedy()),
    ]


@dataclass(frozen=True)
class _Figure:
    """A number that is shown in the form of its unit."""

    unit: Unit
    value: float


def _rows(cursor: duckdb.DuckDBPyConnection) -> Iterator[Sequence[Any]]:
    while batch := cursor.fetchmany(10_000):
        yield from batch


def _in_cells(facts: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """A fact that is longer than a cell goes on in further rows."""
    for name, value in facts:
        yield name, value[:CELL_CHARACTERS]
        for start in range(CELL_CHARACTERS, len(value), CELL_CHARACTERS):
            yield f"{name} (continued)", value[start : start + CELL_CHARACTERS]


def _in_words(made: Published) -> Iterator[list[str]]:
    """What each scenario is, in words."""
    said = {name: statements(settings) for name, settings in made.settings.items()}
    for title in dict.fromkeys(title for scenario in said.values() for title in scenario):
        yield [title, *(scenario.get(title, "-") for scenario in said.values())]


def _about(made: Published, differs: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What the published years were made from; first of all what of that is different today."""
    yield from (("NOT OF TODAY: since then", sentence) for sentence in differs)
    yield "study", made.study
    yield "years", ", ".join(map(str, made.years))
    yield "seeds", ", ".join(map(str, made.seeds))
    yield "scenarios", ", ".join(made.titles.values())
    for year, source in made.years.items():
        yield f"{year}: study file", source.study_file[0]
        yield f"{year}: study file, SHA-256", source.study_file[1]
        yield f"{year}: census", source.census[0]
        yield f"{year}: census, SHA-256", source.census[1]
        yield f"{year}: closing_hash", source.closing_hash
        yield f"{year}: engine", source.engine
        yield from ((f"{year}: version of {name}", version) for name, version in source.packages.items())
        yield from ((f"{year}: accepted", problem) for problem in source.accepted)
    yield from ((f"warning, {', '.join(map(str, years))}", warning) for warning, years in made.warnings.items())
    for scenario, settings in made.settings.items():
        yield from ((f"scenarios.{scenario}.{key}", value) for key, value in settings.items())


def _meanings(tables: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """What each figure of the summary means, and what dbt documents of each column."""
    for measure in MEASURES.values():
        yield "summary", measure.label, measure.meaning
    for table in tables:
        for file in sorted(_MODELS.glob(f"*/{table}.yml")):
            for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]:
                for column in model["columns"]:
                    yield table, column["name"], column.get("description", "")
