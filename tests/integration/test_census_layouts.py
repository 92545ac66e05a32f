"""Every layout of tests/census_layouts.py through `planwise init`: taken as it is meant, or refused in one screen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped,unused-ignore]
from typer.testing import CliRunner

from planwise_assets.commands.cli import app
from tests.census_files import write
from tests.census_layouts import AT_WORK, LAYOUTS, WRITTEN, columns_of, file_of
from tests.harness import share_compiled_project, simulation
from tests.integration.test_census_cases import ADMINISTRATOR, RECORDKEEPER

#: Layouts that nobody can read without being told something: a part of what is said, and what answers it.
REFUSED: dict[str, tuple[str, list[str]]] = {
    "r9": ("'Plan Status' looks like status", ["--ignore", "Plan Status"]),
    "p5": ("'Reg Hours' looks like hours", ["--map", "Reg Hours=hours_prior_year_1"]),
    "h2": ("'Working Hours' looks like hours", ["--map", "Working Hours=scheduled_hours_per_week"]),
    "h4": ("no column was recognised as hire_date", ["--map", "Entry=hire_date"]),
    "h7": ("'FTE' looks like hours", ["--ignore", "FTE"]),
    "h10": (
        "'Reentry date' looks like rehire",
        ["--map", "Leave date=termination_date", "--map", "Reentry date=rehire_date"],
    ),
    "u2": ("no column was recognised as hire_date", ["--map", "Continuous Service Date=hire_date"]),
    "t1": ("no column was recognised as annual_compensation", []),
    "t2": ("no column was recognised as birth_date", []),
    "t3": ("no column was recognised as hire_date", []),
    "t4": ("no column was recognised as birth_date", []),
}
#: What a header means by itself where the same values would have another name: hours are a year's either way; names.
ELSE: dict[tuple[str, str], str | None] = {
    ("a1", "Annual Hours"): "annual_hours",
    ("p8", "Regular Pay Rate Amount"): "annual_compensation",
    ("p6", "Employee"): None,
    ("a4", "Employee"): None,
    ("r9", "Plan Status"): None,
}
READ = [name for name in LAYOUTS if name not in REFUSED or REFUSED[name][1]]
SCREEN = 24


@pytest.fixture
def init(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs init on a layout, or on a file's content: exit code and what it prints."""
    share_compiled_project(tmp_path / "home")
    monkeypatch.setenv("PLANWISE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def run(layout: str, *words: str) -> tuple[int, str]:
        write(tmp_path, file_of(LAYOUTS[layout]) if layout in LAYOUTS else layout)
        result = CliRunner().invoke(app, ["init", "people.csv", "--yes", "--force", "--years", "2025", *words])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.stdout if "--json" in words and result.exit_code == 0 else result.output

    return run


@pytest.mark.parametrize("layout", READ)
def test_a_layout_is_read_as_it_is_meant(init: Any, layout: str) -> None:
    code, told = init(layout, *REFUSED.get(layout, ("", []))[1], "--json")
    assert code == 0, told
    found = json.loads(told)
    columns = {own: ELSE.get((layout, own), WRITTEN[what][0]) for own, what in columns_of(LAYOUTS[layout])}
    assert {own: name for name, own in found["columns"].items()} == {o: c for o, c in columns.items() if c}
    knows_leavers = {"termination_date", "employment_status", "active"} & set(found["columns"])
    assert knows_leavers
    # A layout without any day of a return has lost the one who came back.
    returns = {"rehire_date", "original_hire_date", "service_date"}
    at_work = [m for m in AT_WORK if m.again is None or returns & set(columns.values())]
    assert found["people"] == {"enter the simulation": len(at_work), "have left by the census date": 10 - len(at_work)}
    assert found["figures"]["total yearly pay"] == f"{sum(member.pay for member in at_work):,.2f}"
    known = found["columns"]
    saves = [m for m in at_work if (m.rate and {"deferral_rate", "pretax_deferral"} & set(known))
             or (m.roth and {"roth_rate", "roth_deferral"} & set(known))]  # fmt: skip
    assert int(found["figures"]["people who defer"]) == len([m for m in saves if not (m.union and "union_member" in known)])


@pytest.mark.parametrize("layout", REFUSED)
def test_a_layout_that_cannot_be_read_says_what_to_do(init: Any, layout: str) -> None:
    code, told = init(layout)
    assert code != 0
    assert REFUSED[layout][0] in " ".join(told.split())
    assert "--map" in told
    assert len(told.splitlines()) <= SCREEN + len(columns_of(LAYOUTS[layout]))


#: Of these the dbt tests run too: by dollars and hours, by rates and words, with an owner.
TESTED = ("r2", "h1", "a3")


@pytest.mark.parametrize("layout", READ)
def test_a_layout_goes_through_a_year(init: Any, tmp_path: Path, layout: str) -> None:
    """Everybody at work is in the year, at the pay of the file; who is to leave leaves on the day, the rehired one works."""
    code, told = init(layout, *REFUSED.get(layout, ("", []))[1])
    assert code == 0, told
    columns = columns_of(LAYOUTS[layout])
    people = year_of(tmp_path, tested=layout in TESTED)
    returns = {"rehire_date", "original_hire_date", "service_date"}
    knows = {WRITTEN[what][0] for _, what in columns}
    ids = next(WRITTEN[what][1] for _, what in columns if WRITTEN[what][0] == "employee_id")
    at_work = {str(ids(m)): m for m in AT_WORK if m.again is None or returns & knows}
    assert people.keys() == at_work.keys()
    for who, (rate, left) in people.items():
        assert abs(rate - at_work[who].pay) <= 1, who
        announced = at_work[who].left if at_work[who].again is None and "termination_date" in knows else None
        assert left == (str(announced) if announced else None), who


@pytest.mark.parametrize(("content", "words"), [(RECORDKEEPER, []), (ADMINISTRATOR, ["--reject-limit", "0.2"])])
def test_a_whole_file_goes_through_a_year(init: Any, tmp_path: Path, content: str, words: list[str]) -> None:
    """The two files of test_census_cases.py: those who enter there are those of the year."""
    code, told = init(content, "--json", *words)
    assert code == 0, told
    assert len(year_of(tmp_path)) == json.loads(told)["people"]["enter the simulation"] == 5


def year_of(folder: Path, *, tested: bool = False) -> dict[str, tuple[float, str | None]]:
    """The people of the census in the study's first year, in one world: pay on 1 January, and the day that was announced."""
    study = yaml.safe_load((folder / "study.yaml").read_text(encoding="utf-8"))
    study |= {"census": str(folder / "people.csv"), "seeds": [1], "scenarios": {"baseline": {}}}
    run = simulation(folder / "run", study).run(years=[2025], tested=tested)
    rows = run.query("""
        select opening.employee_id, opening.annual_compensation_cents / 100, leaves.termination_date::varchar
        from int_opening_workforce as opening
        left join int_termination_events as leaves
            on opening.employee_id = leaves.employee_id and leaves.exit_category = 'announced'
    """)
    return {who: (pay, day) for who, pay, day in rows}
