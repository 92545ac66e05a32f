"""Everybody's plan over the years, worked out from a census, the published events and the plan's settings alone.

Belongs here: who is in at what rate by day, what accumulates and vests, who is highly compensated, and what the tests make
of it, in plain Python and exact fractions. Does not: the money of one person and year (`plan_oracle.py`), pay
(`pay_oracle.py`), any SQL, any expectation.

It reads of a plan event who, what and when, the rate that an enrolment chose, and the step and cap of a change; not what
the product says that the rate was before or after it, nor the order that it gives to events.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from tests.oracle import pay_oracle, plan_oracle
from tests.oracle.plan_oracle import MILLION, half_up

#: What comes first when several things happen to one person's deferrals on one day.
SAME_DAY = ("eligibility", "opt_out", "enrollment", "deferral_change", "deferral_escalation")


class Event(NamedTuple):
    """What the ledger reads of a row of fct_yearly_events; the rate (millionths) is that of an enrolment."""

    employee_id: str
    event_type: str
    event_category: str
    effective_date: date
    enrollment_rate: int | None
    event_details: str


@dataclass
class Member:
    """What the plan knows of a person when a year begins; money in cents, the deferral rate in millionths."""

    hours_per_week: Fraction
    prior_paid: int = 0
    owner: bool = False
    eligible_from: date | None = None
    reason: str | None = None
    enrolled: tuple[date | None, str | None] = (None, None)
    rate: int = 0
    match: int = 0
    core: int = 0
    #: Somebody of the census has yearly amounts; a hire has a level, and what goes with it.
    bonus: int = 0
    overtime: int = 0
    level: int | None = None


People = Mapping[str, tuple[pay_oracle.Person, Member]]


@dataclass(frozen=True)
class Rules:
    """A scenario's plan: design, limits and tiers by year, vested shares (millionths) by completed years of service."""

    design: Callable[[int], Mapping[str, Any]]
    limits: Callable[[int], Mapping[str, Any]]
    tiers: Callable[[int], Sequence[Mapping[str, Any]]]
    match_vesting: Mapping[int, int]
    core_vesting: Mapping[int, int]
    retirement_age: int = 65
    #: Bonus and overtime of a year, by level, for hires.
    beside: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    top_paid_group: bool = False
    #: The share of participants whom reductions take from which whoever leaves is vested, Rev. Rul. 2007-43.
    partial_termination: Fraction | None = Fraction(1, 5)


@dataclass(frozen=True)
class PersonYear:
    """What the ledger expects of a row of fct_workforce_snapshot, and what else the year's totals and tests need."""

    paid: int
    beside: tuple[int, int]
    eligible_from: date | None
    reason: str | None
    enrolled: tuple[date | None, str | None]
    rate: int
    exit: date | None
    money: plan_oracle.Money | None
    cumulative_match: int
    cumulative_core: int
    match_vested: int
    core_vested: int
    forfeited_match: int
    forfeited_core: int
    is_hce: bool


def ledger(
    people: dict[str, pay_oracle.Person],
    members: dict[str, Member],
    pay_events: dict[int, list[pay_oracle.Event]],
    plan_events: dict[int, list[Event]],
    rules: Rules,
) -> Iterator[tuple[int, dict[str, PersonYear]]]:
    """Each year with everyone employed at any time in it.

    Args:
        people: The census by employee id. The oracle changes it, and `members`, as the years go by.
        members: What the plan knows of them.
        pay_events: The events of one world by year, as pay goes by them.
        plan_events: The same events, as the plan goes by them.
        rules: The world's plan.
    """
    # of the census whom the oracle gets nobody left in the year before the first
    left: People = {}
    for year, employed in pay_oracle.careers(people, pay_events):
        own: dict[str, list[Event]] = defaultdict(list)
        levels = {event.employee_id: event.level_after for event in pay_events[year] if event.event_type == "hire"}
        for event in plan_events[year]:
            own[event.employee_id].append(event)
            if event.event_type == "hire":
                hours = json.loads(event.event_details)["scheduled_hours_per_week"]
                members[event.employee_id] = Member(Fraction(hours), level=levels[event.employee_id])
        here = {who: (person, members[who]) for who, person in employed.items() if person.hire_date.year < year}
        eve = date(year - 1, 12, 31)
        highly = highly_compensated(here, left, eve, rules.limits(year), top_paid_group=rules.top_paid_group)
        participants = [who for who in employed if members[who].eligible_from or _happens(own[who], "eligibility")]
        let_go = sum(_happens(own[who], "termination", "reduction") for who in participants)
        share = rules.partial_termination
        partly_terminated = share is not None and let_go > 0 and Fraction(let_go, len(participants)) >= share
        yield (
            year,
            {
                who: _person_year(
                    year, person, members[who], own[who], rules, is_hce=who in highly, is_all_vested=partly_terminated
                )
                for who, person in employed.items()
            },
        )
        left = {who: (person, members[who]) for who, person in employed.items() if person.exit_date}


