"""What a study's files are now, against what was recorded when they were made.

Belongs here: finding differences. Does not: printing them (commands/verify.py), stopping a year (setup/gate.py, which
looks at the year before only).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from planwise_assets.project import Project
from planwise_assets.study.parameters.fingerprint import differences
from planwise_assets.year.state.marker import consistent_years, lake_assets, read_marker, year_fingerprint
from planwise_assets.year.state.owner import owned_by_another
from resources.files import content_hash

_MOST_NAMED = 3


@dataclass(frozen=True)
class Difference:
    """Something that is not as recorded.

    Attributes:
        year: The year it is about; None: the study.
        file: The file.
        what: What is wrong, short enough for a line.
        details: Everything that belongs to it, where that is more than a line holds.
        is_missing: Whether it is only not there yet, and contradicts nothing.
    """

    year: int | None
    file: str
    what: str
    details: tuple[str, ...] = ()
    is_missing: bool = False


def verify(project: Project) -> list[Difference]:
    """Hashes every file of the study's lake anew, and looks at what the warehouse says it was made from."""
    found: list[Difference] = []
    known: set[Path] = set()
    for year in range(project.first_year, project.last_year + 1):
        known |= {project.lake.file(asset, year) for asset in lake_assets(project)}
        known |= {project.lake.marker(year), project.lake.begun(year)}
        found += _of_year(project, year)
    return [*found, *_of_strangers(project, known), *warehouse_differences(project), *_of_owner(project)]


def _of_strangers(project: Project, known: set[Path]) -> Iterator[Difference]:
    """Files that are none of the study's; those of a year that it had once are one difference."""
    of_years: dict[str, list[Path]] = {}
    for file in sorted(project.lake.root.rglob("*")):
        if not file.is_file() or file in known:
            continue
        year = file.parent.name.removeprefix("simulation_year=")
        if year.isdigit() and not project.first_year <= int(year) <= project.last_year:
            of_years.setdefault(year, []).append(file)
        else:
            yield Difference(None, str(file), "is not one of this study's files")
    for year, files in of_years.items():
        pattern = str(project.lake.root / "*" / f"simulation_year={year}")
        what = f"{len(files)} files of a year that is no longer one of the study's; nothing reads them"
        yield Difference(int(year), pattern, what, tuple(map(str, files)))


def _of_owner(project: Project) -> Iterator[Difference]:
    if found := owned_by_another(project.settings, project.study):
        yield Difference(None, str(project.lake.root), f"belongs to another study. {found}")


def _of_year(project: Project, year: int) -> Iterator[Difference]:
    file = project.lake.marker(year)
    marker = read_marker(project, year)
    if marker is None:
        if file.is_file():
            yield Difference(year, str(file), "is not a marker that PlanWise wrote")
        elif any(project.lake.exists(asset, year) for asset in lake_assets(project)):
            yield Difference(year, str(file), "is missing: the year has not been simulated to its end", is_missing=True)
        else:
            yield Difference(year, str(file), "is missing: the year has not been simulated", is_missing=True)
        return
    if marker["study"] != project.study.study:
        yield Difference(year, str(file), f"is of another study, {marker['study']}")
    changed = differences(marker["fingerprint"], year_fingerprint(project, year))
    if changed:
        named = "; ".join(changed[:_MOST_NAMED])
        more = f"; and {len(changed) - _MOST_NAMED} more (--json has all)" if len(changed) > _MOST_NAMED else ""
        what = f"the year was simulated from something else; changed since: {named}{more}"
        yield Difference(year, str(file), what, tuple(changed))
    before = read_marker(project, year - 1) if year > project.first_year else None
    if before is not None and marker["opening_hash"] != before["closing_hash"]:
        yield Difference(year, str(file), f"the year is stale: {year - 1} was simulated again with another result")
    for asset in sorted(marker["files"].keys() | {a for a in lake_assets(project) if project.lake.exists(a, year)}):
        path = project.lake.file(asset, year)
        recorded = marker["files"].get(asset)
        if recorded is None:
            yield Difference(year, str(path), "was not there when the year was complete")
        elif not path.is_file():
            yield Difference(year, str(path), "is missing")
        elif content_hash(path) != recorded:
            yield Difference(year, str(path), "is not what was recorded when the year was simulated")


def warehouse_differences(project: Project) -> Iterator[Difference]:
    """Where the warehouse does not hold just the years that are complete and chained, as their markers say."""
    file = project.settings.warehouse(project.study.study)
    years = consistent_years(project)
    if not file.is_file():
        if years:
            yield Difference(None, str(file), "is missing: planwise simulate publishes it", is_missing=True)
        return
    try:
        with duckdb.connect(str(file), read_only=True) as connection:
            rows = connection.execute("select simulation_year, study, closing_hash from provenance order by all").fetchall()
    except duckdb.Error as error:
        yield Difference(None, str(file), f"does not say what it was made from: {error}")
        return
    made = {year: (study, closing) for year, study, closing in rows}
    for year in sorted({*made, *years}):
        marker = read_marker(project, year) if year in years else None
        now = (marker["study"], marker["closing_hash"]) if marker else None
        if year not in made:
            yield Difference(year, str(file), "does not hold the year", is_missing=True)
        elif marker is None:
            yield Difference(year, str(file), "holds a year that is not the study's, or not complete")
        elif made[year] != now:
            yield Difference(year, str(file), "holds another result of the year than the lake")
