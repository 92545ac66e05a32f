"""Contributions, match, vesting and tests: the worked examples of issue 3, and random years against the oracle."""

from __future__ import annotations

import dataclasses
import random
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from planwise_assets.study.plan.employer import SCHEDULES
from tests.oracle import pay_oracle, plan_oracle
from tests.unit.plan_world import BASIC, DESIGN, LIMITS_2026, QACA, Person, core, plan_year, tiers

NEW_YEAR = date(2026, 1, 1)


def born(age: int) -> date:
    """Return a birth date of somebody who is of this age on 31 December 2026."""
    return date(2026 - age, 6, 15)


def one(age: int, pay: int, rate: float, **settings: Any) -> dict[str, Any]:
    """Return the money of a whole year at one pay (dollars) and one deferral rate."""
    person = Person("A", [(NEW_YEAR, pay * 100)], [(NEW_YEAR, round(rate * 1_000_000))], birth_date=born(age))
    return rows([person], **settings)["A"]


def rows(people: list[Person], **settings: Any) -> dict[str, dict[str, Any]]:
    """Return everybody's money."""
    cursor = plan_year(people, **settings).execute(
        "select * from int_employee_contributions join int_employer_contributions as employer using (world_id, employee_id)"
        " join int_vesting_forfeitures using (world_id, employee_id)"
    )
    names = [column[0] for column in cursor.description or ()]
    return {row[names.index("employee_id")]: dict(zip(names, row, strict=True)) for row in cursor.fetchall()}


@pytest.mark.parametrize("basis", ["annual", "pay_period"])
@pytest.mark.parametrize(
    ("design", "percents"),
    [
        (BASIC, [0, 1, 2, 3, 3.5, 4, 4, 4, 4, 4]),  # IRC 401(k)(12)(B)(i)
        (QACA, [0, 1, 1.5, 2, 2.5, 3, 3.5, 3.5, 3.5, 3.5]),  # IRC 401(k)(13)(D)(i)(I)
        (((0.06, 0.5),), [0, 0.5, 1, 1.5, 2, 2.5, 3, 3, 3, 3]),
        (((0.12, 0.25),), [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3]),
        (((0.04, 1.5),), [0, 1.5, 3, 4.5, 6, 6, 6, 6, 6, 6]),  # a match above 100 %
    ],
)
def test_match_as_a_percentage_of_pay(basis: str, design: tuple[tuple[float, float], ...], percents: list[float]) -> None:
    deferrals = (0, 1, 2, 3, 4, 5, 6, 8, 10, 12)
    people = [Person(f"P{d:02}", [(NEW_YEAR, 10_000_000)], [(NEW_YEAR, d * 10_000)]) for d in deferrals]
    money = rows(people, match=tiers(*design), design={"match_basis": basis})
    assert [money[person.employee_id]["match_cents"] for person in people] == [p * 100_000 for p in percents]


@pytest.mark.parametrize(
    ("age", "pay", "rate", "contribution"),
    [
        (45, 400_000, 0.10, 24_500),
        (55, 400_000, 0.10, 32_500),
        (61, 400_000, 0.10, 35_750),
        (49, 250_000, 0.15, 24_500),
        (50, 250_000, 0.15, 32_500),
        (63, 250_000, 0.15, 35_750),
        (64, 250_000, 0.15, 32_500),
        (59, 250_000, 0.15, 32_500),
        (60, 250_000, 0.15, 35_750),
        (45, 80_000, 0.06, 4_800),
        (45, 1_000_000, 0.03, 24_500),
    ],
)
def test_deferrals_stop_at_the_limits_of_2026(age: int, pay: int, rate: float, contribution: int) -> None:
    """IRS Notice 2025-67: 24,500; catch-up 8,000 from 50, 11,250 at 60 to 63, by the age on 31 December."""
    money = one(age, pay, rate)
    assert money["employee_contribution_cents"] == contribution * 100
    assert money["catch_up_cents"] == max(contribution - 24_500, 0) * 100
    assert money["limit_reached"] is (contribution != 4_800)


def test_pay_above_the_limit_is_matched_up_to_it() -> None:
    """IRC 401(a)(17): 360,000 in 2026. 4 % of it is 14,400, and deferrals do not stop at it."""
    money = one(45, 1_000_000, 0.03)
    assert (money["plan_compensation_cents"], money["match_cents"]) == (36_000_000, 1_440_000)


