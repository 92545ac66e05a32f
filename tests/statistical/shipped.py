"""The shipped hazards and opt-outs, written down once more from the table of defaults (not read from the product)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.statistical.worlds import Floats, Integers


@dataclass(frozen=True)
class Bands:
    """A step function of whole years, or dollars: `values[k]` from `starts[k]` on."""

    starts: tuple[int, ...]
    values: tuple[float, ...]

    def index(self, years: NDArray) -> Integers:
        """The band of each."""
        return (np.searchsorted(self.starts, years, side="right") - 1).astype(np.int64)

    def of(self, years: NDArray) -> Floats:
        """The value of each."""
        return np.array(self.values)[self.index(years)]

    def rows(self, name: str) -> list[dict[str, Any]]:
        """As a table of a study file."""
        ends = [*self.starts[1:], None]
        rows = zip(self.starts, ends, self.values, strict=True)
        return [{"min": low, "max": high, name: value} for low, high, value in rows]


TERMINATION_BASE = 0.085
TERMINATION_AGE = Bands((0, 25, 35, 45, 55), (1.6, 1.2, 1.0, 0.85, 0.80))
TERMINATION_TENURE = Bands((0, 1, 2, 3, 5, 10, 15, 20), (2.5, 2.05, 1.7, 1.4, 1.0, 0.6, 0.4, 0.3))
RETIREMENT = Bands((0, 55, 60, 62, 65, 70), (0.0, 0.015, 0.04, 0.08, 0.15, 0.20))
PROMOTION_BASE = 0.10
PROMOTION_AGE = Bands((0, 25, 35, 45, 55, 65), (1.4, 1.25, 1.0, 0.75, 0.45, 0.2))
PROMOTION_TENURE = Bands((0, 1, 5, 10, 20), (0.0, 1.3, 1.0, 0.7, 0.4))
PROMOTION_LEVEL = Bands((1, 2, 3, 4, 5), (1.0, 0.9, 0.8, 0.35, 0.0))
HIRE_AGES = Bands((18, 25, 35, 45, 55, 65, 70), (0.20, 0.34, 0.21, 0.15, 0.08, 0.02, 0.0))
#: Who declines automatic enrolment: probability by age, multiplier by yearly pay in dollars.
OPT_OUT_AGE = Bands((0, 25, 45, 55, 65), (0.10, 0.08, 0.07, 0.08, 0.12))
OPT_OUT_PAY = Bands((0, 30_000, 50_000, 75_000, 100_000, 150_000), (1.8, 1.3, 1.0, 0.8, 0.7, 0.5))
ACTIVE_CHOICE_SHARE = 0.25
MERIT_MONTHS = {2: 0.10, 3: 0.45, 4: 0.35, 7: 0.10}
#: First pay of each level's band in the first simulation year, and its end.
PAY_BANDS = {1: (30_000, 65_000), 2: (65_000, 100_000), 3: (100_000, 150_000), 4: (150_000, 250_000), 5: (250_000, 600_000)}


def termination_rate(age: NDArray, tenure: NDArray) -> Floats:
    """The yearly rate of leaving for another reason than retirement, at any level."""
    return -np.log1p(-TERMINATION_BASE) * TERMINATION_AGE.of(age) * TERMINATION_TENURE.of(tenure)


def exit_rate(age: NDArray, tenure: NDArray) -> Floats:
    """The yearly rate of leaving for any reason."""
    return termination_rate(age, tenure) + RETIREMENT.of(age)


def promotion_probability(age: NDArray, tenure: NDArray, level: NDArray) -> Floats:
    """The yearly probability of moving up a level."""
    multiplier = PROMOTION_AGE.of(age) * PROMOTION_TENURE.of(tenure) * PROMOTION_LEVEL.of(level)
    return -np.expm1(np.log1p(-PROMOTION_BASE) * multiplier)
