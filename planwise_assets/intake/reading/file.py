"""The one way into a census file: whatever it is, its rows come to lie in `census_raw`.

Belongs here: which reader a file needs, by its first bytes. Does not: reading.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from planwise_assets.intake.reading.parquet import read_parquet_file
from planwise_assets.intake.reading.table import RAW, CensusError, RawTable
from planwise_assets.intake.reading.text import read_text

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
#: First bytes: a Parquet file, a zip archive (.xlsx, .xlsb, .ods), a compound file (.xls, or an .xlsx with a password).
_PARQUET, _ZIP, _COMPOUND = b"PAR1", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def read_census(connection: duckdb.DuckDBPyConnection, file: Path, sheet: str | None = None) -> RawTable:
    """Reads a census file into the temporary table `census_raw`.

    Args:
        connection: Where the rows go.
        file: The file.
        sheet: Of a workbook, the sheet.

    Raises:
        CensusError: There is no such file, it has no rows, or it is nothing that can be read; the message says what to do.
    """
    require_file(file)
    with file.open("rb") as handle:
        begins = handle.read(8)
    ending = file.suffix.lower()
    if begins.startswith(_PARQUET) or ending in (".parquet", ".pq"):
        table = read_parquet_file(connection, file)
    elif begins.startswith((_ZIP, _COMPOUND)) or (ending in WORKBOOKS and b"\0" in begins):
        if begins.startswith(_ZIP) and ending not in WORKBOOKS:
            raise CensusError(f"Census {file} is an archive, or a workbook with another ending: unpack or rename it.")
        from planwise_assets.intake.reading.workbook import read_workbook  # noqa: PLC0415 - every command would pay for it

        table = read_workbook(connection, file, sheet)
    else:
        # Many systems write text under the name of .xls: what it is decides.
        table = read_text(connection, file)
    row = connection.execute(f"select 1 from {RAW} limit 1").fetchone()
    if row is None:
        raise CensusError(
            f"Census {file} has no rows: it needs one for each person. A header alone is a simulation of nobody."
        )
    return table


def require_file(file: Path) -> None:
    """That there is something to read.

    Raises:
        CensusError: There is no such file, or it is empty.
    """
    if not file.is_file():
        raise CensusError(
            f"Census {file}: {'is a folder' if file.is_dir() else 'no such file'}. Set `census:` in the study."
        )
    if file.stat().st_size == 0:
        raise CensusError(f"Census {file} cannot be read: the file is empty.")
