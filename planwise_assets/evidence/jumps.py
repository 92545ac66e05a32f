"""Finds the jumps of a hazard: a retirement age, the end of a vesting schedule, a rule that was given up.

Belongs here: which jumps the data show beyond doubt. Does not: the surface that holds them (surface.py).

1. **Spikes.** A single age or year of service whose rate is above, or below, those of both its sides: Poisson likelihood
   ratio of a rate of its own against the rate of the two values on either side. No curve is fitted, so that a certain exit
   at 65 cannot bend one.
2. **Breaks of a spike.** The calendar year from which on a spike's rate is another one: likelihood ratio over all years.
3. **Steps.** Over a coarse smooth surface with these spikes, every "from here on" is a candidate, along age, along service,
   and of who may retire (from 55 on with 10 years; a rule of 80): Rao's score test.
4. **Backward.** In the full surface, whose smooth part can bend, what it does not need leaves again.

Each test is at one in a thousand over all its candidates together (Bonferroni).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from planwise_assets.evidence.design import summed
from planwise_assets.evidence.experience import Experience
from planwise_assets.evidence.penalized import central, initial
from planwise_assets.evidence.prior import Prior
from planwise_assets.evidence.surface import (
    Shape,
    Surface,
    design_of,
    fit_surface,
    flat_other_hazard,
    offset_of,
    triples,
)
from planwise_assets.evidence.terms import Jump

Vector = NDArray[np.float64]
_LEVEL = 0.001
_MOST = 12
_FEWEST_EXITS = 5.0
# Steps smaller than a factor of 1.3 are left to the smooth curve: too small to matter for a projection.
_SMALLEST_STEP = 0.26
# Who may retire: from an age on with so many years of service, or by a rule of age and service together.
_ELIGIBLE_AGES, _ELIGIBLE_SERVICES, _RULES_OF = (50, 70), (5, 10, 15, 20, 25, 30, 35), range(65, 101)
# At the end of an axis, with one side only, a slope looks like a spike.
_ONE_SIDED = 3.0
# The rate of a year elsewhere is drawn to that of all years as by so many exits.
_HELD_EXITS = 20.0


def find_jumps(
    seen: Experience, cause: str, *, prior: Prior | None, other_hazard: Vector | None, is_central: bool
) -> tuple[Jump, ...]:
    """The jumps that a coarse surface needs.

    Args:
        seen: The cells.
        cause: One of its causes.
        prior: Where the hazard is drawn to; None: nowhere.
        other_hazard: Yearly hazard of the other causes, one value a cell; None: their overall rate. For the initial
            exposure.
        is_central: Fit on person-years, not on the people of 1 January.

    Returns:
        The spikes of age and then of service, the strongest first, each followed by its break if it has one; then the steps
        in the order in which they were found.
    """
    shape = replace(Shape.coarse(seen), jumps=tuple(_spikes(seen, cause)))
    surface = fit_surface(seen, cause, shape, prior=prior, other_hazard=other_hazard, is_central=is_central)
    while len(shape.jumps) < _MOST:
        best = _best(seen, surface, _steps(seen, shape.jumps), other_hazard)
        if best is None:
            break
        shape = replace(shape, jumps=(*shape.jumps, best))
        surface = fit_surface(
            seen, cause, shape, prior=prior, other_hazard=other_hazard, is_central=is_central, start=surface
        )
    return shape.jumps


def _spikes(seen: Experience, cause: str) -> list[Jump]:
    """Single values of an axis that stand out, the strongest first, each with the year that it changes in.

    Years of service are judged against what the ages in them lead to expect: a hiring wave that retires is no spike of
    service.
    """
    exits = seen.events[cause]
    by_age = _with_changes(seen, seen.age, cause, "age", _standing_out(seen.age, seen.people, exits))
    # Each age is one rate, and one more from the year on in which it changes.
    era = seen.age * 2
    for jump in by_age:
        if jump.since is not None:
            era = era + ((seen.age == jump.at) & (seen.year >= jump.since))
    expected = seen.people * _by_value(era, seen.people, exits)[era]
    return by_age + _with_changes(seen, seen.service, cause, "service", _standing_out(seen.service, expected, exits))


def _standing_out(values: NDArray[np.int64], expected: Vector, exits: Vector) -> list[int]:
    base, left = summed(values, expected), summed(values, exits)
    out: list[int] = []
    while len(out) < _MOST // 2:
        ratios = [0.0 if at in out else _stands_out(at, base, left, out) for at in range(len(base))]
        best = int(np.argmax(ratios))
        if ratios[best] < stats.chi2.isf(_LEVEL / len(ratios), 1):
            break
        out.append(best)
    return out


def _with_changes(seen: Experience, values: NDArray[np.int64], cause: str, axis: str, spikes: Sequence[int]) -> list[Jump]:
    others = seen.where(~np.isin(values, spikes))
    found = []
    for at in spikes:
        found.append(Jump(axis, at))
        since = _changes_in(seen.where(values == at), others, cause)
        found += [] if since is None else [Jump(axis, at, since=since)]
    return found


def _by_value(values: NDArray[np.int64], people: Vector, exits: Vector) -> Vector:
    """Exits per person of each value of an axis."""
    found: Vector = summed(values, exits) / np.maximum(summed(values, people), 1e-12)
    return found


def _stands_out(at: int, base: Vector, left: Vector, out: Sequence[int]) -> float:
    """Likelihood ratio of a rate of its own; 0 where it is between its sides, or too near them."""
    sides = []
    for side in ((at - 1, at - 2), (at + 1, at + 2)):
        places = [place for place in side if 0 <= place < len(base) and place not in out and base[place] > 0]
        if places:
            sides.append((float(base[places].sum()), float(left[places].sum())))
    if not sides or base[at] <= 0:
        return 0.0
    scale = base.sum() / max(left.sum(), 1e-12)
    own = left[at] / base[at]
    # Half an exit more on either side: a side without any is not one with a rate of 0.
    rates = [(exits + 0.5) / (there + 0.5 * scale) for there, exits in sides]
    threshold = np.exp(_SMALLEST_STEP) if len(sides) == 2 else _ONE_SIDED
    if not (own > threshold * max(rates) or own < min(rates) / threshold):
        return 0.0
    around = (sum(there for there, _ in sides), sum(exits for _, exits in sides))
    if max(left[at], base[at] * around[1] / around[0]) < _FEWEST_EXITS:
        return 0.0
    return _ratio([(float(base[at]), float(left[at])), around])


def _changes_in(spike: Experience, others: Experience, cause: str) -> int | None:
    """The first calendar year of another rate at a spike, other than the year's elsewhere, if there is one beyond doubt."""
    rate = others.events[cause].sum() / max(others.people.sum(), 1e-12)
    years = spike.years
    held = _HELD_EXITS / max(rate, 1e-12)
    expected = {}
    for year in years:
        here = others.in_years([year])
        by_year = (here.events[cause].sum() + _HELD_EXITS) / (here.people.sum() + held)
        expected[year] = float(spike.people[spike.year == year].sum() * by_year)
    best, found = 0.0, None
    for since in years[1:]:
        is_after = spike.year >= since
        parts = [
            (sum(expected[year] for year in years if (year >= since) == after), float(spike.events[cause][part].sum()))
            for after, part in ((False, ~is_after), (True, is_after))
        ]
        (before, exits), (after, later) = parts
        if before <= 0 or after <= 0:
            continue
        # A smaller change is that of who the others are.
        is_large = abs(np.log((later + 0.5) / after) - np.log((exits + 0.5) / before)) >= _SMALLEST_STEP
        ratio = _ratio(parts)
        if is_large and ratio > best:
            best, found = ratio, since
    return found if best > stats.chi2.isf(_LEVEL / max(len(years), 1), 1) else None


