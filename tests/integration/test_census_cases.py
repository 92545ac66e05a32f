"""`planwise init` on whole files as recordkeepers and administrators send them: who enters, what is said, what stops it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from planwise_assets.commands.cli import app
from tests.census_files import HEADER, rows, text_of, write
from tests.harness import share_compiled_project

RECORDKEEPER = (
    "SSN,Last Name,Date of Birth,Date of Hire,Date of Termination 1,Date of Rehire,Date of Termination 2,Hours,"
    "Gross Compensation,Plan Compensation,Employee Pre-Tax Deferrals,Employee Roth Deferrals,Employer Match,Ownership %,"
    "Officer,Family Relationship,Union,Excluded\n"
    '900-00-1000,Ash,07/11/1976,05/20/2008,,,,2080,"83,750.00","83,750.00","8,375.00",0.00,"3,350.00",60%,Y,,N,N\n'
    '900-01-1001,Ash,04/01/1965,06/03/2023,,,,2080,"102,239.00","102,239.00",0.00,0.00,0.00,,Y,Spouse of Ash,N,N\n'
    '900-05-1005,Elm,01/06/1972,03/04/2019,06/14/2024,,,900,"24,000.00","24,000.00","6,854.28",0.00,960.00,,N,,N,N\n'
    '900-11-1011,Oak,05/16/1966,02/06/2012,08/31/2017,05/03/2021,,2080,"125,337.00","125,337.00",0.00,0.00,0.00,,N,,N,N\n'
    '900-17-1017,Fir,04/19/1967,02/01/2010,08/31/2015,05/02/2022,09/30/2024,2080,"86,804.00","86,804.00",0.00,0.00,0.00,,N,,N,N\n'
    '900-30-1030,Yew,09/08/1993,01/15/2022,,,,2080,"79,024.00","79,024.00","7,902.40","1,580.48","3,160.96",,N,,Y,N\n'
    '900-31-1031,Bay,05/08/1972,05/21/2008,,,,2080,"42,876.00","42,876.00",0.00,0.00,0.00,,N,,N,Y\n'
)
ADMINISTRATOR = (
    "First Name,Last Name,Social Security Number,Date of Birth,Date of Hire,Date of Termination,Termination Reason,"
    "Date of Rehire,Hours Worked,Gross Compensation,Division,Union (Y/N),LOA\n"
    "F0,L0,012345678,03/14/1980,04/01/2012,,,,2080,60000,01,N,\n"
    "F1,L1,012345679,03/15/1981,04/02/2012,08/31/2016,Voluntary,05/01/2021,2080,62000,01,N,\n"
    "F2,L2,012345680,03/16/1982,04/03/2012,06/30/2024,Retired,,1040,31000,01,N,\n"
    "F3,L3,012345681,03/17/1983,10/01/2024,,,,520,16000,01,N,\n"
    "F4,L4,012345682,03/18/1984,04/05/2012,,,,0,0,01,N,Y\n"
    "F5,L5,012345683,03/19/1985,04/06/2012,02/15/2024,Lay off,11/01/2024,700,21000,01,N,\n"
    "F6,L6,012345684,03/20/1986,04/07/2012,,,,2080,64000,01,Y,\n"
)


@pytest.fixture
def init(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs init on a file's content: what it prints, at the exit code that is expected."""
    share_compiled_project(tmp_path / "home")
    monkeypatch.setenv("PLANWISE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def run(content: str, *words: str, code: int = 0) -> str:
        write(tmp_path, content)
        result = CliRunner().invoke(app, ["init", "people.csv", "--yes", "--force", *words])
        assert result.exit_code == code, result.output
        return str(result.stdout) if code == 0 or "--json" in words else str(result.output)

    return run


def test_a_recordkeepers_file(init: Any) -> None:
    told = json.loads(init(RECORDKEEPER, "--json", "--years", "2025"))
    assert told["people"] == {"enter the simulation": 5, "have left by the census date": 2}
    figures = told["figures"]
    assert (figures["5 % owners"], figures["rehired"], figures["people who defer"]) == ("2", "1", "2")
    assert figures["deferrals in the file, all rows"] == "24,712.16 of 3 people"
    assert figures["match in the file, all rows"] == "7,470.96"
    assert told["census_date"] == "2024-12-31"
    assert figures["left out of the plan (union, leased, nonresident, excluded)"] == "1"
    assert any("'SSN'" in remark for remark in told["remarks"])
    assert yaml.safe_load(Path("study.yaml").read_text(encoding="utf-8"))["census_reading"] == {"weekly_hours": "worked"}


def test_an_administrators_file(init: Any) -> None:
    """On leave without pay: the yearly rate is asked for; the two who came back are in, the retired one is not."""
    told = json.loads(init(ADMINISTRATOR, "--json", code=1))
    assert told["people"] == {"enter the simulation": 5, "have left by the census date": 1, "bad rows": 1}
    assert [(reject["place"], reject["column"]) for reject in told["rejects"]] == [(6, "annual_compensation")]
    assert told["figures"]["yearly pay made from pay of a part of the year"] == "2"
    said = init(ADMINISTRATOR, code=1)
    assert "has a yearly rate all the same" in said
    assert "012345681: 16000 x 366 / 92 days employed = 63652.17 a year" in said


def test_control_totals_reconcile_to_the_file(init: Any) -> None:
    content = "Payroll register\n\n" + text_of(rows()) + "bad,1980-13-45,2010-01-01,5\nTotal,,,2567065.00\n*** End ***\n"
    told = json.loads(init(content, "--json", "--reject-limit", "0.1"))
    assert sum(told["lines"].values()) == len(content.splitlines())
    assert sum(told["people"].values()) == told["lines"]["people's rows"] == told["rows"] == 41
    assert told["people"] == {"enter the simulation": 40, "bad rows": 1}
    assert told["rejects"][0]["place"] == 44


IMPORTANT = [
    "Separation Code 2",
    "Worker Status Detail",
    "Deferral Source",
    "FTE",
    "Shareholder",
    "Bargaining Unit Name",
    "Payroll Cycle Code",
]


@pytest.mark.parametrize("name", IMPORTANT)
def test_what_looks_important_and_is_not_used_stops_it(init: Any, tmp_path: Path, name: str) -> None:
    content = text_of([[*row, "x"] for row in rows()], header=[*HEADER, name])
    said = init(content, code=1)
    assert f"'{name}' looks like" in said
    assert f"--ignore '{name}'" in said
    assert not (tmp_path / "study.yaml").exists()
    assert f"Passed over on purpose: {name}" in init(content, "--ignore", name)


def test_what_is_assumed_is_said(init: Any) -> None:
    said = init(text_of(rows()))
    for words in (
        "Everybody opens at 0 %",
        "Nobody has left",
        "40 hours a week",
        "The plan covers everybody",
        "Nobody does.",
    ):
        assert words in said


def test_a_grade_that_is_no_level_is_left_out_and_said(init: Any) -> None:
    said = init(text_of([[*row, "G1"] for row in rows()], header=[*HEADER, "Grade"]))
    assert "Column 'Grade' is not taken for level_id: it holds G1" in said
    assert "40 = enter the simulation 40" in said


def test_the_simulation_reads_what_init_showed(init: Any) -> None:
    """The study names the file itself, and all that was answered: nothing is rewritten beside it."""
    content = text_of(
        rows(day=lambda day: day.strftime("%d.%m.%Y"), money=lambda cents: f"{cents / 100:.2f}".replace(".", ",")),
        delimiter=";",
    )
    told = json.loads(init(content, "--json"))
    assert told["people"] == {"enter the simulation": 40}
    assert sorted(path.name for path in Path().iterdir()) == ["home", "people.csv", "study.yaml"]


@pytest.mark.parametrize(
    ("words", "output"), [(["--columns"], "employee_id"), (["--template", "c.xlsx"], "fill in the sheet")]
)
def test_what_a_census_may_have_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], output: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["init", *words])
    assert (result.exit_code, output in result.output) == (0, True)
