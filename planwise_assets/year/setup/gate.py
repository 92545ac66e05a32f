"""The year gate: whether a year may start, and which years of a study are no longer what the study asks for.

Belongs here: reading markers, and what to tell a person. Does not: what a marker holds (state/marker.py), Dagster.
"""

from __future__ import annotations

from planwise_assets.project import Project
from planwise_assets.study.parameters.fingerprint import differences
from planwise_assets.year.state.marker import file_hashes, read_marker, year_fingerprint

#: A message is a line, and a table of rates that changes is hundreds of settings.
_MOST_NAMED = 5


def year_problems(project: Project, year: int) -> list[str]:
    """Why a year may not start: nothing when it may.

    Every year from the first to the one before must be complete, made from this study and this code, and chained to the
    one before it; of the last of them every file must still be what its marker says.
    """
    for earlier in range(project.first_year, year):
        problems = _problems_of(project, earlier, verify_files=earlier == year - 1)
        if problems:
            return [
                *problems,
                f"Run {_span(earlier, year - 1)} first: planwise simulate --years {_span(earlier, year)}",
            ]
    return []


def why_simulate(project: Project, year: int) -> str | None:
    """Why a year must be simulated (again), its files looked at; None when it is as the study says."""
    return next(iter(_problems_of(project, year, verify_files=True)), None)


def first_stale_year(project: Project) -> tuple[int, str] | None:
    """The first year that is not complete, or was made from something else, and why; None when all years are as they should.

    Hashes the census, not the lake's files: what is asked every night or minute must cost little.
    """
    for year in range(project.first_year, project.last_year + 1):
        problems = _problems_of(project, year, verify_files=False)
        if problems:
            return year, problems[0]
    return None


def _problems_of(project: Project, year: int, *, verify_files: bool) -> list[str]:
    marker = read_marker(project, year)
    if marker is None:
        return [f"{year} has not been simulated to its end."]
    changed = differences(marker["fingerprint"], year_fingerprint(project, year))
    if changed:
        more = f"; and {len(changed) - _MOST_NAMED} more: planwise verify" if len(changed) > _MOST_NAMED else ""
        return [f"{year} was simulated from something else. Changed since: {'; '.join(changed[:_MOST_NAMED])}{more}."]
    before = read_marker(project, year - 1) if year > project.first_year else None
    if before is not None and marker["opening_hash"] != before["closing_hash"]:
        return [f"{year - 1} was simulated again with another result after {year}: {year} is stale."]
    if verify_files:
        now = file_hashes(project.lake, list(marker["files"]), year)
        broken = [asset for asset, recorded in marker["files"].items() if now.get(asset) != recorded]
        if broken:
            return [f"Files of {year} are not what was recorded when it was simulated: {', '.join(broken)}."]
    return []


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"
