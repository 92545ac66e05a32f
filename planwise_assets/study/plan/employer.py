"""Sections `plan.match`, `core`, `vesting`, `forfeitures`, `testing`: what the employer puts in and what becomes of it.

Belongs here: shapes and defaults. Does not: the tiers of a safe-harbor design (`tiers.py`), the law's conditions on the plan
as a whole (`law/qualification.py`).
"""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, model_validator

from planwise_assets.study.bands import BandMax, BandMin, none_or_whole_axis
from planwise_assets.study.errors import KeyPath
from planwise_assets.study.values import (
    LARGEST_PAY,
    RATE_HINT,
    ByYear,
    Row,
    Section,
    Share,
    YearlyFlag,
    YearlyShare,
    always,
    by_year,
    constant,
    number,
    whole,
)

# A year of service has at most 1,000 hours (IRC 410(a)(3)), so no allocation may ask for more.
_YearlyHours = Annotated[ByYear[int], PlainValidator(by_year(whole(0, 1000)))]
_yearly_cap = by_year(number(0, LARGEST_PAY, places=2))


def _cap_or_none(value: object) -> ByYear[Decimal] | None:
    return None if value is None else _yearly_cap(value)


class Tier(Row):
    """A match on the part of the deferral from the tier before up to `up_to`."""

    up_to: Annotated[Decimal, PlainValidator(number(0, 1, above=True, hint=RATE_HINT))] = Field(
        description="Deferral at which the tier ends; share of pay."
    )
    rate: Annotated[Decimal, PlainValidator(number(0, 10, hint="1 means 100 %, and a match may pass that"))] = Field(
        description="Match on the deferral inside the tier; share of it."
    )


def _rising(tiers: tuple[Tier, ...]) -> tuple[Tier, ...]:
    for index, (lower, upper) in enumerate(pairwise(tiers), start=2):
        if upper.up_to <= lower.up_to:
            raise ValueError(f"row {index} ends at {upper.up_to:f}, which must be above row {index - 1}'s {lower.up_to:f}")
    return tiers


Tiers = Annotated[tuple[Tier, ...], AfterValidator(_rising)]


def tiers(*rows: tuple[str, str]) -> tuple[Tier, ...]:
    """Tiers written as (end, rate)."""
    return tuple(Tier(up_to=Decimal(up_to), rate=Decimal(rate)) for up_to, rate in rows)


R = TypeVar("R", bound=Row)
#: The rows of a graded contribution: where each stands in its section, what the band is of, and the row.
Graded = list[tuple[KeyPath, str, R]]


def _graded(**tables: tuple[R, ...]) -> Graded[R]:
    """The rows of the tables `by_<dimension>`, given by dimension."""
    return [
        ((f"by_{dimension}", index), dimension, row) for dimension, rows in tables.items() for index, row in enumerate(rows)
    ]


def _in_one_table(bands: Graded[R]) -> None:
    """Check that only one of the tables `by_<dimension>` has rows.

    Raises:
        ValueError: Several do; the message names them.
    """
    tables = list(dict.fromkeys(str(place[0]) for place, _, _ in bands))
    if len(tables) > 1:
        raise ValueError(
            f"must go by one of {' and '.join(tables)}: leave the rest out, or write it empty ([]) where it is inherited"
        )


class MatchRow(Row):
    """The tiers for a band, from `min` up to, not including, `max`."""

    min: BandMin = Field(description="First completed year of service, or first number of points.")
    max: BandMax = Field(default=None, description="First value after the band; left out or null: no end.")
    tiers: Tiers = Field(description="The tiers; an empty list is no match.")


class StudentLoans(Section):
    """Matching student-loan payments as if they were deferrals."""

    enabled: YearlyFlag = Field(
        default=constant(False), description="Whether they are matched (from 2024). Source: SECURE 2.0 s.110; an option."
    )
    share: YearlyShare = Field(
        default=always("0.17"),
        description="Employees who repay a student loan; share. Source: judgement; about one adult in six has such a debt.",
    )
    payment_rate: YearlyShare = Field(
        default=always("0.04"), description="Their payments; share of pay. Source: judgement; some 200 dollars a month."
    )


