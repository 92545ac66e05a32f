"""Growth, hires, promotions and raises from year-ends.

Belongs here: the estimates, each with its interval and what it rests on. Does not: who left (hazards.py), saving
(saving.py), their text (section_text.py).

What year-ends cannot show is said and keeps its default: the days of raises and promotions, where in its band a hire is
paid.

* **Growth**: the geometric mean over the years; the interval is Student's over the yearly growths, with fewer than three of
  them that of chance: who joins and who leaves are Poisson counts.
* **Shares** (ages, levels and hours of hires): of all hires seen; Wilson's interval.
* **Cost-of-living raise**: the lowest raise that many share to the last digit, as an administered raise is. Without such a
  raise it cannot be told apart from merit, and all of it is merit.
* **Merit**: the mean raise beyond that of who stayed at a level and has three years of service.
* **Raise at a promotion**: what is beyond both; a uniform span with the mean and deviation seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from planwise_assets.evidence.year_ends import YearEnds
from planwise_assets.study.sections.hiring import Hiring

Vector = NDArray[np.float64]
_FEWEST, _FEWEST_GROWTHS = 20, 3
# A raise to the last digit: to a hundred thousandth of pay.
_DIGITS = 5
# Part of all stayers who share an administered raise, at least.
_SHARED = 0.005
_LONG_MONTHS = 36.0
# IRC 410(a)(3)(A): 1,000 hours a year are some 20 a week; payroll calls under 30 part time (IRC 4980H(c)(4)).
_FULL_TIME_HOURS = 30.0
# A mix that moves by less is the census mix that is held.
_HELD = 0.005


@dataclass(frozen=True)
class Estimate:
    """One setting.

    Attributes:
        value: What is written.
        low: End of the 95 % interval.
        high: Its other end.
        seen: What it rests on, in words.
    """

    value: float
    low: float
    high: float
    seen: str


@dataclass(frozen=True)
class Movement:
    """Settings of the workforce, hires and pay; None and empty: not seen.

    Attributes:
        growth: `workforce.growth`.
        hire_ages: `hiring.ages`, by the first age and the end of each band; the outer ones are those seen.
        level_mix: `hiring.level_mix`: a share for each level, or `hold` where the mix of the year-ends does not move.
        hours: `part_time_share`, `part_time_hours` and `full_time_hours` of `hiring`.
        cola: `compensation.cola`.
        merit: `levels.merit_rate`.
        merit_by_level: The same of each level by itself.
        promotion_raise: Lowest and highest raise at a promotion.
        unseen: What could not be fitted, with the reason.
    """

    growth: Estimate | None = None
    hire_ages: Mapping[tuple[int, int], Estimate] = field(default_factory=dict)
    level_mix: Mapping[int, Estimate] | str = field(default_factory=dict)
    hours: Mapping[str, Estimate] = field(default_factory=dict)
    cola: Estimate | None = None
    merit: Estimate | None = None
    merit_by_level: Mapping[str, Estimate] = field(default_factory=dict)
    promotion_raise: tuple[Estimate, Estimate] | None = None
    unseen: tuple[str, ...] = ()


def movement_of(ends: YearEnds) -> Movement:
    """What year-ends show of growth, hires and pay."""
    unseen: list[str] = []
    ages, mix, hours = _hires(ends, unseen)
    cola, merit, by_level, promotion = _raises(ends, unseen)
    return Movement(_growth(ends, unseen), ages, mix, hours, cola, merit, by_level, promotion, tuple(unseen))


def share_of(count: float, total: float, what: str) -> Estimate:
    """A share with Wilson's interval (Wilson 1927).

    Args:
        count: Of these.
        total: Of all; above 0.
        what: What they are, such as hires.

    Returns:
        The estimate.
    """
    found = stats.binomtest(round(count), round(total)).proportion_ci(method="wilson")
    return Estimate(count / total, float(found.low), float(found.high), f"{count:,.0f} of {total:,.0f} {what}")


def mean_of(values: Vector, what: str) -> Estimate:
    """A mean with Student's interval."""
    mean, half = float(values.mean()), np.nan
    if len(values) > 1:
        half = float(stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))
    return Estimate(mean, mean - half, mean + half, what)


