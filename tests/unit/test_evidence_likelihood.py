"""The fitting engine against statsmodels, closed forms and published figures."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.typing import NDArray
from scipy import linalg, optimize
from statsmodels.tsa.filters.hp_filter import hpfilter

from planwise_assets.evidence.design import Design
from planwise_assets.evidence.penalized import Cells, Penalty, central, fit, initial, summed_penalty
from planwise_assets.evidence.terms import Spline, difference_penalty, null_space_penalty, tensor, tensor_penalties

Vector = NDArray[np.float64]


def people(seed: int = 1, size: int = 400) -> tuple[Vector, Vector, Vector, Vector]:
    """A covariate, a group, the part of the year watched, and who left."""
    generator = np.random.default_rng(seed)
    covariate, group = generator.normal(size=size), generator.integers(0, 3, size).astype(float)
    duration = generator.choice([0.25, 0.5, 1.0], size)
    hazard = np.exp(-1.2 + 0.4 * covariate - 0.3 * (group == 1))
    leaves = (generator.random(size) < -np.expm1(-hazard * duration)).astype(float)
    return covariate, group, duration, leaves


def one_each(design: Vector) -> Design:
    return Design(design, np.arange(len(design)))


def cells(events: Vector, exposure: Vector, duration: Vector, all_events: Vector, others: Vector) -> Cells:
    return Cells(events, exposure, duration, all_events, others)


def test_initial_exposure_with_one_cause_is_cloglog_with_the_offset_log_t() -> None:
    covariate, group, duration, leaves = people()
    columns = np.stack([np.ones_like(covariate), covariate, (group == 1).astype(float)], 1)
    ours = fit(
        one_each(columns),
        np.zeros(len(leaves)),
        cells(leaves, np.ones_like(leaves), duration, leaves, np.zeros_like(leaves)),
        [],
        initial,
    )
    family = sm.families.Binomial(link=sm.families.links.CLogLog())
    theirs = sm.GLM(leaves, columns, family=family, offset=np.log(duration)).fit(tol=1e-12)
    assert ours.coefficients == pytest.approx(theirs.params, abs=2e-4)
    assert np.sqrt(np.diag(ours.covariance)) == pytest.approx(theirs.bse, rel=2e-3)
    assert ours.likelihood == pytest.approx(theirs.llf, abs=1e-4)


def test_central_exposure_is_poisson_with_the_offset_log_exposure() -> None:
    covariate, group, duration, leaves = people(2)
    columns = np.stack([np.ones_like(covariate), covariate, (group == 1).astype(float)], 1)
    ours = fit(
        one_each(columns),
        np.zeros(len(leaves)),
        cells(leaves, duration, duration, leaves, np.zeros_like(leaves)),
        [],
        central,
    )
    theirs = sm.GLM(leaves, columns, family=sm.families.Poisson(), offset=np.log(duration)).fit(tol=1e-12)
    assert ours.coefficients == pytest.approx(theirs.params, abs=2e-4)
    assert np.sqrt(np.diag(ours.covariance)) == pytest.approx(theirs.bse, rel=2e-3)


def test_causes_compete_as_in_the_multinomial_likelihood() -> None:
    """Two causes, no covariate: l_k = (d_k / d) x -ln(1 - d / n), in closed form."""
    there, quits, retirements = 1000.0, 150.0, 60.0
    total = -np.log(1 - (quits + retirements) / there)
    for events, others in ((quits, retirements), (retirements, quits)):
        hazard = events / (quits + retirements) * total
        row = cells(*(np.array([value]) for value in (events, there, 1.0, quits + retirements, total - hazard)))
        assert others
        found = fit(one_each(np.ones((1, 1))), np.zeros(1), row, [], initial)
        assert np.exp(found.coefficients[0]) == pytest.approx(hazard, rel=1e-6)


def test_the_score_and_information_are_derivatives_of_the_likelihood() -> None:
    row = cells(*(np.array([value]) for value in (12.0, 100.0, 0.7, 20.0, 0.15)))
    step = 1e-5
    for likelihood in (initial, central):
        for value in (-2.0, -1.0):
            up, down = (likelihood(np.array([value + sign * step]), row)[0] for sign in (1, -1))
            assert likelihood(np.array([value]), row)[1][0] == pytest.approx((up - down) / (2 * step), rel=1e-5)


def test_where_all_leave_the_rate_settles() -> None:
    row = cells(*(np.array([value]) for value in (50.0, 50.0, 1.0, 50.0, 0.0)))
    found = fit(one_each(np.ones((1, 1))), np.zeros(1), row, [], initial)
    assert 0.98 < -np.expm1(-np.exp(found.coefficients[0])) < 0.999


def test_the_difference_penalty_is_whittaker_and_hendersons() -> None:
    """Order 2 and unit weights are also the filter of Hodrick and Prescott, which statsmodels has."""
    figures = sm.datasets.macrodata.load_pandas().data["realgdp"].to_numpy()
    smooth = linalg.solve(np.eye(len(figures)) + 1600 * difference_penalty(len(figures), 2), figures)
    assert smooth == pytest.approx(hpfilter(figures, 1600)[1], rel=1e-6)


def test_whittaker_by_hand() -> None:
    """Three values, weights 1, order 2, h = 1: v = u - K'Kv with K = (1, -2, 1), so (0, 3, 0) becomes (6, 9, 6) / 7."""
    graduated = linalg.solve(np.eye(3) + difference_penalty(3, 2), np.array([0.0, 3.0, 0.0]))
    assert graduated == pytest.approx([6 / 7, 9 / 7, 6 / 7])


