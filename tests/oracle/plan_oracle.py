"""The plan's money of one person and year, again, in plain Python and exact fractions, day by day where it can be.

Belongs here: the rules as the statutes and the plan put them, written without a look at the SQL. Does not: any SQL,
any expectation.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

MILLION = 1_000_000
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Money:
    """What a person and the employer put in, in cents; `losses` are not enrolled, low deferral, conditions, limits."""

    elected: int
    contribution: int
    catch_up: int
    roth_catch_up: int
    plan_compensation: int
    match: int
    true_up: int
    core: int
    potential: int
    losses: tuple[int, int, int, int]
    excess_415: int
    limit_reached: bool


@dataclass(frozen=True)
class Year:
    """One person's year: pay and deferral rates in force by day, ages and service in completed years.

    `age` and `service_years` are those on the last day of employment in the year. Beside the pay rates there may be bonus
    and overtime: yearly amounts, the same on every day.
    """

    start: date
    days: int
    pay: Sequence[tuple[date, date, int]]
    rates: Sequence[tuple[date, date, int]]
    age_at_year_end: int
    age: int
    service_years: int
    exit: date | None
    hours_per_week: Fraction
    prior_paid: int
    repays_a_loan: bool = False
    bonus: int = 0
    overtime: int = 0

    @property
    def beside(self) -> tuple[int, int]:
        """Bonus and overtime paid for the days employed."""
        last_day = self.exit or self.start + timedelta(days=self.days - 1)
        days = (last_day - self.pay[0][0]).days + 1
        return half_up(Fraction(self.bonus * days, self.days)), half_up(Fraction(self.overtime * days, self.days))


def half_up(value: Fraction) -> int:
    """Round to the nearest integer, halves up."""
    return int((2 * value + 1) // 2)


def match_of(deferral: Fraction | int, pay: Fraction | int, tiers: Sequence[Mapping[str, Any]]) -> Fraction:
    """The match on a deferral out of this pay, not rounded."""
    total = Fraction(0)
    for tier in tiers:
        low, high = (Fraction(tier[end]) * pay for end in ("tier_from", "tier_up_to"))
        total += Fraction(tier["value"]) * max(min(Fraction(deferral), high) - low, Fraction(0))
    return total


def pay_period(day: date, design: Mapping[str, Any], days_in_year: int) -> int:
    """The pay period that a day is in, from 0: of months, of halves of months to the 15th and after it, or of equal days."""
    count = int(design["pay_periods"])
    if design["pay_calendar"] == "months":
        return (day.month - 1) * count // 12
    if design["pay_calendar"] == "half_months":
        return 2 * (day.month - 1) + (day.day > 15)
    return (day - date(day.year, 1, 1)).days * count // days_in_year


def part_of_the_year(first: date, last: date, design: Mapping[str, Any]) -> Fraction:
    """What of a yearly rate the days from `first` to `last` are paid: by days, or of each month or half of one its share."""
    total, day = Fraction(0), first
    while day <= last:
        length = calendar.monthrange(day.year, day.month)[1]
        if design["pay_calendar"] == "months":
            ends, whole = day.replace(day=length), Fraction(1, 12 * length)
        elif design["pay_calendar"] == "half_months":
            is_first = day.day <= 15
            ends = day.replace(day=15 if is_first else length)
            whole = Fraction(1, 24 * (15 if is_first else length - 15))
        else:
            ends, whole = last, Fraction(1, 366 if calendar.isleap(day.year) else 365)
        ends = min(ends, last)
        total += whole * ((ends - day).days + 1)
        day = ends + DAY
    return total


def money(year: Year, design: Mapping[str, Any], limits: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Money:
    """The year's money of somebody who is eligible at some time in it."""
    entry = year.rates[0][0]
    measures = {"service": year.service_years, "age": year.age, "points": year.age + year.service_years}
    band = [row for row in rows if row["band_min"] <= measures[row["dimension"]] < row["band_max"]]
    tiers = [row for row in band if row["subject"] == "match"]
    last_day = year.exit or year.start + timedelta(days=year.days - 1)

    counts = design["counts_bonus"], design["counts_overtime"]
    on_top = sum(yearly for yearly, is_counted in zip((year.bonus, year.overtime), counts, strict=True) if is_counted)
    plan_pay = [(first, last, rate + on_top) for first, last, rate in year.pay]

    def amount(until: date, since: date, *, deferred: bool) -> int:
        """The plan's pay, or what was deferred of it, from `since` through `until`, each stretch rounded."""
        total = 0
        for first, last, rate in plan_pay:
            for opens, closes, share in year.rates if deferred else [(since, last_day, MILLION)]:
                part = part_of_the_year(max(first, opens, since), min(last, closes, until), design)
                total += half_up(rate * part * Fraction(share, MILLION))
        return total

    by_days = [half_up(Fraction(rate * ((last - first).days + 1), year.days)) for first, last, rate in year.pay]
    paid = sum(by_days) + sum(year.beside)
    eligible_pay = amount(last_day, entry, deferred=False)
    since = year.start if design["pay_before_entry"] else entry
    left_out = sum(paid_beside for paid_beside, is_counted in zip(year.beside, counts, strict=True) if not is_counted)
    goes_by_days = design["pay_calendar"] == "days"
    of_the_year = paid - left_out if goes_by_days else amount(last_day, year.start, deferred=False)
    counted = of_the_year if design["pay_before_entry"] else min(eligible_pay, of_the_year)
    plan_compensation = min(counted, limits["compensation_cents"])
    elected = min(amount(last_day, entry, deferred=True), eligible_pay)

    catch_up_limit = limits["catch_up_cents"] if year.age_at_year_end >= 50 else 0
    if 60 <= year.age_at_year_end <= 63:
        catch_up_limit = limits["catch_up_60_63_cents"] or catch_up_limit
    threshold = limits["roth_catch_up_wages_cents"]
    roth_only = threshold is not None and year.prior_paid > threshold
    if roth_only and not design["roth_available"]:
        catch_up_limit = 0
    limit_415 = min(limits["annual_additions_cents"], paid)
    regular = min(elected, limits["elective_deferral_cents"], limit_415)
    catch_up = min(elected - regular, catch_up_limit)
    contribution = regular + catch_up

    loan = 0
    if design["student_loan_matched"] and year.repays_a_loan:
        loan = half_up(Fraction(eligible_pay * design["student_loan_rate_millionths"], MILLION))
    matched_loan = min(loan, max(limits["elective_deferral_cents"] - contribution, 0))

    cap = design["match_cap_cents"]

    def cents(exact: Fraction) -> int:
        return min(half_up(exact), cap) if cap is not None else half_up(exact)

    in_force = {share for opens, closes, share in year.rates if opens <= closes}
    steady = (
        len(in_force) == 1
        and contribution == elected
        and matched_loan == loan
        and counted == eligible_pay
        and counted <= limits["compensation_cents"]
    )
    annual = match_of(contribution + matched_loan, plan_compensation, tiers)
    without_limits = match_of(elected + loan, plan_compensation, tiers)
    by_period = annual
    if not steady:
        stretches = [
            (first, last, rate, share)
            for opens, closes, share in [*([(year.start, entry - DAY, 0)] if since < entry else []), *year.rates]
            for first, last, rate in [(max(opens, a), min(closes, b), rate) for a, b, rate in plan_pay]
            if first <= last
        ]
        limited = contribution < elected or matched_loan < loan or counted > limits["compensation_cents"]
        by_period = free = Fraction(0)
        pay_so_far = deferred_so_far = loans_so_far = 0
        for opens, closes in matched_together(year, design, stretches, limited=limited):
            pay, deferral = pay_so_far, deferred_so_far
            for first, last, rate, share in stretches:
                for day, sign in ((closes, 1), (opens - DAY, -1)):
                    part = part_of_the_year(first, min(last, day), design)
                    pay += sign * half_up(rate * part)
                    deferral += sign * half_up(rate * part * Fraction(share, MILLION))
            loans = half_up(Fraction(loan * pay, max(counted, 1)))
            base = min(pay, plan_compensation) - min(pay_so_far, plan_compensation)
            allowed = min(deferral, contribution) - min(deferred_so_far, contribution)
            allowed += min(loans, matched_loan) - min(loans_so_far, matched_loan)
            by_period += match_of(allowed, base, tiers)
            free += match_of(deferral - deferred_so_far + loans - loans_so_far, base, tiers)
            pay_so_far, deferred_so_far, loans_so_far = pay, deferral, loans
        if design["match_basis"] == "pay_period":
            without_limits = free

    potential = cents(match_of(plan_compensation, plan_compensation, tiers))
    unlimited = cents(without_limits)
    earned = cents(annual if design["match_basis"] == "annual" else by_period)
    hours = half_up(year.hours_per_week * 52 * Fraction((last_day - year.pay[0][0]).days + 1, year.days))

    def meets(source: str) -> bool:
        here = year.exit is None or not design[f"{source}_employed_at_year_end"]
        return here and hours >= int(design[f"{source}_minimum_hours"])

    due = earned if meets("match") else 0
    core = 0
    if meets("core"):
        above = max(plan_compensation - limits["social_security_wage_base_cents"], 0)
        base = {"core": plan_compensation, "core_excess": above}
        core = half_up(sum((Fraction(row["value"]) * base.get(row["subject"], 0) for row in band), Fraction(0)))
    excess = max(regular + due + core - limit_415, 0)
    core_cut = min(excess, core)
    match = due - (excess - core_cut)

    undeferred = sum(
        half_up(rate * part_of_the_year(max(first, opens), min(last, closes), design))
        for first, last, rate in plan_pay
        for opens, closes, share in year.rates
        if share == 0
    )
    if in_force == {0}:
        undeferred = eligible_pay
    gap = potential - unlimited
    not_enrolled = gap
    if min(undeferred, eligible_pay) != eligible_pay:
        not_enrolled = min(gap, half_up(Fraction(potential * undeferred, max(eligible_pay, 1))))
    return Money(
        elected=elected,
        contribution=contribution,
        catch_up=catch_up,
        roth_catch_up=catch_up if roth_only else 0,
        plan_compensation=plan_compensation,
        match=match,
        true_up=max(match - cents(by_period), 0) if design["match_basis"] == "annual" else 0,
        core=core - core_cut,
        potential=potential,
        losses=(not_enrolled, gap - not_enrolled, earned - due, unlimited - earned + due - match),
        excess_415=min(elected, limits["elective_deferral_cents"]) - regular + excess,
        limit_reached=elected >= min(limits["elective_deferral_cents"], limits["annual_additions_cents"]) + catch_up_limit,
    )


