"""The design of a hazard model: columns over a grid of cells, and groups that multiply it.

Belongs here: products with a design that is never written out whole. Does not: what the columns are (terms.py), fitting
(penalized.py).

A row is a cell of age, service and year crossed with levels and groups. Its smooth columns depend on age, service and year
alone, so they are kept once per such triple; a group is one column of ones and zeros per member, kept as a number per row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Whole = NDArray[np.int64]


def summed(places: Whole, values: Vector, size: int = 0) -> Vector:
    """Values summed by place.

    Args:
        places: Where each value belongs, from 0.
        values: What is summed, one value for each of `places`.
        size: The sums have at least so many places.

    Returns:
        One sum a place; 0 where nothing belongs.
    """
    found: Vector = np.bincount(places, values, size).astype(np.float64)
    return found


@dataclass(frozen=True)
class Design:
    """Rows by columns: the columns of the grid first, then one per member of each group.

    Attributes:
        grid: Triples by columns.
        place: The triple of each row.
        groups: For each group the member of each row, and how many members there are.
    """

    grid: Matrix
    place: Whole
    groups: Sequence[tuple[Whole, int]] = ()

    @property
    def columns(self) -> int:
        """How many coefficients."""
        return int(self.grid.shape[1]) + sum(count for _, count in self.groups)

    def times(self, coefficients: Vector) -> Vector:
        """The linear predictor of each row."""
        start = self.grid.shape[1]
        values = (self.grid @ coefficients[:start])[self.place]
        for codes, count in self.groups:
            # A member that was not seen has code -1, and no effect.
            values = values + np.append(coefficients[start : start + count], 0.0)[codes]
            start += count
        return values

    def transposed_times(self, values: Vector) -> Vector:
        """Columns summed over the rows with these weights."""
        parts = [self.grid.T @ self.by_triple(values)]
        parts += [summed(codes, values, count) for codes, count in self.groups]
        return np.concatenate(parts)

    def gram(self, weights: Vector) -> Matrix:
        """X'WX."""
        return np.concatenate(
            [self.cross(weights, self.grid), *(self._members(weights, *group) for group in self.groups)], 1
        )

    def cross(self, weights: Vector, other: Matrix) -> Matrix:
        """X'W times further columns of the grid; columns by further columns."""
        parts = [self.grid.T @ (self.by_triple(weights)[:, None] * other)]
        parts += [self._by_member(weights, codes, count).T @ other for codes, count in self.groups]
        return np.concatenate(parts, 0)

    def _members(self, weights: Vector, codes: Whole, count: int) -> Matrix:
        """X'W times the columns of one group."""
        parts = [self.grid.T @ self._by_member(weights, codes, count)]
        for others, size in self.groups:
            pairs = summed(others * count + codes, weights, size * count)
            parts.append(pairs.reshape(size, count))
        return np.concatenate(parts, 0)

    def by_triple(self, values: Vector) -> Vector:
        """Values summed over the rows of each triple."""
        return summed(self.place, values, len(self.grid))

    def _by_member(self, weights: Vector, codes: Whole, count: int) -> Matrix:
        return summed(self.place * count + codes, weights, len(self.grid) * count).reshape(len(self.grid), count)
