"""Known hazards come back: intervals cover, totals have no bias, what is to come is told as well as can be.

Coverage is that of all cells of age, service and year over repetitions, each cell by the people in it: Nychka (1988) is
about such averages. The bias is measured against the actual exits, whose expectation given who is at risk is the truth;
the chance of the exits cancels in that difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pytest
from numpy.typing import NDArray

from planwise_assets.evidence.experience import Experience
from planwise_assets.evidence.hazards import fit_hazards
from planwise_assets.evidence.rivals import banded_rates
from planwise_assets.evidence.scores import deviance
from tests.statistical.evidence_truth import TRUTHS, simulate
from tests.statistical.whittaker import graduated

pytestmark = pytest.mark.statistical

#: The exits that somebody else expects of a year, from the years before it.
Rival = Callable[[Experience, Experience], NDArray[np.float64]]

YEARS = 8
#: Truth, people, repetitions.
CASES = [
    ("additive", 2_000, 20),
    ("additive", 20_000, 8),
    ("interacting", 2_000, 20),
    ("interacting", 20_000, 8),
    ("trending", 4_000, 12),
    ("spiked", 4_000, 12),
]


@pytest.mark.parametrize(("truth", "people", "repetitions"), CASES)
def test_intervals_cover_and_totals_have_no_bias(truth: str, people: int, repetitions: int) -> None:
    covered, bias, fitted = [], [], 0.0
    for seed in range(repetitions):
        history = simulate(TRUTHS[truth], people, YEARS, seed=1000 + seed)
        seen = history.experience
        hazards = fit_hazards(seen)
        value, error = hazards.surfaces["quit"].log_hazard(seen)
        covered.append(np.average(np.abs(value - history.log_hazard) <= 1.96 * error, weights=seen.people))
        bias.append(float(hazards.expected(seen)["quit"].sum() - seen.exits.sum()))
        fitted += float((seen.people * -np.expm1(-np.exp(history.log_hazard))).sum())
    assert 0.92 <= np.mean(covered) <= 0.98, f"coverage {np.mean(covered):.3f}"
    assert abs(sum(bias)) / fitted < 0.005, f"bias {sum(bias) / fitted:.4f}"


def lost(truth: str, people: int, seeds: Iterable[int], rival: Rival) -> tuple[float, float, float]:
    """The deviance of a year that was not fitted, over histories: of our hazards, of a rival's exits, of the truth."""
    ours, theirs, best = 0.0, 0.0, 0.0
    for seed in seeds:
        history = simulate(TRUTHS[truth], people, YEARS, seed=seed)
        seen = history.experience
        before, after = seen.in_years(seen.years[:-1]), seen.in_years(seen.years[-1:])
        last = seen.year == seen.years[-1]
        ours += deviance(after.exits, fit_hazards(before).expected(after)["quit"])
        theirs += deviance(after.exits, rival(before, after))
        best += deviance(after.exits, after.people * -np.expm1(-np.exp(history.log_hazard[last])))
    return ours, theirs, best


@pytest.mark.parametrize("truth", ["interacting", "spiked"])
def test_the_next_year_is_told_better_than_by_bands(truth: str) -> None:
    ours, bands, best = lost(truth, 4_000, range(2000, 2006), lambda before, after: banded_rates(before, after)["quit"])
    # Of what bands lose against the truth, nine tenths are won back.
    assert ours - best < 0.35 * (bands - best)


@pytest.mark.parametrize("truth", ["spiked", "eligible", "newcomers", "vesting"])
def test_odd_features_are_told_better_than_by_an_untuned_smooth_surface(truth: str) -> None:
    """Retirement ages, who may retire, the first years, the end of a vesting schedule: against smoothing that is given."""
    ours, smooth, best = lost(
        truth, 6_000, range(3000, 3004), lambda before, after: after.people * -np.expm1(-graduated(before, after))
    )
    assert ours - best < 0.7 * (smooth - best), f"{ours:.0f} where the truth has {best:.0f} and the smooth one {smooth:.0f}"