def test_additions_stop_at_the_smaller_of_the_limit_and_pay() -> None:
    """415(c): 72,000 in 2026. 24,500 + 14,400 + core of 36,000 is 2,900 too much, all of it core; catch-up is outside."""
    money = one(61, 360_000, 0.10, match=[*tiers(*BASIC), *core(0.10)])
    assert money["match_cents"] == 1_440_000
    assert money["core_cents"] == 3_600_000 - 290_000
    assert money["employee_contribution_cents"] == 3_575_000
    assert money["excess_415_cents"] == 290_000
    whole = one(40, 20_000, 0.90, match=[*tiers((0.05, 2.0)), *core(0.10)])
    assert (whole["match_cents"], whole["core_cents"]) == (200_000, 0)
    # deferrals alone pass an overridden limit: at 50 and over the rest is catch-up, at 49 it is never deferred
    limited = {"annual_additions_cents": 1_000_000}
    assert one(55, 150_000, 0.10, limits=limited)["catch_up_cents"] == 500_000
    assert one(49, 150_000, 0.10, limits=limited)["employee_contribution_cents"] == 1_000_000
    assert one(55, 150_000, 0.10, limits=limited)["match_cents"] == 0


def test_roth_catch_up() -> None:
    """IRC 414(v)(7): above 150,000 last year catch-up is Roth; without Roth there is none. At the threshold it is not."""

    def person(prior: int, **design: Any) -> dict[str, Any]:
        somebody = Person(
            "A", [(NEW_YEAR, 30_000_000)], [(NEW_YEAR, 150_000)], birth_date=born(55), opening={"prior_paid_cents": prior}
        )
        return rows([somebody], design=design)["A"]

    assert person(15_000_001)["roth_catch_up_cents"] == 800_000
    assert person(15_000_000)["roth_catch_up_cents"] == 0
    assert person(15_000_001, roth_available=False)["employee_contribution_cents"] == 2_450_000
    assert person(15_000_000, roth_available=False)["catch_up_cents"] == 800_000


@pytest.mark.parametrize(("basis", "match", "true_up"), [("annual", 130_400, 16_300), ("pay_period", 114_100, 0)])
def test_a_part_of_a_year_counts_the_days_concerned_only(basis: str, match: int, true_up: int) -> None:
    """200.00 a day from 1 March to 30 November 2026, 4 % from 31 March, stopped on 10 September: 163 days, 1,304.00.

    It is 2.37 % of the 55,000.00 of 275 days, all of it below 3 %: matched 1,304.00 over the year. Matched day by day it is
    3.5 % of the 200.00 of each of the 163 days, 1,141.00; the difference is the true-up. Dollar limits are whole.
    """
    hired, stopped, gone = date(2026, 3, 1), date(2026, 9, 10), date(2026, 11, 30)
    person = Person(
        "A",
        [(hired, 7_300_000)],
        [(hired, 0), (date(2026, 3, 31), 40_000), (stopped, 0)],
        service_date=hired,
        exit=gone,
    )
    money = rows([person], design={"match_basis": basis, "pay_periods": 365})["A"]
    assert (money["employee_contribution_cents"], money["plan_compensation_cents"]) == (130_400, 5_500_000)
    assert (money["match_cents"], money["true_up_cents"]) == (match, true_up)
    rich = dataclasses.replace(person, pay=[(hired, 73_000_000)], rates=[(hired, 200_000)])
    assert rows([rich])["A"]["employee_contribution_cents"] == 2_450_000


def test_core_with_social_security_integration() -> None:
    """3 % of 250,000 plus 3 % of the 65,500 above the wage base of 184,500: 7,500 + 1,965."""
    assert one(45, 250_000, 0, match=core(0.03, 0.03))["core_cents"] == 946_500


#: The vested per cents after 0, 1, 2, ... completed years. IRC 411(a)(2)(B) has cliff_3 and graded_2_6; the rest is faster.
VESTED = {
    "immediate": (100, 100, 100, 100, 100, 100, 100, 100),
    "cliff_1": (0, 100, 100, 100, 100, 100, 100, 100),
    "cliff_2": (0, 0, 100, 100, 100, 100, 100, 100),
    "cliff_3": (0, 0, 0, 100, 100, 100, 100, 100),
    "graded_1_5": (0, 20, 40, 60, 80, 100, 100, 100),
    "graded_2_6": (0, 0, 20, 40, 60, 80, 100, 100),
}


def test_every_schedule_with_a_name_is_tried() -> None:
    assert VESTED.keys() == SCHEDULES.keys()


