"""Section `hiring`: who the hires are.

Here: their levels, ages and hours. Not here: how many there are (`workforce.py`), their pay (`levels.py`).
Hire dates are uniform over the year and have no setting.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Discriminator, Field, PlainValidator, Tag

from planwise_assets.study.bands import in_sequence
from planwise_assets.study.values import (
    ByYear,
    LevelId,
    Row,
    Section,
    Weight,
    YearlyShare,
    always,
    by_year,
    number,
    whole,
)

# Tags of the two forms of `level_mix`; pydantic puts them in an error's place, where `load.py` drops them.
WORD, WEIGHTS = "<word>", "<weights>"

Hours = Annotated[ByYear[Decimal], PlainValidator(by_year(number(0, 168, above=True, places=2)))]


class LevelWeight(Row):
    """The share of hires that one level gets."""

    level_id: LevelId = Field(description="The level, as in `levels.bands`.")
    weight: Weight = Field(description="Weight among the levels; scaled so that they sum to 1.")


class HireAge(Row):
    """The share of hires from one age band; uniform inside it."""

    min: Annotated[int, PlainValidator(whole(14, 99))] = Field(description="First age of the band; years.")
    max: Annotated[int, PlainValidator(whole(15, 100))] = Field(description="First age after the band; years.")
    weight: Weight = Field(description="Weight among the bands; scaled so that they sum to 1.")


def _some_weight(rows: tuple[LevelWeight, ...]) -> tuple[LevelWeight, ...]:
    if not any(row.weight for row in rows):
        raise ValueError("must have a weight above 0")
    return rows


def _hire_ages(rows: tuple[HireAge, ...]) -> tuple[HireAge, ...]:
    in_sequence(rows)
    if not any(row.weight for row in rows):
        raise ValueError("must have a weight above 0")
    return rows


def _word(value: object) -> str:
    if value not in ("hold", "current"):
        raise ValueError("must be hold, current, or a list of {level_id, weight} with one row a level")
    return str(value)


def _form_of_level_mix(value: object) -> str:
    return WEIGHTS if isinstance(value, list | tuple) else WORD


LevelMix = Annotated[
    Annotated[Literal["hold", "current"], PlainValidator(_word), Tag(WORD)]
    | Annotated[tuple[LevelWeight, ...], AfterValidator(_some_weight), Tag(WEIGHTS)],
    Discriminator(_form_of_level_mix),
]


class Hiring(Section):
    """Who the hires are."""

    level_mix: LevelMix = Field(
        default="hold",
        description="`hold`: hires restore the level mix of the census; `current`: they follow the mix of "
        "the day; or a list of {level_id, weight}, one row a level. Source: derived; `current` takes level "
        "1 from 60 % to 38 % in five years.",
    )
    ages: Annotated[tuple[HireAge, ...], AfterValidator(_hire_ages)] = Field(
        default=tuple(
            HireAge(min=low, max=high, weight=Decimal(weight))
            for low, high, weight in (
                (18, 25, "0.20"),
                (25, 35, "0.34"),
                (35, 45, "0.21"),
                (45, 55, "0.15"),
                (55, 65, "0.08"),
                (65, 70, "0.02"),
            )
        ),
        description="Ages of hires with their weights (scaled to 1). Source: BLS January 2016, share with "
        "12 months or less by age, times employment by age, teens folded in.",
    )
    part_time_share: YearlyShare = Field(
        default=always("0.10"), description="Hires who work part time; share of hires. Source: judgement."
    )
    part_time_hours: Hours = Field(
        default=always(20), description="Scheduled hours of part-time hires; hours a week. Source: judgement."
    )
    full_time_hours: Hours = Field(
        default=always(40), description="Scheduled hours of the other hires; hours a week. Source: judgement."
    )
