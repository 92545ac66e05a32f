"""The study that a search found, as a file of its own; and what there is to say of it.

Belongs here: the file, and the verdicts on targets and settings. Does not: printing (commands/calibrate.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from textwrap import wrap

import yaml  # type: ignore[import-untyped,unused-ignore]

from planwise_assets.calibration.question import Target, Unknown
from planwise_assets.results.measures import MEASURES
from planwise_assets.study.file.changing import Content, exact, with_settings
from planwise_assets.study.file.document import Document
from planwise_assets.study.file.inheritance import gives, is_section
from planwise_assets.study.schema import Study
from planwise_assets.study.values import plain

#: How the first line of a found study begins: only such a file is replaced.
MARK = "# Found by planwise"


def bound_that_holds(unknown: Unknown, value: Decimal) -> str:
    """Which bound a setting ended at, in words; empty when it did at none.

    Args:
        unknown: What was free.
        value: What was found.
    """
    if unknown.low < value < unknown.high:
        return ""
    return f"{unknown.name} is held at its {'lowest' if value <= unknown.low else 'highest'}, {plain(value)}"


def found_name(study: Study, file: Path) -> str:
    """The name of the found study: that of its file, as a name may be written, so that two files are two studies."""
    of_file = re.sub(r"[^a-z0-9]+", "_", file.stem.lower()).strip("_")[:48]
    return of_file if re.match(r"[a-z]", of_file) and of_file != study.study else f"{study.study[:37]}_calibrated"


def found_text(
    document: Document,
    study: Study,
    scenario: str | None,
    *,
    settings: Mapping[str, object],
    file: Path,
    words: Sequence[str],
) -> str:
    """The found study: the client's, with the found settings.

    Args:
        document: The client's study file as it was written.
        study: The same, loaded.
        scenario: The scenario that has the settings; None: the study's defaults, and the first scenario's own.
        settings: The settings by key, as the file has them.
        file: Where it will lie.
        words: What its head says.
    """
    data: Content = {**document.data, "study": found_name(study, file)}
    if not Path(str(data["census"])).is_absolute() and file.parent.resolve() != document.path.parent.resolve():
        data["census"] = str(study.census)
    first = scenario or next(iter(study.scenarios))
    listed = data.get("scenarios")
    scenarios = dict(listed) if is_section(listed) else {}
    own = scenarios.get(first)
    own = own if is_section(own) else {}
    of_scenario = {key: value for key, value in settings.items() if scenario or gives(own, tuple(key.split(".")))}
    of_all = {key: value for key, value in settings.items() if key not in of_scenario}
    if of_scenario:
        scenarios[first] = with_settings(dict(own), of_scenario)
        data["scenarios"] = scenarios
    if of_all:
        defaults = data.get("defaults")
        data["defaults"] = with_settings(dict(defaults) if is_section(defaults) else {}, of_all)
    head = [f"{MARK} from {document.path.name}; the next search replaces it.", *words]
    comment = "\n".join(line if line.startswith("#") else f"# {line}" for text in head for line in wrap(text, 118))
    return f"{comment}\n\n{yaml.safe_dump(exact(data), sort_keys=False, allow_unicode=True, width=118)}"


def target_text(target: Target) -> str:
    """A target, as its measure is read: `average pay 2027: 84,250`."""
    measure = MEASURES[target.measure]
    return f"{measure.label} {target.year}: {measure.text(target.value)}"
