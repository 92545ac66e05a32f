"""Who may join the plan, from which day and why: everybody of four plans, five years, worked out from dates and hours alone.

Where the expected dates come from: the plans as `four_plans.py` writes them, IRC 410(a)(1)(A) and (a)(4) for age, service
and the entry date that follows, IRC 401(k)(15) for long-term part-timers. The plan ledger takes entry from the events; here
is which events there must be.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

import pytest

from tests.harness import Simulation
from tests.integration.four_plans import SCENARIOS, YEARS, census_people, four_plans
from tests.oracle.plan_oracle import half_up

__all__ = ["four_plans"]


class Conditions(NamedTuple):
    """What a plan asks before entry."""

    age: int
    service_months: int
    entry_months: int | None
    hours_rule: bool = False
    by_anniversaries: bool = False


CONDITIONS = {
    "true_up": Conditions(18, 0, 1),
    "by_period": Conditions(21, 3, 3, hours_rule=True),
    "integrated": Conditions(20, 12, 6, hours_rule=True, by_anniversaries=True),
    "safe_harbor": Conditions(21, 0, None),
}


class Person(NamedTuple):
    """What entry goes by; `hours` are those of the last year and of the one before."""

    birth_date: date
    hire_date: date
    service_date: date
    hours_per_week: Fraction
    hours: tuple[int, int]
    excluded: bool
    entered: tuple[date, str] | None


def later(day: date, months: int) -> date:
    """So many months on; the last day of a month that is too short."""
    first = date(day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1, 1)
    return max(
        first + timedelta(days=number) for number in range(day.day) if (first + timedelta(days=number)).month == first.month
    )


def entry_day(met: date, months: int | None) -> date:
    """The entry date on or next following a day; every so many months from January on."""
    return (
        met
        if months is None
        else next(
            day
            for year in (met.year, met.year + 1)
            for month in range(1, 13, months)
            if (day := date(year, month, 1)) >= met
        )
    )


def worked(person: Person, asked: Conditions, year: int) -> tuple[tuple[date, int], tuple[date, int]]:
    """The last two periods of twelve months, by the day after each and its hours; 0 where there was none.

    29 CFR 2530.202-2: the first from the start of service; then the calendar year that has its anniversary, or the year from
    that to the next. Between 1 January and an anniversary are a calendar year's hours by the days, in whole hours.
    """
    started = person.service_date
    last, before = (Fraction(hours) for hours in person.hours)
    of_the_year = {year: person.hours_per_week * 52, year - 1: last, year - 2: before}

    def until(anniversary: date) -> int:
        days = (date(anniversary.year + 1, 1, 1) - date(anniversary.year, 1, 1)).days
        return half_up(of_the_year[anniversary.year] * (anniversary.timetuple().tm_yday - 1) / days)

    found = []
    for ends in (year - 1, year):
        anniversary = later(started, 12 * (ends - started.year))
        age = ends - started.year
        if age < 1:
            found.append((anniversary, 0))
        elif age > 1 and not asked.by_anniversaries:
            found.append((date(ends, 1, 1), int(of_the_year[ends - 1])))
        else:
            so_far = 0 if age == 1 else until(later(started, 12 * (age - 1)))
            found.append((anniversary, int(of_the_year[ends - 1]) - so_far + until(anniversary)))
    return found[0], found[1]


def entry(person: Person, asked: Conditions, year: int) -> tuple[date, str] | None:
    """Day and reason of entry, kept once they are there; None for who does not enter by the end of the year."""
    if person.entered or person.excluded:
        return person.entered
    new_year = date(year, 1, 1)
    age, service = later(person.birth_date, 12 * asked.age), later(person.service_date, asked.service_months)
    hours: date | None = person.hire_date
    long_term: date | None = None
    if asked.hours_rule and person.hours_per_week * 52 < 1_000:
        (before, first), (ended, last) = worked(person, asked, year)
        hours = before if first >= 1_000 else ended if last >= 1_000 else None
        long_term = max(ended, age) if min(first, last) >= 500 else None
    ordinary = None if hours is None else max(person.hire_date, age, service, hours)
    met = min((day for day in (ordinary, long_term) if day), default=None)
    if met is None:
        return None
    day = max(entry_day(met, asked.entry_months), new_year)
    if day.year > year:
        return None
    if year == YEARS[0] and entry_day(met, asked.entry_months) < new_year:
        return day, "census"
    if ordinary is None or (long_term is not None and long_term < ordinary):
        return day, "long_term_part_time"
    assert hours is not None
    waited_for_age, waited_for_service = age > person.hire_date, max(service, hours) > person.hire_date
    reasons = {(True, True): "age_and_service", (True, False): "age", (False, True): "service"}
    return day, reasons.get((waited_for_age, waited_for_service), "immediate")


def census() -> dict[str, Person]:
    people = {}
    for row in census_people():
        entered = row["eligibility_date"] or row["enrollment_date"]
        people[row["employee_id"]] = Person(
            date.fromisoformat(row["birth_date"]),
            date.fromisoformat(row["hire_date"]),
            date.fromisoformat(row["service_date"]),
            Fraction(row["scheduled_hours_per_week"]),
            (int(row["hours_prior_year_1"]), int(row["hours_prior_year_2"])),
            row["plan_exclusion"] == "true",
            (date.fromisoformat(entered), "census") if entered else None,
        )
    return people


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_everybody_enters_on_the_day_and_for_the_reason_that_the_plan_says(four_plans: Simulation, scenario: str) -> None:
    asked = CONDITIONS[scenario]
    people, reasons = census(), Counter[str]()
    for year in YEARS:
        days_in_year = (date(year + 1, 1, 1) - date(year, 1, 1)).days
        entered: dict[str, tuple[date, str]] = {}
        for who, day, reason, details in four_plans.query(
            """
            select employee_id, effective_date, event_category, event_details from fct_yearly_events
            where event_type in ('hire', 'eligibility') and scenario_id = ? and simulation_year = ?
            order by employee_id, event_sequence
            """,
            [scenario, year],
        ):
            if reason == "new_hire":
                hired: dict[str, Any] = json.loads(details)
                born, hours = date.fromisoformat(hired["birth_date"]), Fraction(hired["scheduled_hours_per_week"])
                people[who] = Person(born, day, day, hours, (0, 0), False, None)
            else:
                entered[who] = day, reason
        exits = dict(
            four_plans.query(
                "select employee_id, termination_date from fct_workforce_snapshot"
                " where scenario_id = ? and simulation_year = ?",
                [scenario, year],
            )
        )
        assert exits.keys() == people.keys()
        for who, person in list(people.items()):
            last_day = exits[who] or date(year, 12, 31)
            own = entry(person, asked, year)
            if own and own[0] > last_day:
                own = None
            assert entered.get(who, person.entered) == own, (year, who, person)
            reasons[own[1] if own and own != person.entered else "-"] += 1
            worked = (last_day - max(person.hire_date, date(year, 1, 1))).days + 1
            hours_worked = half_up(person.hours_per_week * 52 * Fraction(worked, days_in_year))
            people[who] = person._replace(entered=own, hours=(hours_worked, person.hours[0]))
            if exits[who]:
                del people[who]
    print(scenario, reasons)
    assert len(reasons) >= {"by_period": 5, "integrated": 4}.get(scenario, 3), reasons
