"""Shares of futures: counted, bounded as published, and withheld where there are too few."""

from __future__ import annotations

import pytest
from scipy import stats

from planwise_assets.results.chances import Chance, chances_above, wilson
from planwise_assets.results.ensembles import FEWEST_SEEDS
from planwise_assets.results.measures import MEASURES
from planwise_assets.results.totals import ALL_YEARS, totals


def worlds(scenario: str, costs: list[float]) -> dict[tuple[str, int, int], dict[str, float | None]]:
    return {(scenario, seed, 2025): {**dict.fromkeys(MEASURES), "net_cost": cost} for seed, cost in enumerate(costs)}


@pytest.mark.parametrize(("hits", "trials"), [(0, 10), (3, 10), (10, 10), (17, 40), (1, 200)])
def test_the_interval_is_that_of_another_library(hits: int, trials: int) -> None:
    expected = stats.binomtest(hits, trials).proportion_ci(0.95, method="wilson")
    assert wilson(hits, trials) == pytest.approx((expected.low, expected.high))


def test_futures_above_are_counted_and_one_at_the_threshold_is_not() -> None:
    values = worlds("a", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) | worlds("b", [5.0] * 12)
    found = chances_above(values, "net_cost", 5, ["b", "a", "gone"], range(2025, 2027))
    assert [(chance.scenario, chance.seeds, chance.hits) for chance in found] == [("b", 12, 0), ("a", 10, 5)]
    assert found[1].share == 0.5
    assert found[1].text() == "50% (24% to 76%)"


def test_under_ten_seeds_nothing_is_said() -> None:
    few = Chance("a", 2025, FEWEST_SEEDS - 1, 3)
    assert few.share is None
    assert few.interval is None
    assert few.text() == "withheld: 9 of 10 seeds"
    assert few.as_json()["seeds_above"] is None


def test_years_together_are_summed_future_by_future() -> None:
    """1 + 2 and 3 + 5 dollars: above 4 in one of two futures. A share has no sum, nor has a single year."""
    costs = {("a", 1, 2025): 1.0, ("a", 1, 2026): 2.0, ("a", 2, 2025): 3.0, ("a", 2, 2026): 5.0}
    values = {at: {**dict.fromkeys(MEASURES, 1.0), "net_cost": cost} for at, cost in costs.items()}
    summed = totals(values, [2025, 2026])
    assert {at: world["net_cost"] for at, world in summed.items()} == {("a", 1, ALL_YEARS): 3.0, ("a", 2, ALL_YEARS): 8.0}
    assert {world["participation"] for world in summed.values()} == {None}
    assert totals(values, [2025]) == {}
    (chance,) = chances_above(summed, "net_cost", 4, ["a"], [ALL_YEARS])
    assert (chance.hits, chance.seeds, chance.as_json()["simulation_year"]) == (1, 2, None)
