"""The search for the value of one setting at which a figure is what was asked, and how surely it is that value.

Belongs here: numbers in, numbers out. Does not: what they are of (solve.py), how they are tried (trials.py), several
settings (solver.py).

The first round tries values over the whole range, so that a figure that is met more than once, or never, shows. From then on
three values are tried around the secant of the bracket that is nearest to the setting as it is. Futures are paired (the same
seeds throughout), so that the mean is a function of the setting.

The interval is of the luck of the futures alone. In each the figure misses by another amount; divided by the slope (delta
method; Oehlert, A Note on the Delta Method, The American Statistician 46, 1992) that is how far its own answer lies from the
common one, and the mean of n such answers has Student's interval.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from planwise_assets.results.ensembles import half_width

Vector = NDArray[np.float64]
#: What the figure is above what was asked, in each future, at several values.
Misses = Callable[[Sequence[float]], Sequence[Vector]]

#: Values of the first round; then so many to either side of the secant's, this share of the bracket away.
_FIRST, _ASIDE = 6, 0.02
#: A slope is taken over at least this share of the range: nearer, the steps of people and cents are all there is.
_SLOPE_SPAN = 0.02


@dataclass
class Tried:
    """The values that were tried, each with what the figure misses by in each future."""

    low: float
    high: float
    step: float
    misses: dict[float, Vector] = field(default_factory=dict)
    rounds: int = 0

    def mean(self, value: float) -> float:
        """By how much the figure misses on average."""
        return float(np.mean(self.misses[value]))

    @property
    def values(self) -> list[float]:
        """In ascending order."""
        return sorted(self.misses)

    def nearest(self, values: Sequence[float] | None = None) -> float:
        """The value that misses by least; of equals the lowest."""
        return min(values or self.values, key=lambda value: (abs(self.mean(value)), value))

    def brackets(self) -> list[tuple[float, float]]:
        """Neighbours between which the figure passes what was asked; a value that meets it is a bracket of its own."""
        met = [(value, value) for value in self.values if self.mean(value) == 0]
        return met + [(a, b) for a, b in pairwise(self.values) if self.mean(a) * self.mean(b) < 0]

    def as_written(self, value: float) -> float:
        """The nearest value that the study file can hold, within the range."""
        return min(max(round(round(value / self.step) * self.step, 10), self.low), self.high)

    def slope(self, value: float) -> float:
        """By how much the figure rises with the setting, around a value."""
        apart = max(_SLOPE_SPAN * (self.high - self.low), self.step)
        below = [one for one in self.values if one <= value - apart / 2] or [self.values[0]]
        above = [one for one in self.values if one >= value + apart / 2] or [self.values[-1]]
        a, b = below[-1], above[0]
        return (self.mean(b) - self.mean(a)) / (b - a)

    def interval(self, value: float) -> tuple[float, float] | None:
        """Where the answer is, with 95 % confidence; None with one future, and where the figure has no slope."""
        misses, slope = self.misses[value], self.slope(value)
        if len(misses) < 2 or not slope:
            return None
        centre = value - self.mean(value) / slope
        error = float(np.std(misses, ddof=1)) / len(misses) ** 0.5 / abs(slope)
        aside = half_width(error, len(misses))
        return centre - aside, centre + aside


def find(
    tried: Tried, misses: Misses, *, start: float, within: float, rounds: int, told: Callable[[Tried], None]
) -> tuple[float, bool]:
    """Tries values until the figure is met, the study file can write nothing between, or the rounds are used up.

    Args:
        tried: The range; what is tried is added to it.
        misses: The figures of values; called once a round.
        start: The setting as it is: of several answers the nearest to it is looked for.
        within: How near is near enough.
        rounds: At most so many.
        told: Called after each round.

    Returns:
        The value that misses by least in the bracket, and whether there is a bracket: without one nothing in the range meets
        what was asked.
    """
    waiting = [*(tried.low + (tried.high - tried.low) * place / (_FIRST - 1) for place in range(_FIRST)), start]
    while True:
        new = sorted({tried.as_written(value) for value in waiting} - tried.misses.keys())
        if new:
            tried.misses |= dict(zip(new, misses(new), strict=True))
            tried.rounds += 1
            told(tried)
        brackets = tried.brackets()
        if not brackets:
            nearest = tried.nearest()
            return nearest, abs(tried.mean(nearest)) <= within
        a, b = min(brackets, key=lambda one: abs((one[0] + one[1]) / 2 - start))
        best = tried.nearest([a, b])
        if not new or abs(tried.mean(best)) <= within or b - a <= tried.step or tried.rounds >= rounds:
            return best, True
        secant = a - tried.mean(a) * (b - a) / (tried.mean(b) - tried.mean(a))
        aside = max(_ASIDE * (b - a), tried.step)
        # The middle, too: where the figure bends, the secant alone comes nearer from one side only.
        waiting = [secant - aside, secant, secant + aside, (a + b) / 2]
