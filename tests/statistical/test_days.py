"""Days are uniform, 29 February and 31 December among them.

Exits and hires over the year, birthdays of hires over their year of age, exits of hires over what is left of the year.
Proved in a normal and in a leap year, each on 40 worlds with 50,000 exits and 75,000 hires, by chi-square over the days and
by Kolmogorov-Smirnov (each whole day spread evenly over its 24 hours), with the chance of a false alarm at 6.3e-5 a test.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from tests.statistical.conftest import NEW_HIRE_RATE, SEEDS, BusyYear
from tests.statistical.inference import (
    STANDARD_ERRORS,
    assert_binomial,
    assert_counts,
    assert_uniform,
    cloglog_fit,
    spread_over_days,
)
from tests.statistical.worlds import Columns, arrays

pytestmark = pytest.mark.statistical


def assert_days_are_uniform(days_of_year: np.ndarray, busy_year: BusyYear) -> None:
    """Days counted from 0 on 1 January: each as often as any other, the special ones within their own bounds."""
    counts = np.bincount(days_of_year, minlength=busy_year.days)
    assert len(counts) == busy_year.days
    assert_counts(counts, np.full(busy_year.days, counts.sum() / busy_year.days))
    assert_uniform(spread_over_days(days_of_year, busy_year.days, seed=busy_year.year))
    special = {"1 January": 0, "31 December": busy_year.days - 1}
    if busy_year.days == 366:
        special["29 February"] = 59
    for name, day in special.items():
        assert counts[day] > 0
        assert_binomial(int(counts[day]), int(counts.sum()), 1 / busy_year.days, name, bounds=len(special))


def test_exits_are_uniform_over_the_year(busy_year: BusyYear) -> None:
    sql = f"select termination_date - date '{busy_year.year}-01-01' as day from int_termination_events"
    exits = arrays(busy_year.worlds, sql)
    assert len(exits["day"]) == SEEDS * 1250
    assert_days_are_uniform(exits["day"], busy_year)


def test_hires_are_uniform_over_the_year(busy_year: BusyYear) -> None:
    hires = arrays(busy_year.worlds, f"select hire_date - date '{busy_year.year}-01-01' as day from int_hiring_events")
    assert_days_are_uniform(hires["day"], busy_year)


@pytest.fixture(scope="module")
def exits_of_hires(busy_year: BusyYear) -> Columns:
    """All hires: the days from the hire to 31 December, both included, and after how many days who left did."""
    return arrays(
        busy_year.worlds,
        f"""
        select
            date '{busy_year.year + 1}-01-01' - hire.hire_date as days_left,
            leaver.identity_key is not null as leaves,
            coalesce(termination_date - hire.hire_date, -1) as stayed
        from int_hiring_events as hire
        left join int_new_hire_termination_events as leaver using (world_id, identity_key)
        """,
    )


def test_exits_of_hires_are_uniform_from_the_hire_to_the_end_of_the_year(
    exits_of_hires: Columns, busy_year: BusyYear
) -> None:
    days, stayed = (exits_of_hires[name][exits_of_hires["leaves"]] for name in ("days_left", "stayed"))
    place = spread_over_days(stayed, days, seed=busy_year.year)
    assert_uniform(place)
    for early_hires in (days > 300, days <= 100):
        assert_uniform(place[early_hires])
    # The first day of work and the last day of the year are among the days, each 1 / days of them.
    for extreme in (stayed == 0, stayed == days - 1):
        expected, variance = (1 / days).sum(), (1 / days * (1 - 1 / days)).sum()
        assert abs(extreme.sum() - expected) < STANDARD_ERRORS * np.sqrt(variance)


def test_hires_leave_in_proportion_to_the_days_they_have_left(exits_of_hires: Columns) -> None:
    """The rate is proportional to the days: in a fit with the logarithm of the days, its coefficient is 1."""
    days, which = np.unique(exits_of_hires["days_left"], return_inverse=True)
    hires, exits = np.bincount(which), np.bincount(which, weights=exits_of_hires["leaves"])
    assert abs(exits.sum() / hires.sum() - NEW_HIRE_RATE) < 1 / 1800  # rounded to whole people in each world
    fit = cloglog_fit(np.stack([np.ones(len(days)), np.log(days)], axis=1), exits, hires)
    assert abs(fit.estimates[1] - 1) < STANDARD_ERRORS * fit.errors[1]
    assert fit.errors[1] < 0.05


def is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def last_birth_date(age: int, on: date) -> date:
    """The youngest who are `age` that day; whoever is born on 29 February is a year older on 28 February without one."""
    year = on.year - age
    if (on.month, on.day) == (2, 29) and not is_leap(year):
        return date(year, 2, 28)
    if (on.month, on.day) == (2, 28) and not is_leap(on.year) and is_leap(year):
        return date(year, 2, 29)
    return on.replace(year=year)


def age_on(birth: date, on: date) -> int:
    age = on.year - birth.year
    return age if birth <= last_birth_date(age, on) else age - 1


def test_birthdays_of_hires_are_uniform_over_the_year_of_age(busy_year: BusyYear) -> None:
    hires = arrays(busy_year.worlds, "select hire_date, birth_date from int_hiring_events")
    hired, born = (hires[name].astype("datetime64[D]").astype(object) for name in ("hire_date", "birth_date"))
    ages = [age_on(birth, hire) for birth, hire in zip(born, hired, strict=True)]
    last = [last_birth_date(age, hire) for age, hire in zip(ages, hired, strict=True)]
    days = [(newest - last_birth_date(age + 1, hire)).days for newest, age, hire in zip(last, ages, hired, strict=True)]
    before = [(newest - birth).days for newest, birth in zip(last, born, strict=True)]
    assert_uniform(spread_over_days(np.array(before), np.array(days), seed=busy_year.year))

    # By the calendar: each year of age holds every day of the year once, and 29 February if it has 366 days.
    leap_day = (date(2000, 2, 29) - date(2000, 1, 1)).days
    counts = np.bincount([(birth.replace(year=2000) - date(2000, 1, 1)).days for birth in born], minlength=366)
    expected = np.full(366, (1 / np.array(days)).sum())
    expected[leap_day] = np.count_nonzero(np.array(days) == 366) / 366
    assert counts[leap_day] > 0
    assert_counts(counts, expected)


def test_the_year_of_age_is_reckoned_as_these_tests_reckon_it() -> None:
    """Against the plain definition, at the edges of a year of age."""
    for hire in (date(2025, 2, 28), date(2025, 3, 1), date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1)):
        for age in range(18, 26):
            newest, oldest = last_birth_date(age, hire), last_birth_date(age + 1, hire) + timedelta(days=1)
            assert (age_on(newest, hire), age_on(oldest, hire)) == (age, age)
            assert age_on(newest + timedelta(days=1), hire) == age - 1
            assert age_on(oldest - timedelta(days=1), hire) == age + 1
