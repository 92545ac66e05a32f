"""What every part of the year's simulator speaks: settings, luck, people, what happens to them, and dates.

Belongs here: the words. Does not: any rule of a year.
"""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from math import floor
from typing import Any

from tests.oracle.pay_oracle import completed_years
from tests.twins import draws

MILLION = 1_000_000
DAY = timedelta(days=1)

#: What comes first when several things happen to one person on one day.
SAME_DAY = (
    "hire", "cola", "merit_raise", "promotion", "eligibility", "opt_out", "enrollment", "deferral_change",
    "deferral_escalation", "termination", "forfeiture",
)  # fmt: skip

#: What is drawn once in a person's life, and not every year.
LASTING = {"merit_month", "opt_out", "active_choice", "voluntary_entry", "deferral_spread", "student_loan"}


@dataclass(frozen=True)
class Settings:
    """A scenario's settings in one year, by table, as plain rows; and the seed."""

    year: int
    first_year: int
    seed: int
    tables: Mapping[str, Sequence[Mapping[str, Any]]]

    @property
    def start(self) -> date:
        """1 January."""
        return date(self.year, 1, 1)

    @property
    def end(self) -> date:
        """31 December."""
        return date(self.year, 12, 31)

    @property
    def days(self) -> int:
        """365 or 366."""
        return 366 if calendar.isleap(self.year) else 365

    @cached_property
    def workforce(self) -> Mapping[str, Any]:
        """Workforce, pay and hiring."""
        return self.tables["scenario_parameters"][0]

    @cached_property
    def plan(self) -> Mapping[str, Any]:
        """The plan."""
        return self.tables["plan_parameters"][0]

    @cached_property
    def levels(self) -> dict[int, Mapping[str, Any]]:
        """The levels from the lowest to the top."""
        return {row["level_id"]: row for row in sorted(self.tables["scenario_levels"], key=lambda row: int(row["level_id"]))}

    @cached_property
    def limits(self) -> dict[str, int | None]:
        """The legal limits in cents; one that is not in force yet has none."""
        names = {
            "elective_deferral_402g": "elective_deferral_cents",
            "catch_up_414v": "catch_up_cents",
            "catch_up_60_63_414v": "catch_up_60_63_cents",
            "annual_additions_415c": "annual_additions_cents",
            "compensation_401a17": "compensation_cents",
            "hce_compensation_414q": "hce_compensation_cents",
            "social_security_wage_base": "social_security_wage_base_cents",
            "roth_catch_up_wages_414v7": "roth_catch_up_wages_cents",
        }
        found = {row["limit_name"]: row["value_cents"] for row in self.tables["plan_legal_limits"]}
        return {name: found.get(limit) for limit, name in names.items()}

    def above(self, level: int) -> int | None:
        """The next level, or None at the top."""
        return next((other for other in self.levels if other > level), None)

    def u(self, who: str, stream: str) -> float:
        """A person's luck in [0, 1)."""
        return draws.draw(draws.identity_key(who), self.seed, stream, draws.LASTING if stream in LASTING else self.year)

    def day_of_the_year(self, who: str, stream: str) -> date:
        """A day, uniform over the year."""
        return self.start + timedelta(days=floor(self.u(who, stream) * self.days))


@dataclass
class Worker:
    """Everything about a person that lasts; money in cents, rates in millionths.

    `announced` is the exit that the census knows of, `exit` this year's.
    """

    who: str
    birth: date
    hired: date
    service_from: date
    level: int
    pay: int
    hours_per_week: Fraction
    prior_paid: int = 0
    excluded: bool = False
    owner: bool = False
    eligible_from: date | None = None
    reason: str | None = None
    enrolled_on: date | None = None
    enrolled_by: str | None = None
    deferral: int = 0
    opted_out: bool = False
    escalates: bool = False
    declined_escalation: bool = False
    window_end: date | None = None
    hours: tuple[int, int] = (0, 0)
    match: int = 0
    core: int = 0
    is_new: bool = False
    announced: date | None = None
    exit: date | None = None

    def active_on(self, day: date) -> bool:
        """Whether employed on a day; the exit day is the last one."""
        return self.hired <= day and (self.exit is None or self.exit >= day)


@dataclass
class State:
    """What a year opens with: the people, the exits due and taken so far, and the levels of the census."""

    workers: dict[str, Worker]
    census_levels: Counter[int]
    exits_due: Fraction = Fraction(0)
    exits_taken: int = 0


@dataclass
class Happening:
    """Something decided for one person and day, before it is known what it does to pay, level and rate.

    `raise_by`, `level`, `rate`, `step` (with its cap) are what it does; `probability` is the published one.
    """

    type: str
    category: str
    day: date
    probability: float | None = None
    details: dict[str, Any] = field(default_factory=dict)
    raise_by: int | None = None
    level: int | None = None
    rate: int | None = None
    step: tuple[int, int] | None = None


def banded(
    rows: Sequence[Mapping[str, Any]], value: int, low: str = "band_min", high: str = "band_max"
) -> Mapping[str, Any]:
    """The row whose band holds a value: its minimum is inside, its maximum is not."""
    (row,) = (row for row in rows if row[low] <= value < row[high])
    return row


def end_to_end(rows: Sequence[Mapping[str, Any]], u: float) -> Mapping[str, Any]:
    """The row that a draw picks by weights (millionths), laid end to end in the order of the rows."""
    place = floor(u * MILLION)
    for row in rows:
        place -= row["weight_millionths"]
        if place < 0:
            return row
    raise ValueError("The weights do not sum to one.")


def uniform(low: int, high: int, u: float) -> int:
    """A whole number from low to high, both included."""
    return low + floor(u * (high - low + 1))


def completed_months(start: date, end: date) -> int:
    """Completed months; the last day of a month too short for the day of the start completes one."""
    short = end.day < start.day and (end + DAY).day != 1
    return (end.year - start.year) * 12 + end.month - start.month - short


def months_after(start: date, months: int) -> date:
    """The k-th month after a day; in a month too short, its last day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


def age(worker: Worker, year_start: date) -> int:
    """The age that behaviour and hazards go by: on 1 January, or at the hire."""
    return completed_years(worker.birth, max(year_start, worker.hired) if worker.is_new else year_start)


def rate_text(millionths: int) -> str:
    """A rate as the events' details write it."""
    return f"{'-' if millionths < 0 else ''}{abs(millionths) // MILLION}.{abs(millionths) % MILLION:06d}"


def money_text(cents: int) -> str:
    """Money as the events' details write it."""
    return f"{cents // 100}.{cents % 100:02d}"