def matched_together(
    year: Year, design: Mapping[str, Any], stretches: Sequence[tuple[date, date, int, int]], *, limited: bool
) -> list[tuple[date, date]]:
    """The pay periods as (first day, last day).

    Periods between the first and the last of a stretch of one pay and one rate are one, unless a limit stops in the year.
    """
    days_of_year = (year.start + timedelta(days=day) for day in range(year.days))
    number = {day: pay_period(day, design, year.days) for day in days_of_year}
    joined = set()
    for first, last, _, _ in [] if limited else stretches:
        joined |= {(period, period + 1) for period in range(number[first] + 1, number[last] - 1)}
    days = sorted(number)
    starts = [days[0]]
    for before, day in pairwise(days):
        if number[day] != number[before] and (number[day] - 1, number[day]) not in joined:
            starts.append(day)
    return list(zip(starts, [start - DAY for start in starts[1:]] + [days[-1]], strict=True))


def vested(schedule: Mapping[int, int], service_years: int, age: int, retirement_age: int) -> int:
    """The vested share after so many completed years of service, in millionths; below the first step nothing is."""
    if age >= retirement_age:
        return MILLION
    return max((share for years, share in schedule.items() if years <= service_years), default=0)


def forfeited(cumulative: int, schedule: Mapping[int, int], service_years: int, age: int, retirement_age: int) -> int:
    """What an exit after so many completed years leaves behind, in cents."""
    return cumulative - half_up(Fraction(cumulative * vested(schedule, service_years, age, retirement_age), MILLION))


