"""Years that are not like the others: lay-offs, a changed retirement age, a year with half the exits.

Belongs here: what a person should be warned of before the rates of a history are taken for those to come. Does not: jumps
along age and service (jumps.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from planwise_assets.evidence.experience import Experience
from planwise_assets.evidence.hazards import Hazards, expected_exits
from planwise_assets.evidence.surface import Surface

_LEVEL = 0.001
# Smaller changes of a cause's rate are the random walk of years.
_SMALLEST_CHANGE = 1.5


@dataclass(frozen=True)
class TimeBreak:
    """A change of a cause's rate.

    Attributes:
        cause: The exits.
        since: First calendar year after the change.
        factor: Rate after over rate before, people and their ages and service being equal.
        p_value: Corrected for the number of years.
        is_once: The cause is all but confined to the years since: it may be an event and not a rate.
    """

    cause: str
    since: int
    factor: float
    p_value: float
    is_once: bool

    def __str__(self) -> str:
        if self.is_once:
            return f"{self.cause}: all but none before {self.since}: an event rather than a rate?"
        return f"{self.cause}: since {self.since} {self.factor:.2f} times as often as before, people being equal."


def time_breaks(hazards: Hazards, seen: Experience) -> list[TimeBreak]:
    """The strongest change of each cause, where it is beyond doubt and large.

    Likelihood ratio of two rates against one, over every year that may begin the second; expected exits are those of the
    surfaces with the effects of the years taken out (and with them what a jump does since a year).
    """
    found = []
    steady = expected_exits(
        {
            **{cause: _without_years(surface, seen) for cause, surface in hazards.surfaces.items()},
            **{cause: np.full(len(seen.age), rate) for cause, rate in hazards.flat.items()},
        },
        seen,
    )
    for cause in seen.causes:
        best: tuple[float, int, float, float] | None = None
        for since in seen.years[1:]:
            is_after = seen.year >= since
            parts = [
                (float(seen.events[cause][part].sum()), max(float(steady[cause][part].sum()), 1e-9))
                for part in (~is_after, is_after)
            ]
            ratio = _ratio(parts)
            factor = (parts[1][0] / parts[1][1]) / max(parts[0][0] / parts[0][1], 1e-9)
            if best is None or ratio > best[0]:
                best = (ratio, since, factor, parts[0][0] / max(parts[0][0] + parts[1][0], 1e-9))
        if best is None:
            continue
        ratio, since, factor, share_before = best
        p_value = min(1.0, float(stats.chi2.sf(ratio, 1)) * (len(seen.years) - 1))
        if p_value < _LEVEL and not 1 / _SMALLEST_CHANGE < factor < _SMALLEST_CHANGE:
            found.append(TimeBreak(cause, since, factor, p_value, share_before < 0.05))
    return found


def _without_years(surface: Surface, seen: Experience) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The yearly hazard in each cell without effects of calendar years, jumps that begin in one included."""
    rows = surface.rows(seen)
    start = surface.shape.jumps_start
    rows[:, start - len(surface.shape.years) : start] = 0.0
    for jump in surface.shape.jumps:
        if jump.since is not None:
            rows[:, surface.shape.place_of(jump)] = 0.0
    offset = 0.0 if surface.prior is None else surface.prior.log_hazard(seen.age, seen.service)
    return np.exp(np.clip(rows @ surface.fitted.coefficients + offset, -25.0, 3.0))


def _ratio(parts: list[tuple[float, float]]) -> float:
    """Twice the log-likelihood that two Poisson rates gain over one."""
    together = sum(exits for exits, _ in parts) / sum(expected for _, expected in parts)
    own = sum(float(special.xlogy(exits, max(exits, 1e-300) / expected)) for exits, expected in parts)
    return 2 * (own - float(special.xlogy(sum(exits for exits, _ in parts), max(together, 1e-300))))
