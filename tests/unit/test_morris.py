"""Screening where the effects are known: a sum, a product, and what does nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from planwise_assets.screening.morris import STEP, Effect, Vector, effects, walk


def screened(figure: Callable[[Vector], float], factors: int, walks: int = 40) -> list[Effect]:
    draws = np.random.default_rng(1)
    taken = [walk(factors, draws) for _ in range(walks)]
    return effects(taken, [[figure(point) for point in one.points] for one in taken])


def test_a_walk_changes_each_factor_once_by_two_thirds_and_stays_on_the_grid() -> None:
    one = walk(9, np.random.default_rng(5))
    assert sorted(one.changed) == list(range(9))
    assert np.allclose(np.round(one.points * 3), one.points * 3)
    assert (one.points.min(), one.points.max()) == (0, 1)
    moved = np.diff(one.points, axis=0)
    for step, (factor, sign) in enumerate(zip(one.changed, one.sign, strict=True)):
        expected = np.zeros(9)
        expected[factor] = sign * STEP
        assert moved[step] == pytest.approx(expected)


def test_a_sum_has_its_slopes_and_no_spread() -> None:
    found = screened(lambda x: 5 * x[0] - 3 * x[1] + 7, 3)
    assert [one.size for one in found] == pytest.approx([5, 3, 0])
    assert [one.mean for one in found] == pytest.approx([5, -3, 0])
    assert [one.spread for one in found] == pytest.approx([0, 0, 0], abs=1e-9)


def test_a_product_spreads_as_the_other_factor_does() -> None:
    """Of x y the effect of x is y: on a grid of 0, 1/3, 2/3, 1 of mean 1/2 and variance 5/36."""
    found = screened(lambda x: float(x[0] * x[1]), 2, walks=4000)
    for one in found:
        assert one.mean == pytest.approx(1 / 2, abs=0.02)
        assert one.spread == pytest.approx(np.sqrt(5 / 36), abs=0.02)


def test_a_bend_has_a_size_though_its_mean_is_none() -> None:
    """(x - 1/2) squared: from 0 to 2/3 it falls by 1/4 - 1/36, from 1/3 to 1 it rises by as much; over 2/3 that is 1/3."""
    (one,) = screened(lambda x: float((x[0] - 0.5) ** 2), 1, walks=2000)
    assert one.size == pytest.approx(1 / 3)
    assert abs(one.mean) < 0.02


def test_one_walk_has_no_spread() -> None:
    (one,) = screened(lambda x: float(2 * x[0]), 1, walks=1)
    assert one == Effect(pytest.approx(2), pytest.approx(2), None, None)
