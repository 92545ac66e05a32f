"""Bonus and overtime from a file to the report: each a part of payroll, and nothing at all where the census has none."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from planwise_assets.commands.cli import app
from tests.harness import Simulation, census_file, simulation

WORKFORCE = {"growth": 0.1, "termination_rate": 0, "new_hire_termination_rate": 0}
NO_RAISES = {"cola": 0, "merit_service_months": 120}


def people(**beside: Any) -> list[dict[str, Any]]:
    return [
        {
            "employee_id": f"P{number:02}",
            "birth_date": "1980-05-13",
            "hire_date": "2023-03-15",
            "annual_compensation": 60_000,
            "level_id": 1,
            "deferral_rate": 0.1,
            **{name: values[number % len(values)] for name, values in beside.items()},
        }
        for number in range(20)
    ]


def study(folder: Path, rows: list[dict[str, Any]], plan: dict[str, Any]) -> Simulation:
    return simulation(
        folder,
        {
            "study": "beside",
            "census": str(census_file(folder, rows)),
            "years": {"start": 2025, "end": 2026},
            "seeds": [1],
            "defaults": {"workforce": WORKFORCE, "compensation": NO_RAISES, "hazards": {"promotion": {"base": 0}}},
            "scenarios": {"all_pay": {}, "base_pay": {"plan": plan}},
        },
    )


@pytest.fixture(scope="module")
def paid(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    """Every second of 20 people has a bonus of 5,000 a year and 1,000.10 of overtime."""
    rows = people(bonus=[5_000, ""], overtime=[1_000.10, 0])
    left_out = {"compensation": {"bonus": False, "overtime": False}}
    return study(tmp_path_factory.mktemp("paid"), rows, left_out).run().publish()


def test_amounts_are_flat_and_a_hire_has_the_average_of_the_level(paid: Simulation) -> None:
    """2,500.00 and 500.05 on average; 2025 has 365 days. The rate is 60,000 in both years: no raise is due."""
    of_the_census = paid.query(
        "select distinct bonus, overtime from fct_supplemental_pay where employee_id in ('P00', 'P18')"
    )
    assert of_the_census == [(Decimal("5000.00"), Decimal("1000.10"))]
    assert paid.query("select count(*) from fct_supplemental_pay where employee_id in ('P01', 'P19')") == [(0,)]
    for who, days, bonus, overtime in paid.query(
        """
        select employee_id, make_date(2025, 12, 31) - hire_date + 1, bonus, overtime
        from fct_supplemental_pay join fct_workforce_snapshot using (scenario_id, seed, simulation_year, employee_id)
        where simulation_year = 2025 and employee_id like 'NH%' and level_id = 1
        """
    ):
        assert abs(bonus - Decimal(2500) * days / 365) <= Decimal("0.005"), who
        assert abs(overtime - Decimal("500.05") * days / 365) <= Decimal("0.005"), who
    hires = (
        "select distinct bonus, overtime from fct_supplemental_pay where simulation_year = 2026 and employee_id like '{}'"
    )
    assert paid.query(hires.format("NH_2025_1_%")) == [(Decimal("2500.00"), Decimal("500.05"))]


def test_the_plan_counts_what_it_says(paid: Simulation) -> None:
    """P00 is paid 66,000.10: 10 % of it is 6,600.01, of the base pay 6,000.00."""
    rows = paid.query(
        """
        select scenario_id, paid_compensation, plan_compensation, employee_contribution
        from fct_workforce_snapshot where employee_id = 'P00' and simulation_year = 2025 and deferral_rate = 0.1 order by all
        """
    )
    assert rows == [
        ("all_pay", Decimal("66000.10"), Decimal("66000.10"), Decimal("6600.01")),
        ("base_pay", Decimal("66000.10"), Decimal("60000.00"), Decimal("6000.00")),
    ]


def test_payroll_shows_its_parts_everywhere(paid: Simulation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANWISE_STUDY", str(paid.project.settings.study_file))
    monkeypatch.setenv("PLANWISE_HOME", str(paid.project.settings.home))
    shown = CliRunner().invoke(app, ["results"], env={"COLUMNS": "200"}).output
    assert "payroll\tbonus\tovertime" in shown or "bonus  overtime" in " ".join(shown.split("\n")), shown
    facts = json.loads(CliRunner().invoke(app, ["results", "--json"]).stdout)["facts"]
    found = {
        fact["measure"]: fact["mean"]
        for fact in facts
        if (fact["scenario_id"], fact["simulation_year"]) == ("all_pay", 2026)
        and fact["measure"] in ("bonus", "overtime", "payroll")
    }
    ((bonus, overtime),) = paid.query(
        "select sum(bonus), sum(overtime) from fct_supplemental_pay where scenario_id = 'all_pay' and simulation_year = 2026"
    )
    assert (found["bonus"], found["overtime"]) == (float(bonus), float(overtime))
    assert CliRunner().invoke(app, ["report", "--out", str(tmp_path / "r.html")]).exit_code == 0
    assert "onuses in payroll" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_a_census_without_them_pays_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No row, no table, no column; what is made of a column of zeros is the same as without one, to the byte."""
    bare, zeros = (
        study(tmp_path / name, people(**beside), {}).run() for name, beside in (("bare", {}), ("zeros", {"overtime": [0]}))
    )
    inputs = ("census_input", "stg_census")
    assert {path: value for path, value in bare.hashes(without=inputs).items() if "year_" not in path} == {
        path: value for path, value in zeros.hashes(without=inputs).items() if "year_" not in path
    }
    bare.publish()
    with duckdb.connect(str(bare.project.settings.warehouse("beside")), read_only=True) as connection:
        assert ("fct_supplemental_pay",) not in connection.execute("select table_name from duckdb_tables()").fetchall()
    monkeypatch.setenv("PLANWISE_STUDY", str(bare.project.settings.study_file))
    monkeypatch.setenv("PLANWISE_HOME", str(bare.project.settings.home))
    for words in (["results"], ["results", "--json"], ["report", "--out", str(tmp_path / "r.html")]):
        result = CliRunner().invoke(app, words)
        assert result.exit_code == 0, result.output
        assert "bonus" not in result.output
    assert "onuses in payroll" not in (tmp_path / "r.html").read_text(encoding="utf-8")
