"""A column on its way from a stranger's writing to PlanWise's.

Belongs here: what all kinds of values share. Does not: any kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import duckdb

from planwise_assets.intake.reading.table import RAW, CensusError

#: What people write where there is nothing.
NOTHING = frozenset({"", "-", "--", "n/a", "na", "#n/a", "null", "none", "nil", "(blank)", "nan", "nat", "."})


#: So many pairs of texts are compared one after the other faster than they are looked up in a table.
_FEW = 12


class AmbiguousColumnError(CensusError):
    """A column can be read in two ways.

    Attributes:
        setting: The name of the setting in `census_reading` that decides.
        choices: What it may be.
    """

    def __init__(self, message: str, setting: str, choices: tuple[str, ...]) -> None:
        super().__init__(message)
        self.setting, self.choices = setting, choices


@dataclass
class Column:
    """One column of the file, and how its values become PlanWise's.

    Attributes:
        name: PlanWise's name.
        own: The file's.
        raw: The column of `census_raw`.
        sql: The value as PlanWise writes it, over `census_raw` and the joins.
        joins: SQL after `from census_raw`.
        said: What was rewritten, in words.
        is_padded: Whether some value has blanks around it; a trim of every row of a million takes longer than the rest.
    """

    name: str
    own: str
    raw: str
    sql: str = ""
    joins: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    is_padded: bool = True

    @property
    def text(self) -> str:
        """SQL of its text without the blanks around it."""
        return f"trim({RAW}.{self.raw})" if self.is_padded else f"{RAW}.{self.raw}"

    def __post_init__(self) -> None:
        """As it is, but for the spaces around it."""
        self.sql = self.sql or f"nullif({self.text}, '')"


def padded(connection: duckdb.DuckDBPyConnection, raws: Iterable[str]) -> set[str]:
    """Those columns of `census_raw` of which a value has blanks around it."""
    names = list(raws)
    tests = ", ".join(f"bool_or(starts_with({raw}, ' ') or ends_with({raw}, ' '))" for raw in names)
    row = connection.execute(f"select {tests} from {RAW}").fetchone() or ()
    return {raw for raw, is_padded in zip(names, row, strict=True) if is_padded}


def texts(connection: duckdb.DuckDBPyConnection, raw: str) -> dict[str, int]:
    """The texts of a column without the spaces around them, and how often each occurs."""
    # Counted first and trimmed afterwards: a trim of every row takes longer than the count.
    counted = f"select {raw}, count(*) as times from {RAW} group by {raw}"
    return dict(
        connection.execute(
            f"select trim({raw}), sum(times)::bigint from ({counted}) where trim({raw}) <> '' group by 1 order by 1"
        ).fetchall()
    )


def translate(
    connection: duckdb.DuckDBPyConnection, column: Column, read: Callable[[str], str | None], known: Iterable[str]
) -> None:
    """Rewrites a column text by text: it holds far fewer texts than rows.

    Args:
        connection: Where the pairs go.
        column: Rewritten in place.
        read: The new text, empty for nothing; None leaves the text as it is.
        known: The column's texts.
    """
    pairs = [(text, new) for text in known if (new := read(text)) is not None and new != text]
    if not pairs:
        return
    if len(pairs) <= _FEW:
        cases = " ".join(f"when {_literal(text)} then {_literal(new)}" for text, new in pairs)
        column.sql = f"nullif(case {column.text} {cases} else {column.text} end, '')"
        return
    table = f"read_{column.name}"
    connection.execute(
        f"create or replace temp table {table} as select unnest(?) as own, unnest(?) as read",
        [[text for text, _ in pairs], [new for _, new in pairs]],
    )
    column.joins.append(f"left join {table} on {column.text} = {table}.own")
    column.sql = f"nullif(coalesce({table}.read, {column.text}), '')"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
