"""The match by pay period where periods are months, halves of months or quarters: examples worked by hand.

Belongs here: what a period has of pay, deferrals, limits. Does not: the same money over random years (test_plan_money.py).
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.unit.plan_world import Person, plan_year, tiers

MONTHS: dict[str, Any] = {"match_basis": "pay_period", "pay_periods": 12, "pay_calendar": "months"}
QUARTERS = MONTHS | {"pay_periods": 4}
HALVES = MONTHS | {"pay_periods": 24, "pay_calendar": "half_months"}
#: IRS Notice 2024-80.
OF_2025 = {"elective_deferral_cents": 2_350_000, "compensation_cents": 35_000_000}
NEW_YEAR = date(2026, 1, 1)


def money(person: Person, match: tuple[tuple[float, float], ...], year: int = 2026, **settings: Any) -> tuple[Any, ...]:
    """Return plan compensation, deferrals, match and true-up, in dollars."""
    connection = plan_year([person], year=year, match=tiers(*match), **settings)
    cents = connection.execute("""
        select plan_compensation_cents, employee_contribution_cents, match_cents, true_up_cents
        from int_employee_contributions join int_employer_contributions using (world_id, identity_key)
    """).fetchone()
    assert cents is not None
    return tuple(amount / 100 for amount in cents)


def paid(dollars: float, rate: float, since: date = NEW_YEAR, exit: date | None = None, **more: Any) -> Person:
    """Return somebody at one yearly pay and one deferral rate."""
    return Person(
        "A", [(since, round(dollars * 100))], [(since, round(rate * 1_000_000))], service_date=date(2015, 3, 1), exit=exit,
        **more,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("dollars", "rate", "matched", "limit", "found"),
    [
        (300_000, 0.12, 0.03, 23_500, (6_000, 6_016.44)),  # 750 a month for eight months
        (92_500, 0.30, 0.06, 18_500, (3_700, 3_710.14)),  # 462.50 a month for eight
        (150_000, 0.20, 0.04, 22_500, (4_500, 4_504.11)),  # 500 a month for nine
    ],
)
def test_published_examples_of_a_match_that_stops_with_the_deferrals(
    dollars: int, rate: float, matched: float, limit: int, found: tuple[float, float]
) -> None:
    """Who saves the year's limit early is matched for the months in which something is deferred, and no longer.

    Dollar for dollar up to a share of pay; by months, and by equal days.
    """
    limits = OF_2025 | {"elective_deferral_cents": limit * 100}
    person = paid(dollars, rate, date(2025, 1, 1))
    calendars = MONTHS, MONTHS | {"pay_calendar": "days"}
    assert tuple(money(person, ((matched, 1),), 2025, design=one, limits=limits)[2] for one in calendars) == found


HALF_TO_6 = ((0.06, 0.5),)


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        # hired on 16 April: half of it, and eight months of 5,000
        (paid(60_000, 0.06, date(2026, 4, 16)), (42_500, 2_550, 1_275)),
        # the last paid day is 10 September: eight months and 10 / 30
        (paid(60_000, 0.06, exit=date(2026, 9, 10)), (41_666.67, 2_500, 1_250)),
        # hired on 10 February (19 of 28 days) and gone on 20 February: 11 of them, 5,000 x 11 / 28
        (paid(60_000, 0.06, date(2026, 2, 10), date(2026, 2, 20)), (1_964.29, 117.86, 58.93)),
        # a whole year of odd cents is a whole year
        (paid(100_000, 0.05), (100_000, 5_000, 2_500)),
    ],
)
def test_a_part_of_a_month_is_paid_by_its_days(person: Person, expected: tuple[float, ...]) -> None:
    assert money(person, HALF_TO_6, design=MONTHS) == (*expected, 0)


def test_a_raise_and_a_change_of_rate_within_the_year() -> None:
    """5,000 a month, 6,000 from July; and 10 % for six months alone: 6 x 5,000 x 3 % is 900, over the year 1,500."""
    raised = Person("A", [(NEW_YEAR, 6_000_000), (date(2026, 7, 1), 7_200_000)], [(NEW_YEAR, 60_000)])
    assert money(raised, HALF_TO_6, design=MONTHS) == (66_000, 3_960, 1_980, 0)
    # on the 11th: 10 days of 31 at 5,000, 21 at 6,000
    within = Person("A", [(NEW_YEAR, 6_000_000), (date(2026, 7, 11), 7_200_000)], [(NEW_YEAR, 60_000)])
    assert money(within, HALF_TO_6, design=MONTHS)[0] == 65_677.42
    stops = Person("A", [(NEW_YEAR, 6_000_000)], [(NEW_YEAR, 100_000), (date(2026, 7, 1), 0)])
    assert money(stops, HALF_TO_6, design=MONTHS) == (60_000, 3_000, 900, 0)
    annual = MONTHS | {"match_basis": "annual"}
    assert money(stops, HALF_TO_6, design=annual) == (60_000, 3_000, 1_500, 600)


def test_limits_stop_in_the_period_in_which_they_are_reached() -> None:
    """33,333.33 a month at 12 % in 2026. Pay counts to 360,000, so 26,666.67 of November is the last.

    Deferrals of 4,000 reach 24,500 in the seventh month with 500, at 50 with catch-up 32,500 in the ninth with 500. 3 % of a
    month is 1,000: 6,500 and 8,500; over the year it would be 3 % of 360,000.
    """
    young, old = paid(400_000, 0.12), paid(400_000, 0.12, birth_date=date(1971, 6, 15))
    assert money(young, ((0.03, 1),), design=MONTHS) == (360_000, 24_500, 6_500, 0)
    assert money(old, ((0.03, 1),), design=MONTHS) == (360_000, 32_500, 8_500, 0)
    assert money(old, ((0.03, 1),), design=MONTHS | {"match_basis": "annual"}) == (360_000, 32_500, 10_800, 2_300)
    # 6 %: 2,000 a month to the year's 24,000; matched are 10 x 1,000 and 3 % of the 26,666.67 that November counts
    assert money(paid(400_000, 0.06), ((0.03, 1),), design=MONTHS)[1:3] == (24_000, 10_800)


def test_halves_of_months_end_on_the_15th_and_the_last_day() -> None:
    """5,000 a half-month. Hired on 16 January: 23 of them; on 23 February: 6 of 13 days and 20 halves."""
    assert money(paid(120_000, 0.06, date(2026, 1, 16)), HALF_TO_6, design=HALVES) == (115_000, 6_900, 3_450, 0)
    assert money(paid(120_000, 0.06, date(2026, 2, 23)), HALF_TO_6, design=HALVES)[0] == 102_307.69
    # a leap year's 29 February is one of 14 days
    assert money(paid(120_000, 0.06, date(2028, 2, 29)), HALF_TO_6, 2028, design=HALVES)[0] == 100_357.14
    # 300,000 at 12 %: 1,500 a half-month, the limit in the 16th with 1,000; 375 x 16
    assert money(paid(300_000, 0.12, date(2025, 1, 1)), ((0.03, 1),), 2025, design=HALVES, limits=OF_2025)[2] == 6_000


def test_quarters_are_three_months() -> None:
    """10 % until 15 May: a quarter and 1.5 months of the next. 3 % of 15,000, and 3 % of it, for 750 are 5 % of its pay."""
    person = Person("A", [(NEW_YEAR, 6_000_000)], [(NEW_YEAR, 100_000), (date(2026, 5, 16), 0)])
    # 5,000 and 15 of May's 31 days at 10 %: 741.94, of which half is matched below 6 % of 15,000
    assert money(person, HALF_TO_6, design=QUARTERS) == (60_000, 2_241.94, 820.97, 0)


def test_pay_before_entry_counts_in_its_months() -> None:
    """In from 1 July with 10 %, pay of the year counted: six months without a deferral, six with 3 % of 5,000."""
    person = Person("A", [(NEW_YEAR, 6_000_000)], [(date(2026, 7, 1), 100_000)])
    whole = MONTHS | {"pay_before_entry": True}
    assert money(person, HALF_TO_6, design=whole) == (60_000, 3_000, 900, 0)
    assert money(person, HALF_TO_6, design=MONTHS) == (30_000, 3_000, 900, 0)
    # a raise of 1 January leaves nothing of the pay before it
    raised = Person("A", [(NEW_YEAR, 5_900_000), (NEW_YEAR, 6_000_000)], [(date(2026, 7, 1), 100_000)])
    assert money(raised, HALF_TO_6, design=whole) == (60_000, 3_000, 900, 0)


@pytest.mark.parametrize("design", [MONTHS, HALVES])
def test_the_largest_pay_has_room(design: dict[str, Any]) -> None:
    """50,000,000 and twice 30,000,000 beside it, all of it deferred up to an exit: one period has all that counts.

    Half of 6 % of 360,000 is 10,800.
    """
    person = paid(50_000_000, 1, exit=date(2026, 12, 30), bonus=3_000_000_000, overtime=3_000_000_000)
    assert money(person, HALF_TO_6, design=design) == (360_000, 24_500, 10_800, 0)
