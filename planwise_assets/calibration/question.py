"""A calibration's question: the targets, and the settings that are free to meet them.

Belongs here: its form, and telling what is wrong in it. Does not: the search (solver.py).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator, ValidationError

from planwise_assets.results.measures import MEASURES
from planwise_assets.study.errors import KeyPath, Problem, StudyError, key_text
from planwise_assets.study.file.changing import (
    can_be_multiplied,
    has_numbers,
    is_table,
    numeric_settings,
    parser_of,
    setting_at,
    takes,
)
from planwise_assets.study.file.document import Document, read_document
from planwise_assets.study.schema import Scenario, SimulationYear, Study
from planwise_assets.study.values import LARGEST_PAY, ByYear, Row, name, number, plain, whole

KIND = "calibration"
#: A share may have six decimals, and so may a factor.
_SMALLEST = Decimal("0.000001")
_figure = number(-LARGEST_PAY * 1_000_000, LARGEST_PAY * 1_000_000, hint="0.75 means 75 %")
_bound = number(-LARGEST_PAY, LARGEST_PAY, hint="0.03 means 3 %")

Figure = Annotated[Decimal, PlainValidator(_figure)]
Bound = Annotated[Decimal, PlainValidator(_bound)]


class QuestionError(ValueError):
    """A question that cannot be asked of this study; the message says why."""


class Free(Row):
    """A setting that may be changed, within bounds."""

    low: Bound = Field(description="The lowest that is tried; in the setting's unit, a factor, or an addition.")
    high: Bound = Field(description="The highest that is tried.")
    change: Literal["value", "times", "add"] = Field(
        default="value",
        description="Whether the bounds are of the value itself, of a factor of it, or of what is added to it.",
    )
    years: Literal["all", "each"] = Field(default="all", description="One change for all years, or one for each year.")


class Question(Row):
    """The targets, and what is free."""

    scenario: Annotated[str | None, PlainValidator(name)] = Field(
        default=None, description="Whose figures count, and whose settings change; the first, and the study's defaults."
    )
    targets: dict[str, dict[SimulationYear, Figure]] = Field(
        min_length=1, description="Figures by name (docs/reference/results.md), each by year; shares as 0.03."
    )
    free: dict[str, Free] = Field(min_length=1, description="Keys of the study file.")
    within: dict[str, Figure] = Field(default={}, description="How near is near enough, by figure; in the figure's unit.")
    rounds: Annotated[int, PlainValidator(whole(1, 50))] = Field(default=12, description="Rounds of trials, at most.")


@dataclass(frozen=True)
class Unknown:
    """One number that the search may choose.

    Attributes:
        key: The setting.
        change: `value`, `times` or `add`.
        year: The only year that it acts in; None: every year.
        low: Its lowest value.
        high: Its highest value.
        start: Where the search begins: what changes nothing, within the bounds.
        step: The smallest difference that the study file can write.
    """

    key: str
    change: str
    year: int | None
    low: Decimal
    high: Decimal
    start: Decimal
    step: Decimal

    @property
    def name(self) -> str:
        """What people call it: the key, and the year that it is of."""
        return f"{self.key} of {self.year}" if self.year else self.key

    def text_of(self, value: Decimal) -> str:
        """A value, a factor or an addition as people read it."""
        return {"value": "", "times": "× ", "add": "+ "}[self.change] + plain(value)


@dataclass(frozen=True)
class Target:
    """A figure to be met.

    Attributes:
        measure: Its name in MEASURES.
        year: Simulation year.
        value: The figure, in the measure's unit.
        within: How near is near enough, in the measure's unit.
        weight: What counts as much as one of another target when not all can be met.
    """

    measure: str
    year: int
    value: float
    within: float
    weight: float

    def is_met(self, figure: float) -> bool:
        """Whether a figure is near enough."""
        return abs(figure - self.value) <= self.within


def read_question(path: Path, study: Study) -> tuple[str, Question, list[Unknown], list[Target]]:
    """The question of a file, held against the study.

    Args:
        path: The file.
        study: The client's study.

    Returns:
        The scenario whose figures count, the question, what may be chosen, and what is to be met.

    Raises:
        StudyError: The file cannot be used; the message names every problem with its line.
    """
    document = read_document(path, KIND)
    problems = list(document.problems)
    try:
        question = Question.model_validate(document.data)
    except ValidationError as error:
        raise StudyError(path, [*problems, *(_told(document, details) for details in error.errors())], KIND) from None

    scenario = question.scenario or next(iter(study.scenarios))
    wrong = list(_wrong(question, study))
    unknowns: list[Unknown] = []
    if scenario in study.scenarios:
        for key, free in question.free.items():
            try:
                unknowns += unknowns_of(key, free, study.scenarios[scenario], study)
            except ValueError as error:
                wrong.append((("free", key), str(error)))
    if problems := problems + [Problem(f"{_where(place)} {message}", document.line(place)) for place, message in wrong]:
        raise StudyError(path, problems, KIND)
    targets = [
        target_of(measure, year, value, question.within.get(measure))
        for measure, by_year in question.targets.items()
        for year, value in by_year.items()
    ]
    return scenario, question, unknowns, targets


def _wrong(question: Question, study: Study) -> Iterator[tuple[KeyPath, str]]:
    """What does not fit the study, by place."""
    if question.scenario and question.scenario not in study.scenarios:
        yield ("scenario",), f"is no scenario of this study; possible: {', '.join(study.scenarios)}"
    years = study.simulation_years
    for measure, by_year in question.targets.items():
        if measure not in MEASURES:
            yield ("targets", measure), f"is no figure; possible: {', '.join(MEASURES)}"
            continue
        for year, value in by_year.items():
            if year not in years:
                yield ("targets", measure, year), f"is not simulated; possible: {years[0]} to {years[-1]}"
            elif MEASURES[measure].unit == "share" and abs(value) > 1:
                yield ("targets", measure, year), f"is a share: 0.75 means 75 % (now {plain(value)})"
    for measure, near in question.within.items():
        if measure not in question.targets:
            yield ("within", measure), "is no target"
        elif near <= 0:
            yield ("within", measure), "must be above 0"


#: Near enough where the question does not say: half of what can be told apart when the figure is read.
_WITHIN, _WITHIN_OF_A_SHARE = 0.5, 0.000_05


def target_of(measure: str, year: int, value: Decimal, near: Decimal | None) -> Target:
    """A figure to be met.

    Args:
        measure: Its name in MEASURES.
        year: The year.
        value: What it is to be.
        near: How near is near enough; None: as near as can be told apart.
    """
    unit = MEASURES[measure].unit
    figure = float(value)
    within = float(near) if near else _WITHIN_OF_A_SHARE if unit == "share" else _WITHIN
    # A tenth of a per cent of a sum weighs what a tenth of a point of a share does.
    weight = within if near else 0.001 if unit == "share" else max(abs(figure) * 0.001, within)
    return Target(measure, year, figure, within, weight)


def unknowns_of(key: str, free: Free, scenario: Scenario, study: Study) -> list[Unknown]:
    """What may be chosen of a setting: one number, or one a year.

    Args:
        key: The setting.
        free: What may be done with it.
        scenario: Whose setting.
        study: The client's study.

    Raises:
        ValueError: It cannot be changed so; the message says what is wrong, without the key.
    """
    value = setting_at(scenario, key)
    if value is None:
        raise ValueError(f"is not a setting of a scenario that has a value{_meant(key, scenario)}")
    if not has_numbers(value):
        raise ValueError("has no number to change")
    if free.low >= free.high:
        raise ValueError(f"must have a low below its high (now {free.low:f} and {free.high:f})")
    if is_table(value):
        if free.change != "times" or not can_be_multiplied(value):
            raise ValueError("is a table: only its rates can be changed, all by one factor (change: times)")
        if free.years == "each":
            raise ValueError("is a table, which is the same in all years (leave out years)")
    if free.change == "times" and free.low < 0:
        raise ValueError("must have no factor below 0")
    if free.years == "each" and not isinstance(value, ByYear):
        raise ValueError("is the same in all years (leave out years)")
    years: list[int | None] = list(study.simulation_years) if free.years == "each" else [None]
    return [_unknown(key, free, scenario, year) for year in years]


def _meant(key: str, scenario: Scenario) -> str:
    numeric = list(numeric_settings(scenario))
    # Many write the last word of a key alone.
    same_end = [one for one in numeric if one.rpartition(".")[2] == key]
    close = same_end or difflib.get_close_matches(key, numeric, n=2, cutoff=0.5)
    return f"; did you mean {' or '.join(close[:2])}?" if close else " (docs/reference/study-file.md)"


def _unknown(key: str, free: Free, scenario: Scenario, year: int | None) -> Unknown:
    value: Any = setting_at(scenario, key)
    start, step = Decimal(1) if free.change == "times" else Decimal(0), _SMALLEST
    if free.change == "value":
        read = parser_of(scenario, key)
        for bound in (free.low, free.high):
            read(_number(bound))
        start = Decimal(value.at(year or value.steps[0][0]) if isinstance(value, ByYear) else value)
        step = next(step for step in _STEPS if takes(read, _number(free.low + step)))
    return Unknown(key, free.change, year, free.low, free.high, min(max(start, free.low), free.high), step)


#: From the finest difference that a setting can have to whole numbers.
_STEPS = (_SMALLEST, Decimal("0.0001"), Decimal("0.01"), Decimal(1))


def _number(value: Decimal) -> int | Decimal:
    return int(value) if value == int(value) else value


def _told(document: Document, details: Mapping[str, Any]) -> Problem:
    place = tuple(part for part in details["loc"] if part != "[key]")
    kind = details["type"]
    message = {
        "missing": "is missing; add it",
        "extra_forbidden": "is not known here; possible: scenario, targets, free, within, rounds; under a free setting low, "
        "high, change, years",
        "too_short": "must name at least one",
    }.get(kind)
    if message is None:
        message = str(details["ctx"]["error"]) if kind == "value_error" else _SHAPES.get(place[:1], details["msg"])
    return Problem(f"{_where(place)} {message}", document.line(place))


def _where(place: KeyPath) -> str:
    """`targets.headcount in 2026`: the only numbers in places here are years."""
    words = key_text(tuple(part for part in place if isinstance(part, str)))
    return words + "".join(f" in {part}" for part in place if isinstance(part, int))


_SHAPES = {
    ("targets",): "must be figures by year, such as {average_pay: {2026: 84250}}",
    ("free",): "must have low and high, such as {compensation.cola: {low: 0, high: 0.05}}; change: value, times or add; "
    "years: all or each",
    ("within",): "must be one number a figure, such as {average_pay: 10}",
}
