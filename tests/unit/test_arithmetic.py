"""The macros of money.sql and dates.sql against exact rationals and their Python twins."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from math import floor
from typing import Any

import duckdb
import pytest

from planwise_assets.study.values import LARGEST_PAY
from tests.twins import arithmetic
from tests.unit.macro_text import macro

HALF = Fraction(1, 2)
SEGMENTS = 2_000_000
BATCH = 100_000


def nearest(value: Fraction) -> int:
    """Return the nearest integer of a non-negative rational, halves up."""
    return floor(value + HALF)


def with_results(cases: Sequence[tuple[Any, ...]], columns: dict[str, str], *results: str) -> list[tuple[Any, ...]]:
    """Return each case and what the SQL makes of it; `columns` names and types the case's columns."""
    typed = ", ".join(f"cast(unnest(?) as {data_type}) as {name}" for name, data_type in columns.items())
    query = f"select *, {', '.join(results)} from (select {typed})"
    return duckdb.connect().execute(query, [list(column) for column in zip(*cases, strict=True)]).fetchall()


def test_two_million_pay_segments_are_exact() -> None:
    """Rates to 50 million dollars, 0 to 366 days of years of 365 and 366: no payment is off by a cent."""
    drawn = macro("draws/draws.sql", "mixed", f"range({SEGMENTS}) as r (i)", {"u": "i::ubigint"})
    paid = macro("arithmetic/money.sql", "mul_div_round", "rate_cents", "days", "days_in_year")
    mixed = "cast(({}) % {} as bigint)"
    connection = duckdb.connect()
    cursor = connection.execute(f"""
        with drawn as ({drawn}),
        segments as (
            select
                {mixed.format("u", 5_000_000_001)} as rate_cents,
                {mixed.format("u >> 40", 367)} as days,
                365 + i % 2 as days_in_year
            from drawn
        )
        select rate_cents, days, days_in_year, {paid} as paid_cents
        from segments
    """)
    checked = 0
    while rows := cursor.fetchmany(BATCH):
        # paid - exact, in halves up: above -1/2, at most 1/2
        errors = [Fraction(paid * year - rate * days, year) for rate, days, year, paid in rows]
        wrong = [row for row, error in zip(rows, errors, strict=True) if not -HALF < error <= HALF]
        assert wrong == []
        checked += len(rows)
    assert checked == SEGMENTS


def test_halves_are_rounded_up_and_neighbours_are_not() -> None:
    """Ties are what rounding is about, and random segments never meet one in a year of 365 days."""
    draws = random.Random(2025)
    cases = [(183, 1, 366), (549, 1, 366), (182, 1, 366), (184, 1, 366), (0, 365, 365), (1, 0, 365)]
    cases += [(draws.randrange(0, 10_000_000) * 2 + 1, days, 366) for days in range(0, 367, 3) for _ in range(50)]
    found = with_results(
        cases, dict.fromkeys("abd", "bigint"), macro("arithmetic/money.sql", "mul_div_round", "a", "b", "d")
    )
    assert sum(Fraction(a * b, d) % 1 == HALF for a, b, d, _ in found) >= 10
    for a, b, d, rounded in found:
        assert rounded == nearest(Fraction(a * b, d)) == arithmetic.mul_div_round(a, b, d)


def test_raises_are_rounded_to_the_cent() -> None:
    """Pay after a raise: SQL, the Python twin and the exact rational agree; 0.5 cents goes up."""
    draws = random.Random(7)
    cases = [(1_000_000, 500), (100, 5_000), (100, 4_999), (1, 500_000), (10_000_000, 45_000), (123, 0)]
    cases += [(draws.randrange(1, 5_000_000_001), draws.randrange(0, 1_000_001)) for _ in range(5_000)]
    found = with_results(
        cases, {"cents": "bigint", "raise": "bigint"}, macro("arithmetic/money.sql", "raised", "cents", "raise")
    )
    for cents, millionths, after in found:
        assert (
            after == nearest(Fraction(cents * (1_000_000 + millionths), 1_000_000)) == arithmetic.raised(cents, millionths)
        )


def test_ratios_are_rounded_on_the_sixth_digit() -> None:
    """Ten digits of what comes out, so that no type hides one: halves go away from zero, nothing over 0 is no ratio."""
    draws = random.Random(11)
    cases = [(1, 2_000_000), (-1, 2_000_000), (3, 2_000_000), (-3, 2_000_000), (1, 2_000_001), (0, 7), (5, 0), (0, 0)]
    cases += [(draws.randrange(-(10**9), 10**9), draws.randrange(10**7, 10**9)) for _ in range(5_000)]
    ratio = macro("arithmetic/money.sql", "to_ratio", "n", "d")
    found = with_results(cases, {"n": "bigint", "d": "bigint"}, f"({ratio})::decimal(38, 10)::varchar")
    for numerator, denominator, published in found:
        if denominator == 0:
            assert published is None
        else:
            exact = Fraction(numerator, denominator) * 1_000_000
            assert Fraction(published) * 1_000_000 == (nearest(abs(exact)) if exact >= 0 else -nearest(abs(exact)))


