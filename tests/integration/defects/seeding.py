"""How a defect is written down: what is done to one file of the lake, and which test of the dbt project must report it.

Here: the words for it. Not here: the defects (one module a part of the project), the year they go into and the tests
(`test_seeded_defects.py`).

A defect is SQL on the file's rows, which it calls `this`. Most change a single row; `everywhere` is for those whose one row
may belong to somebody whom the test has nothing to say about.
"""

from __future__ import annotations

from typing import NamedTuple

#: Test to defects: (asset, statement), or (asset, statement, rule) where the rows of a singular test name the rule.
Defects = dict[str, list[tuple[str, ...]]]


class Seeded(NamedTuple):
    """A defect, the test that must report it, and under which rule (by default the one in the test's label)."""

    asset: str
    statement: str
    reported_by: str
    rule: str | None = None


FIRST_DAY = "make_date(simulation_year, 1, 1)"
LAST_DAY = "make_date(simulation_year, 12, 31)"
LAST_YEAR = "make_date(simulation_year - 1, 12, 31)"
NEXT_YEAR = "make_date(simulation_year + 1, 1, 5)"

# More than any legal limit, and less than the best paid earn.
TOO_MUCH = 20_000_000


def one(condition: str = "true") -> str:
    """The first row for which a condition holds."""
    return f"rowid = (select min(rowid) from this where {condition})"


def doubled(condition: str = "true") -> str:
    """One row twice."""
    return f"insert into this select * from this where {one(condition)}"


def dropped(condition: str = "true") -> str:
    """One row gone."""
    return f"delete from this where {one(condition)}"


def changed(change: str, condition: str = "true") -> str:
    """One row with other values."""
    return f"update this set {change} where {one(condition)}"


def added(change: str, condition: str = "true") -> str:
    """One row more: a copy with other values (`value as column, ...`)."""
    return f"insert into this select * replace ({change}) from this where {one(condition)}"


def everywhere(change: str, condition: str = "true") -> str:
    """All rows for which a condition holds with other values."""
    return f"update this set {change} where {condition}"


def every(test: str, asset: str, *statements: str) -> Defects:
    """Several defects of one file that one test must report."""
    return {test: [(asset, statement) for statement in statements]}


def of(asset: str, key: str, rules: dict[str, list[str]]) -> Defects:
    """The defects of one model's own tests: a key that occurs twice, and statements for each rule of its `holds`."""
    defects: Defects = {f"key({asset}: {key})": [(asset, doubled())]}
    return defects | {
        f"holds({asset}): {rule}": [(asset, statement) for statement in statements] for rule, statements in rules.items()
    }
