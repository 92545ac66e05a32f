"""With exact totals, who leaves follows the configured hazard ratios by age, service and level.

Proved on 60 worlds of the sample census at each of three exit rates. The exits of a world are as many as its rate says, so
the level of the hazard is given; its shape is not: a complementary log-log fit of the simulated exits, whose coefficients
are logarithms of hazard ratios, gives back the multipliers of the study. Retirement is off, so that one cause is fitted.
The bounds are the fit's own standard errors.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from tests.harness import Simulation
from tests.statistical import shipped
from tests.statistical.inference import STANDARD_ERRORS, TAIL, Fit, assert_recovers, cloglog_fit, indicators
from tests.statistical.worlds import Columns, Floats, arrays, one_year

pytestmark = pytest.mark.statistical

SEEDS = 60
RATES = {"low": 0.06, "middle": 0.12, "high": 0.25}
LEVELS = shipped.Bands((1, 2, 3, 4, 5), (1.0, 0.8, 1.25, 0.7, 2.0))
TABLES = (shipped.TERMINATION_AGE, shipped.TERMINATION_TENURE, LEVELS)
#: The bands whose multiplier is 1: age 35-44, 5-9 years of service, level 1.
REFERENCES = (2, 4, 0)

HAZARDS = {
    "termination": {
        "base": shipped.TERMINATION_BASE,
        "age": shipped.TERMINATION_AGE.rows("multiplier"),
        "tenure": shipped.TERMINATION_TENURE.rows("multiplier"),
        "level": [
            {"level_id": level, "multiplier": value} for level, value in zip(LEVELS.starts, LEVELS.values, strict=True)
        ],
    },
    "retirement": [{"min": 0, "rate": 0}],
}


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    scenarios = {name: {"workforce": {"termination_rate": rate}, "hazards": HAZARDS} for name, rate in RATES.items()}
    folder = tmp_path_factory.mktemp("exit_shape")
    return one_year(folder, 2025, SEEDS, scenarios, models=("int_active_workforce", "int_termination_events"))


def cells_of(worlds: Simulation, scenario: str) -> Columns:
    """People and exits by age band, service band and level, over the worlds of a scenario."""
    cells = arrays(
        worlds,
        f"""
        select
            age_on_january_1 as age, tenure_years_on_january_1 as tenure, person.level_id as level,
            count(*) as people, count(leaver.identity_key) as exits
        from int_active_workforce as person
        left join int_termination_events as leaver using (world_id, identity_key)
        where scenario_id = '{scenario}'
        group by all
        order by all
        """,
    )
    factors = ("age", "tenure", "level")
    bands = np.stack([table.index(cells[name]) for table, name in zip(TABLES, factors, strict=True)])
    banded, cell = np.unique(bands, axis=1, return_inverse=True)
    people, exits = (np.bincount(cell.ravel(), weights=cells[name]) for name in ("people", "exits"))
    return {**dict(zip(factors, banded, strict=True)), "people": people, "exits": exits}


def fit_of(cells: Columns) -> Fit:
    factors = zip((cells["age"], cells["tenure"], cells["level"]), REFERENCES, strict=True)
    return cloglog_fit(indicators(*factors), cells["exits"], cells["people"])


def configured() -> Floats:
    """The logarithms of the study's multipliers, in the order of the fit's coefficients."""
    return np.log(np.concatenate([np.delete(table.values, k) for table, k in zip(TABLES, REFERENCES, strict=True)]))


@pytest.mark.parametrize("scenario", RATES)
def test_a_fit_of_the_exits_recovers_the_configured_hazard_ratios(worlds: Simulation, scenario: str) -> None:
    cells = cells_of(worlds, scenario)
    assert cells["exits"].sum() == SEEDS * math.floor(5000 * RATES[scenario])
    fit = fit_of(cells)
    assert_recovers(fit, configured())
    # The fit can tell: every multiplier is further from 1 than the bound is wide.
    assert (np.abs(configured()) > STANDARD_ERRORS * fit.errors[1:]).all()


@pytest.mark.parametrize("scenario", RATES)
def test_nothing_but_the_configured_bands_decides_who_leaves(worlds: Simulation, scenario: str) -> None:
    """Pearson's chi-square over all cells of age x service x level: the proportional hazards fit each of them."""
    cells = cells_of(worlds, scenario)
    fit = fit_of(cells)
    expected = cells["people"] * fit.probabilities
    enough = (expected > 5) & (cells["people"] - expected > 5)
    off = (cells["exits"] - expected)[enough] ** 2 / (expected * (1 - fit.probabilities))[enough]
    freedom = int(enough.sum()) - len(fit.estimates)
    assert freedom > 50
    assert stats.chi2.sf(off.sum(), freedom) > TAIL, f"chi-square {off.sum():.1f} on {freedom}"
