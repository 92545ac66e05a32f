"""Loads a study file: reads, merges, validates, and tells every problem with its line.

Belongs here: `load_study`, and the sentences made from validation errors. Does not: YAML (`document.py`), inheritance
(`inheritance.py`), the rules (section modules, `rules.py`).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from planwise_assets.study.errors import KeyPath, Problem, StudyError, key_text, value_text
from planwise_assets.study.file.document import Document, read_document
from planwise_assets.study.file.inheritance import gives, is_section, merge
from planwise_assets.study.rules import findings
from planwise_assets.study.schema import Study
from planwise_assets.study.sections import hiring
from planwise_assets.study.values import Words

# What pydantic adds to the place of an error, and the file does not have.
_NOT_IN_THE_FILE = frozenset({"[key]", hiring.WORD, hiring.WEIGHTS})

_SHAPES = {
    "model_type": "must be a mapping of settings",
    "dict_type": "must be a mapping of names to settings",
    "tuple_type": "must be a list of rows, each starting with '-'",
}


def load_study(path: str | Path) -> Study:
    """Load and check a study file.

    Args:
        path: The file; a relative census path in it is relative to the file's own folder.

    Returns:
        The study, every scenario complete, the census path absolute.

    Raises:
        StudyError: The file cannot be used; the message lists all problems with their lines and what to do.
    """
    return study_of(read_document(Path(path)))


def study_of(document: Document) -> Study:
    """The study that a document describes.

    Raises:
        StudyError: As `load_study`.
    """
    problems = list(document.problems)
    study = None
    try:
        study = Study.model_validate(_merged(document))
    except ValidationError as error:
        problems += [_told(document, _place(details), _message(details)) for details in error.errors()]
    defaults = document.data.get("defaults")
    if defaults is not None and not is_section(defaults):
        problems.append(_told(document, ("defaults",), "must be a mapping of settings"))
    for word in Words.model_fields:
        if is_section(defaults) and word in defaults:
            problems.append(_told(document, ("defaults", word), "is of one scenario: write it under the scenario's name"))
    if study is not None:
        complete = {name: scenario.with_level_multipliers() for name, scenario in study.scenarios.items()}
        study = study.model_copy(update={"scenarios": complete})
        problems += [_told(document, place, message) for place, message in findings(study)]
    if problems or study is None:
        raise StudyError(document.path, problems)
    return study


def source_of(document: Document, place: KeyPath) -> KeyPath:
    """The key path in the file that decides a setting; its path in the study if the file is silent."""
    if len(place) < 3 or place[0] != "scenarios":
        return place
    setting = place[2:]
    if gives(_own_settings(document, place[1]), setting):
        return place
    return ("defaults", *setting) if gives(document.data.get("defaults"), setting) else place


def _own_settings(document: Document, scenario: str | int) -> object:
    scenarios = document.data.get("scenarios")
    return scenarios.get(scenario) if isinstance(scenarios, dict) else None


def _merged(document: Document) -> dict[str | int, object]:
    """The file with `defaults` laid under each scenario and the census path made absolute."""
    data = dict(document.data)
    defaults = data.pop("defaults", None)
    defaults = defaults if is_section(defaults) else {}
    scenarios = data.setdefault("scenarios", {"baseline": None})
    if isinstance(scenarios, dict):
        data["scenarios"] = {str(name): merge(defaults, own) for name, own in scenarios.items()}
    census = data.get("census")
    if isinstance(census, str):
        data["census"] = str((document.path.parent / census).resolve()) if "\0" not in census else None
    return data


def _place(details: ErrorDetails) -> KeyPath:
    place = tuple(part for part in details["loc"] if part not in _NOT_IN_THE_FILE)
    # A year or another number where a setting's name should be is a key, not the number of a row.
    return (*place[:-1], str(place[-1])) if details["type"] == "invalid_key" else place


def _message(details: ErrorDetails) -> str:
    """What is wrong, as the end of a sentence that starts with the key."""
    kind = details["type"]
    if kind == "missing":
        return "is missing; add it"
    if kind in ("extra_forbidden", "invalid_key"):
        return _unknown(_place(details))
    context = details.get("ctx", {})
    if kind == "value_error":
        what = str(context["error"])
    elif kind == "literal_error":
        what = f"must be {context['expected']}"
    else:
        what = _SHAPES.get(kind, details["msg"])
    value = details["input"]
    if isinstance(value, dict | list | BaseModel):
        return what
    return f"is {value_text(value)}; it {what}"


def _unknown(place: KeyPath) -> str:
    """The message for a key that is no setting, with the closest one that is."""
    known = sorted(_known_keys(place[:-1]))
    closest = difflib.get_close_matches(str(place[-1]), known, n=1)
    hint = f"did you mean {closest[0]}? " if closest else ""
    return f"is not a setting; {hint}Possible here: {', '.join(known)}"


def _known_keys(place: KeyPath) -> set[str]:
    """The keys that may stand under a key path of the study."""
    model: type[BaseModel] = Study
    parts = iter(place)
    for part in parts:
        annotation = model.model_fields[str(part)].annotation
        model = next(_models_in(annotation))
        if annotation is not model:
            next(parts, None)  # The row number, or the scenario's name.
    return set(model.model_fields) | ({"defaults"} if model is Study else set())


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)


def _told(document: Document, place: KeyPath, message: str) -> Problem:
    source = source_of(document, place)
    return Problem(f"{key_text(source)} {message}", document.line(source))
