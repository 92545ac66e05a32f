"""Workbooks and Parquet: the same forty people, ids as they are seen, and cells without a value refused by their name."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlsxwriter

from planwise_assets.intake.reading.table import CensusError
from planwise_assets.intake.template import reference, write_template
from planwise_assets.settings import PROJECT_ROOT
from planwise_assets.study.sections.census import CensusReading
from tests.census_files import HEADER, expected, people, read

Fill = Callable[[xlsxwriter.Workbook, Any], None]


def workbook(file: Path, fill: Fill | None = None, *, first_row: int = 0, **options: Any) -> Path:
    """The people in a sheet, dates as dates and pay as numbers; `fill` does what else there is."""
    with xlsxwriter.Workbook(str(file), options) as book:
        sheet = book.add_worksheet("Census")
        day = book.add_format({"num_format": "mm/dd/yyyy"})
        sheet.write_row(first_row, 0, HEADER)
        for row, (who, born, hired, pay) in enumerate(people(), first_row + 1):
            sheet.write_string(row, 0, who)
            sheet.write_datetime(row, 1, datetime(born.year, born.month, born.day), day)
            sheet.write_datetime(row, 2, datetime(hired.year, hired.month, hired.day), day)
            sheet.write_number(row, 3, pay / 100)
        if fill:
            fill(book, sheet)
    return file


def as_numbers(found: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [(*row[:3], float(row[3])) for row in found]


@pytest.mark.parametrize("name", ["people.xlsx", "people.xlsm"])
@pytest.mark.parametrize("options", [{}, {"date_1904": True}], ids=["1900", "1904"])
def test_a_workbook_gives_the_same_people(tmp_path: Path, name: str, options: dict[str, Any]) -> None:
    found, census = read(workbook(tmp_path / name, **options))
    assert as_numbers(found) == as_numbers(expected())
    assert census.table.place_name(2) == "sheet 'Census' row 2"


def test_titles_totals_and_hidden_rows_of_a_sheet_are_told(tmp_path: Path) -> None:
    def fill(_book: xlsxwriter.Workbook, sheet: Any) -> None:
        sheet.write(0, 0, "Payroll register")
        sheet.write_row(43, 0, ["Total", "", "", sum(person[3] for person in people()) / 100])
        sheet.set_row(7, None, None, {"hidden": True})

    found, census = read(workbook(tmp_path / "people.xlsx", fill, first_row=2))
    assert as_numbers(found) == as_numbers(expected())
    assert [(left.place, left.kind) for left in census.table.left_out] == [
        (1, "title"), (2, "blank"), (3, "header"), (44, "total"),
    ]  # fmt: skip
    assert any("1 rows of it are hidden" in said for said in census.table.said)
    assert any("annual_compensation of the rows add up to it" in said for said in census.table.said)


def test_ids_keep_the_zeros_that_their_format_shows(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook, sheet: Any) -> None:
        sheet.write_number(1, 0, 501, book.add_format({"num_format": "00000"}))
        sheet.write_number(2, 0, 1001)

    found, _ = read(workbook(tmp_path / "people.xlsx", fill))
    assert [row[0] for row in found[:3]] == ["00501", "1001", "E00002"]


@pytest.mark.parametrize(
    ("write_cell", "words"),
    [
        (lambda sheet: sheet.write_formula(4, 3, "=VLOOKUP(A5,X1:Y2,2)", None, ""), ["D5", "never calculated"]),
        (lambda sheet: sheet.write_formula(4, 3, "=1/0", None, "#DIV/0!"), ["D5"]),
    ],
)
def test_cells_without_a_value_are_refused_by_their_name(tmp_path: Path, write_cell: Any, words: list[str]) -> None:
    file = workbook(tmp_path / "people.xlsx", lambda _, sheet: write_cell(sheet))
    if "never calculated" in words:
        _without_value(file)
    with pytest.raises(CensusError) as refusal:
        read(file)
    assert [word for word in [str(file), "sheet 'Census'", *words] if word not in str(refusal.value)] == []


def _without_value(file: Path) -> None:
    """As a program writes a formula that no spreadsheet has calculated yet."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = (
        parts[sheet].replace(b"<v></v>", b"").replace(b"<v>0</v>", b"").replace(b'<c r="D5" t="str">', b'<c r="D5">')
    )
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def test_of_two_tables_one_is_named(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook, _sheet: Any) -> None:
        book.add_worksheet("Notes").write(0, 0, "made in March")
        other = book.add_worksheet("Last year")
        other.write_row(0, 0, HEADER)
        other.write_row(1, 0, ["X1", "1980-05-01", "2010-03-15", 50_000])

    file = workbook(tmp_path / "people.xlsx", fill)
    with pytest.raises(CensusError, match=r"2 sheets with a table: 'Census', 'Last year'.*--sheet"):
        read(file)
    assert read(file, reading=CensusReading(sheet="Last year"))[0] == [("X1", "1980-05-01", "2010-03-15", "50000")]
    with pytest.raises(CensusError, match="has no sheet 'X'; it has 'Census', 'Notes', 'Last year'"):
        read(file, reading=CensusReading(sheet="X"))


