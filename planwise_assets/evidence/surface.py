"""The hazard of one cause as a surface over age and service, with jumps, years and groups.

Belongs here: which terms the surface has, fitting it, its value and error anywhere it was seen. Does not: finding jumps
(jumps.py), several causes together (hazards.py).

    log hazard = prior + level + f(age) + g(log(1 + service)) + h(age, service) + year + jumps + groups

f, g, h are P-splines, h without the main effects; the year is a random walk, so that what comes is expected to be like the
last year seen, as far as the years really differed; groups are random effects, whose spread is credibility. Every
smoothing parameter and variance comes from the data (penalized.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import linalg

from planwise_assets.evidence.design import Design, Matrix, Vector, Whole
from planwise_assets.evidence.experience import Experience
from planwise_assets.evidence.penalized import LARGEST_LOG_HAZARD, Fit, Penalty, central, fit, initial, summed_penalty
from planwise_assets.evidence.prior import Prior
from planwise_assets.evidence.terms import Jump, Spline, difference_penalty, null_space_penalty, tensor, tensor_penalties

_AGE_SPACING, _SERVICE_SPACING = 3.0, 0.35
_COARSE = 3
# Roughness believed before any data (`Penalty.least`), as sums of squares of logs: of second differences of coefficients, of
# what these leave free, and of the steps from year to year.
_CURVATURE, _SLOPE, _STEP = 0.002, 0.02, 0.0003
_FEWEST_YEARS = 3
# Standard deviation, in logs, of the overall level around a prior table, of a jump, and of a spike's slope.
LEVEL_SPREAD, _JUMP_SPREAD, _SLOPE_SPREAD = 0.5, 3.0, 0.5


@dataclass(frozen=True)
class Shape:
    """The columns of a surface.

    Attributes:
        age: Main effect.
        service: Main effect.
        pair: Coarser splines whose products are the interaction.
        years: Calendar years with an effect; empty: none.
        jumps: The jumps.
        drift: Whether years to come go on as the years seen went on average, and not like the last one.
    """

    age: Spline
    service: Spline
    pair: tuple[Spline, Spline] | None
    years: tuple[int, ...]
    jumps: tuple[Jump, ...] = ()
    drift: bool = False

    @classmethod
    def of(cls, seen: Experience, *, interaction: bool = True, years: bool = True) -> Shape:
        """The columns that the data can tell something about.

        Args:
            seen: The cells.
            interaction: Whether age and service may act together.
            years: Whether calendar years have effects, where there are three or more of them.
        """
        weights = seen.people
        found = tuple(seen.years) if years and len(seen.years) >= _FEWEST_YEARS else ()
        pair = None
        if interaction:
            pair = (
                Spline.over(seen.age, weights, 2 * _AGE_SPACING),
                Spline.over(seen.service, weights, 2 * _SERVICE_SPACING, logarithmic=True),
            )
        return cls(
            Spline.over(seen.age, weights, _AGE_SPACING),
            Spline.over(seen.service, weights, _SERVICE_SPACING, logarithmic=True),
            pair,
            found,
        )

    @classmethod
    def coarse(cls, seen: Experience) -> Shape:
        """Main effects that bend little, to look for jumps against."""
        return cls(
            Spline.over(seen.age, seen.people, _COARSE * _AGE_SPACING),
            Spline.over(seen.service, seen.people, _COARSE * _SERVICE_SPACING, logarithmic=True),
            None,
            (),
        )

    @property
    def jumps_start(self) -> int:
        """Place of the first jump among the coefficients."""
        size = 1 + self.age.centre.shape[1] + self.service.centre.shape[1]
        size += self.pair[0].centre.shape[1] * self.pair[1].centre.shape[1] if self.pair else 0
        return int(size) + len(self.years)

    @property
    def jumps_width(self) -> int:
        """How many coefficients the jumps have."""
        return sum(jump.width for jump in self.jumps)

    def place_of(self, jump: Jump) -> int:
        """Place of the first coefficient of a jump."""
        return self.jumps_start + sum(other.width for other in self.jumps[: self.jumps.index(jump)])

    def columns(self, age: Whole, service: Whole, year: Whole) -> Matrix:
        """The columns of triples: level, age, service, interaction, years, jumps.

        Args:
            age: Years on 1 January, one value a triple.
            service: Completed years on 1 January, one value a triple.
            year: Calendar year, one value a triple; one before or after those seen counts as the nearest of them, unless
                `drift` is set and it comes after them.

        Returns:
            Triples by columns; groups have none here.
        """
        parts = [np.ones((len(age), 1)), self.age.columns(age), self.service.columns(service)]
        if self.pair is not None:
            parts.append(tensor(self.pair[0].columns(age), self.pair[1].columns(service)))
        if self.years:
            held = np.clip(year, self.years[0], self.years[-1])
            effects = (held[:, None] == np.array(self.years)[None, :]).astype(float)
            if self.drift:
                ahead = np.maximum(year - self.years[-1], 0) / (self.years[-1] - self.years[0])
                effects[:, -1] += ahead
                effects[:, 0] -= ahead
            parts.append(effects)
        parts += [jump.columns(age, service, year) for jump in self.jumps]
        return np.concatenate(parts, 1)

    def penalties(self, members: Sequence[int]) -> list[Penalty]:
        """The penalties of all columns."""
        blocks: list[tuple[str, list[Matrix], tuple[float, ...]]] = []
        for name, spline in (("age", self.age), ("service", self.service)):
            blocks.append((name, [spline.penalty(), null_space_penalty(spline.penalty())], (_CURVATURE, _SLOPE)))
        if self.pair is not None:
            pair = list(tensor_penalties(self.pair[0].penalty(), self.pair[1].penalty()))
            blocks.append(("age x service", pair, (_CURVATURE, _CURVATURE, _SLOPE)))
        if self.years:
            blocks.append(("year", [difference_penalty(len(self.years), 1)], (_STEP,)))
        found, start = [], 1
        for name, matrices, least in blocks:
            found += [
                Penalty(start, matrix, name, believed)
                for matrix, believed in zip(matrices, least, strict=True)
                if matrix.any()
            ]
            start += len(matrices[0])
        start += self.jumps_width
        for count in members:
            found.append(Penalty(start, np.eye(count), "group"))
            start += count
        return found

    def ridge(self, members: Sequence[int], *, has_prior: bool) -> Vector:
        """What holds coefficients near 0 whatever the data say: the level under a prior, the years' mean, the jumps."""
        jumps = self.jumps_start
        values = np.zeros(jumps + self.jumps_width + sum(members))
        values[0] = 1 / LEVEL_SPREAD**2 if has_prior else 0.0
        values[jumps - len(self.years) : jumps] = 1e-3
        spreads = [spread for jump in self.jumps for spread in (_JUMP_SPREAD, _SLOPE_SPREAD)[: jump.width]]
        values[jumps : jumps + self.jumps_width] = [1 / spread**2 for spread in spreads]
        return values


