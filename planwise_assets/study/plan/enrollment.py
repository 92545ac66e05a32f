"""Sections `plan.eligibility`, `auto_enrollment`, `voluntary`, `changes`, `escalation`: who is in, at what rate.

Belongs here: entry and what employees do. Does not: what the employer puts in (`employer.py`), the law's conditions on the
plan as a whole (`law/qualification.py`).

Sources: HAS is How America Saves (Vanguard), PSCA the Plan Sponsor Council of America's survey.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, PlainValidator

from planwise_assets.study.bands import PayBands, RateBands, pay_multipliers, rates
from planwise_assets.study.values import (
    RATE_HINT,
    ByYear,
    Multiplier,
    Row,
    Section,
    Weight,
    YearlyFlag,
    YearlyShare,
    always,
    by_year,
    constant,
    day,
    number,
    whole,
)


def _day_or_none(value: object) -> date | None:
    return None if value is None else day(value)


class Eligibility(Section):
    """Who may take part, and from which day."""

    minimum_age: Annotated[ByYear[int], PlainValidator(by_year(whole(0, 21)))] = Field(
        default=constant(21),
        description="Age needed for entry; years, at most 21. Source: IRC 410(a)(1)(A), the statutory maximum.",
    )
    service_months: Annotated[ByYear[int], PlainValidator(by_year(whole(0, 12)))] = Field(
        default=constant(0),
        description="Completed months of service needed for entry; at most 12 (IRC 401(k)(2)(D)). Source: HAS, "
        "immediate in 74-76 % of plans.",
    )
    entry_dates: Literal["immediate", "monthly", "quarterly", "semiannual"] = Field(
        default="immediate",
        description="Entry on, or next following, the day the conditions are met: `immediate` that day, else the first "
        "of a month, quarter or half-year. Source: HAS, immediate in 74-76 % of plans.",
    )
    hours_rule: YearlyFlag = Field(
        default=constant(False),
        description="Whether 1,000 hours a year, by scheduled hours, are needed for entry. Source: judgement; with "
        "immediate entry few plans count hours.",
    )
    long_term_part_time: YearlyFlag = Field(
        default=constant(True),
        description="With the hours rule: whether 500 hours in each of two consecutive computation periods will do, from "
        "2025 on. Source: IRC 401(k)(2)(D)(ii) and (15), SECURE 2.0 s.125; required but of collectively bargained plans.",
    )
    computation_periods: Literal["plan_years", "anniversaries"] = Field(
        default="plan_years",
        description="With the hours rule: the periods in which hours are counted. The first is twelve months from the hire; "
        "then `plan_years`, from that which includes the first anniversary, or `anniversaries`. Source: 29 CFR "
        "2530.202-2(b); judgement, plan years are the commoner.",
    )
    long_term_employer_money: YearlyFlag = Field(
        default=constant(False),
        description="Whether long-term part-timers have match and core, too. Source: IRC 401(k)(15)(B)(i)(I), which asks "
        "for neither.",
    )


class OptOut(Section):
    """Who declines automatic enrolment: probability by age times multiplier by pay, at most 1."""

    age: RateBands = Field(
        default=rates((25, "0.10"), (45, "0.08"), (55, "0.07"), (65, "0.08"), (None, "0.12")),
        description="Probability by age. Source: HAS 2025, 92 % in after 7-12 months (hires 2017-19), under 25 90 %; "
        "65 and over judgement.",
    )
    pay: PayBands = Field(
        default=pay_multipliers(
            (30_000, "1.8"), (50_000, "1.3"), (75_000, "1.0"), (100_000, "0.8"), (150_000, "0.7"), (None, "0.5")
        ),
        description="Multiplier by yearly pay. Source: the shape of HAS 2025 participation by pay; judgement.",
    )


class AutoEnrollment(Section):
    """Enrolment of those who do nothing."""

    enabled: YearlyFlag = Field(
        default=constant(True), description="Whether employees are enrolled automatically. Source: HAS, 61 % of plans."
    )
    scope: Literal["new_hires", "all_eligible"] = Field(
        default="new_hires",
        description="`new_hires`: those who enter in the simulation; `all_eligible`: everyone not in and not opted out. "
        "Source: judgement; the commoner form.",
    )
    hire_cutoff: Annotated[date | None, PlainValidator(_day_or_none)] = Field(
        default=None, description="Only those hired on or after this day (YYYY-MM-DD); left out or null: no cutoff."
    )
    window_days: Annotated[ByYear[int], PlainValidator(by_year(whole(0, 365)))] = Field(
        default=constant(30),
        description="Days from the entry date to enrolment, in which one may decline or choose; days. Source: Treas. "
        "Reg. 1.401(k)-3(k)(4)(iii), 30 days after the notice.",
    )
    default_rate: Annotated[ByYear[Decimal], PlainValidator(by_year(number(0, 1, above=True, hint=RATE_HINT)))] = Field(
        default=always("0.04"),
        description="Deferral rate of automatic enrolment; share of pay. Source: HAS, at least 4 % in 60 % and at least "
        "6 % in 29 % of plans: median 4-5 %; PSCA's mode is 6 %.",
    )
    opt_out: OptOut = Field(default=OptOut(), description="Who declines.")
    active_choice_share: YearlyShare = Field(
        default=always("0.25"),
        description="Of those who do not decline, who choose their own rate at once and are not escalated; share. "
        "Source: judgement.",
    )


class SpreadRow(Row):
    """One way in which a chosen rate differs from the mean."""

    factor: Multiplier = Field(description="Chosen rate over the mean of the cell.")
    weight: Weight = Field(description="Weight among the rows; scaled so that they sum to 1.")


def _some_spread(rows: tuple[SpreadRow, ...]) -> tuple[SpreadRow, ...]:
    if not any(row.weight for row in rows):
        raise ValueError("must have a row with a weight above 0")
    return rows


class ChosenDeferral(Section):
    """The rate that employees choose: mean by age times multiplier by pay times factor, in whole per cents from 1."""

    age: RateBands = Field(
        default=rates((25, "0.055"), (35, "0.068"), (45, "0.073"), (55, "0.079"), (65, "0.093"), (None, "0.101")),
        description="Mean rate by age; share of pay. Source: HAS 2025.",
    )
    pay: PayBands = Field(
        default=pay_multipliers(
            (30_000, "0.75"), (50_000, "0.82"), (75_000, "0.92"), (100_000, "1.0"), (150_000, "1.08"), (None, "1.10")
        ),
        description="Multiplier by yearly pay. Source: HAS 2024, below 30,000 5.5 %, above 150,000 over 8 %, mean 7.4 %; "
        "the middle judgement.",
    )
    spread: Annotated[tuple[SpreadRow, ...], AfterValidator(_some_spread)] = Field(
        default=tuple(
            SpreadRow(factor=Decimal(factor), weight=Decimal(weight))
            for factor, weight in (("0.4", "0.20"), ("0.7", "0.20"), ("1.0", "0.25"), ("1.3", "0.20"), ("1.8", "0.15"))
        ),
        description="How choices differ from the mean. Source: HAS 2024, 24 % defer above 10 %; judgement.",
    )


class Voluntary(Section):
    """Enrolment by one's own decision."""

    age: RateBands = Field(
        default=rates((25, "0.17"), (35, "0.40"), (45, "0.48"), (55, "0.53"), (None, "0.54")),
        description="Probability of joining at entry, by age. Source: fitted to 42 % of new hires (Vanguard 2015), 25 % "
        "under 25 and 64 % over all (HAS 2025).",
    )
    pay: PayBands = Field(
        default=pay_multipliers(
            (30_000, "0.55"), (50_000, "0.80"), (75_000, "1.0"), (100_000, "1.15"), (150_000, "1.30"), (None, "1.50")
        ),
        description="Multiplier of that by yearly pay. Source: as by age.",
    )
    cap: YearlyShare = Field(
        default=always("0.97"), description="Highest probability of joining at entry; share. Source: as by age."
    )
    later_enrollment: YearlyShare = Field(
        default=always("0.08"),
        description="Of those not in, who join in a year; share. Source: derived; brings 42 % to 63-65 % at the "
        "defaults' tenure mix.",
    )
    deferral: ChosenDeferral = Field(default=ChosenDeferral(), description="The rate that is chosen.")


