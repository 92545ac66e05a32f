"""Everything that Dagster sees of one study.

Belongs here: putting the definitions together. Does not: any of them. Tests build fresh ones with
`build_defs(settings, overrides={"duckdb": ...})`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg

from planwise_assets.alerts import AlertTargets
from planwise_assets.dbt_assets import group_assets
from planwise_assets.executor import build_executor
from planwise_assets.groups import GROUPS, OPERATIONS
from planwise_assets.jobs import simulate_year_job, validate_year_job
from planwise_assets.lifecycle.opening import opening_workforce_spec
from planwise_assets.lifecycle.warehouse import warehouse_asset
from planwise_assets.lifecycle.workforce_state import workforce_state_asset
from planwise_assets.lifecycle.year_performance import year_performance_asset
from planwise_assets.lifecycle.year_setup import year_setup_asset
from planwise_assets.lifecycle.year_validation import year_validation_asset
from planwise_assets.operations.compensation_changes import compensation_changes
from planwise_assets.operations.plan_enrollments import plan_enrollments
from planwise_assets.operations.workforce_events import workforce_events
from planwise_assets.project import Project
from planwise_assets.schedules import nightly_schedule
from planwise_assets.sensors import abandoned_runs_sensor, census_sensor, failure_alerts_sensor
from planwise_assets.settings import Settings
from resources.duckdb import PlanwiseDuckDB

_OPERATIONS = {
    "workforce_events": workforce_events,
    "compensation_changes": compensation_changes,
    "plan_enrollments": plan_enrollments,
}


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
            *(_OPERATIONS[step.name](project, step) for step in OPERATIONS),
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
