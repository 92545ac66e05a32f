"""What Dagster shows of an asset's columns: type and meaning, and the columns that each is made from.

The lineage is there twice: as Dagster's own metadata, for tools that follow it, and as words in the column's description,
because the open UI shows the former as JSON only. Both belong to the definition, so that no run pays for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

import dagster as dg

Sources = Sequence[Sequence[str]]


def with_column_lineage(spec: dg.AssetSpec, lineage: Mapping[str, Sources]) -> dg.AssetSpec:
    """The asset with what each of its columns is made from.

    Args:
        spec: An asset with the schema that dbt knows.
        lineage: Each column of it to the (asset, column) pairs that it is made from, sorted.
    """
    schema: dg.TableSchema = spec.metadata["dagster/column_schema"]
    columns = [
        dg.TableColumn(
            column.name,
            column.type,
            f"{column.description} {made_from(lineage[column.name])}".rstrip(),
            column.constraints,
            column.tags,
        )
        for column in schema.columns
    ]
    deps = {
        column: [dg.TableColumnDep(asset_key=asset, column_name=name) for asset, name in sources]
        for column, sources in lineage.items()
    }
    return spec.merge_attributes(
        metadata={
            "dagster/column_schema": dg.TableSchema(columns=columns, constraints=schema.constraints),
            "dagster/column_lineage": dg.TableColumnLineage(deps),
        }
    )


def made_from(sources: Sources) -> str:
    """`Made from pay, rate of stg_a; level of stg_b.`; nothing for a constant."""
    by_asset = groupby(sources, key=lambda source: source[0])
    said = "; ".join(f"{', '.join(name for _, name in found)} of {asset}" for asset, found in by_asset)
    return f"Made from {said}." if said else ""
