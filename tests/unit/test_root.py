"""The search for one value, where the answer is known: a line, a bend, two answers, none, steps; the interval by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from scipy import stats

from planwise_assets.calibration.root import Tried, Vector, find

LUCK = np.array([-3.0, -1.0, 0.5, 1.0, 2.5])


def answer(
    figure: Callable[[float], float], *, start: float = 1.0, low: float = 0.0, high: float = 4.0, step: float = 1e-6
) -> tuple[Tried, float, bool]:
    """Where a figure is 0 on average."""

    def misses(values: Sequence[float]) -> list[Vector]:
        return [figure(value) + LUCK for value in values]

    tried = Tried(low, high, step)
    value, is_met = find(tried, misses, start=start, within=1e-6, rounds=12, told=lambda _: None)
    return tried, value, is_met


@pytest.mark.parametrize(
    ("figure", "root"),
    [
        (lambda x: 10 * x - 12.3456, 1.23456),
        (lambda x: 5 - 2 * x, 2.5),
        (lambda x: x**3 - 8, 2.0),
        (lambda x: x**2 - 16, 4.0),
        (lambda x: np.exp(-x) - np.exp(-3.5), 3.5),
    ],
)
def test_a_figure_that_rises_or_falls_is_met(figure: Callable[[float], float], root: float) -> None:
    tried, value, is_met = answer(figure)
    assert is_met
    assert value == pytest.approx(root, abs=2e-6)
    assert tried.rounds <= 6
    assert len(tried.brackets()) == 1 or tried.mean(value) == 0


def test_of_two_answers_the_one_near_the_setting_as_it_is_and_the_other_is_known() -> None:
    """(x - 1)(x - 3): 1 and 3."""
    for start, near, far in ((0.9, 1, 3), (3.2, 3, 1)):
        tried, value, is_met = answer(lambda x: (x - 1.0001) * (x - 3.0001), start=start)
        assert (is_met, round(value)) == (True, near)
        assert any(a <= far + 0.5 and b >= far - 0.5 for a, b in tried.brackets())


def test_what_is_never_met_gives_the_nearest_end() -> None:
    assert answer(lambda x: x - 9)[1:] == (4.0, False)
    assert answer(lambda x: x + 9)[1:] == (0.0, False)


def test_a_jump_ends_at_the_smallest_difference_that_can_be_written() -> None:
    """A head more or less: the two values beside the jump are one step apart, and the nearer figure is kept."""
    tried, value, is_met = answer(lambda x: -3 if x < 1.37 else 2, step=0.01)
    assert is_met
    assert value == pytest.approx(1.37)
    ((a, b),) = tried.brackets()
    assert b - a == pytest.approx(0.01)


def test_the_interval_by_hand() -> None:
    """Slope 10, luck of mean -0.0 and standard deviation 2.0917: 1.2 +- t(4, .975) x 2.0917 / sqrt 5 / 10."""
    tried, value, _ = answer(lambda x: 10 * x - 12)
    aside = stats.t.ppf(0.975, 4) * np.std(LUCK, ddof=1) / np.sqrt(5) / 10
    assert np.mean(LUCK) == 0
    assert tried.interval(value) == pytest.approx((1.2 - aside, 1.2 + aside), abs=1e-5)
    assert aside == pytest.approx(0.2597, abs=5e-4)


def test_the_interval_covers_what_it_says() -> None:
    """A thousand repetitions of twelve futures of a line whose answer is 2: 95 of 100 intervals hold it."""
    draws = np.random.default_rng(7)
    held = 0
    for _ in range(1000):
        luck = draws.normal(0, 3, 12)
        tried = Tried(0, 4, 1e-6)
        value, _ = find(
            tried,
            lambda values, luck=luck: [10 * (one - 2) + luck for one in values],  # type: ignore[misc]
            start=1,
            within=1e-6,
            rounds=8,
            told=lambda _: None,
        )
        low, high = tried.interval(value) or (0, 0)
        held += low <= 2 <= high
    assert 930 <= held <= 970


def test_one_future_has_no_interval() -> None:
    tried = Tried(0, 4, 1e-6)
    find(tried, lambda values: [np.array([one - 2]) for one in values], start=1, within=1e-6, rounds=8, told=lambda _: None)
    assert tried.interval(2.0) is None
