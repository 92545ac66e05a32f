"""Morris's design: walks through a grid that change one factor a step, and what each step does to a figure.

Belongs here: numbers in, numbers out. Does not: what the factors are (screen.py).

Each factor goes from 0 (its low) to 1 (its high) on a grid of four levels. A walk starts anywhere and changes each factor
once, in an order of its own, by two thirds of the range. What the figure moves by then, per whole range, is an *elementary
effect*: over several walks the mean of its size says how much a factor matters, its standard deviation whether that depends
on the others.

Sources: Morris, M. D. (1991), Factorial Sampling Plans for Preliminary Computational Experiments, Technometrics 33, 161-174;
Campolongo, F., Cariboni, J., Saltelli, A. (2007), An effective screening design for sensitivity analysis of large models,
Environmental Modelling & Software 22, 1509-1518 (the mean of sizes).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Vector: TypeAlias = NDArray[np.float64]
_LEVELS = 4
#: With four levels, half of them further and past the middle: p / (2 (p - 1)) of Morris.
STEP = _LEVELS / (2 * (_LEVELS - 1))


@dataclass(frozen=True)
class Walk:
    """One walk.

    Attributes:
        points: One more than there are factors, a row each.
        changed: The factor that each step changes.
        sign: 1 where it rises, -1 where it falls.
    """

    points: Vector
    changed: Sequence[int]
    sign: Sequence[int]


@dataclass(frozen=True)
class Effect:
    """What a factor does to a figure over its whole range, in the figure's unit.

    Attributes:
        size: Mean of the absolute effects.
        mean: Mean of the effects; as large as `size` when all have one sign.
        spread: Standard deviation of the effects: 0 where the others do not matter to it; None of one walk.
        error: Standard error of `size`; None of one walk.
    """

    size: float
    mean: float
    spread: float | None
    error: float | None


def walk(factors: int, draws: np.random.Generator) -> Walk:
    """A walk of its own.

    Args:
        factors: How many.
        draws: Where it gets its start and its order from.
    """
    point = draws.integers(0, _LEVELS, factors) / (_LEVELS - 1)
    order = [int(factor) for factor in draws.permutation(factors)]
    points, signs = [point], []
    for factor in order:
        sign = 1 if point[factor] < 0.5 else -1
        point = point.copy()
        point[factor] += sign * STEP
        points.append(point)
        signs.append(sign)
    return Walk(np.clip(np.array(points), 0, 1), order, signs)


def effects(walks: Sequence[Walk], figures: Sequence[Sequence[float]]) -> list[Effect]:
    """What each factor does.

    Args:
        walks: The walks.
        figures: Of each walk the figure at each of its points.
    """
    found: list[list[float]] = [[] for _ in walks[0].changed]
    for one, values in zip(walks, figures, strict=True):
        for step, (factor, sign) in enumerate(zip(one.changed, one.sign, strict=True)):
            found[factor].append(sign * (values[step + 1] - values[step]) / STEP)
    return [_effect(each) for each in found]


def _effect(each: Sequence[float]) -> Effect:
    sizes = np.abs(each)
    if len(each) == 1:
        return Effect(float(sizes[0]), float(each[0]), None, None)
    return Effect(
        float(np.mean(sizes)),
        float(np.mean(each)),
        float(np.std(each, ddof=1)),
        float(np.std(sizes, ddof=1)) / math.sqrt(len(each)),
    )
