"""`planwise verify`: whether the study's files are still what they were when they were made.

Belongs here: asking and printing. Does not: comparing (planwise_assets/year/validation/verification.py).
"""

from __future__ import annotations

from dataclasses import asdict

import typer

from planwise_assets.commands.shared.console import Exit, print_json, say
from planwise_assets.commands.shared.options import JsonOption, open_study


def verify(as_json: JsonOption = False) -> None:
    """Compares every file with what was recorded of it, and names those that differ.

    Try:

        planwise verify

        planwise verify --json
    """
    settings, study = open_study()
    # Dagster takes seconds to import, and the other commands are registered beside this one.
    from planwise_assets.project import Project  # noqa: PLC0415
    from planwise_assets.year.validation.verification import verify as find_differences  # noqa: PLC0415

    found = find_differences(Project.load(settings))
    if as_json:
        print_json([asdict(difference) for difference in found])
    else:
        for difference in found:
            say(f"{difference.year or study.study}: {difference.file} {difference.what}")
        say("Everything is as it was recorded." if not found else f"{len(found)} difference{'s' * (len(found) > 1)}.")
    if found:
        raise typer.Exit(Exit.FAILED)
