"""A stranger's census: what its columns are taken for, and that the study that is written can be loaded."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from planwise_assets.intake.names import guesses, looks_like, missing, senses
from planwise_assets.intake.study_text import NewStudy, study_text
from planwise_assets.intake.synonyms import SYNONYMS
from planwise_assets.study.file.load import load_study
from planwise_assets.study.sections.census import CENSUS_COLUMNS


def guessed(own: list[str]) -> dict[str, str]:
    return {guess.column: guess.own for guess in guesses(own)}


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (["EE ID", "DOB", "Date of Hire", "Annual Salary", "Dept"], ["EE ID", "DOB", "Date of Hire", "Annual Salary"]),
        (
            ["Employee Number", "Birthdate", "Hire_Date", "Annual Salary"],
            ["Employee Number", "Birthdate", "Hire_Date", "Annual Salary"],
        ),
        (["emp_no", "date of brith", "start-date", "base_salary"], ["emp_no", "date of brith", "start-date", "base_salary"]),
        (
            ["SSN", "Employee Date of Birth", "Hire Dt", "Annual Rate"],
            ["SSN", "Employee Date of Birth", "Hire Dt", "Annual Rate"],
        ),
        # PlanWise's own name wins over a name that is known to mean the same.
        (
            ["id", "employee_id", "birth_date", "hire_date", "salary", "annual_compensation"],
            ["employee_id", "birth_date", "hire_date", "annual_compensation"],
        ),
    ],
)
def test_required_columns_are_recognised(own: list[str], expected: list[str]) -> None:
    mapping = guessed(own)
    assert [mapping[name] for name in ("employee_id", "birth_date", "hire_date", "annual_compensation")] == expected
    assert missing(mapping) == []


def test_no_column_is_taken_twice_and_none_without_reason() -> None:
    mapping = guessed(["Pay Group", "Manager", "Hired", "Title"])
    assert mapping == {"hire_date": "Hired"}
    assert missing(mapping) == ["employee_id", "birth_date", "annual_compensation"]


@pytest.mark.parametrize("paid", ["Gross Pay", "W2 Compensation", "Annual Earnings", "YTD Gross", "W-2 Wages"])
def test_pay_that_was_paid_is_no_yearly_rate(paid: str) -> None:
    mapping = guessed(["ID", "DOB", "DOH", paid])
    assert mapping["prior_year_compensation"] == paid
    assert missing(mapping) == []


@pytest.mark.parametrize(
    ("own", "column"),
    [
        ("Term Dt", "termination_date"),
        ("Date Terminated", "termination_date"),
        ("Date of Separation", "termination_date"),
        ("Date of Termination 1", "termination_date"),
        ("Date of Teminaton", "termination_date"),
        ("Date of Termination 2", "termination_date_2"),
        ("Date of Rehire", "rehire_date"),
        ("Rehire Dt", "rehire_date"),
        ("Original Date of Hire", "original_hire_date"),
        ("Orig Hire Date", "original_hire_date"),
        ("Last Hire Date", "hire_date"),
        ("Senority Date", "service_date"),
        ("Deferral Election", "deferral_rate"),
        ("401(k) %", "deferral_rate"),
        ("Employee Pre-Tax Deferrals", "pretax_deferral"),
        ("Emp Status", "employment_status"),
        ("Union (Y/N)", "union_member"),
        ("Owner %", "ownership_percent"),
    ],
)
def test_names_of_real_templates_are_known(own: str, column: str) -> None:
    assert guessed([own]) == {column: own}


def test_likeness_never_crosses_meanings() -> None:
    """Two letters away from a known name, and another thing."""
    for own in (
        "Date of Fire",
        "Terminations",
        "Rehired Dat",
        "Original Hired",
        "Birth Place",
        "Termination 3",
        "Hire Date 2",
    ):
        taken = guessed([own])
        assert not {"hire_date", "service_date", "birth_date"} & set(taken), (own, taken)
    assert senses("dateofrehire") != senses("dateofhire")
    assert senses("originaldateofhire") != senses("servicedate")


def test_no_name_means_two_things() -> None:
    from planwise_assets.intake.names import key

    assert set(SYNONYMS) == set(CENSUS_COLUMNS)
    keys = {column: {key(name) for name in names} for column, names in SYNONYMS.items()}
    assert [(one, other) for one, other in combinations(keys, 2) if keys[one] & keys[other]] == []


@pytest.mark.parametrize(
    ("own", "what"),
    [
        ("Separation Code 2", "termination"),
        ("Deferral Source", "deferral"),
        ("Worker Status Detail", "status"),
        ("FTE", "hours"),
        ("Shareholder", "owner"),
        ("Bargaining Unit Name", "union"),
        ("Payroll Cycle Code", "pay frequency"),
        ("Cost Center", None),
        ("Department", None),
        ("Phone", None),
    ],
)
def test_what_looks_important_is_told_from_what_does_not(own: str, what: str | None) -> None:
    assert looks_like(own) == what


def test_a_guess_says_why_and_how_sure_it_is() -> None:
    by_own = {guess.own: guess for guess in guesses(["employee_id", "DOB", "Employee Hire Date", "Anual Salary"])}
    assert [by_own[name].score for name in ("employee_id", "DOB", "Employee Hire Date")] == [1.0, 1.0, 0.95]
    assert 0.87 <= by_own["Anual Salary"].score < 1
    assert "spelt nearly" in by_own["Anual Salary"].why


def test_the_study_that_is_written_can_be_loaded(tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    own = {'the "pay": column': "annual_compensation", "No.": "employee_id"}
    reading = {"sheet": 'a "sheet"', "dates": "dmy", "statuses": {"P": "leave"}, "ignore": ["union_member"]}
    new = NewStudy("mill", "folder/my census.xlsx", own, (2025, 2029), 3, "0.05", reading)
    file.write_text(study_text(new), encoding="utf-8")
    study = load_study(file)
    assert study.census == tmp_path / "folder" / "my census.xlsx"
    assert study.census_columns == own
    assert (study.census_reading.sheet, study.census_reading.dates, study.census_reading.ignore) == (
        'a "sheet"',
        "dmy",
        ("union_member",),
    )
    assert study.census_reading.statuses == {"P": "leave"}
    assert (study.study, study.seeds, float(study.census_reject_limit)) == ("mill", (1, 2, 3), 0.05)
    assert list(study.scenarios) == ["baseline", "stretch_match"]
