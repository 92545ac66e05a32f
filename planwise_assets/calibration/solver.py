"""The search for settings that meet targets: rounds of trials, a linear model of what was seen, steps within bounds.

Belongs here: numbers in, numbers out. Does not: what they are of (question.py), how they are tried (trials.py).

A round tries several points at once, since worlds of one study cost less together. The first round tries the start and a
step along each axis. From then on the nearest points seen give a linear model of the figures (a secant model of several
variables), whose least-squares solution within the bounds and a region of trust is tried next: Gauss-Newton without
derivatives. When a step brings less than half of what the model promised, the region shrinks and the next round looks along
each axis again, nearer. Futures are paired (the same seeds throughout), so that figures are a function of the settings.

Source: Cartis, C., Roberts, L. (2019), A derivative-free Gauss-Newton method, Mathematical Programming Computation 11,
631-674, in a form that evaluates in parallel.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import lsq_linear

Vector: TypeAlias = NDArray[np.float64]
#: Figures of several points at once, a row a point.
Evaluate = Callable[[Sequence[Vector]], Sequence[Vector]]

#: The first steps along each axis, and the first region of trust: shares of the span between the bounds.
_FIRST_STEP, _FIRST_TRUST = 0.05, 0.5
_LEAST_GAIN = 0.5
_WORTH_A_ROUND = 0.001
#: By how much of itself a slope may change over the whole span, as the model weighs what it saw.
_CURVATURE = 0.5
#: Weighted figures that change by less over the whole span show no slope.
_SILENT = 1e-9


@dataclass(frozen=True)
class Box:
    """Where the search may go.

    Attributes:
        low: Lowest values.
        high: Highest values.
        start: Where it begins.
        step: The smallest difference along each axis; points are multiples of it from the lowest value.
    """

    low: Vector
    high: Vector
    start: Vector
    step: Vector

    @property
    def span(self) -> Vector:
        """The distance between the bounds."""
        return self.high - self.low

    def nearest(self, point: Vector) -> Vector:
        """The nearest point that the search may try."""
        inside = np.clip(point, self.low, self.high)
        # Away from zero, so that a setting's own decimals stay as they would be written.
        return np.clip(np.round(inside / self.step) * self.step, self.low, self.high)


@dataclass(frozen=True)
class Goal:
    """What is to be met.

    Attributes:
        values: The targets.
        within: How near is near enough.
        weight: By which distances are divided before they are squared and added.
    """

    values: Vector
    within: Vector
    weight: Vector

    def loss(self, figures: Vector) -> float:
        """The sum of squared weighted distances."""
        return float(np.sum(((figures - self.values) / self.weight) ** 2))

    def is_met(self, figures: Vector) -> bool:
        """Whether every figure is near enough."""
        return bool(np.all(np.abs(figures - self.values) <= self.within))


@dataclass
class Seen:
    """All points that were tried, with their figures, and in how many rounds."""

    box: Box
    points: list[Vector] = field(default_factory=list)
    figures: list[Vector] = field(default_factory=list)
    rounds: int = 0

    def has(self, point: Vector) -> bool:
        """Whether a point was tried."""
        return _is_among(point, self.points)

    def at(self, point: Vector) -> Vector:
        """The figures of a point that was tried."""
        return next(figures for one, figures in zip(self.points, self.figures, strict=True) if np.array_equal(one, point))

    def best(self, goal: Goal) -> int:
        """The number of the point with the smallest loss; of equals the one at most bounds, so that what holds shows."""

        def order(number: int) -> tuple[float, int, int]:
            point = self.points[number]
            at_bounds = np.sum((point <= self.box.low) | (point >= self.box.high))
            return goal.loss(self.figures[number]), -int(at_bounds), number

        return min(range(len(self.points)), key=order)


def search(box: Box, goal: Goal, evaluate: Evaluate, *, rounds: int, told: Callable[[Seen], None] = lambda _: None) -> Seen:
    """Tries points until the targets are met, no better point can be named, or the rounds are used up.

    Args:
        box: Where it may go.
        goal: What is to be met.
        evaluate: The figures of points; called once a round.
        rounds: At most so many.
        told: Called after each round.

    Returns:
        Everything that was tried.
    """
    seen = Seen(box)
    trust, look = _FIRST_TRUST, np.full(len(box.low), _FIRST_STEP)
    start = box.nearest(box.start)
    waiting = [start, *_along_the_axes(box, start, look)]
    promised = before = np.inf
    was_flat = False
    sent: tuple[Vector, Vector] | None = None
    while waiting and seen.rounds < rounds:
        seen.points += waiting
        seen.figures += [np.asarray(one, dtype=float) for one in evaluate(waiting)]
        seen.rounds += 1
        told(seen)
        best = seen.best(goal)
        now = goal.loss(seen.figures[best])
        if goal.is_met(seen.figures[best]):
            break
        if sent and (further := _beyond_the_step(box, goal, seen, *sent)) is not None:
            sent, waiting = (sent[0], further), [further]
            continue
        is_poor = seen.rounds > 1 and before - now < _LEAST_GAIN * (before - promised)
        trust = trust / 4 if is_poor else min(2 * trust, 1.0) if seen.rounds > 1 else trust
        before = now
        slopes = _slopes(box, goal, seen)
        step, promised = _proposed(box, goal, seen, slopes, trust)
        aim = box.nearest(seen.points[best] + step)
        waiting = [] if seen.has(aim) else [aim]
        sent = (seen.points[best], aim) if waiting and promised < (1 - _WORTH_A_ROUND) * now else None
        silent = (np.abs(slopes).max(axis=0) < _SILENT) & (look < 1)
        # The model sees nothing to gain, as where a bound holds: once along the axes, in case that it is wrong.
        is_flat = now - promised < _WORTH_A_ROUND * now
        if is_flat and was_flat and not silent.any():
            break
        was_flat = is_flat
        if silent.any():
            # A figure that moves in whole heads shows no slope within a step: further along that axis.
            look = np.where(silent, np.minimum(4 * look, 1), look)
            waiting += _along_the_axes(box, seen.points[best], np.where(silent, look, 0))
        elif is_poor or is_flat or not waiting:
            look = look / 4
            waiting += _along_the_axes(box, seen.points[best], look)
        if is_poor:
            waiting += _between(box, goal, seen)
        waiting = [point for number, point in enumerate(waiting) if not _is_among(point, [*seen.points, *waiting[:number]])]
    return seen


def _beyond_the_step(box: Box, goal: Goal, seen: Seen, origin: Vector, aim: Vector) -> Vector | None:
    """Twice as far from where the aim was taken, if no figure that was missed there has moved at all.

    A figure that moves in steps, such as the share of few people, has not moved yet: the aim was right and too near.
    """
    there, then = seen.at(aim), seen.at(origin)
    missed = np.abs(then - goal.values) > goal.within
    further = box.nearest(origin + 2 * (aim - origin))
    return None if np.any(there[missed] != then[missed]) or seen.has(further) else further


def _is_among(point: Vector, points: Sequence[Vector]) -> bool:
    return any(np.array_equal(point, one) for one in points)


def _along_the_axes(box: Box, point: Vector, shares: Vector) -> list[Vector]:
    """A step of a share of the span along each axis, to the side where there is more room; none where the share is none."""
    found = []
    for axis in np.flatnonzero(shares * box.span >= box.step / 2):
        aside = point.copy()
        up = box.high[axis] - point[axis] >= point[axis] - box.low[axis]
        aside[axis] += shares[axis] * box.span[axis] * (1 if up else -1)
        found.append(box.nearest(aside))
    return found


def _slopes(box: Box, goal: Goal, seen: Seen) -> NDArray[np.float64]:
    """The slope of each weighted figure along each axis, per span, by weighted least squares from the best point.

    A difference errs by the curvature, which grows with the square of the distance, and by the smallest step of a figure
    that moves in steps, such as heads: for a smooth figure near points count, for whole heads those that are far enough.
    """
    best = seen.best(goal)
    moves = (np.asarray(seen.points) - seen.points[best]) / box.span
    changes = (np.asarray(seen.figures) - seen.figures[best]) / goal.weight
    distance = np.linalg.norm(moves, axis=1)
    others = distance > 0
    moves, changes, distance = moves[others], changes[others], distance[others]
    curvature = _CURVATURE * np.median(np.abs(changes) / distance[:, None], axis=0) * distance[:, None] ** 2
    weights = 1 / np.hypot(curvature, goal.within / goal.weight)
    return np.array(
        [
            np.linalg.lstsq(moves * weights[:, [figure]], changes[:, figure] * weights[:, figure], rcond=1e-10)[0]
            for figure in range(len(goal.values))
        ]
    )


def _between(box: Box, goal: Goal, seen: Seen) -> list[Vector]:
    """For each figure that is missed, the middle of the best point and the nearest that misses it to the other side."""
    best = seen.best(goal)
    missing = np.asarray(seen.figures) - goal.values
    distance = np.linalg.norm((np.asarray(seen.points) - seen.points[best]) / box.span, axis=1)
    found = []
    for figure in np.flatnonzero(np.abs(missing[best]) > goal.within):
        beyond = np.flatnonzero(missing[:, figure] * missing[best, figure] < 0)
        if len(beyond):
            other = beyond[np.argmin(distance[beyond])]
            found.append(box.nearest((seen.points[best] + seen.points[other]) / 2))
    return found


def _proposed(box: Box, goal: Goal, seen: Seen, slopes: NDArray[np.float64], trust: float) -> tuple[Vector, float]:
    """The step from the best point that the linear model prefers, and the loss that it promises."""
    best = seen.best(goal)
    missing = (seen.figures[best] - goal.values) / goal.weight
    room_down = np.maximum((box.low - seen.points[best]) / box.span, -trust)
    room_up = np.minimum((box.high - seen.points[best]) / box.span, trust)
    found = lsq_linear(slopes, -missing, bounds=(room_down, np.maximum(room_up, room_down + 1e-12)), tol=1e-14)
    return found.x * box.span, float(np.sum((slopes @ found.x + missing) ** 2))
