"""Five years of the sample census with nothing but the shipped defaults look like the company that the defaults describe.

What the scorecard does not show: about 6 % promoted a year (5.5 to 6.7), the multipliers of the hazards, merit months with
the configured weights (chi-square at 6.3e-5), hires. The run is the scorecard's.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.harness import Simulation
from tests.statistical import shipped
from tests.statistical.inference import STANDARD_ERRORS, assert_counts, assert_recovers, cloglog_fit, indicators
from tests.statistical.scorecard import SEEDS, Companies
from tests.statistical.worlds import Columns, arrays

pytestmark = pytest.mark.statistical


@pytest.fixture(scope="module")
def company(companies: Companies) -> Simulation:
    return companies.shipped


def test_about_6_per_cent_are_promoted_a_year_as_the_hazards_expect(company: Simulation) -> None:
    """Of the headcount at the end of the year; the number is binomial over those who are there on 1 April."""
    people = arrays(
        company,
        """
        select
            age_on_january_1 as age, tenure_years_on_january_1 as tenure, person.level_id as level,
            count(*) as people, count(promotion.identity_key) as promotions
        from int_active_workforce as person
        left join int_termination_events as leaver using (world_id, simulation_year, identity_key)
        left join int_promotion_events as promotion using (world_id, simulation_year, identity_key)
        where coalesce(month(leaver.termination_date) >= 4, true)
        group by all order by all
        """,
    )
    p = shipped.promotion_probability(people["age"], people["tenure"], people["level"])
    expected, variance = (people["people"] * p).sum(), (people["people"] * p * (1 - p)).sum()
    assert abs(people["promotions"].sum() - expected) < STANDARD_ERRORS * np.sqrt(variance)
    ((headcount,),) = company.query("select count(*) from fct_workforce_snapshot where employment_status = 'active'")
    assert 0.055 <= expected / headcount <= 0.067


@pytest.fixture(scope="module")
def exits(company: Simulation) -> Columns:
    """People and exits other than retirement by age and service on 1 January, all years and worlds."""
    return arrays(
        company,
        """
        select
            age_on_january_1 as age, tenure_years_on_january_1 as tenure,
            count(*) as people, count(*) filter (exit_category = 'experienced') as exits
        from int_active_workforce as person
        left join int_termination_events as leaver using (world_id, simulation_year, identity_key)
        group by all order by all
        """,
    )


def test_five_years_of_exits_still_show_the_shipped_multipliers(exits: Columns) -> None:
    """Hires, promotions and ageing included; under 55, where nobody retires, so that one cause is fitted."""
    young = {name: column[exits["age"] < 55] for name, column in exits.items()}
    age, tenure = shipped.TERMINATION_AGE.index(young["age"]), shipped.TERMINATION_TENURE.index(young["tenure"])
    fit = cloglog_fit(indicators((age, 2), (tenure, 4)), young["exits"], young["people"])
    multipliers = (*shipped.TERMINATION_AGE.values[:2], shipped.TERMINATION_AGE.values[3])
    services = (*shipped.TERMINATION_TENURE.values[:4], *shipped.TERMINATION_TENURE.values[5:])
    assert_recovers(fit, np.log([*multipliers, *services]))


@pytest.fixture(scope="module")
def merit_months(company: Simulation) -> Columns:
    """The month of every merit raise of those who were there for the whole year and had a year of service before it."""
    return arrays(
        company,
        """
        select merit.world_id, merit.identity_key, merit.simulation_year as year, month(effective_date) as month
        from int_raise_events as merit
        inner join int_active_workforce as person using (world_id, simulation_year, identity_key)
        left join int_termination_events as leaver using (world_id, simulation_year, identity_key)
        where raise_type = 'merit_raise' and tenure_years_on_january_1 >= 1 and leaver.identity_key is null
        """,
    )


def test_merit_months_follow_the_weights(merit_months: Columns) -> None:
    """Each person counts once: the month is drawn once."""
    persons = np.stack([merit_months["world_id"].astype(np.uint64), merit_months["identity_key"]])
    _, once = np.unique(persons, axis=1, return_index=True)
    counts = np.bincount(merit_months["month"][once], minlength=13)
    assert len(once) > SEEDS * 5000
    assert counts.sum() == sum(counts[month] for month in shipped.MERIT_MONTHS)
    shares = np.array(list(shipped.MERIT_MONTHS.values()))
    assert_counts(counts[list(shipped.MERIT_MONTHS)], shares * len(once))


def test_everybody_has_one_merit_month_for_good_and_a_merit_raise_every_year(
    company: Simulation, merit_months: Columns
) -> None:
    persons = np.stack([merit_months["world_id"].astype(np.uint64), merit_months["identity_key"]])
    _, person = np.unique(persons, axis=1, return_inverse=True)
    years = np.bincount(person.ravel())
    months = np.bincount(person.ravel(), weights=merit_months["month"])
    assert years.max() == 5
    assert (months == years * merit_months["month"][np.unique(person.ravel(), return_index=True)[1]]).all()
    ((stayers,),) = company.query(
        """
        select count(*) from int_active_workforce as person
        left join int_termination_events as leaver using (world_id, simulation_year, identity_key)
        where tenure_years_on_january_1 >= 1 and leaver.identity_key is null
        """
    )
    assert len(merit_months["month"]) == stayers


def test_the_tenth_that_is_hired_part_time_and_the_ages_do_not_drift(company: Simulation) -> None:
    """Five years of hires, with the shipped share and weights."""
    hires = arrays(
        company,
        """
        select date_sub('year', birth_date, hire_date) as age, scheduled_hours_per_week < 40 as part_time
        from int_hiring_events
        """,
    )
    number = len(hires["age"])
    assert abs(hires["part_time"].mean() - 0.10) < STANDARD_ERRORS * np.sqrt(0.1 * 0.9 / number)
    band = shipped.HIRE_AGES.index(hires["age"])
    assert_counts(np.bincount(band, minlength=6), np.array(shipped.HIRE_AGES.values[:6]) * number)
