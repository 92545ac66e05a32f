"""What a hazard is drawn to where the history says little.

Belongs here: a prior hazard by age and service. Does not: reading published tables (published.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Prior:
    """Hazards on a grid of age and completed service.

    Attributes:
        name: What people call it.
        first_age: Age of the first row; ages outside the rows have no value and take the nearest row's.
        first_service: Completed years of the first column.
        hazards: Yearly hazards; ages by years of service.
        citation: Where it comes from, with its conventions.
    """

    name: str
    first_age: int
    first_service: int
    hazards: NDArray[np.float64]
    citation: str = ""

    def log_hazard(self, age: NDArray[np.int64], service: NDArray[np.int64]) -> Vector:
        """Log of the hazard in cells; outside the grid that of its nearest edge."""
        rows, columns = self.hazards.shape
        row = np.clip(age - self.first_age, 0, rows - 1)
        column = np.clip(service - self.first_service, 0, columns - 1)
        found: Vector = np.log(np.maximum(self.hazards[row, column], 1e-6))
        return found