class Match(Section):
    """The match."""

    tiers: Tiers = Field(
        default=tiers(("0.03", "1.0"), ("0.05", "0.5")),
        description="Tiers of the match; an empty list is no match. Source: HAS, average promised match 4.6 %, multi-tier "
        "in 21 % of plans; this one gives 4.0 %.",
    )
    by_service: Annotated[tuple[MatchRow, ...], AfterValidator(none_or_whole_axis)] = Field(
        default=(),
        description="Tiers by completed years of service, in place of `tiers`. Source: design; not graded.",
    )
    by_points: Annotated[tuple[MatchRow, ...], AfterValidator(none_or_whole_axis)] = Field(
        default=(),
        description="Tiers by points, in place of `tiers`: age and service, each in completed years on 31 December, of "
        "leavers on the exit day, and then added. Source: design; not graded.",
    )
    basis: Literal["annual", "pay_period"] = Field(
        default="annual",
        description="`annual`: the year's deferrals over the year's pay, with a true-up; `pay_period`: each pay period by "
        "itself. Source: judgement.",
    )
    pay_periods: Annotated[int, PlainValidator(whole(1, 366))] = Field(
        default=26,
        description="Pay periods a year, for `pay_period`. Source: BLS 2023, every two weeks is the commonest.",
    )
    period_pay: Literal["months", "days"] = Field(
        default="months",
        description="Pay of a period where there are 24 (to the 15th, and the rest), 12 or 1, 2, 3, 4 or 6 of whole months: "
        "`months`, an equal part of the yearly rate each, and by its own days for whoever is there for some; `days`, by the "
        "days of the year, as with any other number of periods. Source: judgement; a monthly salary is a twelfth.",
    )
    annual_cap: Annotated[ByYear[Decimal] | None, PlainValidator(_cap_or_none)] = Field(
        default=None, description="Highest match of an employee; dollars a year; left out or null: none."
    )
    employed_at_year_end: YearlyFlag = Field(
        default=constant(False), description="Whether it needs employment on 31 December. Source: judgement."
    )
    minimum_hours: _YearlyHours = Field(
        default=constant(0), description="Hours in the year that it needs; hours, at most 1,000. Source: judgement."
    )
    student_loans: StudentLoans = Field(default=StudentLoans(), description="Matching student-loan payments.")

    @property
    def pay_calendar(self) -> str:
        """What the plan's year of pay is divided into: `days`, `months` or `half_months`."""
        if self.period_pay == "days":
            return "days"
        return "half_months" if self.pay_periods == 24 else "months" if 12 % self.pay_periods == 0 else "days"

    @property
    def bands(self) -> Graded[MatchRow]:
        """The bands of a graded match; none when it is the same for all."""
        return _graded(service=self.by_service, points=self.by_points)

    @model_validator(mode="after")
    def _goes_by_one_measure(self) -> Match:
        _in_one_table(self.bands)
        return self


class CoreRow(Row):
    """The core contribution for a band, from `min` up to, not including, `max`."""

    min: BandMin = Field(description="First age, completed year of service or number of points.")
    max: BandMax = Field(default=None, description="First value after the band; left out or null: no end.")
    rate: Share = Field(description="Core contribution; share of pay.")
    excess_rate: Share = Field(default=Decimal(0), description="On top, of pay above the wage base. Source: none.")


class Core(Section):
    """What the employer puts in whether or not an employee defers."""

    rate: YearlyShare = Field(
        default=always("0"), description="Core contribution; share of pay. Source: HAS, match only 50 %, both 36 %."
    )
    excess_rate: YearlyShare = Field(
        default=always("0"),
        description="On top, of pay above the Social Security wage base (IRC 401(l)); share. Source: design; none.",
    )
    by_service: Annotated[tuple[CoreRow, ...], AfterValidator(none_or_whole_axis)] = Field(
        default=(),
        description="Rates by completed years of service, in place of `rate` and `excess_rate`. Source: design; not graded.",
    )
    by_age: Annotated[tuple[CoreRow, ...], AfterValidator(none_or_whole_axis)] = Field(
        default=(),
        description="Rates by age, in place of `rate` and `excess_rate`: completed years on 31 December, of leavers on the "
        "exit day. Source: design; not graded.",
    )
    by_points: Annotated[tuple[CoreRow, ...], AfterValidator(none_or_whole_axis)] = Field(
        default=(),
        description="Rates by points, in place of `rate` and `excess_rate`; as match.by_points. Source: design; not graded.",
    )
    employed_at_year_end: YearlyFlag = Field(
        default=constant(False), description="Whether it needs employment on 31 December. Source: judgement."
    )
    minimum_hours: _YearlyHours = Field(
        default=constant(0), description="Hours in the year that it needs; hours, at most 1,000. Source: judgement."
    )

    @property
    def bands(self) -> Graded[CoreRow]:
        """The bands of a graded contribution; none when it is the same for all."""
        return _graded(service=self.by_service, age=self.by_age, points=self.by_points)

    @model_validator(mode="after")
    def _goes_by_one_measure(self) -> Core:
        _in_one_table(self.bands)
        return self


class VestingStep(Row):
    """A step of a vesting schedule."""

    years: Annotated[int, PlainValidator(whole(0, 60))] = Field(description="Completed years of service; years.")
    vested: Share = Field(description="Share that is the employee's own from then on.")


