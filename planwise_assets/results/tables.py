"""The two tables of results, workforce and plan: their columns, and how their figures are written.

Belongs here: what command line and UI share. Does not: which figures there are (measures.py), printing
(commands/results.py), the page in the UI (ui/overview.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from planwise_assets.results.ensembles import Band, Bands
from planwise_assets.results.measures import PLAN, WORKFORCE, Measure, shown

#: The tables in order, by their titles; each with what is said beside its title.
TABLES = {WORKFORCE: "", PLAN: "money in thousands"}


def columns_of(table: str, bands: Bands) -> list[Measure]:
    """The measures that stand in a table, in its order."""
    return [measure for measure in shown(bands) if measure.section == table]


def table_heads(table: str, bands: Bands) -> list[str]:
    """The names of a table's columns."""
    return ["scenario", "year", *(measure.heading for measure in columns_of(table, bands))]


def table_rows(table: str, bands: Bands, order: Sequence[str]) -> list[list[str]]:
    """The texts of a table, a row a scenario and year.

    Args:
        table: One of TABLES.
        bands: Of every measure; what is shown is their mean.
        order: The scenarios in the order of the rows; those not named come last.
    """
    place = {name: position for position, name in enumerate(order)}
    places = sorted(bands, key=lambda at: (place.get(at[0], len(place)), *at))
    in_thousands, columns = table == PLAN, columns_of(table, bands)
    return [
        [scenario, str(year), *(_text(measure, bands[scenario, year], in_thousands) for measure in columns)]
        for scenario, year in places
    ]


def _text(measure: Measure, row: dict[str, Band], in_thousands: bool) -> str:
    band = row.get(measure.name)
    if band is None:
        return "-"
    if measure.unit == "dollars" and in_thousands:
        return f"{band.mean / 1000:,.0f}"
    return measure.text(band.mean)
