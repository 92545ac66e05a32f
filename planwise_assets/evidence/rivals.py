"""What a surface is compared with: a flat rate, bands, the shipped defaults, a published table.

Belongs here: their expected exits. Does not: scoring (backtest.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from planwise_assets.evidence.bands import proportional_fit
from planwise_assets.evidence.experience import Experience
from planwise_assets.evidence.hazards import expected_exits
from planwise_assets.evidence.prior import Prior
from planwise_assets.study.bands import Band
from planwise_assets.study.sections.hazards import Hazards as Defaults

Vector = NDArray[np.float64]
# The edges that people use when nothing else is said: those of the shipped defaults, and five-year bands near retirement.
AGE_STARTS = (0, 25, 35, 45, 55, 60, 65, 70)
SERVICE_STARTS = (0, 1, 2, 3, 5, 10, 15, 20)


def flat_rate(seen: Experience, where: Experience) -> dict[str, Vector]:
    """Expected exits at the overall rate of each cause."""
    rates = {
        cause: np.full(len(where.age), float(seen.events[cause].sum()) / max(float(seen.person_years.sum()), 1e-9))
        for cause in seen.causes
    }
    return expected_exits(rates, where)


def banded_rates(seen: Experience, where: Experience) -> dict[str, Vector]:
    """Expected exits from bands of age and service by iterative proportional fitting, cause by cause."""
    rates = {}
    for cause in seen.causes:
        banded = proportional_fit(
            seen.age,
            seen.service,
            seen.events[cause],
            seen.person_years,
            age_starts=AGE_STARTS,
            service_starts=SERVICE_STARTS,
        )
        rates[cause] = banded.hazard(where.age, where.service)
    return expected_exits(rates, where)


def shipped_rates(where: Experience) -> dict[str, Vector]:
    """Hazards of the shipped defaults: `termination` for every exit but retirement, and `retirement`."""
    termination, retirement = shipped_grid()
    return {
        "termination": np.exp(termination.log_hazard(where.age, where.service)),
        "retirement": np.exp(retirement.log_hazard(where.age, where.service)),
    }


def shipped_grid() -> tuple[Prior, Prior]:
    """The shipped hazards by age and completed service: termination, and retirement."""
    defaults = Defaults()
    ages, services = np.arange(14, 101), np.arange(61)
    by_age = _at(ages, defaults.termination.age, [float(row.multiplier) for row in defaults.termination.age])
    by_service = _at(services, defaults.termination.tenure, [float(row.multiplier) for row in defaults.termination.tenure])
    base = -np.log1p(-float(defaults.termination.base.at(0)))
    retiring = _at(ages, defaults.retirement, [float(row.rate) for row in defaults.retirement])
    return (
        Prior("shipped", 14, 0, base * np.outer(by_age, by_service), "the shipped defaults of hazards.termination"),
        Prior("shipped", 14, 0, np.repeat(retiring[:, None], 61, 1), "the shipped defaults of hazards.retirement"),
    )


def shipped_promotions() -> Prior:
    """The shipped hazard of promotion at level 1 by age and completed service."""
    promotion = Defaults().promotion
    ages, services = np.arange(14, 101), np.arange(61)
    by_age = _at(ages, promotion.age, [float(row.multiplier) for row in promotion.age])
    by_service = _at(services, promotion.tenure, [float(row.multiplier) for row in promotion.tenure])
    base = -np.log1p(-float(promotion.base.at(0)))
    return Prior("shipped", 14, 0, base * np.outer(by_age, by_service), "the shipped defaults of hazards.promotion")


def _at(values: NDArray[np.int64], rows: Sequence[Band], found: Sequence[float]) -> Vector:
    starts = np.array([int(row.min) for row in rows])
    return np.asarray(found)[np.searchsorted(starts, values, side="right") - 1]
