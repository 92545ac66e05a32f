"""Reading the census file as it is: any of its rows, as text, under the canonical column names.

Belongs here: opening CSV and Parquet, mapping column names. Does not: what a valid row is (models stg_census_rejects and
stg_census).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from resources.engines.session import quoted

REQUIRED = ("employee_id", "birth_date", "hire_date", "annual_compensation")


class CensusError(ValueError):
    """The census file cannot be read at all; the message names the file and what to do."""


@dataclass(frozen=True)
class CensusFile:
    """A census, ready to be selected from.

    Attributes:
        sql: A query with `census_row` and every canonical column as text, NULL where the file has none.
        ignored: Columns of the file that no canonical column wants.
    """

    sql: str
    ignored: list[str]


def census_file(
    connection: duckdb.DuckDBPyConnection, file: Path, renamed: Mapping[str, str], canonical: list[str]
) -> CensusFile:
    """Looks at a census file.

    Args:
        connection: Any connection.
        file: A `.parquet` or `.csv` file with a header.
        renamed: The study's `census_columns`: the file's own name to the canonical one.
        canonical: The canonical columns, in order.

    Raises:
        CensusError: The file is missing, unreadable, has no rows, or lacks a required column.
    """
    require_file(file)
    if file.suffix.lower() == ".parquet":
        source = f"read_parquet({quoted(file)}, hive_partitioning = false)"
    elif file.suffix.lower() == ".csv":
        source = f"read_csv({quoted(file)}, header = true, all_varchar = true, quote = '\"', escape = '\"')"
    else:
        raise CensusError(f"Census {file}: the ending must be .parquet or .csv.")
    try:
        own = [row[0] for row in connection.execute(f"describe select * from {source}").fetchall()]
        anybody = connection.execute(f"select 1 from {source} limit 1").fetchone()
    except duckdb.Error as error:
        raise CensusError(f"Census {file} cannot be read: {error}") from error

    missing_renames = sorted(set(renamed) - set(own))
    if missing_renames:
        raise CensusError(
            f"Census {file}: `census_columns` names {', '.join(missing_renames)}, which the file does not have. "
            f"Its columns: {', '.join(own)}."
        )
    # What the study says wins over a column that happens to have the name.
    by_canonical = {column: column for column in own} | {canonical_name: name for name, canonical_name in renamed.items()}
    lacking = [column for column in REQUIRED if column not in by_canonical]
    if lacking:
        raise CensusError(
            f"Census {file} has no column for {', '.join(lacking)}. Its columns: {', '.join(own)}. "
            f"Map its own names under `census_columns:` in the study, e.g. {{{own[0]}: {lacking[0]}}}."
        )
    if anybody is None:
        raise CensusError(
            f"Census {file} has no rows: it needs one for each person. A header alone is a simulation of nobody."
        )
    columns = [
        f"nullif(cast({_identifier(by_canonical[column])} as varchar), '')"
        if column in by_canonical
        else "cast(null as varchar)"
        for column in canonical
    ]
    selected = ", ".join(f"{expression} as {name}" for expression, name in zip(columns, canonical, strict=True))
    return CensusFile(
        sql=f"select row_number() over () as census_row, {selected} from {source}",
        ignored=sorted(set(own) - {by_canonical[name] for name in canonical if name in by_canonical}),
    )


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


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
