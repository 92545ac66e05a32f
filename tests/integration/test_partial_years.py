"""Contributions and match are on the days concerned: recomputed from the published events, for everybody, to the cent.

Pay and deferral rate in force are followed through a person's events of the year; each stretch of days at one pay and one
rate gives pay x days / days of the year x rate, rounded half up, and nothing is deferred before entry, before enrolment,
after a stop or after the exit. Match: 100 % up to 3 % and 50 % up to 5 % of the pay from entry on, over the whole year.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

import pytest

from tests.harness import Simulation
from tests.integration.plan_years import plan_years
from tests.oracle.plan_oracle import half_up

__all__ = ["plan_years"]

DAY = timedelta(days=1)
PAY_EVENTS = ("hire", "cola", "merit_raise", "promotion")
PLAN_EVENTS = ("eligibility", "enrollment", "opt_out", "deferral_change", "deferral_escalation")
TIERS = [(Fraction(0), Fraction(3, 100), Fraction(1)), (Fraction(3, 100), Fraction(5, 100), Fraction(1, 2))]
#: Pay above which 401(a)(17) cuts, from 2025 on; the limits themselves are tested elsewhere.
PAY_LIMIT_CENTS = 350_000_00


class Change(NamedTuple):
    """A published event: what was in force before it and from its day on, money in cents and rates in millionths."""

    kind: str
    category: str
    day: date
    pay: tuple[int, int]
    rate: tuple[int, int]


class PersonYear(NamedTuple):
    """A row of the snapshot and the year's events of the person, in order."""

    first_day: date
    last_day: date
    hired: bool
    left: bool
    entry: date | None
    closing_pay: int
    closing_rate: int
    contribution: int
    plan_compensation: int
    match: int
    at_limit: bool
    changes: list[Change]

    def stretches(self) -> Iterator[tuple[int, int, int]]:
        """Days, pay and deferral rate of each stretch from entry on; nothing without an entry."""
        pay_changes = [change for change in self.changes if change.kind in PAY_EVENTS]
        plan_changes = [change for change in self.changes if change.kind in PLAN_EVENTS]
        pay = pay_changes[0].pay[0] if pay_changes else self.closing_pay
        rate = plan_changes[0].rate[0] if plan_changes else self.closing_rate
        starts = {change.day for change in pay_changes + plan_changes} | {self.first_day, self.last_day + DAY}
        if self.entry:
            starts.add(max(self.entry, self.first_day))
        days = sorted(day for day in starts if self.first_day <= day <= self.last_day + DAY)
        for start, end in pairwise(days):
            pay = next((change.pay[1] for change in reversed(pay_changes) if change.day <= start), pay)
            rate = next((change.rate[1] for change in reversed(plan_changes) if change.day <= start), rate)
            if self.entry and start >= self.entry:
                yield (end - start).days, pay, rate

    @property
    def days_of_the_year(self) -> int:
        """365 or 366."""
        return (date(self.last_day.year, 12, 31) - date(self.last_day.year, 1, 1)).days + 1

    def joined_and_stopped(self) -> bool:
        """Whether somebody came in and stopped in this one year."""
        kinds = [change.kind if change.category != "escalation" else "" for change in self.changes]
        return "enrollment" in kinds and "opt_out" in kinds[kinds.index("enrollment") :]


def _cents(money: Any) -> int:
    return 0 if money is None else int(money * 100)


def _millionths(rate: Any) -> int:
    return 0 if rate is None else int(rate * 1_000_000)


