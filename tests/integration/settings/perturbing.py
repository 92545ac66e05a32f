"""How settings are walked out of the schema and perturbed, each by itself.

Here: the tools. Not here: which setting is perturbed how (`workforce.py`, `plan.py`), and what then differs.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from pydantic import BaseModel

from planwise_assets.study.schema import Scenario
from planwise_assets.study.values import ByYear, Words

Path_ = tuple[str | int, ...]
Document = dict[str, Any]


class CannotChangeError(Exception):
    """A rule of the study leaves this setting no other value by itself."""


# How a setting is perturbed: a function of (document, path) that gives documents, each with one change.

Step = Callable[[Document, Path_], list[Document]]


def at(document: Document, path: Path_) -> Any:
    value: Any = document
    for part in path:
        value = value[part]
    return value


def changed(document: Document, path: Path_, value: object) -> Document:
    other = copy.deepcopy(document)
    at(other, path[:-1])[path[-1]] = value
    return other


def to(*values: object) -> Step:
    return lambda document, path: [changed(document, path, value) for value in values]


def by(step: Callable[[Any], Any]) -> Step:
    return lambda document, path: [changed(document, path, round(step(at(document, path)), 6))]


def own(value: float) -> Step:
    """A level's own rate, which the baseline leaves to the section."""

    def step(document: Document, path: Path_) -> list[Document]:
        assert path[-1] not in at(document, path[:-1])
        return [changed(document, path, value)]

    return step


def boundary(years: int, *, whole_axis: bool = True) -> Step:
    """Moves where one band ends and the next begins, as the rule of no gaps wants both."""

    def step(document: Document, path: Path_) -> list[Document]:
        *table, row, end = path
        rows = at(document, tuple(table))
        neighbour, other_end = (int(row) - 1, "max") if end == "min" else (int(row) + 1, "min")
        if whole_axis and end not in rows[int(row)]:
            raise CannotChangeError("the last band has no end")
        if whole_axis and neighbour < 0:
            raise CannotChangeError("the first band starts at 0")
        moved = changed(document, path, rows[int(row)][end] + years)
        if 0 <= neighbour < len(rows):
            moved = changed(moved, (*table, neighbour, other_end), rows[int(row)][end] + years)
        return [moved]

    return step


NAME = "a name"
FIRST, SECOND = "first", "second"


class Setting(NamedTuple):
    """How a setting is perturbed, and on which facts it may act.

    Attributes:
        steps: The perturbations, or `NAME` for what is only shown.
        acts_on: Facts, of which one at least must differ.
        baseline: In which baseline it is perturbed: one where what it is about happens.
        acts_in: `FIRST`: in the year from which it is given; `SECOND`: only in the second year.
        by_year: Whether it is also tried from the second year on, where it may be given by year.
    """

    steps: Step | str
    acts_on: set[str]
    baseline: str = "baseline"
    acts_in: str = "first"
    by_year: bool = True


class Part(NamedTuple):
    """Settings with the baselines that they are perturbed in, over two years."""

    settings: dict[str, Setting]
    baselines: dict[str, Document]
    years: tuple[int, int]


class Case(NamedTuple):
    """One perturbation.

    Attributes:
        label: Path of the setting, and which of its perturbations this is.
        setting: Its key in the lines.
        scenario_id: Name of the scenario that does it.
        baseline: The baseline that it is held against.
        scenario: What the scenario says.
        acts_in: The year in which it must first act.
    """

    label: str
    setting: str
    scenario_id: str
    baseline: str
    scenario: Document
    acts_in: int


def cases(part: Part) -> Iterator[Case]:
    """Every perturbation of a part; a value that may be given by year also from the second year on."""
    number = 0
    for baseline, document in part.baselines.items():
        model = Scenario.model_validate(document)
        full = written(model)
        for path, value in walked(model):
            setting = part.settings.get(pattern(path))
            if setting is None or setting.baseline != baseline or isinstance(setting.steps, str):
                continue
            try:
                others = setting.steps(full, path)
            except CannotChangeError:
                continue
            for position, other in enumerate(others, start=1):
                change = overrides(full, other)
                label = ".".join(map(str, path)) + (f"/{position}" if len(others) > 1 else "")
                first, second = part.years
                tries = [(label, change, first if setting.acts_in == FIRST else second)]
                if setting.by_year and (isinstance(value, ByYear) or value == {}):
                    tries.append((f"{label} from {second}", later(full, change, part.years), second))
                for name, scenario, acts_in in tries:
                    number += 1
                    yield Case(name, pattern(path), f"s{number}", baseline, merged(document, scenario), acts_in)


def walked(value: object, path: Path_ = ()) -> Iterator[tuple[Path_, object]]:
    """Every setting under a model, with its path: as `leaves`, and those left empty too; but for the words of a scenario."""
    if isinstance(value, BaseModel):
        words = Words.model_fields if isinstance(value, Words) else ()
        for name in (name for name in type(value).model_fields if name not in words):
            yield from walked(getattr(value, name), (*path, name))
    elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
        for index, row in enumerate(value):
            yield from walked(row, (*path, index))
    else:
        yield path, value


def written(value: object) -> Any:
    """A model as a study file would give it; what is empty is left out."""
    if isinstance(value, BaseModel):
        items = ((name, getattr(value, name)) for name in type(value).model_fields)
        return {name: written(item) for name, item in items if item is not None}
    if isinstance(value, ByYear):
        ((_, item),) = value.steps
        return written(item)
    if isinstance(value, Mapping):
        return {key: written(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [written(item) for item in value]
    return float(value) if isinstance(value, Decimal) else value


def pattern(path: Path_) -> str:
    return "".join("[]" if isinstance(part, int) else f".{part}" for part in path)[1:]


def overrides(base: Any, other: Any) -> Any:
    """What a scenario writes to become `other`: mappings key by key, everything else whole."""
    if not isinstance(other, dict) or not isinstance(base, dict) or any(isinstance(key, int) for key in other):
        return other
    return {key: overrides(base.get(key), value) for key, value in other.items() if base.get(key) != value}


def later(base: Any, other: Any, years: tuple[int, int]) -> Any:
    """The same change from the second year on: by year instead of for all years; of the second where each has its own."""
    first, second = years
    if isinstance(other, dict) and set(other) == {first}:
        return {second: other[first]}
    if isinstance(other, dict):
        return {key: later(base[key], value, years) for key, value in other.items()}
    return {first: base, second: other}


def merged(base: Any, change: Any) -> Any:
    if not isinstance(change, dict) or not isinstance(base, dict) or any(isinstance(key, int) for key in change):
        return change
    return {**base, **{key: merged(base.get(key), value) for key, value in change.items()}}
