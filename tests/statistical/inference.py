"""The statistics of these tests: what is fitted, and how far from its expectation a result may lie.

Every bound is the sampling error of the theory at four standard errors, or the same tail: the seeds are fixed, so a test
passes for ever or fails for ever, and of 16,000 bounds that hold one would have failed when it was first tried.

Belongs here: fits and bounds. Does not: anything about PlanWise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from tests.statistical.worlds import Floats, Integers

STANDARD_ERRORS = 4.0
#: The chance to be further than four standard errors away, to both sides together: 6.3e-5.
TAIL = float(2 * stats.norm.sf(STANDARD_ERRORS))


@dataclass(frozen=True)
class Fit:
    """Maximum likelihood estimates, their covariance, and the fitted probability of every row."""

    estimates: Floats
    covariance: Floats
    probabilities: Floats

    @property
    def errors(self) -> Floats:
        """The standard errors."""
        return np.sqrt(np.diag(self.covariance))


def cloglog_fit(design: Floats, events: NDArray, trials: NDArray) -> Fit:
    """Fits `P(event) = 1 - exp(-exp(design @ b))` to binomial counts, by Fisher scoring."""
    b = np.zeros(design.shape[1])
    b[0] = np.log(-np.log1p(-events.sum() / trials.sum()))
    for _ in range(50):
        rate = np.exp(design @ b)
        p = -np.expm1(-rate)
        slope = rate * np.exp(-rate)
        score = design.T @ ((events - trials * p) * slope / (p * (1 - p)))
        information = design.T @ (design * (trials * slope**2 / (p * (1 - p)))[:, None])
        step = np.linalg.solve(information, score)
        b = b + step
        if np.abs(step).max() < 1e-10:
            return Fit(b, np.linalg.inv(information), p)
    raise AssertionError("the fit did not converge")


def indicators(*factors: tuple[Integers, int]) -> Floats:
    """A constant, then a column for each category but the reference of each factor (categories, reference)."""
    columns = [np.ones(len(factors[0][0]))]
    for category, reference in factors:
        columns += [(category == k).astype(float) for k in range(category.max() + 1) if k != reference]
    return np.stack(columns, axis=1)


def assert_recovers(fit: Fit, expected: Floats, first: int = 1) -> None:
    """Every coefficient from `first` on within four standard errors of the truth, and all of them together."""
    off = fit.estimates[first:] - expected
    errors = fit.errors[first:]
    assert (np.abs(off) < STANDARD_ERRORS * errors).all(), np.round(off / errors, 2)
    wald = off @ np.linalg.solve(fit.covariance[first:, first:], off)
    assert stats.chi2.sf(wald, len(off)) > TAIL, f"chi-square {wald:.1f} on {len(off)}"


def assert_binomial(count: int, trials: int, probability: float, what: str = "", bounds: int = 1) -> None:
    """A count inside the exact binomial bounds; with `bounds` such bounds in all, each is that much wider."""
    low, high = stats.binom.ppf([TAIL / bounds / 2, 1 - TAIL / bounds / 2], trials, probability)
    assert low <= count <= high, f"{what}: {count} of {trials} at {probability:.6f} is outside {low:.0f}..{high:.0f}"


def assert_counts(counts: NDArray, expected: NDArray, *, fitted: int = 0, what: str = "") -> float:
    """Pearson's chi-square of counts with the same total as expected; returns its p-value."""
    assert np.isclose(counts.sum(), expected.sum(), rtol=1e-9)
    assert (expected > 5).all()
    p = float(stats.chi2.sf(((counts - expected) ** 2 / expected).sum(), len(counts) - 1 - fitted))
    assert p > TAIL, f"{what}: p = {p:.1e}; furthest is cell {np.argmax(np.abs(counts - expected) / np.sqrt(expected))}"
    return p


def assert_uniform(place: Floats, what: str = "") -> float:
    """Kolmogorov-Smirnov against the uniform distribution over [0, 1); returns its p-value."""
    assert place.min() >= 0
    assert place.max() <= 1
    p = float(stats.kstest(place, "uniform").pvalue)
    assert p > TAIL, f"{what}: p = {p:.1e}"
    return p


def spread_over_days(day: NDArray, days: NDArray | int, seed: int) -> Floats:
    """Whole days 0..days-1 as places in [0, 1): each anywhere in its day, so that uniform days are uniform places."""
    return (day + np.random.default_rng(seed).random(len(day))) / days