def _ratio(parts: Sequence[tuple[float, float]]) -> float:
    """Twice the log-likelihood that Poisson parts, (base, exits) each, gain by a rate each over one rate together."""

    def height(base: float, exits: float) -> float:
        return float(special.xlogy(exits, exits / base))

    together = (sum(base for base, _ in parts), sum(exits for _, exits in parts))
    return 2 * (sum(height(*part) for part in parts) - height(*together))


def needed(surface: Surface) -> tuple[Jump, ...]:
    """The jumps of a full surface without its weakest step, if that is not needed.

    Spikes stay: what found them does not bend. A step of more than a factor of 20 stays too: the error of a rate next to
    nothing is so large that a test by it finds nothing (Hauck and Donner 1977).
    """
    jumps = surface.shape.jumps
    if not any(jump.onwards for jump in jumps):
        return jumps
    places = [surface.shape.place_of(jump) for jump in jumps]
    values = np.abs(surface.fitted.coefficients[places])
    strength = values / np.sqrt(np.diag(surface.fitted.covariance)[places])
    strength[values < _SMALLEST_STEP] = 0.0
    strength[(values > np.log(20)) | [not jump.onwards for jump in jumps]] = np.inf
    weakest = int(np.argmin(strength))
    threshold = stats.norm.isf(_LEVEL / 2 / 100)
    return jumps if strength[weakest] >= threshold else (*jumps[:weakest], *jumps[weakest + 1 :])


