"""Building the warehouse beside the one in place, and putting it there whole.

Belongs here: the tables in the file, what of the old file may stay, the rename. Does not: Dagster, which years are complete
(state/marker.py), what the tables hold.

Readers never stop a run: whoever holds the old file keeps it, undisturbed, until it is closed.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb

from resources.engines.session import YearSession, quoted
from resources.files import read_json, sync, temporary_of, write_json

#: What each published year was made from and with: what its marker says, but for the files.
_PROVENANCE = """
    create or replace table warehouse.provenance as
    with markers as (select unnest(from_json($markers::json, '["json"]')) as marker)
    select
        (marker ->> 'simulation_year')::integer as simulation_year,
        marker ->> 'study' as study,
        marker ->> 'engine' as engine,
        marker ->> 'validation' as validation,
        (marker -> 'seeds')::json as seeds,
        (marker -> 'scenarios')::json as scenarios,
        marker ->> 'opening_hash' as opening_hash,
        marker ->> 'closing_hash' as closing_hash,
        (marker -> 'inputs')::json as inputs,
        (marker -> 'fingerprint')::json as fingerprint,
        (marker -> 'packages')::json as packages,
        (marker -> 'accepted_problems')::json as accepted_problems,
        (marker -> 'warnings')::json as warnings
    from markers
    order by simulation_year
"""


def publish_warehouse(
    session: YearSession,
    tables: Sequence[str],
    markers: Sequence[dict[str, Any]],
    file: Path,
    *,
    switches: Mapping[str, bool] | None = None,
    improve: Callable[[str], None] = lambda _: None,
) -> dict[str, int]:
    """Builds the warehouse from the lake and renames it into place.

    Years that are in the old file as their markers say stay in it: a further year costs its own rows, not all of them.

    Args:
        session: The step's. Its connection no longer merges row groups afterwards.
        tables: The published tables; as many as the session has cursors are filled side by side.
        markers: Of the years to publish in order, all of them complete; what they say goes into table `provenance`.
        file: Where the warehouse goes.
        switches: Which optimizations are on; a file made with others is not built upon.
        improve: What is done to the attached warehouse when its tables are made; it may add to it, and fail without harm.

    Returns:
        Rows by table.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    building = temporary_of(file)
    made_of = {"tables": list(tables), "switches": dict(switches or {}), "markers": list(markers)}
    kept = _copy_of_what_stays(file, made_of, building)
    try:
        rows = _built(session, made_of, building, kept=kept, improve=improve)
    except duckdb.Error:
        if not kept:
            raise
        # The copy is of no use after all; what the lake says is enough for a whole one.
        rows = _built(session, made_of, building, kept=0, improve=improve)
    sync(building)
    building.replace(file)
    # A former holder's write-ahead log does not belong to this file, which could not be opened beside it.
    _remove(_log_of(file))
    sync(file)
    write_json(_record_of(file), {"file": _identity(file), **made_of})
    return rows


def _built(
    session: YearSession, made_of: Mapping[str, Any], building: Path, *, kept: int, improve: Callable[[str], None]
) -> dict[str, int]:
    """Fills the file: with all years, or with those beyond the `kept` first ones. Leaves none when it fails."""
    connection = session.connection
    if not kept:
        _remove(building)
    try:
        # A year keeps row groups of its own: to fill up those of the year before, DuckDB would write both years' anew.
        connection.execute("set max_vacuum_tasks = 0")
        # Nobody recovers a half-built file: without a write-ahead log its rows are written once.
        connection.execute(f"attach {quoted(building)} as warehouse (recovery_mode no_wal_writes)")
        rows = _fill_tables(session, made_of, kept)
        connection.execute(_PROVENANCE, {"markers": json.dumps(made_of["markers"])})
        improve("warehouse")
        connection.execute("checkpoint warehouse")
        connection.execute("detach warehouse")
        return rows
    except BaseException:
        connection.execute("detach database if exists warehouse")
        _remove(building)
        raise
    finally:
        _remove(_log_of(building))


def _fill_tables(session: YearSession, made_of: Mapping[str, Any], kept: int) -> dict[str, int]:
    """Fills the tables side by side: DuckDB compresses the rows of one with one thread."""

    def fill(table: str) -> int:
        files = [quoted(session.lake.file(table, marker["simulation_year"])) for marker in made_of["markers"][kept:]]
        with closing(session.connection.cursor()) as cursor, session.work.of(table, cursor.interrupt):
            if files:
                put = f"insert into warehouse.{table}" if kept else f"create table warehouse.{table} as"
                cursor.execute(f"{put} select * from read_parquet([{', '.join(files)}], hive_partitioning = false)")
            count = cursor.execute(f"select count(*) from warehouse.{table}").fetchone()
        return int(count[0]) if count else 0

    with ThreadPoolExecutor(max_workers=session.cursors) as pool:
        return dict(zip(made_of["tables"], pool.map(fill, made_of["tables"]), strict=True))


def _copy_of_what_stays(file: Path, made_of: Mapping[str, Any], building: Path) -> int:
    """Copies the warehouse in place when it can be built upon, and says how many of the years are in it.

    It can when it is the very file that was put there (nobody wrote to it, nobody has unsaved work on it), made of the same
    tables with the same switches, of the first of the years that are to be in the new one.
    """
    record = read_json(_record_of(file))
    if not isinstance(record, dict) or not file.is_file() or _log_of(file).exists() or record.get("file") != _identity(file):
        return 0
    kept = len(record["markers"])
    wanted = {**made_of, "markers": made_of["markers"][:kept]}
    if not kept or json.loads(json.dumps(wanted)) != {name: record[name] for name in wanted}:
        return 0
    shutil.copyfile(file, building)
    # Written to while it was copied: whoever did it keeps the old file, and the new one is made without it.
    if record["file"] != _identity(file) or _log_of(file).exists():
        _remove(building)
        return 0
    return kept


def _identity(file: Path) -> list[int]:
    status = file.stat()
    return [status.st_ino, status.st_size, status.st_mtime_ns]


def _record_of(file: Path) -> Path:
    """What the warehouse in place was made of."""
    return file.with_name(f"{file.name}.json")


def _log_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.wal")


def _remove(file: Path) -> None:
    file.unlink(missing_ok=True)
