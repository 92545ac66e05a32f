"""A study and a year as the source tables of the dbt models.

Here: the rows, with by-year values resolved, rates in millionths and money in cents. Not here: the columns
(`columns.py`), the plan's rows (`plan_tables.py`), the settings (section modules), the census rows and the writing of
files (`year_setup`).
Every table has a fixed order of rows, so the same study gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from planwise_assets.study.bands import OPEN_END, MultiplierBand
from planwise_assets.study.parameters.columns import SCHEMAS, Columns, Values
from planwise_assets.study.parameters.pay_bands import band_cents
from planwise_assets.study.parameters.plan_tables import PLAN_TABLES
from planwise_assets.study.parameters.weights import normalised
from planwise_assets.study.schema import Scenario, Study
from planwise_assets.study.sections.hazards import LevelMultiplier
from planwise_assets.study.values import cents, millionths


@dataclass(frozen=True)
class Table:
    """A small typed table.

    Attributes:
        name: Name of the dbt source table.
        columns: (column, DuckDB type), in order.
        rows: Values in the order of the columns.
    """

    name: str
    columns: Columns
    rows: tuple[Values, ...]


def parameter_tables(study: Study, year: int) -> dict[str, Table]:
    """The source tables of one simulation year.

    Args:
        study: A loaded study.
        year: One of its simulation years.

    Returns:
        A table for each name of `SCHEMAS`, in that order.

    Raises:
        ValueError: The year is not one of the study's.
    """
    if year not in study.simulation_years:
        raise ValueError(f"{year} is not a simulation year of {study.study} ({study.years.start}-{study.years.end})")
    worlds: list[Values] = [(number, *world) for number, world in enumerate(study.worlds, start=1)]
    rows: dict[str, list[Values]] = {"year_context": [_year_context(study, year)], "study_worlds": worlds}
    for table, rows_of in _SCENARIO_TABLES.items():
        rows[table] = [
            (name, *values)
            for name, scenario in study.scenarios.items()
            for values in rows_of(scenario, study.years.start, year)
        ]
    return {name: Table(name, columns, tuple((year, *values) for values in rows[name])) for name, columns in SCHEMAS.items()}


def _year_context(study: Study, year: int) -> Values:
    first, start, end = study.years.start, date(year, 1, 1), date(year, 12, 31)
    days = (end - start).days + 1
    limit = millionths(study.census_reject_limit)
    return first, year == first, start, end, days, date(first - 1, 12, 31), limit


def _parameters(scenario: Scenario, _first_year: int, year: int) -> Iterator[Values]:
    workforce, hazards = scenario.workforce, scenario.hazards
    compensation, hiring = scenario.compensation, scenario.hiring
    termination_rate = workforce.termination_rate.at(year)
    yield (
        millionths(workforce.growth.at(year)),
        millionths(termination_rate) if isinstance(termination_rate, Decimal) else None,
        millionths(workforce.new_hire_termination_rate.at(year)),
        workforce.selection,
        hazards.termination.base.at(year),
        hazards.promotion.base.at(year),
        millionths(compensation.cola.at(year)),
        compensation.merit_service_months.at(year),
        compensation.promotion_date.month,
        compensation.promotion_date.day,
        millionths(compensation.promotion_raise_cap.at(year)),
        cents(compensation.annual_compensation_cap.at(year)),
        hiring.level_mix if isinstance(hiring.level_mix, str) else "weights",
        millionths(hiring.part_time_share.at(year)),
        hiring.part_time_hours.at(year),
        hiring.full_time_hours.at(year),
    )


def _levels(scenario: Scenario, first_year: int, year: int) -> Iterator[Values]:
    levels, mix = scenario.levels, scenario.hiring.level_mix
    weights: dict[int, int] = {}
    if not isinstance(mix, str):
        by_level = sorted(mix, key=lambda row: row.level_id)
        scaled = normalised([row.weight for row in by_level])
        weights = {row.level_id: weight for row, weight in zip(by_level, scaled, strict=True)}
    this_year = band_cents(levels, first_year, year)
    for level, band, census_band in zip(levels.bands, this_year, band_cents(levels, first_year, first_year), strict=True):
        rates = (
            levels.merit_rate_of(level, year),
            *levels.promotion_raise_of(level, year),
            *levels.hire_place_of(level, year),
        )
        weight = weights.get(level.level_id)
        yield level.level_id, level.name, *band, *census_band, *map(millionths, rates), weight


def _hazards(scenario: Scenario, _first_year: int, _year: int) -> Iterator[Values]:
    hazards = scenario.hazards
    for name, hazard in (("promotion", hazards.promotion), ("termination", hazards.termination)):
        yield from ((name, "age", *values) for values in _band_rows(hazard.age))
        yield from ((name, "level", *values) for values in _level_rows(hazard.level))
        yield from ((name, "tenure", *values) for values in _band_rows(hazard.tenure))
    for band in hazards.retirement:
        yield "retirement", "age", band.min, _end(band.max), band.rate


def _band_rows(bands: Sequence[MultiplierBand]) -> Iterator[Values]:
    return ((band.min, _end(band.max), band.multiplier) for band in bands)


def _level_rows(rows: Sequence[LevelMultiplier]) -> Iterator[Values]:
    ordered = sorted(rows, key=lambda row: row.level_id)
    return ((row.level_id, row.level_id + 1, row.multiplier) for row in ordered)


def _end(end: int | None) -> int:
    return OPEN_END if end is None else end


def _merit_months(scenario: Scenario, _first_year: int, _year: int) -> Iterator[Values]:
    months = scenario.compensation.merit_months
    yield from zip(months, normalised(list(months.values())), strict=True)


def _hire_ages(scenario: Scenario, _first_year: int, _year: int) -> Iterator[Values]:
    ages = scenario.hiring.ages
    for band, weight in zip(ages, normalised([band.weight for band in ages]), strict=True):
        yield band.min, band.max, weight


# The tables with rows of each scenario: a function of (scenario, first simulation year, year).
_SCENARIO_TABLES: dict[str, Callable[[Scenario, int, int], Iterator[Values]]] = {
    "scenario_parameters": _parameters,
    "scenario_levels": _levels,
    "scenario_hazards": _hazards,
    "scenario_merit_months": _merit_months,
    "scenario_hire_ages": _hire_ages,
    **PLAN_TABLES,
}
