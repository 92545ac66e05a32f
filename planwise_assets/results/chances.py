"""How often a figure is above a threshold: the share of futures, with how sure that is; withheld where there are too few.

Belongs here: shares of seeds. Does not: which figures there are (measures.py), how often the plan's tests fail by margin
(compliance.py), printing (commands/results.py).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

from planwise_assets.results.ensembles import CONFIDENCE, FEWEST_SEEDS
from planwise_assets.results.measures import Values
from planwise_assets.results.totals import ALL_YEARS, year_or_all


@dataclass(frozen=True)
class Chance:
    """In how many futures of a scenario and year something is so.

    Attributes:
        scenario: The scenario.
        year: The year; ALL_YEARS for their sum.
        seeds: Futures.
        hits: Those in which it is so.
    """

    scenario: str
    year: int
    seeds: int
    hits: int

    @property
    def share(self) -> float | None:
        """The share of futures; None with fewer than FEWEST_SEEDS."""
        return self.hits / self.seeds if self.seeds >= FEWEST_SEEDS else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of the chance, by Wilson's score; None with fewer than FEWEST_SEEDS."""
        return wilson(self.hits, self.seeds) if self.seeds >= FEWEST_SEEDS else None

    def text(self) -> str:
        """The chance as people read it."""
        if self.interval is None or self.share is None:
            return f"withheld: {self.seeds} of {FEWEST_SEEDS} seeds"
        low, high = self.interval
        return f"{self.share:.0%} ({low:.0%} to {high:.0%})"

    def as_json(self) -> dict[str, Any]:
        """The chance as a program reads it."""
        low, high = self.interval or (None, None)
        return {
            "scenario_id": self.scenario,
            "simulation_year": year_or_all(self.year),
            "seeds": self.seeds,
            "seeds_above": self.hits if self.share is not None else None,
            "chance": self.share,
            "low_95": low,
            "high_95": high,
        }


def wilson(hits: int, trials: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The score interval of a share, `(p + z^2/2n -+ z sqrt(p(1 - p)/n + z^2/4n^2)) / (1 + z^2/n)`.

    Source: Wilson, Probable Inference, the Law of Succession, and Statistical Inference, JASA 22 (1927), 209-212;
    recommended for few trials by Brown, Cai and DasGupta, Statistical Science 16 (2001), 101-133.

    Args:
        hits: Futures in which it came, of `trials`.
        trials: Futures, at least 1.
        confidence: Of the interval, a share below 1.

    Returns:
        Both ends, as shares from 0 to 1.
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, more = hits / trials, z * z / trials
    middle = (share + more / 2) / (1 + more)
    half = z * math.sqrt(share * (1 - share) / trials + more / (4 * trials)) / (1 + more)
    return max(0.0, middle - half), min(1.0, middle + half)


def chances_above(
    values: Values, measure: str, threshold: float, scenarios: Sequence[str], years: Collection[int]
) -> list[Chance]:
    """How often a measure is above a threshold, by scenario and year.

    Args:
        values: As `read_measures` gives them.
        measure: The measure.
        threshold: In its unit.
        scenarios: In the order of the rows.
        years: The years.
    """
    by_year: dict[tuple[str, int], dict[int, float]] = {}
    for (scenario, seed, year), world in values.items():
        value = world[measure]
        if scenario in scenarios and year in years and value is not None:
            by_year.setdefault((scenario, year), {})[seed] = value
    return [
        _chance(scenario, year, by_year[scenario, year], threshold)
        for scenario in scenarios
        for year in sorted(years, key=lambda year: (year == ALL_YEARS, year))
        if (scenario, year) in by_year
    ]


def _chance(scenario: str, year: int, by_seed: Mapping[int, float], threshold: float) -> Chance:
    return Chance(scenario, year, len(by_seed), sum(value > threshold for value in by_seed.values()))
