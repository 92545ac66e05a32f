"""The dbt models as Dagster assets: one multi-asset a group, subsettable, run by either engine.

Belongs here: specs, translation, the body of a group's step, what a materialization reports. Does not: running SQL
(resources/engine.py), the limits of a step (groups.py).
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtProject, dbt_assets

from planwise_assets.checks import Check, evaluation, group_checks, runnable
from planwise_assets.code_links import code_links
from planwise_assets.column_metadata import with_column_lineage
from planwise_assets.fact_history import with_history
from planwise_assets.facts import fact_metadata
from planwise_assets.groups import STAGES, Step
from planwise_assets.partitions import ONE_YEAR_A_RUN, simulation_years
from planwise_assets.project import Project
from planwise_assets.recovery import RETRIES, FastPath, breaker_of
from planwise_assets.standard_engine import run_group_with_dbt
from planwise_assets.step import OWNER, year_session
from resources.duckdb import PlanwiseDuckDB
from resources.engine import ModelResult, TestResult, run_models
from resources.failures import EngineError

Result = dg.MaterializeResult[Any] | dg.AssetCheckResult


class PlanwiseTranslator(DagsterDbtTranslator):
    """Keys, descriptions and checks of the dbt models in Dagster's terms."""

    def __init__(self, project: Project, checks: Sequence[Check]) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True))
        self._dbt = project.dbt
        self._lake = project.lake
        self._years = simulation_years(project.first_year, project.last_year)
        self._checks = {test.name: check for check in checks for test in check.tests}
        self._environment = project.settings

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Models and operations by their name; a source table by the asset that writes it."""
        return dg.AssetKey(self._dbt.relations[dbt_resource_props["unique_id"]].made_by)

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The model's own description; its SQL is one click away in the code."""
        return str(dbt_resource_props["description"])

    def get_metadata(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, Any]:
        """The columns, and where the files are: the name of a table in dbt's own session would lead nowhere."""
        metadata = dict(super().get_metadata(dbt_resource_props))
        metadata.pop("dagster/table_name", None)
        source = f"dbt_project/{dbt_resource_props['original_file_path']}"
        links = code_links(self._environment, source, str(Path(source).with_suffix(".yml")))
        return {**metadata, "dagster/uri": str(self._lake.folder(dbt_resource_props["name"])), **links}

    def get_tags(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, str]:
        """Where in the year the model is made."""
        group = dbt_resource_props.get("group")
        return {**super().get_tags(dbt_resource_props), **({"planwise/stage": STAGES[group]} if group in STAGES else {})}

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        """One team owns all of it."""
        return [OWNER]

    def get_code_version(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The compiled SQL's hash: a changed macro is a changed model."""
        code = dbt_resource_props.get("compiled_code") or dbt_resource_props.get("raw_code")
        return super().get_code_version({**dbt_resource_props, "raw_code": code})

    def get_asset_check_spec(
        self, asset_spec: dg.AssetSpec, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetCheckSpec | None:
        """Few checks stand for all tests (planwise_assets/checks.py)."""
        check = self._checks.get(manifest["nodes"][unique_id]["name"])
        if check is None:
            return None
        return dg.AssetCheckSpec(
            check.name, asset=check.asset, blocking=True, description=check.description, partitions_def=self._years
        )


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
            circuit = FastPath(breaker_of(project), f"engine:{step.name}", session.recorder, context.log)
            outcomes: list[TestResult] | None = None
            if project.settings.engine == "optimized" and circuit.is_open_to_use():
                try:
                    tested = []
                    for result in run_models(session, project.dbt, list(models), tests, facts_of=fact_metadata):
                        if isinstance(result, TestResult):
                            tested.append(result)
                        else:
                            models.remove(result.name)
                            yield materialization(result, with_history(project, result.name, session.year, result.facts))
                    outcomes = tested
                    circuit.worked()
                except EngineError as error:
                    circuit.broke(error, instead="The standard engine makes what is missing.")
            if outcomes is None:
                results, outcomes = run_group_with_dbt(session, project, models, [test.name for test in tests])
                for result in results:
                    session.open(project.dbt.relation_of_model(result.name))
                    facts = fact_metadata(session.connection, result.name)
                    yield materialization(result, with_history(project, result.name, session.year, facts))
            for check in checks:
                yield evaluation(check, outcomes)

    # Not in the translator: it is asked for every parent of every model again.
    return run_group.map_asset_specs(lambda spec: with_column_lineage(spec, project.dbt.column_lineage[spec.key.path[-1]]))


def materialization(result: ModelResult, facts: Mapping[str, Any] | None = None) -> dg.MaterializeResult[Any]:
    """What Dagster shows of one file: rows, size, time, and the facts in it."""
    return dg.MaterializeResult(
        asset_key=result.name,
        metadata={
            "dagster/row_count": result.rows,
            "bytes": result.bytes,
            "seconds": round(result.seconds, 4),
            **(facts or {}),
        },
    )
