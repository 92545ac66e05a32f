"""Results cut by what people belong to: the census columns that a study names as `groups`.

Belongs here: which figures can be cut, and reading them. Does not: who belongs to what
(dbt_project/closing/person_groups.sql), printing (commands/shared/cuts.py).

A figure is cut where it is a sum, a count or a mean over people or their events. Forfeitures used, net cost and the plan's
tests belong to the plan as a whole: no division has them by itself.
"""

from __future__ import annotations

from collections.abc import Collection

import duckdb

from planwise_assets.results.ensembles import Bands, measure_bands
from planwise_assets.results.measures import EVENTS, MEASURES, SNAPSHOT, Values, World
from planwise_assets.results.totals import ALL_YEARS, totals
from planwise_assets.study.sections.groups import PERSON_GROUPS

_KEYS = "simulation_year, seed, employee_id"
_IN_PLAN = "employment_status = 'active' and is_eligible and is_enrolled"
#: Of each figure that can be cut, the published table and an aggregate over its rows of one group, world and year.
CUTS: dict[str, tuple[str, str]] = {
    "opening": (SNAPSHOT, "count(*) filter (where hire_date < make_date(simulation_year, 1, 1))"),
    "hires": (EVENTS, "count(*) filter (where event_type = 'hire')"),
    "exits": (EVENTS, "count(*) filter (where event_type = 'termination')"),
    "promotions": (EVENTS, "count(*) filter (where event_type = 'promotion')"),
    "headcount": (SNAPSHOT, "count(*) filter (where employment_status = 'active')"),
    "payroll": (SNAPSHOT, "sum(paid_compensation)"),
    "average_pay": (SNAPSHOT, MEASURES["average_pay"].sql),
    "participation": (
        SNAPSHOT,
        f"count(*) filter (where {_IN_PLAN}) "
        "/ nullif(count(*) filter (where employment_status = 'active' and is_eligible), 0)",
    ),
    "deferral": (SNAPSHOT, f"avg(deferral_rate) filter (where {_IN_PLAN})"),
    "enrollments": (EVENTS, MEASURES["enrollments"].sql),
    "opt_outs": (EVENTS, MEASURES["opt_outs"].sql),
    "contributions": (SNAPSHOT, "sum(employee_contribution)"),
    "match": (SNAPSHOT, "sum(employer_match)"),
    "core": (SNAPSHOT, "sum(employer_core)"),
}


def group_names(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The groups that published results can be cut by, in the study's order; none where the study names none."""
    rows = connection.execute(
        "select column_name from duckdb_columns() where table_name = ? order by column_index", [PERSON_GROUPS]
    ).fetchall()
    return [name for (name,) in rows if name not in _KEYS.split(", ")]


def cut_query(group: str) -> str:
    """SQL of one row a value of the group, scenario, seed and year, with each figure that can be cut.

    Args:
        group: One of `group_names`.
    """
    keys = f'"{group}", scenario_id, seed, simulation_year'
    people, events = (
        f"select member.{keys}, {', '.join(f'{sql} as {name}' for name, (of, sql) in CUTS.items() if of == table)} "
        f"from {table} inner join {PERSON_GROUPS} as member using ({_KEYS}) group by all"
        for table in (SNAPSHOT, EVENTS)
    )
    # A year without an event of a kind has none of it: a count of 0.
    figures = ", ".join(f"coalesce({name}, 0) as {name}" if of == EVENTS else name for name, (of, _) in CUTS.items())
    return f"select {keys}, {figures} from ({people}) left join ({events}) using ({keys}) order by {keys}"


def cut_measures(connection: duckdb.DuckDBPyConnection, group: str) -> dict[str, Values]:
    """The figures of each value of a group by (scenario, seed, year); those that cannot be cut are None.

    Args:
        connection: To the warehouse.
        group: One of `group_names`.
    """
    found: dict[str, dict[World, dict[str, float | None]]] = {}
    for value, scenario, seed, year, *figures in connection.execute(cut_query(group)).fetchall():
        cut = {name: None if figure is None else float(figure) for name, figure in zip(CUTS, figures, strict=True)}
        found.setdefault(value, {})[scenario, int(seed), int(year)] = {**dict.fromkeys(MEASURES), **cut}
    return dict(found)


def cut_bands(connection: duckdb.DuckDBPyConnection, group: str, *, together: Collection[int] = ()) -> dict[str, Bands]:
    """Bands over the seeds of each value of a group. Nothing in them is deterministic: who is hired where is drawn.

    Args:
        connection: To the warehouse.
        group: One of `group_names`.
        together: Years whose dollars are also added up, under ALL_YEARS, after the years of each scenario.
    """
    cut = {}
    for value, values in cut_measures(connection, group).items():
        found = measure_bands({**values, **totals(values, together)}, {})
        cut[value] = {at: found[at] for at in sorted(found, key=lambda at: (at[0], at[1] == ALL_YEARS, at[1]))}
    return cut
