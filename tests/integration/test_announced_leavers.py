"""Whom the census announces to leave: on that day and no other, paid to it, and one of that year's exits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.harness import Simulation, census_file, simulation

PEOPLE = 60


def company(folder: Path, announced: dict[int, str], years: int = 2, **workforce: Any) -> Simulation:
    """People of 50,000 to 109,000 who differ in age and service; some of them are announced to leave."""
    rows = [
        {
            "employee_id": f"P{number:02}",
            "birth_date": f"{1960 + number % 35}-05-13",
            "hire_date": f"{2005 + number % 19}-03-15",
            "annual_compensation": 50_000 + 1_000 * number,
            "termination_date": announced.get(number, ""),
            "active": "no" if number in announced else "yes",
        }
        for number in range(PEOPLE)
    ]
    study = {
        "study": "announced",
        "census": str(census_file(folder, rows)),
        "years": {"start": 2025, "end": 2024 + years},
        "seeds": [1, 2],
        # A cap lowers nobody, and nobody gets a raise beyond it.
        "defaults": {"compensation": {"cola": 0, "annual_compensation_cap": 1_000}},
        "scenarios": {"baseline": {"workforce": workforce}},
    }
    return simulation(folder, study)


EXITS = """
    select seed, employee_id, event_category, effective_date from fct_yearly_events
    where event_type = 'termination' and employee_id like 'P%' order by all
"""
KINDS = [
    {"termination_rate": 0.1},
    {"termination_rate": "hazard"},
    {"selection": "bernoulli"},
    {"selection": "bernoulli", "termination_rate": "hazard"},
    {"termination_rate": 0.1, "growth": -0.4},
    {"termination_rate": 0},
]


@pytest.mark.parametrize("workforce", KINDS, ids=str)
def test_they_leave_on_the_day_in_the_file(tmp_path: Path, workforce: dict[str, Any]) -> None:
    """They are not active when the file is made, and were on the census date: what decides is the day."""
    announced = {1: "2025-01-01", 7: "2025-03-10", 20: "2025-12-31", 33: "2026-06-30", 34: "2028-01-01"}
    run = company(tmp_path, announced, **workforce).run()
    exits = {(seed, who): (category, day) for seed, who, category, day in run.query(EXITS)}
    for seed in (1, 2):
        for number, day in announced.items():
            left = exits.pop((seed, f"P{number:02}"), None)
            assert left == (("announced", date.fromisoformat(day)) if day < "2027" else None)
    assert all(category != "announced" for category, _ in exits.values())


def test_they_are_paid_to_that_day(tmp_path: Path) -> None:
    """57,000 x 69 / 365 to 10 March is 10,775.34; a raise of nothing opens a segment, which is rounded by itself."""
    run = company(tmp_path, {7: "2025-03-10"}, years=1, termination_rate=0).run()
    paid = "select distinct paid_compensation, employment_status from fct_workforce_snapshot where employee_id = 'P07'"
    assert {status for _, status in run.query(paid)} == {"terminated"}
    assert all(abs(amount - Decimal("10775.34")) <= Decimal("0.01") for amount, _ in run.query(paid))


def test_they_are_among_the_years_exits(tmp_path: Path) -> None:
    """10 % of 60 is six: three announced and three others. Twenty announced are twenty, and nobody else leaves."""
    six = company(tmp_path / "six", {3: "2025-02-01", 4: "2025-05-01", 5: "2025-07-01"}, years=1, termination_rate=0.1).run()
    left = [category == "announced" for seed, _, category, _ in six.query(EXITS) if seed == 1]
    assert (len(left), sum(left)) == (6, 3)
    crowd = dict.fromkeys(range(20), "2025-06-30")
    many = company(tmp_path / "many", crowd, termination_rate=0.1).run()
    by_year: dict[int, list[str]] = {2025: [], 2026: []}
    for seed, _, category, day in many.query(EXITS):
        if seed == 1:
            by_year[day.year].append(category)
    assert by_year[2025] == ["announced"] * 20
    assert len(by_year[2026]) > 0