def steps(*rows: tuple[int, str]) -> tuple[VestingStep, ...]:
    """A schedule written as (completed years, share)."""
    return tuple(VestingStep(years=years, vested=Decimal(vested)) for years, vested in rows)


# The schedules with a name, as people say them.
SCHEDULES: dict[str, tuple[VestingStep, ...]] = {
    "immediate": steps((0, "1")),
    "cliff_1": steps((1, "1")),
    "cliff_2": steps((2, "1")),
    "cliff_3": steps((3, "1")),
    "graded_1_5": steps((1, "0.2"), (2, "0.4"), (3, "0.6"), (4, "0.8"), (5, "1")),
    "graded_2_6": steps((2, "0.2"), (3, "0.4"), (4, "0.6"), (5, "0.8"), (6, "1")),
}


def _named(value: object) -> object:
    if isinstance(value, str):
        if value not in SCHEDULES:
            raise ValueError(f"must be {', '.join(SCHEDULES)}, or a list of {{years, vested}}")
        return SCHEDULES[value]
    return value


def _a_schedule(rows: tuple[VestingStep, ...]) -> tuple[VestingStep, ...]:
    if not rows:
        raise ValueError("must have at least one row")
    for index, (lower, upper) in enumerate(pairwise(rows), start=2):
        if upper.years <= lower.years or upper.vested < lower.vested:
            raise ValueError(f"row {index} must have more years than row {index - 1}, and vest no less")
    if rows[-1].vested != 1:
        raise ValueError(f"must end with vested 1, and row {len(rows)} has {rows[-1].vested.normalize():f}")
    return rows


Schedule = Annotated[tuple[VestingStep, ...], AfterValidator(_a_schedule), BeforeValidator(_named)]


class PartialTermination(Section):
    """A year in which reductions take so many participants that the plan counts as terminated in part."""

    vests: YearlyFlag = Field(
        default=constant(True),
        description="Whether all who leave in such a year are vested. Source: IRC 411(d)(3); false is an employer who can "
        "overcome the presumption.",
    )
    turnover: Annotated[ByYear[Decimal], PlainValidator(by_year(number(0, 1, above=True, hint=RATE_HINT)))] = Field(
        default=always("0.2"),
        description="Participants whom reductions take, from which it is presumed; share of those of 1 January and those "
        "who came. Source: Rev. Rul. 2007-43, 20 %.",
    )


class Vesting(Section):
    """From when employer money is the employee's own. Below the first row nothing is."""

    match: Schedule = Field(
        default=SCHEDULES["graded_2_6"],
        description="Schedule of the match: a name (immediate, cliff_1, cliff_2, cliff_3, graded_1_5, graded_2_6) or rows. "
        "Source: PSCA, 44 % immediate, about 30 % graded over 5-6 years; graded so that forfeitures show.",
    )
    core: Schedule = Field(
        default=SCHEDULES["cliff_3"],
        description="Schedule of the core contribution. Source: IRC 411(a)(2)(B)(ii), the longest cliff.",
    )
    normal_retirement_age: Annotated[int, PlainValidator(whole(50, 65))] = Field(
        default=65, description="Age from which everything is vested; years. Source: IRC 411(a)(8), the latest."
    )
    partial_termination: PartialTermination = Field(
        default=PartialTermination(), description="Vesting in a partial plan termination."
    )


class Forfeitures(Section):
    """What becomes of money that leavers leave behind."""

    use: Literal["employer_contributions", "expenses", "carried"] = Field(
        default="employer_contributions",
        description="`employer_contributions` of the same year, plan `expenses`, or `carried` to the next year. Source: "
        "judgement; Prop. Treas. Reg. 1.401-7 allows each within twelve months.",
    )


class Testing(Section):
    """How the ADP and ACP tests are made."""

    method: Literal["current", "prior"] = Field(
        default="current",
        description="Whose NHCE rates are used: this or last year's. Source: judgement; the commoner election.",
    )
    top_paid_group: YearlyFlag = Field(
        default=constant(False),
        description="Whether only the best paid 20 % of last year's people, leavers in, are HCE by pay. Source: IRC "
        "414(q)(3), an election.",
    )
    prior_nhce_adp: Share = Field(
        default=Decimal("0.03"),
        description="NHCE deferral percentage of the year before the first, for `prior`; share of pay. Source: IRC "
        "401(k)(3)(E), 3 % in a plan's first year.",
    )
    prior_nhce_acp: Share = Field(
        default=Decimal("0.03"),
        description="NHCE contribution percentage of that year, for `prior`; share of pay. Source: IRC 401(m)(3), likewise.",
    )
