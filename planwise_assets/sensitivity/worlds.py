"""The study whose scenarios are one scenario as it is, and with each assumption at its low and its high value.

Belongs here: the new values, and the file that holds them. Does not: the list (ranges.py), running it (commands/).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped,unused-ignore]

from planwise_assets.results.wording import in_words
from planwise_assets.sensitivity.ranges import End, Range
from planwise_assets.study.errors import StudyError
from planwise_assets.study.file.changing import (
    can_be_multiplied,
    changed,
    exact,
    for_trials,
    has_numbers,
    is_table,
    setting_at,
    with_settings,
    written_settings,
)
from planwise_assets.study.file.document import Document
from planwise_assets.study.file.load import study_of
from planwise_assets.study.schema import Scenario, Study
from planwise_assets.study.values import ByYear, plain
from resources.files import content_hash, read_json, write_json, write_whole

AS_IT_IS = "as_it_is"
#: What stands for a value that is a table.
TABLE = "the scenario's rows"
_FILE, _RECORD = "study.yaml", "sensitivity.json"


@dataclass(frozen=True)
class Side:
    """An assumption at its low or its high value.

    Attributes:
        scenario: The scenario in which it is so.
        value: The value, in words.
        source: Where it comes from.
    """

    scenario: str
    value: str
    source: str


@dataclass(frozen=True)
class Varied:
    """An assumption as it is varied.

    Attributes:
        name: Its name in the list.
        what: What people call it.
        setting: The key that is varied.
        now: The scenario's own value, in words.
        low: The low value.
        high: The high value.
    """

    name: str
    what: str
    setting: str
    now: str
    low: Side
    high: Side


@dataclass(frozen=True)
class Worlds:
    """The study of a sensitivity table.

    Attributes:
        of: The client's scenario.
        data: The study file's content.
        varied: The assumptions in it.
        left_out: Those that cannot be varied in this scenario, each with the reason.
    """

    of: str
    data: Mapping[str | int, object]
    varied: Sequence[Varied]
    left_out: Mapping[str, str]


class CannotVaryError(ValueError):
    """An assumption that this scenario cannot be varied in; the message says why."""


def worlds_of(document: Document, study: Study, scenario: str, ranges: Mapping[str, Range], seeds: Sequence[int]) -> Worlds:
    """The study with a scenario as it is, and two more for each assumption.

    Args:
        document: The client's study file as it was written.
        study: The same, loaded.
        scenario: One of its scenarios.
        ranges: The assumptions by name.
        seeds: The seeds of all worlds.
    """
    own, computed = written_settings(document, scenario), study.scenarios[scenario]
    scenarios: dict[str, Any] = {AS_IT_IS: own}
    varied, left_out = [], {}
    for name, one in ranges.items():
        try:
            found = _varied(name, one, computed)
            pair = {
                side.scenario: with_settings(own, {found.setting: _new_value(computed, found.setting, end)})
                for side, end in ((found.low, one.low), (found.high, one.high))
            }
            study_of(replace(document, data=for_trials(document, study.census, seeds, pair), lines={}))
        except CannotVaryError as error:
            left_out[name] = str(error)
        except StudyError as error:
            left_out[name] = "; ".join(problem.message for problem in error.problems)
        else:
            scenarios |= pair
            varied.append(found)
    return Worlds(scenario, for_trials(document, study.census, seeds, scenarios), varied, left_out)


def write_worlds(worlds: Worlds, folder: Path) -> Path:
    """Writes the study file and, beside it, what is varied in it.

    Args:
        worlds: The study.
        folder: Its home; made when it is not there.

    Returns:
        The study file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / _FILE
    text = "# Written by planwise sensitivity; the next one replaces it.\n" + yaml.safe_dump(
        exact(worlds.data), sort_keys=False, allow_unicode=True
    )
    write_whole(file, text.encode())
    record = {
        "of": worlds.of,
        "study_sha256": content_hash(file),
        "varied": [asdict(one) for one in worlds.varied],
        "left_out": dict(worlds.left_out),
    }
    write_json(folder / _RECORD, record)
    return file


def read_worlds(folder: Path) -> tuple[str, str, list[Varied]] | None:
    """What was varied: the client's scenario, the hash of the study file, and the assumptions; None if nothing was.

    Args:
        folder: As for `write_worlds`.
    """
    record = read_json(folder / _RECORD)
    if record is None:
        return None
    varied = [Varied(**{**one, "low": Side(**one["low"]), "high": Side(**one["high"])}) for one in record["varied"]]
    return record["of"], record["study_sha256"], varied


def _varied(name: str, one: Range, scenario: Scenario) -> Varied:
    setting = _setting(one, scenario)
    now = setting_at(scenario, setting)
    sides = []
    for word, end in (("low", one.low), ("high", one.high)):
        value = (
            f"× {plain(end.times)}"
            if is_table(now) and end.times is not None
            else _text(setting, _new_value(scenario, setting, end))
        )
        sides.append(Side(f"{name}_{word}", value, end.source))
    own = TABLE if is_table(now) else _text(setting, now)
    return Varied(name, one.what, setting, own, *sides)


def _setting(one: Range, scenario: Scenario) -> str:
    """The first key of a setting that the change can be made of.

    Raises:
        CannotVaryError: There is none.
    """
    unknown = [key for key in one.setting if setting_at(scenario, key) is None]
    if unknown:
        raise CannotVaryError(f"{unknown[0]} is not a setting of a scenario (docs/reference/study-file.md)")
    if one.low.value is not None and one.high.value is not None:
        return one.setting[0]
    for key in one.setting:
        if has_numbers(setting_at(scenario, key)):
            return key
    raise CannotVaryError(f"{' and '.join(one.setting)} {'have' if len(one.setting) > 1 else 'has'} no number here")


def _new_value(scenario: Scenario, key: str, end: End) -> object:
    """The setting's new value, as the study file would have it.

    Raises:
        CannotVaryError: Something is to be added to a table.
    """
    if end.value is not None:
        return end.value
    value = setting_at(scenario, key)
    if is_table(value) and (end.times is None or not can_be_multiplied(value)):
        raise CannotVaryError("rows have no number that could be added to or multiplied; give their values (value:)")
    return changed(scenario, key, lambda number: _changed(number, end))


def _changed(number: Any, end: End) -> Decimal:
    return Decimal(number + end.add if end.add is not None else number * end.times)


def _text(setting: str, value: object) -> str:
    """A value as people read it; of a table, that it is one."""
    if isinstance(value, dict):
        value = ByYear(tuple(sorted(value.items())))
    if isinstance(value, list) or is_table(value):
        return "rows of its own"
    return in_words(setting, plain(Decimal(str(value)) if isinstance(value, float) else value))
