"""The workbook: what the study says, sheet by sheet, and where its figures come from.

Belongs here: its sheets and their formats. Does not: other files (export.py), arguments (commands/export.py).

Every text is written as text, which is never a formula, whatever it begins with.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter
import yaml  # type: ignore[import-untyped,unused-ignore]

from planwise_assets.results.ensembles import PERCENTILES, Bands, study_bands
from planwise_assets.results.measures import MEASURES, Measure
from planwise_assets.settings import PROJECT_ROOT
from planwise_assets.study.errors import key_text
from planwise_assets.study.schema import Study
from planwise_assets.study.sections.census import census_hash
from planwise_assets.study.values import leaves, plain
from resources.files import make_whole

_MODELS = PROJECT_ROOT / "dbt_project" / "models"
#: Rows of a sheet, its line of names included.
SHEET_ROWS = 1_048_576


class TooLargeError(ValueError):
    """A table has more rows than a sheet."""


def write_workbook(connection: duckdb.DuckDBPyConnection, study: Study, tables: Sequence[str], file: Path) -> None:
    """Writes a workbook.

    Its sheets: `about` (where the figures come from), `summary` (the figures that people compare, by scenario and year),
    `bands` (the same over the seeds, where there are several), one a table, and `columns` (what each column means).

    Raises:
        TooLargeError: A table does not fit a sheet; nothing is written.
    """
    for table in tables:
        counted = connection.execute(f"select count(*) from {table}").fetchone()
        if counted and counted[0] >= SHEET_ROWS:
            raise TooLargeError(
                f"{table} has {counted[0]:,} rows; a sheet holds {SHEET_ROWS - 1:,}. Use --format parquet or csv."
            )
    make_whole(file, lambda building: _write(connection, study, tables, building))


def _write(connection: duckdb.DuckDBPyConnection, study: Study, tables: Sequence[str], file: Path) -> None:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(file), options) as book:
        _Sheet(book, "about").fill(["what", "value"], _about(connection, study), widths=[52, 90])
        bands = study_bands(connection, study)
        heads = ["scenario", "year", *(measure.label for measure in MEASURES.values())]
        _Sheet(book, "summary").fill(heads, _summary(bands), widths=[max(len(head) + 2, 11) for head in heads])
        if len(study.seeds) > 1:
            _Sheet(book, "bands").fill(_BAND_HEADS, _bands(bands), widths=[20, 6, 18, *[14] * (len(_BAND_HEADS) - 3)])
        for table in tables:
            cursor = connection.cursor().execute(f"select * from {table}")
            names = [column[0] for column in cursor.description or []]
            _Sheet(book, table).fill(names, _rows(cursor), widths=[max(len(name) + 2, 11) for name in names])
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
            self._sheet.write_number(row, column, value.value, self._units[value.measure.unit])
        elif isinstance(value, bool):
            self._sheet.write_boolean(row, column, value)
        elif isinstance(value, Decimal):
            places = -int(value.as_tuple().exponent)
            self._sheet.write_number(row, column, float(value), self._money if places == 2 else self._rate)
        elif isinstance(value, int | float) and abs(value) <= 2**53:
            self._sheet.write_number(row, column, value)
        elif isinstance(value, date | datetime):
            self._sheet.write_datetime(row, column, value, self._date)
        else:
            self._sheet.write_string(row, column, str(value))


_BAND_HEADS = ["scenario", "year", "figure", "mean", "standard error", *(f"P{percent}" for percent in PERCENTILES), "seeds"]


def _summary(bands: Bands) -> Iterator[list[Any]]:
    for (scenario, year), row in bands.items():
        figures = (_Figure(measure, row[name].mean) if name in row else None for name, measure in MEASURES.items())
        yield [scenario, year, *figures]


def _bands(bands: Bands) -> Iterator[list[Any]]:
    for (scenario, year), row in bands.items():
        for name, band in row.items():
            spread = [band.mean, band.standard_error, *(band.percentiles.get(percent) for percent in PERCENTILES)]
            figures = (None if value is None else _Figure(MEASURES[name], value) for value in spread)
            yield [scenario, year, MEASURES[name].label, *figures, band.seeds]


@dataclass(frozen=True)
class _Figure:
    """A number that is shown in its measure's own form."""

    measure: Measure
    value: float


def _rows(cursor: duckdb.DuckDBPyConnection) -> Iterator[Sequence[Any]]:
    while batch := cursor.fetchmany(10_000):
        yield from batch


def _about(connection: duckdb.DuckDBPyConnection, study: Study) -> Iterator[tuple[str, str]]:
    """The study as it is now, and what the published years were made from (table `provenance`)."""
    try:
        census = census_hash(study.census)
    except OSError:
        census = "unknown: the file is gone"
    yield "study", study.study
    yield "years", f"{study.years.start} to {study.years.end}"
    yield "seeds", ", ".join(map(str, study.seeds))
    yield "scenarios", ", ".join(study.scenarios)
    yield "census", study.census.name
    yield "census, SHA-256", census
    yield "PlanWise", version("planwise")
    if connection.execute("select 1 from duckdb_tables() where table_name = 'provenance'").fetchone():
        cursor = connection.cursor().execute("select * from provenance order by simulation_year")
        names = [column[0] for column in cursor.description or []]
        for year, *values in cursor.fetchall():
            for name, value in zip(names[1:], values, strict=True):
                yield f"{year}: {name}", "-" if value is None else str(value)
    for place, value in leaves(study.scenarios):
        yield f"scenarios.{key_text(place)}", plain(value)


def _meanings(tables: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """What each figure of the summary means, and what dbt documents of each column."""
    for measure in MEASURES.values():
        yield "summary", measure.label, measure.meaning
    for table in tables:
        for file in sorted(_MODELS.glob(f"*/{table}.yml")):
            for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]:
                for column in model["columns"]:
                    yield table, column["name"], column.get("description", "")