def _happens(events: Iterable[Event], kind: str, category: str | None = None) -> bool:
    return any(event.event_type == kind and category in (None, event.event_category) for event in events)


def highly_compensated(
    here: People,
    left: People,
    eve: date,
    limits: Mapping[str, Any],
    *,
    top_paid_group: bool,
) -> set[str]:
    """IRC 414(q): owners, and whoever was paid above the threshold last year; the election keeps its best paid fifth.

    Args:
        here: Who is there on 1 January.
        left: Who was last year and is not now: in the fifth and its ranking (IRC 414(q)(3)), never highly compensated now.
        eve: The last day of last year.
        limits: The year's.
        top_paid_group: The election.
    """
    paid_above = {who for who, (_, member) in here.items() if member.prior_paid > limits["hce_compensation_cents"]}
    if top_paid_group:
        then = {**here, **left}
        counted = [
            who
            for who, (person, member) in then.items()
            if pay_oracle.completed_years(person.birth_date, eve) >= 21
            and _completed_months(person.service_date, (left[who][0].exit_date or eve) if who in left else eve) >= 6
            and member.hours_per_week >= Fraction("17.5")
        ]
        best = sorted(then, key=lambda who: -then[who][1].prior_paid)[: half_up(Fraction(len(counted), 5))]
        paid_above &= set(best)
    return paid_above | {who for who, (_, member) in here.items() if member.owner}


def _completed_months(start: date, end: date) -> int:
    short = end.day < start.day and (end + plan_oracle.DAY).day != 1
    return (end.year - start.year) * 12 + end.month - start.month - short


def _person_year(
    year: int,
    person: pay_oracle.Person,
    member: Member,
    events: list[Event],
    rules: Rules,
    *,
    is_hce: bool,
    is_all_vested: bool,
) -> PersonYear:
    first_day, last_day = date(year, 1, 1), person.exit_date or date(year, 12, 31)
    days = (date(year + 1, 1, 1) - first_day).days
    pay = pay_oracle.stretches(person.pay_from, last_day)
    rates = _deferral_rates(first_day, member, events)
    age, service = (pay_oracle.completed_years(since, last_day) for since in (person.birth_date, person.service_date))
    bonus, overtime = member.bonus, member.overtime
    if member.level is not None:
        bonus, overtime = rules.beside.get(member.level, (0, 0))
        member.level = person.level_id
    own_year = plan_oracle.Year(
        start=first_day,
        days=days,
        pay=pay,
        rates=pay_oracle.stretches(rates, last_day) if rates else [],
        age_at_year_end=pay_oracle.completed_years(person.birth_date, date(year, 12, 31)),
        age=age,
        service_years=service,
        exit=person.exit_date,
        hours_per_week=member.hours_per_week,
        prior_paid=member.prior_paid,
        repays_a_loan=True,
        bonus=bonus,
        overtime=overtime,
    )
    money = None
    if rates:
        design, promised = rules.design(year), rules.tiers(year)
        if member.reason == "long_term_part_time" and not design["long_term_employer_money"]:
            promised = []
        money = plan_oracle.money(own_year, design, rules.limits(year), promised)
        member.match += money.match
        member.core += money.core
    # Next year's pay of the year before.
    base = sum(half_up(Fraction(rate * ((last - first).days + 1), days)) for first, last, rate in pay if first <= last)
    member.prior_paid = base + sum(own_year.beside)
    schedules = rules.match_vesting, rules.core_vesting
    if is_all_vested and person.exit_date:
        schedules = {0: MILLION}, {0: MILLION}
    vested = [plan_oracle.vested(schedule, service, age, rules.retirement_age) for schedule in schedules]
    left = [
        plan_oracle.forfeited(amount, schedule, service, age, rules.retirement_age) if person.exit_date else 0
        for amount, schedule in zip((member.match, member.core), schedules, strict=True)
    ]
    return PersonYear(
        paid=member.prior_paid,
        beside=own_year.beside,
        eligible_from=member.eligible_from,
        reason=member.reason,
        enrolled=member.enrolled,
        rate=member.rate,
        exit=person.exit_date,
        money=money,
        cumulative_match=member.match,
        cumulative_core=member.core,
        match_vested=vested[0],
        core_vested=vested[1],
        forfeited_match=left[0],
        forfeited_core=left[1],
        is_hce=is_hce,
    )


