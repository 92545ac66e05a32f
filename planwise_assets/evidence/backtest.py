"""Scores a fit on years that it has not seen.

Belongs here: holding out, actual over expected by cell with its error, which gaps count. Does not: formulas (scores.py),
text (backtest_text.py).

A gap counts where it is significant (Holm's correction over all cells of the table) and material (a share of all expected
exits, or dollars where an exit has a price). A cause that the fitted years did not have is a break by itself, whatever the
sums say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from planwise_assets.evidence.bands import band_of
from planwise_assets.evidence.design import summed
from planwise_assets.evidence.errors import EvidenceError
from planwise_assets.evidence.experience import Experience
from planwise_assets.evidence.hazards import Hazards, expected_exits, fit_hazards
from planwise_assets.evidence.measures import Composition, Measure, compositions, measures_of
from planwise_assets.evidence.prior import Prior
from planwise_assets.evidence.rivals import AGE_STARTS, SERVICE_STARTS, banded_rates, flat_rate, shipped_rates
from planwise_assets.evidence.scores import Gap, deviance, holm
from planwise_assets.evidence.selection import choose_drifts
from planwise_assets.evidence.year_ends import YearEnds

Vector = NDArray[np.float64]
ALL = "all causes"
RETIREMENT = "retirement"
_NOTHING: tuple[tuple[Scored, ...], tuple[Composition, ...]] = ((), ())


@dataclass(frozen=True)
class Materiality:
    """When a gap matters.

    Attributes:
        share: Of all expected exits.
        dollars: Cost of the gap; counts only with a price.
        price: Dollars that an exit costs, such as hiring and training; None: the share decides.
    """

    share: float = 0.02
    dollars: float = 100_000.0
    price: float | None = None

    def holds(self, gap: Gap, whole: float, payroll: float | None = None) -> bool:
        """Whether a gap is material.

        Args:
            gap: Actual and expected.
            whole: What a gap is a share of, such as all expected exits.
            payroll: Dollars that a gap of 1 is, where it is a share of pay and not people.
        """
        size = abs(gap.actual - gap.expected)
        if self.price is None:
            return size >= self.share * whole
        return size * (self.price if payroll is None else payroll) >= self.dollars


@dataclass(frozen=True)
class Cell:
    """One line of the comparison.

    Attributes:
        cause: Of the exits.
        cut: What the line is of: `year`, `age`, `service`, or `total`.
        value: Which one, such as 2014 or 25-34.
        gap: Actual and expected.
        corrected: P-value after correction for all lines.
        counts: Significant and material.
    """

    cause: str
    cut: str
    value: str
    gap: Gap
    corrected: float
    counts: bool


@dataclass(frozen=True)
class Score:
    """How one way of expecting did for one cause, over the held-out years.

    Attributes:
        method: The way.
        cause: The exits.
        actual: Exits.
        expected: What it expected.
        deviance: Over cells of year, age and completed service, per 1,000 exits.
    """

    method: str
    cause: str
    actual: float
    expected: float
    deviance: float


@dataclass(frozen=True)
class Scored:
    """A figure beside exits, scored.

    Attributes:
        measure: Actual and expected.
        corrected: P-value after correction for all such figures.
        counts: Significant and material.
    """

    measure: Measure
    corrected: float
    counts: bool


@dataclass(frozen=True)
class Backtest:
    """A backtest.

    Attributes:
        fitted: Calendar years fitted.
        held_out: Calendar years scored.
        hazards: What was fitted.
        cells: The comparison.
        scores: The methods beside each other.
        measures: What the year-ends show beside exits; empty where the files have no year-ends.
        compositions: Who the people are at the last year-end.
        breaks: What is not as it was, one sentence each; empty: it held.
    """

    fitted: tuple[int, ...]
    held_out: tuple[int, ...]
    hazards: Hazards
    cells: tuple[Cell, ...]
    scores: tuple[Score, ...]
    breaks: tuple[str, ...] = field(default=())
    measures: tuple[Scored, ...] = ()
    compositions: tuple[Composition, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing counts."""
        return not self.breaks


