"""How right an expectation was: deviance, actual over expected with its error, CRPS, and which gaps count.

Belongs here: formulas on numbers. Does not: which cells are compared (backtest.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

Vector = NDArray[np.float64]
# Below this an expectation says "never"; one exit there costs as much as the logarithm of it.
_LEAST_EXPECTED = 1e-6


def deviance(actual: Vector, expected: Vector) -> float:
    """Poisson deviance `2 sum(a log(a/e) - (a - e))`; 0 where actual and expected agree in every cell."""
    held = np.maximum(expected, _LEAST_EXPECTED)
    return float(2 * np.sum(special.xlogy(actual, actual / held) - (actual - held)))


def crps_normal(actual: float, mean: float, deviation: float) -> float:
    """Continuous ranked probability score of a normal forecast, in the unit of the figure; smaller is better.

    Source: Gneiting and Raftery 2007, JASA 102, equation 21. Without a deviation it is the absolute error.

    Args:
        actual: What came.
        mean: Of the forecast.
        deviation: Standard deviation of the forecast; 0 for a forecast of one value.

    Returns:
        The score, 0 or more.
    """
    if deviation <= 0:
        return abs(actual - mean)
    z = (actual - mean) / deviation
    return float(deviation * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / np.sqrt(np.pi)))


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values corrected for how many there are (Holm 1979), in the given order."""
    order = np.argsort(p_values)
    corrected, highest = np.empty(len(order)), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(order) - rank) * float(p_values[int(place)])))
        corrected[place] = highest
    return [float(value) for value in corrected]


@dataclass(frozen=True)
class Gap:
    """Actual against expected exits of some cells.

    Attributes:
        actual: Exits.
        expected: Their expectation.
        deviation: Standard deviation of the exits around it: chance, and the error of the rates.
    """

    actual: float
    expected: float
    deviation: float

    @property
    def ratio(self) -> float:
        """Actual over expected; infinite where nothing was expected."""
        return self.actual / self.expected if self.expected > _LEAST_EXPECTED else (np.inf if self.actual else 1.0)

    @property
    def interval(self) -> tuple[float, float]:
        """Actual over expected that chance alone gives in 95 of 100 cases."""
        half = 1.96 * self.deviation / max(self.expected, _LEAST_EXPECTED)
        return max(0.0, 1 - half), 1 + half

    @property
    def p_value(self) -> float:
        """Two-sided probability of a gap as large by chance alone.

        A negative binomial with this mean and deviation, Poisson where the deviation is no larger than that; it is exact
        enough for the small counts of single cells, where a normal one is not.
        """
        mean, spread = max(self.expected, _LEAST_EXPECTED), self.deviation**2
        size = mean**2 / (spread - mean) if spread > mean * 1.0001 else None
        chance = stats.nbinom(size, size / (size + mean)) if size else stats.poisson(mean)
        low, high = chance.cdf(self.actual), chance.sf(self.actual - 1)
        return float(min(1.0, 2 * min(low, high)))

    @property
    def crps(self) -> float:
        """Of the normal forecast with this mean and deviation."""
        return crps_normal(self.actual, self.expected, self.deviation)
