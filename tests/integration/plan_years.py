"""One run that the tests of the plan's behaviour look at: 600 people, five years, worlds that differ in the plan alone.

Many are hired and many leave, 2028 is a leap year, and half of the census's participants came in automatically, at whatever
rate they have (1 % to 18 %), so that escalation meets rates on both sides of every cap. The scenarios:

* `shipped`: the defaults; `nobody`: everybody declines automatic enrolment; `off`: there is none;
* `fewer`: half of the opt-outs; `everyone`, `fewer_of_everyone`: the same two for all who are eligible;
* `low_cap`, `above_cap`, `summer`: other escalations, one from a rate above its cap;
* `richer`: a higher match; `restless`: people join, change and stop all the time, entry is monthly.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest

from tests.harness import SAMPLE_CENSUS, Simulation, simulation
from tests.statistical import shipped

FIRST, LAST = 2025, 2029
PEOPLE = 600
SEED = 42


class Escalation(NamedTuple):
    """The escalation of a scenario: rates in millionths, delay in months."""

    increment: int = 10_000
    cap: int = 100_000
    month: int = 1
    delay: int = 6


ESCALATIONS = {
    "shipped": Escalation(),
    "low_cap": Escalation(cap=65_000),
    "above_cap": Escalation(),
    "summer": Escalation(increment=25_000, cap=120_000, month=7, delay=12),
}


def _auto(**settings: Any) -> dict[str, Any]:
    return {"plan": {"auto_enrollment": settings}}


def _opt_out(factor: float) -> dict[str, Any]:
    by_age = shipped.Bands(shipped.OPT_OUT_AGE.starts, tuple(factor * rate for rate in shipped.OPT_OUT_AGE.values))
    return {"age": by_age.rows("rate")}


SCENARIOS: dict[str, Any] = {
    "shipped": {},
    "off": _auto(enabled=False),
    "nobody": _auto(opt_out={"age": [{"min": 0, "rate": 1}], "pay": [{"min": 0, "multiplier": 1}]}),
    "fewer": _auto(opt_out=_opt_out(0.5)),
    "everyone": _auto(scope="all_eligible"),
    "fewer_of_everyone": _auto(scope="all_eligible", opt_out=_opt_out(0.5)),
    "low_cap": {"plan": {"escalation": {"cap": 0.065}}},
    "above_cap": _auto(default_rate=0.12),
    "summer": {"plan": {"escalation": {"month": 7, "delay_months": 12, "increment": 0.025, "cap": 0.12}}},
    "richer": {"plan": {"match": {"tiers": [{"up_to": 0.04, "rate": 1.5}, {"up_to": 0.08, "rate": 0.5}]}}},
    "restless": {
        "plan": {
            "eligibility": {"entry_dates": "monthly"},
            "auto_enrollment": {"scope": "all_eligible", "window_days": 45},
            "voluntary": {"later_enrollment": 0.5},
            "changes": {"up_share": 0.4, "down_share": 0.3, "stop_share": 0.35},
        }
    },
}


@cache
def _run(folder: Path) -> Simulation:
    folder.mkdir(parents=True, exist_ok=True)
    census = folder / "census.parquet"
    duckdb.execute(f"""
        copy (
            select * exclude (place) replace (
                if(deferral_rate > 0 and place % 2 = 0, 'auto', enrollment_source) as enrollment_source
            )
            from (
                select *, row_number() over (order by md5(employee_id)) as place
                from '{SAMPLE_CENSUS}' where active
            )
            where place <= {PEOPLE} order by employee_id
        ) to '{census}' (format parquet)
    """)
    study = {
        "study": "plan_years",
        "census": str(census),
        "years": {"start": FIRST, "end": LAST},
        "seeds": [SEED],
        "defaults": {"workforce": {"growth": 0.06, "termination_rate": 0.15, "new_hire_termination_rate": 0.25}},
        "scenarios": SCENARIOS,
    }
    return simulation(folder, study).run()


@pytest.fixture(scope="session")
def plan_years(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    """The run, once in a session however many modules ask for it."""
    return _run(tmp_path_factory.getbasetemp() / "plan_years")