class Changes(Section):
    """What participants who are not escalated do of their own accord.

    How America Saves 2025 counts all participants of 2024: 16 % raised their rate themselves, 8 % lowered it, and 29 % were
    raised automatically. Here the 29 % change nothing themselves, so the others do it more often: .16/.71 and .08/.71.
    """

    up_share: YearlyShare = Field(
        default=always("0.225"),
        description="Who raise their rate in a year; share of the participants who are not escalated. Source: HAS 2025, "
        "16 % of all participants, 29 % escalated.",
    )
    down_share: YearlyShare = Field(
        default=always("0.113"),
        description="Who lower their rate in a year; share of the participants who are not escalated. Source: HAS 2025, "
        "8 % of all participants, 29 % escalated.",
    )
    step: YearlyShare = Field(default=always("0.02"), description="By how much; points of pay. Source: judgement.")
    stop_share: YearlyShare = Field(
        default=always("0.006"),
        description="Who stop contributing in a year; share of participants. Source: derived; keeps participation after "
        "12 and 42 months equal (92 %); Fidelity, under 1 % a quarter.",
    )


class Escalation(Section):
    """The yearly rise of automatic deferral rates."""

    enabled: YearlyFlag = Field(
        default=constant(True), description="Whether automatic rates rise. Source: HAS, 69 % of plans that enrol so."
    )
    increment: YearlyShare = Field(
        default=always("0.01"), description="The yearly rise; points of pay. Source: HAS, the usual step."
    )
    cap: YearlyShare = Field(
        default=always("0.10"),
        description="Rate above which it does not go; share of pay. A rate above it is never lowered. Source: HAS.",
    )
    month: Annotated[int, PlainValidator(whole(1, 12))] = Field(
        default=1, description="Month on whose first day rates rise. Source: judgement."
    )
    delay_months: Annotated[ByYear[int], PlainValidator(by_year(whole(0, 60)))] = Field(
        default=constant(6), description="From enrolment to the first rise at least; months. Source: judgement."
    )
    opt_out: YearlyShare = Field(
        default=always("0.126"),
        description="Who decline in a year, for good; share of those escalated. Source: two thirds still in after three "
        "years (Vanguard 2021): 1 - (2/3)^(1/3) = .1264.",
    )
