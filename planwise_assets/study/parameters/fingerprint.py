"""What of a study decides the results up to a year, for the year gate; and what changed between two prints.

Belongs here: what counts. A part that counts by hash says *whether* something changed; the part `settings` only says *what*,
so that writing a default down in the file makes nothing stale. Left out, because they change no result of these years: the
end year, values of later years, resources, validation, titles and descriptions, and the names of paths. Does not: the code's
own fingerprint and the files' hashes (the year gate).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence

from planwise_assets.study.errors import key_text
from planwise_assets.study.parameters.tables import scenario_tables, study_tables
from planwise_assets.study.schema import Study
from planwise_assets.study.values import ByYear, plain, settings_of

_SETTINGS = "settings"
#: What the caller may add: the hashes of the code by part, as JSON.
CODE = "code"
_MOST_PARTS_NAMED = 4
_HASH = re.compile(r"[0-9a-f]{64}")


def fingerprint(study: Study, through_year: int, census_hash: str) -> dict[str, str]:
    """The parts of a study that decide its results from the first year up to `through_year`.

    Args:
        study: A loaded study.
        through_year: Last year that counts; one of the study's.
        census_hash: Content hash of the census file (`census.census_hash`).

    Returns:
        Named parts, short texts or hashes; store them as they are and compare them with `differences`.
    """
    return fingerprints(study, [through_year], census_hash)[through_year]


def fingerprints(study: Study, years: Iterable[int], census_hash: str) -> dict[int, dict[str, str]]:
    """The fingerprint through each of several years; a year's parameters, which all later ones contain, are hashed once.

    Args:
        study: A loaded study.
        years: The last year of each fingerprint; some of the study's.
        census_hash: Content hash of the census file.
    """
    always = {
        "study": study.study,
        "first year": str(study.years.start),
        "census file": census_hash,
        "census columns": plain(dict(sorted(study.census_columns.items()))),
        "census reading": plain(study.census_reading.model_dump(exclude_defaults=True)),
        "census reject limit": plain(study.census_reject_limit),
        "scenarios": ", ".join(study.scenarios),
        "seeds": _runs(study.seeds),
        **({"groups": ", ".join(study.groups)} if study.groups else {}),
    }
    wanted = set(years)
    found: dict[int, dict[str, str]] = {}
    so_far = dict(always)
    for year in range(study.years.start, max(wanted, default=study.years.start - 1) + 1):
        so_far[f"parameters of the study in {year}"] = _hash_of(study_tables(study, year))
        for scenario in study.scenarios:
            so_far[f"parameters of {scenario} in {year}"] = _hash_of(scenario_tables(study, scenario, year))
        if year in wanted:
            found[year] = {**so_far, _SETTINGS: json.dumps(_settings(study, year), sort_keys=True)}
    return found


def differences(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """What changed between two fingerprints of the same years, in words; empty when nothing that counts did.

    Args:
        old: The print that was stored. What the caller added, such as `CODE`, counts too.
        new: The print of the study as it is now.
    """
    changed = [key for key in {**old, **new} if key != _SETTINGS and old.get(key) != new.get(key)]
    sentences = []
    for key in changed:
        if key.startswith("parameters of "):
            continue
        if key == CODE:
            sentences.append(_changed_code(old.get(key, "{}"), new.get(key, "{}")))
        elif _HASH.fullmatch(new.get(key, "")):
            sentences.append(f"the {key}")
        else:
            sentences.append(f"{key}: {old.get(key) or 'none'} -> {new.get(key) or 'none'}")
    parameters = [key for key in changed if key.startswith("parameters of ") and key in old and key in new]
    if parameters:
        what = _changed_settings(json.loads(old.get(_SETTINGS, "{}")), json.loads(new.get(_SETTINGS, "{}")))
        sentences += what or [f"{key}: computed differently by this version of PlanWise" for key in parameters]
    return sentences


def _changed_code(old: str, new: str) -> str:
    """`the code (model int_raise_events, module resources/engines/session.py)`."""
    try:
        before, after = json.loads(old), json.loads(new)
    except json.JSONDecodeError:
        return "the code, which an earlier version of PlanWise did not tell part by part"
    changed = sorted(part for part in {**before, **after} if before.get(part) != after.get(part))
    named, more = changed[:_MOST_PARTS_NAMED], len(changed) - _MOST_PARTS_NAMED
    return f"the code ({', '.join(named)}{f' and {more} parts more' if more > 0 else ''})"


def _hash_of(tables: Mapping[str, Sequence[Mapping[str, object]]]) -> str:
    """SHA-256 of a scenario's rows, whatever the order of their columns."""
    texts = {
        name: [{column: plain(value) for column, value in row.items()} for row in rows] for name, rows in tables.items()
    }
    return hashlib.sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()


def _settings(study: Study, through_year: int) -> dict[str, dict[str, str]]:
    """For each scenario, its settings as text; by-year values for the first year and each change."""
    result: dict[str, dict[str, str]] = {}
    for name, scenario in study.scenarios.items():
        settings = result.setdefault(name, {})
        for path, value in settings_of(scenario):
            key = key_text(path)
            if not isinstance(value, ByYear):
                settings[key] = plain(value)
                continue
            before = None
            for year in range(study.years.start, through_year + 1):
                if value.at(year) != before:
                    before = value.at(year)
                    settings[f"{key} in {year}"] = plain(before)
    return result


def _changed_settings(old: Mapping[str, dict[str, str]], new: Mapping[str, dict[str, str]]) -> list[str]:
    """`scenarios.baseline.workforce.growth in 2025: 0.03 -> 0.04`, for the scenarios that are in both."""
    sentences = []
    for scenario in (name for name in new if name in old):
        before, after = old[scenario], new[scenario]
        for key in {**before, **after}:
            if before.get(key) != after.get(key):
                sides = [side.get(key) or _where_absent(key) for side in (before, after)]
                sentences.append(f"scenarios.{scenario}.{key}: {sides[0]} -> {sides[1]}")
    return sentences


def _where_absent(key: str) -> str:
    return "as the year before" if " in " in key else "none"


def _runs(seeds: tuple[int, ...]) -> str:
    """Seeds as text, runs of consecutive ones shortened: `1-25, 42`."""
    runs: list[list[int]] = []
    for seed in seeds:
        if runs and seed == runs[-1][-1] + 1:
            runs[-1] = [runs[-1][0], seed]
        else:
            runs.append([seed])
    return ", ".join("-".join(map(str, run)) for run in runs)
