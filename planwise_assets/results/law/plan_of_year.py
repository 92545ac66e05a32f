"""The plan of a published scenario in one year, as the law's tests ask for it.

Belongs here: reading it from the settings that the results were made from. Does not: what the settings mean
(study/plan/), the tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from planwise_assets.results.provenance import Published
from planwise_assets.study.law.general_test import Band
from planwise_assets.study.law.legal_limits import limit_of
from planwise_assets.study.sections.limits import Limits

Settings = Mapping[str, str]
#: Months between entry dates; 0: no date is waited for.
_ENTRY_MONTHS = {"immediate": 0, "monthly": 1, "quarterly": 3, "semiannual": 6}
_DIMENSIONS = ("service", "age", "points")
_STEP = re.compile(r"(.+) from (\d{4})")


@dataclass(frozen=True)
class MatchBand:
    """The tiers of a band: each (up to this share of pay, share of the deferral), in order."""

    min: int
    max: int | None
    tiers: tuple[tuple[Fraction, Fraction], ...]


@dataclass(frozen=True)
class PlanOfYear:
    """A scenario's plan in a year.

    Attributes:
        scenario: The scenario.
        year: The year.
        adopted: When the plan was adopted.
        minimum_age: Age needed for entry.
        service_months: Months of service needed for it.
        entry_months: Months between entry dates; 0: none is waited for.
        hours_rule: Whether 1,000 hours are needed.
        safe_harbor: The design; `none` without one.
        method: `current` or `prior`: whose average of the others the tests use.
        has_roth: Whether there are Roth deferrals.
        retirement_age: Normal retirement age.
        core_by: What the core contribution goes by: `service`, `age`, `points`; empty where all have one rate.
        core: Its bands; a single one where all have one rate.
        has_excess_rate: Whether there is a rate above the Social Security wage base on top.
        is_uniform: Whether all have the same core rates.
        core_conditions: Whether it needs employment at year end, and how many hours.
        match_by: What the match goes by.
        match: Its bands.
        match_conditions: As `core_conditions`.
        match_at_most: The highest match of a person, in dollars; None: no such limit.
    """

    scenario: str
    year: int
    adopted: date
    minimum_age: int
    service_months: int
    entry_months: int
    hours_rule: bool
    safe_harbor: str
    method: str
    has_roth: bool
    retirement_age: int
    core_by: str
    core: tuple[Band, ...]
    has_excess_rate: bool
    is_uniform: bool
    core_conditions: tuple[bool, int]
    match_by: str
    match: tuple[MatchBand, ...]
    match_conditions: tuple[bool, int]
    match_at_most: Decimal | None

    @property
    def has_core(self) -> bool:
        """Whether anybody gets a core contribution."""
        return self.has_excess_rate or any(band.rate for band in self.core)

    @property
    def has_match(self) -> bool:
        """Whether anybody's deferrals are matched."""
        return any(rate for band in self.match for _, rate in band.tiers)

    def promise(self, measure: int) -> Fraction:
        """The match of somebody who defers to the last tier, as a share of pay; `measure` as in `match_of`."""
        band = self._match_band(measure)
        return self.match_of(max((end for end, _ in band.tiers), default=Fraction(0)), measure)

    def _match_band(self, measure: int) -> MatchBand:
        return next(one for one in self.match if one.min <= measure and (one.max is None or measure < one.max))

    def match_of(self, rate: Fraction, measure: int) -> Fraction:
        """The match at a deferral rate, as a share of pay.

        Args:
            rate: Deferrals as a share of pay.
            measure: The person's years of service or points; any number where all have the same tiers.
        """
        band = self._match_band(measure)
        start, share = Fraction(0), Fraction(0)
        for end, match in band.tiers:
            share += max(min(rate, end) - start, Fraction(0)) * match
            start = end
        return share


