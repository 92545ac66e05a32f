"""Escalation, person by person over five years: d_t = max(d_0, min(cap, d_0 + increment x dates passed)).

Recomputed from the published events: when and at what rate somebody came in automatically, and who declined or stopped.
A date has passed if it lies after the enrolment, by the delay at least, and the person is still employed on it.
"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

import pytest

from tests.harness import Simulation
from tests.integration.plan_years import ESCALATIONS, FIRST, LAST, Escalation, plan_years

__all__ = ["plan_years"]


class Saver(NamedTuple):
    """Somebody who came in automatically, in the simulation or before it."""

    employee: str
    enrolled: date
    rate: int
    #: The first day on which escalation does not go on: declined or stopped.
    until: date
    #: Deferral rates in millionths by year, at its end or at the exit, and the exit.
    rates: dict[int, int]
    exits: date


def months_between(since: date, day: date) -> int:
    """Completed months; none of the days here is a month's 29th or later."""
    return (day.year - since.year) * 12 + day.month - since.month - (day.day < since.day)


def dates_passed(saver: Saver, escalation: Escalation, year: int) -> int:
    days = (date(y, escalation.month, 1) for y in range(FIRST, year + 1))
    return sum(
        saver.enrolled < day < saver.until and day <= saver.exits and months_between(saver.enrolled, day) >= escalation.delay
        for day in days
    )


def savers(simulated: Simulation, scenario: str) -> list[Saver]:
    """Those who came in automatically, in the simulation or, as the census says, before it, and had not declined to rise."""
    rates: dict[str, dict[int, int]] = {}
    exits: dict[str, date] = {}
    for employee, year, rate, leaves in simulated.query(
        "select employee_id, simulation_year, cast(deferral_rate * 1000000 as bigint), termination_date "
        "from fct_workforce_snapshot where scenario_id = ?",
        [scenario],
    ):
        rates.setdefault(employee, {})[year] = rate
        exits[employee] = leaves or date.max
    ends: dict[str, date] = dict(
        simulated.query(
            """
            select employee_id, min(effective_date) from fct_yearly_events
            where scenario_id = ? and event_type = 'opt_out' and event_category in ('escalation', 'stop') group by 1
            """,
            [scenario],
        )
    )
    came_in: list[Any] = simulated.query(
        f"""
        select employee_id, effective_date, cast(deferral_rate_after * 1000000 as bigint)
        from fct_yearly_events where scenario_id = $scenario and event_type = 'enrollment' and event_category = 'auto'
        union all
        select employee_id, enrollment_date, deferral_rate_millionths
        from int_opening_workforce inner join stg_worlds using (world_id, simulation_year)
        where
            simulation_year = {FIRST} and scenario_id = $scenario and enrollment_source = 'auto'
            and deferral_rate_millionths > 0 and not escalation_opted_out
        """,
        {"scenario": scenario},
    )
    return [
        Saver(employee, day, rate, ends.get(employee, date.max), rates[employee], exits[employee])
        for employee, day, rate in came_in
    ]


@pytest.mark.parametrize("scenario", ESCALATIONS)
def test_the_rate_is_that_of_the_dates_passed(plan_years: Simulation, scenario: str) -> None:
    escalation = ESCALATIONS[scenario]
    checked = risen = above = longest = 0
    for saver in savers(plan_years, scenario):
        for year, rate in saver.rates.items():
            if year < saver.enrolled.year or saver.until.year <= year:
                continue
            passed = dates_passed(saver, escalation, year)
            expected = max(saver.rate, min(escalation.cap, saver.rate + escalation.increment * passed))
            assert rate == expected, (saver, year, passed)
            checked += 1
            risen += rate > saver.rate
            above += passed > 0 and saver.rate >= escalation.cap
            longest = max(longest, passed)
    assert checked > 1_500
    assert risen > 100
    assert above > 50
    assert longest == LAST - FIRST + 1


@pytest.mark.parametrize("scenario", ESCALATIONS)
def test_every_escalation_is_due_and_none_is_missing(plan_years: Simulation, scenario: str) -> None:
    """The events are on the escalation's day, one a date passed below the cap, and lower nobody."""
    escalation = ESCALATIONS[scenario]
    events = plan_years.query(
        """
        select employee_id, effective_date, cast(deferral_rate_before * 1000000 as bigint),
            cast(deferral_rate_after * 1000000 as bigint)
        from fct_yearly_events where scenario_id = ? and event_type = 'deferral_escalation'
        """,
        [scenario],
    )
    happened = {(employee, day) for employee, day, _, _ in events}
    assert len(happened) == len(events)
    assert all(before < after <= escalation.cap for _, _, before, after in events)
    due = set()
    for saver in savers(plan_years, scenario):
        for year in range(FIRST, LAST + 1):
            day = date(year, escalation.month, 1)
            passed = dates_passed(saver, escalation, year) - dates_passed(saver, escalation, year - 1)
            if passed and saver.rate + escalation.increment * dates_passed(saver, escalation, year - 1) < escalation.cap:
                due.add((saver.employee, day))
    assert happened == due


def test_a_default_above_the_cap_stays(plan_years: Simulation) -> None:
    rates = {
        rate
        for saver in savers(plan_years, "above_cap")
        if saver.enrolled.year >= FIRST
        for year, rate in saver.rates.items()
        if saver.enrolled.year <= year < saver.until.year
    }
    assert rates == {120_000}