@pytest.mark.parametrize(
    ("there", "back", "unit", "most"), [("to_money", "to_cents", 100, 10**15), ("to_rate", "to_millionths", 10**6, 10**8)]
)
def test_units_change_without_rounding(there: str, back: str, unit: int, most: int) -> None:
    draws = random.Random(5)
    cases = [(0,), (1,), (-1,), (29,), (most,), *((draws.randrange(most),) for _ in range(2_000))]
    shown = macro("arithmetic/money.sql", there, "n")
    results = (f"({shown})::decimal(38, 10)::varchar", macro("arithmetic/money.sql", back, f"({shown})"))
    for number, published, again in with_results(cases, {"n": "bigint"}, *results):
        assert Fraction(published) == Fraction(number, unit)
        assert again == number


def test_the_standing_example() -> None:
    """100,000.00 with +4.5 % on 1 April 2025 pays 24,657.53 + 78,732.88 = 103,390.41."""
    after = arithmetic.raised(10_000_000, 45_000)
    paid = (arithmetic.mul_div_round(10_000_000, 90, 365), arithmetic.mul_div_round(after, 275, 365))
    assert paid == (2_465_753, 7_873_288)
    assert sum(paid) == 10_339_041


def test_the_match_of_the_largest_pay_is_exact() -> None:
    """By hand: 100 % of the first 50 % and 50 % of the rest of 50,000,000.00 are 37,500,000.00; no 64 bits overflow."""
    tiers = [{"from": 0, "up_to": 500_000, "rate": 1_000_000}, {"from": 500_000, "up_to": 1_000_000, "rate": 500_000}]
    exact = macro("plan/contributions.sql", "match_by_tiers", "cents", "cents", "tiers")
    cents = int(LARGEST_PAY * 100)
    typed = {"cents": "bigint", "tiers": 'struct("from" bigint, up_to bigint, "rate" bigint)[]'}
    assert with_results([(cents, tiers)], typed, exact)[0][-1] == 3_750_000_000 * 10**12


@pytest.mark.parametrize(("a", "b", "d"), [(-1, 1, 365), (1, -1, 365), (1, 1, 0), (1, 1, -365)])
def test_what_the_formula_cannot_round_is_refused(a: int, b: int, d: int) -> None:
    with pytest.raises(ValueError, match="mul_div_round needs"):
        arithmetic.mul_div_round(a, b, d)


def anniversaries_passed(start: date, end: date) -> int:
    """Completed years by counting anniversaries one by one: slow, and plainly right."""
    years = 0
    while True:
        year = start.year + years + 1
        try:
            anniversary = date(year, start.month, start.day)
        except ValueError:
            anniversary = date(year, 2, 28)
        if anniversary > end:
            return years
        years += 1


def months_passed(start: date, end: date) -> int:
    """Completed months by counting them one by one."""
    months = 0
    while True:
        year, month = divmod(start.year * 12 + start.month - 1 + months + 1, 12)
        last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
        if date(year, month + 1, min(start.day, last)) > end:
            return months
        months += 1


def date_pairs() -> list[tuple[date, date]]:
    """Every February and month end of six years against each other, and thousands of random pairs."""
    days = [date(2019, 1, 1) + timedelta(days=k) for k in range(6 * 366)]
    edges = [day for day in days if day.month in (2, 3) or (day + timedelta(days=1)).day in (1, 2) or day.day == 30]
    pairs = [(start, end) for start in edges for end in edges if start <= end]
    draws = random.Random(1)
    for _ in range(20_000):
        start = date(1940, 1, 1) + timedelta(days=draws.randrange(36_500))
        pairs.append((start, start + timedelta(days=draws.randrange(20_000))))
    leap_days = [date(year, 2, 29) for year in (1896, 1956, 1996, 2000, 2024)]
    ends = (date(year, month, day) for year in (2025, 2028, 2100) for month, day in ((2, 27), (2, 28), (3, 1)))
    return pairs + [(start, end) for end in ends for start in leap_days]


def test_completed_years_and_months_by_the_calendar() -> None:
    """The macros, the Python twins and a plain count agree, 29 February and month ends included."""
    pairs = date_pairs()
    years, months = (macro("arithmetic/dates.sql", name, "a", "b") for name in ("completed_years", "completed_months"))
    found = with_results(pairs, {"a": "date", "b": "date"}, years, months)
    assert len(found) == len(pairs)
    wrong = [
        row
        for row in found
        if row[2:] != (arithmetic.completed_years(row[0], row[1]), arithmetic.completed_months(row[0], row[1]))
    ]
    assert wrong == []
    for start, end, *found_here in found[::97]:
        assert found_here == [anniversaries_passed(start, end), months_passed(start, end)], (start, end)


@pytest.mark.parametrize(
    ("start", "end", "years", "months"),
    [
        (date(2020, 2, 29), date(2021, 2, 27), 0, 11),
        (date(2020, 2, 29), date(2021, 2, 28), 1, 12),
        (date(2020, 2, 29), date(2024, 2, 28), 3, 47),
        (date(2020, 2, 29), date(2024, 2, 29), 4, 48),
        (date(2024, 1, 31), date(2024, 2, 29), 0, 1),
        (date(2024, 1, 31), date(2024, 4, 29), 0, 2),
        (date(2024, 1, 31), date(2024, 4, 30), 0, 3),
        (date(2020, 12, 31), date(2025, 12, 31), 5, 60),
        (date(2021, 1, 1), date(2025, 12, 31), 4, 59),
        (date(2025, 6, 1), date(2025, 3, 1), -1, -3),
    ],
)
def test_known_anniversaries(start: date, end: date, years: int, months: int) -> None:
    assert arithmetic.completed_years(start, end) == years
    assert arithmetic.completed_months(start, end) == months
