"""The same people in every kind of file give the same staged rows: six dialects, workbooks, Parquet of three libraries."""

from __future__ import annotations

import shutil
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlsxwriter

from planwise_assets.intake.judge import judge
from planwise_assets.settings import PROJECT_ROOT
from planwise_assets.study.file.load import load_study
from planwise_assets.year.setup.inputs import prepare_inputs
from resources.dbt.compiled import compiled_project
from tests.census_files import HEADER, people, rows, text_of, write
from tests.harness import SHARED_DBT_CACHE

FILES = Path(__file__).parents[1] / "files"
STUDY = "study: trip\ncensus: {name}\nyears: {{start: 2025, end: 2025}}\n"


def _european(cents: int) -> str:
    return f"{cents // 100:,}".replace(",", ".") + f",{cents % 100:02}"


def _with_dollars(cents: int) -> str:
    return f"${cents // 100:,}.{cents % 100:02}"


def _us(day: date) -> str:
    return day.strftime("%m/%d/%Y")


TEXTS: dict[str, bytes] = {
    "commas.csv": text_of(rows()).encode(),
    "us.csv": text_of(rows(day=_us, money=_with_dollars), quoting=1, end="\r\n").encode(),
    "german.csv": text_of(rows(day=lambda day: day.strftime("%d.%m.%Y"), money=_european), delimiter=";").encode("cp1252"),
    "tabs.txt": text_of(rows(day=lambda day: day.strftime("%d-%b-%Y")), delimiter="\t").encode("utf-16"),
    "bars.txt": text_of(rows(day=lambda day: day.strftime("%Y%m%d")), delimiter="|").encode("utf-8-sig"),
    "sep.csv": ("sep=;\r\n" + text_of(rows(day=_us), delimiter=";", end="\r\n")).encode(),
}


def staged(folder: Path, name: str) -> list[tuple[Any, ...]]:
    """The rows of `stg_census` as a year would stage them, after a judgement without a bad row."""
    study = folder / "study.yaml"
    study.write_text(STUDY.format(name=name), encoding="utf-8")
    dbt = compiled_project(PROJECT_ROOT / "dbt_project", SHARED_DBT_CACHE)
    with duckdb.connect(config={"threads": 1}) as connection:
        prepare_inputs(connection, load_study(study), dbt, 2025)
        assert judge(connection, dbt).rejects == []
        return connection.execute("select * from stg_census").fetchall()


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Any, ...]]:
    folder = tmp_path_factory.mktemp("plain")
    write(folder, TEXTS["commas.csv"], "commas.csv")
    found = staged(folder, "commas.csv")
    assert len(found) == len(people())
    return found


@pytest.mark.parametrize("name", TEXTS)
def test_a_dialect_stages_the_same_rows(plain: list[tuple[Any, ...]], tmp_path: Path, name: str) -> None:
    write(tmp_path, TEXTS[name], name)
    assert staged(tmp_path, name) == plain


@pytest.mark.parametrize("name", [file.name for file in sorted(FILES.iterdir()) if file.suffix != ".md"])
def test_what_another_library_wrote_stages_the_same_rows(plain: list[tuple[Any, ...]], tmp_path: Path, name: str) -> None:
    shutil.copy(FILES / name, tmp_path / name)
    assert staged(tmp_path, name) == plain


@pytest.mark.parametrize("is_1904", [False, True])
def test_a_workbook_stages_the_same_rows(plain: list[tuple[Any, ...]], tmp_path: Path, is_1904: bool) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "people.xlsx"), {"date_1904": is_1904}) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "mm/dd/yyyy"})
        sheet.write_row(0, 0, HEADER)
        for row, (who, born, hired, cents) in enumerate(people(), 1):
            sheet.write_string(row, 0, who)
            for column, at in ((1, born), (2, hired)):
                sheet.write_datetime(row, column, datetime(at.year, at.month, at.day), day)
            sheet.write_number(row, 3, cents / 100)
    assert staged(tmp_path, "people.xlsx") == plain