def test_the_smoothing_parameter_is_that_of_the_highest_evidence() -> None:
    """Fellner-Schall against a search over the same Laplace approximation."""
    generator = np.random.default_rng(5)
    ages = np.arange(20, 66)
    there = generator.integers(50, 400, len(ages)).astype(float)
    hazard = np.exp(-2.5 + 0.6 * np.sin(ages / 6))
    exits = generator.binomial(there.astype(int), -np.expm1(-hazard)).astype(float)
    spline = Spline.over(ages, there, 3.0)
    columns = np.concatenate([np.ones((len(ages), 1)), spline.columns(ages)], 1)
    penalties = [Penalty(1, spline.penalty(), "age"), Penalty(1, null_space_penalty(spline.penalty()), "age")]
    row = cells(exits, there, np.ones_like(there), exits, np.zeros_like(there))

    def evidence(log_weights: Vector) -> float:
        found = fit(one_each(columns), np.zeros(len(ages)), row, penalties, initial, fixed=list(np.exp(log_weights)))
        return -found.evidence

    ours = fit(one_each(columns), np.zeros(len(ages)), row, penalties, initial)
    best = optimize.minimize(evidence, np.log(ours.penalties) + 1.0, method="Nelder-Mead", options={"xatol": 0.01})
    assert ours.evidence == pytest.approx(-best.fun, abs=0.05)


def test_a_group_of_many_members_is_drawn_to_the_mean_as_its_spread_says() -> None:
    """Random effects: equal members get none, members that differ keep their difference."""
    generator = np.random.default_rng(8)
    for spread, effective in ((0.0, (0.0, 6.0)), (0.8, (20.0, 30.0))):
        codes = np.repeat(np.arange(30), 20)
        hazard = np.exp(-2 + spread * generator.normal(size=30))[codes]
        there = np.full(len(codes), 30.0)
        exits = generator.binomial(30, -np.expm1(-hazard)).astype(float)
        design = Design(np.ones((1, 1)), np.zeros(len(codes), dtype=np.int64), [(codes, 30)])
        row = cells(exits, there, np.ones_like(there), exits, np.zeros_like(there))
        found = fit(design, np.zeros(len(codes)), row, [Penalty(1, np.eye(30), "group")], initial)
        assert effective[0] <= found.effective - 1 <= effective[1]


def test_the_design_multiplies_as_the_matrix_that_it_stands_for() -> None:
    generator = np.random.default_rng(3)
    place, codes, others = generator.integers(0, 7, 40), generator.integers(0, 3, 40), generator.integers(0, 4, 40)
    grid, weights, values = generator.normal(size=(7, 5)), generator.random(40), generator.normal(size=12)
    design = Design(grid, place, [(codes, 3), (others, 4)])
    full = np.concatenate([grid[place], np.eye(3)[codes], np.eye(4)[others]], 1)
    assert design.times(values) == pytest.approx(full @ values)
    assert design.transposed_times(weights) == pytest.approx(full.T @ weights)
    assert design.gram(weights) == pytest.approx(full.T @ (weights[:, None] * full))
    further = generator.normal(size=(7, 2))
    assert design.cross(weights, further) == pytest.approx(full.T @ (weights[:, None] * further[place]))


def test_splines_add_up_to_one_and_sum_to_zero_over_what_was_seen() -> None:
    ages, weights = np.arange(20, 66), np.arange(1.0, 47.0)
    spline = Spline.over(ages, weights, 3.0)
    assert weights @ spline.columns(ages) == pytest.approx(np.zeros(spline.centre.shape[1]), abs=1e-9)
    raw = Spline(spline.knots, spline.low, spline.high, spline.logarithmic, np.eye(len(spline.centre)))
    assert raw.columns(np.linspace(20, 65, 50)).sum(1) == pytest.approx(np.ones(50))
    # Beyond the ends nothing is carried on.
    assert spline.columns([10, 80]) == pytest.approx(spline.columns([20, 65]), abs=1e-12)


def test_every_direction_of_a_tensor_product_is_penalised() -> None:
    first, second = difference_penalty(5, 2), difference_penalty(4, 2)
    parts = tensor_penalties(first, second)
    weights = np.ones(3)
    total = summed_penalty(weights, [Penalty(0, part, "pair") for part in parts], np.zeros(20))
    assert linalg.eigvalsh(total).min() > 1e-6
    assert tensor(np.eye(5), np.eye(5)[:, :4]).shape == (5, 20)
