"""Section `compensation`: when raises come, the cost-of-living adjustment, and the caps.

Here: what does not depend on the level. Not here: merit rate and promotion raise (`levels.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import Field, PlainValidator, model_validator

from planwise_assets.study.values import (
    LARGEST_PAY,
    MILLION,
    ByYear,
    Section,
    YearlyShare,
    always,
    by_year,
    number,
    whole,
)

_DAYS_IN_MONTH = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

_month = whole(1, 12)
_weight = number(0, MILLION)


def _month_weights(value: object) -> dict[int, Decimal]:
    if not isinstance(value, Mapping) or not value:
        raise ValueError("must be a mapping of months (1 to 12) to weights, such as {3: 0.5, 4: 0.5}")
    weights = {}
    for month, weight in value.items():
        try:
            weights[_month(month)] = _weight(weight)
        except ValueError as error:
            raise ValueError(f"entry '{month}: {weight}': {error}") from None
    if not any(weights.values()):
        raise ValueError("must have a weight above 0")
    return dict(sorted(weights.items()))


class PromotionDate(Section):
    """A day that every year has."""

    month: Annotated[int, PlainValidator(_month)] = Field(
        default=4, description="Month, 1 to 12. Source: judgement; with the merit cycle."
    )
    day: Annotated[int, PlainValidator(whole(1, 31))] = Field(
        default=1, description="Day of the month. Source: judgement; with the merit cycle."
    )

    @model_validator(mode="after")
    def _in_every_year(self) -> PromotionDate:
        if self.day > _DAYS_IN_MONTH[self.month - 1]:
            raise ValueError(f"must be a day of every year: month {self.month} has {_DAYS_IN_MONTH[self.month - 1]} days")
        return self


class Compensation(Section):
    """Raises and their dates."""

    cola: YearlyShare = Field(
        default=always("0.003"),
        description="Cost-of-living raise on 1 January; share of pay. Source: derived; Mercer's total of "
        "3.5 % less merit of 3.2 %.",
    )
    merit_service_months: Annotated[ByYear[int], PlainValidator(by_year(whole(0, 120)))] = Field(
        default=ByYear(((0, 6),)),
        description="Service needed on the raise date for a merit raise; months. Source: judgement.",
    )
    merit_months: Annotated[dict[int, Decimal], PlainValidator(_month_weights)] = Field(
        default={2: Decimal("0.10"), 3: Decimal("0.45"), 4: Decimal("0.35"), 7: Decimal("0.10")},
        description="Months of merit raises with their weights (scaled to 1); each person keeps one month "
        "for good. Source: iMercer, delivered typically February to April; weights judgement.",
    )
    promotion_date: PromotionDate = Field(default=PromotionDate(), description="The day of promotions.")
    promotion_raise_cap: YearlyShare = Field(
        default=always("0.25"), description="Highest raise at a promotion; share of pay. Source: judgement."
    )
    annual_compensation_cap: Annotated[
        ByYear[Decimal], PlainValidator(by_year(number(0, LARGEST_PAY, above=True, places=2)))
    ] = Field(
        default=ByYear(((0, LARGEST_PAY),)),
        description="Highest yearly pay that raises lead to; dollars. Source: the largest pay that a census may hold.",
    )
