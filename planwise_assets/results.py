"""The results as a person reads them first: the workforce and the plan, one row a scenario and year, from the warehouse.

Belongs here: the queries and the tables. Does not: how a result came to be, bands over seeds (commands/results.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import duckdb

from planwise_assets.commands.console import is_terminal, note, print_table, say
from planwise_assets.settings import Settings
from planwise_assets.study.schema import Study

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


def print_tables(connection: duckdb.DuckDBPyConnection, settings: Settings, study: Study) -> None:
    """Prints the tables of workforce and plan, scenarios in the study's order, and where the lake and the warehouse are."""
    workforce, plan = (connection.execute(query).fetchall() for query in (WORKFORCE_QUERY, PLAN_QUERY))
    place = {scenario: position for position, scenario in enumerate(study.scenarios)}
    for rows in (workforce, plan):
        rows.sort(key=lambda row: (place.get(row[0], len(place)), row[0], row[1]))
    seeds = len(study.seeds)
    means = f", means over {seeds} seeds" if seeds > 1 else ""
    _print(f"Study {study.study}: the workforce{means}", WORKFORCE_COLUMNS, workforce)
    if not is_terminal():
        say("")
    _print(f"Study {study.study}: the plan{means}; money in thousands", PLAN_COLUMNS, plan)
    if seeds > 1 and is_terminal():
        say("How sure that is: planwise results --bands")
    # In a pipe the rows alone.
    tell = say if is_terminal() else note
    tell(f"Lake:      {settings.lake(study.study)}")
    tell(f"Warehouse: {settings.warehouse(study.study)} (open it read-only)")


def _print(title: str, columns: dict[str, Callable[[Any], str]], rows: Sequence[tuple[Any, ...]]) -> None:
    texts = (
        [
            scenario,
            str(year),
            *("-" if figure is None else text(figure) for text, figure in zip(columns.values(), figures, strict=True)),
        ]
        for scenario, year, *figures in rows
    )
    print_table(title, ["scenario", "year", *columns], texts)