def run_backtest(
    history: Experience,
    held_out: Sequence[int],
    *,
    groups: Sequence[str] = (),
    priors: Mapping[str, Prior] | None = None,
    tables: Mapping[str, Prior] | None = None,
    materiality: Materiality | None = None,
    ends: YearEnds | None = None,
) -> Backtest:
    """Fits the years before the held-out ones, and scores these.

    Args:
        history: All years.
        held_out: The years to score; the earlier ones are fitted.
        groups: Groups that get effects.
        priors: Of the fit, by cause.
        tables: Published tables of all exits, to compare with.
        materiality: When a gap matters.
        ends: The year-ends of all years, for what they show beside exits; None: exits alone.

    Raises:
        EvidenceError: No year is left to fit.
    """
    years = [year for year in history.years if year < min(held_out)]
    seen, new = history.in_years(years), history.in_years(held_out)
    if not years or not seen.exits.sum():
        raise EvidenceError(f"No year with exits before {min(held_out)} is left to fit.")
    hazards = fit_hazards(seen, groups=groups, priors=priors)
    hazards = hazards.drifting(choose_drifts(seen, groups, priors=priors))
    expected = hazards.expected(new)
    variances = hazards.variances(new)
    expected = {cause: expected.get(cause, np.zeros(len(new.age))) for cause in history.causes}
    limit = materiality or Materiality()
    cells = _cells(new, expected, variances, limit)
    measures, distances = (
        _NOTHING if ends is None else _beside_exits(ends, new, years, expected=expected, variances=variances, limit=limit)
    )
    return Backtest(
        tuple(years),
        tuple(held_out),
        hazards,
        cells,
        _scores(seen, new, expected, tables or {}),
        (*_breaks(seen, new, cells), *(_sentence(scored.measure) for scored in measures if scored.counts)),
        measures,
        distances,
    )


def _beside_exits(
    ends: YearEnds,
    new: Experience,
    years: Sequence[int],
    *,
    expected: Mapping[str, Vector],
    variances: Mapping[str, tuple[Vector, NDArray[np.float64]]],
    limit: Materiality,
) -> tuple[tuple[Scored, ...], tuple[Composition, ...]]:
    before, after = ends.in_years(years), ends.in_years(new.years)
    exits: Vector = np.sum(list(expected.values()), axis=0)
    by_year = {year: new.year == year for year in new.years}
    chance = {
        year: sum(_variance(chosen, new, expected[name], variances.get(name)) for name in expected)
        for year, chosen in by_year.items()
    }
    found = measures_of(before, after, {year: float(exits[chosen].sum()) for year, chosen in by_year.items()}, chance)
    corrected = holm([measure.p_value for measure in found]) if found else []
    scored = tuple(
        Scored(measure, p_value, p_value < 0.05 and limit.holds(measure.gap, measure.whole, measure.payroll))
        for measure, p_value in zip(found, corrected, strict=True)
    )
    last = by_year[new.years[-1]]
    return scored, tuple(compositions(before, after, new.where(last), exits[last]))


def _sentence(measure: Measure) -> str:
    gap = measure.gap
    text = "{:,.0f}" if measure.payroll is None and measure.whole > 1 else "{:.4f}"
    actual, expected, error = (text.format(value) for value in (gap.actual, gap.expected, 1.96 * gap.deviation))
    return f"{measure.name}: {actual}, {expected} expected (give or take {error})."


def _cells(
    new: Experience,
    expected: Mapping[str, Vector],
    variances: Mapping[str, tuple[Vector, NDArray[np.float64]]],
    limit: Materiality,
) -> tuple[Cell, ...]:
    total = float(np.sum([values.sum() for values in expected.values()]))
    lines: list[tuple[str, str, str, Gap]] = []
    for cause in (ALL, *expected):
        names = list(expected) if cause == ALL else [cause]
        for cut, value, chosen in _cuts(new):
            actual = float(sum(new.events[name][chosen].sum() for name in names if name in new.events))
            mean = float(sum(expected[name][chosen].sum() for name in names))
            spread = sum(_variance(chosen, new, expected[name], variances.get(name)) for name in names)
            if actual or mean >= 1:
                lines.append((cause, cut, value, Gap(actual, mean, float(np.sqrt(spread)))))
    corrected = holm([gap.p_value for *_, gap in lines])
    return tuple(
        Cell(cause, cut, value, gap, p_value, p_value < 0.05 and limit.holds(gap, total))
        for (cause, cut, value, gap), p_value in zip(lines, corrected, strict=True)
    )


