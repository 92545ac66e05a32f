"""Tables by age, by completed years of service or by pay: rows with `min` inclusive and `max` exclusive.

Here: the rows, and the rule that they cover the axis once. Not here: which table has which values
(`hazards.py`, `hiring.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Protocol, TypeVar

from pydantic import AfterValidator, Field, PlainValidator

from planwise_assets.study.values import LARGEST_PAY, Multiplier, Row, Share, number, whole

#: Where a band of years without an end ends in the parameter tables (macro `open_end`); in years.
OPEN_END = 999
#: Where a band of pay without an end ends: more than anybody earns; in cents.
OPEN_PAY_END = 9_000_000_000_000
_HIGHEST_END = 120

_end = whole(1, _HIGHEST_END)


def _end_or_open(value: object) -> int | None:
    return None if value is None else _end(value)


_pay_end = number(0, LARGEST_PAY, above=True, places=2)


def _pay_end_or_open(value: object) -> Decimal | None:
    return None if value is None else _pay_end(value)


BandMin = Annotated[int, PlainValidator(whole(0, _HIGHEST_END))]
BandMax = Annotated[int | None, PlainValidator(_end_or_open)]


PayMin = Annotated[Decimal, PlainValidator(number(0, LARGEST_PAY, places=2))]
PayMax = Annotated[Decimal | None, PlainValidator(_pay_end_or_open)]


class MultiplierBand(Row):
    """A hazard ratio for the years from `min` up to, not including, `max`."""

    min: BandMin = Field(description="First age or completed year of service of the band; years.")
    max: BandMax = Field(default=None, description="First year after the band; left out or null: no end.")
    multiplier: Multiplier = Field(description="Hazard ratio against the base; may exceed 1/base.")


class PayBand(Row):
    """A multiplier for the yearly pay from `min` up to, not including, `max`."""

    min: PayMin = Field(description="Lowest pay of the band; dollars a year.")
    max: PayMax = Field(default=None, description="Pay after the band; dollars a year; left out or null: no end.")
    multiplier: Multiplier = Field(description="Multiplier of the value by age.")


class RateBand(Row):
    """A rate or probability for the ages from `min` up to, not including, `max`."""

    min: BandMin = Field(description="First age of the band; years.")
    max: BandMax = Field(default=None, description="First age after the band; left out or null: no end.")
    rate: Share = Field(description="Yearly rate, probability or mean; share.")


class Band(Protocol):
    """What any row of a banded table has."""

    @property
    def min(self) -> int | Decimal:
        """First value of the band."""

    @property
    def max(self) -> int | Decimal | None:
        """First value after the band; None: no end."""


B = TypeVar("B", bound=Band)


def in_sequence(rows: tuple[B, ...]) -> tuple[B, ...]:
    """Check that each row starts where the one before ends.

    Raises:
        ValueError: An empty table, an empty row, a gap or an overlap; the message names the rows.
    """
    if not rows:
        raise ValueError("must have at least one row")
    for index, row in enumerate(rows, start=1):
        if row.max is not None and row.max <= row.min:
            raise ValueError(f"row {index} has max {row.max}, which must be above its min {row.min}")
    for index, (row, following) in enumerate(pairwise(rows), start=1):
        if row.max is None:
            raise ValueError(f"row {index} has no max, which only the last row may leave out")
        if following.min > row.max:
            raise ValueError(f"rows {index} and {index + 1} leave a gap from {row.max} to {following.min}")
        if following.min < row.max:
            raise ValueError(f"rows {index} and {index + 1} overlap or are unordered: the second must start at {row.max}")
    return rows


def whole_axis(rows: tuple[B, ...]) -> tuple[B, ...]:
    """Check that the rows cover everything from 0 on exactly once.

    Raises:
        ValueError: As `in_sequence`, or the table does not start at 0 or has an end.
    """
    in_sequence(rows)
    if rows[0].min != 0:
        raise ValueError(f"must start at 0, and row 1 starts at {rows[0].min}")
    if rows[-1].max is not None:
        raise ValueError(f"must have no end: leave max out of row {len(rows)} (nothing covers {rows[-1].max} and above)")
    return rows


def none_or_whole_axis(rows: tuple[B, ...]) -> tuple[B, ...]:
    """Check a table that may be left out, as `whole_axis` does."""
    return whole_axis(rows) if rows else rows


MultiplierBands = Annotated[tuple[MultiplierBand, ...], AfterValidator(whole_axis)]
RateBands = Annotated[tuple[RateBand, ...], AfterValidator(whole_axis)]
PayBands = Annotated[tuple[PayBand, ...], AfterValidator(whole_axis)]


def ends_of(rows: Sequence[tuple[int | None, str]]) -> list[tuple[int, int | None, Decimal]]:
    """(end, value) pairs as (start, end, value): each band starts where the one before ends."""
    starts = [0, *(end or 0 for end, _ in rows)]
    return [(start, end, Decimal(value)) for start, (end, value) in zip(starts, rows, strict=False)]


def multipliers(*rows: tuple[int | None, str]) -> tuple[MultiplierBand, ...]:
    """Shipped multipliers, written as (end of band, multiplier)."""
    return tuple(MultiplierBand(min=low, max=high, multiplier=value) for low, high, value in ends_of(rows))


def rates(*rows: tuple[int | None, str]) -> tuple[RateBand, ...]:
    """Shipped yearly rates, written as (end of band, rate)."""
    return tuple(RateBand(min=low, max=high, rate=value) for low, high, value in ends_of(rows))


def pay_multipliers(*rows: tuple[int | None, str]) -> tuple[PayBand, ...]:
    """Shipped multipliers by pay, written as (end of band in dollars, multiplier)."""
    return tuple(
        PayBand(min=Decimal(low), max=None if high is None else Decimal(high), multiplier=value)
        for low, high, value in ends_of(rows)
    )
