"""What the seeds of a study say together: bands, means with their errors, paired differences, seeds needed.

Belongs here: the statistics, each with its formula and source. Does not: which figures there are (measures.py), printing.

A seed is one possible future; seeds are independent of each other, scenarios of one seed are not: they share every draw
(common random numbers), which is why differences are taken seed by seed.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from planwise_assets.results.measures import Measure, Values
from planwise_assets.results.provenance import Published
from planwise_assets.results.reading import read_measures, solved_measures
from planwise_assets.results.totals import ALL_YEARS, totals, year_or_all

PERCENTILES = (10, 25, 50, 75, 90)
CONFIDENCE = 0.95
#: Futures below which nothing is said about how likely something is: 3 of 3 is no certainty, and none of 9 may be 1 in 3.
FEWEST_SEEDS = 10


@dataclass(frozen=True)
class Band:
    """One measure of one scenario and year over the seeds.

    Attributes:
        seeds: How many seeds have a value.
        mean: Arithmetic mean.
        standard_error: Of the mean, `s / sqrt(n)`; None with one seed, and for a deterministic total.
        percentiles: Value by percentile (10, 25, 50, 75, 90); empty with one seed, and for a deterministic total.
        deterministic: The total is solved exactly and the same in all seeds: no band, because nothing varies.
    """

    seeds: int
    mean: float
    standard_error: float | None
    percentiles: Mapping[int, float]
    deterministic: bool

    @property
    def standard_deviation(self) -> float | None:
        """Of one seed's value; None where there is no error."""
        return None if self.standard_error is None else self.standard_error * math.sqrt(self.seeds)


@dataclass(frozen=True)
class Difference:
    """What one scenario has more than another in a year.

    Attributes:
        seeds: Seeds that both scenarios have.
        mean: Mean over the seeds of `b - a`.
        standard_error: Of that mean, from the differences themselves; None with one seed.
        unpaired_error: What it would be if the scenarios were simulated with different seeds; None with one seed.
    """

    seeds: int
    mean: float
    standard_error: float | None
    unpaired_error: float | None


def percentile(values: Sequence[float], percent: float) -> float:
    """The percentile by linear interpolation between order statistics.

    With the values sorted as `x[0] .. x[n-1]` and `h = (n - 1) percent / 100`, it is
    `x[floor h] + (h - floor h)(x[floor h + 1] - x[floor h])`: definition 7 of Hyndman and Fan, "Sample Quantiles in
    Statistical Packages", The American Statistician 50 (1996), 361-365; PERCENTILE.INC of Excel, `quantile_cont` of DuckDB.

    Raises:
        ValueError: No values, or a percent outside 0 to 100.
    """
    if not values or not 0 <= percent <= 100:
        raise ValueError("A percentile needs at least one value and a percent from 0 to 100.")
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def mean_and_error(values: Sequence[float]) -> tuple[float, float | None]:
    """The mean, and its standard error `s / sqrt(n)` with `s^2 = sum (x - mean)^2 / (n - 1)`.

    Source: any text on sampling; Law, Simulation Modeling and Analysis, chapter 4. One value has no error.
    """
    mean = math.fsum(values) / len(values)
    if len(values) < 2:
        return mean, None
    variance = math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)
    return mean, math.sqrt(variance / len(values))


def band(values: Sequence[float], *, solved: bool = False) -> Band:
    """The band of one measure.

    Args:
        values: One value a seed.
        solved: Whether the study solves the total exactly; it is deterministic if the seeds agree with that.
    """
    if solved and len(set(values)) == 1:
        return Band(len(values), values[0], None, {}, deterministic=True)
    mean, error = mean_and_error(values)
    shown = {percent: percentile(values, percent) for percent in PERCENTILES} if error is not None else {}
    return Band(len(values), mean, error, shown, deterministic=False)


def paired_difference(a: Mapping[int, float], b: Mapping[int, float]) -> Difference | None:
    """The difference `b - a`, seed by seed.

    The error is that of the differences, `s_d / sqrt(n)`: with common random numbers `Var(b - a) = Var a + Var b - 2 Cov`,
    and the covariance is what two runs with different seeds would lack (Law, Simulation Modeling and Analysis, sections 10.2
    and 11.2).

    Args:
        a: Value by seed of the one scenario.
        b: Value by seed of the other.

    Returns:
        None if they have no seed in common.
    """
    seeds = sorted(a.keys() & b.keys())
    if not seeds:
        return None
    mean, error = mean_and_error([b[seed] - a[seed] for seed in seeds])
    errors = [mean_and_error([values[seed] for seed in seeds])[1] for values in (a, b)]
    unpaired = None if error is None else math.hypot(*(part or 0.0 for part in errors))
    return Difference(len(seeds), mean, error, unpaired)


def t_quantile(probability: float, freedom: int) -> float:
    """The quantile of Student's t for whole degrees of freedom, by bisection of the exact distribution.

    The distribution for whole degrees of freedom is a finite sum: Abramowitz and Stegun, Handbook of Mathematical Functions,
    26.7.3 and 26.7.4.

    Raises:
        ValueError: A probability not between 0.5 and 1, or no degree of freedom.
    """
    if not 0.5 <= probability < 1 or freedom < 1:
        raise ValueError("A quantile needs a probability from 0.5 to below 1 and at least one degree of freedom.")
    low, high = 0.0, 1.0
    while _t_distribution(high, freedom) < probability:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if _t_distribution(middle, freedom) < probability else (low, middle)
    return (low + high) / 2


