"""The numbers that Dagster plots over the years for each published table.

Belongs here: one small query a fact table, one figure a scenario, mean over seeds. Does not: what a report says.
"""

from __future__ import annotations

from typing import Any

import duckdb

_FACTS = {
    "fct_workforce_snapshot": """
        select
            scenario_id,
            count(*) filter (employment_status = 'active') / count(distinct seed) as headcount,
            sum(paid_compensation)::double / count(distinct seed) as payroll,
            avg(annual_compensation) filter (employment_status = 'active') as average_pay
        from fct_workforce_snapshot
        group by scenario_id
        order by scenario_id
    """,
    "fct_yearly_events": """
        select
            scenario_id,
            count(*) filter (event_type = 'hire') / count(distinct seed) as hires,
            count(*) filter (event_type = 'termination') / count(distinct seed) as terminations,
            count(*) filter (event_type = 'promotion') / count(distinct seed) as promotions,
            count(*) filter (event_type = 'enrollment') / count(distinct seed) as enrollments,
            count(*) filter (event_type = 'opt_out') / count(distinct seed) as opt_outs
        from fct_yearly_events
        group by scenario_id
        order by scenario_id
    """,
    "fct_plan_cost": """
        select
            scenario_id,
            sum(participants) / nullif(sum(eligible), 0) as participation,
            sum(average_deferral_rate * participants)::double / nullif(sum(participants), 0) as average_deferral,
            avg(employee_contributions) as employee_contributions,
            avg(employer_match) as employer_match,
            avg(employer_core) as employer_core,
            avg(forfeitures_used) as forfeitures_used,
            avg(net_employer_cost) as net_employer_cost
        from fct_plan_cost
        group by scenario_id
        order by scenario_id
    """,
    "fct_nondiscrimination_tests": """
        select scenario_id, avg(passed::int) as tests_passed
        from fct_nondiscrimination_tests
        group by scenario_id
        order by scenario_id
    """,
    "fct_compensation_growth": """
        select scenario_id, avg(growth)::double as continuous_pay_growth
        from fct_compensation_growth
        where method = 'continuous' and level_id is null
        group by scenario_id
        order by scenario_id
    """,
}


def fact_metadata(connection: duckdb.DuckDBPyConnection, model: str) -> dict[str, Any]:
    """Numeric metadata such as `headcount (baseline)`; nothing for a model that is not a fact.

    Args:
        connection: A session in which the model's view is open.
        model: Name of the model just made.
    """
    if model not in _FACTS:
        return {}
    cursor = connection.cursor().execute(_FACTS[model])
    names = [column[0] for column in cursor.description or []][1:]
    return {
        f"{name} ({scenario})": round(float(value), 6)
        for scenario, *values in cursor.fetchall()
        for name, value in zip(names, values, strict=True)
        if value is not None
    }
