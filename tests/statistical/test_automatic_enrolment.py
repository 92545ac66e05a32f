"""Of those whom automatic enrolment waits for, all but those who decline are in when their window ends.

Expected are the shipped opt-outs, by age at hire or on 1 January and by pay then (shipped.py). Each cell of age and pay is
binomial over the people who are still employed when the window ends, those who choose a rate themselves included among those
who are in; the bounds are exact, at four standard errors' tail over all cells together.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.harness import Simulation
from tests.statistical import shipped
from tests.statistical.inference import STANDARD_ERRORS, assert_binomial
from tests.statistical.worlds import Columns, arrays, one_year

pytestmark = pytest.mark.statistical

SEEDS = 24
SCOPES = ("new_hires", "all_eligible")


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    scenarios = {scope: {"plan": {"auto_enrollment": {"scope": scope}}} for scope in SCOPES}
    return one_year(
        tmp_path_factory.mktemp("windows"),
        2025,
        SEEDS,
        scenarios,
        models=("int_enrollment_events", "int_termination_events", "int_new_hire_termination_events"),
    )


@pytest.fixture(scope="module", params=SCOPES)
def covered(request: pytest.FixtureRequest, worlds: Simulation) -> Columns:
    """Everybody whose window ends in the year and who is employed then: hires, and with `all_eligible` only the others."""
    people, day = {
        "new_hires": ("int_hiring_events", "hire_date"),
        "all_eligible": ("int_opening_workforce", "date '2025-01-01'"),
    }[request.param]
    return arrays(
        worlds,
        f"""
        with exits as (
            select world_id, identity_key, termination_date from int_termination_events
            union all
            select world_id, identity_key, termination_date from int_new_hire_termination_events
        )

        select
            date_sub('year', birth_date, {day}) as age,
            annual_compensation_cents // 100 as pay,
            coalesce(event_category in ('auto', 'active_choice') and event_type = 'enrollment', false) as is_in,
            coalesce(event_category = 'active_choice', false) as chose
        from {people}
        inner join stg_worlds using (world_id, simulation_year)
        inner join int_auto_enrollment_window as open_window using (world_id, identity_key)
        left join exits using (world_id, identity_key)
        left join int_enrollment_events as event using (world_id, identity_key)
        where
            scenario_id = '{request.param}' and ends_this_year and coalesce(termination_date >= open_window.window_end, true)
        """,
    )


def test_participation_at_the_end_of_the_window_is_one_minus_the_opt_outs(covered: Columns) -> None:
    age, pay = shipped.OPT_OUT_AGE.index(covered["age"]), shipped.OPT_OUT_PAY.index(covered["pay"])
    p = 1 - shipped.OPT_OUT_AGE.of(covered["age"]) * shipped.OPT_OUT_PAY.of(covered["pay"])
    cells = np.unique(np.stack([age, pay]), axis=1).T
    assert len(cells) >= 20
    for cell in cells:
        those = (age == cell[0]) & (pay == cell[1])
        people = int(those.sum())
        assert_binomial(int(covered["is_in"][those].sum()), people, float(p[those][0]), f"cell {cell}", bounds=len(cells))
    print(f"{covered['is_in'].mean():.4f} of {len(p)} are in, {p.mean():.4f} expected")
    assert len(p) > SEEDS * 600
    assert abs(covered["is_in"].sum() - p.sum()) < STANDARD_ERRORS * np.sqrt((p * (1 - p)).sum())


def test_a_quarter_of_those_who_are_in_chose_their_rate(covered: Columns) -> None:
    assert_binomial(int(covered["chose"].sum()), int(covered["is_in"].sum()), shipped.ACTIVE_CHOICE_SHARE)
