"""Section `limits`: a study's own values of legal limits, and the indexes that project the rest.

Belongs here: the settings. Does not: the announced limits and the statutory rules (`law/legal_limits.py`,
`legal_limits.csv`).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import Field, PlainValidator, model_validator

from planwise_assets.study.values import (
    FIRST_POSSIBLE_YEAR,
    LAST_POSSIBLE_YEAR,
    RATE_HINT,
    ByYear,
    Section,
    always,
    by_year,
    number,
    whole,
)

# Limits with announced values and a rule that no part of the simulation reads: no setting, and in no year's parameters.
# The top-heavy test of published results takes them as they are.
REFERENCE_ONLY = frozenset({"key_employee_416"})

_limit = number(0, 1_000_000_000, places=2)
_year = whole(FIRST_POSSIBLE_YEAR, LAST_POSSIBLE_YEAR + 1)


def _values_of_years(value: object) -> dict[int, Decimal]:
    if not isinstance(value, Mapping):
        raise ValueError("must be values by year such as {2027: 25500}; each holds for its own year only")
    values = {}
    for year, item in value.items():
        try:
            values[_year(year)] = _limit(item)
        except ValueError as error:
            raise ValueError(f"by year, entry '{year}: {item}': {error}") from None
    return dict(sorted(values.items()))


OwnValues = Annotated[dict[int, Decimal], PlainValidator(_values_of_years)]
_Growth = Annotated[ByYear[Decimal], PlainValidator(by_year(number(Decimal("-0.5"), 1, hint=RATE_HINT)))]


def _override(what: str) -> OwnValues:
    values: OwnValues = Field(
        default={}, description=f"{what}; dollars, by the one year it applies to. Source: announced or projected."
    )
    return values


class Overrides(Section):
    """Limits that the study sets itself. A year that is not named keeps its announced or projected value."""

    elective_deferral_402g: OwnValues = _override("Elective deferrals, IRC 402(g)")
    catch_up_414v: OwnValues = _override("Catch-up from age 50, IRC 414(v)")
    catch_up_60_63_414v: OwnValues = _override("Catch-up at 60 to 63, IRC 414(v)(2)(E)")
    annual_additions_415c: OwnValues = _override("Annual additions, IRC 415(c)")
    compensation_401a17: OwnValues = _override("Pay that counts, IRC 401(a)(17)")
    hce_compensation_414q: OwnValues = _override("Last year's pay above which one is an HCE in the year, IRC 414(q)")
    social_security_wage_base: OwnValues = _override("Social Security wage base")
    roth_catch_up_wages_414v7: OwnValues = _override("Last year's wages above which catch-up is Roth, IRC 414(v)(7)")

    @model_validator(mode="before")
    @classmethod
    def _nobody_reads_the_rest(cls, value: object) -> object:
        for name in sorted(REFERENCE_ONLY & value.keys() if isinstance(value, Mapping) else ()):
            raise ValueError(
                f"must not set {name}: it is carried for reference only, with its notices and its rule. No simulation reads "
                "it, and the top-heavy test (planwise results --tests) takes the announced or projected value (IRC 416)"
            )
        return value


class Limits(Section):
    """The legal limits."""

    cpi: _Growth = Field(
        default=always("0.025"),
        description="Yearly rise of the CPI-U after the last published third quarter; share. Source: Q3 2025 on Q3 2024 "
        "+2.9 %; judgement.",
    )
    wage_index: _Growth = Field(
        default=always("0.035"),
        description="Yearly rise of the average wage index after the last published year; share. Source: judgement.",
    )
    overrides: Overrides = Field(default=Overrides(), description="Limits that the study sets itself.")
