"""The jobs that people launch.

Belongs here: which assets and checks a job has. Does not: schedules, how steps run (runs/executor.py).
"""

from __future__ import annotations

from typing import Any

import dagster as dg

from planwise_assets.project import Project
from planwise_assets.steps import GROUP_ORDER, YEAR_VALIDATION
from planwise_assets.year.validation.checks import GROUP_TESTS, group_checks

SIMULATE_YEAR = "simulate_year"
VALIDATE_YEAR = "validate_year"

_VALIDATION = dg.AssetSelection.assets(YEAR_VALIDATION.name)


def simulate_year_job(project: Project) -> Any:
    """One whole simulation year: set-up, models, operations, closing state, publication.

    With `validation: fast` only the published tables are checked; `validate_year` checks all of them.
    """
    selection: dg.AssetSelection = dg.AssetSelection.all() - _VALIDATION
    if project.study.validation == "fast":
        checks = [
            check.key for group in GROUP_ORDER for check in group_checks(project.dbt, group) if check.name != GROUP_TESTS
        ]
        selection = selection.without_checks() | dg.AssetSelection.checks(*checks)
    return dg.define_asset_job(
        SIMULATE_YEAR,
        selection=selection,
        description="Simulates one year of every world of the study, and publishes it. Years go in order.",
        tags={"planwise/study": project.study.study},
    )


def validate_year_job(project: Project) -> Any:
    """All checks on a year that is there, and its files against what was recorded of them; makes no results."""
    return dg.define_asset_job(
        VALIDATE_YEAR,
        # A job of checks alone has no partitions; the asset gives it some.
        selection=_VALIDATION | dg.AssetSelection.all_asset_checks(),
        description="Runs every check on a simulated year, and compares its files with what was recorded. Changes nothing.",
        tags={"planwise/study": project.study.study},
    )
