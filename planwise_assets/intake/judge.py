"""What the staging models say of a census, in the session that holds it.

Belongs here: asking the very models that a simulation runs. Does not: the rules (dbt_project/macros/workforce/census.sql),
reading the census (census.py). The session must hold the tables of source `study` (year/setup/inputs.py prepares them).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb

from planwise_assets.intake.reading.table import RawTable
from resources.dbt.compiled import CompiledProject

#: Problems that a message names; it has the count of all.
_SHOWN = 20


@dataclass(frozen=True)
class Reject:
    """One rule that a row breaks.

    Attributes:
        place: Line or row of the file.
        employee_id: Whose row it is.
        column: Which column, by PlanWise's name.
        value: What stands there, as it was read.
        reason: The rule.
    """

    place: int
    employee_id: str | None
    column: str
    value: str | None
    reason: str


@dataclass(frozen=True)
class Judgement:
    """A census, judged.

    Attributes:
        rows: People in it, a row each.
        active: Those who enter the simulation.
        rejects: Every rule that is broken, in the order of the file.
    """

    rows: int
    active: int
    rejects: list[Reject]

    @property
    def rejected_rows(self) -> int:
        """Rows that break at least one rule."""
        return len({reject.place for reject in self.rejects})


def judge(connection: duckdb.DuckDBPyConnection, dbt: CompiledProject) -> Judgement:
    """Judges the census of a session; its staged rows are in the session's view `stg_census` afterwards."""
    for name, kind in (("stg_census_rejects", "table"), ("stg_census", "view")):
        sql = dbt.compiled_sql(str(dbt.models[name]["unique_id"]))
        connection.execute(f"create or replace {kind} {name} as {sql}")
    rejects = connection.execute(
        "select census_row, employee_id, column_name, value, reason from stg_census_rejects order by all"
    ).fetchall()
    rows, active = _one(connection, "select (select count(*) from census_input), (select count(*) from stg_census)")
    return Judgement(rows, active, [Reject(*row) for row in rejects])


def refusal(judged: Judgement, census: Path, table: RawTable, limit: Decimal) -> str | None:
    """What to tell a person whose census has more bad rows than the study allows; None when it has not.

    Args:
        judged: The census, judged.
        census: Its file, for the message.
        table: The same file, which names the places.
        limit: Share of the rows that may be bad; 0.02 is 2 %.
    """
    if judged.rejected_rows <= judged.rows * limit:
        return None
    shown = "\n".join(
        f"  {table.place_name(reject.place)}, {reject.column} {reject.value!r}: {reject.reason}"
        for reject in judged.rejects[:_SHOWN]
    )
    return (
        f"Census {census}: {judged.rejected_rows:,} of {judged.rows:,} rows are rejected, "
        f"and the study allows {limit:%}. Mend them, or raise `census_reject_limit`. "
        f"The first of {len(judged.rejects):,} problems:\n{shown}"
    )


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[int, ...]:
    row: Iterable[int] = connection.execute(sql).fetchone() or ()
    return tuple(int(value) for value in row)