def _variance(
    chosen: NDArray[np.bool_], new: Experience, expected: Vector, error: tuple[Vector, NDArray[np.float64]] | None
) -> float:
    """Chance, and the error of the rates: exits are binomial, and cells share coefficients."""
    share = expected[chosen] / np.maximum(new.people[chosen], 1e-12)
    chance = float(np.sum(expected[chosen] * (1 - share)))
    if error is None:
        return chance
    walk, root = error
    return chance + float(np.sum(root[chosen].sum(0) ** 2)) + float(walk[chosen].sum()) ** 2


def _cuts(new: Experience) -> list[tuple[str, str, NDArray[np.bool_]]]:
    found = [("total", "all", np.ones(len(new.age), dtype=bool))]
    found += [("year", str(year), new.year == year) for year in new.years]
    for cut, starts, values in (("age", AGE_STARTS, new.age), ("service", SERVICE_STARTS, new.service)):
        bands = band_of(starts, values)
        for band, start in enumerate(starts):
            end = f"-{starts[band + 1] - 1}" if band + 1 < len(starts) else "+"
            if (bands == band).any():
                found.append((cut, f"{start}{end}", bands == band))
    return found


def _scores(
    seen: Experience, new: Experience, expected: Mapping[str, Vector], tables: Mapping[str, Prior]
) -> tuple[Score, ...]:
    shipped = expected_exits(shipped_rates(new), new)
    methods: dict[str, Mapping[str, Vector]] = {
        "surface": expected,
        "bands": banded_rates(seen, new),
        "flat rate": flat_rate(seen, new),
        "shipped defaults": {RETIREMENT: shipped["retirement"], "all but retirement": shipped["termination"]},
    }
    for name, table in tables.items():
        rates = {ALL: np.exp(table.log_hazard(new.age, new.service))}
        methods[name] = {ALL: expected_exits(rates, new)[ALL]}
    found = []
    for cause in (ALL, "all but retirement", *new.causes):
        names = _members(cause, new)
        actual = np.sum([new.events[name] for name in names], axis=0) if names else np.zeros(len(new.age))
        if not actual.any() or (cause == "all but retirement" and RETIREMENT not in new.events):
            continue
        for method, values in methods.items():
            mean = _expected_of(cause, values, new)
            if mean is not None:
                found.append(_score(method, cause, new, actual, mean))
    return tuple(found)


def _members(cause: str, new: Experience) -> list[str]:
    if cause == ALL:
        return new.causes
    return [name for name in new.causes if name != RETIREMENT] if cause == "all but retirement" else [cause]


def _expected_of(cause: str, values: Mapping[str, Vector], new: Experience) -> Vector | None:
    if cause in values:
        return values[cause]
    if ALL in values:
        return None
    if cause == ALL:
        found: Vector = np.sum(list(values.values()), axis=0)
        return found
    if cause == "all but retirement":
        rest: Vector = np.zeros(len(new.age)) + sum(part for name, part in values.items() if name != RETIREMENT)
        return rest
    # A cause that the fitted years did not have is expected never.
    return None if "all but retirement" in values else np.zeros(len(new.age))


def _score(method: str, cause: str, new: Experience, actual: Vector, mean: Vector) -> Score:
    _, place = np.unique((new.year * 1000 + new.age) * 1000 + new.service, return_inverse=True)
    there, meant = summed(place, actual), summed(place, mean)
    exits = float(actual.sum())
    return Score(method, cause, exits, float(mean.sum()), 1000 * deviance(there, meant) / exits)


def _breaks(seen: Experience, new: Experience, cells: Sequence[Cell]) -> tuple[str, ...]:
    found = []
    for cause in new.causes:
        exits = float(new.events[cause].sum())
        if exits and (cause not in seen.events or not seen.events[cause].any()):
            found.append(f"{cause}: {exits:,.0f} exits, and none in the fitted years {seen.years[0]}-{seen.years[-1]}.")
    for cell in cells:
        if cell.counts and cell.gap.expected >= 1e-3:
            found.append(
                f"{cell.cause}, {cell.cut} {cell.value}: {cell.gap.actual:,.0f} exits, {cell.gap.expected:,.1f} expected "
                f"(A/E {cell.gap.ratio:.2f}; chance alone gives {cell.gap.interval[0]:.2f} to {cell.gap.interval[1]:.2f})."
            )
    return tuple(found)
