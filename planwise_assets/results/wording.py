"""Settings in an adviser's words: "100 % of the first 3 % of pay, 50 % of the next 2 %" in place of four keys and numbers.

Belongs here: sentences from the settings that the results were made from. Does not: keys and values for programs
(provenance.py), how they are shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import get_args

from pydantic import BaseModel

from planwise_assets.results.provenance import Published
from planwise_assets.study.schema import Scenario

Settings = Mapping[str, str]

_ROW = re.compile(r"\[row (\d+)\]")
_UNITS = {"service": "years of service", "age": "years of age", "points": "points of age and service"}
_SCOPES = {"new_hires": "for those who enter from now on", "all_eligible": "for everyone eligible who is not in"}
_TITLES = {
    "workforce.growth": "Growth of the headcount",
    "workforce.termination_rate": "Exits, of the opening headcount",
    "workforce.new_hire_termination_rate": "Hires who leave in the year of their hire",
    "compensation.cola": "Cost-of-living raise",
    "plan.safe_harbor": "Safe harbor",
}


def statements(settings: Settings) -> dict[str, str]:
    """Everything that a scenario is, in words by title.

    Args:
        settings: The scenario's settings by key, as text.
    """
    left = dict(settings)
    said = {}
    for title, keys, write in _WRITTEN:
        own = {key: left.pop(key) for key in list(left) if key.startswith(keys)}
        if own:
            said[title] = write(own)
    for key, value in left.items():
        # The rows of a table are one statement.
        table, _, column = key.partition("[row ")
        title = _TITLES.get(table) or _title(table)
        text = in_words(key, value)
        if not column:
            said[title] = text
            continue
        number, _, name = column.partition("].")
        before = said.get(title, "")
        joint = "" if not before else "; " if name == _first_column(left, table, number) else ", "
        said[title] = f"{before}{joint}{name.replace('_', ' ')} {text}"
    return said


def differing_words(made: Published, a: str, b: str) -> list[tuple[str, str, str]]:
    """What two published scenarios differ in: title, words of a, words of b.

    Args:
        made: What was published.
        a: Name of the one scenario.
        b: Name of the other.
    """
    first, second = (statements(made.settings[name]) for name in (a, b))
    titles = dict.fromkeys([*first, *second])
    return [
        (title, first.get(title, "-"), second.get(title, "-")) for title in titles if first.get(title) != second.get(title)
    ]


def sentence(made: Published, scenario: str) -> str:
    """What a scenario is, in one sentence: the first one by its main settings, the others by what they change.

    Args:
        made: What the results were made from.
        scenario: One of its scenarios.
    """
    first = made.scenarios[0]
    if scenario == first:
        said = statements(made.settings[first])
        return "; ".join(f"{title}: {said[title]}" for title in _MAIN if said.get(title, "none") != "none") + "."
    changes = [f"{title}: {new if new != '-' else 'none'}" for title, _, new in differing_words(made, first, scenario)]
    if not changes:
        return f"The same settings as {made.titles[first]}."
    shown = [change for change in changes if len(change) <= _LONGEST][:_MOST_CHANGES]
    more = len(changes) - len(shown)
    if more:
        shown.append(f"{more} {'more ' if shown else ''}settings differ" if more > 1 else "one more setting differs")
    return f"{'; '.join(shown)}; all else the same."


#: What an adviser names first of a plan.
_MAIN = (
    "Safe harbor",
    "Match",
    "Core contribution",
    "Automatic enrolment",
    "Escalation",
    "Growth of the headcount",
    "Exits, of the opening headcount",
)
_MOST_CHANGES = 3
_LONGEST = 150


def percent(text: str) -> str:
    """A share as people say it: `0.035` is "3.5 %", `0.03 from 2025, 0.02 from 2027` "3 % from 2025, 2 % from 2027"."""
    return ", ".join(_percent_of(*part.partition(" from ")) for part in text.split(", "))


def in_words(key: str, text: str) -> str:
    """A setting's value as people say it: a share in per cent, everything else as it is.

    Args:
        key: The setting, e.g. `compensation.cola`.
        text: Its value as text.
    """
    return percent(text) if _is_share(key) else text


def _percent_of(value: str, joint: str, year: str) -> str:
    try:
        return f"{(Decimal(value) * 100).normalize():f} %{joint}{year}"
    except InvalidOperation:
        return f"{value}{joint}{year}"


def _title(key: str) -> str:
    section, _, rest = key.removeprefix("plan.").partition(".")
    words = f"{section}: {rest}" if rest else section
    return (words[:1].upper() + words[1:]).replace("_", " ").replace(".", ", ")


def _is_share(key: str) -> bool:
    """Whether the schema says that a setting is a share, which people read in per cent."""
    model: type[BaseModel] = Scenario
    description = ""
    for part in _ROW.sub("", key).split("."):
        field = model.model_fields.get(part)
        if field is None:
            return False
        description = field.description or ""
        model = next(_models_in(field.annotation), model)
    return bool(re.search(r"\bshare\b|points of pay|probability", description.partition("Source:")[0], re.IGNORECASE))


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)


def _first_column(settings: Settings, table: str, number: str) -> str:
    begin = f"{table}[row {number}]."
    return next(key for key in settings if key.startswith(begin)).removeprefix(begin)


def _rows(settings: Settings, table: str) -> list[dict[str, str]]:
    """The rows of a table of settings, column by column."""
    found: dict[int, dict[str, str]] = {}
    for key, value in settings.items():
        if key.startswith(f"{table}[row "):
            number, _, column = key.removeprefix(f"{table}[row ").partition("].")
            found.setdefault(int(number), {})[column] = value
    return [found[number] for number in sorted(found)]


def _tiers(rows: list[dict[str, str]]) -> str:
    parts, start = [], Decimal(0)
    for row in rows:
        end = Decimal(row["up_to"])
        stretch = f"the first {percent(row['up_to'])} of pay" if not start else f"the next {percent(str(end - start))}"
        parts.append(f"{percent(row['rate'])} of {stretch}" if Decimal(row["rate"]) else f"nothing on {stretch}")
        start = end
    return ", ".join(parts) or "none"


def _banded(settings: Settings, source: str, write: Callable[[dict[str, str]], str]) -> str:
    """The bands of a graded match or core, each with what it gives; empty where it is not graded."""
    parts = []
    for dimension, unit in _UNITS.items():
        for row in _rows(settings, f"plan.{source}.by_{dimension}"):
            band = f"{row['min']} to below {row['max']} {unit}" if "max" in row else f"{row['min']} {unit} and more"
            parts.append(f"{band}: {write(row)}")
    return "; ".join(parts)


def _match(settings: Settings) -> str:
    return _banded(settings, "match", lambda row: _tiers(_rows(row, "tiers"))) or _tiers(_rows(settings, "plan.match.tiers"))


def _core_rate(rate: str, excess: str) -> str:
    more = f" and {percent(excess)} of pay above the Social Security wage base" if excess != "0" else ""
    return f"{percent(rate)} of pay{more}" if rate != "0" or more else "none"


def _core(settings: Settings) -> str:
    return _banded(settings, "core", lambda row: _core_rate(row["rate"], row["excess_rate"])) or _core_rate(
        settings["plan.core.rate"], settings["plan.core.excess_rate"]
    )


def _vesting(settings: Settings) -> str:
    rows = _rows(settings, next(iter(settings)).partition("[")[0])
    if rows[0] == {"years": "0", "vested": "1"}:
        return "at once"
    return ", ".join(f"{percent(row['vested'])} after {row['years']} years" for row in rows)


def _switched(enabled: str, text: str) -> str:
    """What holds where it is enabled, in every year or in some."""
    if enabled in ("true", "false"):
        return text if enabled == "true" else "none"
    return f"{text} ({enabled.replace('true', 'on').replace('false', 'off')})"


def _auto(settings: Settings) -> str:
    begin = "plan.auto_enrollment."
    rate, scope = settings[f"{begin}default_rate"], settings[f"{begin}scope"]
    return _switched(settings[f"{begin}enabled"], f"at {percent(rate)} of pay, {_SCOPES.get(scope, scope)}")


def _escalation(settings: Settings) -> str:
    begin = "plan.escalation."
    step = percent(settings[f"{begin}increment"]).replace(" %", " points")
    step = "1 point" if step == "1 points" else step
    return _switched(settings[f"{begin}enabled"], f"by {step} of pay a year, up to {percent(settings[f'{begin}cap'])}")


#: Title, the keys that it is about, and who writes it.
_WRITTEN: tuple[tuple[str, tuple[str, ...], Callable[[Settings], str]], ...] = (
    ("Match", ("plan.match.tiers", "plan.match.by_"), _match),
    ("Core contribution", ("plan.core.rate", "plan.core.excess_rate", "plan.core.by_"), _core),
    ("Vesting of the match", ("plan.vesting.match",), _vesting),
    ("Vesting of the core contribution", ("plan.vesting.core",), _vesting),
    (
        "Automatic enrolment",
        ("plan.auto_enrollment.enabled", "plan.auto_enrollment.scope", "plan.auto_enrollment.default_rate"),
        _auto,
    ),
    ("Escalation", ("plan.escalation.enabled", "plan.escalation.increment", "plan.escalation.cap"), _escalation),
)
