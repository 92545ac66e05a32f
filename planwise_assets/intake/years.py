"""Which years a study of a census begins with, where nobody says.

Belongs here: the latest hire. Does not: the census's values in general (census.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import duckdb

from planwise_assets.intake.reading.table import RAW, RawTable
from planwise_assets.intake.values.column import Column
from planwise_assets.intake.values.dates import read_dates
from planwise_assets.study.sections.census import CensusReading
from planwise_assets.study.sections.census_columns import BY_NAME


def latest_hire(
    connection: duckdb.DuckDBPyConnection, table: RawTable, mapping: Mapping[str, str], reading: CensusReading
) -> date | None:
    """The latest day on which somebody was hired or rehired; None where no day can be read.

    Args:
        connection: Holds `census_raw`.
        table: The file.
        mapping: PlanWise's names to the file's.
        reading: How its days are read where the file does not say.

    Raises:
        AmbiguousColumnError: Days and months of a column can be exchanged, or moments are no days in any known zone.
    """
    columns = {name: Column(name, own, table.column(own)) for name, own in mapping.items() if BY_NAME[name].kind == "date"}
    days = list(columns.values())
    read_dates(connection, days, None, order=reading.dates, zone=reading.zone, of_file=table.zone)
    found: list[date] = []
    for name in ("hire_date", "rehire_date"):
        if name in columns:
            day = f"try_cast(left({columns[name].sql}, 10) as date)"
            row = connection.execute(f"select max({day}) from {RAW} {' '.join(columns[name].joins)}").fetchone()
            found += [row[0]] if row and row[0] is not None else []
    return max(found, default=None)
