"""The Python twins of the exact arithmetic in dbt_project/macros/arithmetic/money.sql and dates.sql.

Belongs here: rounding of integer money and completed service by the calendar, as Python needs them. Does
not: any rule
of pay or of a plan. SQL and Python are held to each other, and to exact rationals, in
tests/unit/test_arithmetic.py.

Units: money in integer cents, rates in integer millionths, days in integer days.
"""

from __future__ import annotations

import calendar
from datetime import date

#: One, in millionths: the unit of every rate.
MILLION = 1_000_000


def mul_div_round(a: int, b: int, d: int) -> int:
    """Return a * b / d rounded to the nearest integer, halves away from zero.

    Args:
        a: First factor, not negative (cents, as a rule).
        b: Second factor, not negative (days, or millionths).
        d: Divisor, positive (the days of the year, or a million).

    Raises:
        ValueError: If a factor is negative or the divisor is not positive: the integer formula would round
        those the
            other way.
    """
    if a < 0 or b < 0 or d <= 0:
        raise ValueError(f"mul_div_round needs a >= 0, b >= 0 and d > 0, not a={a}, b={b}, d={d}.")
    return (2 * a * b + d) // (2 * d)


def raised(cents: int, raise_millionths: int) -> int:
    """Return pay in cents after a raise given in millionths, to the cent."""
    return mul_div_round(cents, MILLION + raise_millionths, MILLION)


def completed_years(start: date, end: date) -> int:
    """Return the completed years from one date to another: an age, or completed service.

    The k-th anniversary completes year k. 29 February's anniversary is 28 February in a year without one.
    """
    anniversary = start.replace(year=end.year, day=_day_in_month(start.day, end.year, start.month))
    return end.year - start.year - (end < anniversary)


def completed_months(start: date, end: date) -> int:
    """Return the completed months from one date to another.

    The day of the month completes a month, or the last day of a month that is too short to have it.
    """
    months = (end.year - start.year) * 12 + end.month - start.month
    return months - (end.day < _day_in_month(start.day, end.year, end.month))


def _day_in_month(day: int, year: int, month: int) -> int:
    """Return the day, or the month's last day if the month is shorter."""
    return min(day, calendar.monthrange(year, month)[1])
