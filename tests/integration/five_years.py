"""One run that several modules look at: 500 people, five years, six worlds that have everything in them.

2025 to 2029 has a leap year. The scenarios, made to meet every rule of pay and state at least once:

* `baseline`: the shipped defaults;
* `restless`: exits, reductions and growth by year, raises in every month, COLA, merit and promotion on 1 January, a range of
  promotion raises from nothing on, no service needed for merit; everybody is enrolled automatically after three months,
  rates change, stop and rise in July, and there is core money to forfeit;
* `loose`: nothing is planned (`bernoulli`, `hazard`), promotions on 31 December, and a pay cap that many people reach; entry
  by quarters without a window, many join later and many stop.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.harness import SAMPLE_CENSUS, Simulation, census_file, simulation

YEARS = range(2025, 2030)
CAP_CENTS = {"loose": 120_000_00}

SCENARIOS: dict[str, Any] = {
    "baseline": {},
    "restless": {
        "workforce": {
            "growth": {2025: 0.10, 2026: -0.20, 2027: 0.05, 2028: 0.12, 2029: 0},
            "termination_rate": {2025: 0.10, 2028: 0.25},
            "new_hire_termination_rate": 0.35,
        },
        "hazards": {"promotion": {"base": 0.35}},
        "levels": {"merit_rate": 0.045, "promotion_raise_min": 0, "promotion_raise_max": 0.31},
        "compensation": {
            "cola": {2025: 0.0217, 2027: 0, 2028: 0.01},
            "merit_months": {**dict.fromkeys(range(1, 13), 8), 6: 10, 12: 10},
            "merit_service_months": 0,
            "promotion_date": {"month": 1, "day": 1},
        },
        "plan": {
            "eligibility": {"service_months": 3, "entry_dates": "monthly"},
            "auto_enrollment": {"scope": "all_eligible"},
            "changes": {"up_share": 0.3, "down_share": 0.3, "stop_share": 0.1},
            "escalation": {"month": 7, "delay_months": 0},
            "core": {"rate": 0.03},
        },
    },
    "loose": {
        "workforce": {"selection": "bernoulli", "termination_rate": "hazard"},
        "compensation": {"promotion_date": {"month": 12, "day": 31}, "annual_compensation_cap": 120_000},
        "plan": {
            "eligibility": {"entry_dates": "quarterly"},
            "auto_enrollment": {"window_days": 0},
            "voluntary": {"later_enrollment": 0.4},
            "changes": {"stop_share": 0.2},
        },
    },
}

#: Dates that break date arithmetic: (birth, hire, service). The rest of the 500 are every tenth of the sample census.
AWKWARD = [
    ("1984-02-29", "2012-02-29", "2012-02-29"),
    ("1960-02-29", "2024-02-29", "2016-02-29"),
    ("1970-12-31", "2024-12-31", "2024-12-31"),
    ("2000-01-01", "2024-01-01", "2020-12-31"),
    ("1996-02-29", "2023-03-01", "2023-02-28"),
]


#: What the census says of the plan. The people with awkward dates have not joined it.
PLAN_COLUMNS = (
    "deferral_rate", "enrollment_date", "enrollment_source", "opted_out", "auto_escalation_opt_out", "match_balance",
)  # fmt: skip


@cache
def census_people() -> list[dict[str, Any]]:
    """The 500 people: census columns as text, level included."""
    query = f"""
        select employee_id, birth_date, hire_date, coalesce(service_date, hire_date) as service_date, annual_compensation,
            level_id, {", ".join(PLAN_COLUMNS)}
        from '{SAMPLE_CENSUS}' where active order by employee_id
    """
    cursor = duckdb.execute(query)
    names = [name for name, *_ in cursor.description or ()]
    people = [
        {name: "" if value is None else str(value) for name, value in zip(names, row, strict=True)}
        for row in cursor.fetchall()[::10][:500]
    ]
    for position, dates in enumerate(AWKWARD * 4):
        dated = dict(zip(("birth_date", "hire_date", "service_date"), dates, strict=True))
        people[position * 20] |= dict.fromkeys(PLAN_COLUMNS, "") | dated
    return people


@cache
def _run(folder: Path) -> Simulation:
    study = {
        "study": "five_years",
        "census": str(census_file(folder, census_people())),
        "years": {"start": YEARS[0], "end": YEARS[-1]},
        "seeds": [7, 8],
        "scenarios": SCENARIOS,
    }
    return simulation(folder, study).run()


@pytest.fixture(scope="session")
def five_years(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    """The run, once in a session however many modules ask for it."""
    return _run(tmp_path_factory.getbasetemp() / "five_years")
