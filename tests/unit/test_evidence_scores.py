"""Scores against statsmodels, integration and hand arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import integrate, stats
from statsmodels.stats.multitest import multipletests

from planwise_assets.evidence.scores import Gap, crps_normal, deviance, holm


def test_deviance_is_that_of_the_poisson_family() -> None:
    actual, expected = np.array([0.0, 3.0, 12.0, 1.0]), np.array([0.5, 2.0, 15.0, 1.0])
    assert deviance(actual, expected) == pytest.approx(sm.families.Poisson().deviance(actual, expected))
    assert deviance(actual, actual) == pytest.approx(0.0, abs=1e-5)


@pytest.mark.parametrize(("actual", "mean", "deviation"), [(3.0, 5.0, 2.0), (10.0, 5.0, 2.0), (5.0, 5.0, 0.3)])
def test_crps_is_the_integral_that_defines_it(actual: float, mean: float, deviation: float) -> None:
    def squared(value: float) -> float:
        return float((stats.norm.cdf(value, mean, deviation) - (value >= actual)) ** 2)

    below, _ = integrate.quad(squared, mean - 60, actual, limit=200)
    above, _ = integrate.quad(squared, actual, mean + 60, limit=200)
    assert crps_normal(actual, mean, deviation) == pytest.approx(below + above, abs=1e-6)


def test_crps_of_a_certain_forecast_is_the_absolute_error() -> None:
    assert crps_normal(7.0, 5.0, 0.0) == 2.0


def test_holms_correction() -> None:
    p_values = [0.01, 0.04, 0.03, 0.005, 0.5]
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1])


def test_a_gap_by_chance_is_exact_where_the_count_is_poisson() -> None:
    gap = Gap(9.0, 3.0, np.sqrt(3.0))
    assert gap.ratio == 3.0
    assert gap.p_value == pytest.approx(2 * stats.poisson.sf(8, 3.0), rel=1e-6)


def test_the_error_of_the_rates_widens_the_chance() -> None:
    narrow, wide = Gap(30.0, 20.0, np.sqrt(20.0)), Gap(30.0, 20.0, 10.0)
    assert narrow.p_value < 0.05 < wide.p_value
    assert wide.interval == pytest.approx((1 - 0.98, 1 + 0.98))
    assert wide.crps < narrow.crps


def test_exits_that_were_never_expected_are_infinitely_many_times_too_many() -> None:
    gap = Gap(5.0, 0.0, 0.0)
    assert gap.ratio == np.inf
    assert gap.p_value < 1e-20
