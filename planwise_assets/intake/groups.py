"""What each person of a census belongs to: the columns that a study names as `groups`.

Belongs here: their values as they stand in the file. Does not: which columns (study/sections/groups.py), hires' groups
(dbt_project/closing/person_groups.sql).
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from planwise_assets.intake.assembly import PEOPLE
from planwise_assets.intake.reading.table import RAW, CensusError, RawTable

#: The table of them, and the value of somebody whose cell is empty.
CENSUS_GROUPS = "census_groups"
NO_VALUE = "(none)"


def require_columns(table: RawTable, columns: Sequence[str]) -> None:
    """That the file has these columns.

    Raises:
        CensusError: It does not have one of them.
    """
    if strange := [name for name in columns if name not in table.names]:
        raise CensusError(
            f"Census {table.file}: `groups` names {', '.join(strange)}, which the file does not have. "
            f"Its columns: {', '.join(table.names)}."
        )


def read_groups(connection: duckdb.DuckDBPyConnection, table: RawTable, columns: Sequence[str]) -> None:
    """Makes the table `census_groups`: employee_id, and the values of the columns as one list, in their order.

    Args:
        connection: Holds the census as it was read (`census_raw`, `census_people`).
        table: The file.
        columns: Its columns that are groups.

    Raises:
        CensusError: The file does not have one of them.
    """
    require_columns(table, columns)
    values = ", ".join(f"coalesce(nullif(trim(raw.{table.column(name)}), ''), '{NO_VALUE}')" for name in columns)
    connection.execute(
        f"create or replace table {CENSUS_GROUPS} as select people.employee_id, [{values}] as group_values "
        f"from {PEOPLE} as people inner join {RAW} as raw using (place) "
        "where people.employee_id is not null order by people.employee_id, place"
    )
