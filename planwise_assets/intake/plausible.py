"""What can be read, and can hardly be meant: asked of whoever makes a study, and settled in it.

Belongs here: figures of a whole column that give another unit away. Does not: rules for one value
(dbt_project/macros/workforce/census.sql), which unit a column has by its name or its signs (mapping.py, values/).
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from planwise_assets.intake.assembly import PEOPLE
from planwise_assets.intake.reading.table import CensusError
from planwise_assets.intake.values.column import AmbiguousColumnError
from planwise_assets.study.sections.census import CensusReading

#: Half a year at the federal minimum wage: a company in which most are paid less is paid by the month or the pay period.
_LITTLE_A_YEAR = 7_540
_MOST_HOURS_A_WEEK = 60


def require_plausible(connection: duckdb.DuckDBPyConnection, mapping: Mapping[str, str], reading: CensusReading) -> None:
    """That pay is a year's and hours a week's, by what most people have.

    Args:
        connection: Holds `census_people`.
        mapping: PlanWise's names to the file's.
        reading: How the census was read; who says there what pay is for is believed.

    Raises:
        AmbiguousColumnError: Most pay is too little for a year.
        CensusError: Most hours are too many for a week.
    """
    if "annual_compensation" in mapping and reading.pay_each is None:
        low, high, little, every = _figures(connection, "annual_compensation", f"< {_LITTLE_A_YEAR}")
        if little * 2 > every:
            raise AmbiguousColumnError(
                f"Column {mapping['annual_compensation']!r} is taken for pay of a year, and {little:,} of {every:,} values "
                f"are below {_LITTLE_A_YEAR:,} (from {low:,.2f} to {high:,.2f}): say what it is for with --pay-each month, "
                "semimonth, biweek or week, or --pay-each year if it is a year's; in a study, "
                "`census_reading: {pay_each: month}`.",
                "pay_each",
                ("year", "month", "semimonth", "biweek", "week"),
            )
    if "scheduled_hours_per_week" in mapping:
        own = mapping["scheduled_hours_per_week"]
        low, high, many, every = _figures(connection, "scheduled_hours_per_week", f"> {_MOST_HOURS_A_WEEK}")
        if many * 2 > every:
            raise CensusError(
                f"Column {own!r} is taken for hours a week, and {many:,} of {every:,} values are above "
                f"{_MOST_HOURS_A_WEEK} (from {low:,.2f} to {high:,.2f}): hours of a pay period, or of a year? Give hours a "
                f"week in the file, or hours a year with --map '{own}=annual_hours', or pass them over: --ignore '{own}'."
            )


def _figures(connection: duckdb.DuckDBPyConnection, name: str, condition: str) -> tuple[float, float, int, int]:
    """Lowest and highest value of a column, how many keep the condition, and how many there are."""
    value = f"try_cast({name} as decimal(18, 2))"
    row = connection.execute(
        f"select min({value}), max({value}), count(*) filter ({value} {condition}), count({value}) from {PEOPLE} "
        f"where {value} > 0"
    ).fetchone()
    low, high, some, every = row or (None, None, 0, 0)
    return float(low or 0), float(high or 0), int(some), int(every)
