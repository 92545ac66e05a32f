"""A study and a year as the source tables of the dbt models.

Belongs here: the rows by column name, with by-year values resolved, rates in millionths and money in cents. Does not: the
order and the types of the columns, which are the contract in dbt_project/models/sources.yml (`year_setup` holds the rows to
it), the plan's rows (`plan_tables.py`), the settings (section modules), the census rows and the writing of files. Every
table has a fixed order of rows, so the same study gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

from planwise_assets.study.parameters.hazard_rows import hazard_rows, termination_base
from planwise_assets.study.parameters.pay_bands import band_cents
from planwise_assets.study.parameters.plan_tables import PLAN_TABLES, Values
from planwise_assets.study.parameters.weights import normalised
from planwise_assets.study.schema import Scenario, Study
from planwise_assets.study.values import cents, millionths

#: What a year takes of the census: no year stands in it, so that what is made of it alone need not be made again.
THE_SAME_EVERY_YEAR = frozenset({"census_context", "census_levels"})


def parameter_tables(study: Study, year: int) -> dict[str, list[Values]]:
    """The source tables of one simulation year.

    Args:
        study: A loaded study.
        year: One of its simulation years.

    Returns:
        Rows by table; a row is its values by column name, every column of the table.

    Raises:
        ValueError: The year is not one of the study's.
    """
    if year not in study.simulation_years:
        raise ValueError(f"{year} is not a simulation year of {study.study} ({study.years.start}-{study.years.end})")
    tables = study_tables(study, year)
    for name in study.scenarios:
        for table, rows in scenario_tables(study, name, year).items():
            tables.setdefault(table, []).extend({"scenario_id": name} | row for row in rows)
    return {
        table: rows if table in THE_SAME_EVERY_YEAR else [{"simulation_year": year} | row for row in rows]
        for table, rows in tables.items()
    }


def study_tables(study: Study, year: int) -> dict[str, list[Values]]:
    """The rows of the tables that are the whole study's: the year's calendar, the day of the census, and the worlds."""
    return {
        "year_context": [_year_context(study, year)],
        "census_context": [{"census_date": study.years.census_date}],
        "study_worlds": _worlds(study),
    }


def scenario_tables(study: Study, scenario: str, year: int) -> dict[str, list[Values]]:
    """One scenario's rows of each table that has rows of every scenario, without year and scenario.

    Args:
        study: A loaded study.
        scenario: Name of one of its scenarios.
        year: One of its simulation years.
    """
    parameters = study.scenarios[scenario]
    return {table: list(rows(parameters, study.years.start, year)) for table, rows in _SCENARIO_TABLES.items()}


def _worlds(study: Study) -> list[Values]:
    return [
        {"world_id": number, "scenario_id": scenario, "seed": seed}
        for number, (scenario, seed) in enumerate(study.worlds, start=1)
    ]


def _year_context(study: Study, year: int) -> Values:
    first, start, end = study.years.start, date(year, 1, 1), date(year, 12, 31)
    days = (end - start).days + 1
    return {
        "first_year": first,
        "is_first_year": year == first,
        "year_start": start,
        "year_end": end,
        "days_in_year": days,
        "census_date": study.years.census_date,
        "census_reject_limit_millionths": millionths(study.census_reject_limit),
    }


def _parameters(scenario: Scenario, _first_year: int, year: int) -> Iterator[Values]:
    workforce, hazards = scenario.workforce, scenario.hazards
    compensation, hiring = scenario.compensation, scenario.hiring
    termination_rate = workforce.termination_rate.at(year)
    yield {
        "growth_millionths": millionths(workforce.growth.at(year)),
        "termination_rate_millionths": millionths(termination_rate) if isinstance(termination_rate, Decimal) else None,
        "new_hire_termination_rate_millionths": millionths(workforce.new_hire_termination_rate.at(year)),
        "selection": workforce.selection,
        "termination_base": termination_base(hazards.termination, year),
        "promotion_base": hazards.promotion.base.at(year),
        "cola_millionths": millionths(compensation.cola.at(year)),
        "merit_service_months": compensation.merit_service_months.at(year),
        "promotion_month": compensation.promotion_date.month,
        "promotion_day": compensation.promotion_date.day,
        "promotion_raise_cap_millionths": millionths(compensation.promotion_raise_cap.at(year)),
        "pay_cap_cents": cents(compensation.annual_compensation_cap.at(year)),
        "level_mix": hiring.level_mix if isinstance(hiring.level_mix, str) else "weights",
        "part_time_share_millionths": millionths(hiring.part_time_share.at(year)),
        "part_time_hours": hiring.part_time_hours.at(year),
        "full_time_hours": hiring.full_time_hours.at(year),
    }


def _census_levels(scenario: Scenario, first_year: int, _year: int) -> Iterator[Values]:
    for level, (low, high) in zip(scenario.levels.bands, band_cents(scenario.levels, first_year, first_year), strict=True):
        yield {"level_id": level.level_id, "census_min_pay_cents": low, "census_max_pay_cents": high}


def _levels(scenario: Scenario, first_year: int, year: int) -> Iterator[Values]:
    levels, mix = scenario.levels, scenario.hiring.level_mix
    weights: dict[int, int] = {}
    if not isinstance(mix, str):
        by_level = sorted(mix, key=lambda row: row.level_id)
        scaled = normalised([row.weight for row in by_level])
        weights = {row.level_id: weight for row, weight in zip(by_level, scaled, strict=True)}
    this_year = band_cents(levels, first_year, year)
    for level, band in zip(levels.bands, this_year, strict=True):
        raise_min, raise_max = levels.promotion_raise_of(level, year)
        percentile, spread = levels.hire_place_of(level, year)
        yield {
            "level_id": level.level_id,
            "level_name": level.name,
            "min_pay_cents": band[0],
            "max_pay_cents": band[1],
            "merit_rate_millionths": millionths(levels.merit_rate_of(level, year)),
            "promotion_raise_min_millionths": millionths(raise_min),
            "promotion_raise_max_millionths": millionths(raise_max),
            "hire_percentile_millionths": millionths(percentile),
            "hire_percentile_spread_millionths": millionths(spread),
            "mix_weight_millionths": weights.get(level.level_id),
        }


def _merit_months(scenario: Scenario, _first_year: int, _year: int) -> Iterator[Values]:
    months = scenario.compensation.merit_months
    for month, weight in zip(months, normalised(list(months.values())), strict=True):
        yield {"month": month, "weight_millionths": weight}


def _hire_ages(scenario: Scenario, _first_year: int, _year: int) -> Iterator[Values]:
    ages = scenario.hiring.ages
    for band, weight in zip(ages, normalised([band.weight for band in ages]), strict=True):
        yield {"age_min": band.min, "age_max": band.max, "weight_millionths": weight}


# The tables with rows of each scenario: a function of (scenario, first simulation year, year).
_SCENARIO_TABLES: dict[str, Callable[[Scenario, int, int], Iterator[Values]]] = {
    "scenario_parameters": _parameters,
    "scenario_levels": _levels,
    "census_levels": _census_levels,
    "scenario_hazards": hazard_rows,
    "scenario_merit_months": _merit_months,
    "scenario_hire_ages": _hire_ages,
    **PLAN_TABLES,
}