def _t_distribution(t: float, freedom: int) -> float:
    angle = math.atan(t / math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    is_odd = freedom % 2 == 1
    term, total = (cosine, cosine) if is_odd else (1.0, 1.0)
    for step in range(2 if is_odd else 1, freedom - 1, 2):
        term *= cosine * cosine * step / (step + 1)
        total += term
    if freedom == 1:
        total = 0.0
    central = 2 / math.pi * (angle + sine * total) if is_odd else sine * total
    return 0.5 + central / 2


def half_width(standard_error: float, seeds: int, confidence: float = CONFIDENCE) -> float:
    """Half of the confidence interval of a mean: `t(n - 1) x standard error`.

    Args:
        standard_error: Of the mean.
        seeds: n, at least 2.
        confidence: Of the interval, a share below 1.

    Returns:
        In the unit of the standard error.

    Raises:
        ValueError: There is one seed, or a confidence that is not from 0 to below 1.
    """
    return t_quantile((1 + confidence) / 2, seeds - 1) * standard_error


def seeds_needed(standard_error: float, seeds: int, precision: float, confidence: float = CONFIDENCE) -> int:
    """How many seeds bring half of the confidence interval of the mean down to a wanted precision.

    Two-stage sampling: with a pilot of n seeds and their standard deviation s, `max(n, ceil((t(n - 1) s / precision)^2))`
    seeds in all hold the precision with at least that confidence, for normally distributed values. Source: Stein,
    "A Two-Sample Test for a Linear Hypothesis Whose Power is Independent of the Variance", Annals of Mathematical
    Statistics 16 (1945), 243-258.

    Args:
        standard_error: Of the mean of the pilot.
        seeds: Of the pilot, at least 2.
        precision: Half of the interval that is wanted, in the measure's unit, above 0.
        confidence: Of the interval.

    Raises:
        ValueError: A precision that is not above 0, a pilot of one seed, or a confidence that is not from 0 to below 1.
    """
    if precision <= 0:
        raise ValueError("A precision must be above 0.")
    width = half_width(standard_error, seeds, confidence) * math.sqrt(seeds)
    return max(seeds, math.ceil((width / precision) ** 2))


Bands = dict[tuple[str, int], dict[str, Band]]


def measure_bands(values: Values, solved: Mapping[str, Collection[str]]) -> Bands:
    """Bands by (scenario, year) and measure: what every view shows of a figure over seeds is the `mean` in here.

    A seed in which a measure has no value (nobody is eligible) is left out of its band; a measure without any, of all.

    Args:
        values: As `read_measures` or `table_measures` give them.
        solved: The measures that each scenario solves exactly.
    """
    gathered: dict[tuple[str, int], dict[str, list[float]]] = {}
    for (scenario, _, year), world in values.items():
        lists = gathered.setdefault((scenario, year), {})
        for name, value in world.items():
            if value is not None:
                lists.setdefault(name, []).append(value)
    return {
        (scenario, year): {name: band(listed, solved=name in solved.get(scenario, ())) for name, listed in lists.items()}
        for (scenario, year), lists in gathered.items()
    }


def by_seed(values: Values, scenario: str, year: int, measure: str) -> dict[int, float]:
    """One measure of a scenario and year: value by seed.

    Args:
        values: As `read_measures` or `cut_measures` gives them.
        scenario: Its name.
        year: Simulation year.
        measure: One of MEASURES.

    Returns:
        In the measure's unit; without the seeds in which it has no value.
    """
    return {
        seed: value
        for (name, seed, at), world in values.items()
        if name == scenario and at == year and (value := world[measure]) is not None
    }


def study_bands(connection: duckdb.DuckDBPyConnection, made: Published, *, together: bool = False) -> Bands:
    """The bands of every measure, scenarios in the study's order.

    Args:
        connection: A connection to the warehouse.
        made: What it was made from.
        together: After the years of a scenario also ALL_YEARS, where only dollars have a band.
    """
    solved = {name: solved_measures(settings) for name, settings in made.settings.items()}
    values = read_measures(connection)
    found = measure_bands({**values, **totals(values, made.years)} if together else values, solved)
    in_order = sorted(found, key=lambda at: (made.scenarios.index(at[0]), at[1] == ALL_YEARS, at[1]))
    return {at: found[at] for at in in_order}


def band_text(measure: Measure, band: Band | None) -> list[str]:
    """Mean, standard error and percentiles as people read them."""
    if band is None:
        return ["-"] * (2 + len(PERCENTILES))
    if band.deterministic:
        return [measure.text(band.mean), "deterministic", *["-"] * len(PERCENTILES)]
    error = "-" if band.standard_error is None else measure.text(band.standard_error)
    spread = (measure.text(band.percentiles.get(percent)) for percent in PERCENTILES)
    return [measure.text(band.mean), error, *spread]


def fact_json(scenario: str, year: int, measure: Measure, band: Band) -> dict[str, Any]:
    """A measure of a scenario and year as a program reads it.

    Args:
        scenario: Its name.
        year: Simulation year, or ALL_YEARS.
        measure: Which.
        band: Of the measure, in its unit.
    """
    return {
        "scenario_id": scenario,
        "simulation_year": year_or_all(year),
        "measure": measure.name,
        "unit": measure.unit,
        "seeds": band.seeds,
        "mean": band.mean,
        "standard_error": band.standard_error,
        "deterministic": band.deterministic,
        **{f"p{percent}": value for percent, value in band.percentiles.items()},
    }
