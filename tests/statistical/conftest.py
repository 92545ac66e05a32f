"""Runs that several modules share: the shipped company over five years, and one busy year of many worlds."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.harness import Simulation
from tests.statistical import scorecard, shipped
from tests.statistical.worlds import one_year

SEEDS = 40
NEW_HIRE_RATE = 0.25
PART_TIME_SHARE = 0.3
#: (mean, spread) of the place of a hire's pay in the band; level 2 reaches below the band, level 4 above it.
HIRE_PLACES = {1: (0.40, 0.15), 2: (0.10, 0.20), 3: (0.40, 0.15), 4: (0.95, 0.10), 5: (0.40, 0.15)}
#: Raises at a promotion from the level; level 3 reaches above the cap.
RAISES = {1: (0.05, 0.124), 2: (0.02, 0.04), 3: (0.15, 0.30), 4: (0.05, 0.124)}
RAISE_CAP = 0.25

_SCENARIO = {
    "workforce": {"termination_rate": 0.25, "new_hire_termination_rate": NEW_HIRE_RATE},
    "hiring": {"part_time_share": PART_TIME_SHARE},
    "compensation": {"promotion_raise_cap": RAISE_CAP},
    "levels": {
        "bands": [
            {
                "level_id": level,
                "name": f"Level {level}",
                "min_pay": low,
                "max_pay": high,
                "hire_percentile": HIRE_PLACES[level][0],
                "hire_percentile_spread": HIRE_PLACES[level][1],
                **dict(zip(("promotion_raise_min", "promotion_raise_max"), RAISES.get(level, ()), strict=False)),
            }
            for level, (low, high) in shipped.PAY_BANDS.items()
        ]
    },
}


@dataclass(frozen=True)
class BusyYear:
    """40 worlds of the sample census in one first year: 1,250 exits and about 1,870 hires in each."""

    worlds: Simulation
    year: int
    days: int


@pytest.fixture(scope="session", params=[(2025, 365), (2028, 366)], ids=["normal_year", "leap_year"])
def busy_year(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> BusyYear:
    year, days = request.param
    return BusyYear(one_year(tmp_path_factory.mktemp("busy"), year, SEEDS, {"busy": _SCENARIO}), year, days)


@pytest.fixture(scope="session")
def companies(tmp_path_factory: pytest.TempPathFactory) -> scorecard.Companies:
    """The companies of the scorecard."""
    return scorecard.simulate(tmp_path_factory.mktemp("scorecard"))
