"""Who the hires are, what they are paid, and what a promotion brings: as the study says, in distribution.

Proved on the 75,000 hires and 10,000 promotions of 40 worlds (in a normal and in a leap year), with settings by level that
reach over the edges of the pay band and over the cap. Expected are the study's own numbers; bounds are binomial tails,
chi-square and Kolmogorov-Smirnov at 6.3e-5.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.statistical import shipped
from tests.statistical.conftest import HIRE_PLACES, PART_TIME_SHARE, RAISE_CAP, RAISES, BusyYear
from tests.statistical.inference import STANDARD_ERRORS, assert_binomial, assert_counts, assert_uniform
from tests.statistical.worlds import Columns, arrays

pytestmark = pytest.mark.statistical


@pytest.fixture(scope="module")
def hires(busy_year: BusyYear) -> Columns:
    """Every hire: day of the year, age on the hire date, pay, hours, level."""
    return arrays(
        busy_year.worlds,
        """
        select
            level_id as level,
            dayofyear(hire_date) as day,
            date_sub('year', birth_date, hire_date) as age,
            hire_date - birth_date as days_of_age,
            annual_compensation_cents / 100 as pay,
            scheduled_hours_per_week::double as hours
        from int_hiring_events
        """,
    )


@pytest.fixture(scope="module")
def promotions(busy_year: BusyYear) -> Columns:
    sql = "select level_before as level, level_after, raise_millionths / 1e6 as raise from int_promotion_events"
    return arrays(busy_year.worlds, sql)


def test_ages_follow_the_weights_and_are_even_within_a_band(hires: Columns) -> None:
    ages = np.arange(18, 70)
    widths = np.diff(shipped.HIRE_AGES.starts)
    expected = shipped.HIRE_AGES.of(ages) / widths[shipped.HIRE_AGES.index(ages)] * len(hires["age"])
    assert hires["age"].min() == 18
    counts = np.bincount(hires["age"], minlength=70)
    assert len(counts) == 70
    assert_counts(counts[18:], expected)


def test_part_timers_have_their_share_and_hours(hires: Columns) -> None:
    assert set(hires["hours"]) == {20.0, 40.0}
    assert_binomial(int((hires["hours"] == 20).sum()), len(hires["hours"]), PART_TIME_SHARE)


@pytest.mark.parametrize("level", HIRE_PLACES)
def test_pay_stands_in_the_band_with_the_configured_mean_and_spread(hires: Columns, level: int) -> None:
    low, high = shipped.PAY_BANDS[level]
    mean, spread = HIRE_PLACES[level]
    place = (hires["pay"][hires["level"] == level] - low) / (high - low)
    assert place.min() >= 0
    assert place.max() <= 1
    assert len(place) > 300
    inside = (place > 0) & (place < 1)
    # Uniform over mean +- spread; what would be outside the band stands on its edge.
    start, end = max(mean - spread, 0.0), min(mean + spread, 1.0)
    assert_uniform((place[inside] - start) / (end - start))
    for edge, outside in ((0, spread - mean), (1, mean + spread - 1)):
        at_the_edge = int((place == edge).sum())
        assert_binomial(at_the_edge, len(place), max(outside, 0) / (2 * spread), f"at {edge}", bounds=2)
    if start > 0 and end < 1:
        assert abs(place.mean() - mean) < STANDARD_ERRORS * spread / np.sqrt(3 * len(place))


@pytest.mark.parametrize("level", RAISES)
def test_promotion_raises_are_uniform_in_the_range_of_the_level_that_is_left(promotions: Columns, level: int) -> None:
    low, high = RAISES[level]
    assert (promotions["level_after"] == promotions["level"] + 1).all()
    raises = promotions["raise"][promotions["level"] == level]
    end = min(high, RAISE_CAP)
    assert raises.min() >= low
    assert raises.max() <= end
    below = raises[raises < RAISE_CAP]
    assert len(below) > 50
    assert_uniform((below - low) / (end - low))
    assert_binomial(int((raises == RAISE_CAP).sum()), len(raises), max(high - RAISE_CAP, 0) / (high - low), "at the cap")


def test_the_traits_of_a_hire_are_drawn_independently(hires: Columns) -> None:
    """Correlations of the day, the age, the days since the birthday, the place of the pay (level 1) and part time."""
    here = hires["level"] == 1
    birthday = hires["days_of_age"] % 365.25
    traits = np.stack([hires["day"], hires["age"], birthday, hires["pay"], hires["hours"]])[:, here]
    correlations = np.corrcoef(traits)[np.triu_indices(len(traits), 1)]
    assert (np.abs(correlations) < STANDARD_ERRORS / np.sqrt(here.sum())).all(), correlations
