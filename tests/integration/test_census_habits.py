"""What people and their systems do to a census, tried by hand against `planwise init`: taken right, or refused with help."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped,unused-ignore]
from typer.testing import CliRunner

from planwise_assets.commands.cli import app
from tests.census_files import text_of, write
from tests.harness import share_compiled_project

HEADER = ["Employee ID", "DOB", "Hire Date", "Salary"]
PAY = [4_200_025 + 137_525 * number for number in range(24)]
TOTAL = f"{sum(PAY) / 100:,.2f}"


def us(day: date) -> str:
    return day.strftime("%m/%d/%Y")


def people(*more: Any, pay: Any = lambda cents: f"{cents / 100:.2f}", ident: Any = str) -> list[list[str]]:
    """24 people, each with a value of every further column."""
    return [
        [
            ident(1000 + number),
            us(date(1960, 1, 15) + timedelta(days=number * 430)),
            us(date(2005, 3, 20) + timedelta(days=number * 250)),
            pay(cents),
            *(column(number) for column in more),
        ]
        for number, cents in enumerate(PAY)
    ]


@pytest.fixture
def init(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs init on a file's content: exit code and what it prints."""
    share_compiled_project(tmp_path / "home")
    monkeypatch.setenv("PLANWISE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def run(content: str, *words: str, name: str = "people.csv") -> tuple[int, Any]:
        write(tmp_path, content, name)
        result = CliRunner().invoke(app, ["init", name, "--yes", "--force", "--years", "2025", *words])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        is_json = "--json" in words and result.stdout.startswith("{")
        return result.exit_code, json.loads(result.stdout) if is_json else " ".join(result.output.split())

    return run


def with_lines(lines: dict[int, list[str]]) -> str:
    """The people with a department, and further lines after some of them."""
    rows: list[list[str]] = []
    for place, row in enumerate(people(lambda number: f"Dept {number // 8}"), 1):
        rows += [row, *([lines[place]] if place in lines else [])]
    return text_of(rows, header=[*HEADER, "Department"])


SALARIED = {
    "a subtotal under another name": with_lines(
        {8: ["", "", "", "12.00", "Dept 0 Total"], 16: ["", "", "", "1", "B Totals"]}
    ),
    "counts": with_lines({12: ["Count: 12", "", "", "571075.50", ""], 24: ["Employee count", "24", "", "", ""]}),
    "a new entity's header": with_lines({12: [*HEADER, "Department"]}),
    "an apostrophe before ids": text_of(people(ident=lambda number: f"'00{number}"), header=HEADER),
    "1900 for never": text_of(people(lambda _: "01/01/1900"), header=[*HEADER, "Term Date"]),
    "Excel's zero for never": text_of(people(lambda _: "1/0/1900"), header=[*HEADER, "Term Date"]),
    "per cents with a space": text_of(people(lambda number: f"{number % 9} %"), header=[*HEADER, "Deferral %"]),
    "owned shares": text_of(people(lambda number: "0.60" if number == 1 else "0"), header=[*HEADER, "Ownership %"]),
    "a status for every absence": text_of(
        people(lambda number: ("LTD", "STD", "LWP", "USERRA", "Perm", "On Call", "FMLA", "Per Diem")[number % 8]),
        header=[*HEADER, "Emp Status"],
    ),
    "two columns of a name": text_of(people(lambda _: "1"), header=[*HEADER, "Salary"]),
    "overtime in hours": text_of(people(lambda number: f"{number * 3.5}"), header=[*HEADER, "Overtime"]),
    "a bonus in per cents": text_of(people(lambda _: "10%"), header=[*HEADER, "Bonus"]),
}


@pytest.mark.parametrize("content", SALARIED.values(), ids=SALARIED.keys())
def test_a_habit_is_read(init: Any, content: str) -> None:
    code, told = init(content, "--json")
    assert code == 0, told
    assert told["people"] == {"enter the simulation": 24}
    assert told["figures"]["total yearly pay"] == TOTAL
    assert "overtime pay a year" not in told["figures"]
    assert "bonus a year" not in told["figures"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (SALARIED["two columns of a name"], "several columns 'Salary': the first is taken"),
        (SALARIED["overtime in hours"], "'Overtime' is not taken for overtime: no value is above 1,000"),
        (SALARIED["a bonus in per cents"], "'Bonus' is not taken for bonus: it holds shares of pay"),
    ],
)
def test_what_is_not_taken_is_said(init: Any, content: str, words: str) -> None:
    assert words in init(content)[1]


REFUSED = {
    "pay of a month": (text_of(people(pay=lambda cents: f"{cents / 1200:.2f}"), header=HEADER), "--pay-each month"),
    "pay of an hour and of a pay period": (
        text_of(
            people(pay=lambda cents: f"{cents / (2600 if cents % 2 else 208_000):.2f}"),
            header=[*HEADER[:3], "Pay Rate"],
        ),
        "holds pay an hour",
    ),
    "hours of two weeks": (text_of(people(lambda _: "80"), header=[*HEADER, "Standard Hours"]), "are above 60"),
    "two currencies": (
        text_of(people(pay=lambda cents: f"{'CAD' if cents % 3 else 'USD'} {cents / 100:.2f}"), header=HEADER),
        "in several currencies",
    ),
    "a row a pay code": (
        text_of([[*row, code] for row in people() for code in ("REG", "OT")], header=[*HEADER, "Earnings Code"]),
        "give one row a person",
    ),
    "ages in place of days": (
        text_of(
            [["1", "45", "10", "52000"], ["2", "46", "11", "52000"]], header=["Employee ID", "Age", "Service", "Salary"]
        ),
        "--map 'Age=birth_date'",
    ),
}


@pytest.mark.parametrize(("content", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_a_habit_is_refused_with_help(init: Any, content: str, words: str) -> None:
    code, told = init(content)
    assert code != 0
    assert words in told


def test_pay_of_a_month_is_a_years_when_somebody_says_so(init: Any, tmp_path: Path) -> None:
    """3,500.02 a month is 42,000.24 a year; the study keeps what was said."""
    code, told = init(REFUSED["pay of a month"][0], "--pay-each", "month", "--json")
    monthly = [round(cents / 12) for cents in PAY]
    assert (code, told["figures"]["total yearly pay"]) == (0, f"{sum(monthly) * 12 / 100:,.2f}")
    study = yaml.safe_load((tmp_path / "study.yaml").read_text(encoding="utf-8"))
    assert study["census_reading"] == {"pay_each": "month"}


@pytest.mark.parametrize(
    ("file", "name"),
    [("2025 Census (final).csv", "study_2025_census_final"), (f"{'long ' * 20}.csv", ("long_" * 20)[:48].strip("_"))],
)
def test_a_study_has_a_name_whatever_its_census_is_called(init: Any, tmp_path: Path, file: str, name: str) -> None:
    assert init(text_of(people(), header=HEADER), name=file)[0] == 0
    assert yaml.safe_load((tmp_path / "study.yaml").read_text(encoding="utf-8"))["study"] == name
