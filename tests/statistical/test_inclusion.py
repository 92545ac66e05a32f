"""With exact totals, everybody's chance to be among those who leave is what the hazards, scaled to the total, say.

The rule is a formula: everybody has the clock `-ln(1 - u) / rate`, and the X earliest leave. Its chances are an integral,
so they are computed, not sampled: person i leaves with probability

    integral over t of  rate_i exp(-rate_i t) x P(fewer than X of the others have clocks before t)

Three proofs hang together, for companies of 9, 20, 50 and 200 people drawn from the sample census, with the shipped hazards:

* those chances are within .015, .006, .003 and .001 of `1 - exp(-s rate)`, with s such that they sum to X. The figure is the
  largest difference among the people of a company, on average over companies; a single company of nine with one very
  likely leaver can be further off, which is the price of whole people;
* in thousands of worlds the product picks exactly the people that the rule picks, computed here from the same draws;
* the people whom the product picks come as often as the integral says, within four standard errors.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import optimize, stats

from planwise_assets import draws
from tests.harness import SAMPLE_CENSUS, census_file
from tests.statistical import shipped
from tests.statistical.inference import STANDARD_ERRORS, TAIL
from tests.statistical.worlds import Columns, Floats, Integers, arrays, draws_of, one_year

pytestmark = pytest.mark.statistical

#: The largest bias allowed in a company of so many people (issue: True shapes).
BOUNDS = {9: 0.015, 20: 0.006, 50: 0.003, 200: 0.001}
#: How many companies the bias is averaged over, and how many worlds of one company are simulated.
COMPANIES = {9: 100, 20: 100, 50: 60, 200: 4}
WORLDS = {9: 4000, 20: 4000, 50: 2000, 200: 1000}
RATE = 0.12
YEAR = 2025
_OPENING = date(YEAR, 1, 1)


def scale(rates: Floats, total: int) -> float:
    """The s at which the probabilities `1 - exp(-s rate)` sum to the total."""
    return float(optimize.brentq(lambda s: -np.expm1(-s * rates).sum() - total, 0, 1e4, xtol=1e-14))


def inclusion(rates: Floats, total: int, nodes: int = 64) -> Floats:
    """Everybody's chance to be among the `total` earliest of exponential clocks, by Gauss-Legendre quadrature.

    The time is s y / (1 - y) for y in (0, 1). The number of others before t is a sum of independent indicators, whose
    distribution is built one person at a time; people with equal rates share one integral.
    """
    points, weights = np.polynomial.legendre.leggauss(nodes)
    y, weights = (points + 1) / 2, weights / 2
    s = scale(rates, total)
    time, stretch = s * y / (1 - y), s / (1 - y) ** 2
    different, which, count = np.unique(rates, return_inverse=True, return_counts=True)
    before = -np.expm1(-np.outer(different, time))

    # others[r, k, n]: the chance that k of the others of a person with rate r are before time n
    others = np.zeros((len(different), total, nodes))
    others[:, 0, :] = 1
    for rate, people in enumerate(count):
        for person in range(people):
            but_oneself = np.arange(len(different)) != rate if person == 0 else np.full(len(different), True)
            p = before[rate] * but_oneself[:, None]
            others[:, 1:, :] = others[:, 1:, :] * (1 - p)[:, None, :] + others[:, :-1, :] * p[:, None, :]
            others[:, 0, :] *= 1 - p
    density = different[:, None] * np.exp(-np.outer(different, time))
    return (others.sum(axis=1) * density) @ (weights * stretch)[:, None].ravel() if False else (
        (others.sum(axis=1) * density * weights * stretch).sum(axis=1)[which]
    )
