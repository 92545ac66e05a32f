"""Coverage, the general test, top-heavy and the otherwise excludable, worked out person by person from published rows.

Belongs here: plain Python over the rows of one world and the census as it was written, in exact fractions. Does not: SQL,
the product's rules, any expectation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Plan:
    """What of a plan the oracle asks for."""

    minimum_age: int
    service_months: int
    entry_months: int
    hours_rule: bool
    match_at_year_end: bool = False
    match_hours: int = 0
    core_at_year_end: bool = False
    core_hours: int = 0
    has_match: bool = True
    has_core: bool = True


@dataclass
class Person:
    """A person of a world and year who counts; money in cents."""

    row: Row
    otherwise: bool
    hours: Fraction
    benefits: dict[str, bool] = field(default_factory=dict)
    counts: dict[str, bool] = field(default_factory=dict)

    @property
    def highly(self) -> bool:
        """Whether the person is highly compensated."""
        return bool(self.row["is_hce"])


def cents(value: Any) -> int:
    """Dollars as whole cents."""
    return round(value * 100)


def years_later(day: date, years: int) -> date:
    """The anniversary; 29 February's is the 28th in a year without one."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def months_later(day: date, months: int) -> date:
    """The same day some months on, or the last one of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError(day)


def entry(day: date, months: int) -> date:
    """The first of a period of some months, on or after a day; 0 months: that day."""
    while months and not (day.day == 1 and (day.month - 1) % months == 0):
        day += timedelta(days=1)
    return day


def who_counts(rows: Iterable[Row], census: Mapping[str, Row], part_time: set[str], plan: Plan) -> list[Person]:
    """Everybody of a world and year who is not excludable, with what each benefits from.

    Args:
        rows: Of fct_workforce_snapshot.
        census: By employee id, as it was written.
        part_time: Who is in by long-term part-time alone.
        plan: The plan.
    """
    found = []
    for row in rows:
        own = census.get(row["employee_id"], {})
        year = row["simulation_year"]
        last = row["termination_date"] or date(year, 12, 31)
        weekly = Fraction(str(own.get("scheduled_hours_per_week") or 40))
        since = row["hire_date"]
        if own.get("service_date"):
            since = min(since, years_later(last, -row["tenure_years_at_year_end"]))
        a_year = weekly * 52 >= 1000
        plan_day = max(
            years_later(row["birth_date"], plan.minimum_age), months_later(since, plan.service_months), row["hire_date"]
        )
        could = (a_year or not plan.hours_rule) and entry(plan_day, plan.entry_months) <= last
        if "yes" in (own.get("union_member"), own.get("nonresident_alien")) or row["employee_id"] in part_time:
            continue
        if not row["is_eligible"] and (own.get("plan_exclusion") != "yes" or not could):
            continue
        full = max(years_later(row["birth_date"], 21), years_later(since, 1))
        days = (last - max(row["hire_date"], date(year, 1, 1))).days + 1
        person = Person(row, not a_year or entry(full, 6) > last, weekly * 52 * days / 365)
        there = row["employment_status"] == "active"
        conditions = {"match": (plan.match_at_year_end, plan.match_hours), "core": (plan.core_at_year_end, plan.core_hours)}
        person.benefits["deferrals"], person.counts["deferrals"] = row["is_eligible"], True
        person.benefits["core"] = row["is_eligible"] and row["employer_core"] > 0
        person.benefits["match"] = bool(
            row["is_eligible"]
            and plan.has_match
            and row["match_potential"] > 0
            and (there or not plan.match_at_year_end)
            and person.hours >= plan.match_hours
        )
        for source, (at_year_end, hours) in conditions.items():
            left_early = row["is_eligible"] and not there and person.hours <= 500
            conditioned = at_year_end or hours > 0
            exists = plan.has_match if source == "match" else plan.has_core
            person.counts[source] = exists and not (left_early and conditioned and not person.benefits[source])
        found.append(person)
    return found


def counted(people: Sequence[Person], source: str) -> tuple[int, int, int, int]:
    """Others, others who benefit, highly compensated, highly compensated who benefit."""
    of = [person for person in people if person.counts[source]]
    others, highly = ([one for one in of if one.highly is it] for it in (False, True))
    return (
        len(others),
        sum(one.benefits[source] for one in others),
        len(highly),
        sum(one.benefits[source] for one in highly),
    )


def half_up(value: Fraction) -> int:
    """To the nearest whole number."""
    return int(value + Fraction(1, 2))


def average_benefits(people: Sequence[Person]) -> Fraction | None:
    """The average benefit percentage; rates to 0.01 %."""
    means = []
    for highly in (False, True):
        rates = []
        for one in people:
            if one.highly is not highly:
                continue
            money = sum(cents(one.row[name]) for name in ("employee_contribution", "employer_match", "employer_core"))
            pay = cents(one.row["plan_compensation"])
            rates.append(half_up(Fraction(10_000 * (money - cents(one.row["catch_up_contribution"])), pay)) if pay else 0)
        means.append(Fraction(sum(rates), len(rates)) if rates else Fraction(0))
    return means[0] / means[1] if means[1] else None


def passes(counts: tuple[int, int, int, int], needed: Fraction | None, average: Fraction | None) -> bool:
    """Coverage of a group: 70 %, or what is needed and average benefits of 70 %.

    Args:
        counts: As `counted` gives them.
        needed: The classification's percentage.
        average: The average benefit percentage.
    """
    others, others_in, highly, highly_in = counts
    if not highly_in or not others:
        return True
    ratio = Fraction(others_in * highly, others * highly_in)
    if ratio >= Fraction(7, 10):
        return True
    return needed is not None and ratio >= needed and (average is None or average >= Fraction(7, 10))


def harbors(others: int, highly: int) -> tuple[Fraction, Fraction]:
    """Safe and unsafe harbor percentage, point by point down from 60."""
    safe, unsafe = Fraction(50), Fraction(40)
    for _ in range(60, int(Fraction(100 * others, others + highly))):
        safe, unsafe = safe - Fraction(3, 4), max(unsafe - Fraction(3, 4), Fraction(20))
    return safe / 100, unsafe / 100


def with_disparity(contribution: Fraction, pay: Fraction, wage_base: Fraction) -> Fraction:
    """The adjusted allocation rate of Treas. Reg. 1.401(a)(4)-7(b)."""
    if pay <= wage_base:
        return min(2 * contribution / pay, contribution / pay + Fraction(57, 1000))
    return min(contribution / (pay - wage_base / 2), (contribution + Fraction(57, 1000) * wage_base) / pay)


def benefit_rate(contribution: Fraction, pay: Fraction, age: int, annuities: Mapping[int, float]) -> int:
    """The equivalent benefit at 65 or later as a share of pay; hundredths of a per cent, 8.5 %."""
    grown = float(contribution) * 1.085 ** max(65 - age, 0)
    return round(10_000 * grown / annuities[min(max(age, 65), 100)] / float(pay))


def failing_groups(
    rates: Sequence[tuple[int, bool]], plan: tuple[int, int, int, int], average: Fraction | None
) -> tuple[int, int]:
    """Of people with (rate, whether highly compensated): how many rate groups fail, and how many there are."""
    others, highly = (sum(it is of for _, of in rates) for it in (False, True))
    safe, unsafe = harbors(others, highly)
    needed = (safe + unsafe) / 2
    if plan[0] and plan[3]:
        needed = min(needed, Fraction(plan[1] * plan[2], plan[0] * plan[3]))
    starts = {rate for rate, it in rates if it and rate > 0}
    bad = 0
    for start in starts:
        above = [it for rate, it in rates if rate >= start]
        bad += not passes((others, above.count(False), highly, above.count(True)), needed, average)
    return bad, len(starts)


def mean(ratios: Sequence[int]) -> int | None:
    """To 0.01 %, halves up."""
    return half_up(Fraction(sum(ratios), len(ratios))) if ratios else None


def key_people(rows: Sequence[Row], census: Mapping[str, Row], officers_pay: int) -> set[str]:
    """Key employees of a world and year.

    Args:
        rows: Of fct_workforce_snapshot.
        census: By employee id, as it was written.
        officers_pay: Dollars above which an officer is one.
    """
    heads, officers, key = 0, [], set()
    for row in rows:
        own = census.get(row["employee_id"], {})
        last = row["termination_date"] or date(row["simulation_year"], 12, 31)
        heads += row["age_at_year_end"] >= 21 and months_later(row["hire_date"], 6) <= last + timedelta(days=1)
        owns = Fraction(str(own.get("ownership_percent") or 0))
        if owns > 5 or (owns > 1 and row["paid_compensation"] > 150_000):
            key.add(row["employee_id"])
        if own.get("officer") == "yes" and row["paid_compensation"] > officers_pay:
            officers.append((-row["paid_compensation"], row["employee_id"]))
    most = 3 if heads <= 30 else 50 if heads >= 500 else -(-heads // 10)
    return key | {who for _, who in sorted(officers)[:most]}


def balances(rows: Sequence[Row], earlier: Sequence[Row]) -> dict[str, int]:
    """What each person of a year has, in cents: employer money so far, and deferrals of this and the earlier years."""
    deferred: dict[str, int] = {}
    for row in (*earlier, *rows):
        deferred[row["employee_id"]] = deferred.get(row["employee_id"], 0) + cents(row["employee_contribution"])
    for row in rows:
        # Catch-up of the year itself is not in.
        deferred[row["employee_id"]] -= cents(row["catch_up_contribution"])
    employer = {
        row["employee_id"]: cents(row["cumulative_match"] + row["cumulative_core"])
        - cents(row["forfeited_match"] + row["forfeited_core"])
        for row in rows
    }
    return {who: money + deferred[who] for who, money in employer.items()}


def minimum_cost(rows: Sequence[Row], key: set[str], without: set[str], most: int) -> int:
    """What the minimum contribution costs beside match and core, in cents.

    Args:
        rows: Of the year in which it is due.
        key: Key employees of the determination year.
        without: Who is owed none: in by long-term part-time alone, or in a union (IRC 416(i)(4)).
        most: The limit of pay, IRC 401(a)(17), in dollars.
    """
    highest, owed = Fraction(0), []
    for row in rows:
        pay = min(cents(row["paid_compensation"]), most * 100)
        employer = cents(row["employer_match"] + row["employer_core"])
        deferral = cents(row["employee_contribution"] - row["catch_up_contribution"])
        if row["employee_id"] in key:
            highest = max(highest, Fraction(employer + deferral, pay) if pay else Fraction(0))
        elif row["employment_status"] == "active" and row["is_eligible"] and row["employee_id"] not in without:
            owed.append((pay, employer))
    rate = min(Fraction(3, 100), highest)
    return sum(max(half_up(rate * pay) - given, 0) for pay, given in owed)
