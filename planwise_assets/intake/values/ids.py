"""Ids: the only values that are never rewritten but for the blanks around them, which nobody sees.

Belongs here: what software did to ids on their way. Does not: whether an id occurs once (the staging models).
"""

from __future__ import annotations

import duckdb

from planwise_assets.intake.reading.table import RAW, CensusError
from planwise_assets.intake.values.column import Column

_AROUND = r"^[\s\p{Z}\x00-\x1f]+|[\s\p{Z}\x00-\x1f]+$"
_SCIENTIFIC = "[0-9][.][0-9]+[eE][+][0-9]+"


def read_id(connection: duckdb.DuckDBPyConnection, column: Column) -> None:
    """Takes the blanks around ids away, a spreadsheet's apostrophe before all of them, and the `.0` of floating-point ids.

    Raises:
        CensusError: A spreadsheet has rewritten the ids as 1.23E+08, so that their digits are lost.
    """
    raw = f"{RAW}.{column.raw}"
    row = connection.execute(
        f"select count({raw}), count(*) filter (regexp_matches({raw}, '{_AROUND}')), "
        f"count(*) filter (regexp_full_match({raw}, '[0-9]+[.]0')), "
        f"count(*) filter ({raw}[1] = chr(39)), "
        f"min(case when regexp_full_match({raw}, '{_SCIENTIFIC}') then place end) from {RAW}"
    ).fetchone()
    every, blank, floats, marked, broken = row or (0, 0, 0, 0, None)
    if broken is not None:
        raise CensusError(
            f"Column {column.own!r}: a spreadsheet has written ids as 1.23E+08 (first in line or row {broken}), and their "
            f"digits are gone. "
            "Export it again with the column as text."
        )
    trimmed = f"nullif(regexp_replace({raw}, '{_AROUND}', '', 'g'), '')" if blank else f"nullif({raw}, '')"
    column.sql = trimmed
    if blank:
        column.said.append(f"without the blanks around {blank:,} of them")
    if marked and marked == every:
        column.sql = f"ltrim({trimmed}, chr(39))"
        column.said.append("without the apostrophe by which a spreadsheet marks a text")
    if floats and floats == every:
        column.sql = f"regexp_replace({trimmed}, '[.]0$', '')"
        column.said.append("1001 for 1001.0")
