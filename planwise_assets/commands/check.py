"""`planwise check`: every check on years that are there, without running anything else.

Belongs here: asking and printing. Does not: what is checked (year/validation/checks.py, dbt_project).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from planwise_assets.commands.shared.console import Exit, fail, print_json, say
from planwise_assets.commands.shared.options import JsonOption, YearsOption, chosen_years, open_study, refuse_unknown_groups
from planwise_assets.steps import GROUP_ORDER, YEAR_SETUP

if TYPE_CHECKING:
    from planwise_assets.project import Project
    from resources.engines.session import TestResult


def check(years: YearsOption = None, as_json: JsonOption = False) -> None:
    """Runs every check on years that have been simulated; changes nothing.

    Try:

        planwise check

        planwise check --years 2025-2026 --json
    """
    settings, study = open_study()
    refuse_unknown_groups(study)
    from planwise_assets.project import Project  # noqa: PLC0415 - not for the commands that need no models

    project = Project.load(settings)
    outcomes = {year: list(check_year(project, year)) for year in chosen_years(years, study.years.start, study.years.end)}
    if as_json:
        print_json({str(year): [asdict(outcome) for outcome in found] for year, found in outcomes.items()})
    else:
        for year, found in outcomes.items():
            _print(year, found)
    if any(outcome.status == "error" for found in outcomes.values() for outcome in found):
        raise typer.Exit(Exit.FAILED)


def check_year(project: Project, year: int) -> Iterator[TestResult]:
    """The outcome of every dbt test on one year.

    Raises:
        typer.Exit: The year has not been simulated.
    """
    # Dagster takes seconds to import, and the other commands are registered beside this one.
    from resources.duckdb.sessions import PlanwiseDuckDB  # noqa: PLC0415
    from resources.engines.optimized import run_tests  # noqa: PLC0415
    from resources.engines.session import YearSession  # noqa: PLC0415
    from resources.process.failures import MissingInputError  # noqa: PLC0415

    limits = project.allocation.limits(YEAR_SETUP)
    database = PlanwiseDuckDB(spill_folder=str(project.temporary))
    for group in GROUP_ORDER:
        with database.session(threads=limits.duckdb_threads, memory_gb=limits.memory_gb, others_follow=True) as connection:
            session = YearSession(connection, project.lake, year, project.first_year, limits.cursors)
            try:
                yield from run_tests(session, project.dbt, project.dbt.group_tests(group, GROUP_ORDER))
            except MissingInputError as error:
                fail(str(error), Exit.FAILED)


def _print(year: int, outcomes: list[TestResult]) -> None:
    failed = [outcome for outcome in outcomes if outcome.status != "pass"]
    errors = sum(outcome.status == "error" for outcome in failed)
    say(f"{year}: {len(outcomes)} checks, {errors} errors, {len(failed) - errors} warnings")
    for outcome in failed:
        say(f"  {outcome.status}: {outcome.name}: {outcome.failures:,} rows, 0 expected")
        for row in outcome.sample:
            say(f"    {_text(row)}")


def _text(row: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in row.items() if value != "None")
