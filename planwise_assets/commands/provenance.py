"""`planwise provenance`: one sheet that says what the results were made from, and whether somebody may sign for them.

Belongs here: gathering and writing. Does not: the sheet (results/provenance_sheet.py), what is compared
(year/validation/verification.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from planwise_assets.commands.check import check_year
from planwise_assets.commands.shared.console import Exit, busy, note, say, written_or_said
from planwise_assets.commands.shared.options import StrictOption, open_study, published
from planwise_assets.results.provenance_sheet import Finding, ProvenanceSheet, YearChecks, markdown
from resources.files import write_whole

if TYPE_CHECKING:
    from planwise_assets.project import Project


def provenance(
    file_format: Annotated[
        Literal["md", "html", "json"], typer.Option("--format", "-f", help="Markdown, HTML or JSON.")
    ] = "md",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The file; by default <study>_provenance.* here.")] = None,
    checks: Annotated[bool, typer.Option(help="Run every check again; without them the sheet is incomplete.")] = True,
    strict: StrictOption = False,
) -> None:
    """Writes a sheet with inputs, hashes, versions, checks and results, and whether somebody may sign it.

    Every file is hashed anew and every check is run again: some 10 seconds a year for 300,000 people x worlds. Exit code 1:
    it is incomplete or unverifiable.

    Try:

        planwise provenance

        planwise provenance --format html --out signed.html
    """
    settings, study = open_study()
    # Dagster takes seconds to import, and the other commands are registered beside this one.
    from planwise_assets.project import Project  # noqa: PLC0415
    from planwise_assets.report.provenance_page import provenance_page  # noqa: PLC0415
    from planwise_assets.year.validation.verification import verify  # noqa: PLC0415

    with published(settings, study) as there:
        made, differs = there.made, there.differs
    project = Project.load(settings)
    findings = [
        Finding(str(found.year or study.study), f"{found.file} {found.what}", found.is_missing) for found in verify(project)
    ]
    sheet = ProvenanceSheet(made, findings, list(_checked(project, list(made.years), run=checks)), date.today())
    texts: dict[str, Callable[[ProvenanceSheet], str]] = {"md": markdown, "html": provenance_page, "json": _json}
    file = out or Path(f"{made.study}_provenance.{file_format}")
    with written_or_said():
        write_whole(file, texts[file_format](sheet).encode())
    say(str(file))
    note(f"{sheet.state}{': ' if sheet.reasons else ''}{'; '.join(sheet.reasons[:3])}")
    if sheet.state != "verified" or (strict and differs):
        raise typer.Exit(Exit.FAILED)


def _json(sheet: ProvenanceSheet) -> str:
    return json.dumps(sheet.as_json(), indent=2, ensure_ascii=False) + "\n"


def _checked(project: Project, years: list[int], *, run: bool) -> Iterator[YearChecks]:
    """What the checks of each year find now; none where they are not to be run, or the year's files are gone."""
    for year in years:
        if not run or not project.lake.marker(year).is_file():
            yield YearChecks(year, 0, 0, ())
            continue
        with busy(f"Checking {year}"):
            outcomes = list(check_year(project, year))
        warned = tuple(f"{one.name}: {one.failures:,} rows, 0 expected" for one in outcomes if one.status == "warn")
        yield YearChecks(year, len(outcomes), sum(one.status == "error" for one in outcomes), warned)
