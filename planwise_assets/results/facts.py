"""The figures that Dagster plots over the years for each published table.

Belongs here: the figures of one table as Dagster's metadata. Does not: which figures there are (measures.py), their
statistics (ensembles.py).
"""

from __future__ import annotations

import duckdb

from planwise_assets.results.ensembles import measure_bands
from planwise_assets.results.reading import table_measures


def fact_metadata(connection: duckdb.DuckDBPyConnection, model: str) -> dict[str, float]:
    """Numeric metadata such as `headcount (baseline)`: means over the seeds. Nothing for a model that has no figures.

    Args:
        connection: A session in which the model's view of one year is open.
        model: Name of the model just made.
    """
    bands = measure_bands(table_measures(connection, model), solved={})
    return {f"{name} ({scenario})": band.mean for (scenario, _), row in bands.items() for name, band in row.items()}
