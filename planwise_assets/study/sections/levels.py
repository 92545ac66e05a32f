"""Section `levels`: the job levels, their pay bands, and what depends on the level.

A setting given for the whole section holds for every level that does not give its own.

Here: bands, merit rate, promotion raise, where hires stand in the band. Not here: when raises come
(`compensation.py`), who is promoted (`hazards.py`), how many hires a level gets (`hiring.py`).
"""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, Field

from planwise_assets.study.values import Label, LevelId, Money, Row, Section, YearlyShare, always


class Level(Row):
    """One job level. The four rates, left out, are those of the section."""

    level_id: LevelId = Field(description="Number of the level; rises with pay. A promotion goes to the next row.")
    name: Label = Field(description="What people call the level.")
    min_pay: Money = Field(description="Lowest yearly pay of the band in the first simulation year; dollars.")
    max_pay: Money = Field(description="End of the band in the first simulation year, itself outside it; dollars a year.")
    merit_rate: YearlyShare | None = Field(default=None, description="This level's own merit raise.")
    promotion_raise_min: YearlyShare | None = Field(default=None, description="Own lowest raise out of the level.")
    promotion_raise_max: YearlyShare | None = Field(default=None, description="Own highest raise out of the level.")
    hire_percentile: YearlyShare | None = Field(default=None, description="Own mean place of hires in the band.")
    hire_percentile_spread: YearlyShare | None = Field(default=None, description="Own spread of that place.")


def _ordered(levels: tuple[Level, ...]) -> tuple[Level, ...]:
    """Check that the levels rise in number and in pay, without overlap (a gap is allowed)."""
    if not levels:
        raise ValueError("must have at least one level")
    for index, level in enumerate(levels, start=1):
        if level.min_pay >= level.max_pay:
            raise ValueError(f"row {index} has min_pay {level.min_pay}, which must be below max_pay {level.max_pay}")
    for index, (lower, upper) in enumerate(pairwise(levels), start=2):
        if upper.level_id <= lower.level_id:
            raise ValueError(
                f"row {index} has level_id {upper.level_id}: ids must be unique and rise from row to row "
                f"(row {index - 1} has {lower.level_id})"
            )
        if upper.min_pay < lower.max_pay:
            raise ValueError(f"row {index} overlaps row {index - 1}: min_pay {upper.min_pay} is below {lower.max_pay}")
    return levels


def _shipped(level_id: int, name: str, min_pay: int, max_pay: int) -> Level:
    return Level(level_id=level_id, name=name, min_pay=Decimal(min_pay), max_pay=Decimal(max_pay))


class Levels(Section):
    """The job levels."""

    uprating: YearlyShare = Field(
        default=always("0.03"),
        description="Yearly rise of every pay band, from the second simulation year on; share. Source: NM "
        "ERB wage inflation 3.0 %; AWI +4.84 % in 2024.",
    )
    merit_rate: YearlyShare = Field(
        default=always("0.032"),
        description="Merit raise a year; share of pay. Source: Mercer and WorldatWork, 2025 actual, 2026 projected.",
    )
    promotion_raise_min: YearlyShare = Field(
        default=always("0.05"),
        description="Lowest raise at promotion (uniform up to the highest); share of pay. Source: spread "
        "judgement, round the mean of 8.7 % (Mercer, October 2025).",
    )
    promotion_raise_max: YearlyShare = Field(
        default=always("0.124"),
        description="Highest raise at promotion; share of pay. Source: as the lowest.",
    )
    hire_percentile: YearlyShare = Field(
        default=always("0.40"),
        description="Mean place of a hire's pay in the band: 0 its lowest, 1 its highest. Source: judgement.",
    )
    hire_percentile_spread: YearlyShare = Field(
        default=always("0.15"),
        description="Uniform spread round that place, either way, inside the band. Source: judgement.",
    )
    bands: Annotated[tuple[Level, ...], AfterValidator(_ordered)] = Field(
        default=(
            _shipped(1, "Staff", 30_000, 65_000),
            _shipped(2, "Professional", 65_000, 100_000),
            _shipped(3, "Manager", 100_000, 150_000),
            _shipped(4, "Director", 150_000, 250_000),
            _shipped(5, "Executive", 250_000, 600_000),
        ),
        description="The levels, lowest first. A pay in no band belongs to the nearest. Source: judgement; "
        "bands of a 60/25/10/4/1 pyramid.",
    )

    @property
    def ids(self) -> tuple[int, ...]:
        """The level ids, lowest first."""
        return tuple(level.level_id for level in self.bands)

    def merit_rate_of(self, level: Level, year: int) -> Decimal:
        """The level's merit rate in a year."""
        return (level.merit_rate or self.merit_rate).at(year)

    def promotion_raise_of(self, level: Level, year: int) -> tuple[Decimal, Decimal]:
        """The lowest and the highest raise at a promotion out of the level in a year."""
        low = level.promotion_raise_min or self.promotion_raise_min
        high = level.promotion_raise_max or self.promotion_raise_max
        return low.at(year), high.at(year)

    def hire_place_of(self, level: Level, year: int) -> tuple[Decimal, Decimal]:
        """Mean and spread of the place of the level's hires in its band in a year."""
        mean = level.hire_percentile or self.hire_percentile
        spread = level.hire_percentile_spread or self.hire_percentile_spread
        return mean.at(year), spread.at(year)
