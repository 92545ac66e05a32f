"""Section `hazards`: who leaves, retires or is promoted.

Yearly probability of a cell: `p = 1 - (1 - base)^(product of its multipliers)`. Multipliers are hazard
ratios, may exceed 1/base, and p never passes 1. `base` is the probability where every multiplier is 1.

Belongs here: the shape. Does not: the total of exits (`workforce.py`), pay at promotion (`levels.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field, PlainValidator

from planwise_assets.study.bands import BandMax, BandMin, MultiplierBands, ends_of, multipliers, whole_axis
from planwise_assets.study.sections.published_table import graded, parse_table
from planwise_assets.study.values import LevelId, Multiplier, Row, Section, YearlyShare, always, number

# [D] What a 60/25/10/4/1 pyramid of five levels can carry without emptying; the top level has nowhere to go.
PYRAMID_PROMOTION_MULTIPLIERS = tuple(Decimal(value) for value in ("1.0", "0.9", "0.8", "0.35", "0"))


class LevelMultiplier(Row):
    """A hazard ratio for one job level."""

    level_id: LevelId = Field(description="The level, as in `levels.bands`.")
    multiplier: Multiplier = Field(description="Hazard ratio against the base; may exceed 1/base.")


# An age that nobody has: a table for all ages that counts who retires leaves nobody to `hazards.retirement`.
NEVER = 120


def _table(value: object) -> str | None:
    """The name of a published table, as it was written."""
    if value is not None:
        parse_table(value)
    return None if value is None else str(value)


class TerminationHazard(Section):
    """Who leaves for another reason than retirement."""

    table: Annotated[str | None, PlainValidator(_table)] = Field(
        default=None,
        description="A published table in place of `base`, `age` and `tenure`: `soa-1549` (by age and service) or "
        "`soa-1926` to `soa-1936` (by age); of others say what they are: `soa-1701 by duration of withdrawal at last "
        "birthday`. Needs the extra `evidence`. Beyond its ages and service its edge holds. Source: Society of Actuaries.",
    )
    scale: Annotated[Decimal, PlainValidator(number(0, 100))] = Field(
        default=Decimal(1), description="Hazard ratio against the rates of `table`: 1.1 is a tenth more. Source: design."
    )
    base: YearlyShare = Field(
        default=always("0.085"),
        description="Yearly probability at age 35-44 with 5-9 years of service. Source: NLSY 35-44, years "
        "6-10: .092; ASRS above 35, 5-9 years: .062-.094.",
    )
    age: MultiplierBands = Field(
        default=multipliers((25, "1.6"), (35, "1.2"), (45, "1.0"), (55, "0.85"), (None, "0.80")),
        description="Hazard ratio by age on 1 January. Source: derived from NLSY by age at start (years 2 "
        "and 3-5) and ASRS (35 and under against over 35: 1.19-1.26).",
    )
    tenure: MultiplierBands = Field(
        default=multipliers(
            (1, "2.5"),
            (2, "2.05"),
            (3, "1.7"),
            (5, "1.4"),
            (10, "1.0"),
            (15, "0.6"),
            (20, "0.4"),
            (None, "0.3"),
        ),
        description="Hazard ratio by completed years of service on 1 January. Source: derived from ASRS, "
        "PERSI (10-14 years: .63) and NLSY (11-15 years: .67).",
    )
    level: tuple[LevelMultiplier, ...] = Field(
        default=(),
        description="Hazard ratio by job level, one row a level; left out: 1 each. Source: nothing "
        "published found, so nothing invented.",
    )

    @property
    def first_age_of_retirement(self) -> int | None:
        """The first age at which `hazards.retirement` counts; None: at all ages, as no table counts who retires."""
        table = None if self.table is None else parse_table(self.table)
        if table is None or table.convention.exits != "all":
            return None
        last = graded(table).last_age
        return NEVER if last is None else last + 1


class PromotionHazard(Section):
    """Who moves up one level on the promotion date."""

    base: YearlyShare = Field(
        default=always("0.10"),
        description="Yearly probability at level 1, age 35-44, 5-9 years of service. Source: derived; with "
        "the multipliers 6.6 % of the closing headcount a year on the sample census (measured over five years).",
    )
    age: MultiplierBands = Field(
        default=multipliers((25, "1.4"), (35, "1.25"), (45, "1.0"), (55, "0.75"), (65, "0.45"), (None, "0.2")),
        description="Hazard ratio by age on 1 January. Source: judgement.",
    )
    tenure: MultiplierBands = Field(
        default=multipliers((1, "0"), (5, "1.3"), (10, "1.0"), (20, "0.7"), (None, "0.4")),
        description="Hazard ratio by completed years of service on 1 January. Source: judgement.",
    )
    level: tuple[LevelMultiplier, ...] = Field(
        default=(),
        description="Hazard ratio by job level, one row a level, 0 for the top level. Left out: with five "
        "levels 1.0, 0.9, 0.8, 0.35 and 0; with another number 1 each and 0 for the top. Source: derived; "
        "what a 60/25/10/4/1 pyramid can carry.",
    )


class RetirementBand(Row):
    """A yearly rate of retirement for the ages from `min` up to, not including, `max`."""

    min: BandMin = Field(description="First age of the band; years.")
    max: BandMax = Field(default=None, description="First age after the band; left out or null: no end.")
    # A rate in continuous time: where nearly all must go it is well above 1.
    rate: Annotated[Decimal, PlainValidator(number(0, 10, hint="a rate of 1 is a probability of 63 %, 5 of 99 %"))] = Field(
        description="Yearly rate in continuous time: alone, `1 - exp(-rate)` of them retire. "
        "A share of .15 is a rate of .1625, and nearly everybody one of 5."
    )


RetirementBands = Annotated[tuple[RetirementBand, ...], AfterValidator(whole_axis)]


def _retirement(*rows: tuple[int | None, str]) -> tuple[RetirementBand, ...]:
    """Shipped rates, written as (end of band, rate)."""
    return tuple(RetirementBand(min=low, max=high, rate=value) for low, high, value in ends_of(rows))


class Hazards(Section):
    """Who leaves, retires or is promoted."""

    termination: TerminationHazard = Field(default=TerminationHazard(), description="Exits but retirement.")
    retirement: RetirementBands = Field(
        default=_retirement((55, "0"), (60, "0.015"), (62, "0.04"), (65, "0.08"), (70, "0.15"), (None, "0.20")),
        description="Yearly rate of retirement by age on 1 January, added to the termination hazard as a "
        "cause of its own. Source: between BLS labour force participation 2024 (net exit 8.5 % a year over "
        "60-69) and ASRS (60: .10, 62: .15, 65: .30).",
    )
    promotion: PromotionHazard = Field(default=PromotionHazard(), description="Moves to the next level.")

    @property
    def retirement_in_force(self) -> RetirementBands:
        """The rates of retirement; 0 at ages where the table of termination counts those who retire."""
        free = self.termination.first_age_of_retirement
        if free is None:
            return self.retirement
        later = [band for band in self.retirement if band.max is None or band.max > free]
        cut = (later[0].model_copy(update={"min": free}), *later[1:])
        return (RetirementBand(min=0, max=free, rate=Decimal(0)), *cut)


def termination_levels(level_ids: Sequence[int]) -> tuple[LevelMultiplier, ...]:
    """Termination multipliers of a study that gives none: 1 for each level."""
    return tuple(LevelMultiplier(level_id=level_id, multiplier=Decimal(1)) for level_id in level_ids)


def promotion_levels(level_ids: Sequence[int]) -> tuple[LevelMultiplier, ...]:
    """Promotion multipliers of a study that gives none: the pyramid's, or 1 each and 0 on top."""
    values = PYRAMID_PROMOTION_MULTIPLIERS
    if len(level_ids) != len(values):
        values = (*(Decimal(1) for _ in level_ids[1:]), Decimal(0))
    return tuple(
        LevelMultiplier(level_id=level_id, multiplier=value) for level_id, value in zip(level_ids, values, strict=True)
    )
