"""The year's end of everyone, worked out from a census and the published events alone, in plain Python.

A second opinion on pay and state. It shares nothing with the product: no SQL, no import, no float. Money is whole cents, a
raise is an exact fraction, and every rounding is half up to the cent. It reads of an event who, what, when, the level
reached, a hire's pay, and the raise that was due; not what the product says that pay was before or after it, nor the order
that it gives to events.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from math import floor
from typing import NamedTuple

#: What comes first when several things happen to one person on one day. What happens in the plan leaves pay alone.
SAME_DAY = ("hire", "cola", "merit_raise", "promotion", "termination")


class Event(NamedTuple):
    """What the oracle reads of a row of fct_yearly_events."""

    employee_id: str
    event_type: str
    effective_date: date
    level_after: int | None
    hire_pay_cents: int | None
    event_details: str


class YearEnd(NamedTuple):
    """What the oracle expects of a row of fct_workforce_snapshot; money in cents."""

    employment_status: str
    detailed_status: str
    birth_date: date
    hire_date: date
    termination_date: date | None
    age_at_year_end: int
    tenure_years_at_year_end: int
    level_id: int
    annual_compensation_cents: int
    paid_compensation_cents: int


@dataclass
class Person:
    """Somebody employed, as the oracle follows them; `pay_from` holds this year's (first day, yearly rate in cents)."""

    birth_date: date
    hire_date: date
    service_date: date
    level_id: int
    rate_cents: int
    exit_date: date | None = None
    pay_from: list[tuple[date, int]] = field(default_factory=list)


def rounded(amount: Fraction) -> int:
    """Half up."""
    return floor(amount + Fraction(1, 2))


def completed_years(start: date, end: date) -> int:
    """How many anniversaries of `start` have come by `end`; 29 February's is 28 February in a year without one."""
    years = 0
    while _anniversary(start, years + 1) <= end:
        years += 1
    return years


def _anniversary(start: date, years: int) -> date:
    try:
        return start.replace(year=start.year + years)
    except ValueError:
        return date(start.year + years, 2, 28)


def replay(
    workforce: dict[str, Person], events: dict[int, list[Event]], cap_cents: int | None = None
) -> Iterator[tuple[int, str, YearEnd]]:
    """Year and employee with what the snapshot must say, for everyone employed at any time in each year.

    Args:
        workforce: The census by employee id. The oracle changes it as the years go by.
        events: The events of one world by year.
        cap_cents: The yearly pay above which no raise leads, if there is one.
    """
    for year, employed in careers(workforce, events, cap_cents):
        for employee_id, person in employed.items():
            yield year, employee_id, _year_end(person, year)


def careers(
    workforce: dict[str, Person], events: dict[int, list[Event]], cap_cents: int | None = None
) -> Iterator[tuple[int, dict[str, Person]]]:
    """Each year with everyone employed at any time in it, as the year leaves them."""
    for year in sorted(events):
        by_person: dict[str, list[Event]] = defaultdict(list)
        for event in events[year]:
            if event.event_type in SAME_DAY:
                by_person[event.employee_id].append(event)
        for person in workforce.values():
            person.pay_from = [(date(year, 1, 1), person.rate_cents)]
        for employee_id, own in by_person.items():
            for event in sorted(own, key=lambda e: (e.effective_date, SAME_DAY.index(e.event_type))):
                if event.event_type == "hire":
                    assert employee_id not in workforce, f"{employee_id} is hired twice"
                    workforce[employee_id] = _hired(event)
                else:
                    _happens(workforce[employee_id], event, cap_cents)
        yield year, workforce
        workforce = {employee_id: person for employee_id, person in workforce.items() if person.exit_date is None}


def _hired(event: Event) -> Person:
    assert event.level_after is not None
    assert event.hire_pay_cents is not None
    day, pay = event.effective_date, event.hire_pay_cents
    birth_date = date.fromisoformat(json.loads(event.event_details)["birth_date"])
    return Person(birth_date, day, day, event.level_after, pay, pay_from=[(day, pay)])


def _happens(person: Person, event: Event, cap_cents: int | None) -> None:
    assert person.exit_date is None, f"{event.employee_id}: {event.event_type} after the exit"
    if event.event_type == "termination":
        person.exit_date = event.effective_date
        return
    due = rounded(person.rate_cents * (1 + Fraction(json.loads(event.event_details)["raise"])))
    if cap_cents is not None:
        due = max(person.rate_cents, min(due, cap_cents))
    person.rate_cents = due
    person.pay_from.append((event.effective_date, due))
    if event.event_type == "promotion":
        assert event.level_after is not None
        person.level_id = event.level_after


def _year_end(person: Person, year: int) -> YearEnd:
    last_day = person.exit_date or date(year, 12, 31)
    is_new = person.hire_date.year == year
    return YearEnd(
        employment_status="terminated" if person.exit_date else "active",
        detailed_status=(
            f"new_hire_{'termination' if person.exit_date else 'active'}"
            if is_new
            else ("experienced_termination" if person.exit_date else "continuous_active")
        ),
        birth_date=person.birth_date,
        hire_date=person.hire_date,
        termination_date=person.exit_date,
        age_at_year_end=completed_years(person.birth_date, date(year, 12, 31)),
        tenure_years_at_year_end=completed_years(person.service_date, last_day),
        level_id=person.level_id,
        annual_compensation_cents=person.rate_cents,
        paid_compensation_cents=_paid(person.pay_from, last_day, year),
    )


def stretches(changes: Iterable[tuple[date, int]], last_day: date) -> list[tuple[date, date, int]]:
    """Changes as (first day, last day, value); one with no days ends on the day before it starts."""
    starts = list(changes)
    ends = [first_day - timedelta(days=1) for first_day, _ in starts[1:]] + [last_day]
    return [(first_day, end, value) for (first_day, value), end in zip(starts, ends, strict=True)]


def _paid(pay_from: Iterable[tuple[date, int]], last_day: date, year: int) -> int:
    """A change is paid from its day on, the exit day is the last paid one; each stretch is rounded, then summed."""
    days_in_year = len(_days(date(year, 1, 1), date(year + 1, 1, 1)))
    return sum(
        rounded(Fraction(rate * len(_days(first_day, end + timedelta(days=1))), days_in_year))
        for first_day, end, rate in stretches(pay_from, last_day)
    )


def _days(first: date, end: date) -> range:
    """The days from `first` to the day before `end`."""
    return range(first.toordinal(), end.toordinal())