def _deferral_rates(first_day: date, member: Member, events: list[Event]) -> list[tuple[date, int]]:
    """The rates in force from each day on, from entry or 1 January; the member is left as the year leaves it."""
    rates = [(first_day, member.rate)] if member.eligible_from else []
    happened = [event for event in events if event.event_type in SAME_DAY]
    for event in sorted(happened, key=lambda event: (event.effective_date, SAME_DAY.index(event.event_type))):
        details = json.loads(event.event_details)
        if event.event_type == "eligibility":
            assert member.eligible_from is None, f"{event.employee_id} becomes eligible twice"
            member.eligible_from, member.reason = event.effective_date, event.event_category
        elif event.event_type == "enrollment":
            assert member.rate == 0, f"{event.employee_id} joins and is in"
            assert event.enrollment_rate is not None
            member.enrolled = event.effective_date, event.event_category
            member.rate = event.enrollment_rate
        elif event.event_type == "opt_out":
            # A stop ends contributing; declining automatic enrolment or escalation leaves the rate what it is.
            member.rate = 0 if event.event_category == "stop" else member.rate
        else:
            step, cap = (int(Fraction(details[name]) * MILLION) for name in ("step", "cap"))
            member.rate = max(member.rate, min(member.rate + step, cap)) if step > 0 else member.rate + step
        assert member.eligible_from is not None, f"{event.employee_id}: {event.event_type} before entry"
        rates.append((event.effective_date, member.rate))
    return rates


@dataclass(frozen=True)
class Judgement:
    """An ADP or ACP test: averages and threshold as shares, and what is too much, in exact cents."""

    hce_count: int
    nhce_count: int
    hce_rate: Fraction | None
    nhce_rate: Fraction | None
    nhce_rate_this_year: Fraction | None
    threshold: Fraction | None
    passed: bool
    excess: Fraction


def judged(rows: Iterable[PersonYear], test: str, nhce_before: Fraction | None, *, exempt: bool) -> Judgement:
    """IRC 401(k)(3) and 401(m)(2) over everyone eligible at any time in the year but long-term part-timers.

    Args:
        rows: Everyone employed in the year.
        test: ADP (deferrals without catch-up) or ACP (match), over plan compensation.
        nhce_before: The average to judge by, if it is not this year's.
        exempt: Whether a safe harbor takes the tests' place.
    """
    ratios: dict[bool, list[tuple[Fraction, int]]] = {True: [], False: []}
    for row in rows:
        if row.money is None or row.reason == "long_term_part_time":
            continue
        amount = row.money.contribution - row.money.catch_up if test == "ADP" else row.money.match
        pay = row.money.plan_compensation
        ratios[row.is_hce].append((_to_basis_points(Fraction(amount, pay)) if pay else Fraction(0), pay))
    averages = {
        side: _to_basis_points(sum((ratio for ratio, _ in own), Fraction(0)) / len(own)) if own else None
        for side, own in ratios.items()
    }
    nhce = averages[False] if nhce_before is None else nhce_before
    threshold = None if nhce is None else max(nhce * Fraction(5, 4), min(nhce * 2, nhce + Fraction(2, 100)))
    hce = averages[True]
    passed = exempt or hce is None or threshold is None or hce <= threshold
    excess = Fraction(0)
    if not passed:
        assert threshold is not None
        excess = plan_oracle.leveled_excess(ratios[True], Fraction(int(threshold * 10_000), 10_000))
    return Judgement(len(ratios[True]), len(ratios[False]), hce, nhce, averages[False], threshold, passed, excess)


def _to_basis_points(ratio: Fraction) -> Fraction:
    """To the nearest 0.01 %, Treas. Reg. 1.401(k)-2(a)(2) and (3)."""
    return Fraction(half_up(ratio * 10_000), 10_000)