def _growth(ends: YearEnds, unseen: list[str]) -> Estimate | None:
    counts = list(ends.headcount.values())
    years = list(ends.headcount)
    if len(counts) < 2 or years != list(range(years[0], years[-1] + 1)):
        unseen.append("workforce.growth: it takes two year-ends in a row")
        return None
    logs = np.diff(np.log(counts))
    found = mean_of(logs, f"{counts[0]:,} people at the end of {years[0]}, {counts[-1]:,} at the end of {years[-1]}")
    low, high = found.low, found.high
    if len(logs) < _FEWEST_GROWTHS:
        stayed = np.array([(np.asarray(ends.pairs["year"]) == year).sum() for year in years[1:]])
        moved = np.array(counts[:-1]) + np.array(counts[1:]) - 2 * stayed
        half = 1.96 * float(np.sqrt(np.sum(moved / np.array(counts[:-1], float) ** 2))) / len(logs)
        low, high = found.value - half, found.value + half
    value, low, high = (float(np.expm1(log)) for log in (found.value, low, high))
    return Estimate(value, low, high, found.seen)


def _hires(
    ends: YearEnds, unseen: list[str]
) -> tuple[dict[tuple[int, int], Estimate], dict[int, Estimate] | str, dict[str, Estimate]]:
    hires = ends.hires
    total = len(hires["age"])
    if total < _FEWEST:
        unseen.append(f"hiring: {total} hires are too few")
        return {}, {}, {}
    ages = _hire_ages(np.asarray(hires["age"], float))
    if not ends.lists_leavers:
        unseen.append(
            "hires who left in the year of their hire: the files do not list them, so they are in no share of hires"
        )
    return ages, _level_mix(ends, unseen), _hours(np.asarray(hires["hours"], float), unseen)


def _hire_ages(age: Vector) -> dict[tuple[int, int], Estimate]:
    """The shipped bands, cut to the ages seen."""
    bands = Hiring().ages
    known = age[(age >= bands[0].min) & (age < bands[-1].max)]
    first, last = int(known.min()), int(known.max())
    found = {}
    for band in bands:
        start, end = max(band.min, first), min(band.max, last + 1)
        if start < end:
            inside = float(((known >= start) & (known < end)).sum())
            found[start, end] = share_of(inside, len(known), "hires")
    return found


def _level_mix(ends: YearEnds, unseen: list[str]) -> dict[int, Estimate] | str:
    levels = [str(level) for level in ends.hires["level"] if level]
    if not levels or not all(level.isdigit() for level in levels):
        unseen.append("hiring.level_mix: the files have no numbered levels")
        return {}
    mixes = list(ends.mix.values())
    moved = max(abs(mix.get(level, 0) - mixes[0].get(level, 0)) for mix in mixes for level in set(mix) | set(mixes[0]))
    if moved < _HELD:
        return "hold"
    return {int(level): share_of(levels.count(level), len(levels), "hires") for level in sorted(set(levels), key=int)}


def _hours(hours: Vector, unseen: list[str]) -> dict[str, Estimate]:
    known = hours[np.isfinite(hours) & (hours > 0)]
    if len(known) < _FEWEST:
        unseen.append("hiring.part_time_share: the files have no scheduled hours")
        return {}
    is_part = known < _FULL_TIME_HOURS
    found = {"part_time_share": share_of(float(is_part.sum()), len(known), "hires, under 30 hours a week")}
    for name, chosen in (("part_time_hours", known[is_part]), ("full_time_hours", known[~is_part])):
        if len(chosen):
            low, middle, high = (float(value) for value in np.quantile(chosen, [0.025, 0.5, 0.975]))
            found[name] = Estimate(middle, low, high, f"median of {len(chosen):,} hires, who have from {low:g} to {high:g}")
    return found


