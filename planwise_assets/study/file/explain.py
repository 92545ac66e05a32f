"""The effective settings of a study and where each came from, for `planwise config explain`.

Belongs here: the list. Does not: how it is printed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from planwise_assets.study.errors import KeyPath, key_text
from planwise_assets.study.file.document import Document, read_document
from planwise_assets.study.file.inheritance import gives
from planwise_assets.study.file.load import source_of, study_of
from planwise_assets.study.in_force import in_force
from planwise_assets.study.values import leaves, plain

Origin = Literal["shipped default", "study file", "study defaults", "scenario", "plan design", "published table"]


@dataclass(frozen=True)
class Setting:
    """One setting in force.

    Attributes:
        key: Key path, such as `scenarios.baseline.workforce.growth`.
        value: The value as text; by-year values as `0.03 from 2025, 0.02 from 2027`.
        origin: Who decided: PlanWise, the top of the file, its `defaults`, the scenario itself, the plan's own design (a
            safe harbor that brings its formula, a scale by service in place of one rate), or a published table.
        line: Line of the file that gives the value; None for a shipped default.
    """

    key: str
    value: str
    origin: Origin
    line: int | None


def explain(path: str | Path) -> list[Setting]:
    """Every setting of a study file as it is computed, in the order of the schema.

    Raises:
        StudyError: The file cannot be used.
    """
    document = read_document(Path(path))
    study = study_of(document)
    written = dict(leaves(study))
    computed = study.model_copy(update={"scenarios": {name: in_force(one) for name, one in study.scenarios.items()}})
    return [_setting(document, place, value, written.get(place, _NOT_THERE)) for place, value in leaves(computed)]


_NOT_THERE = object()


def _setting(document: Document, place: KeyPath, value: object, written: object) -> Setting:
    if value != written and place[2:3] == ("hazards",):
        table = source_of(document, (*place[:3], "termination", "table"))
        return Setting(key_text(place), plain(value), "published table", document.line(table))
    if value != written:
        design = source_of(document, (*place[:3], "safe_harbor"))
        return Setting(key_text(place), plain(value), "plan design", document.line(design))
    source = source_of(document, place)
    origin: Origin
    if not gives(document.data, source):
        origin = "shipped default"
    elif source[0] == "defaults":
        origin = "study defaults"
    else:
        origin = "scenario" if source[0] == "scenarios" else "study file"
    line = None if origin == "shipped default" else document.line(source)
    return Setting(key_text(place), plain(value), origin, line)