@dataclass(frozen=True)
class Surface:
    """A fitted hazard of one cause.

    Attributes:
        cause: The exits it is about.
        shape: Its columns.
        groups: Members of each group that has an effect, by the group's name.
        prior: What the hazard is without data, by age and service; None: nothing.
        is_central: Fitted on person-years, not on the people of 1 January.
        fitted: Coefficients and their errors.
    """

    cause: str
    shape: Shape
    groups: Mapping[str, tuple[str, ...]]
    prior: Prior | None
    is_central: bool
    fitted: Fit = field(repr=False)

    def log_hazard(self, where: Experience) -> tuple[Vector, Vector]:
        """Log of the yearly hazard in each cell, and its standard error.

        Years after the last one seen are taken as like it, with the random walk's own error for each year between. Members
        of a group that were not seen have the group's mean and spread.
        """
        rows = self.rows(where)
        value = rows @ self.fitted.coefficients + offset_of(self.prior, where)
        variance = np.einsum("ij,ij->i", rows @ self.fitted.covariance, rows) + self.walked(where)
        return np.minimum(value, LARGEST_LOG_HAZARD), np.sqrt(np.maximum(variance, 0.0))

    def rows(self, where: Experience) -> Matrix:
        """The row of the design for each cell."""
        design = design_of(where, self.shape, self.groups)
        found = np.zeros((len(where.age), design.columns))
        start = design.grid.shape[1]
        found[:, :start] = design.grid[design.place]
        for codes, count in design.groups:
            known = codes >= 0
            found[np.flatnonzero(known), start + codes[known]] = 1.0
            start += count
        return found

    def walked(self, where: Experience) -> Vector:
        """Variance that the random walk adds after the last year seen; the same step for all cells of a year."""
        if not self.shape.years:
            return np.zeros(len(where.age))
        steps = (
            weight
            for weight, penalty in zip(self.fitted.penalties, self._penalties(), strict=True)
            if penalty.term == "year"
        )
        found: Vector = np.maximum(where.year - self.shape.years[-1], 0) / next(steps)
        return found

    def _penalties(self) -> list[Penalty]:
        return self.shape.penalties([len(labels) for labels in self.groups.values()])

    def prior_variance(self, where: Experience) -> Vector:
        """Variance of the log hazard before any data; only for a surface with a prior."""
        ridge = self.shape.ridge([len(labels) for labels in self.groups.values()], has_prior=True)
        total = summed_penalty(self.fitted.penalties, self._penalties(), ridge)
        columns = self.shape.columns(where.age, where.service, where.year)
        inverse = linalg.pinvh(total, rtol=1e-17)[: columns.shape[1], : columns.shape[1]]
        found: Vector = np.einsum("ij,ij->i", columns @ inverse, columns)
        return found


