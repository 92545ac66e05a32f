"""The dbt models as Dagster assets: one multi-asset a group, subsettable, run by either engine.

Belongs here: specs, translation, the body of a group's step, what a materialization reports. Does not: running SQL
(resources/engine.py), the limits of a step (groups.py).
"""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtProject, dbt_assets

from planwise_assets.facts import fact_metadata
from planwise_assets.groups import GROUP_ORDER, Step
from planwise_assets.partitions import ONE_YEAR_A_RUN, simulation_years
from planwise_assets.project import Project
from planwise_assets.recovery import RETRIES, FastPath, breaker_of
from planwise_assets.standard_engine import run_group_with_dbt
from planwise_assets.step import OWNER, year_session
from resources.duckdb import PlanwiseDuckDB
from resources.engine import ModelResult, TestResult, run_models, run_tests
from resources.failures import EngineError

#: All dbt tests of a group are one check evaluation: an evaluation costs Dagster 26 ms, whatever it checks.
TESTS_CHECK = "dbt_tests"

Result = dg.MaterializeResult[Any] | dg.AssetCheckResult


class PlanwiseTranslator(DagsterDbtTranslator):
    """Keys, descriptions and checks of the dbt models in Dagster's terms."""

    def __init__(self, project: Project) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True))
        self._dbt = project.dbt
        self._lake = project.lake

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
        return {**metadata, "dagster/uri": str(self._lake.folder(dbt_resource_props["name"]))}

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
        """One check a group stands for all of its tests, on the group's last model."""
        group = asset_spec.group_name or ""
        own = {test.name for test in self._dbt.group_tests(group, GROUP_ORDER)}
        if manifest["nodes"][unique_id]["name"] not in own:
            return None
        return dg.AssetCheckSpec(
            TESTS_CHECK,
            asset=self._dbt.group_models(group)[-1],
            blocking=True,
            description=f"The dbt tests of group {group}: {len(own)} of them, listed in the metadata.",
        )


def group_assets(project: Project, step: Step) -> dg.AssetsDefinition:
    """The multi-asset of one group of models."""

    @dbt_assets(
        name=step.name,
        manifest=project.dbt.manifest,
        select=f"tag:{step.name}",
        dagster_dbt_translator=PlanwiseTranslator(project),
        partitions_def=simulation_years(project.first_year, project.last_year),
        backfill_policy=ONE_YEAR_A_RUN,
        op_tags=project.allocation.limits(step).tags,
        retry_policy=RETRIES,
        pool=project.pool,
    )
    def run_group(context: dg.AssetExecutionContext, duckdb: PlanwiseDuckDB) -> Iterator[Result]:
        selected = {key.path[-1] for key in context.selected_asset_keys}
        models = [model for model in project.dbt.group_models(step.name) if model in selected]
        tests = [
            test
            for test in project.dbt.group_tests(step.name, GROUP_ORDER)
            if context.selected_asset_check_keys and selected & set(test.models)
        ]
        with year_session(context, project, step, duckdb) as session:
            circuit = FastPath(breaker_of(project), f"engine:{step.name}", session.recorder, context.log)
            outcomes: list[TestResult] | None = None
            if project.settings.engine == "optimized" and circuit.is_open_to_use():
                try:
                    for result in run_models(session, project.dbt, list(models)):
                        models.remove(result.name)
                        yield materialization(result, fact_metadata(session.connection, result.name))
                    outcomes = run_tests(session, project.dbt, tests)
                    circuit.worked()
                except EngineError as error:
                    circuit.broke(error, instead="The standard engine makes what is missing.")
            if outcomes is None:
                results, outcomes = run_group_with_dbt(session, project, models, [test.name for test in tests])
                for result in results:
                    session.open(project.dbt.relation_of_model(result.name))
                    yield materialization(result, fact_metadata(session.connection, result.name))
            for key in context.selected_asset_check_keys:
                yield _tests_check(key, outcomes)

    return run_group


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


def _tests_check(key: dg.AssetCheckKey, outcomes: list[TestResult]) -> dg.AssetCheckResult:
    failed = [outcome for outcome in outcomes if outcome.status != "pass"]
    errors = [outcome for outcome in failed if outcome.status == "error"]
    return dg.AssetCheckResult(
        asset_key=key.asset_key,
        check_name=key.name,
        passed=not failed,
        severity=dg.AssetCheckSeverity.ERROR if errors else dg.AssetCheckSeverity.WARN,
        description="; ".join(f"{o.name}: {o.failures} failing rows" for o in failed) or None,
        metadata={
            "tests_run": len(outcomes),
            "outcomes": dg.MetadataValue.json(
                [{"test": o.name, "status": o.status, "failures": o.failures} for o in outcomes]
            ),
            "first_failing_rows": dg.MetadataValue.json({o.name: o.sample for o in failed}),
        },
    )
