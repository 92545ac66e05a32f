"""Mutations: cells of a published table changed in the smallest way, in each kind of row; rows dropped and doubled.

Here: generating them from the table itself, and those that only a person would think of. Not here: which test must report
them (any test may), the year they go into (`test_mutations.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import duckdb

#: What makes rows of a table different in kind: each kind has its mutations.
KINDS = {
    "fct_yearly_events": "event_type",
    "fct_workforce_snapshot": "detailed_status || if(is_eligible, ', eligible', '') || if(is_enrolled, ', enrolled', '')",
    "fct_compensation_growth": "method || if(level_id is null, '', ', a level')",
    "fct_plan_cost": "scenario_id",
    "fct_nondiscrimination_tests": "test",
    "dim_hazards": "hazard",
}

#: Two cells, or cells and rows, changed together so that single rules still hold: (table, what, statement).
COMBINED = [
    (
        "fct_workforce_snapshot",
        "a leaver who stays",
        """
        update this set employment_status = 'active', detailed_status = 'continuous_active', termination_date = null
        where rowid = (select min(rowid) from this where detailed_status = 'experienced_termination')
        """,
    ),
    *(
        (
            "fct_workforce_snapshot",
            f"{column} of two people exchanged",
            f"""
            update this set {column} = case rowid when pair.one then pair.others else pair.own end
            from (
                select a.rowid as one, b.rowid as other, a.{column} as own, b.{column} as others
                from this as a inner join this as b
                    on a.rowid < b.rowid and a.{column} <> b.{column} and a.scenario_id = b.scenario_id
                    and a.detailed_status = b.detailed_status and a.is_enrolled and b.is_enrolled
                order by a.rowid, b.rowid limit 1
            ) as pair
            where rowid in (pair.one, pair.other)
            """,
        )
        for column in ("annual_compensation", "paid_compensation", "employee_contribution", "employer_match", "birth_date")
    ),
    (
        "fct_yearly_events",
        "a raise twice, the second after the first",
        """
        insert into this
        select * replace (
            event_sequence + 1 as event_sequence, compensation_after as compensation_before,
            cast(left(cast(event_id as varchar), 35) || '0' as uuid) as event_id
        )
        from this where rowid = (select min(rowid) from this where event_type = 'merit_raise')
        """,
    ),
    (
        "fct_yearly_events",
        "a person without events",
        """
        delete from this where employee_id = (
            select employee_id from this where event_type = 'promotion' order by employee_id limit 1
        )
        """,
    ),
    (
        "fct_plan_cost",
        "a hire and an exit too many",
        "update this set hires = hires + 1, terminations = terminations + 1",
    ),
    (
        "fct_plan_cost",
        "a cent of match potential, lost to low deferrals",
        "update this set match_potential = match_potential + 0.01, match_lost_low_deferral = match_lost_low_deferral + 0.01",
    ),
    (
        "fct_plan_cost",
        "losses of the match under another name",
        """
        update this set match_lost_low_deferral = match_lost_low_deferral - 0.01,
            match_lost_not_enrolled = match_lost_not_enrolled + 0.01
        """,
    ),
    (
        "fct_compensation_growth",
        "pay and average of a level, together with its growth",
        """
        update this set total_compensation = total_compensation + headcount * 1000,
            average_compensation = average_compensation + 1000,
            growth = cast((average_compensation + 1000) / previous_average_compensation - 1 as decimal(9, 6))
        where level_id = 1 and method = 'continuous'
        """,
    ),
    (
        "fct_nondiscrimination_tests",
        "another average of the others with its threshold",
        """
        update this set nhce_rate = nhce_rate + 0.01, threshold = cast(
            greatest((nhce_rate + 0.01) * 1.25, least((nhce_rate + 0.01) * 2, nhce_rate + 0.03)) as decimal(9, 6)
        )
        where test = 'ADP' and passed
        """,
    ),
    (
        "dim_hazards",
        "another base with its probabilities",
        "update this set base = base / 2, yearly_probability = yearly_probability / 2 where hazard = 'termination'",
    ),
]  # fmt: skip


class Mutation(NamedTuple):
    """One wrong table: its name, what is wrong with it, and the SQL that makes it so (the table is `this`)."""

    asset: str
    what: str
    statement: str


def mutations(connection: duckdb.DuckDBPyConnection, asset: str, *, all_kinds: bool) -> Iterator[Mutation]:
    """Mutations of the table `this` that a connection holds.

    Args:
        connection: Holds the sound table as `this`.
        asset: Which table it is.
        all_kinds: Whether every column is changed in every kind of row, or in one of them: the first in the first column,
            the second in the second, and so on around.
    """
    columns = connection.execute("select column_name, column_type from (describe this)").fetchall()
    kinds = connection.execute(f"select {KINDS[asset]} as kind, min(rowid) from this group by kind order by kind").fetchall()
    for place, (kind, row) in enumerate(kinds):
        yield Mutation(asset, f"{kind}: a row dropped", f"delete from this where rowid = {row}")
        yield Mutation(asset, f"{kind}: a row twice", f"insert into this select * from this where rowid = {row}")
        for name, data_type in columns if all_kinds else columns[place :: len(kinds)]:
            yield from _of_a_cell(connection, asset, kind, name, data_type)
    yield from (Mutation(*combined) for combined in COMBINED if combined[0] == asset)


def _of_a_cell(
    connection: duckdb.DuckDBPyConnection, asset: str, kind: str, name: str, data_type: str
) -> Iterator[Mutation]:
    """The first cell with a value made another one and none, and the first without a value given one."""
    found = connection.execute(
        f"""
        select min(rowid) filter (where {name} is not null), min(rowid) filter (where {name} is null)
        from this where {KINDS[asset]} = ?
        """,
        [kind],
    ).fetchone()
    filled, empty = found or (None, None)
    if filled is not None:
        change = f"update this set {name} = {_another(name, data_type)} where rowid = {filled}"
        yield Mutation(asset, f"{kind}: {name} changed", change)
        yield Mutation(asset, f"{kind}: {name} lost", f"update this set {name} = null where rowid = {filled}")
    if empty is not None:
        yield Mutation(
            asset, f"{kind}: {name} invented", f"update this set {name} = {_any(data_type)} where rowid = {empty}"
        )


def _another(name: str, data_type: str) -> str:
    """Another value, as near as the type allows."""
    if data_type == "BOOLEAN":
        return f"not {name}"
    if data_type == "DATE":
        return f"{name} + 1"
    if data_type == "UUID":
        return f"cast(left(cast({name} as varchar), 35) || if({name}::varchar like '%0', '1', '0') as uuid)"
    if data_type == "VARCHAR":
        return f"coalesce((select min(o.{name}) from this as o where o.{name} <> this.{name}), {name} || 'x')"
    if data_type.startswith("DECIMAL"):
        return f"{name} + 1e-{data_type.rstrip(')').split(',')[1]}::{data_type}"
    return f"{name} + 1"


def _any(data_type: str) -> str:
    return {"BOOLEAN": "true", "DATE": "date '2026-03-01'", "UUID": "uuid()", "VARCHAR": "'x'"}.get(data_type, "1")
