"""Everything that Dagster sees of one study.

Belongs here: putting the definitions together. Does not: any of them. Tests build fresh ones with
`build_defs(settings, overrides={"duckdb": ...})`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg

from planwise_assets.automation.alerts import AlertTargets
from planwise_assets.automation.jobs import simulate_year_job, validate_year_job
from planwise_assets.automation.schedules import nightly_schedule
from planwise_assets.automation.sensors import abandoned_runs_sensor, census_sensor, failure_alerts_sensor
from planwise_assets.project import Project
from planwise_assets.runs.executor import build_executor
from planwise_assets.settings import Settings
from planwise_assets.steps import GROUPS, OPERATIONS
from planwise_assets.year.analysis.year_performance import year_performance_asset
from planwise_assets.year.models.group_assets import group_assets
from planwise_assets.year.operations import operation_asset
from planwise_assets.year.publication.warehouse import warehouse_asset
from planwise_assets.year.setup.opening_workforce import opening_workforce_spec
from planwise_assets.year.setup.year_setup import year_setup_asset
from planwise_assets.year.state.workforce_state import workforce_state_asset
from planwise_assets.year.validation.year_validation import year_validation_asset
from resources.duckdb.sessions import PlanwiseDuckDB


def build_defs(settings: Settings, *, overrides: Mapping[str, Any] | None = None) -> dg.Definitions:
    """The definitions of the study that the settings name.

    Args:
        settings: Where things are, which study, engine and executor.
        overrides: Resources to use in place of the project's own, by name.
    """
    project = Project.load(settings)
    return dg.Definitions(
        assets=[
            opening_workforce_spec(project),
            year_setup_asset(project),
            *(group_assets(project, step) for step in GROUPS),
            *(operation_asset(project, step) for step in OPERATIONS),
            workforce_state_asset(project),
            warehouse_asset(project),
            year_performance_asset(project),
            year_validation_asset(project),
        ],
        jobs=[simulate_year_job(project), validate_year_job(project)],
        schedules=[nightly_schedule(project)],
        sensors=[
            abandoned_runs_sensor(project),
            census_sensor(project),
            failure_alerts_sensor(project, AlertTargets.from_environment()),
        ],
        executor=build_executor(project),
        resources={"duckdb": PlanwiseDuckDB(spill_folder=str(project.temporary)), **(overrides or {})},
    )


defs = build_defs(Settings.from_environment())