def leveled_excess(ratios: Sequence[tuple[Fraction, int]], highest_average: Fraction) -> Fraction:
    """What is too much, by lowering the highest ratios to one level until the average is this: sum of reduction x pay."""
    target = highest_average * len(ratios)
    for level in sorted({ratio for ratio, _ in ratios} | {Fraction(0)}, reverse=True):
        if sum(min(ratio, level) for ratio, _ in ratios) <= target:
            above = sum(ratio > level for ratio, _ in ratios)
            room = target - sum(min(ratio, level) for ratio, _ in ratios)
            highest = level + room / max(above, 1)
            return sum((max(ratio - highest, Fraction(0)) * pay for ratio, pay in ratios), Fraction(0))
    raise ValueError("No level is low enough.")


def dollar_leveled(amounts: Mapping[str, int], excess: int | Fraction) -> dict[str, Fraction]:
    """Whose the excess is, as the regulation says it step by step: Treas. Reg. 1.401(k)-2(b)(2)(iii).

    Whoever has the highest amount gives until it is the next highest, then these together, until nothing is left to give.

    Args:
        amounts: What each of the highly compensated put in (or was matched), in cents.
        excess: The excess in all, in cents.

    Returns:
        Exact cents of everybody who gives, not rounded.
    """
    kept = {who: Fraction(amount) for who, amount in amounts.items()}
    left = min(Fraction(excess), sum(kept.values(), Fraction(0)))
    while left > 0:
        highest = max(kept.values())
        givers = [who for who, amount in kept.items() if amount == highest]
        next_highest = max((amount for amount in kept.values() if amount < highest), default=Fraction(0))
        each = min(highest - next_highest, left / len(givers))
        for who in givers:
            kept[who] -= each
        left -= each * len(givers)
    return {who: amounts[who] - amount for who, amount in kept.items() if amount < amounts[who]}
