"""What published results were made from, in their own words.

Belongs here: what a year's marker keeps of its inputs, reading it back from the warehouse, and whether two studies of one
name are one. Does not: whether today's files still say the same (commands/shared/today.py), the lake (year/state/).

Who shows results takes name, settings, titles, seeds and hashes from here, never from the study file, which may say
something else by now. Words alone, which decide no result, may be today's where nothing else differs (`in_words_of`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from planwise_assets.study.errors import key_text
from planwise_assets.study.in_force import in_force
from planwise_assets.study.schema import Study
from planwise_assets.study.values import plain, settings_of
from resources.files import content_hash


class ProvenanceError(ValueError):
    """The results do not say what they were made from; the message says what to run."""


@dataclass(frozen=True)
class PublishedYear:
    """What one published year was made from.

    Attributes:
        fingerprint: All that decides its results, by part (study/parameters/fingerprint.py).
        packages: Versions of PlanWise and of what it stands on.
        engine: Who ran the models.
        accepted: Problems of the year before that somebody accepted.
        study_file: Path and SHA-256 of the study file; empty hash if it could not be read.
        census: Path and SHA-256 of the census.
        closing_hash: One hash of what the year ended with.
        warnings: What was allowed in it and should be known.
        from_home: Where the study file was, seen from the home of then.
    """

    fingerprint: Mapping[str, str]
    packages: Mapping[str, str]
    engine: str
    accepted: tuple[str, ...]
    study_file: tuple[str, str]
    census: tuple[str, str]
    closing_hash: str
    warnings: tuple[str, ...]
    from_home: str = ""


@dataclass(frozen=True)
class Published:
    """What the published results were made from; where years differ, the last one that has something to say.

    Attributes:
        study: Name of the study.
        title: What people call it.
        question: What it is to answer, in its author's words; empty where they wrote none.
        years: The published years, each with what it was made from.
        titles: The scenarios of all years in the study's order, each with its title.
        descriptions: What the author wrote about a scenario, for those about which they did.
        seeds: The seeds of all years.
        settings: For each scenario, its settings by key, as text.
    """

    study: str
    title: str
    question: str
    years: Mapping[int, PublishedYear]
    titles: Mapping[str, str]
    descriptions: Mapping[str, str]
    seeds: tuple[int, ...]
    settings: Mapping[str, Mapping[str, str]]

    @property
    def scenarios(self) -> list[str]:
        """The scenarios, in the study's order."""
        return list(self.titles)

    @property
    def warnings(self) -> dict[str, list[int]]:
        """What was allowed and should be known, each with the years of which it is said."""
        said: dict[str, list[int]] = {}
        for year, source in self.years.items():
            for warning in source.warnings:
                said.setdefault(warning, []).append(year)
        return said

    @property
    def last(self) -> PublishedYear:
        """What the last year was made from."""
        return self.years[max(self.years)]

    def in_words_of(self, study: Study) -> Published:
        """The same results with the titles and descriptions of a study that would give the very same ones."""
        scenarios = study.scenarios
        return replace(
            self,
            title=study.title or title_of(study.study),
            question=study.description or "",
            titles={name: scenarios[name].title or title_of(name) for name in self.titles},
            descriptions={name: text for name in self.titles if (text := scenarios[name].description)},
        )


def title_of(name: str) -> str:
    """A name without a title as people read it: `richer_match` is "Richer match"."""
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]


def place_from_home(study_file: Path, home: Path) -> str:
    """Where a study file is, seen from a home: the same in a copy of both, wherever that is."""
    # pathlib walks upwards from Python 3.12 on only.
    return os.path.relpath(study_file, home)


