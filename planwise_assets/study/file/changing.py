"""A scenario with some of its settings changed, as a study file would write it.

Belongs here: finding a setting by its key, its new value, the content of the file. Does not: which values are tried and why
(sensitivity/, calibration/), reading YAML (document.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, PlainValidator

from planwise_assets.study.file.document import Document
from planwise_assets.study.file.inheritance import is_section, merge
from planwise_assets.study.schema import Scenario
from planwise_assets.study.values import ByYear, Words, plain

#: What a row of a table has, of which a multiple can be made.
MULTIPLIED = ("rate", "multiplier")
#: What a study made for trials has not, or has of its own.
_OWN = {"title", "description", "census", "defaults", "scenarios", "seeds", "groups"}

Content = dict[str | int, object]


def setting_at(scenario: Scenario, key: str) -> object:
    """The setting of a key such as `compensation.cola`; None where there is none, or a section."""
    found: Any = scenario
    for part in key.split("."):
        if not isinstance(found, BaseModel) or part not in type(found).model_fields:
            return None
        found = getattr(found, part)
    return None if isinstance(found, BaseModel) else found


def parser_of(scenario: Scenario, key: str) -> Callable[[object], object]:
    """What reads the setting of a key: gives the value, or raises ValueError with what is allowed."""
    *sections, last = key.split(".")
    found: Any = scenario
    for part in sections:
        found = getattr(found, part)
    readers = [data for data in type(found).model_fields[last].metadata if isinstance(data, PlainValidator)]
    return readers[0].func if readers else lambda value: value  # type: ignore[return-value]


def is_table(value: object) -> bool:
    """Whether a setting is a list of rows."""
    return isinstance(value, tuple) and bool(value) and isinstance(value[0], BaseModel)


def is_number(value: object) -> bool:
    """Whether a setting is one number."""
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def has_numbers(value: object) -> bool:
    """Whether a setting is a number, a number in each year, or rows."""
    if isinstance(value, ByYear):
        return all(is_number(item) for _, item in value.steps)
    return is_number(value) or is_table(value)


def numeric_settings(section: BaseModel, above: str = "") -> Iterator[str]:
    """The keys of a scenario, or of a section below `above`, that hold a number, a number by year or rows."""
    for name in type(section).model_fields:
        value, key = getattr(section, name), f"{above}{name}"
        if isinstance(value, BaseModel):
            yield from numeric_settings(value, f"{key}.")
        elif has_numbers(value):
            yield key


def as_it_is(value: object) -> str:
    """A setting with numbers as people read it: its value, or that it is a table."""
    return "its rows" if is_table(value) else plain(value)


def can_be_multiplied(value: object) -> bool:
    """Whether a setting has numbers, and each of its rows one of MULTIPLIED."""
    if not is_table(value):
        return has_numbers(value)
    return all(any(column in type(row).model_fields for column in MULTIPLIED) for row in value)  # type: ignore[attr-defined]


def changed(scenario: Scenario, key: str, change: Callable[[Any], int | Decimal]) -> object:
    """A setting with each of its numbers changed, as the study file has it.

    Args:
        scenario: The scenario.
        key: The setting: a number, a number by year, or rows, of which what is in MULTIPLIED is changed.
        change: From the number that is there to the exact new one.
    """
    value = setting_at(scenario, key)
    if isinstance(value, tuple):
        return [
            {
                column: as_written(change(item)) if column in MULTIPLIED else item
                for column, item in row.model_dump(exclude_none=True).items()
            }
            for row in value
        ]
    read = parser_of(scenario, key)
    if isinstance(value, ByYear):
        steps = {year: as_written(change(item), read) for year, item in value.steps}
        return steps.get(0, steps)
    return as_written(change(value), read)


def as_written(number: int | Decimal, read: Callable[[object], object] | None = None) -> int | Decimal:
    """A number with as many decimals as its setting may have: six of a share, two of dollars, none of days.

    Args:
        number: Exact, or nearly.
        read: The setting's reader (`parser_of`); None: a rate.
    """
    if isinstance(number, int):
        return number
    rounded = [number.quantize(Decimal(1).scaleb(-places)) for places in (6, 2, 0)]
    forms: list[int | Decimal] = [*rounded, int(rounded[-1])]
    return next((form for form in forms if read is None or takes(read, form)), rounded[0])


def takes(read: Callable[[object], object], value: object) -> bool:
    """Whether a setting's reader takes a value."""
    try:
        read(value)
    except ValueError:
        return False
    return True


def written_settings(document: Document, scenario: str) -> Content:
    """A scenario's settings as the file has them, the study's defaults under its own."""
    defaults, scenarios = document.data.get("defaults"), document.data.get("scenarios")
    own = scenarios.get(scenario) if isinstance(scenarios, dict) else None
    merged = merge(defaults if is_section(defaults) else {}, own)
    return {key: value for key, value in merged.items() if key not in Words.model_fields} if is_section(merged) else {}


def with_settings(written: Content, values: Mapping[str, object]) -> Content:
    """A scenario's settings with others, by key, in their place."""
    for key, value in values.items():
        nested = value
        for part in reversed(key.split(".")):
            nested = {part: nested}
        merged = merge(written, nested)
        written = merged if is_section(merged) else written
    return written


def for_trials(document: Document, census: object, seeds: Sequence[int], scenarios: Mapping[str, object]) -> Content:
    """The content of a study like the client's, with scenarios and seeds of its own.

    Args:
        document: The client's study file.
        census: The census, by its absolute path.
        seeds: The seeds of all worlds.
        scenarios: Settings by the scenario's name.
    """
    base = {key: value for key, value in document.data.items() if key not in _OWN}
    return {**base, "census": str(census), "seeds": list(seeds), "scenarios": dict(scenarios)}


def exact(value: Any) -> Any:
    """A value that YAML writes as the study file's reader reads it: at most six decimals, which a double holds."""
    if isinstance(value, dict):
        return {key: exact(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [exact(item) for item in value]
    return float(value) if isinstance(value, Decimal) else value
