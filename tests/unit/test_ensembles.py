"""Statistics over seeds: by hand, and against calculations that are not ours (statistics, scipy)."""

from __future__ import annotations

import math
import random
import statistics

import pytest
from scipy import stats

from planwise_assets.results.ensembles import (
    PERCENTILES,
    band,
    mean_and_error,
    measure_bands,
    paired_difference,
    percentile,
    seeds_needed,
    t_quantile,
)
from planwise_assets.results.measures import MEASURES


def test_percentiles_by_hand() -> None:
    # Four values: P25 is 3/4 of the way from the first to the second, (4 - 1) x 0.25 = 0.75.
    assert percentile([40, 10, 20, 30], 25) == 17.5
    assert [percentile([10, 20, 30, 40, 50], percent) for percent in PERCENTILES] == [14, 20, 30, 40, 46]
    assert percentile([7], 90) == 7


def test_percentiles_are_those_of_the_standard_library() -> None:
    draw = random.Random(1)
    for size in (2, 3, 10, 11, 25, 100):
        values = [draw.lognormvariate(0, 1) for _ in range(size)]
        hundredths = statistics.quantiles(values, n=100, method="inclusive")
        for percent in PERCENTILES:
            assert percentile(values, percent) == pytest.approx(hundredths[percent - 1], rel=1e-12)


@pytest.mark.parametrize(("values", "percent"), [([], 50), ([1.0], -1), ([1.0], 101)])
def test_no_percentile_of_nothing(values: list[float], percent: float) -> None:
    with pytest.raises(ValueError, match="at least one value"):
        percentile(values, percent)


def test_mean_and_error_by_hand() -> None:
    # 2, 4, 9: mean 5, deviations -3, -1, 4, variance 26/2 = 13, error sqrt(13/3).
    assert mean_and_error([2, 4, 9]) == (5, pytest.approx(math.sqrt(13 / 3), rel=1e-15))
    assert mean_and_error([5]) == (5, None)


def test_error_is_that_of_the_standard_library() -> None:
    draw = random.Random(2)
    values = [draw.gauss(1e9, 3) for _ in range(40)]
    mean, error = mean_and_error(values)
    assert mean == pytest.approx(statistics.fmean(values), rel=1e-15)
    assert error == pytest.approx(statistics.stdev(values) / math.sqrt(40), rel=1e-9)


def test_a_solved_total_is_deterministic_and_has_no_band() -> None:
    solved = band([103.0, 103.0, 103.0], solved=True)
    assert (solved.deterministic, solved.mean, solved.standard_error, dict(solved.percentiles)) == (True, 103.0, None, {})


def test_what_only_happens_to_be_equal_is_not_deterministic() -> None:
    assert not band([103.0, 103.0], solved=False).deterministic


def test_a_solved_total_that_varies_is_shown_as_it_is() -> None:
    broken = band([103.0, 104.0], solved=True)
    assert not broken.deterministic
    assert broken.standard_error == 0.5


def test_paired_differences_by_hand() -> None:
    # Differences 10, 12, 11: mean 11, error 1/sqrt(3). Each scenario by itself: 100, 200, 150 has error 50/sqrt(3).
    found = paired_difference({1: 100, 2: 200, 3: 150, 9: 5}, {1: 110, 2: 212, 3: 161})
    assert found is not None
    assert (found.seeds, found.mean) == (3, 11)
    assert found.standard_error == pytest.approx(1 / math.sqrt(3))
    errors = [statistics.stdev(values) / math.sqrt(3) for values in ([100, 200, 150], [110, 212, 161])]
    assert found.unpaired_error == pytest.approx(math.hypot(*errors))


def test_no_common_seed_no_difference() -> None:
    assert paired_difference({1: 1.0}, {2: 1.0}) is None


def test_quantiles_of_t() -> None:
    for freedom in (1, 2, 3, 4, 5, 9, 24, 99):
        for probability in (0.6, 0.9, 0.975, 0.995):
            assert t_quantile(probability, freedom) == pytest.approx(stats.t.ppf(probability, freedom), rel=1e-9)


def test_seeds_needed_by_hand() -> None:
    # Pilot of 10 with s = 30, so the error is 30/sqrt(10); t(9) at 97.5 % is 2.262; (2.262 x 30 / 10)^2 = 46.05.
    assert seeds_needed(30 / math.sqrt(10), 10, 10) == 47
    assert seeds_needed(30 / math.sqrt(10), 10, 1000) == 10


def test_so_many_seeds_hold_the_precision() -> None:
    """Stein's promise, by simulation: with the seeds that the pilot asks for, 95 % of the means are within the precision."""
    draw = random.Random(3)
    inside = 0
    for _ in range(600):
        pilot = [draw.gauss(100, 20) for _ in range(8)]
        _, error = mean_and_error(pilot)
        assert error is not None
        needed = seeds_needed(error, 8, 8)
        mean = statistics.fmean([*pilot, *(draw.gauss(100, 20) for _ in range(needed - 8))])
        inside += abs(mean - 100) <= 8
    # 600 trials at 95 %: a standard deviation of 0.9 points.
    assert inside / 600 > 0.92


def test_bands_leave_out_what_has_no_value() -> None:
    nothing = dict.fromkeys(MEASURES)
    values = {("a", 1, 2025): {**nothing, "headcount": 10.0}, ("a", 2, 2025): {**nothing, "headcount": 12.0}}
    bands = measure_bands(values, {})
    assert set(bands["a", 2025]) == {"headcount"}
    assert bands["a", 2025]["headcount"].mean == 11
