"""The general test, IRC 401(a)(4), of a nonelective contribution: rates, rate groups, gateway, schedules that need none.

Belongs here: the rules. Does not: who is counted (results/law/people.py), coverage (coverage.py).

Rates are whole hundredths of a per cent. Rounding to them is well within the grouping that the regulation permits (Treas.
Reg. 1.401(a)(4)-2(c)(2)(v), a range of a quarter of a point), and keeps a cent of rounding from parting people.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from planwise_assets.study.law.coverage import Covered

#: Treas. Reg. 1.401(a)(4)-12: a standard interest rate is 7.5 to 8.5 %, a standard mortality table UP-1984.
INTEREST = Fraction(85, 1000)
MORTALITY = "UP-1984"
#: IRC 401(l)(2): the most that integration may add, here imputed (Treas. Reg. 1.401(a)(4)-7(b)).
DISPARITY = Fraction(57, 1000)
# Treas. Reg. 1.401(a)(4)-8(b)(1)(vi).
_SHARE_OF_THE_HIGHEST, _ENOUGH_OF_PAY = 3, Fraction(5, 100)
# Treas. Reg. 1.401(a)(4)-8(b)(1)(iv)(C) and (D): steps of 5 points and of twice at most; the first band of ages to 25.
_STEP, _TIMES, _FIRST_AGE = Fraction(5, 100), 2, 25
_HUNDREDTHS = 10_000


class Band(NamedTuple):
    """A band of ages, years of service or points, up to `max` (None: no end), and its rate."""

    min: int
    max: int | None
    rate: Fraction


class RateCount(NamedTuple):
    """How many have one rate (hundredths of a per cent)."""

    rate: int
    others: int
    highly: int


@cache
def annuity_factors() -> dict[int, float]:
    """What 1 a year for life, in monthly payments in advance, costs from each age on: UP-1984 at INTEREST.

    From the SOA's table 831 (annuity_factors.csv; tests/unit/test_law_rules.py makes it anew).
    """
    with (Path(__file__).parent / "annuity_factors.csv").open(encoding="utf-8", newline="") as file:
        return {int(row["age"]): float(row["factor"]) for row in csv.DictReader(file)}


def benefit_factor(age: int, testing_age: int) -> float:
    """What a dollar contributed at an age buys a year from the testing age on, or from the age where that is later.

    It earns INTEREST until then and is exchanged for an annuity for life (Treas. Reg. 1.401(a)(4)-8(b)(2)).

    Args:
        age: Completed years.
        testing_age: The plan's normal retirement age, the same for all (Treas. Reg. 1.401(a)(4)-12, "testing age").

    Returns:
        Dollars a year, paid monthly.
    """
    factors = annuity_factors()
    begins = min(max(age, testing_age), max(factors))
    return float((1 + INTEREST) ** max(testing_age - age, 0)) / factors[begins]


def hundredths(rate: Fraction) -> int:
    """A rate to the nearest 0.01 %, halves up."""
    return int(rate * _HUNDREDTHS + Fraction(1, 2))


def rate_groups(counts: Iterable[RateCount]) -> Iterator[tuple[int, Covered]]:
    """Each rate of a highly compensated person who benefits, with everybody who has it or a higher one.

    Args:
        counts: Everybody who counts, by rate; who does not benefit has the rate 0.
    """
    rows = sorted(counts, reverse=True)
    others, highly = sum(row.others for row in rows), sum(row.highly for row in rows)
    others_in = highly_in = 0
    for row in rows:
        others_in, highly_in = others_in + row.others, highly_in + row.highly
        if row.highly and row.rate > 0:
            yield row.rate, Covered(others, others_in, highly, highly_in)


def passes_gateway(highest: Fraction, rate: Fraction) -> bool:
    """Whether somebody has enough for cross-testing: a third of the highly compensated's highest rate, or 5 % of pay."""
    return rate >= _ENOUGH_OF_PAY or rate * _SHARE_OF_THE_HIGHEST >= highest


def is_gradual(bands: Sequence[Band], dimension: str) -> bool:
    """Whether a schedule by age, service or points rises smoothly at regular intervals: it needs no gateway.

    Treas. Reg. 1.401(a)(4)-8(b)(1)(iv): each rate is above the one before by at most 5 points, is at most twice it, and its
    ratio to it is at most the ratio before; all bands but the last are of one length.

    Args:
        bands: In order.
        dimension: `age`, `service` or `points`; a first band of ages may end at 25 or earlier, or begin there.
    """
    rates = [band.rate for band in bands]
    if any(low <= 0 or not low < high <= min(low + _STEP, low * _TIMES) for low, high in pairwise(rates)):
        return False
    ratios = [high / low for low, high in pairwise(rates)]
    if any(after > before for before, after in pairwise(ratios)):
        return False
    lengths = [band.max - band.min for band in bands[:-1] if band.max is not None]
    if dimension == "age" and lengths:
        others = lengths[1:]
        end = bands[0].max or 0
        return len(set(others)) <= 1 and (end <= _FIRST_AGE or not others or end - _FIRST_AGE <= others[0])
    return len(set(lengths)) <= 1
