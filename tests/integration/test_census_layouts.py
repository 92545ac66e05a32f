"""Every layout of tests/census_layouts.py through `planwise init`: taken as it is meant, or refused in one screen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from planwise_assets.commands.cli import app
from tests.census_files import write
from tests.census_layouts import AT_WORK, LAYOUTS, PEOPLE, WRITTEN, columns_of, file_of
from tests.harness import share_compiled_project, simulation

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
    ("p10", "Bonus"): None,
    ("p10", "Overtime"): None,
    ("p6", "Employee"): None,
    ("a4", "Employee"): None,
    ("r9", "Plan Status"): None,
}
READ = [name for name in LAYOUTS if name not in REFUSED or REFUSED[name][1]]
SCREEN = 24


@pytest.fixture
def init(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs init on a layout: exit code and what it prints."""
    share_compiled_project(tmp_path / "home")
    monkeypatch.setenv("PLANWISE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def run(layout: str, *words: str) -> tuple[int, str]:
        write(tmp_path, file_of(LAYOUTS[layout]))
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


@pytest.mark.parametrize("layout", ["r2", "h1", "a3"])
def test_a_layout_goes_through_a_year(init: Any, tmp_path: Path, layout: str) -> None:
    """By dollars and hours, by rates and words, with an owner: who is to leave leaves on the day, the rehired one works."""
    code, told = init(layout)
    assert code == 0, told
    study = (tmp_path / "study.yaml").read_text(encoding="utf-8")
    year = simulation(tmp_path / "run", study.replace('"people.csv"', f'"{tmp_path}/people.csv"')).run()
    people = year.query("select distinct employee_id from fct_workforce_snapshot where not starts_with(employee_id, 'NH')")
    assert len(people) == len(AT_WORK)
    (who,) = {
        str(WRITTEN[what][1](PEOPLE[9])) for _, what in columns_of(LAYOUTS[layout]) if WRITTEN[what][0] == "employee_id"
    }
    left = year.query(
        "select distinct event_category, effective_date::varchar from fct_yearly_events "
        f"where event_type = 'termination' and employee_id = '{who}'"
    )
    assert left == [("announced", "2025-03-31")]
