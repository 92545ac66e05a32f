"""The figures that people compare: one number a world (scenario x seed), year and measure, from the published tables.

Belongs here: which figures there are, their words and units, the query. Does not: statistics over seeds (ensembles.py), how
they are shown (tables.py, report/).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import duckdb

from planwise_assets.study.schema import Scenario
from planwise_assets.study.sections.workforce import HAZARD

Unit = Literal["people", "dollars", "share"]
World = tuple[str, int, int]


@dataclass(frozen=True)
class Measure:
    """One figure of a world and a year.

    Attributes:
        name: Its name in JSON, CSV and `--measure`.
        label: Its name for people.
        unit: `people`, `dollars`, or `share` (0.05 is 5 %).
        meaning: One sentence.
        sql: Its expression over `fct_plan_cost` joined with the average pay of the active.
    """

    name: str
    label: str
    unit: Unit
    meaning: str
    sql: str

    def text(self, value: float | None, *, signed: bool = False) -> str:
        """The value as people read it; a difference with its sign. Shares differ in points."""
        if value is None:
            return "-"
        sign = "+" if signed else ""
        if self.unit == "share":
            return f"{value * 100:{sign}.2f}{' pt' if signed else '%'}"
        digits = 0 if self.unit == "dollars" or float(value).is_integer() else 1
        return f"{value:{sign},.{digits}f}"


MEASURES: dict[str, Measure] = {
    measure.name: measure
    for measure in (
        Measure("headcount", "headcount", "people", "People employed after 31 December.", "headcount_closing"),
        Measure("hires", "hires", "people", "Hires of the year.", "hires"),
        Measure("exits", "exits", "people", "Exits of the year, for any reason.", "terminations"),
        Measure("promotions", "promotions", "people", "Promotions of the year.", "promotions"),
        Measure("payroll", "payroll", "dollars", "Pay of the year for the days employed.", "payroll"),
        Measure("average_pay", "average pay", "dollars", "Mean yearly pay of the active on 31 December.", "average_pay"),
        Measure("participation", "participation", "share", "Contributing / eligible, on 31 December.", "participation_rate"),
        Measure("deferral", "average deferral", "share", "Mean deferral rate of participants.", "average_deferral_rate"),
        Measure("contributions", "deferrals", "dollars", "Employees' deferrals of the year.", "employee_contributions"),
        Measure("match", "employer match", "dollars", "Match of the year.", "employer_match"),
        Measure("core", "employer core", "dollars", "Core contributions of the year.", "employer_core"),
        Measure("forfeitures", "forfeitures used", "dollars", "Forfeitures used this year.", "forfeitures_used"),
        Measure("net_cost", "net employer cost", "dollars", "Match and core less forfeitures used.", "net_employer_cost"),
        Measure("cost_rate", "cost, share of pay", "share", "Net employer cost / payroll.", "cost_percent_of_payroll / 100"),
    )
}

# Their totals are solved, so that the seed has no say in them; see solved_measures().
_HEADCOUNT = frozenset({"headcount"})
_FLOWS = frozenset({"hires", "exits"})


def read_measures(connection: duckdb.DuckDBPyConnection) -> dict[World, dict[str, float | None]]:
    """Every measure by (scenario, seed, year), in that order.

    Args:
        connection: A connection to the warehouse.
    """
    columns = ", ".join(f"cast({measure.sql} as double) as {name}" for name, measure in MEASURES.items())
    rows = connection.execute(
        f"""
        with pay as (
            select scenario_id, seed, simulation_year, avg(annual_compensation) as average_pay
            from fct_workforce_snapshot
            where employment_status = 'active'
            group by all
        )
        select scenario_id, seed, simulation_year, {columns}
        from fct_plan_cost
        left join pay using (scenario_id, seed, simulation_year)
        order by scenario_id, seed, simulation_year
        """
    ).fetchall()
    return {
        (scenario, int(seed), int(year)): dict(zip(MEASURES, values, strict=True)) for scenario, seed, year, *values in rows
    }


def solved_measures(scenarios: Mapping[str, Scenario], scenario: str, years: range) -> frozenset[str]:
    """The measures that a scenario solves to a target instead of drawing them (docs/methodology.md, "How many").

    With `selection: exact` the closing headcount is the growth target; with a number for `termination_rate` in every year so
    are exits and hires. A scenario that the study file has lost has none.
    """
    if scenario not in scenarios:
        return frozenset()
    workforce = scenarios[scenario].workforce
    if workforce.selection != "exact":
        return frozenset()
    is_numeric = all(workforce.termination_rate.at(year) != HAZARD for year in years)
    return _HEADCOUNT | _FLOWS if is_numeric else _HEADCOUNT