def leavers(days: dict[date, date], schedule: str, **person: Any) -> dict[date, dict[str, Any]]:
    """Return the money of somebody who leaves on each day (with this service date), one of 10,000.05 and 333.33."""
    (year,) = {day.year for day in days}
    people = [
        Person(
            str(day),
            [(date(year, 1, 1), 1)],
            [(date(year, 1, 1), 0)],
            service_date=started,
            exit=day,
            opening={"cumulative_match_cents": 1_000_005, "cumulative_core_cents": 33_333},
            **person,
        )
        for day, started in days.items()
    ]
    steps = {0: 0} | {step.years: int(step.vested * 1_000_000) for step in SCHEDULES[schedule]}
    money = rows(people, year=year, schedules={"match": steps, "core": steps})
    return {day: money[str(day)] for day in days}


def assert_vested(money: dict[str, Any], day: date, percent: int) -> None:
    """Of 10,000.05 and 333.33 this much is vested, halves of a cent up; the rest is forfeited on the day."""
    for source, cents in (("match", 1_000_005), ("core", 33_333)):
        assert money[f"{source}_vested_millionths"] == percent * 10_000
        assert money[f"forfeited_{source}_cents"] == cents - (2 * cents * percent + 100) // 200
    assert money["forfeiture_date"] == (day if percent < 100 else None)


@pytest.mark.parametrize("schedule", VESTED)
@pytest.mark.parametrize("years", range(8))
def test_vesting_at_an_anniversary(schedule: str, years: int) -> None:
    """The k-th anniversary completes year k; the day before it does not, the day after does. Match and core alike."""
    before, on, after = (date(2026, 7, day) for day in (9, 10, 11))
    started = date(2026 - years, 7, 10)
    money = leavers(dict.fromkeys((before, on, after) if years else (on, after), started), schedule)
    if years:
        assert_vested(money[before], before, VESTED[schedule][years - 1])
    assert_vested(money[on], on, VESTED[schedule][years])
    assert_vested(money[after], after, VESTED[schedule][years])


@pytest.mark.parametrize("schedule", VESTED)
@pytest.mark.parametrize("years", range(1, 8))
def test_vesting_at_an_anniversary_of_29_february(schedule: str, years: int) -> None:
    """It is 28 February in a year without one, and the 27th is the day before; in 2024 it is the 29th."""
    year, started = 2020 + years, date(2020, 2, 29)
    on = date(2024, 2, 29) if years == 4 else date(year, 2, 28)
    before, after = on - timedelta(days=1), date(year, 3, 1)
    money = leavers(dict.fromkeys((before, on, after), started), schedule)
    assert_vested(money[before], before, VESTED[schedule][years - 1])
    assert_vested(money[on], on, VESTED[schedule][years])
    assert_vested(money[after], after, VESTED[schedule][years])


@pytest.mark.parametrize("schedule", VESTED)
@pytest.mark.parametrize(
    ("born", "birthday"),
    [
        (date(1961, 6, 30), date(2026, 6, 30)),
        (date(1960, 2, 29), date(2025, 2, 28)),
        (date(1959, 2, 28), date(2024, 2, 28)),
    ],
)
def test_everything_is_vested_at_normal_retirement_age(schedule: str, born: date, birthday: date) -> None:
    """IRC 411(a)(8): reached by the exit date, not by the end of the year; the birthday itself counts."""
    before, after = birthday - timedelta(days=1), birthday + timedelta(days=1)
    started = date(birthday.year, 1, 15)
    money = leavers(dict.fromkeys((before, birthday, after), started), schedule, birth_date=born)
    assert_vested(money[before], before, VESTED[schedule][0])
    assert_vested(money[birthday], birthday, 100)
    assert_vested(money[after], after, 100)


def test_normal_retirement_age_is_the_plans() -> None:
    """At 62, and a day before it; who stays forfeits nothing."""
    exits = {"reached": date(2026, 6, 15), "a day short": date(2026, 6, 14), "stays": None}
    people = [
        Person(
            name,
            [(NEW_YEAR, 1)],
            [(NEW_YEAR, 0)],
            birth_date=born(62),
            service_date=date(2026, 1, 1),
            exit=day,
            opening={"cumulative_core_cents": 100},
        )
        for name, day in exits.items()
    ]
    money = rows(people, design={"normal_retirement_age": 62})
    assert [money[name]["forfeited_core_cents"] for name in exits] == [0, 100, 0]


