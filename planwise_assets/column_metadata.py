"""What Dagster shows of an asset's columns: type and meaning, and the columns that each is made from.

The lineage is there twice: as Dagster's own metadata, for tools that follow it, and as words in the column's description,
because the open UI shows the former as JSON only. Both belong to the definition, so that no run pays for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import dagster as dg

Sources = Sequence[Sequence[str]]


def column_metadata(schema: dg.TableSchema, lineage: Mapping[str, Sources]) -> dict[str, Any]:
    """The schema and the lineage of a table's columns.

    Args:
        schema: The columns as dbt knows them.
        lineage: Column to the (asset, column) pairs that it is made from, sorted.
    """
    deps = {
        column: [dg.TableColumnDep(asset_key=asset, column_name=name) for asset, name in sources]
        for column, sources in lineage.items()
    }
    columns = [
        dg.TableColumn(
            column.name,
            column.type,
            " ".join(filter(None, [column.description, made_from(lineage.get(column.name, []))])),
            column.constraints,
            column.tags,
        )
        for column in schema.columns
    ]
    return {
        "dagster/column_schema": dg.TableSchema(columns=columns, constraints=schema.constraints),
        "dagster/column_lineage": dg.TableColumnLineage(deps),
    }


def made_from(sources: Sources) -> str:
    """`Made from pay, rate of stg_a; level of stg_b.`; nothing for a constant."""
    by_asset = groupby(sources, key=lambda source: source[0])
    said = "; ".join(f"{', '.join(name for _, name in found)} of {asset}" for asset, found in by_asset)
    return f"Made from {said}." if said else ""
