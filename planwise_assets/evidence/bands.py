"""Bands: the multiplicative form that a study file has, fitted by iterative proportional fitting, and how to choose them.

Belongs here: bands of an axis, their multipliers, joining neighbours. Does not: YAML (study_section.py), surfaces
(surface.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planwise_assets.evidence.scores import deviance

Vector = NDArray[np.float64]
Whole = NDArray[np.int64]
_ROUNDS, _CLOSE = 500, 1e-10


@dataclass(frozen=True)
class Banded:
    """Hazards that are a product of a factor by age band and one by service band.

    Attributes:
        age_starts: First age of each band; the first one is 0.
        service_starts: First completed year of each band; the first one is 0.
        age: Factor of each age band.
        service: Factor of each service band; the one of the reference band is 1.
    """

    age_starts: tuple[int, ...]
    service_starts: tuple[int, ...]
    age: Vector
    service: Vector

    def hazard(self, age: Whole, service: Whole) -> Vector:
        """The yearly hazard in cells."""
        found: Vector = self.age[band_of(self.age_starts, age)] * self.service[band_of(self.service_starts, service)]
        return found


def band_of(starts: Sequence[int], values: Whole) -> Whole:
    """The band of each value."""
    return np.searchsorted(np.asarray(starts), values, side="right") - 1


def proportional_fit(
    age: Whole,
    service: Whole,
    events: Vector,
    exposure: Vector,
    *,
    age_starts: Sequence[int],
    service_starts: Sequence[int],
) -> Banded:
    """Factors whose expected exits have the margins of the actual ones: the maximum of the Poisson likelihood.

    Iterative proportional fitting (Deming and Stephan 1940). A band without exposure has factor 1 of the overall rate; one
    without exits has factor 0.

    Args:
        age: Years on 1 January, one value a cell.
        service: Completed years on 1 January, one value a cell.
        events: Exits of each cell.
        exposure: Person-years of each cell (times what a hazard is multiplied by there for other reasons).
        age_starts: First age of each band, rising; none of `age` is below the first.
        service_starts: First completed year of each band, rising; none of `service` is below the first.

    Returns:
        Yearly hazards.
    """
    rows, columns = band_of(age_starts, age), band_of(service_starts, service)
    shape = (len(age_starts), len(service_starts))
    flat = rows * shape[1] + columns
    actual = np.bincount(flat, events, shape[0] * shape[1]).reshape(shape)
    at_risk = np.bincount(flat, exposure, shape[0] * shape[1]).reshape(shape)
    rate = actual.sum() / max(at_risk.sum(), 1e-12)
    by_age, by_service = np.full(shape[0], rate), np.ones(shape[1])
    for _ in range(_ROUNDS):
        before = by_age.copy()
        by_age = _matched(actual.sum(1), at_risk @ by_service, by_age)
        by_service = _matched(actual.sum(0), by_age @ at_risk, by_service)
        if np.max(np.abs(by_age - before)) <= _CLOSE * rate:
            break
    return Banded(tuple(age_starts), tuple(service_starts), by_age, by_service)


def _matched(actual: Vector, expected_without: Vector, factors: Vector) -> Vector:
    return np.where(expected_without > 0, actual / np.maximum(expected_without, 1e-300), factors)


def joined_bands(
    values: Whole, events: Vector, expected: Vector, *, most: int, loss: float, first: int | None = None
) -> tuple[int, ...]:
    """Bands of an axis, by joining neighbours while that loses little.

    Args:
        values: The axis in cells.
        events: Exits in the cells, or what a surface expects of them.
        expected: What is expected without a factor of this axis.
        most: At most so many bands.
        loss: Deviance that joining a pair may cost once there are few enough.
        first: Start of the first band; by default the smallest value.

    Returns:
        The start of each band.
    """
    starts = [int(value) for value in np.unique(values[expected > 0])]
    if first is not None and starts:
        starts[0] = first
    actual = [float(events[band_of(starts, values) == band].sum()) for band in range(len(starts))]
    without = [float(expected[band_of(starts, values) == band].sum()) for band in range(len(starts))]
    while len(starts) > 1:
        losses = [_loss(actual[at : at + 2], without[at : at + 2]) for at in range(len(starts) - 1)]
        best = int(np.argmin(losses))
        if losses[best] > loss and len(starts) <= most:
            break
        del starts[best + 1]
        actual[best : best + 2] = [sum(actual[best : best + 2])]
        without[best : best + 2] = [sum(without[best : best + 2])]
    return tuple(starts)


def _loss(actual: Sequence[float], without: Sequence[float]) -> float:
    """Deviance of one rate for two neighbours."""
    rate = sum(actual) / max(sum(without), 1e-12)
    own, base = np.asarray(actual), np.asarray(without)
    return deviance(own, np.maximum(base * rate, 1e-9)) - deviance(own, np.maximum(own, 1e-9))
