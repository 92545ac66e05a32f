"""The list of assumptions: the shipped one, and what a person's own file changes in it.

Belongs here: the form of the list, and telling what is wrong in it. Does not: what becomes of a scenario (worlds.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, PlainValidator, ValidationError, model_validator

from planwise_assets.study.errors import Problem, StudyError, key_text
from planwise_assets.study.file.document import Document, read_document
from planwise_assets.study.values import Row, label, number, paragraph

SHIPPED = Path(__file__).with_name("assumptions.yaml")
KIND = "list of assumptions"
#: With what follows it a scenario's name stays within its 48 characters.
_LONGEST_NAME = 40

_amount = number(-1000, 1000)
_factor = number(0, 1000)


def _settings(value: object) -> tuple[str, ...]:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list | tuple) or not listed or not all(isinstance(key, str) and key for key in listed):
        raise ValueError("must be a key of the study file such as compensation.cola, or a list of such keys")
    return tuple(listed)


class End(Row):
    """The low or the high value of an assumption."""

    value: Any = Field(default=None, description="The setting's value, as the study file has it.")
    add: Annotated[Decimal | None, PlainValidator(_amount)] = Field(
        default=None, description="What is added to the scenario's own number; in the setting's unit."
    )
    times: Annotated[Decimal | None, PlainValidator(_factor)] = Field(
        default=None, description="What the scenario's own number, or each row's, is multiplied by."
    )
    source: Annotated[str, PlainValidator(paragraph)] = Field(description="Where the value comes from; judgement is said.")

    @model_validator(mode="after")
    def _one_of_three(self) -> End:
        if sum(given is not None for given in (self.value, self.add, self.times)) != 1:
            raise ValueError("must have one of value, add and times")
        return self


class Range(Row):
    """One assumption."""

    what: Annotated[str, PlainValidator(label)] = Field(description="What people call it.")
    setting: Annotated[tuple[str, ...], PlainValidator(_settings)] = Field(
        description="Keys; the first with numbers counts."
    )
    low: End
    high: End


def _named(ranges: dict[str, Range | None]) -> dict[str, Range | None]:
    for name in ranges:
        if not name.isidentifier() or name != name.lower() or len(name) > _LONGEST_NAME:
            raise ValueError(
                f"names {name!r}: a name is at most {_LONGEST_NAME} lower-case letters, digits and _, a letter first"
            )
    return ranges


class _Ranges(Row):
    ranges: Annotated[dict[str, Range | None], AfterValidator(_named)]


def read_ranges(own: Path | None = None) -> tuple[dict[str, Range], frozenset[str]]:
    """The assumptions by name, a person's own in the place of the shipped ones of the same name.

    Args:
        own: A person's file; None: the shipped list alone.

    Returns:
        The assumptions in order, and the names of those that are the person's.

    Raises:
        StudyError: The file cannot be used; the message has the line.
    """
    shipped, given = _read(SHIPPED), _read(own) if own else {}
    merged = {**shipped, **given}
    return {name: one for name, one in merged.items() if one}, frozenset(given)


def _read(file: Path) -> dict[str, Range | None]:
    document = read_document(file, KIND)
    problems = list(document.problems)
    try:
        found = _Ranges.model_validate({"ranges": document.data}).ranges
    except ValidationError as error:
        problems += [_problem(document, details) for details in error.errors()]
    if problems:
        raise StudyError(file, problems, KIND)
    return found


def _problem(document: Document, details: Mapping[str, Any]) -> Problem:
    place = details["loc"][1:]
    kind = details["type"]
    if kind == "missing":
        message = "is missing; add it"
    elif kind == "extra_forbidden":
        message = "is not known here; possible: what, setting, low, high; under low and high value, add, times, source"
    elif kind == "value_error":
        message = str(details["ctx"]["error"])
    else:
        message = "must be a mapping with what, setting, low and high"
    return Problem(f"{key_text(place)} {message}".strip(), document.line(place))
