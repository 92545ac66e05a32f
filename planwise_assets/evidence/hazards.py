"""The hazards of all causes together.

Belongs here: fitting every cause, with the others beside it; expected exits of cells. Does not: one surface (surface.py),
the study file (study_section.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from planwise_assets.evidence.experience import Experience
from planwise_assets.evidence.jumps import find_jumps, needed
from planwise_assets.evidence.prior import Prior
from planwise_assets.evidence.surface import Shape, Surface, fit_surface

Vector = NDArray[np.float64]
# Fewer exits of a cause than this give no surface: its overall rate is all that can be said.
FEWEST_EXITS = 20
_SWEEPS = 2


@dataclass(frozen=True)
class Hazards:
    """The hazard of each cause.

    Attributes:
        surfaces: By cause.
        flat: Yearly rate of the causes with too few exits for a surface.
        flat_errors: Standard error of the log of each of those rates.
    """

    surfaces: Mapping[str, Surface]
    flat: Mapping[str, float]
    flat_errors: Mapping[str, float]

    def drifting(self, causes: Collection[str]) -> Hazards:
        """The same hazards, with some that go on as their years went on average."""
        surfaces = {
            cause: replace(surface, shape=replace(surface.shape, drift=cause in causes))
            for cause, surface in self.surfaces.items()
        }
        return replace(self, surfaces=surfaces)

    def rates(self, where: Experience) -> dict[str, Vector]:
        """The yearly hazard of each cause in each cell."""
        found = {cause: np.exp(surface.log_hazard(where)[0]) for cause, surface in self.surfaces.items()}
        return found | {cause: np.full(len(where.age), rate) for cause, rate in self.flat.items()}

    def expected(self, where: Experience) -> dict[str, Vector]:
        """Expected exits of each cause among the people of each cell: `people x l_k / l x (1 - exp(-l t))`."""
        return expected_exits(self.rates(where), where)

    def variances(self, where: Experience) -> dict[str, tuple[Vector, NDArray[np.float64]]]:
        """What the error of the rates does to expected exits.

        Returns:
            By cause: the standard deviation that years to come add, the same luck for all cells; and rows whose sum over
            any cells, squared and summed, is the variance of their expected exits (delta method).
        """
        rates = self.rates(where)
        total = np.sum(list(rates.values()), axis=0)
        found = {}
        for cause, surface in self.surfaces.items():
            share = rates[cause] / total
            lasting = total * where.duration
            slope = where.people * share * ((1 - share) * -np.expm1(-lasting) + share * lasting * np.exp(-lasting))
            root = np.linalg.cholesky(surface.fitted.covariance)
            found[cause] = (slope * np.sqrt(surface.walked(where)), slope[:, None] * (surface.rows(where) @ root))
        for cause, error in self.flat_errors.items():
            found[cause] = (np.zeros(len(where.age)), (where.people * rates[cause] * error)[:, None])
        return found


def expected_exits(rates: Mapping[str, Vector], where: Experience) -> dict[str, Vector]:
    """Expected exits by cause, for hazards that compete and are constant over the year."""
    total = np.sum(list(rates.values()), axis=0) if rates else np.zeros(len(where.age))
    leaving = where.people * -np.expm1(-total * where.duration) / np.maximum(total, 1e-12)
    return {cause: rate * leaving for cause, rate in rates.items()}


def fit_hazards(
    seen: Experience,
    *,
    groups: Sequence[str] = (),
    priors: Mapping[str, Prior] | None = None,
    is_central: bool = False,
    interaction: bool = True,
    jumps: bool = True,
    years: bool = True,
    shapes: Mapping[str, Shape] | None = None,
) -> Hazards:
    """Fits a surface to each cause.

    Args:
        seen: The cells.
        groups: Groups that get effects.
        priors: What a cause is drawn to; by cause.
        is_central: Fit on person-years in place of the people of 1 January.
        interaction: Whether age and service may act together.
        jumps: Whether jumps are looked for.
        years: Whether calendar years have effects.
        shapes: Columns of a cause's surface that are known already; its jumps are not looked for.
    """
    # A prior is a surface already: the data may be as few as they are.
    enough = [cause for cause in seen.causes if seen.events[cause].sum() >= FEWEST_EXITS or cause in (priors or {})]
    time = max(float(seen.person_years.sum()), 1e-9)
    flat = {cause: float(seen.events[cause].sum()) / time for cause in seen.causes if cause not in enough}
    rates = {cause: np.full(len(seen.age), float(seen.events[cause].sum()) / time) for cause in seen.causes}
    surfaces: dict[str, Surface] = {}
    for _ in range(1 if is_central or len(enough) < 2 else _SWEEPS):
        for cause in enough:
            others = np.sum([rate for name, rate in rates.items() if name != cause], axis=0) + np.zeros(len(seen.age))
            prior = (priors or {}).get(cause)
            if cause in surfaces:
                surface = fit_surface(
                    seen, cause, surfaces[cause].shape, groups=groups, prior=prior, other_hazard=others,
                    is_central=is_central, start=surfaces[cause],
                )  # fmt: skip
            else:
                shape = (shapes or {}).get(cause) or Shape.of(seen, interaction=interaction, years=years)
                if jumps and cause not in (shapes or {}):
                    found = find_jumps(seen, cause, prior=prior, other_hazard=others, is_central=is_central)
                    shape = replace(shape, jumps=found)
                surface = _pruned(seen, cause, shape, groups=groups, prior=prior, others=others, is_central=is_central)
            surfaces[cause] = surface
            rates[cause] = np.exp(surface.log_hazard(seen)[0])
    return Hazards(surfaces, flat, {cause: 1 / np.sqrt(max(float(seen.events[cause].sum()), 0.5)) for cause in flat})


def _pruned(
    seen: Experience,
    cause: str,
    shape: Shape,
    *,
    groups: Sequence[str],
    prior: Prior | None,
    others: Vector,
    is_central: bool,
) -> Surface:
    """A surface with those jumps alone that it needs."""
    while True:
        surface = fit_surface(seen, cause, shape, groups=groups, prior=prior, other_hazard=others, is_central=is_central)
        kept = needed(surface)
        if len(kept) == len(shape.jumps):
            return surface
        shape = replace(shape, jumps=kept)