def person_years(simulated: Simulation, scenario: str) -> list[PersonYear]:
    changes: dict[tuple[str, int], list[Change]] = defaultdict(list)
    for employee, year, kind, category, day, *money in simulated.query(
        """
        select employee_id, simulation_year, event_type, event_category, effective_date,
            compensation_before, compensation_after, deferral_rate_before, deferral_rate_after
        from fct_yearly_events where scenario_id = ? order by employee_id, simulation_year, event_sequence
        """,
        [scenario],
    ):
        pay, rate = (_cents(money[0]), _cents(money[1])), (_millionths(money[2]), _millionths(money[3]))
        changes[employee, year].append(Change(kind, category, day, pay, rate))
    return [
        PersonYear(
            max(hired, date(year, 1, 1)),
            left or date(year, 12, 31),
            hired.year == year,
            left is not None,
            entry,
            _cents(pay),
            _millionths(rate),
            _cents(contribution),
            _cents(plan_pay),
            _cents(match),
            at_limit,
            changes[employee, year],
        )
        for employee, year, hired, left, entry, pay, rate, contribution, plan_pay, match, at_limit in simulated.query(
            """
            select employee_id, simulation_year, hire_date, termination_date, eligibility_date, annual_compensation,
                deferral_rate, employee_contribution, plan_compensation, employer_match, limit_reached
            from fct_workforce_snapshot where scenario_id = ?
            """,
            [scenario],
        )
    ]


@pytest.fixture(scope="module", params=["shipped", "restless"])
def everybody(request: pytest.FixtureRequest, plan_years: Simulation) -> list[PersonYear]:
    return person_years(plan_years, request.param)


def test_contributions_are_on_the_days_concerned(everybody: list[PersonYear]) -> None:
    for person in everybody:
        deferred = sum(
            half_up(Fraction(pay * days * rate, person.days_of_the_year * 1_000_000))
            for days, pay, rate in person.stretches()
        )
        if person.at_limit:
            assert 0 < person.contribution <= deferred
        else:
            assert person.contribution == deferred, person
    assert sum(person.at_limit for person in everybody) < 0.05 * len(everybody)


def test_the_match_is_on_the_pay_and_deferrals_of_those_days(everybody: list[PersonYear]) -> None:
    for person in everybody:
        pay = sum(half_up(Fraction(rate * days, person.days_of_the_year)) for days, rate in _by_pay(person))
        if pay < PAY_LIMIT_CENTS:
            assert person.plan_compensation == pay, person
        matched = sum(
            share
            * max(min(Fraction(person.contribution), high * person.plan_compensation) - low * person.plan_compensation, 0)
            for low, high, share in TIERS
        )
        assert person.match == half_up(Fraction(matched)), person


def _by_pay(person: PersonYear) -> list[tuple[int, int]]:
    """The stretches from entry on with the deferral rates joined: a stretch a pay segment, because each is rounded once."""
    joined: list[list[int]] = []
    opens_pay = {change.day for change in person.changes if change.kind in PAY_EVENTS}
    day = max(person.entry, person.first_day) if person.entry else person.last_day
    for days, pay, _ in person.stretches():
        if joined and day not in opens_pay:
            joined[-1][0] += days
        else:
            joined.append([days, pay])
        day += timedelta(days=days)
    return [(days, pay) for days, pay in joined]


def test_partial_years_of_every_kind_were_among_them(everybody: list[PersonYear]) -> None:
    kinds = {
        "hired in the year": [person for person in everybody if person.hired],
        "left in the year": [person for person in everybody if person.left],
        "hired and left": [person for person in everybody if person.hired and person.left],
        "entered after the hire": [person for person in everybody if person.entry and person.entry > person.first_day],
        "enrolled in the year": [
            person for person in everybody if any(change.kind == "enrollment" for change in person.changes)
        ],
        "joined and stopped": [person for person in everybody if person.joined_and_stopped()],
    }
    counts = {kind: sum(person.contribution > 0 for person in people) for kind, people in kinds.items()}
    print(counts)
    if counts["joined and stopped"]:  # hardly anybody does as shipped
        assert min(counts.values()) >= 20
    never = [person for person in everybody if not any(rate for _, _, rate in person.stretches())]
    assert len(never) > 100
    assert not any(person.contribution or person.match for person in never)
