"""Asset `year_validation`: that a year's files are still those that were declared complete.

Belongs here: the asset, which job `validate_year` makes beside all checks. Does not: the checks (checks.py), the marker that
it reads (state/marker.py).
"""

from typing import Any

import dagster as dg

from planwise_assets.partitions import year_of
from planwise_assets.project import Project
from planwise_assets.steps import YEAR_VALIDATION
from planwise_assets.ui.code_links import source_of
from planwise_assets.year.session import year_asset, year_session
from planwise_assets.year.setup.gate import year_problems
from planwise_assets.year.state.marker import YearGateError
from resources.duckdb.sessions import PlanwiseDuckDB


def year_validation_asset(project: Project) -> dg.AssetsDefinition:
    """The asset that says whether a year is what it was; not part of a simulated year."""

    @year_asset(
        project,
        YEAR_VALIDATION,
        group_name="closing",
        description="Whether a year's files are still those that were declared complete. Made by validate_year.",
        deps=["workforce_state"],
        sources=[source_of(__name__)],
    )
    def year_validation(context: dg.AssetExecutionContext, duckdb: PlanwiseDuckDB) -> dg.MaterializeResult[Any]:
        year = year_of(context)
        with year_session(context, project, YEAR_VALIDATION, duckdb):
            # What the year after it would be told at the gate.
            problems = year_problems(project, year + 1)
            if problems:
                raise YearGateError(f"{year} is not what was declared complete: {' '.join(problems)}")
        return dg.MaterializeResult(metadata={"problems": len(problems)})

    return year_validation
