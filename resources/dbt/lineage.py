"""Which columns a model's columns are made from, read off its compiled SQL with sqlglot.

Belongs here: following columns through one SELECT, and through all models of a compilation. Does not: what is shown of it
(planwise_assets/ui/column_metadata.py). A column counts as made from another when its value is; a filter or join key does
not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlglot
from sqlglot import exp
from sqlglot.lineage import lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope

from resources.dbt.compiled import CompiledProject

_DIALECT = "duckdb"

Tables = dict[str, object]
"""Table name to a mapping of its columns to their types, as sqlglot wants it."""


def column_lineage(sql: str, columns: Sequence[str], tables: Tables) -> dict[str, list[tuple[str, str]]]:
    """The columns that each column of a query is made from.

    Args:
        sql: One SELECT in DuckDB's dialect.
        columns: The query's columns to follow.
        tables: The tables that it may read: name to columns with their types.

    Returns:
        Column to (table, column) pairs in their order by name; empty for a constant and for a count of rows.

    Raises:
        sqlglot.errors.SqlglotError: The SQL cannot be read, or a column is not the query's.
    """
    query = _qualified(_with_positions(sqlglot.parse_one(sql, dialect=_DIALECT), tables), tables)
    scope = build_scope(query)
    made_from = {}
    for column in columns:
        nodes = lineage(column, query, schema=tables, dialect=_DIALECT, scope=scope, trim_selects=False, copy=False).walk()
        found = {
            (node.expression.name, node.name.rsplit(".", 1)[-1])
            for node in nodes
            if isinstance(node.expression, exp.Table) and node.expression.name in tables
        }
        made_from[column] = sorted(found)
    return made_from


def project_lineage(project: CompiledProject) -> dict[str, dict[str, list[tuple[str, str]]]]:
    """Model to column to the (asset, column) pairs that the column is made from. Takes seconds."""
    tables: Tables = {relation.name: dict(relation.columns) for relation in project.relations.values()}
    maker = {relation.name: relation.made_by for relation in project.relations.values()}
    found = {}
    for name, node in project.models.items():
        columns = column_lineage(project.compiled_sql(node["unique_id"]), list(node["columns"]), tables)
        # An asset that makes several tables counts once for a column of the same name in two of them.
        found[name] = {
            column: sorted({(maker[table], source) for table, source in sources}) for column, sources in columns.items()
        }
    return found


def _qualified(query: exp.Expr, tables: Tables) -> exp.Expr:
    return qualify(query.copy(), schema=tables, dialect=_DIALECT, validate_qualify_columns=False, quote_identifiers=False)


def _with_positions(query: exp.Expr, tables: Tables) -> exp.Expr:
    """The query with each UNION BY NAME as a union by position: sqlglot matches the columns of a union by position."""
    parts = _named_parts(query)
    for part, qualified in zip(parts, _named_parts(_qualified(query, tables)), strict=True):
        names = list(dict.fromkeys(name for select in _selects(qualified) for name in select.named_selects))
        for select, known in zip(list(_selects(part)), _selects(qualified), strict=True):
            shown = [exp.column(name) if name in known.named_selects else exp.alias_(exp.null(), name) for name in names]
            select.replace(exp.select(*shown).from_(select.copy().subquery("part")))
        for union in part.find_all(exp.SetOperation):
            union.set("by_name", False)
    return query


def _named_parts(query: exp.Expr) -> list[exp.SetOperation]:
    """The outermost UNION BY NAME of each chain, in the order of the text."""
    return [
        union
        for union in query.find_all(exp.SetOperation)
        if union.args.get("by_name") and not isinstance(union.parent, exp.SetOperation)
    ]


def _selects(query: exp.Query) -> Iterator[exp.Select]:
    """The selects of a chain of set operations, left to right."""
    if isinstance(query, exp.SetOperation):
        yield from _selects(query.left)
        yield from _selects(query.right)
    else:
        yield query  # type: ignore[misc]
