"""What a value of the study file may be: numbers, whole numbers, names, and values by year.

Belongs here: parsing one value, exactly (Decimal, never through a binary float), and the base classes of every section. Does
not: which setting takes which value (the section modules), rules between settings (`rules.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, model_validator

from planwise_assets.study.errors import KeyPath

FIRST_POSSIBLE_YEAR = 1990
LAST_POSSIBLE_YEAR = 2200
# Largest yearly pay in dollars. Cents x millionths x 366 days then still fit a 64-bit integer.
LARGEST_PAY = Decimal(50_000_000)
MILLION = 1_000_000

T = TypeVar("T")


class Row(BaseModel):
    """One row of a table: unknown keys are errors, and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Section(Row):
    """A group of settings. A section that is written but left empty keeps its defaults."""

    @model_validator(mode="before")
    @classmethod
    def _empty_means_defaults(cls, value: object) -> object:
        return {} if value is None else value


@dataclass(frozen=True)
class ByYear(Generic[T]):
    """A value for every year: each step holds from its year on, until the next step.

    Attributes:
        steps: (first year, value), in year order. A value for all years has one step, from year 0.
    """

    steps: tuple[tuple[int, T], ...]

    def at(self, year: int) -> T:
        """The value in force in a year.

        Raises:
            LookupError: The first step is later than the year. A loaded study has none such (`rules.py`).
        """
        in_force = [value for first, value in self.steps if first <= year]
        if not in_force:
            raise LookupError(f"no value for {year}: the first is for {self.steps[0][0]}")
        return in_force[-1]


def always(value: str | int) -> ByYear[Decimal]:
    """The same number in every year. Text, so that a default is written exactly."""
    return ByYear(((0, Decimal(value)),))


def constant(value: T) -> ByYear[T]:
    """The same value in every year."""
    return ByYear(((0, value),))


def number(
    low: int | Decimal,
    high: int | Decimal,
    *,
    above: bool = False,
    below: bool = False,
    places: int = 6,
    hint: str = "",
) -> Callable[[object], Decimal]:
    """A parser of exact numbers.

    Args:
        low: Smallest value.
        high: Largest value.
        above: The value must be above `low`, not equal to it.
        below: The value must be below `high`, not equal to it.
        places: Decimals that the value may have.
        hint: An addition to the error message.

    Returns:
        A function that gives the Decimal, or raises ValueError with what is allowed.
    """
    start = f"above {low:,}" if above else f"from {low:,}"
    end = f"below {high:,}" if below else f"at most {high:,}" if above else f"{high:,}"
    between = f"{start} {'and' if above else 'to'} {end}"
    allowed = f"must be a number {between}, with at most {places} decimals{f' ({hint})' if hint else ''}"

    def parse(value: object) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            raise ValueError(allowed)
        exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        if not exact.is_finite() or not low <= exact <= high:
            raise ValueError(allowed)
        if (above and exact == low) or (below and exact == high):
            raise ValueError(allowed)
        rounded = exact.quantize(Decimal(1).scaleb(-places))
        if rounded != exact:
            raise ValueError(allowed)
        return rounded

    return parse


