"""The dbt models as Dagster assets: one multi-asset a group, subsettable, run by either engine.

Belongs here: specs, translation, the body of a group's step, what a materialization reports. Does not: running SQL
(resources/engines/optimized.py), the limits of a step (steps.py).
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg
from dagster_dbt import dbt_assets

from planwise_assets.partitions import ONE_YEAR_A_RUN, simulation_years
from planwise_assets.project import Project
from planwise_assets.steps import Step
from planwise_assets.ui.column_metadata import with_column_lineage
from planwise_assets.ui.fact_history import with_history
from planwise_assets.ui.materialization import materialization
from planwise_assets.year.models.engine_choice import make_models
from planwise_assets.year.models.translator import PlanwiseTranslator
from planwise_assets.year.recovery import RETRIES
from planwise_assets.year.session import year_session
from planwise_assets.year.validation.checks import evaluation, group_checks, runnable
from resources.duckdb.sessions import PlanwiseDuckDB
from resources.engines.session import TestResult

Result = dg.MaterializeResult[Any] | dg.AssetCheckResult


def group_assets(project: Project, step: Step) -> dg.AssetsDefinition:
    """The multi-asset of one group of models."""
    all_checks = group_checks(project.dbt, step.name)

    @dbt_assets(
        name=step.name,
        manifest=project.dbt.manifest,
        select=f"tag:{step.name}",
        dagster_dbt_translator=PlanwiseTranslator(project, all_checks),
        partitions_def=simulation_years(project.first_year, project.last_year),
        backfill_policy=ONE_YEAR_A_RUN,
        op_tags=project.allocation.limits(step).tags,
        retry_policy=RETRIES,
        pool=project.pool,
    )
    def run_group(context: dg.AssetExecutionContext, duckdb: PlanwiseDuckDB) -> Iterator[Result]:
        selected = {key.path[-1] for key in context.selected_asset_keys}
        models = [model for model in project.dbt.group_models(step.name) if model in selected]
        checks = [check for check in all_checks if check.key in context.selected_asset_check_keys]
        with year_session(context, project, step, duckdb) as session:
            tests = runnable(checks, selected, project.lake, session.year)
            outcomes: list[TestResult] = []
            for result in make_models(session, project, step, models, tests, log=context.log):
                if isinstance(result, TestResult):
                    outcomes.append(result)
                else:
                    yield materialization(result, with_history(project, result.name, session.year, result.facts))
            for check in checks:
                yield evaluation(check, outcomes)

    # Not in the translator: it is asked for every parent of every model again.
    return run_group.map_asset_specs(lambda spec: with_column_lineage(spec, project.dbt.column_lineage[spec.key.path[-1]]))
