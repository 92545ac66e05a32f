"""The results as a person reads them first: one table a scenario and year, from the warehouse.

Belongs here: the query and the table. Does not: how a result came to be.
"""

from __future__ import annotations

import duckdb
from rich.console import Console
from rich.table import Table

from planwise_assets.settings import Settings
from planwise_assets.study.schema import Study

# Means over the seeds; with one seed the figures themselves.
_WORKFORCE = """
    with worlds as (
        select
            scenario_id,
            seed,
            simulation_year,
            count(*) filter (detailed_status in ('continuous_active', 'experienced_termination')) as opening,
            count(*) filter (detailed_status in ('new_hire_active', 'new_hire_termination')) as hires,
            count(*) filter (employment_status = 'terminated') as exits,
            count(*) filter (employment_status = 'active') as closing,
            sum(paid_compensation) as payroll,
            sum(annual_compensation) filter (employment_status = 'active') as closing_pay
        from fct_workforce_snapshot
        group by all
    ),

    promoted as (
        select scenario_id, seed, simulation_year, count(*) as promotions
        from fct_yearly_events
        where event_type = 'promotion'
        group by all
    )

    select
        scenario_id,
        simulation_year,
        avg(opening),
        avg(hires),
        avg(exits),
        avg(coalesce(promotions, 0)),
        avg(closing),
        avg(payroll),
        sum(closing_pay) / sum(closing)
    from worlds
    left join promoted using (scenario_id, seed, simulation_year)
    group by scenario_id, simulation_year
    order by scenario_id, simulation_year
"""

_COLUMNS = ("scenario", "year", "opening", "hires", "exits", "promotions", "closing", "payroll", "average pay")


def print_results(console: Console, settings: Settings, study: Study) -> None:
    """Prints the workforce table, and where the lake and the warehouse are."""
    warehouse = settings.warehouse(study.study)
    if not warehouse.is_file():
        console.print(f"Study {study.study} has no published results yet: planwise simulate", highlight=False)
        return
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute(_WORKFORCE).fetchall()
    seeds = len(study.seeds)
    table = Table(title=f"Study {study.study}" + (f", means over {seeds} seeds" if seeds > 1 else ""), title_justify="left")
    for name in _COLUMNS:
        table.add_column(name, justify="left" if name == "scenario" else "right", no_wrap=True)
    previous = None
    for scenario, year, *figures in rows:
        if previous not in (None, scenario):
            table.add_section()
        previous = scenario
        table.add_row(scenario, str(year), *(f"{figure:,.0f}" for figure in figures))
    console.print(table)
    console.print(f"Lake:      {settings.lake(study.study)}", highlight=False, soft_wrap=True)
    console.print(f"Warehouse: {warehouse} (open it read-only)", highlight=False, soft_wrap=True)