def plan_of_year(made: Published, scenario: str, year: int) -> PlanOfYear:
    """The plan of a scenario in a year.

    Args:
        made: What the results were made from.
        scenario: A published one.
        year: A published year.
    """
    settings = {key: in_year(text, year) for key, text in made.settings[scenario].items() if key.startswith("plan.")}

    def flag(key: str) -> bool:
        return settings[f"plan.{key}"] == "true"

    def conditions(source: str) -> tuple[bool, int]:
        return flag(f"{source}.employed_at_year_end"), int(settings[f"plan.{source}.minimum_hours"])

    core_by, rows = _graded(settings, "core")
    everybody = Band(0, None, Fraction(settings["plan.core.rate"]))
    match_by, bands = _graded(settings, "match")
    return PlanOfYear(
        scenario=scenario,
        year=year,
        adopted=date.fromisoformat(settings["plan.adopted"]),
        minimum_age=int(settings["plan.eligibility.minimum_age"]),
        service_months=int(settings["plan.eligibility.service_months"]),
        entry_months=_ENTRY_MONTHS[settings["plan.eligibility.entry_dates"]],
        hours_rule=flag("eligibility.hours_rule"),
        safe_harbor=settings["plan.safe_harbor"],
        method=settings["plan.testing.method"],
        has_roth=flag("roth_available"),
        retirement_age=int(settings["plan.vesting.normal_retirement_age"]),
        core_by=core_by,
        core=tuple(Band(*_span(row), Fraction(row["rate"])) for row in rows) or (everybody,),
        has_excess_rate=any(
            Fraction(row["excess_rate"]) for row in rows or [{"excess_rate": settings["plan.core.excess_rate"]}]
        ),
        is_uniform=len({(Fraction(row["rate"]), Fraction(row["excess_rate"])) for row in rows}) <= 1,
        core_conditions=conditions("core"),
        match_by=match_by,
        match=tuple(MatchBand(*_span(row), _tiers(row)) for row in bands)
        or (MatchBand(0, None, _tiers(_of_all(settings))),),
        match_conditions=conditions("match"),
        match_at_most=Decimal(settings["plan.match.annual_cap"]) if "plan.match.annual_cap" in settings else None,
    )


def limit_in_dollars(made: Published, scenario: str, name: str, year: int) -> Decimal:
    """A legal limit as the results used it: the study's own, announced, or projected.

    Args:
        made: What the results were made from.
        scenario: Whose.
        name: One of legal_limits.RULES.
        year: The year that it applies to.
    """
    own = made.settings[scenario]
    overrides = {
        key.removeprefix("limits.overrides."): dict(item.split(": ") for item in text.split(", "))
        for key, text in own.items()
        if key.startswith("limits.overrides.") and text != "none"
    }
    section: dict[str, Any] = {
        "cpi": _by_year(own["limits.cpi"]),
        "wage_index": _by_year(own["limits.wage_index"]),
        "overrides": {
            limit: {int(of): Decimal(value) for of, value in values.items()} for limit, values in overrides.items()
        },
    }
    return Decimal(limit_of(name, year, Limits.model_validate(section), min(made.years)).value_cents) / 100


def in_year(text: str, year: int) -> str:
    """A setting's text in a year: of `0.03 from 2025, 0.02 from 2027` in 2026 it is `0.03`."""
    steps = [_STEP.fullmatch(part) for part in text.split(", ")]
    in_force = [step[1] for step in steps if step and int(step[2]) <= year]
    return in_force[-1] if all(steps) and in_force else text


def _by_year(text: str) -> Any:
    steps = [_STEP.fullmatch(part) for part in text.split(", ")]
    return {int(step[2]): Decimal(step[1]) for step in steps if step} if all(steps) else Decimal(text)


def _graded(settings: Settings, source: str) -> tuple[str, list[dict[str, str]]]:
    """What a contribution goes by, and the rows of its table; empty where all have the same."""
    for dimension in _DIMENSIONS:
        rows = list(_rows(settings, f"plan.{source}.by_{dimension}"))
        if rows:
            return dimension, rows
    return "", []


def _rows(settings: Settings, table: str) -> Iterator[dict[str, str]]:
    """The rows of a table, each with its columns' texts by name."""
    number = 1
    while row := {
        key.removeprefix(f"{table}[row {number}]."): text
        for key, text in settings.items()
        if key.startswith(f"{table}[row {number}].")
    }:
        yield row
        number += 1


def _span(row: Mapping[str, str]) -> tuple[int, int | None]:
    # A setting that is left out has no text: the last band has no end.
    return int(row["min"]), int(row["max"]) if "max" in row else None


def _of_all(settings: Settings) -> dict[str, str]:
    return {key.removeprefix("plan.match."): text for key, text in settings.items() if key.startswith("plan.match.tiers[")}


def _tiers(row: Mapping[str, str]) -> tuple[tuple[Fraction, Fraction], ...]:
    return tuple((Fraction(tier["up_to"]), Fraction(tier["rate"])) for tier in _rows(row, "tiers"))