def whole(low: int, high: int) -> Callable[[object], int]:
    """A parser of whole numbers from `low` to `high`."""
    # Four digits may be a year, which has no comma.
    allowed = f"must be a whole number from {low} to {f'{high:,}' if high > 9999 else high}"

    def parse(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(allowed)
        return value

    return parse


def by_year(parse: Callable[[object], T]) -> Callable[[object], ByYear[T]]:
    """A parser of settings that take one value, or a mapping of years to values."""
    year_of = whole(FIRST_POSSIBLE_YEAR, LAST_POSSIBLE_YEAR)

    def parse_by_year(value: object) -> ByYear[T]:
        if isinstance(value, ByYear):
            return value
        if not isinstance(value, Mapping):
            return ByYear(((0, parse(value)),))
        if not value:
            raise ValueError("must be a value, or values by year such as {2025: 0.03, 2027: 0.02}")
        steps = []
        for year, item in value.items():
            try:
                steps.append((year_of(year), parse(item)))
            except ValueError as error:
                raise ValueError(f"by year, entry '{year}: {item}': {error}") from None
        return ByYear(tuple(sorted(steps, key=lambda step: step[0])))

    return parse_by_year


RATE_HINT = "0.03 means 3 %"
share = number(0, 1, hint=RATE_HINT)
money = number(0, LARGEST_PAY, places=2)

_NAME = re.compile(r"[a-z][a-z0-9_]{0,47}")


def name(value: object) -> str:
    """A name of a study or a scenario; it becomes the name of a folder.

    Raises:
        ValueError: It is no text of 1 to 48 lower-case letters, digits and `_`, a letter first.
    """
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise ValueError("must be a name of at most 48 characters: lower-case letters, digits and _, a letter first")
    return value


def label(value: object) -> str:
    """A text that people read, such as the name of a job level.

    Raises:
        ValueError: It is no text, empty, or longer than 80 characters.
    """
    return _text(value, 80)


def paragraph(value: object) -> str:
    """A few sentences that people read; lines of the file run on.

    Raises:
        ValueError: It is no text, empty, or longer than 400 characters.
    """
    return _text(value, 400)


def _text(value: object, most: int) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > most:
        raise ValueError(f"must be a text of 1 to {most} characters (put it in quotes)")
    return " ".join(value.split())


def flag(value: object) -> bool:
    """A yes or no.

    Raises:
        ValueError: It is anything else, such as 0 or 1.
    """
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def day(value: object) -> date:
    """A day of the calendar.

    Raises:
        ValueError: It is no day, or is written in a way other than ISO 8601's.
    """
    try:
        return date.fromisoformat(value.isoformat() if isinstance(value, date) else value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise ValueError("must be a day written YYYY-MM-DD") from None


Name = Annotated[str, PlainValidator(name)]
Label = Annotated[str, PlainValidator(label)]
Paragraph = Annotated[str, PlainValidator(paragraph)]
Share = Annotated[Decimal, PlainValidator(share)]
Money = Annotated[Decimal, PlainValidator(money)]
LevelId = Annotated[int, PlainValidator(whole(1, 998))]
# DECIMAL(9,6) in the models holds up to 999.
Multiplier = Annotated[Decimal, PlainValidator(number(0, 999))]
Weight = Annotated[Decimal, PlainValidator(number(0, MILLION))]
Day = Annotated[date, PlainValidator(day)]
YearlyFlag = Annotated[ByYear[bool], PlainValidator(by_year(flag))]
YearlyShare = Annotated[ByYear[Decimal], PlainValidator(by_year(share))]
YearlyMoney = Annotated[ByYear[Decimal], PlainValidator(by_year(money))]


class Words(Section):
    """What people call something, and what it is about. No result depends on it."""

    title: Label | None = Field(default=None, description="What people call it, on the report and in the workbook.")
    description: Paragraph | None = Field(default=None, description="One to three sentences of your own about it.")


def leaves(value: object, path: KeyPath = ()) -> Iterator[tuple[KeyPath, object]]:
    """Every setting under a model that has a value, with its key path, in the order of the fields."""
    if isinstance(value, BaseModel):
        for field in type(value).model_fields:
            yield from leaves(getattr(value, field), (*path, field))
    elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
        for index, row in enumerate(value):
            yield from leaves(row, (*path, index))
    elif isinstance(value, dict) and any(isinstance(item, BaseModel) for item in value.values()):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif value is not None:
        yield path, value


def settings_of(scenario: Section) -> Iterator[tuple[KeyPath, object]]:
    """The settings of a scenario: its leaves but for the words about it, which change no result."""
    return ((path, value) for path, value in leaves(scenario) if path[0] not in Words.model_fields)


def plain(value: object) -> str:
    """A setting as text: `0.03`, `hold`, `0.03 from 2025, 0.02 from 2027`, `2: 0.1, 3: 0.9`."""
    if isinstance(value, ByYear):
        if len(value.steps) == 1 and value.steps[0][0] == 0:
            return plain(value.steps[0][1])
        return ", ".join(f"{plain(item)} from {year}" for year, item in value.steps)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {plain(item)}" for key, item in value.items()) or "none"
    if isinstance(value, tuple):
        return ", ".join(plain(item) for item in value) or "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def millionths(value: Decimal) -> int:
    """A rate of at most six decimals as a whole number of millionths; exact."""
    return int(value * MILLION)


def cents(value: Decimal) -> int:
    """Dollars of at most two decimals as a whole number of cents; exact."""
    return int(value * 100)
