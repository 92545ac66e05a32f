"""A fit as settings of the study file: bands, each with where its value comes from.

Belongs here: from surfaces to bands and their intervals. Does not: the text (section_text.py), the surfaces.

A study's termination hazard is a product of a factor by age, one by service and one by level; a surface need not be one.
The bands are the product that is nearest to the surface over the people who were there (proportional fit to the surface's
expected exits), and what is lost by that is said. Beyond the ages and years of service that were seen nothing is carried
on: those bands keep the shipped hazard.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from planwise_assets.evidence.bands import Banded, band_of, joined_bands, proportional_fit
from planwise_assets.evidence.experience import Experience
from planwise_assets.evidence.exposure import HireYear
from planwise_assets.evidence.hazards import Hazards
from planwise_assets.evidence.prior import Prior
from planwise_assets.evidence.rivals import shipped_grid, shipped_promotions
from planwise_assets.evidence.scores import deviance

Vector = NDArray[np.float64]
RETIREMENT, LEVEL = "retirement", "level_id"
_MOST_AGES, _MOST_SERVICES, _LOSS = 24, 14, 0.5
_LEVEL_ROUNDS = 15
# An end of an axis with fewer person-years than this was not seen.
_FEWEST_PERSON_YEARS = 10.0
# Shipped bands are looked for up to here.
_LAST = 100
LARGEST_RATE, LARGEST_MULTIPLIER = 10.0, 999.0


@dataclass(frozen=True)
class BandValue:
    """One band of a setting.

    Attributes:
        start: First age or completed year; the level itself.
        end: First one after it; None: no end.
        value: Multiplier or rate.
        low: End of the 95 % credible interval.
        high: Its other end.
        person_years: Seen in the band; 0: it keeps the shipped value.
        exits: Seen in the band; promotions of a hazard of promotion.
    """

    start: int
    end: int | None
    value: float
    low: float
    high: float
    person_years: float
    exits: float

    @property
    def is_fitted(self) -> bool:
        """Whether the band was seen."""
        return self.person_years > 0


@dataclass(frozen=True)
class Product:
    """A hazard as a study says it: a product of age, service and level.

    Attributes:
        base: Yearly probability of the reference bands; None: nothing was fitted, the shipped hazard stays.
        age: Multipliers by age.
        service: Multipliers by completed service.
        levels: Multiplier by level.
        lost: Share of the surface's own deviance against a flat rate that the bands lose.
    """

    base: float | None
    age: tuple[BandValue, ...]
    service: tuple[BandValue, ...]
    levels: Mapping[int, BandValue]
    lost: float


@dataclass(frozen=True)
class Section:
    """Settings of hazards and the workforce.

    Attributes:
        termination: Every exit but retirement.
        retirement: Yearly rates of retirement by age; empty: keep the shipped ones.
        new_hire_rate: Share of a year's hires that leaves in it; None: not seen.
        hires: How many hires that share is of.
        capped: Ages whose rate of retirement is above what the study file can say.
        promotion: Moves to the next level; None: not seen.
    """

    termination: Product
    retirement: tuple[BandValue, ...]
    new_hire_rate: float | None
    hires: int
    capped: tuple[int, ...]
    promotion: Product | None = None


def section_of(
    hazards: Hazards, seen: Experience, hires: Sequence[HireYear] = (), *, left_out: Sequence[str] = ()
) -> Section:
    """Settings that say what a fit says.

    Args:
        hazards: The fit.
        seen: What it was fitted on; its people weigh the bands.
        hires: Hires by year.
        left_out: Causes that do not go into the settings, such as a lay-off that was for once.
    """
    now = replace(seen, year=np.full_like(seen.year, seen.years[-1]))
    staying = [cause for cause in seen.causes if cause != RETIREMENT and cause not in left_out]
    termination = _Expected.of(hazards, now, staying)
    retirement = _Expected.of(hazards, now, [cause for cause in seen.causes if cause == RETIREMENT])
    shipped, _ = shipped_grid()
    product = _product(termination, now, shipped)
    retiring, capped = _retirement(retirement, now) if RETIREMENT not in left_out else ((), ())
    joined, left = sum(year.hires for year in hires), sum(year.left for year in hires)
    return Section(product, retiring, left / joined if joined else None, joined, capped)


@dataclass(frozen=True)
class _Expected:
    """Expected exits per cell of some causes, their actual exits, and the error of the expectation.

    `roots` are rows whose sum over cells, squared and summed, is the variance of the sum of the cells.
    """

    exits: Vector
    actual: Vector
    roots: tuple[NDArray[np.float64], ...]

    @classmethod
    def of(cls, hazards: Hazards, now: Experience, causes: Sequence[str]) -> _Expected:
        nothing = np.zeros(len(now.age))
        rates = hazards.rates(now)
        roots = []
        for cause in causes:
            surface = hazards.surfaces.get(cause)
            if surface is not None:
                lower = np.linalg.cholesky(surface.fitted.covariance)
                roots.append((rates[cause] * now.person_years)[:, None] * (surface.rows(now) @ lower))
            else:
                roots.append((rates[cause] * now.person_years * hazards.flat_errors[cause])[:, None])
        return cls(
            sum((rates[cause] for cause in causes), nothing) * now.person_years,
            sum((now.events[cause] for cause in causes), nothing),
            tuple(roots),
        )

    def spread(self, chosen: NDArray[np.bool_]) -> float:
        """Standard error of the log of the expected exits of the chosen cells."""
        total = float(self.exits[chosen].sum())
        variance = sum(float(np.sum(root[chosen].sum(0) ** 2)) for root in self.roots)
        return float(np.sqrt(variance) / total) if total > 0 else 0.0


def _levels(expected: _Expected, now: Experience) -> dict[int, BandValue]:
    """How much more often each level leaves than its ages and services alone would."""
    group = now.groups.get(LEVEL)
    if group is None or not all(label.isdigit() for label in group.labels):
        return {}
    ages, services = tuple(map(int, np.unique(now.age))), tuple(map(int, np.unique(now.service)))
    actual = np.bincount(group.codes, expected.exits, len(group.labels))
    factors = np.ones(len(group.labels))
    # Levels, and then ages and services, in turn: people of a level are of some ages.
    for _ in range(_LEVEL_ROUNDS):
        exposure = now.person_years * factors[group.codes]
        plain = proportional_fit(now.age, now.service, expected.exits, exposure, age_starts=ages, service_starts=services)
        without = np.bincount(group.codes, plain.hazard(now.age, now.service) * now.person_years, len(group.labels))
        factors = np.where(without > 0, actual / np.maximum(without, 1e-12), 1.0)
    found = {}
    for code, label in enumerate(group.labels):
        is_of, value, level = group.codes == code, float(np.clip(factors[code], 0, LARGEST_MULTIPLIER)), int(label)
        spread = np.exp(1.96 * expected.spread(is_of))
        there, seen = float(now.person_years[is_of].sum()), float(expected.actual[is_of].sum())
        found[level] = BandValue(level, level + 1, value, value / spread, value * spread, there, seen)
    return dict(sorted(found.items()))


def promotion_of(hazards: Hazards, seen: Experience, top: int) -> Product:
    """Promotions as settings.

    Args:
        hazards: A fit of the one cause, promotion.
        seen: What it was fitted on: people below the top level.
        top: The top level, from which nobody rises.
    """
    now = replace(seen, year=np.full_like(seen.year, seen.years[-1]))
    found = _product(_Expected.of(hazards, now, seen.causes), now, shipped_promotions())
    return replace(found, levels={**found.levels, top: BandValue(top, top + 1, 0.0, 0.0, 0.0, 0.0, 0.0)})


def _product(expected: _Expected, now: Experience, shipped: Prior) -> Product:
    """The product nearest to a surface; bands that were not seen keep the shipped hazard."""
    levels = _levels(expected, now)
    if not expected.exits.sum():
        return Product(None, (), (), levels, 0.0)
    exposure = now.person_years
    if levels:
        group = now.groups[LEVEL]
        exposure = exposure * np.array([levels[int(label)].value for label in group.labels])[group.codes]
    bands = _bands(expected.exits, exposure, now)
    ages, services = _seen(now.age, exposure), _seen(now.service, exposure)
    reference = _commonest(bands.age_starts, now.age, exposure), _commonest(bands.service_starts, now.service, exposure)
    level = float(bands.age[reference[0]] * bands.service[reference[1]])
    # The shipped hazard of an unseen band, at the shipped reference of the other axis: 40 years old, 7 years of service.
    by_age = _values(
        *(bands.age_starts, bands.age / bands.age[reference[0]], now.age, expected, now),
        seen=ages,
        unseen=lambda age: float(shipped.hazards[age - shipped.first_age if age > shipped.first_age else 0, 7] / level),
    )
    by_service = _values(
        *(bands.service_starts, bands.service / bands.service[reference[1]], now.service, expected, now),
        seen=services,
        unseen=lambda years: float(shipped.hazards[40 - shipped.first_age, min(years, 60)] / level),
    )
    product = bands.hazard(now.age, now.service) * exposure
    flat = expected.exits.sum() / exposure.sum() * exposure
    lost = deviance(expected.exits, product) / max(deviance(expected.exits, flat), 1e-12)
    return Product(float(-np.expm1(-level)), by_age, by_service, levels, lost)


def _bands(exits: Vector, exposure: Vector, now: Experience) -> Banded:
    """Bands by joining single years, first of age and then of service."""
    ages, services = tuple(map(int, np.unique(now.age))), tuple(map(int, np.unique(now.service)))
    single = proportional_fit(now.age, now.service, exits, exposure, age_starts=ages, service_starts=services)
    by_service = exposure * single.service[band_of(services, now.service)]
    age_starts = joined_bands(now.age, exits, by_service, most=_MOST_AGES, loss=_LOSS)
    by_age = exposure * single.age[band_of(ages, now.age)]
    service_starts = joined_bands(now.service, exits, by_age, most=_MOST_SERVICES, loss=_LOSS)
    return proportional_fit(now.age, now.service, exits, exposure, age_starts=age_starts, service_starts=service_starts)


def _seen(values: NDArray[np.int64], exposure: Vector) -> tuple[int, int]:
    """First and last value of an axis with enough person-years from its end inwards."""
    by_value = np.bincount(values, exposure)
    upwards = np.flatnonzero(np.cumsum(by_value) >= min(_FEWEST_PERSON_YEARS, by_value.sum()))
    downwards = np.flatnonzero(np.cumsum(by_value[::-1])[::-1] >= min(_FEWEST_PERSON_YEARS, by_value.sum()))
    return int(max(upwards[0], np.flatnonzero(by_value)[0])), int(downwards[-1])


def _commonest(starts: Sequence[int], values: NDArray[np.int64], exposure: Vector) -> int:
    return int(np.argmax(np.bincount(band_of(starts, values).clip(0), exposure, len(starts))))


def _values(
    starts: Sequence[int],
    factors: Vector,
    values: NDArray[np.int64],
    expected: _Expected,
    now: Experience,
    *,
    seen: tuple[int, int],
    unseen: Callable[[int], float],
) -> tuple[BandValue, ...]:
    """The bands of an axis, those that were not seen with the shipped value."""
    bands = band_of(starts, values)
    low, high = seen
    found = _shipped(range(low), low, unseen)
    for band, start in enumerate(starts):
        end = starts[band + 1] if band + 1 < len(starts) else high + 1
        first, last = max(start, low), min(end, high + 1)
        if first >= last:
            continue
        chosen = bands == band
        spread = np.exp(1.96 * expected.spread(chosen))
        value = float(np.clip(factors[band], 0, LARGEST_MULTIPLIER))
        there, exits = float(now.person_years[chosen].sum()), float(expected.actual[chosen].sum())
        found.append(BandValue(first, last, value, value / spread, value * spread, there, exits))
    return (*found, *_shipped(range(high + 1, max(high + 2, _LAST)), None, unseen))


def _shipped(values: range, end: int | None, unseen: Callable[[int], float]) -> list[BandValue]:
    """Bands of equal shipped values."""
    found: list[BandValue] = []
    for start in values:
        value = min(unseen(start), LARGEST_MULTIPLIER)
        if found and abs(found[-1].value - value) < 1e-9:
            continue
        if found:
            found[-1] = replace(found[-1], end=start)
        found.append(BandValue(start, end, value, value, value, 0.0, 0.0))
    return found


def _retirement(retirement: _Expected, now: Experience) -> tuple[tuple[BandValue, ...], tuple[int, ...]]:
    """Rates of retirement by age, and the ages whose rate is beyond what the study file takes."""
    _, shipped = shipped_grid()

    def unseen(age: int) -> float:
        return float(shipped.hazards[max(age - shipped.first_age, 0), 0])

    low, high = _seen(now.age, now.person_years)
    if not retirement.exits.sum():
        # Who retired is among the other exits, or nobody did.
        there = float(now.person_years.sum())
        none = BandValue(low, high + 1, 0.0, 0.0, 0.0, there, 0.0)
        return (*_shipped(range(low), low, unseen), none, *_shipped(range(high + 1, _LAST), None, unseen)), ()
    starts = joined_bands(now.age, retirement.exits, now.person_years, most=_MOST_AGES, loss=_LOSS)
    banded = proportional_fit(
        now.age, np.zeros_like(now.age), retirement.exits, now.person_years, age_starts=starts, service_starts=(0,)
    )
    rates = banded.age * banded.service[0]
    values = _values(starts, rates, now.age, retirement, now, seen=(low, high), unseen=unseen)
    capped = tuple(value.start for value in values if value.value > LARGEST_RATE)
    return tuple(replace(value, value=min(value.value, LARGEST_RATE)) for value in values), capped
