"""An untuned smooth surface: Whittaker and Henderson's graduation in two dimensions with a smoothing that is given.

Belongs here: the yardstick that a tuned surface must beat, from its definition and without a line of the room that it
judges. Does not: fitting that the commands use.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import spsolve

from planwise_assets.evidence.experience import Experience

Vector = NDArray[np.float64]
_LARGEST_STEP, _CLOSE, _ROUNDS = 2.0, 1e-6, 60


def graduated(seen: Experience, where: Experience, *, smoothing: float = 10.0) -> Vector:
    """Yearly hazards: the maximum of the Poisson likelihood less `smoothing` / 2 times the squared second differences.

    Args:
        seen: The cells, of one cause.
        where: Cells to tell; beyond those seen the nearest edge holds.
        smoothing: The same along age and along service.

    Returns:
        One hazard a cell of `where`.
    """
    first, last, longest = int(seen.age.min()), int(seen.age.max()), int(seen.service.max())
    ages, services = last - first + 1, longest + 1
    cell = (seen.age - first) * services + seen.service
    exits = np.bincount(cell, seen.exits, ages * services)
    exposure = np.bincount(cell, seen.person_years, ages * services)
    along_age, along_service = (_roughness(size) for size in (ages, services))
    rough = sparse.kron(along_age, sparse.eye(services)) + sparse.kron(sparse.eye(ages), along_service)
    penalty = smoothing * rough + 1e-6 * sparse.eye(ages * services)
    log_hazard = np.full(ages * services, np.log(exits.sum() / exposure.sum()))
    for _ in range(_ROUNDS):
        expected = exposure * np.exp(log_hazard)
        step = spsolve((sparse.diags(expected) + penalty).tocsc(), exits - expected - penalty @ log_hazard)
        log_hazard += np.clip(step, -_LARGEST_STEP, _LARGEST_STEP)
        if np.abs(step).max() < _CLOSE:
            break
    found: Vector = np.exp(
        log_hazard[(np.clip(where.age, first, last) - first) * services + np.clip(where.service, 0, longest)]
    )
    return found


def _roughness(size: int) -> sparse.csr_matrix:
    second = sparse.csr_matrix(np.diff(np.eye(size), 2, axis=0))
    return second.T @ second
