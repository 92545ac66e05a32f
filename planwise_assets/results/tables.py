"""The two tables of results, workforce and plan: their queries on the warehouse, and how their figures are written.

Belongs here: what command line and UI share. Does not: printing (commands/results.py), the page in the UI (ui/overview.py).
Definitions load it, so it imports nothing that takes time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# Means over the seeds; with one seed the figures themselves.
WORKFORCE_QUERY = """
    with pay as (
        select
            scenario_id,
            seed,
            simulation_year,
            sum(annual_compensation) as closing_pay
        from fct_workforce_snapshot
        where employment_status = 'active'
        group by all
    )

    select
        scenario_id,
        simulation_year,
        avg(headcount_opening),
        avg(hires),
        avg(terminations),
        avg(promotions),
        avg(headcount_closing),
        avg(payroll),
        sum(closing_pay) / nullif(sum(headcount_closing), 0)
    from fct_plan_cost
    left join pay using (scenario_id, seed, simulation_year)
    group by scenario_id, simulation_year
"""

# A test that is exempt (safe harbor) counts as passed, as it does in law.
PLAN_QUERY = """
    with tests as (
        select
            scenario_id,
            simulation_year,
            count(*) filter (passed) as passed,
            count(*) as held
        from fct_nondiscrimination_tests
        group by all
    )

    select
        scenario_id,
        simulation_year,
        sum(participants) / nullif(sum(eligible), 0),
        sum(average_deferral_rate * participants) / nullif(sum(participants), 0),
        avg(employee_contributions),
        avg(employer_match),
        avg(employer_core),
        avg(forfeitures_used),
        avg(net_employer_cost),
        sum(net_employer_cost) / nullif(sum(payroll), 0),
        any_value(passed || ' of ' || held)
    from fct_plan_cost
    left join tests using (scenario_id, simulation_year)
    group by scenario_id, simulation_year
"""


def _whole(value: float) -> str:
    return f"{value:,.0f}"


def _thousands(value: float) -> str:
    return f"{value / 1000:,.0f}"


def _percent(digits: int) -> Callable[[float], str]:
    return lambda value: f"{value:.{digits}%}"


WORKFORCE_COLUMNS: dict[str, Callable[[Any], str]] = dict.fromkeys(
    ("opening", "hires", "exits", "promotions", "closing", "payroll", "average pay"), _whole
)
PLAN_COLUMNS: dict[str, Callable[[Any], str]] = {
    "in plan": _percent(1),
    "deferral": _percent(2),
    "contributed": _thousands,
    "match": _thousands,
    "core": _thousands,
    "forfeited": _thousands,
    "net cost": _thousands,
    "of pay": _percent(2),
    "tests": str,
}
