"""The reference of the study file, written from the schema: docs/reference/study-file.md is this page.

Belongs here: walking the schema and writing Markdown. Does not: the settings and their descriptions (the section modules).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from planwise_assets.study.file.inheritance import is_section
from planwise_assets.study.schema import PROFILES, Resources, Scenario, Study, Years
from planwise_assets.study.values import ByYear, Section, Words, plain

_INTRODUCTION = """\
# The study file

Made by `planwise config reference` from the schema; do not edit. A study is one YAML file. `planwise config explain` prints
what is in force in yours, and where each value came from.

- Unknown keys are refused, with the closest key that exists. Numbers are read exactly: `0.29` is 0.29. Rates are shares:
  `0.03` is 3 %.
- **by year**: one value for all years, or values by year that are carried forward, such as `{2025: 0.03, 2027: 0.02}`.
- A scenario is the shipped defaults, then the study's `defaults:`, then its own settings. Sections are merged key by key;
  lists and values by year are replaced whole.
"""


def reference_page() -> str:
    """The page."""
    parts = [_INTRODUCTION, "## The top of the file\n", _table(_top_level())]
    for section, model in (("years", Years), ("resources", Resources)):
        parts += [f"## `{section}`\n", _table(_settings(model, ""))]
    profiles = "; ".join(f"`{name}`: {plain(budget)}" for name, budget in PROFILES.items() if budget)
    parts.append(f"Profiles other than `default`: {profiles}.\n")
    parts += ["## Words of a scenario\n\nUnder its name; they change no result.\n", _table(_settings(Words, ""))]
    parts.append("## Sections of a scenario\n\nEach may stand under `defaults:` and under a scenario's name.\n")
    for name, field in Scenario.model_fields.items():
        if name in Words.model_fields:
            continue
        parts += [f"### `{name}`\n\n{field.description}\n", *_section(field.annotation, name)]
    return "\n".join(parts).rstrip() + "\n"


def _section(annotation: object, path: str) -> Iterator[str]:
    """The table of a section, then those of the rows of its lists and of the sections in it."""
    (model,) = _models(annotation)
    own = [(name, field) for name, field in model.model_fields.items() if not _subsection(field)]
    if own:
        yield _table(_settings(model, ""))
    for name, field in own:
        for row in _models(field.annotation):
            yield f"Rows of `{path}.{name}`:\n"
            yield _table(_settings(row, ""))
    for name, field in model.model_fields.items():
        if _subsection(field):
            yield f"#### `{path}.{name}`\n\n{field.description or ''}\n"
            yield from _section(field.annotation, f"{path}.{name}")


def _top_level() -> Iterator[tuple[str, str, str]]:
    for name, field in Study.model_fields.items():
        yield _row(name, field)
        if name == "census_reject_limit":
            yield "`defaults`", "-", "Settings of every scenario that differ from the shipped ones."


def _settings(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, str, str]]:
    for name, field in model.model_fields.items():
        if not _subsection(field):
            yield _row(f"{prefix}{name}", field)


def _row(name: str, field: FieldInfo) -> tuple[str, str, str]:
    words = [repr(word).replace("'", "`") for word in _words(field.annotation)]
    kind = " By year." if _is_by_year(field) else ""
    choice = f" One of {', '.join(words)}." if words else ""
    return f"`{name}`", _default(field), f"{field.description or ''}{choice}{kind}"


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is PydanticUndefined:
        return "required"
    if value is None:
        return "-"
    if isinstance(value, BaseModel):
        return "see below"
    if isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
        rows = ", ".join("{" + ", ".join(f"{key}: {plain(item)}" for key, item in _given(row)) + "}" for row in value)
        return f"`[{rows}]`"
    return f"`{plain(value)}`"


def _given(row: BaseModel) -> Iterator[tuple[str, object]]:
    return ((key, item) for key, item in row if item is not None)


def _is_by_year(field: FieldInfo) -> bool:
    return isinstance(field.default, ByYear) or "ByYear" in str(field.annotation)


def _subsection(field: FieldInfo) -> bool:
    return any(issubclass(model, Section) for model in _models(field.annotation)) and not is_section(field.default)


def _models(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return list(dict.fromkeys(model for inner in get_args(annotation) for model in _models(inner)))


def _words(annotation: object) -> list[object]:
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    return [word for inner in get_args(annotation) for word in _words(inner)]


def _table(rows: Iterator[tuple[str, str, str]]) -> str:
    lines = ["| setting | default | what it is |", "| --- | --- | --- |"]
    lines += [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"
