"""Scores what year-ends show beside exits on years that were held out.

Belongs here: what the fitted years expect of headcount, hires, promotions, pay and saving, with its error, and the score of
who the people then are. Does not: exits (backtest.py), formulas of scores (scores.py).

Each expectation is of the held-out years given the people at the year-end before each, as everything else in a backtest:

* headcount `N (1 + g)`; hires what that takes after the expected exits; errors by the spread of g over the fitted years, or
  by chance where there are fewer than three;
* promotions by the fitted hazard, with chance and the error of its coefficients;
* pay: the mean raise of who stays, with chance and the spread between years;
* participation: who saved and still does, and who did not and does now, at the shares of the fitted years; deferral: the
  mean change of the rate of who saves at both ends.

The composition is the total variation between the people expected at the year-end and those who were there: half the sum of
|p - q|; beside it what chance alone gives, the mean of that for a sample of so many people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from planwise_assets.evidence.bands import band_of
from planwise_assets.evidence.design import summed
from planwise_assets.evidence.experience import Experience
from planwise_assets.evidence.hazards import FEWEST_EXITS, fit_hazards
from planwise_assets.evidence.promotions import PROMOTION, promotion_experience
from planwise_assets.evidence.rivals import AGE_STARTS, SERVICE_STARTS
from planwise_assets.evidence.scores import Gap
from planwise_assets.evidence.year_ends import YearEnds

Vector = NDArray[np.float64]
_Values = Callable[[YearEnds], tuple[Vector, Vector]]
_FEWEST, _FEWEST_YEARS, _LAST_DIGIT = 20, 3, 1e-5


@dataclass(frozen=True)
class Measure:
    """One figure of the held-out years.

    Attributes:
        name: What it is.
        gap: Actual and expected, with the error of the expectation.
        whole: What a gap is a share of: the people at the beginning, or 1 for a share of pay.
        payroll: Dollars that a gap of 1 is, for a share of pay; None: people, or no pay is known.
    """

    name: str
    gap: Gap
    whole: float
    payroll: float | None = None

    @property
    def p_value(self) -> float:
        """Two-sided, of the normal distribution: all are sums or means of many."""
        return float(2 * stats.norm.sf(abs(self.gap.actual - self.gap.expected) / max(self.gap.deviation, 1e-12)))


@dataclass(frozen=True)
class Composition:
    """How far the people at the last year-end are from those expected.

    Attributes:
        cut: By what.
        distance: Total variation, from 0 (alike) to 1.
        by_chance: What so many people drawn from the expected ones would have on average.
    """

    cut: str
    distance: float
    by_chance: float


def measures_of(seen: YearEnds, new: YearEnds, exits: Mapping[int, float], chance: Mapping[int, float]) -> list[Measure]:
    """Figures of the held-out years beside exits.

    Args:
        seen: The fitted years, with the year-end before them.
        new: The held-out years, with the year-end before them.
        exits: Expected exits of each held-out year.
        chance: Their variance.

    Returns:
        The figures that the files have columns for.
    """
    return [
        *_people(seen, new, exits, chance),
        *_promotions(seen, new),
        *_means(seen, new, "mean raise of who stays", _raises),
        *_saving(seen, new),
        *_means(seen, new, "mean change of savers' rates", _rate_changes),
    ]


def _people(seen: YearEnds, new: YearEnds, exits: Mapping[int, float], chance: Mapping[int, float]) -> Iterator[Measure]:
    counts, years = np.array(list(seen.headcount.values()), float), sorted(exits)
    if len(counts) < 2 or any(year - 1 not in new.headcount or year not in new.headcount for year in years):
        return
    growths = np.diff(np.log(counts))
    growth = float(growths.mean())
    for year in years:
        opening = float(new.headcount[year - 1])
        moved = _moved(seen)
        spread = float(growths.std(ddof=1)) if len(growths) >= _FEWEST_YEARS else float(np.sqrt(moved) / counts[:-1].mean())
        # The mean of the growths has an error, too.
        error = opening * spread * np.sqrt(1 + 1 / len(growths))
        expected = opening * np.exp(growth)
        yield Measure(f"headcount {year}", Gap(float(new.headcount[year]), float(expected), float(error)), opening)
        stayed = float((np.asarray(new.pairs["year"]) == year).sum())
        joined = new.headcount[year] - stayed
        wanted = max(expected - opening + exits[year], 0.0)
        deviation = float(np.sqrt(error**2 + chance[year]))
        yield Measure(f"hires there at the end of {year}", Gap(joined, float(wanted), deviation), opening)


def _moved(seen: YearEnds) -> float:
    """People who joined or left in a fitted year, on average."""
    counts, years = list(seen.headcount.values()), list(seen.headcount)
    stayed = [int((np.asarray(seen.pairs["year"]) == year).sum()) for year in years[1:]]
    return float(np.mean(np.array(counts[:-1]) + np.array(counts[1:]) - 2 * np.array(stayed)))


def _promotions(seen: YearEnds, new: YearEnds) -> Iterator[Measure]:
    level = "level_id"
    before, after = promotion_experience(seen, level), promotion_experience(new, level)
    if before is None or after is None or before.seen.exits.sum() < FEWEST_EXITS:
        return
    hazards = fit_hazards(before.seen, groups=(level,))
    expected = hazards.expected(after.seen)[PROMOTION]
    walk, root = hazards.variances(after.seen)[PROMOTION]
    share = expected / np.maximum(after.seen.people, 1e-12)
    variance = float((expected * (1 - share)).sum() + np.sum(root.sum(0) ** 2) + walk.sum() ** 2)
    total = float(after.seen.people.sum())
    yield Measure("promotions", Gap(float(after.seen.exits.sum()), float(expected.sum()), float(np.sqrt(variance))), total)


def _raises(ends: YearEnds) -> tuple[Vector, Vector]:
    before, after = (np.asarray(ends.pairs[f"pay_{when}"], float) for when in ("before", "after"))
    # Hours that were halved or doubled are no raise.
    known = (before > 0) & (after > 0) & (after < 1.5 * before) & (after > before / 1.5)
    return after[known] / before[known] - 1, np.asarray(ends.pairs["year"], float)[known]


def _rate_changes(ends: YearEnds) -> tuple[Vector, Vector]:
    before, after = (np.asarray(ends.pairs[f"rate_{when}"], float) for when in ("before", "after"))
    known = (before > 0) & (after > 0)
    return after[known] - before[known], np.asarray(ends.pairs["year"], float)[known]


def _means(seen: YearEnds, new: YearEnds, name: str, values: _Values) -> Iterator[Measure]:
    (before, years), (after, _) = values(seen), values(new)
    if min(len(before), len(after)) < _FEWEST:
        return
    spread = float(before.std(ddof=1))
    by_year = np.array([before[years == year].mean() for year in np.unique(years)])
    between = float(by_year.var(ddof=1)) if len(by_year) > 1 else 0.0
    variance = spread**2 * (1 / len(after) + 1 / len(before)) + between * (1 + 1 / len(by_year))
    paid = np.asarray(new.pairs["pay_before"], float)
    payroll = float(np.nansum(paid)) if np.isfinite(paid).any() else None
    # To the last digit that a rate has: an administered raise has no chance in it.
    deviation = max(float(np.sqrt(variance)), _LAST_DIGIT)
    yield Measure(name, Gap(float(after.mean()), float(before.mean()), deviation), 1.0, payroll)


def _saving(seen: YearEnds, new: YearEnds) -> Iterator[Measure]:
    """Savers at the end among who is there at both ends: those who go on, and those who begin."""
    expected, variance, actual, people = 0.0, 0.0, 0.0, 0.0
    for saved in (True, False):
        (there, saves), (later, still) = (_savers(ends, saved=saved) for ends in (seen, new))
        if there < _FEWEST:
            return
        share = saves / there
        expected, actual, people = expected + later * share, actual + still, people + later
        variance += share * (1 - share) * later * (1 + later / there)
    if people >= _FEWEST:
        yield Measure("savers among who stays", Gap(actual, expected, float(np.sqrt(variance))), people)


def _savers(ends: YearEnds, *, saved: bool) -> tuple[float, float]:
    before, after = (np.asarray(ends.pairs[f"rate_{when}"], float) for when in ("before", "after"))
    known = np.isfinite(before) & np.isfinite(after) & ((before > 0) == saved)
    return float(known.sum()), float((after[known] > 0).sum())


def compositions(seen: YearEnds, new: YearEnds, last: Experience, exits: Vector) -> list[Composition]:
    """Who is there at the last held-out year-end against who was expected, by age and by service.

    Args:
        seen: The fitted years: the ages of their hires.
        new: The held-out years.
        last: Cells of the last held-out year.
        exits: Expected exits of each of those cells.
    """
    year = last.years[-1]
    joined = np.asarray(new.hires["year"]) == year
    hired = np.asarray(seen.hires["age"], int)
    if not len(hired) or not joined.any():
        return []
    stays, actual = last.people - exits, last.people - last.exits
    found = []
    for cut, starts, values in (("age", AGE_STARTS, last.age), ("service", SERVICE_STARTS, last.service)):
        # The held-out hires are as many as they are; who they are is expected to be as the fitted years' were.
        new_ages = np.asarray(new.hires["age"], int)[joined] if cut == "age" else np.zeros(int(joined.sum()), int)
        old_ages = hired if cut == "age" else np.zeros(len(hired), int)
        size, scale = len(starts), joined.sum() / len(hired)
        bands = band_of(starts, values)
        expected = summed(bands, stays, size) + scale * summed(band_of(starts, old_ages), np.ones(len(old_ages)), size)
        there = summed(bands, actual, size) + summed(band_of(starts, new_ages), np.ones(len(new_ages)), size)
        found.append(_distance(cut, there, expected))
    return [*found, *_mixes(seen, new, year)]


def _mixes(seen: YearEnds, new: YearEnds, year: int) -> Iterator[Composition]:
    """By level: the year-end before against the held-out one."""
    before, after = seen.mix.get(max(seen.mix, default=0), {}), new.mix.get(year, {})
    names = sorted(set(before) | set(after))
    if names:
        people = float(new.headcount[year])
        yield _distance("level", *(np.array([mix.get(name, 0.0) for name in names]) * people for mix in (after, before)))


def _distance(cut: str, there: Vector, expected: Vector) -> Composition:
    people = float(there.sum())
    share = expected / expected.sum()
    distance = float(np.abs(there / people - share).sum() / 2)
    # The mean of |normal| is sqrt(2 / pi) deviations.
    by_chance = float(np.sqrt(2 / np.pi) * np.sqrt(share * (1 - share) / people).sum() / 2)
    return Composition(cut, distance, by_chance)
