"""The company whose sound year the defects go into: small, and with a case for every rule."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from tests.harness import SAMPLE_CENSUS, Simulation, census_file, simulation

YEAR = 2026

STUDY: dict[str, Any] = {
    "study": "defects",
    "years": {"start": 2025, "end": YEAR},
    "seeds": [11],
    "defaults": {
        "plan": {
            "eligibility": {"service_months": 2, "entry_dates": "monthly"},
            "auto_enrollment": {"scope": "all_eligible"},
            "changes": {"up_share": 0.3, "down_share": 0.2, "stop_share": 0.1},
            "escalation": {"opt_out": 0.3},
            "core": {"rate": 0.03},
            "compensation": {"overtime": False},
        },
    },
    "scenarios": {
        "baseline": {
            "hazards": {"promotion": {"base": 0.5}},
            "compensation": {"cola": 0.01, "merit_service_months": 0},
        },
        "loose": {
            "workforce": {"selection": "bernoulli", "termination_rate": "hazard"},
            "plan": {"testing": {"top_paid_group": True}},
            # so that the best paid defer enough to fail the test
            "limits": {"overrides": {"elective_deferral_402g": dict.fromkeys((2025, YEAR), 60_000)}},
        },
    },
}


def sound_company(folder: Path) -> Simulation:
    """Two years that pass every test (`run` asserts it); defects go into the second, which also has a year before it.

    A quarter are the best paid of the sample, who defer a fifth of it, so that there are limits to be kept; one is out of
    the plan, and one cannot be an employee.
    """
    query = f"""
        with people as (
            select *, row_number() over (order by annual_compensation desc, employee_id) <= 60 as is_best_paid
            from '{SAMPLE_CENSUS}' where active
        )
        select
            employee_id, birth_date, hire_date, annual_compensation, level_id,
            if(is_best_paid, 0.2, deferral_rate) as deferral_rate,
            if(deferral_rate > 0, 'auto', '') as enrollment_source,
            opted_out, match_balance, match_balance as core_balance,
            if(is_best_paid, 9000.05, 0) as bonus, if(is_best_paid, 0, 800) as overtime
        from people order by not is_best_paid, md5(employee_id) limit 250
    """
    cursor = duckdb.execute(query)
    names = [column[0] for column in cursor.description or []]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    rows[-1] |= {"birth_date": "1800-01-01"}
    rows[-2] |= {"plan_exclusion": "true", "deferral_rate": 0, "enrollment_source": ""}
    return simulation(folder, {**STUDY, "census": str(census_file(folder, rows))}).run()
