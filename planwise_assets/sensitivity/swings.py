"""What a figure is at the low and at the high value of each assumption: differences from the scenario as it is, and swings.

Belongs here: the differences, paired by seed, and whether they belong to published results. Does not: other values
(worlds.py), printing, drawing (report/tornado.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from planwise_assets.results.assumptions import SHOWN, Assumption
from planwise_assets.results.certainty import known
from planwise_assets.results.ensembles import Band, Difference, band, paired_difference
from planwise_assets.results.measures import MEASURES, Values
from planwise_assets.results.provenance import ProvenanceError, Published, read_published
from planwise_assets.results.reading import read_measures
from planwise_assets.sensitivity.worlds import AS_IT_IS, TABLE, Side, Varied, read_worlds

FIGURE = "net_cost"


@dataclass(frozen=True)
class Turn:
    """A figure with one assumption at one of its values, less the figure of the scenario as it is.

    Attributes:
        side: The value and its source.
        less: The difference, seed by seed.
        spread: The differences of the seeds as a band.
        more: Seeds in which the figure is higher than as it is.
    """

    side: Side
    less: Difference
    spread: Band
    more: int


@dataclass(frozen=True)
class Swing:
    """One assumption.

    Attributes:
        varied: The assumption.
        low: At its low value.
        high: At its high value.
        difference: The figure at the high value less that at the low one, seed by seed.
    """

    varied: Varied
    low: Turn
    high: Turn
    difference: Difference

    @property
    def size(self) -> float:
        """How far apart the figure is at the two values; assumptions are sorted by it."""
        return abs(self.difference.mean)

    @property
    def is_none(self) -> bool:
        """Whether the figure is the same at both values as it is, in every seed."""
        return not any(one.less.mean or one.less.standard_error for one in (self.low, self.high))

    def as_json(self) -> dict[str, Any]:
        """The assumption as a program reads it."""
        return {
            "assumption": self.varied.name,
            "what": self.varied.what,
            "setting": self.varied.setting,
            "as_it_is": self.varied.now,
            **{word: _turn_json(one) for word, one in (("low", self.low), ("high", self.high))},
            "swing": self.size,
            "swing_standard_error": self.difference.standard_error,
        }


@dataclass(frozen=True)
class Sensitivity:
    """A table of swings.

    Attributes:
        of: The client's scenario.
        measure: The figure.
        years: The years: a figure in dollars is their sum, any other is that of the last.
        seeds: Futures.
        as_it_is: The figure of the scenario as it is.
        swings: The assumptions, the largest swing first.
    """

    of: str
    measure: str
    years: Sequence[int]
    seeds: int
    as_it_is: Band
    swings: Sequence[Swing]

    @property
    def span(self) -> str:
        """The years that the figure is of, in words."""
        if not is_summed(self.measure) or len(self.years) == 1:
            return str(self.years[-1])
        return f"{self.years[0]}–{self.years[-1]}"


def is_summed(measure: str) -> bool:
    """Whether a figure of several years is their sum; else it is that of the last."""
    return MEASURES[measure].unit == "dollars"


def sensitivity(values: Values, of: str, varied: Sequence[Varied], measure: str = FIGURE) -> Sensitivity:
    """The swings of a figure.

    Args:
        values: The figures of the worlds, as `read_measures` gives them.
        of: The client's scenario.
        varied: The assumptions.
        measure: One of MEASURES.
    """
    years = sorted({year for _, _, year in values})
    figures = _by_scenario(values, measure, years)
    base = figures.get(AS_IT_IS, {})
    swings = []
    for one in varied:
        low, high = (figures.get(side.scenario, {}) for side in (one.low, one.high))
        difference = paired_difference(low, high)
        turns = [_turn(side, base, figure) for side, figure in ((one.low, low), (one.high, high))]
        if difference and turns[0] and turns[1]:
            swings.append(Swing(one, turns[0], turns[1], difference))
    swings.sort(key=lambda swing: (-swing.size, swing.varied.name))
    return Sensitivity(of, measure, years, len(base), band(list(base.values())), swings)


def sensitivity_of(made: Published, folder: Path, warehouse: Path) -> Sensitivity | str | None:
    """The sensitivity of published results, if one was simulated.

    Args:
        made: What the published results were made from.
        folder: The home of the sensitivity.
        warehouse: Its published results.

    Returns:
        The swings; or in a sentence why they are not those of these results; or None: there are none.
    """
    record = read_worlds(folder)
    if record is None or not warehouse.is_file():
        return None
    of, study_hash, varied = record
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        try:
            worlds = read_published(connection)
        except ProvenanceError as error:
            return str(error)
        if worlds.last.study_file[1] != study_hash or not _same(made, worlds, of):
            return "The sensitivity table is of other settings, years or people. Make it anew: planwise sensitivity"
        return sensitivity(read_measures(connection), of, varied)


_CODE_AND_PEOPLE = ("code", "census file")


def _same(made: Published, worlds: Published, of: str) -> bool:
    """Whether the scenario as it is in the worlds is one of the published results."""
    if of not in made.settings or made.years.keys() != worlds.years.keys():
        return False
    same_settings = made.settings[of] == worlds.settings[AS_IT_IS]
    return same_settings and all(
        made.years[year].fingerprint.get(part) == worlds.years[year].fingerprint.get(part)
        for year in made.years
        for part in _CODE_AND_PEOPLE
    )


def heaviest(found: Sensitivity) -> list[Assumption]:
    """The assumptions with the largest swings, for a page that has room for few."""
    return [_assumption(found, swing) for swing in found.swings[:SHOWN] if not swing.is_none]


def _assumption(found: Sensitivity, swing: Swing) -> Assumption:
    varied, unit = swing.varied, MEASURES[found.measure].unit
    worth = " and ".join(
        f"{known(turn.less.mean, turn.less.standard_error, unit, signed=True)} at {turn.side.value}"
        for turn in (swing.low, swing.high)
    )
    now = f"{varied.now} is assumed" if varied.now != TABLE else "by a table of the study"
    over = "over" if "–" in found.span else "in"
    return Assumption(f"{varied.what}: {now}.", f"{MEASURES[found.measure].title} {over} {found.span}: {worth}.", swing.size)


def _by_scenario(values: Values, measure: str, years: Sequence[int]) -> dict[str, dict[int, float]]:
    """The figure by scenario and seed: summed over the years, or that of the last one."""
    counted = years if is_summed(measure) else years[-1:]
    found: dict[str, dict[int, float]] = {}
    for (scenario, seed, year), world in values.items():
        value = world[measure]
        if year in counted and value is not None:
            by_seed = found.setdefault(scenario, {})
            by_seed[seed] = by_seed.get(seed, 0.0) + value
    return found


def _turn(side: Side, base: Mapping[int, float], figure: Mapping[int, float]) -> Turn | None:
    less = paired_difference(base, figure)
    if less is None:
        return None
    each = [figure[seed] - base[seed] for seed in sorted(base.keys() & figure.keys())]
    return Turn(side, less, band(each), sum(more > 0 for more in each))


def _turn_json(one: Turn) -> dict[str, Any]:
    return {
        "value": one.side.value,
        "source": one.side.source,
        "difference": one.less.mean,
        "standard_error": one.less.standard_error,
        "seeds": one.less.seeds,
        "seeds_higher": one.more,
    }
