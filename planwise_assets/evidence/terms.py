"""Building blocks of a hazard surface: splines, their penalties, jumps.

Belongs here: columns and penalty matrices for values of age, service and year. Does not: which blocks a model has
(surface.py), fitting (penalized.py).

P-splines: cubic B-splines with a penalty on differences of neighbouring coefficients (Eilers and Marx 1996). Of each
penalty the null space is penalised too (Marra and Wood 2011), so that a term that the data do not need goes to zero as a
whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg
from scipy.interpolate import BSpline

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Whole = NDArray[np.int64]
_DEGREE = 3


def differences(size: int, order: int) -> Matrix:
    """Matrix of the differences of an order; (size - order) by size."""
    found: Matrix = np.diff(np.eye(size), order, axis=0)
    return found


def difference_penalty(size: int, order: int) -> Matrix:
    """Sum of the squared differences as a quadratic form: the penalty of Whittaker and Henderson, and of P-splines."""
    matrix = differences(size, order)
    found: Matrix = matrix.T @ matrix
    return found


def null_space_penalty(penalty: Matrix) -> Matrix:
    """Quadratic form of what a penalty leaves free."""
    values, vectors = linalg.eigh(penalty)
    free = vectors[:, values < values.max() * 1e-9]
    found: Matrix = free @ free.T
    return found


@dataclass(frozen=True)
class Spline:
    """Cubic B-splines over an axis.

    Attributes:
        knots: All knots with their repetitions left out: equally spaced beyond both ends.
        low: Smallest value seen; values below are taken as this.
        high: Largest value seen; values above are taken as this.
        logarithmic: Whether the axis is log(1 + value): service, whose first years differ most.
        centre: Columns that the raw ones are combined to, so that each sums to zero over what was seen.
    """

    knots: Vector
    low: float
    high: float
    logarithmic: bool
    centre: Matrix

    @classmethod
    def over(cls, values: ArrayLike, weights: ArrayLike, spacing: float, *, logarithmic: bool = False) -> Spline:
        """Splines over the values seen, with about one inner knot per `spacing`.

        Args:
            values: What was seen on the axis, in years.
            weights: People, one value for each of `values`; each column sums to zero under them.
            spacing: From knot to knot, about: years, or units of log(1 + years) on a logarithmic axis.
            logarithmic: Whether the axis is log(1 + value).
        """
        seen = np.asarray(values, float)
        low, high = float(seen.min()), float(seen.max())
        ends = np.log1p([low, high]) if logarithmic else np.array([low, high])
        pieces = max(1, round((ends[1] - ends[0]) / spacing))
        width = max((ends[1] - ends[0]) / pieces, 1e-9)
        knots = ends[0] + width * np.arange(-_DEGREE, pieces + _DEGREE + 1)
        raw = cls(knots, low, high, logarithmic, np.eye(pieces + _DEGREE))
        mean = np.asarray(weights, float) @ raw.columns(seen)
        # Householder: every column of the complement is orthogonal to the mean.
        complement = linalg.qr(mean[:, None])[0][:, 1:]
        return cls(knots, low, high, logarithmic, complement)

    def columns(self, values: ArrayLike) -> Matrix:
        """The basis at values; rows by columns."""
        held = np.clip(np.asarray(values, float), self.low, self.high)
        axis = np.log1p(held) if self.logarithmic else held
        # The last knot interval is closed on the right.
        axis = np.minimum(axis, np.nextafter(self.knots[-_DEGREE - 1], -np.inf))
        raw: Matrix = BSpline.design_matrix(axis, self.knots, _DEGREE).toarray()
        return raw @ self.centre

    def penalty(self, order: int = 2) -> Matrix:
        """Difference penalty on the combined columns."""
        raw = difference_penalty(len(self.centre), order)
        return self.centre.T @ raw @ self.centre


@dataclass(frozen=True)
class Jump:
    """A step of the hazard that no smooth curve follows.

    Attributes:
        axis: `age`, `service`, or `points`: age and service together, as in a rule of 80.
        at: The value where it is.
        onwards: Whether it holds from the value on, or at the value alone.
        since: Calendar year from which on it holds; None: always.
        service: It holds from so many completed years of service on: 55 with 25 years; None: for every service.
    """

    axis: str
    at: int
    onwards: bool = False
    since: int | None = None
    service: int | None = None

    def column(self, age: Whole, service: Whole, year: Whole) -> Vector:
        """1 where the jump is, else 0.

        Args:
            age: Years on 1 January, one value a row.
            service: Completed years on 1 January, one value a row.
            year: Calendar year, one value a row.

        Returns:
            One value a row.
        """
        values = {"age": age, "service": service, "points": age + service}[self.axis]
        is_there = values >= self.at if self.onwards else values == self.at
        if self.service is not None:
            is_there = is_there & (service >= self.service)
        if self.since is not None:
            is_there = is_there & (year >= self.since)
        return is_there.astype(float)

    def columns(self, age: Whole, service: Whole, year: Whole) -> Matrix:
        """The jump; and for a spike that was always there its slope along the other axis.

        Who must go at 65 goes whatever the service, though elsewhere service keeps people: the spike needs a slope of its
        own.

        Args:
            age: Years on 1 January, one value a row.
            service: Completed years on 1 January, one value a row.
            year: Calendar year, one value a row.

        Returns:
            Rows by `width` columns.
        """
        level = self.column(age, service, year)
        if self.width == 1:
            return level[:, None]
        other = np.log1p(service) - 2.0 if self.axis == "age" else (age - 45.0) / 10
        return np.stack([level, level * other], 1)

    @property
    def width(self) -> int:
        """How many columns it has."""
        return 1 if self.onwards or self.since is not None else 2

    def __str__(self) -> str:
        since = "" if self.since is None else f" since {self.since}"
        eligible = "" if self.service is None else f" with {self.service} years of service and more"
        return f"{self.axis} {self.at}{' and more' if self.onwards else ''}{eligible}{since}"


def tensor(first: Matrix, second: Matrix) -> Matrix:
    """Row by row products of two bases."""
    return (first[:, :, None] * second[:, None, :]).reshape(len(first), -1)


def tensor_penalties(first: Matrix, second: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    """Penalties of a tensor product: along either axis, and on what both leave free."""
    along_first = np.asarray(np.kron(first, np.eye(len(second))), np.float64)
    along_second = np.asarray(np.kron(np.eye(len(first)), second), np.float64)
    return along_first, along_second, null_space_penalty(along_first + along_second)