def test_an_open_document_gives_the_same_people(tmp_path: Path) -> None:
    def cell(value: object, shown: str | None = None) -> str:
        kind, attribute = "string", ""
        if isinstance(value, date):
            kind, attribute = "date", f'office:date-value="{value}"'
        elif isinstance(value, float | int):
            kind, attribute = "float", f'office:value="{value}"'
        inside = f"<text:p>{shown or value}</text:p>"
        return f'<table:table-cell office:value-type="{kind}" {attribute}>{inside}</table:table-cell>'

    lines = [[cell(name) for name in HEADER]]
    lines += [[cell(who), cell(born), cell(hired), cell(pay / 100)] for who, born, hired, pay in people()]
    lines += [[cell(501, "00501"), cell(date(1980, 5, 1)), cell(date(2010, 3, 15)), cell(60000)]]
    rows = "".join(f"<table:table-row>{''.join(cells)}</table:table-row>" for cells in lines)
    names = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"' for short in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {names}><office:body><office:spreadsheet>'
        f'<table:table table:name="Census">{rows}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    file = tmp_path / "people.ods"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"></manifest:manifest>',
        )
    found, _ = read(file)
    assert as_numbers(found[:40]) == as_numbers(expected())
    assert found[40][0] == "00501"


@pytest.mark.parametrize("content", [b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0 encrypted or broken"])
def test_a_broken_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "people.xlsx"
    file.write_bytes(content)
    with pytest.raises(CensusError, match=r"people\.xlsx cannot be read as a workbook"):
        read(file)


#: How the days and ids of Parquet are written by pandas, polars, Spark and DuckDB.
TYPES = {
    "date": ("date", "varchar"),
    "timestamp in microseconds": ("timestamp", "varchar"),
    "timestamp in milliseconds": ("timestamp_ms", "varchar"),
    "timestamp in nanoseconds": ("timestamp_ns", "varchar"),
    "text": ("varchar", "varchar"),
}


@pytest.mark.parametrize(("day", "ident"), TYPES.values(), ids=TYPES.keys())
def test_parquet_gives_the_same_people(tmp_path: Path, day: str, ident: str) -> None:
    file = tmp_path / "people.parquet"
    with duckdb.connect() as connection:
        connection.execute("create table people (a varchar, b date, c date, d decimal(18, 2))")
        connection.executemany("insert into people values (?, ?, ?, ?)", [(*row[:3], row[3] / 100) for row in people()])
        columns = f"a::{ident} employee_id, b::{day} birth_date, c::{day} hire_date, d annual_compensation"
        connection.execute(f"copy (select {columns} from people) to '{file}' (format parquet)")
    assert read(file)[0] == expected()


def test_parquet_of_floats_gives_whole_ids_and_levels(tmp_path: Path) -> None:
    file = tmp_path / "people.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            "create table people (employee_id double, birth_date date, hire_date date, pay double, level_id double)"
        )
        connection.execute("insert into people values (1001, '1980-05-01', '2010-03-15', 60000.5, 2)")
        connection.execute("insert into people values (1002, '1980-05-01', '2010-03-15', 1e6, 'nan')")
        connection.execute(f"copy (select * rename (pay as annual_compensation) from people) to '{file}' (format parquet)")
    found, _ = read(file, columns=("employee_id", "annual_compensation", "level_id"))
    assert found == [("1001", "60000.5", "2"), ("1002", "1000000", None)]


def test_parquet_of_moments_asks_for_the_zone_where_the_file_does_not_say(tmp_path: Path) -> None:
    file = tmp_path / "people.parquet"
    with duckdb.connect() as connection:
        moments = "make_timestamptz({})"
        born, hired = ((datetime(1980, 5, 1, hour) - datetime(1970, 1, 1)).total_seconds() for hour in (4, 4))
        connection.execute(
            f"copy (select 'A' employee_id, {moments.format(int(born) * 1_000_000)} birth_date, "
            f"{moments.format(int(hired) * 1_000_000)} hire_date, 60000 annual_compensation) to '{file}'"
        )
    with pytest.raises(CensusError, match="--zone America/New_York"):
        read(file)
    assert read(file, reading=CensusReading(zone="America/New_York"))[0] == [("A", "1980-05-01", "1980-05-01", "60000")]


def test_the_template_is_a_census(tmp_path: Path) -> None:
    file = tmp_path / "census.xlsx"
    assert "planwise init" in write_template(file)
    with pytest.raises(CensusError, match="no rows"):
        read(file)


def test_the_reference_is_what_the_table_of_columns_says() -> None:
    assert (PROJECT_ROOT / "docs" / "reference" / "census.md").read_text(encoding="utf-8") == reference()


def test_a_day_of_zero_is_an_empty_cell(tmp_path: Path) -> None:
    """A 0 in the format of a day: spreadsheets show 1/0/1900, and leave it where a formula found no day."""
    file = tmp_path / "people.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "mm/dd/yyyy"})
        sheet.write_row(0, 0, [*HEADER, "termination_date"])
        for place, (who, born, hired, pay) in enumerate(people(), 1):
            sheet.write_row(place, 0, [who, str(born), str(hired), pay / 100])
            sheet.write_number(place, 4, 0 if place > 1 else 45_382, day)
    found, _ = read(file, columns=["termination_date"])
    assert found == [("2024-03-31",), *[(None,)] * 39]