def test_bonus_and_overtime_by_hand() -> None:
    """60,000 with a bonus of 5,000 and 1,000.01 of overtime, 10 % deferred: 6,600.00 of all, 6,000.00 of the rate.

    In the safe-harbor match 4 % of pay. Who leaves on 30 June has 181 of 365 days: 29,753.42, 2,479.45 and 495.90.
    """
    pay, rates = [(NEW_YEAR, 6_000_000)], [(NEW_YEAR, 100_000)]
    beside = {"bonus": 500_000, "overtime": 100_001}
    stays, leaves = Person("A", pay, rates, **beside), Person("B", pay, rates, exit=date(2026, 6, 30), **beside)

    def money(**design: bool) -> list[tuple[int, ...]]:
        return (
            plan_year([stays, leaves], design=design)
            .execute("""
            select closing.paid_cents, plan_compensation_cents, employee_contribution_cents, match_cents
            from int_employee_contributions join int_employer_contributions using (world_id, employee_id)
            join int_closing_workforce as closing using (world_id, employee_id) order by employee_id
        """)
            .fetchall()
        )

    assert money() == [(6_600_001, 6_600_001, 660_000, 264_000), (3_272_877, 3_272_877, 327_288, 130_915)]
    base_alone = [(6_600_001, 6_000_000, 600_000, 240_000), (3_272_877, 2_975_342, 297_534, 119_014)]
    assert money(counts_bonus=False, counts_overtime=False) == base_alone


