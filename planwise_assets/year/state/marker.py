"""The marker of a complete year: what it was made from, and what its files were.

Belongs here: what a complete year is, and declaring one. Does not: whether it still matches, and what to tell a person when
it does not (setup/gate.py), Dagster.

A marker chains a year to the one before it: `opening_hash` of year N is `closing_hash` of N-1 (the census file's hash in
the first year), so a year that was made again with another result leaves the years after it visibly stale.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from planwise_assets.intake.groups import CENSUS_GROUPS
from planwise_assets.project import Project
from planwise_assets.results.provenance import inputs_of
from planwise_assets.study.parameters.fingerprint import CODE, fingerprint
from planwise_assets.study.sections.census import census_hash
from planwise_assets.study.sections.groups import PERSON_GROUPS
from planwise_assets.year.state.code import code_hashes
from resources.errors import FinalError
from resources.files import content_hash, read_json, sync_all, write_json
from resources.lake import Lake

#: What a marker says besides: nobody is held to it, but a person may want to know what made a result.
_PACKAGES = ("planwise", "dagster", "dbt-core", "dbt-duckdb", "duckdb")
_PARTS = {"study", "fingerprint", "opening_hash", "closing_hash", "files"}


class YearGateError(FinalError, RuntimeError):
    """A year cannot be declared complete; the message says what is missing and what to run."""


def year_fingerprint(project: Project, year: int) -> dict[str, str]:
    """What decides a year's results, part by part: study up to that year, census, code."""
    study = fingerprint(project.study, year, census_hash(project.study.census))
    return {**study, CODE: json.dumps(code_hashes(project.dbt), sort_keys=True)}


def closing_hash(project: Project, year: int) -> str:
    """One hash of all that the next year may read of this one: the list in models/sources.yml."""
    return _closing_of(
        project, {asset: content_hash(project.lake.file(asset, year)) for asset in project.dbt.prior_year_assets}
    )


def _closing_of(project: Project, hashes: Mapping[str, str]) -> str:
    read_later = "".join(f"{asset} {hashes[asset]}\n" for asset in project.dbt.prior_year_assets)
    return hashlib.sha256(read_later.encode()).hexdigest()


def opening_hash(project: Project, year: int) -> str:
    """The closing hash of the year before; in the first year the hash of the census file."""
    if year > project.first_year:
        return closing_hash(project, year - 1)
    return census_hash(project.study.census)


def begin_year(project: Project, year: int, census: Mapping[str, Any]) -> None:
    """Declares a year begun, and keeps what it is made from: census and study may change while it runs.

    Args:
        project: The study.
        year: The simulation year.
        census: How the census was read, as people are told.
    """
    drop_marker(project, year)
    decided_by = year_fingerprint(project, year)
    begun = {
        "fingerprint": decided_by,
        "inputs": inputs_of(project.study, project.settings.study_file, project.settings.home, decided_by["census file"]),
        "opening_hash": opening_hash(project, year),
        "census": dict(census),
    }
    write_json(project.lake.begun(year), begun)


def write_marker(project: Project, year: int, accepted: list[str], warnings: Sequence[str] = ()) -> dict[str, Any]:
    """Declares a year complete: its files survive a power cut from now on; their hashes, and what they were made from.

    Args:
        project: The study.
        year: The simulation year.
        accepted: Problems of the year before that were accepted by an explicit override.
        warnings: What is allowed in the year and should be known.

    Raises:
        YearGateError: The year was not set up, or not all of it was made since.
        CannotWriteError: The disk failed.
    """
    begun = _begun(project, year)
    # Durable before the marker says so, and in one go: nobody relies on a file of a year that is not complete.
    assets = lake_assets(project)
    sync_all(project.lake.file(asset, year) for asset in assets)
    hashes = file_hashes(project.lake, assets, year)
    marker = {
        "study": project.study.study,
        "simulation_year": year,
        "engine": project.settings.engine,
        "validation": project.study.validation,
        "seeds": project.study.seeds,
        "scenarios": list(project.study.scenarios),
        "packages": packages(),
        **begun,
        "closing_hash": _closing_of(project, hashes),
        "accepted_problems": accepted,
        "warnings": list(warnings),
        "files": hashes,
    }
    write_json(project.lake.marker(year), marker)
    return marker


def packages() -> dict[str, str]:
    """The versions of what makes a result."""
    return {name: version(name) for name in _PACKAGES}


def read_marker(project: Project, year: int) -> dict[str, Any] | None:
    """What was declared when the year was complete; None when it was not, or when the file is no longer a marker."""
    marker = read_json(project.lake.marker(year))
    return marker if isinstance(marker, dict) and marker.keys() >= _PARTS else None


def marker_by_these_packages(project: Project, year: int) -> dict[str, Any] | None:
    """The marker of a complete year, where the packages of today made it; of the first year's year before there is none."""
    marker = read_marker(project, year) if year >= project.first_year else None
    return marker if marker and marker.get("packages") == packages() else None


def openings_after(project: Project, year: int, closing: str) -> dict[int, str]:
    """What later years open with, by data version, now that a year has closed.

    The next year opens with the closing state. Where it was made from another one, it must be made again, and so must all
    years after it: nobody knows yet what those will open with, and their versions say so.

    Args:
        project: The study.
        year: The year that has closed.
        closing: Its closing hash.
    """
    openings: dict[int, str] = {}
    for later in range(year + 1, project.last_year + 1):
        openings[later] = closing
        marker = read_marker(project, later)
        if marker is None:
            break
        is_stale = marker["opening_hash"] != closing
        closing = f"unknown until {later} is simulated again" if is_stale else marker["closing_hash"]
    return openings


def lake_assets(project: Project) -> list[str]:
    """Every asset that has a file in the lake for each year."""
    own = {relation.asset for relation in project.dbt.relations.values()}
    groups = {CENSUS_GROUPS, PERSON_GROUPS} if project.study.groups else set()
    return sorted(own | set(project.dbt.prior_year_assets) | groups)


def file_hashes(lake: Lake, assets: list[str], year: int) -> dict[str, str]:
    """The content hash of each file of a year.

    Args:
        lake: The study's files.
        assets: Names of assets; one without a file has no hash.
        year: The simulation year.

    Returns:
        sha256 as hex, by asset.
    """
    return {asset: content_hash(lake.file(asset, year)) for asset in assets if lake.exists(asset, year)}


def drop_marker(project: Project, year: int) -> None:
    """Declares a year incomplete: its files are about to be written."""
    project.lake.marker(year).unlink(missing_ok=True)


def consistent_years(project: Project) -> list[int]:
    """The years, from the first on, that are complete and chained to each other."""
    years: list[int] = []
    previous: str | None = None
    for year in range(project.first_year, project.last_year + 1):
        marker = read_marker(project, year)
        if marker is None or (previous is not None and marker["opening_hash"] != previous):
            break
        previous = marker["closing_hash"]
        years.append(year)
    return years


def _begun(project: Project, year: int) -> Any:
    """What the year was set up from, once all of its files have been made since."""
    file = project.lake.begun(year)
    begun = read_json(file)
    if begun is None:
        raise YearGateError(f"{year} has not been set up. Run all of it: planwise simulate --years {year}")
    set_up = file.stat().st_mtime_ns
    made = {asset: project.lake.file(asset, year) for asset in lake_assets(project)}
    missing = [asset for asset, path in made.items() if not path.is_file() or path.stat().st_mtime_ns < set_up]
    if missing:
        raise YearGateError(
            f"{year} was set up, but these were not made since: {', '.join(missing)}. "
            f"Run all of it: planwise simulate --years {year}"
        )
    return begun