def offset_of(prior: Prior | None, where: Experience) -> Vector:
    """Log of the prior hazard in each cell; 0 without a prior."""
    return np.zeros(len(where.age)) if prior is None else prior.log_hazard(where.age, where.service)


def triples(where: Experience) -> tuple[Whole, Whole, Whole, Whole]:
    """Age, service and year of each triple that there is, and the triple of each cell."""
    keys, place = np.unique((where.year * 1000 + where.age) * 1000 + where.service, return_inverse=True)
    return keys // 1000 % 1000, keys % 1000, keys // 1_000_000, place


def design_of(where: Experience, shape: Shape, groups: Mapping[str, tuple[str, ...]]) -> Design:
    """The design of cells.

    Args:
        where: The cells, which have all the groups.
        shape: The columns of their age, service and year.
        groups: The members that have an effect, by the group's name; any other member of a cell has none.

    Returns:
        A row a cell.
    """
    *found, place = triples(where)
    members = []
    for name, labels in groups.items():
        own = where.groups[name]
        known = {label: at for at, label in enumerate(labels)}
        translated = np.array([known.get(label, -1) for label in own.labels], dtype=np.int64)
        members.append((translated[own.codes], len(labels)))
    return Design(shape.columns(*found), place, members)


def flat_other_hazard(seen: Experience, cause: str) -> Vector:
    """The overall yearly hazard of the other causes, in each cell."""
    rest = float(seen.exits.sum() - seen.events[cause].sum())
    return np.full(len(seen.age), rest / max(float(seen.person_years.sum()), 1e-9))


def fit_surface(
    seen: Experience,
    cause: str,
    shape: Shape,
    *,
    groups: Sequence[str] = (),
    prior: Prior | None = None,
    other_hazard: Vector | None = None,
    is_central: bool = False,
    start: Surface | None = None,
) -> Surface:
    """Fits the hazard of a cause.

    Args:
        seen: The cells.
        cause: One of its causes.
        shape: The columns.
        groups: Names of the groups that get effects.
        prior: Where the hazard is drawn to.
        other_hazard: Yearly hazard of the other causes, by cell; by default their overall rate. For the initial exposure.
        is_central: Fit on person-years.
        start: A surface whose smooth part has the same columns, and jumps that this one begins with.
    """
    labels = {name: seen.groups[name].labels for name in groups}
    design = design_of(seen, shape, labels)
    members = [len(found) for found in labels.values()]
    if other_hazard is None:
        other_hazard = flat_other_hazard(seen, cause)
    fitted = fit(
        design,
        offset_of(prior, seen),
        seen.cells(cause, other_hazard, is_central=is_central),
        shape.penalties(members),
        central if is_central else initial,
        ridge=shape.ridge(members, has_prior=prior is not None),
        start=None if start is None else _widened(start, shape, sum(members)),
    )
    return Surface(cause, shape, labels, prior, is_central, fitted)


def _widened(start: Surface, shape: Shape, members: int) -> Fit:
    """A fit with zeros for the jumps that came."""
    added = shape.jumps_width - start.shape.jumps_width
    beta = start.fitted.coefficients
    cut = len(beta) - members
    return replace(start.fitted, coefficients=np.concatenate([beta[:cut], np.zeros(added), beta[cut:]]))
