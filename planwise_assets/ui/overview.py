"""What a manager opens first: the whole study on one page, as metadata of the asset `warehouse`.

Belongs here: the page. Does not: the figures, which the command line's tables share (results/tables.py).
"""

from __future__ import annotations

import duckdb

from planwise_assets.results.ensembles import Bands, measure_bands
from planwise_assets.results.measures import MEASURES
from planwise_assets.results.provenance import ProvenanceError, Published, read_published
from planwise_assets.results.reading import read_measures
from planwise_assets.results.tables import TABLES, table_heads, table_rows
from planwise_assets.ui.charts import Series, charts, table


def overview(connection: duckdb.DuckDBPyConnection) -> str:
    """The page, as Markdown.

    Args:
        connection: One whose current schema holds the published tables.
    """
    try:
        made = read_published(connection)
        order, origin = made.scenarios, _origin(made)
    except ProvenanceError as error:
        # Years of an earlier PlanWise that somebody accepted: no reason to publish nothing.
        order, origin = [], str(error)
    bands = measure_bands(read_measures(connection), solved={})
    parts = [charts({measure.label: _series(bands, name) for name, measure in MEASURES.items() if measure.is_key})]
    for title, aside in TABLES.items():
        heading = f"{title[0].upper()}{title[1:]}" + (f" ({aside})" if aside else "")
        parts.append(f"### {heading}\n\n{table(table_heads(title, bands), table_rows(title, bands, order))}")
    parts.append(f"### Made from\n\n{origin}")
    return "\n\n".join(parts)


def _origin(made: Published) -> str:
    """Of which study, census and code the figures are; a line a span of years that were made from the same."""
    lines: dict[str, list[int]] = {}
    for year, source in made.years.items():
        accepted = " It followed a year that did not match, which somebody accepted." if source.accepted else ""
        text = f"`{source.study_file[0]}`, census `{source.census[0]}` (SHA-256 `{source.census[1]}`), "
        lines.setdefault(f"{text}PlanWise {source.packages['planwise']}.{accepted}", []).append(year)
    said = "\n".join(f"- {', '.join(map(str, years))}: {text}" for text, years in lines.items())
    return f"Study {made.study}, seeds {', '.join(map(str, made.seeds))}.\n\n{said}"


def _series(bands: Bands, name: str) -> Series:
    series: dict[str, dict[int, float]] = {}
    for (scenario, year), row in bands.items():
        if name in row:
            series.setdefault(scenario, {})[year] = row[name].mean
    return series