def _steps(seen: Experience, found: Sequence[Jump]) -> list[Jump]:
    steps = [Jump("age", int(at), onwards=True) for at in np.unique(seen.age)[1:]]
    steps += [Jump("service", int(at), onwards=True) for at in np.unique(seen.service)[1:]]
    ages, longest = np.unique(seen.age), int(seen.service.max())
    steps += [
        Jump("age", int(at), onwards=True, service=years)
        for at in ages[(ages >= _ELIGIBLE_AGES[0]) & (ages <= _ELIGIBLE_AGES[1])]
        for years in _ELIGIBLE_SERVICES
        if years <= longest
    ]
    steps += [Jump("points", at, onwards=True) for at in _RULES_OF if at <= int((seen.age + seen.service).max())]
    return [jump for jump in steps if jump not in found]


def _best(seen: Experience, surface: Surface, candidates: Sequence[Jump], other_hazard: Vector | None) -> Jump | None:
    """The candidate with the largest score statistic, if it is beyond doubt."""
    *found, _ = triples(seen)
    columns = np.stack([jump.column(*found) for jump in candidates], 1)
    design = design_of(seen, surface.shape, surface.groups)
    predictor = design.times(surface.fitted.coefficients) + offset_of(surface.prior, seen)
    hazard = flat_other_hazard(seen, surface.cause) if other_hazard is None else other_hazard
    cells = seen.cells(surface.cause, hazard, is_central=surface.is_central)
    _, score, information = (central if surface.is_central else initial)(predictor, cells)
    cross = design.cross(information, columns)
    own = columns.T @ design.by_triple(information)
    left = np.maximum(own - np.einsum("ij,ij->j", cross, surface.fitted.covariance @ cross), 1e-9)
    raised = columns.T @ design.by_triple(score)
    statistic = raised**2 / left
    events = columns.T @ design.by_triple(cells.events)
    is_sound = (np.maximum(events, events - raised) >= _FEWEST_EXITS) & (left > own * 1e-4) & (columns.min(0) == 0)
    # The step that the score asks for, by one step of Newton.
    is_sound &= np.abs(raised / left) >= _SMALLEST_STEP
    statistic = np.where(is_sound, statistic, 0.0)
    best = int(np.argmax(statistic))
    return candidates[best] if statistic[best] >= stats.chi2.isf(_LEVEL / len(candidates), 1) else None
