"""Penalised likelihood with automatic smoothness: the one fitting engine of this room.

Belongs here: the two likelihoods of a hazard, the penalised scoring iteration, and the choice of the smoothing parameters by
restricted maximum likelihood. Does not: what the columns of the design mean (terms.py, surface.py).

SciPy and not a package: pygam chooses smoothness on a grid of UBRE values and knows neither the cloglog likelihood with
competing causes nor random effects; statsmodels' additive models choose by GCV and have no tensor products. Both check parts
of this module in its tests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from planwise_assets.evidence.design import Design, Matrix, Vector

# Where all leave, the likelihood rises for ever. Above a hazard of 3 a year (a probability of .95) each person holds it back
# a little, which settles it near 5 (.993).
_CERTAIN, _HOLD = float(np.log(3.0)), 0.05
LARGEST_LOG_HAZARD, _SMALLEST_LOG_HAZARD = float(np.log(40.0)), -25.0
_LARGEST_PENALTY, _SMALLEST_PENALTY = 1e7, 1e-5
# Distances in standard errors, and in logs of the smoothing parameters, at which these are kept and at which all is done.
_NEAR, _CLOSE, _LAST_ROUNDS = 0.05, 1e-5, 10
_PENALTY_LOGS = float(np.log(_SMALLEST_PENALTY)), float(np.log(_LARGEST_PENALTY))


@dataclass(frozen=True)
class Cells:
    """What was seen in each cell, for one cause.

    Attributes:
        events: Exits by the cause.
        exposure: People at risk at the start (`initial`) or person-years (`central`).
        duration: Years that those who stay were watched; 1 for a whole year. Used by `initial`.
        all_events: Exits by any cause. Used by `initial`.
        other_hazard: The yearly hazard of the other causes. Used by `initial`.
    """

    events: Vector
    exposure: Vector
    duration: Vector
    all_events: Vector
    other_hazard: Vector


Likelihood = Callable[[Vector, Cells], tuple[float, Vector, Vector]]


def central(log_hazard: Vector, cells: Cells) -> tuple[float, Vector, Vector]:
    """Poisson likelihood of the exits given person-years.

    Returns:
        Log-likelihood without its constant; its derivative by the log hazard; the expected information.
    """
    expected = cells.exposure * np.exp(log_hazard)
    return float(cells.events @ log_hazard - expected.sum()), cells.events - expected, expected


def initial(log_hazard: Vector, cells: Cells) -> tuple[float, Vector, Vector]:
    """Likelihood of the exits of a year given the people at its start, with competing causes.

    The hazards are constant over the year: who leaves by cause k is `l_k / l (1 - exp(-l t))` of them. With one cause this
    is the binomial likelihood with the link cloglog and the offset log t (Prentice and Gloeckler 1978).

    Returns:
        As `central`.
    """
    own = np.exp(log_hazard)
    rate = own + cells.other_hazard
    total = rate * cells.duration
    leaving = -np.expm1(-total)
    share = own / rate
    stayers = cells.exposure - cells.all_events
    likelihood = (
        cells.events @ log_hazard - cells.all_events @ np.log(rate) + cells.all_events @ np.log(leaving) - stayers @ total
    )
    excess = cells.all_events / leaving - cells.exposure
    score = cells.events - cells.all_events * share + share * total * excess
    ratio = total**2 * np.exp(-total) / leaving**2
    information = cells.exposure * leaving * share * ((1 - share) + share * ratio)
    beyond = np.maximum(log_hazard - _CERTAIN, 0.0)
    hold = _HOLD * cells.exposure
    return float(likelihood - hold @ beyond**2 / 2), score - hold * beyond, information + hold * (beyond > 0)


@dataclass(frozen=True)
class Penalty:
    """A quadratic penalty on neighbouring coefficients.

    Attributes:
        start: First coefficient.
        matrix: Its quadratic form.
        term: What the coefficients are of; penalties of one term start at the same coefficient.
        least: Roughness that is believed before any data: an exponential prior of the smoothing parameter with mean
            2 / least. Without it a small history whose curvature does not show beyond chance would get none, and intervals
            too narrow.
    """

    start: int
    matrix: Matrix
    term: str
    least: float = 0.0

    @property
    def place(self) -> slice:
        """The coefficients."""
        return slice(self.start, self.start + len(self.matrix))


@dataclass(frozen=True)
class Fit:
    """A fitted linear predictor.

    Attributes:
        coefficients: By column of the design.
        covariance: Posterior covariance of the coefficients, `(X'WX + S)^-1`.
        penalties: Smoothing parameter of each penalty.
        effective: Effective degrees of freedom.
        likelihood: Log-likelihood at the coefficients, without its constant.
        evidence: Log of the marginal likelihood by Laplace's approximation (REML), without its constant.
    """

    coefficients: Vector
    covariance: Matrix
    penalties: Vector
    effective: float
    likelihood: float
    evidence: float


def fit(
    design: Design,
    offset: Vector,
    cells: Cells,
    penalties: Sequence[Penalty],
    likelihood: Likelihood,
    *,
    ridge: Vector | None = None,
    start: Fit | None = None,
    fixed: Sequence[float] | None = None,
    rounds: int = 80,
) -> Fit:
    """Fits coefficients and smoothing parameters.

    The penalised likelihood is maximised by Fisher scoring with step halving. Between steps the smoothing parameters move by
    the generalised Fellner-Schall rule, which raises the Laplace approximation of the marginal likelihood (Wood and Fasiolo
    2017, Biometrics 73, equation 5):

        lambda_j <- lambda_j (tr(S^- S_j) - tr(V S_j)) / (b' S_j b),   V = (X'WX + S)^-1

    Args:
        design: Cells by coefficients.
        offset: Added to the linear predictor, by cell: log of a prior hazard.
        cells: What was seen.
        penalties: Their weighted sum is S.
        likelihood: `central` or `initial`.
        ridge: Precision of each coefficient around 0 that stays as it is; by default none.
        start: A fit to begin from, with the same columns and penalties.
        fixed: Smoothing parameters that are not chosen but given.
        rounds: At most so many steps.

    Returns:
        The fit.
    """
    weights = np.array(fixed if fixed is not None else start.penalties if start else np.ones(len(penalties)), float)
    beta = start.coefficients.copy() if start else _started(design, offset, cells)
    held = ridge if ridge is not None else np.zeros(design.columns)
    summed = summed_penalty(weights, penalties, held)
    is_settled = fixed is not None or not len(penalties)
    before, stride = np.zeros(len(weights)), np.ones(len(weights))
    for at in range(rounds):
        beta, factor, distance = _scored(beta, design, offset, cells, summed=summed, likelihood=likelihood)
        if is_settled:
            if distance < _CLOSE:
                break
            continue
        found = _fellner_schall(weights, penalties, beta, summed, linalg.cho_solve(factor, np.eye(len(beta))))
        # The rule creeps where the evidence is flat: a step that keeps its direction doubles, up to eight times, and no
        # step is longer than a factor of 30.
        step = np.log(found / weights)
        stride = np.where(step * before > 0, np.minimum(stride * 2, 8.0), 1.0)
        before = step
        weights = np.exp(np.clip(np.log(weights) + np.clip(step * stride, -3.4, 3.4), *_PENALTY_LOGS))
        # A term that is all but gone may be penalised ever more without changing anything.
        in_play = (weights < _LARGEST_PENALTY / 100) & (weights > _SMALLEST_PENALTY)
        summed = summed_penalty(weights, penalties, held)
        changed = float(np.max(np.abs(step), where=in_play, initial=0.0))
        is_settled = (distance < _NEAR and changed < _NEAR) or at >= rounds - _LAST_ROUNDS
    value, _, information = likelihood(_linear(beta, design, offset), cells)
    return _finished(beta, design.gram(information), summed, weights, value)


def _linear(beta: Vector, design: Design, offset: Vector) -> Vector:
    found: Vector = np.clip(offset + design.times(beta), _SMALLEST_LOG_HAZARD, LARGEST_LOG_HAZARD)
    return found


def _scored(
    beta: Vector, design: Design, offset: Vector, cells: Cells, *, summed: Matrix, likelihood: Likelihood
) -> tuple[Vector, tuple[Matrix, bool], float]:
    """One step of Fisher scoring, halved until the penalised likelihood does not fall.

    Returns:
        The coefficients, the Cholesky factor of the penalised information, and how far the step was in standard errors.
    """
    now, score, information = likelihood(_linear(beta, design, offset), cells)
    factor = _factor(design.gram(information) + summed)
    gradient = design.transposed_times(score) - summed @ beta
    step = linalg.cho_solve(factor, gradient)
    height, scale = now - beta @ summed @ beta / 2, 1.0
    while scale > 1e-4:
        tried = beta + scale * step
        if likelihood(_linear(tried, design, offset), cells)[0] - tried @ summed @ tried / 2 >= height - 1e-9 * abs(height):
            break
        scale /= 2
    return beta + scale * step, factor, float(np.sqrt(max(step @ gradient, 0.0)))


def summed_penalty(weights: Vector, penalties: Sequence[Penalty], ridge: Vector) -> Matrix:
    """S: the penalties with their weights, and the ridge.

    Args:
        weights: Smoothing parameters, one a penalty.
        penalties: In the order of the weights.
        ridge: Precision of each coefficient around 0.

    Returns:
        Coefficients by coefficients.

    Raises:
        ValueError: There is not one weight a penalty.
    """
    total = np.diag(ridge)
    for weight, penalty in zip(weights, penalties, strict=True):
        total[penalty.place, penalty.place] += weight * penalty.matrix
    return total


def _started(design: Design, offset: Vector, cells: Cells) -> Vector:
    """The overall rate against the offset, by least squares on the columns."""
    expected = float(np.sum(cells.exposure * cells.duration * np.exp(offset)))
    level = np.log(max(float(cells.events.sum()), 0.5) / max(expected, 1e-9))
    beta = np.zeros(design.columns)
    beta[0] = level
    return beta


def _factor(matrix: Matrix) -> tuple[Matrix, bool]:
    ridge = 1e-10 * float(np.trace(matrix)) / len(matrix) + 1e-12
    for _ in range(12):
        try:
            found: tuple[Matrix, bool] = linalg.cho_factor(matrix + ridge * np.eye(len(matrix)))
            return found
        except linalg.LinAlgError:
            ridge *= 100
    raise linalg.LinAlgError("the penalised information has no inverse")


def _fellner_schall(
    weights: Vector,
    penalties: Sequence[Penalty],
    beta: Vector,
    summed: Matrix,
    covariance: Matrix,
) -> Vector:
    updated = weights.copy()
    inverses: dict[int, Matrix] = {}
    for place, penalty in enumerate(penalties):
        block = (penalty.place, penalty.place)
        if penalty.start not in inverses:
            inverses[penalty.start] = linalg.pinvh(summed[block], rtol=1e-17, check_finite=False)
        free = float(np.sum((inverses[penalty.start] - covariance[block]) * penalty.matrix))
        roughness = float(beta[penalty.place] @ penalty.matrix @ beta[penalty.place]) + penalty.least
        updated[place] = weights[place] * max(free, 1e-10) / max(roughness, 1e-12)
    return updated


def _finished(beta: Vector, gram: Matrix, summed: Matrix, weights: Vector, value: float) -> Fit:
    factor = _factor(gram + summed)
    covariance = linalg.cho_solve(factor, np.eye(len(beta)))
    rows = np.flatnonzero(np.any(summed != 0, axis=1))
    eigen = linalg.eigvalsh(summed[np.ix_(rows, rows)]) if len(rows) else np.ones(0)
    kept = eigen[eigen > eigen.max(initial=0) * 1e-15]
    evidence = value - beta @ summed @ beta / 2 + np.sum(np.log(kept)) / 2 - np.sum(np.log(np.diag(factor[0])))
    return Fit(beta, covariance, weights, float(np.sum(covariance * gram)), value, float(evidence))
