"""Rules between settings of different sections, tried when every setting is right by itself.

Each rule yields the key path (inside the study) and a sentence. Does not: the rules of one value
(`values.py`, `bands.py`) or of one section (its module).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from planwise_assets.study.errors import Finding, KeyPath
from planwise_assets.study.law.legal_limits import NoLimitError, limits_in_force
from planwise_assets.study.law.qualification import broken_rules
from planwise_assets.study.parameters.pay_bands import LARGEST_BAND_CENTS, band_cents
from planwise_assets.study.schema import Scenario, Study
from planwise_assets.study.sections.published_table import graded, parse_table
from planwise_assets.study.values import ByYear, leaves, plain


def findings(study: Study) -> Iterator[Finding]:
    """Everything that does not fit together in a study."""
    late = list(_values_that_start_late(study))
    yield from late
    for name, scenario in study.scenarios.items():
        at: KeyPath = ("scenarios", name)
        yield from _level_tables(scenario, at)
        yield from _published_table(scenario, at)
        if not late:
            yield from _raise_ranges(scenario, study, at)
            yield from _working_hours(scenario, study, at)
            yield from _band_sizes(scenario, study, at)
            yield from _plan(scenario, study, at)
            yield from _legal_limits(scenario, study, at)


def _values_that_start_late(study: Study) -> Iterator[Finding]:
    start = study.years.start
    for path, value in leaves(study):
        if isinstance(value, ByYear) and value.steps[0][0] > start:
            first = value.steps[0][0]
            yield Finding(path, f"has no value for {start}, the first simulation year; it starts with {first}")


def _level_tables(scenario: Scenario, at: KeyPath) -> Iterator[Finding]:
    ids = scenario.levels.ids
    termination, promotion = scenario.hazards.termination.level, scenario.hazards.promotion.level
    tables: dict[KeyPath, Sequence[int]] = {
        ("hazards", "termination", "level"): [row.level_id for row in termination],
        ("hazards", "promotion", "level"): [row.level_id for row in promotion],
    }
    if isinstance(scenario.hiring.level_mix, tuple):
        tables["hiring", "level_mix"] = [row.level_id for row in scenario.hiring.level_mix]
    for path, given in tables.items():
        if sorted(given) != list(ids):
            levels, rows = (", ".join(map(str, numbers)) for numbers in (ids, given))
            message = f"must have each level once: scenario {at[-1]} has levels {levels}, and the rows are for {rows}"
            yield Finding((*at, *path), message)
    for index, row in enumerate(promotion):
        if row.level_id == ids[-1] and row.multiplier:
            place = (*at, "hazards", "promotion", "level", index, "multiplier")
            yield Finding(place, f"must be 0: nobody is promoted out of the top level of scenario {at[-1]}")


def _published_table(scenario: Scenario, at: KeyPath) -> Iterator[Finding]:
    hazards, place = scenario.hazards, (*at, "hazards", "termination")
    hazard = hazards.termination
    if hazard.table is None:
        if hazard.scale != 1:
            yield Finding((*place, "scale"), "is of a published table, and none is named: change base, or name a table")
        return
    try:
        free = hazard.first_age_of_retirement
        graded(parse_table(hazard.table))
    except ValueError as error:
        yield Finding((*place, "table"), str(error))
        return
    twice = [row for row in hazards.retirement if free is not None and row.rate and row.min < free]
    if twice and "retirement" in hazards.model_fields_set:
        message = (
            f"counts those who retire twice: {hazard.table} counts every way out up to {free - 1 if free else ''}. Give "
        )
        yield Finding(
            (*at, "hazards", "retirement"), f"{message}rate 0 to the ages below {free}, or name a table without them"
        )


def _raise_ranges(scenario: Scenario, study: Study, at: KeyPath) -> Iterator[Finding]:
    levels = scenario.levels
    for index, level in enumerate(levels.bands):
        for year in study.simulation_years:
            low, high = levels.promotion_raise_of(level, year)
            if low > high:
                own = level.promotion_raise_min is not None or level.promotion_raise_max is not None
                place: KeyPath = ("bands", index) if own else ("promotion_raise_min",)
                message = f"must not be above its max: promotion raises in {year} are from {plain(low)} to {plain(high)}"
                yield Finding((*at, "levels", *place), message)
                break


def _working_hours(scenario: Scenario, study: Study, at: KeyPath) -> Iterator[Finding]:
    hiring = scenario.hiring
    for year in study.simulation_years:
        part, full = hiring.part_time_hours.at(year), hiring.full_time_hours.at(year)
        if part >= full:
            message = f"must be below full_time_hours: in {year} they are {plain(part)} and {plain(full)}"
            yield Finding((*at, "hiring", "part_time_hours"), message)
            break


def _band_sizes(scenario: Scenario, study: Study, at: KeyPath) -> Iterator[Finding]:
    end = study.years.end
    _, highest = band_cents(scenario.levels, study.years.start, end)[-1]
    if highest > LARGEST_BAND_CENTS:
        message = f"is too high: it takes the top band above {LARGEST_BAND_CENTS // 100:,} dollars by {end}"
        yield Finding((*at, "levels", "uprating"), message)


def _plan(scenario: Scenario, study: Study, at: KeyPath) -> Iterator[Finding]:
    for place, message in broken_rules(scenario.plan, study.simulation_years):
        yield Finding((*at, "plan", *place), message)


def _legal_limits(scenario: Scenario, study: Study, at: KeyPath) -> Iterator[Finding]:
    for year in study.simulation_years:
        try:
            list(limits_in_force(scenario.limits, year, study.years.start))
        except NoLimitError as error:
            yield Finding((*at, "limits"), str(error))
            break
