"""A stranger's census: what its columns are taken for, and how its values are rewritten."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from planwise_assets.intake.names import guess_columns, missing
from planwise_assets.intake.study_text import NewStudy, study_text
from planwise_assets.intake.values import AmbiguousColumnError, rewriting
from planwise_assets.study.file.load import load_study


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (["EE ID", "DOB", "Date of Hire", "Gross Pay", "Dept"], ["EE ID", "DOB", "Date of Hire", "Gross Pay"]),
        (
            ["Employee Number", "Birthdate", "Hire_Date", "Annual Salary"],
            ["Employee Number", "Birthdate", "Hire_Date", "Annual Salary"],
        ),
        (["emp_no", "date of brith", "start-date", "base_salary"], ["emp_no", "date of brith", "start-date", "base_salary"]),
        # PlanWise's own name wins over a name that is known to mean the same.
        (
            ["id", "employee_id", "birth_date", "hire_date", "salary", "annual_compensation"],
            ["employee_id", "birth_date", "hire_date", "annual_compensation"],
        ),
    ],
)
def test_required_columns_are_recognised(own: list[str], expected: list[str]) -> None:
    mapping = guess_columns(own)
    assert [mapping[name] for name in ("employee_id", "birth_date", "hire_date", "annual_compensation")] == expected
    assert missing(mapping) == []


def test_no_column_is_taken_twice_and_none_without_reason() -> None:
    mapping = guess_columns(["Pay Group", "Manager", "Hired", "Title"])
    assert mapping == {"hire_date": "Hired"}
    assert missing(mapping) == ["employee_id", "birth_date", "annual_compensation"]


def rewritten(column: str, values: list[str], order: Any = None) -> list[str]:
    with duckdb.connect() as connection:
        connection.execute("create table census (own varchar)")
        connection.executemany("insert into census values (?)", [[value] for value in values])
        found = rewriting(connection, "census", {column: "own"}, order)
        expression = found[column][0] if found else "own"
        return [row[0] for row in connection.execute(f"select {expression} from census order by rowid").fetchall()]


@pytest.mark.parametrize(
    ("column", "written", "read"),
    [
        ("birth_date", ["07/12/1975", "1/31/1980", "2/30/1990"], ["1975-07-12", "1980-01-31", "1990-02-30"]),
        ("hire_date", ["31.12.1999", "01.02.2003"], ["1999-12-31", "2003-02-01"]),
        ("hire_date", ["1999-12-31", "soon"], ["1999-12-31", "soon"]),
        (
            "annual_compensation",
            ["$85,450.00", "1,000", "$900.5", "TBD", "52000"],
            ["85450.00", "1000", "900.5", "TBD", "52000"],
        ),
        ("annual_compensation", ["85,45", "$1"], ["85,45", "1"]),
        ("deferral_rate", ["6%", "4.5 %", "0.06", "6"], ["0.060000", "0.045000", "0.06", "6"]),
    ],
)
def test_values_are_rewritten_or_left_for_the_models_to_refuse(column: str, written: list[str], read: list[str]) -> None:
    assert rewritten(column, written) == read


def test_a_column_that_can_be_read_in_two_ways_is_refused() -> None:
    with pytest.raises(AmbiguousColumnError, match="--dates mdy"):
        rewritten("hire_date", ["03/04/1980", "05/06/1990"])
    with pytest.raises(AmbiguousColumnError, match="months before days"):
        rewritten("hire_date", ["13/04/1980", "04/13/1990"])
    assert rewritten("hire_date", ["03/04/1980"], "mdy") == ["1980-03-04"]
    assert rewritten("hire_date", ["03/04/1980"], "dmy") == ["1980-04-03"]


def test_the_study_that_is_written_can_be_loaded(tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    own = {'the "pay": column': "annual_compensation", "No.": "employee_id"}
    file.write_text(study_text(NewStudy("mill", "folder/my census.csv", own, (2025, 2029), 3, "0.05")), encoding="utf-8")
    study = load_study(file)
    assert study.census == tmp_path / "folder" / "my census.csv"
    assert study.census_columns == own
    assert (study.study, study.seeds, float(study.census_reject_limit)) == ("mill", (1, 2, 3), 0.05)
    assert list(study.scenarios) == ["baseline", "stretch_match"]
