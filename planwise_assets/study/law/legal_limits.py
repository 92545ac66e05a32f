"""The legal limits of any year: announced, projected by the statute's own rule, or overridden by the study.

Belongs here: looking up and projecting. The announced values with their notices are in `legal_limits.csv`, the indexes that
the rules use in `price_indexes.csv`; both are package data. Does not: the settings (`sections/limits.py`).

The rule (IRC 415(d) and its like) starts from the *unrounded* base, not from last year's rounded limit:

    limit = base + floor((base x index / base index - base) / step) x step, never below the year before

The Social Security wage base is rounded to the nearest step instead (42 USC 430(b)).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from math import floor
from pathlib import Path
from typing import Literal, NamedTuple

from planwise_assets.study.sections.limits import REFERENCE_ONLY, Limits
from planwise_assets.study.values import ByYear
from resources.errors import FinalError

Status = Literal["announced", "projected", "override"]
_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Rule:
    """How the law moves one limit.

    Attributes:
        base: The limit in its base period, in dollars.
        index: Name of the index in `price_indexes.csv`.
        base_year: Year of the index that the base goes with.
        step: Increases are whole steps of this many dollars.
        lag: The limit of a measured year uses the index of this many years before it.
        shift: The year it applies to is this many years after the measured one.
        first: First year that it applies to.
        nearest: Rounded to the nearest step, not down.
        law: The statute.
    """

    base: Decimal
    index: str
    base_year: int
    step: int
    law: str
    lag: int = 1
    shift: int = 0
    first: int = 0
    nearest: bool = False


def _cpi(base: int, base_year: int, step: int, law: str, *, lag: int = 1, shift: int = 0, first: int = 0) -> Rule:
    return Rule(Decimal(base), "cpi_u_q3", base_year, step, law, lag, shift, first)


RULES: dict[str, Rule] = {
    "elective_deferral_402g": _cpi(15_000, 2005, 500, "IRC 402(g)(4)"),
    "catch_up_414v": _cpi(5_000, 2005, 500, "IRC 414(v)(2)(C)(i)"),
    "catch_up_60_63_414v": _cpi(11_250, 2024, 500, "IRC 414(v)(2)(C)(i) and (E)", first=2025),
    "annual_additions_415c": _cpi(40_000, 2001, 1_000, "IRC 415(d)(4)(B)"),
    "compensation_401a17": _cpi(200_000, 2001, 5_000, "IRC 401(a)(17)(B)"),
    # The pay of the measured year decides the year after it.
    "hce_compensation_414q": _cpi(80_000, 1996, 5_000, "IRC 414(q)(1)", shift=1),
    # REFERENCE_ONLY: nothing is simulated that reads it; the top-heavy test of published results does.
    "key_employee_416": _cpi(130_000, 2001, 5_000, "IRC 416(i)(1)(A)"),
    "social_security_wage_base": Rule(Decimal(60_600), "awi", 1992, 300, "42 USC 430(b)", lag=2, nearest=True),
    # Enforced from 2026 on (IRS Notice 2023-62); the wages of a year go by that year's own third quarter.
    "roth_catch_up_wages_414v7": _cpi(145_000, 2023, 5_000, "IRC 414(v)(7)(E)", lag=0, shift=1, first=2026),
}


class LegalLimit(NamedTuple):
    """One limit in force; the amount is in cents."""

    limit_name: str
    measured_year: int
    applies_year: int
    value_cents: int
    status: Status
    citation: str


class NoLimitError(FinalError, LookupError):
    """A limit of a year is neither announced nor overridden, and its rule has no index to go by."""


def limits_in_force(limits: Limits, year: int, first_year: int) -> Iterator[LegalLimit]:
    """The limits of a year that something reads, and next year's where this year's pay is measured for them.

    Args:
        limits: The section.
        year: The simulation year.
        first_year: First simulation year; growth by year holds from then on.

    Raises:
        NoLimitError: A limit has neither row nor rule; the message names it and the way out.
    """
    for name, rule in RULES.items():
        if name in REFERENCE_ONLY:
            continue
        for applies in range(year, year + rule.shift + 1):
            if applies >= rule.first:
                yield limit_of(name, applies, limits, first_year)


def limit_of(name: str, applies_year: int, limits: Limits, first_year: int) -> LegalLimit:
    """One limit of one year.

    Args:
        name: One of RULES.
        applies_year: The year whose plan and pay the limit binds.
        limits: The study's section: indexes of the projection, and overrides.
        first_year: First simulation year, from which on the section's by-year indexes count.

    Returns:
        The limit in cents, with its status and citation: the study's own, else announced, else projected.

    Raises:
        NoLimitError: As `limits_in_force`.
    """
    measured = applies_year - RULES[name].shift
    own: Mapping[int, Decimal] = getattr(limits.overrides, name, {})
    if applies_year in own:
        cents = int(own[applies_year] * 100)
        return LegalLimit(name, measured, applies_year, cents, "override", "the study's own (limits.overrides)")
    row = announced().get((name, applies_year))
    if row is not None:
        return row
    dollars = projected(name, applies_year, limits, first_year)
    citation = f"{RULES[name].law}, projected by its rule"
    return LegalLimit(name, measured, applies_year, dollars * 100, "projected", citation)


def projected(name: str, applies_year: int, limits: Limits, first_year: int) -> int:
    """What the rule gives for a year without a row, never below the year before; dollars.

    The year before counts with its announced or projected value: an override of it leaves this year alone.

    Args:
        name: One of RULES.
        applies_year: The year whose plan and pay the limit binds.
        limits: The study's section: indexes of the projection, and overrides.
        first_year: First simulation year, from which on the section's by-year indexes count.

    Returns:
        Whole dollars.

    Raises:
        NoLimitError: The rule has no index of that year.
    """
    values = {known: row.value_cents // 100 for (limit, known), row in announced().items() if limit == name}
    before = [known for known in values if known < applies_year]
    value = values[max(before)] if before else 0
    for year in range(max(before) + 1 if before else applies_year, applies_year + 1):
        value = max(value, by_rule(name, year, limits, first_year))
    return value


def by_rule(name: str, applies_year: int, limits: Limits, first_year: int) -> int:
    """The statutory rule alone, from the unrounded base; dollars.

    Args:
        name: One of RULES.
        applies_year: The year whose plan and pay the limit binds.
        limits: The study's section: indexes of the projection, and overrides.
        first_year: First simulation year, from which on the section's by-year indexes count.

    Returns:
        Whole dollars: the statute's base raised by its index and rounded as it says (RULES names the section).

    Raises:
        NoLimitError: The index of the year that the rule looks at is missing, though later ones are known.
    """
    rule = RULES[name]
    year = applies_year - rule.shift - rule.lag
    known = indexes()[rule.index]
    if year not in known and year < max(known):
        raise NoLimitError(
            f"have no {name} for {applies_year}: none was announced in legal_limits.csv, and its rule has no index of "
            f"{year}; give one as overrides: {{{name}: {{{applies_year}: ...}}}}"
        )
    growth = limits.cpi if rule.index == "cpi_u_q3" else limits.wage_index
    raised = Fraction(rule.base) * _index(known, year, growth, first_year) / Fraction(known[rule.base_year])
    if rule.nearest:
        return floor(raised / rule.step + Fraction(1, 2)) * rule.step
    return int(rule.base) + floor((raised - Fraction(rule.base)) / rule.step) * rule.step


def _index(known: Mapping[int, Decimal], year: int, growth: ByYear[Decimal], first_year: int) -> Fraction:
    """A published index, or the last published one carried on at the study's growth; exact."""
    last = max(known)
    value = Fraction(known[min(year, last)])
    for later in range(last + 1, year + 1):
        value *= 1 + Fraction(growth.at(max(later, first_year)))
    return value


@cache
def announced() -> dict[tuple[str, int], LegalLimit]:
    """The announced limits by name and the year that they apply to."""
    rows = {}
    for row in _read("legal_limits.csv"):
        limit = LegalLimit(
            row["limit"],
            int(row["measured_year"]),
            int(row["applies_year"]),
            int(Decimal(row["value"]) * 100),
            "announced",
            row["citation"],
        )
        rows[limit.limit_name, limit.applies_year] = limit
    return rows


@cache
def indexes() -> dict[str, dict[int, Decimal]]:
    """The published indexes by name and year."""
    values: dict[str, dict[int, Decimal]] = {}
    for row in _read("price_indexes.csv"):
        values.setdefault(row["index"], {})[int(row["year"])] = Decimal(row["value"])
    return values


def _read(name: str) -> list[dict[str, str]]:
    with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
