"""Section `workforce`: how many people there are, and how many leave.

Here: totals. Not here: who leaves (`hazards.py`), who is hired (`hiring.py`).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, PlainValidator

from planwise_assets.study.values import RATE_HINT, ByYear, Section, always, by_year, number, share

HAZARD = "hazard"


def _rate_or_hazard(value: object) -> Decimal | str:
    if value == HAZARD:
        return HAZARD
    try:
        return share(value)
    except ValueError as error:
        raise ValueError(f"{error}, or the word {HAZARD}") from None


Growth = Annotated[ByYear[Decimal], PlainValidator(by_year(number(-1, 1, above=True, hint=RATE_HINT)))]
TerminationRate = Annotated[ByYear[Decimal | str], PlainValidator(by_year(_rate_or_hazard))]
NewHireTerminationRate = Annotated[ByYear[Decimal], PlainValidator(by_year(number(0, 1, below=True, hint=RATE_HINT)))]


class Workforce(Section):
    """How the headcount moves."""

    growth: Growth = Field(
        default=always("0.03"),
        description="Growth of the headcount over a year; share of the opening headcount. Source: the client's figure.",
    )
    termination_rate: TerminationRate = Field(
        default=ByYear(((0, Decimal("0.12")),)),
        description="Experienced employees who leave in a year; share of the opening headcount, which the "
        "exits are solved to; or `hazard`: the hazards alone decide. Source: the client's figure; with 20 % "
        "of hires leaving it is 15.8 % of opening headcount (Mercer 2022: 24.7 %, 2023: 17.3 %).",
    )
    new_hire_termination_rate: NewHireTerminationRate = Field(
        default=always("0.20"),
        description="Hires who leave in the calendar year of their hire; share of the year's hires, below "
        "1. Source: derived from NLSY79 first-year hazards by age at start and a uniform hire date.",
    )
    selection: Literal["exact", "bernoulli"] = Field(
        default="exact",
        description="`exact`: totals are met to the person; `bernoulli`: each exit is a draw of its own and "
        "totals vary. Source: design.",
    )
