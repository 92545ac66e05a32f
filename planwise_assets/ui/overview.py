"""What a manager opens first: the whole study on one page, as metadata of the asset `warehouse`.

Belongs here: the page. Does not: the figures, which the command line's tables share (results/tables.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from planwise_assets.results.ensembles import Bands, measure_bands
from planwise_assets.results.measures import MEASURES
from planwise_assets.results.reading import read_measures
from planwise_assets.results.tables import TABLES, table_heads, table_rows
from planwise_assets.ui.charts import Series, charts, table


def overview(connection: duckdb.DuckDBPyConnection, scenarios: Sequence[str]) -> str:
    """The page, as Markdown.

    Args:
        connection: One whose current schema holds the published tables.
        scenarios: The study's, in its order.
    """
    bands = measure_bands(read_measures(connection), solved={})
    parts = [charts({measure.label: _series(bands, name) for name, measure in MEASURES.items() if measure.is_key})]
    for title, aside in TABLES.items():
        heading = f"{title[0].upper()}{title[1:]}" + (f" ({aside})" if aside else "")
        parts.append(f"### {heading}\n\n{table(table_heads(title), table_rows(title, bands, scenarios))}")
    return "\n\n".join(parts)


def _series(bands: Bands, name: str) -> Series:
    series: dict[str, dict[int, float]] = {}
    for (scenario, year), row in bands.items():
        if name in row:
            series.setdefault(scenario, {})[year] = row[name].mean
    return series