def random_person(number: int, chance: random.Random) -> Person:
    """Somebody with any pay, raises, entry, rate changes and exit that a year may hold."""
    start = NEW_YEAR if chance.random() < 0.7 else NEW_YEAR + timedelta(days=chance.randrange(365))
    left = (date(2026, 12, 31) - start).days
    exit = start + timedelta(days=chance.randrange(left + 1)) if chance.random() < 0.4 else None
    last = exit or date(2026, 12, 31)

    def day() -> date:
        return start + timedelta(days=chance.randrange((last - start).days + 1))

    pay = [
        (
            start,
            chance.choice(
                [chance.randrange(1, 100), chance.randrange(2_000_000, 40_000_000), chance.randrange(10**8, 10**9)]
            ),
        )
    ]
    for raised in sorted(day() for _ in range(chance.randrange(3))):
        pay.append((raised, pay[-1][1] * chance.randrange(100, 112) // 100))
    entry = start if chance.random() < 0.6 else day()
    rates = [(entry, chance.choice([0, 10_000 * chance.randrange(1, 30), 1_000_000]))]
    for changed in sorted(
        entry + timedelta(days=chance.randrange((last - entry).days + 1)) for _ in range(chance.randrange(3))
    ):
        rates.append((changed, 10_000 * chance.randrange(0, 25)))
    return Person(
        f"P{number:04}", pay, rates, birth_date=date(2026 - chance.randrange(18, 72), chance.randrange(1, 13), 28),
        service_date=start if start > NEW_YEAR else date(chance.randrange(1995, 2026), 5, 5), exit=exit,
        hours=chance.choice([10, 20, 37.5, 40]), opening={"prior_paid_cents": chance.randrange(30_000_000)},
        bonus=chance.choice([0, chance.randrange(2_000_000)]), overtime=chance.choice([0, 0, chance.randrange(900_000)]),
    )  # fmt: skip


PLANS: dict[str, dict[str, Any]] = {
    "as shipped": {},
    "by pay period": {"design": {"match_basis": "pay_period"}},
    "twice a month, conditions, core": {
        "design": {
            "match_basis": "pay_period", "pay_periods": 24, "pay_calendar": "half_months", "match_minimum_hours": 900,
            "core_employed_at_year_end": True,
        },
        "match": [*tiers((0.06, 1.0)), *core(0.04, 0.04)],
    },
    "pay before entry, cap, loans": {
        "design": {
            "pay_before_entry": True, "counts_bonus": False, "match_cap_cents": 500_000, "match_employed_at_year_end": True,
            "core_minimum_hours": 500,
            "student_loan_matched": True, "student_loan_share_millionths": 1_000_000, "student_loan_rate_millionths": 45_000,
        },
        "match": [
            *tiers((0.04, 0.25), (0.08, 1.5), band=(0, 5)), *tiers((0.1, 1.0), band=(5, 999)),
            *core(0.02, band=(3, 999)),
        ],
    },
    "loans by day": {
        "design": {
            "match_basis": "pay_period", "pay_periods": 366, "student_loan_matched": True,
            "student_loan_share_millionths": 1_000_000, "student_loan_rate_millionths": 30_000,
        },
    },
    "by months, pay before entry, loans": {
        "design": {
            "match_basis": "pay_period", "pay_periods": 12, "pay_calendar": "months", "pay_before_entry": True,
            "student_loan_matched": True, "student_loan_share_millionths": 1_000_000, "student_loan_rate_millionths": 30_000,
        },
    },
    "by quarters, tight limits": {
        "design": {"match_basis": "pay_period", "pay_periods": 4, "pay_calendar": "months"},
        "limits": {"elective_deferral_cents": 1_000_000, "compensation_cents": 12_000_000},
        "match": [*tiers((0.06, 0.5)), *core(0.03)],
    },
    "a year of half-months, with a true-up": {"design": {"pay_periods": 24, "pay_calendar": "half_months"}},
    "tight limits, no Roth": {
        "design": {"roth_available": False, "counts_overtime": False},
        "limits": {"annual_additions_cents": 1_500_000, "catch_up_60_63_cents": None, "elective_deferral_cents": 2_000_000},
        "match": [*tiers((0.1, 2.0)), *core(0.25)],
    },
    "match by points, core by age": {
        "match": [
            *tiers((0.06, 0.5), band=(0, 45), by="points"), *tiers((0.03, 1.0), (0.08, 0.6), band=(45, 999), by="points"),
            *core(0.01, band=(0, 35), by="age"), *core(0.03, 0.02, band=(35, 50), by="age"),
            *core(0.06, band=(50, 999), by="age"),
        ],
    },
    "by pay period and points, core by points, base pay alone": {
        "design": {"match_basis": "pay_period", "pay_periods": 24, "counts_bonus": False, "counts_overtime": False},
        "match": [
            *tiers((0.06, 0.5), band=(0, 40), by="points"), *tiers((0.05, 1.2), band=(40, 999), by="points"),
            *core(0.02, band=(0, 55), by="points"), *core(0.05, 0.05, band=(55, 999), by="points"),
        ],
    },
}  # fmt: skip


@pytest.mark.parametrize("plan", PLANS)
def test_random_years_agree_with_the_oracle(plan: str) -> None:
    """To the cent, person by person."""
    chance = random.Random(plan)
    people = [random_person(number, chance) for number in range(150)]
    settings = PLANS[plan]
    connection = plan_year(people, **settings)
    found = connection.execute("""
        select
            employee_id, deferral_elected_cents, employee_contribution_cents, catch_up_cents, roth_catch_up_cents,
            plan_compensation_cents, match_cents, true_up_cents, core_cents, match_potential_cents,
            lost_not_enrolled_cents, lost_low_deferral_cents, lost_conditions_cents, lost_limits_cents,
            employer.excess_415_cents, limit_reached, age_at_year_end, tenure_years_at_year_end
        from int_employee_contributions
        join int_employer_contributions as employer using (world_id, employee_id)
        join int_closing_workforce using (world_id, employee_id)
    """).fetchall()
    by_id = {person.employee_id: person for person in people}
    segments = {
        name: _segments(connection, name, value)
        for name, value in (("compensation_changes", "rate_cents"), ("plan_enrollments", "rate_millionths"))
    }
    seen = 0
    for employee_id, *actual, age, service in found:
        person = by_id[employee_id]
        year = plan_oracle.Year(
            start=NEW_YEAR,
            days=365,
            pay=segments["compensation_changes"][employee_id],
            rates=segments["plan_enrollments"][employee_id],
            age_at_year_end=age,
            age=pay_oracle.completed_years(person.birth_date, person.exit or date(NEW_YEAR.year, 12, 31)),
            service_years=service,
            exit=person.exit,
            hours_per_week=Fraction(person.hours),
            prior_paid=person.opening["prior_paid_cents"] if person.pay[0][0] == NEW_YEAR else 0,
            repays_a_loan=True,
            bonus=person.bonus,
            overtime=person.overtime,
        )
        design = DESIGN | settings.get("design", {})
        limits = LIMITS_2026 | settings.get("limits", {})
        expected = plan_oracle.money(year, design, limits, settings.get("match", tiers(*BASIC)))
        assert (*actual[:9], tuple(actual[9:13]), *actual[13:]) == dataclasses.astuple(expected), person
        seen += 1
    assert seen == len(people)


def _segments(connection: Any, name: str, value: str) -> dict[str, list[tuple[date, date, int]]]:
    found: dict[str, list[tuple[date, date, int]]] = {}
    for employee_id, first, last, amount in connection.execute(
        f"select employee_id, segment_start, segment_end, {value} from {name} order by employee_id, segment_number"
    ).fetchall():
        found.setdefault(employee_id, []).append((first, last, amount))
    return found
