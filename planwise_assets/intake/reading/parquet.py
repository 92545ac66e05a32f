"""Parquet of pandas, polars, Arrow, Spark and DuckDB into `census_raw`, every cell as text.

Belongs here: types that would change an id or a day when they are cast: floats, times with a zone. Does not: what a column
means.
"""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from zoneinfo import available_timezones

import duckdb

from planwise_assets.intake.reading.layout import set_rows_apart
from planwise_assets.intake.reading.table import RAW, CensusError, RawTable, unlike
from resources.engines.session import quoted

#: How a moment with a zone is written for values/dates.py: microseconds since 1970 in UTC.
INSTANT = "instant:"


def read_parquet_file(connection: duckdb.DuckDBPyConnection, file: Path) -> RawTable:
    """Reads a Parquet file into `census_raw`.

    Raises:
        CensusError: No Parquet, damaged, or with columns of lists and structures that hold what is not one value.
    """
    source = f"read_parquet({quoted(file)}, hive_partitioning = false)"
    try:
        described = connection.execute(f"describe select * from {source}").fetchall()
        own = [(name, kind) for name, kind, *_ in described if not name.startswith("__index_level_")]
        table = RawTable(file, unlike([name for name, _ in own]), unit="row")
        parts = [f"{_as_text(name, kind)} as c{place}" for place, (name, kind) in enumerate(own)]
        connection.execute(
            f"create or replace temp table {RAW} as select row_number() over () as place, {', '.join(parts)} from {source}"
        )
    except duckdb.Error as error:
        raise CensusError(f"Census {file} cannot be read: {str(error).splitlines()[0]}") from error
    for name, (_, kind) in zip(table.names, own, strict=True):
        if kind == "DATE" or kind.startswith("TIMESTAMP"):
            table.kinds[name] = "date"
        elif not kind.startswith("VARCHAR"):
            table.kinds[name] = "number"
    if any(kind.endswith("WITH TIME ZONE") for _, kind in own):
        table.zone = _zone(connection, file)
    set_rows_apart(connection, table, [table.names])
    return table


def _as_text(name: str, kind: str) -> str:
    own = '"' + name.replace('"', '""') + '"'
    if kind in ("FLOAT", "DOUBLE"):
        # A column of whole numbers with gaps is floats to pandas: 1001, never 1001.0. No exponent, no NaN.
        whole = f"{own} = trunc({own}) and abs({own}) < 1e18"
        return (
            f"case when not isfinite({own}) then null when {whole} then cast(cast({own} as bigint) as varchar) "
            f"else cast({own} as varchar) end"
        )
    if kind.endswith("WITH TIME ZONE"):
        return f"'{INSTANT}' || epoch_us({own})"
    return f"nullif(cast({own} as varchar), '')"


def _zone(connection: duckdb.DuckDBPyConnection, file: Path) -> str | None:
    """The zone that the writer noted beside the data: Parquet itself holds moments in UTC."""
    rows = connection.execute(f"select key, value from parquet_kv_metadata({quoted(file)})").fetchall()
    notes = {bytes(key).decode(errors="replace"): bytes(value) for key, value in rows}
    zones: set[str] = set()
    if b"timezone" in notes.get("pandas", b""):
        columns = json.loads(notes["pandas"]).get("columns", [])
        zones |= {zone for column in columns if (zone := (column.get("metadata") or {}).get("timezone"))}
    if not zones and "ARROW:schema" in notes:
        schema = base64.b64decode(notes["ARROW:schema"]).decode("latin-1")
        zones |= {zone for zone in re.findall(r"[A-Za-z]+(?:/[A-Za-z_+-]+[0-9]*)*", schema) if zone in _zones()}
    return zones.pop() if len(zones) == 1 else None


def _zones() -> frozenset[str]:
    return frozenset(zone for zone in available_timezones() if "/" in zone or zone == "UTC")