def _raises(
    ends: YearEnds, unseen: list[str]
) -> tuple[Estimate | None, Estimate | None, dict[str, Estimate], tuple[Estimate, Estimate] | None]:
    unseen.append(
        "compensation.merit_months, merit_service_months and promotion_date: year-ends do not show the days of raises"
    )
    pairs = ends.pairs
    before, after = np.asarray(pairs["pay_before"], float), np.asarray(pairs["pay_after"], float)
    known = (before > 0) & (after > 0)
    if known.sum() < _FEWEST:
        unseen.append("levels.merit_rate, compensation.cola and raises at promotion: the files have no pay at two year-ends")
        return None, None, {}, None
    raised = np.where(known, after / np.where(known, before, 1.0) - 1, np.nan)
    stays = known & (pairs["level_before"] == pairs["level_after"])
    cola = _shared_raise(raised[stays], np.asarray(pairs["year"])[stays])
    if cola is None:
        unseen.append("compensation.cola: no raise is shared by many, so it cannot be told apart from merit and is 0")
        cola = Estimate(0.0, 0.0, 0.0, "cannot be told apart from merit")
    beyond = (1 + raised) / (1 + cola.value) - 1
    # Medians of who stays at a level: the one who moves to another job within it is no merit raise.
    long = stays & (np.asarray(pairs["months"], float) >= _LONG_MONTHS) & (np.abs(beyond) < 0.5)
    if long.sum() < _FEWEST:
        unseen.append("levels.merit_rate: too few people with three years of service")
        return cola, None, {}, None
    merit = mean_of(beyond[long], f"mean of {long.sum():,} people with three years of service and more")
    by_level = {
        str(level): mean_of(beyond[long & (pairs["level_before"] == level)], f"{count:,} people")
        for level, count in zip(*np.unique(pairs["level_before"][long], return_counts=True), strict=True)
        if level and count >= _FEWEST
    }
    rises = known & _is_promoted(pairs["level_before"], pairs["level_after"])
    promoted = (1 + beyond[rises]) / (1 + merit.value) - 1
    promoted = promoted[promoted > 0]
    if len(promoted) < _FEWEST:
        unseen.append(f"levels.promotion_raise_min and _max: {len(promoted)} promotions with pay are too few")
        return cola, merit, by_level, None
    return cola, merit, by_level, _span(promoted)


def _shared_raise(raised: Vector, years: Sequence[float] | NDArray[np.generic]) -> Estimate | None:
    """The lowest raise that many share to the last digit, in each year; 0 counts where many were raised by nothing."""
    found = []
    for year in np.unique(np.asarray(years)):
        own = np.round(raised[np.asarray(years) == year], _DIGITS)
        values, counts = np.unique(own[own > -0.5], return_counts=True)
        often = values[counts >= max(_FEWEST, _SHARED * len(own))]
        often = often[often >= 0]
        if not len(often):
            return None
        # Rounding to the cent spreads a raise over two neighbours.
        lowest = own[np.abs(own - often[0]) < 1.5 * 10.0**-_DIGITS]
        found.append(float(np.median(lowest)))
    rates = np.array(found)
    what = f"the lowest raise that many share, in {len(rates)} year{'s' * (len(rates) > 1)}"
    return Estimate(float(rates.mean()), float(rates.min()) - 10.0**-_DIGITS, float(rates.max()) + 10.0**-_DIGITS, what)


def _span(raised: Vector) -> tuple[Estimate, Estimate]:
    """A uniform span of the mean and the deviation seen: mean -+ sqrt(3) deviations."""
    mean, deviation, size = float(raised.mean()), float(raised.std(ddof=1)), len(raised)
    half = np.sqrt(3) * deviation
    # Var(mean) = s^2/n, and of a uniform's deviation s^2 (kurtosis 9/5 - 1)/(4 n) = s^2/(5 n).
    error = 1.96 * deviation * np.sqrt((1 + 3 / 5) / size)
    what = f"{size:,} promotions, mean {mean:.2%}"
    low, high = max(mean - half, 0.0), mean + half
    return Estimate(low, max(low - error, 0.0), low + error, what), Estimate(high, high - error, high + error, what)


def _is_promoted(before: NDArray[np.generic], after: NDArray[np.generic]) -> NDArray[np.bool_]:
    numbers = [np.array([int(level) if str(level).isdigit() else -1 for level in levels]) for levels in (before, after)]
    found: NDArray[np.bool_] = (numbers[0] >= 0) & (numbers[1] > numbers[0])
    return found
