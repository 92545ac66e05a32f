"""Histories of known hazards, simulated in numpy: what the tests of the fit are held against.

Belongs here: the truths and the simulation. Does not: fitting, asserting.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planwise_assets.evidence.experience import Experience

Vector = NDArray[np.float64]
Whole = NDArray[np.int64]
Truth = Callable[[Whole, Whole, Whole], Vector]
FIRST_YEAR = 2010


def additive(age: Whole, service: Whole, year: Whole) -> Vector:
    """Log hazard that is a sum of curves by age and by service."""
    return -2.0 - 0.02 * (age - 40) + 0.0008 * (age - 45.0) ** 2 - 0.45 * np.log1p(service) + 0 * year


def interacting(age: Whole, service: Whole, year: Whole) -> Vector:
    """The young leave when they are new; the old with long service do, too."""
    return additive(age, service, year) + 0.4 * (age - 42) / 12 * (np.log1p(service) - 1.8)


def trending(age: Whole, service: Whole, year: Whole) -> Vector:
    """Every year 6 % more."""
    return additive(age, service, year) + 0.06 * (year - FIRST_YEAR)


def spiked(age: Whole, service: Whole, year: Whole) -> Vector:
    """Four of five leave at 64."""
    return np.where(age == 64, np.log(-np.log(0.2)), additive(age, service, year))


def eligible(age: Whole, service: Whole, year: Whole) -> Vector:
    """Who may retire, from 62 on or from 55 on with 10 years, leaves at .25 a year."""
    may = (age >= 62) | ((age >= 55) & (service >= 10))
    return np.where(may, np.log(0.25), additive(age, service, year) - 0.5)


def newcomers(age: Whole, service: Whole, year: Whole) -> Vector:
    """Most of the exits are in the first three years."""
    return np.select([service == 0, service == 1, service == 2], np.log([0.6, 0.35, 0.18]), -2.9 - 0.03 * service) + 0 * year


def vesting(age: Whole, service: Whole, year: Whole) -> Vector:
    """People wait for the end of their fifth year."""
    return additive(age, service, year) + np.where(service == 5, 1.1, 0) - np.where(service == 4, 0.7, 0)


TRUTHS: dict[str, Truth] = {
    "additive": additive,
    "interacting": interacting,
    "trending": trending,
    "spiked": spiked,
    "eligible": eligible,
    "newcomers": newcomers,
    "vesting": vesting,
}


@dataclass(frozen=True)
class History:
    """A simulated history, and its truth in each cell."""

    experience: Experience
    log_hazard: Vector


def simulate(truth: Truth, people: int, years: int, seed: int) -> History:
    """A workforce of constant size: who leaves is replaced by a hire of the year, who is at risk from the next one on."""
    generator = np.random.default_rng(seed)
    age = generator.integers(20, 66, people)
    service = np.minimum(np.floor(generator.exponential(7, people)).astype(int), age - 18)
    rows: list[NDArray[np.int64]] = []
    for year in range(FIRST_YEAR, FIRST_YEAR + years):
        hazard = np.exp(truth(age, service, np.full(people, year)))
        leaves = generator.random(people) < -np.expm1(-hazard)
        rows.append(np.stack([np.full(people, year), age, service, leaves.astype(int)]))
        age, service = age + 1, service + 1
        gone = leaves | (age > 69)
        age[gone] = generator.integers(20, 56, int(gone.sum()))
        service[gone] = 0
    table = np.concatenate(rows, 1)
    keys, place = np.unique((table[0] * 1000 + table[1]) * 1000 + table[2], return_inverse=True)
    at_risk, left = np.bincount(place).astype(float), np.bincount(place, table[3])
    cells = Experience(
        age=keys // 1000 % 1000,
        service=keys % 1000,
        year=keys // 1_000_000,
        people=at_risk,
        duration=np.ones(len(keys)),
        person_years=at_risk - left / 2,
        events={"quit": left.astype(float)},
        groups={},
    )
    return History(cells, truth(cells.age, cells.service, cells.year))
