"""DuckDB's own profile of one statement, as a JSON file.

Belongs here: switching profiling on and off around a statement. Does not: reading profiles
(planwise_assets/year/analysis/profiles.py). A profile costs a model about two milliseconds, so every model has one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb


@contextmanager
def profiled(cursor: duckdb.DuckDBPyConnection, file: Path | None) -> Iterator[None]:
    """Writes the profile of what runs in the block; the setting belongs to this cursor alone.

    Args:
        cursor: The cursor that runs the statement. Of several statements the last one's profile stays.
        file: Where the profile goes; None keeps none.
    """
    if file is None:
        yield
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    path = str(file).replace("'", "''")
    cursor.execute(f"pragma enable_profiling = 'json'; pragma profiling_output = '{path}'")
    try:
        yield
    finally:
        cursor.execute("pragma disable_profiling")
