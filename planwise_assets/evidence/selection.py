"""Which groups a fit should have: those that would have told better what came.

Belongs here: rolling origins inside the fitted years. Does not: backtests of a finished fit (backtest.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import special

from planwise_assets.evidence.experience import Experience
from planwise_assets.evidence.hazards import Hazards, fit_hazards
from planwise_assets.evidence.prior import Prior
from planwise_assets.evidence.surface import Shape

Vector = NDArray[np.float64]
_ORIGINS = 2
_FEWEST_YEARS = 4
# In log-likelihood.
_CLEARLY = 3.0


def choose_groups(seen: Experience, candidates: Sequence[str], *, priors: Mapping[str, Prior] | None = None) -> list[str]:
    """Adds groups one after the other while the years held out inside the data are told better.

    Each of the last two years is scored by a fit of those before it: the log-likelihood of who left by which cause. A
    group enters if the sum over the years rises, and rises in each of them.

    Args:
        seen: The cells of all fitted years.
        candidates: Names of its groups.
        priors: What a cause is drawn to, by cause.

    Returns:
        The groups chosen, in the order that they were; none where there are too few years to hold any out.
    """
    if len(seen.years) < _FEWEST_YEARS or not candidates:
        return []
    chosen: list[str] = []
    best, shapes = _scores(seen, chosen, priors, None)
    while len(chosen) < len(candidates):
        tried = {name: _scores(seen, [*chosen, name], priors, shapes)[0] for name in candidates if name not in chosen}
        name = max(tried, key=lambda candidate: float(tried[candidate].sum()))
        if not np.all(tried[name] > best):
            break
        chosen, best = [*chosen, name], tried[name]
    return chosen


def choose_drifts(seen: Experience, groups: Sequence[str], *, priors: Mapping[str, Prior] | None = None) -> list[str]:
    """Causes whose trend of the years would have told each of the last years better than standing still, and clearly so.

    A trend is carried on only on this evidence: a step between two years looks like one, too.

    Args:
        seen: The cells of all fitted years.
        groups: Names of the groups that get effects.
        priors: What a cause is drawn to, by cause.

    Returns:
        The causes; none where there are too few years to hold any out.
    """
    if len(seen.years) < _FEWEST_YEARS + _ORIGINS:
        return []
    gains: dict[str, list[float]] = {}
    for year in seen.years[-_ORIGINS - 1 :]:
        hazards = fit_hazards(
            seen.in_years([earlier for earlier in seen.years if earlier < year]), groups=groups, priors=priors
        )
        new = seen.in_years([year])
        still, moving = hazards.expected(new), hazards.drifting(hazards.surfaces).expected(new)
        for cause in hazards.surfaces:
            gain = _poisson(new.events[cause], moving[cause]) - _poisson(new.events[cause], still[cause])
            gains.setdefault(cause, []).append(gain)
    return [cause for cause, gained in gains.items() if min(gained) > 0 and sum(gained) > _CLEARLY]


def _poisson(exits: Vector, expected: Vector) -> float:
    return float(np.sum(special.xlogy(exits, np.maximum(expected, 1e-9)) - expected))


Shapes = list[dict[str, Shape]]


def _scores(
    seen: Experience, groups: Sequence[str], priors: Mapping[str, Prior] | None, shapes: Shapes | None
) -> tuple[Vector, Shapes]:
    """The log-likelihood of each year held out, and the columns of each fit: groups do not move the jumps."""
    found, used = [], []
    for place, year in enumerate(seen.years[-_ORIGINS:]):
        before = seen.in_years([earlier for earlier in seen.years if earlier < year])
        hazards = fit_hazards(before, groups=groups, priors=priors, shapes=shapes[place] if shapes else None)
        found.append(log_likelihood(hazards, seen.in_years([year])))
        used.append({cause: surface.shape for cause, surface in hazards.surfaces.items()})
    return np.array(found), used


def log_likelihood(hazards: Hazards, new: Experience) -> float:
    """Log-likelihood of new exits, causes told apart; a cause that was never seen is left out of it."""
    expected = hazards.expected(new)
    left = np.sum(list(expected.values()), axis=0)
    exits = np.sum([new.events[cause] for cause in expected if cause in new.events], axis=0)
    found = float(np.sum(special.xlogy(new.people - exits, np.maximum(1 - left / new.people, 1e-9))))
    for cause, values in expected.items():
        if cause in new.events:
            found += float(np.sum(special.xlogy(new.events[cause], np.maximum(values / new.people, 1e-9))))
    return found