def inputs_of(study: Study, study_file: Path, home: Path, census_hash: str) -> dict[str, Any]:
    """What a year that begins now is made from, for its marker; JSON can hold it.

    Args:
        study: The study as it was loaded.
        study_file: Where from.
        home: Where the results go.
        census_hash: SHA-256 of the census.
    """
    return {
        "study_file": {
            "path": str(study_file),
            "sha256": _hash(study_file),
            "from_home": place_from_home(study_file, home),
        },
        "census": {"path": str(study.census), "sha256": census_hash},
        "title": study.title or title_of(study.study),
        "question": study.description or "",
        "warnings": list(study.warnings),
        "scenarios": {
            # Pairs, since JSON is written with sorted keys, and people know the order of the file.
            name: {
                "title": scenario.title or title_of(name),
                "description": scenario.description or "",
                "settings": [(key_text(place), plain(value)) for place, value in settings_of(in_force(scenario))],
            }
            for name, scenario in study.scenarios.items()
        },
    }


def read_published(connection: duckdb.DuckDBPyConnection) -> Published:
    """What the warehouse says of its years.

    Raises:
        ProvenanceError: It does not say, or holds no year.
    """
    try:
        rows = connection.execute(
            """
            select
                simulation_year, study, seeds, scenarios, inputs, fingerprint, packages, engine, accepted_problems,
                closing_hash, warnings
            from provenance
            order by simulation_year
            """
        ).fetchall()
    except duckdb.Error:
        rows = []
    if not rows or any(row[4] is None for row in rows):
        raise ProvenanceError(
            "The published results do not say what they were made from: an earlier PlanWise made them, or there are none. "
            "Make them anew: planwise simulate"
        )
    years = {}
    for year, _, _, _, inputs, fingerprint, packages, engine, accepted, closing, warned in rows:
        made = json.loads(inputs)
        years[int(year)] = PublishedYear(
            fingerprint=json.loads(fingerprint),
            packages=json.loads(packages),
            engine=engine,
            accepted=tuple(json.loads(accepted)),
            study_file=(made["study_file"]["path"], made["study_file"]["sha256"]),
            census=(made["census"]["path"], made["census"]["sha256"]),
            closing_hash=closing,
            warnings=(*made.get("warnings", ()), *json.loads(warned or "[]")),
            from_home=made["study_file"].get("from_home", ""),
        )
    # Years have other scenarios or seeds than the last one only where somebody accepted a year that did not match.
    said: dict[str, Any] = {}
    for row in reversed(rows):
        made = json.loads(row[4])["scenarios"]
        said |= {name: made[name] for name in json.loads(row[3]) if name not in said}
    last = json.loads(rows[-1][4])
    return Published(
        study=rows[-1][1],
        title=last.get("title") or title_of(rows[-1][1]),
        question=last.get("question", ""),
        years=years,
        titles={name: scenario["title"] for name, scenario in said.items()},
        descriptions={name: text for name, scenario in said.items() if (text := scenario.get("description"))},
        seeds=tuple(dict.fromkeys(seed for row in reversed(rows) for seed in json.loads(row[2]))),
        settings={name: dict(scenario["settings"]) for name, scenario in said.items()},
    )


def another_study(made: tuple[str, str], census: tuple[str, str], study: Study, study_file: Path) -> str | None:
    """Whether results are of another study than the one that is open, though both have one name; None if they are its own.

    A study is known by its file's place; seen from its home as well, which the caller compares (`place_from_home`), since a
    home may be copied with its study. Where that is another one, it is the same study if the file of then is gone and the
    census is the one of then (it was moved), or if file and census are the very same (it was copied).

    Args:
        made: Path and SHA-256 of the study file that the results were made from.
        census: The same of the census.
        study: The study that is open.
        study_file: Its file.

    Returns:
        A sentence that names both.
    """
    then, hash_then = made
    if Path(then) == study_file:
        return None
    same_census = census[1] == _hash(study.census)
    was_moved = same_census and not Path(then).exists()
    was_copied = same_census and hash_then == _hash(study_file)
    if was_moved or was_copied:
        return None
    return (
        f"The results named {study.study} in this home are of another study: {then}, census {census[0]}. "
        f"Yours is {study_file}, census {study.census}."
    )


def _hash(file: Path) -> str:
    try:
        return content_hash(file)
    except OSError:
        return ""
