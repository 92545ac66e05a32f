"""With `bernoulli`, every exit is a draw of its own: counts vary as binomial counts do, overall and in every cell.

Proved on 40 worlds of the sample census, once with the hazards left alone (`termination_rate: hazard`) and once with a
numeric rate that the hazards are scaled to. The worlds of a scenario hold the same people, so a cell's count over all
worlds is binomial with the probability that the shipped tables give it; the tables are written down in shipped.py, and the
scale is solved here. Promotions are such draws whatever the selection. Bounds are exact binomial tails.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, stats

from tests.harness import Simulation
from tests.statistical import shipped
from tests.statistical.inference import TAIL, assert_binomial
from tests.statistical.worlds import Columns, Floats, arrays, one_year

pytestmark = pytest.mark.statistical

SEEDS = 40
RATE = 0.18
NEW_HIRE_RATE = 0.25
SCENARIOS = {
    "hazard": {"workforce": {"selection": "bernoulli", "termination_rate": "hazard"}},
    "numeric": {
        "workforce": {"selection": "bernoulli", "termination_rate": RATE, "new_hire_termination_rate": NEW_HIRE_RATE}
    },
}


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    return one_year(tmp_path_factory.mktemp("bernoulli"), 2025, SEEDS, SCENARIOS)


def people_of(worlds: Simulation, scenario: str) -> Columns:
    """The people of one world by age, service and level, and what happened to them in all worlds of the scenario."""
    return arrays(
        worlds,
        f"""
        select
            age_on_january_1 as age, tenure_years_on_january_1 as tenure, person.level_id as level,
            count(*) / {SEEDS} as people,
            count(leaver.identity_key) as exits,
            count(*) filter (exit_category = 'retirement') as retirements,
            count(*) filter (coalesce(termination_date >= date '2025-04-01', true)) as there_in_april,
            count(promotion.identity_key) as promotions
        from int_active_workforce as person
        left join int_termination_events as leaver using (world_id, identity_key)
        left join int_promotion_events as promotion using (world_id, identity_key)
        where scenario_id = '{scenario}'
        group by all
        order by all
        """,
    )


def scaled_to(expected: float, people: Floats, rates: Floats) -> Floats:
    """The probabilities of the rates, scaled such that so many events are expected."""
    s = optimize.brentq(lambda s: (people * -np.expm1(-s * rates)).sum() - expected, 0, 1e3, xtol=1e-14)
    return -np.expm1(-s * rates)


def exit_probability(cells: Columns, scenario: str) -> Floats:
    rates = shipped.exit_rate(cells["age"], cells["tenure"])
    if scenario == "hazard":
        return -np.expm1(-rates)
    return scaled_to(RATE * cells["people"].sum(), cells["people"], rates)


def assert_cells_are_binomial(cells: Columns, events: str, trials: Floats, probability: Floats, least: int) -> None:
    """Each cell of age band x service band x level inside its binomial bounds; `least` cells, so that it means something."""
    age, tenure = shipped.PROMOTION_AGE.index(cells["age"]), shipped.TERMINATION_TENURE.index(cells["tenure"])
    retirement = shipped.RETIREMENT.index(cells["age"])
    keys = np.stack([age, tenure, retirement, cells["level"], np.round(probability * 1e12).astype(np.int64)])
    distinct, cell = np.unique(keys, axis=1, return_inverse=True)
    counts, numbers, sums = (
        np.bincount(cell.ravel(), weights=weights) for weights in (cells[events], trials, trials * probability)
    )
    worth = (sums >= 1) & (numbers > 0)
    assert worth.sum() >= least
    for k in np.flatnonzero(worth):
        what = f"{events} in the cell {distinct[:4, k]}"
        assert_binomial(int(counts[k]), int(numbers[k]), sums[k] / numbers[k], what, bounds=int(worth.sum()))
    # Together: the squares of the standardised counts, against their own mean and variance (cells of low counts included).
    p = sums[worth] / numbers[worth]
    variance = numbers[worth] * p * (1 - p)
    squares = (counts[worth] - sums[worth]) ** 2 / variance
    noise = np.sqrt((2 + (1 - 6 * p * (1 - p)) / variance).sum())
    assert abs(squares.sum() - worth.sum()) < 4 * noise, f"{squares.sum():.1f} against {worth.sum()} +- {noise:.1f}"


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_exits_are_binomial_in_every_cell(worlds: Simulation, scenario: str) -> None:
    cells = people_of(worlds, scenario)
    assert_cells_are_binomial(cells, "exits", cells["people"] * SEEDS, exit_probability(cells, scenario), least=150)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_exits_of_worlds_spread_as_sums_of_draws_do(worlds: Simulation, scenario: str) -> None:
    """Neither as a fixed total (no spread) nor as if something moved all people of a world together (too much)."""
    cells = people_of(worlds, scenario)
    p = exit_probability(cells, scenario)
    mean, variance = (cells["people"] * p).sum(), (cells["people"] * p * (1 - p)).sum()
    exits = arrays(
        worlds,
        f"""
        select world_id, count(leaver.identity_key) as exits
        from int_active_workforce left join int_termination_events as leaver using (world_id, identity_key)
        where scenario_id = '{scenario}' group by world_id
        """,
    )["exits"]
    assert len(exits) == SEEDS
    assert abs(exits.mean() - mean) < 4 * np.sqrt(variance / SEEDS)
    spread = ((exits - mean) ** 2).sum() / variance
    assert stats.chi2.sf(spread, SEEDS) > TAIL / 2
    assert stats.chi2.cdf(spread, SEEDS) > TAIL / 2


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_cause_of_an_exit_is_drawn_in_proportion_to_the_two_rates(worlds: Simulation, scenario: str) -> None:
    cells = people_of(worlds, scenario)
    share = shipped.RETIREMENT.of(cells["age"]) / shipped.exit_rate(cells["age"], cells["tenure"])
    assert not cells["retirements"][share == 0].any()
    old = {name: column[share > 0] for name, column in cells.items()}
    assert_cells_are_binomial(old, "retirements", old["exits"].astype(float), share[share > 0], least=50)


def test_promotions_are_binomial_in_every_cell(worlds: Simulation) -> None:
    """Of those who are still there on 1 April; both scenarios draw the same promotions, so one is enough."""
    cells = people_of(worlds, "hazard")
    p = shipped.promotion_probability(cells["age"], cells["tenure"], cells["level"])
    assert not cells["promotions"][p == 0].any()
    assert_cells_are_binomial(cells, "promotions", cells["there_in_april"].astype(float), p, least=100)


def test_exits_of_hires_are_binomial_by_the_days_they_have_left(worlds: Simulation) -> None:
    """The hires of a world expect hires x rate exits, each by a rate in proportion to the days from hire to 31 December."""
    hires = arrays(
        worlds,
        """
        select hire.world_id, date '2026-01-01' - hire.hire_date as days, leaver.identity_key is not null as leaves
        from int_hiring_events as hire
        inner join int_workforce_needs as needs using (world_id)
        left join int_new_hire_termination_events as leaver using (world_id, identity_key)
        where scenario_id = 'numeric'
        """,
    )
    p = np.zeros(len(hires["days"]))
    for world in np.unique(hires["world_id"]):
        here = hires["world_id"] == world
        days = hires["days"][here].astype(float)
        p[here] = scaled_to(NEW_HIRE_RATE * here.sum(), np.ones(len(days)), days)
    assert_by_group(hires["leaves"], p, np.zeros(len(p), dtype=int))
    assert_by_group(hires["leaves"], p, hires["days"].astype(int) // 31)


def assert_by_group(happens: np.ndarray, p: Floats, group: np.ndarray) -> None:
    """In each group the number of events within four standard errors of its expectation."""
    counts, means, variances = (np.bincount(group, weights=weights) for weights in (happens, p, p * (1 - p)))
    assert (np.abs(counts - means) < 4 * np.sqrt(variances)).all(), np.round((counts - means) / np.sqrt(variances), 2)
