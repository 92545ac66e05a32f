"""Plans with a known answer, through a census and whole simulated years: pay by months, and hours since the hire.

The same rules over every day and cent are in tests/unit/test_pay_periods.py and in the models' own unit tests.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.harness import Simulation, census_file, simulation

MONTHLY = {"basis": "pay_period", "pay_periods": 12}


def matched(up_to: float, limit: int) -> dict[str, Any]:
    """A scenario that matches each month's deferrals up to a share of its pay, under a limit of 2025."""
    return {
        "plan": {"match": {"tiers": [{"up_to": up_to, "rate": 1}], **MONTHLY}},
        "limits": {"overrides": {"elective_deferral_402g": {2025: limit}}},
    }


SCENARIOS: dict[str, Any] = {
    "mike": matched(0.03, 23_500),
    "saver": matched(0.06, 18_500),
    "main": matched(0.04, 22_500),
    "anniversaries": {"plan": {"eligibility": {"computation_periods": "anniversaries"}}},
}

#: Who, pay, deferral rate.
SAVERS = [("MIKE", 300_000, 0.12), ("SAVER", 92_500, 0.3), ("MAIN", 150_000, 0.2), ("FUT", 60_000, 0.06)]
#: Who, hire, hours a week, hours in 2024 and in 2023.
PART_TIME = [
    ("LTPT", "2023-05-01", 12.5, 650, 433),
    ("LTHALF", "2023-07-01", 12, 600, 300),
    ("LT2", "2019-03-01", 12, 600, 550),
    ("LTNO", "2019-03-01", 12, 600, 400),
]


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    folder = tmp_path_factory.mktemp("law_cases")
    of_all = {"birth_date": "1985-06-01", "level_id": 2}
    rows = [
        of_all
        | {"employee_id": who, "hire_date": "2010-01-04", "annual_compensation": pay, "deferral_rate": rate}
        | {"enrollment_date": "2015-01-01", "eligibility_date": "2010-01-04"}
        | ({"termination_date": "2025-03-31"} if who == "FUT" else {})
        for who, pay, rate in SAVERS
    ] + [
        of_all
        | {"employee_id": who, "hire_date": hired, "annual_compensation": 18_000, "scheduled_hours_per_week": hours}
        | {"hours_prior_year_1": last, "hours_prior_year_2": before}
        for who, hired, hours, last, before in PART_TIME
    ]
    still = {
        "workforce": {"growth": 0, "termination_rate": 0, "new_hire_termination_rate": 0},
        "hazards": {"retirement": [{"min": 0, "rate": 0}], "promotion": {"base": 0}},
        "levels": {"merit_rate": 0},
        "compensation": {"cola": 0},
        "plan": {
            "eligibility": {"service_months": 12, "hours_rule": True},
            "auto_enrollment": {"enabled": False},
            "escalation": {"enabled": False},
            "voluntary": {"later_enrollment": 0},
            "changes": {"up_share": 0, "down_share": 0, "stop_share": 0},
        },
    }
    study = {
        "study": "law_cases",
        "census": str(census_file(folder, rows)),
        "years": {"start": 2025, "end": 2026},
        "seeds": [1],
        "defaults": still,
        "scenarios": SCENARIOS,
    }
    return simulation(folder, study).run()


def test_a_monthly_match_stops_in_the_month_of_the_limit(simulated: Simulation) -> None:
    """750 a month for eight months, 462.50 for eight, 500 for nine; three months of 5,000 until 31 March."""
    found = simulated.query("""
        select scenario_id, employee_id, employer_match::integer, employee_contribution::integer
        from fct_workforce_snapshot
        where simulation_year = 2025 and scenario_id = lower(employee_id) order by all
    """)
    assert found == [("main", "MAIN", 4_500, 22_500), ("mike", "MIKE", 6_000, 23_500), ("saver", "SAVER", 3_700, 18_500)]
    (leaver,) = simulated.query("""
        select plan_compensation, employee_contribution, employer_match, paid_compensation from fct_workforce_snapshot
        where simulation_year = 2025 and scenario_id = 'mike' and employee_id = 'FUT'
    """)
    assert [float(amount) for amount in leaver] == [15_000, 900, 450, 14_794.52]


@pytest.mark.parametrize(
    ("scenario", "days"),
    [
        # LTNO has 400 hours in 2023, and by the schedule 624 in 2025
        ("mike", {"LT2": (2025, 1, 1), "LTHALF": (2025, 1, 1), "LTPT": (2025, 1, 1), "LTNO": (2026, 1, 1)}),
        # 400 less the 65 before 1 March, and 97 of 2024 are 432 to 29 February 2024, 606 from then on
        ("anniversaries", {"LT2": (2025, 3, 1), "LTHALF": (2025, 7, 1), "LTPT": (2025, 5, 1), "LTNO": (2026, 3, 1)}),
    ],
)
def test_a_long_term_part_timer_comes_in_after_two_periods(
    simulated: Simulation, scenario: str, days: dict[str, tuple[int, int, int]]
) -> None:
    """29 CFR 2530.202-2: twelve months from the hire, then plan years or anniversaries; both with 500 hours."""
    found = simulated.query(
        """
        select employee_id, effective_date, event_category from fct_yearly_events
        where scenario_id = ? and event_type = 'eligibility' and not starts_with(employee_id, 'NH_') order by all
        """,
        [scenario],
    )
    assert found == [(who, date(*day), "long_term_part_time") for who, day in sorted(days.items())]
