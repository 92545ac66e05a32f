"""A census that is wrong is refused with a sentence that says where and why, before anything of the study is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from planwise_assets.intake.judge import judge, refusal
from planwise_assets.settings import PROJECT_ROOT, Settings
from planwise_assets.study.file.load import load_study
from planwise_assets.year.setup.inputs import prepare_inputs
from resources.dbt.compiled import compiled_project
from tests.harness import TINY_CENSUS

STUDY = "study: wrong\ncensus: people.{ending}\nyears: {{start: 2025, end: 2026}}\nscenarios: {{baseline: {{}}}}\n"
HEAD = "employee_id,birth_date,hire_date,annual_compensation,level_id,active,termination_date,deferral_rate,enrollment_date"
GOOD = "A{number},1980-05-01,2010-03-15,60000.00,2,true,,,"


def told(folder: Path, content: bytes | None, ending: str = "csv") -> str:
    """What a person is told of a census; nothing when it is accepted."""
    census = folder / f"people.{ending}"
    if content is None:
        census.mkdir()
    else:
        census.write_bytes(content)
    study = folder / "study.yaml"
    study.write_text(STUDY.format(ending=ending), encoding="utf-8")
    settings = Settings(home=folder / "home", study_file=study)
    dbt = compiled_project(settings.dbt_project, PROJECT_ROOT / "var" / "dbt")
    loaded = load_study(study)
    try:
        with duckdb.connect() as connection:
            read = prepare_inputs(connection, loaded, dbt, 2025)
            said = refusal(judge(connection, dbt), loaded.census, read.table, loaded.census_reject_limit)
    except (dg.Failure, ValueError) as error:
        said = str(getattr(error, "description", None) or error)
    assert not (folder / "home").exists(), "nothing of the study is written"
    return said or ""


def rows(*lines: str, head: str = HEAD) -> bytes:
    """A census of twelve good rows and these."""
    return "\n".join([head, *(GOOD.format(number=number) for number in range(12)), *lines, ""]).encode()


def test_a_good_census_is_accepted(tmp_path: Path) -> None:
    assert told(tmp_path, TINY_CENSUS.read_bytes()) == ""


def test_so_is_one_with_a_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    assert told(tmp_path, b"\xef\xbb\xbf" + TINY_CENSUS.read_bytes().replace(b"\n", b"\r\n")) == ""


def test_so_is_one_with_semicolons(tmp_path: Path) -> None:
    assert told(tmp_path, rows().replace(b",", b";")) == ""


#: Name, the bad row, and words of the message: the row, the column, the value, the rule.
BAD_ROWS: list[tuple[str, str, list[str]]] = [
    ("no id", ",1980-05-01,2010-03-15,60000,2,true,,,", ["line 14", "employee_id", "is required"]),
    ("an id twice", "A1,1980-05-01,2010-03-15,60000,2,true,,,", ["line 3", "line 14", "occurs once"]),
    ("an id of a simulated hire", "NH_2025_1_000001,1980-05-01,2010-03-15,60000,2,true,,,", ["does not start with NH_"]),
    ("no birth date", "B,,2010-03-15,60000,2,true,,,", ["birth_date", "is required"]),
    ("American birth date", "B,05/01/1980,2010-03-15,60000,2,true,,,", ["'05/01/1980'", "such as 1980-05-01"]),
    ("a day that is none", "B,1980-02-30,2010-03-15,60000,2,true,,,", ["'1980-02-30'", "exists in the calendar"]),
    ("a serial number of a spreadsheet", "B,29342,2010-03-15,60000,2,true,,,", ["'29342'", "such as 1980-05-01"]),
    ("a child", "B,2015-05-01,2024-03-15,60000,2,true,,,", ["between 14 and 90"]),
    ("a Methuselah", "B,1920-05-01,2010-03-15,60000,2,true,,,", ["between 14 and 90"]),
    ("born after hired", "B,2005-05-01,2001-03-15,60000,2,true,,,", ["hire_date", "at least 14"]),
    ("no hire date", "B,1980-05-01,,60000,2,true,,,", ["hire_date", "is required"]),
    ("hired in the future", "B,1980-05-01,2025-01-01,60000,2,true,,,", ["hire_date", "not after the census date"]),
    ("left before hired", "B,1980-05-01,2010-03-15,60000,2,false,2009-01-01,,", ["termination_date", "not before the hire"]),
    ("no pay", "B,1980-05-01,2010-03-15,,2,true,,,", ["annual_compensation", "is required"]),
    ("no money", "B,1980-05-01,2010-03-15,0,2,true,,,", ["annual_compensation '0'", "between 1 and 50,000,000"]),
    ("a debt", "B,1980-05-01,2010-03-15,-60000,2,true,,,", ["'-60000'", "between 1 and 50,000,000"]),
    ("too much", "B,1980-05-01,2010-03-15,50000000.01,2,true,,,", ["'50000000.01'", "between 1 and 50,000,000"]),
    ("a comma for a point", 'B,1980-05-01,2010-03-15,"60000,50",2,true,,,', ["'60000,50'", "such as 52000"]),
    ("not a number", "B,1980-05-01,2010-03-15,NaN,2,true,,,", ["'NaN'", "such as 52000"]),
    ("infinity", "B,1980-05-01,2010-03-15,inf,2,true,,,", ["'inf'", "such as 52000"]),
    ("hexadecimal", "B,1980-05-01,2010-03-15,0x10,2,true,,,", ["'0x10'", "such as 52000"]),
    ("full-width digits", "B,1980-05-01,2010-03-15,\uff16\uff10000,2,true,,,", ["such as 52000"]),
    ("forty digits", f"B,1980-05-01,2010-03-15,{'9' * 40},2,true,,,", ["annual_compensation"]),
    ("an unknown level", "B,1980-05-01,2010-03-15,60000,99,true,,,", ["level_id '99'", "one that every scenario"]),
    ("half a level", "B,1980-05-01,2010-03-15,60000,2.5,true,,,", ["level_id '2.5'", "whole number"]),
    ("perhaps", "B,1980-05-01,2010-03-15,60000,2,perhaps,,,", ["active 'perhaps'", "true, false, yes, no"]),
    (
        "a deferral rate in dollars",
        "B,1980-05-01,2010-03-15,60000,2,true,,6000,2012-01-01",
        ["deferral_rate", "0.06 means 6 %"],
    ),
    ("a negative rate", "B,1980-05-01,2010-03-15,60000,2,true,,-0.01,2012-01-01", ["'-0.01'", "between 0 and 1"]),
    (
        "enrolled before hired",
        "B,1980-05-01,2010-03-15,60000,2,true,,0.05,2009-01-01",
        ["enrollment_date", "not before the hire"],
    ),
    ("enrolled in the future", "B,1980-05-01,2010-03-15,60000,2,true,,0.05,2025-06-01", ["not after the census date"]),
    ("SQL for a date", "B,1980-05-01'; drop table x; --,2010-03-15,60000,2,true,,,", ["drop table", "such as 1980-05-01"]),
]


#: What a reader that guesses nothing refused before, and what there is to be read in it.
READ_NOW = {
    "spaces around an id": '" A99",1980-05-01,2010-03-15,60000,2,true,,,',
    "a named month": "B,1980-05-01,15 March 2010,60000,2,true,,,",
    "thousands separators": 'B,1980-05-01,2010-03-15,"60,000",2,true,,,',
    "a currency": "B,1980-05-01,2010-03-15,$60000,2,true,,,",
    "an exponent": "B,1980-05-01,2010-03-15,6e4,2,true,,,",
    "a deferral in per cent": "B,1980-05-01,2010-03-15,60000,2,true,,6%,2012-01-01",
    "a deferral in a column of per cents": "B,1980-05-01,2010-03-15,60000,2,true,,6,2012-01-01",
    "fields that are empty": "B,1980-05-01,2010-03-15,60000,2,true,,,,,,,",
    "Windows-1252": "J\xfcrgen,1980-05-01,2010-03-15,60000,2,true,,,",
}


@pytest.mark.parametrize(("name", "row"), READ_NOW.items(), ids=READ_NOW.keys())
def test_what_can_be_read_in_one_way_is_read(tmp_path: Path, name: str, row: str) -> None:
    content = rows(row)
    assert told(tmp_path, content.decode().encode("cp1252") if name == "Windows-1252" else content) == ""


@pytest.mark.parametrize(("row", "words"), [bad[1:] for bad in BAD_ROWS], ids=[bad[0] for bad in BAD_ROWS])
def test_a_bad_row_is_named(tmp_path: Path, row: str, words: list[str]) -> None:
    said = told(tmp_path, rows(row))
    assert [word for word in [str(tmp_path / "people.csv"), "rows are rejected", *words] if word not in said] == []


PARQUET = PROJECT_ROOT / "data" / "census_sample.parquet"

#: Name, content, ending, and words of the message.
BAD_FILES: list[tuple[str, bytes | None, str, list[str]]] = [
    ("nothing at all", b"", "csv", ["cannot be read", "people.csv"]),
    ("a folder", None, "csv", ["is a folder"]),
    ("a folder that ends as Parquet", None, "parquet", ["is a folder"]),
    ("0 bytes of Parquet", b"", "parquet", ["cannot be read"]),
    ("not Parquet", b"employee_id,birth_date\n", "parquet", ["cannot be read"]),
    ("the head of a Parquet file", PARQUET.read_bytes()[:5000], "parquet", ["cannot be read"]),
    ("other columns", b"name,born,pay\nA,1980-05-01,60000\n", "csv", ["no column for", "census_columns", "name, born, pay"]),
    ("no header", GOOD.format(number=1).encode() + b"\n", "csv", ["no line of column names", "A1"]),
    ("a header alone", HEAD.encode() + b"\n", "csv", ["has no rows"]),
    ("half of a UTF-16", TINY_CENSUS.read_text().encode("utf-16")[:-1], "csv", ["people.csv", "damaged"]),
    ("bytes at random", bytes(range(256)) * 40, "csv", ["people.csv"]),
    ("a row with too many fields", rows("B,1980-05-01,2010-03-15,60,000,2,true,,,"), "csv", ["people.csv", "line 14"]),
    ("an open quote", rows('"B,1980-05-01,2010-03-15,60000,2,true,,,'), "csv", ["people.csv"]),
]  # fmt: skip


@pytest.mark.parametrize(("content", "ending", "words"), [bad[1:] for bad in BAD_FILES], ids=[bad[0] for bad in BAD_FILES])
def test_a_bad_file_is_refused(tmp_path: Path, content: bytes | None, ending: str, words: list[str]) -> None:
    said = told(tmp_path, content, ending)
    assert [word for word in words if word not in said] == []


def test_a_parquet_file_without_a_row_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "people.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"copy (select * from '{PARQUET}' limit 0) to '{file}' (format parquet)")
    content = file.read_bytes()
    file.unlink()
    assert "has no rows" in told(tmp_path, content, "parquet")


def test_damage_in_the_middle_of_a_parquet_file_is_found(tmp_path: Path) -> None:
    whole = bytearray(PARQUET.read_bytes())
    whole[2000:2200] = bytes(200)
    assert "cannot be read" in told(tmp_path, bytes(whole), "parquet")


def test_the_first_twenty_and_the_count_of_all(tmp_path: Path) -> None:
    said = told(tmp_path, rows(*(f"B{n},1980-05-01,2010-03-15,-1,2,true,,," for n in range(30))))
    assert "30 of 42 rows are rejected" in said
    assert "The first of 30 problems" in said
    assert said.count("  line ") == 20


def test_few_bad_rows_are_left_out(tmp_path: Path) -> None:
    """Under the limit of 1 % they are quarantined with their reason, and the year goes on."""
    many = [f"C{number},1980-05-01,2010-03-15,60000,2,true,,," for number in range(200)]
    assert told(tmp_path, rows(*many, "B,1980-05-01,2010-03-15,-1,2,true,,,")) == ""


@pytest.mark.parametrize("name", ["O'Brien", 'Anna "Anni"', "x'; drop table y; --", "=1+1", "\u5f20\u4f1f", "a" * 200])
def test_hostile_ids_are_only_ids(tmp_path: Path, name: str) -> None:
    file = tmp_path / "people.parquet"
    with duckdb.connect() as connection:
        connection.execute("create table people as select * from read_csv(?, all_varchar = true)", [str(TINY_CENSUS)])
        connection.execute("update people set employee_id = ? where employee_id = 'E00001'", [name])
        connection.execute(f"copy people to '{file}' (format parquet)")
    content: Any = file.read_bytes()
    file.unlink()
    assert told(tmp_path, content, "parquet") == ""
