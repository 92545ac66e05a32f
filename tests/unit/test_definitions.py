"""What Dagster sees of a study: its steps, years, limits, and that nothing of it is left without a name or a word.

Where the expectations come from: docs/architecture.md (years, policies, pools), docs/performance.md (limits of
steps), docs/ui.md (what people see). Some of it fails silently in Dagster: groups that need each other both ways are split,
years beyond the clock disappear.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import dagster as dg
import pytest

from planwise_assets import steps as groups
from planwise_assets.allocation import StepLimits
from planwise_assets.automation.jobs import SIMULATE_YEAR
from planwise_assets.definitions import build_defs
from planwise_assets.partitions import ONE_YEAR_A_RUN, simulation_years
from planwise_assets.project import Project
from planwise_assets.settings import PROJECT_ROOT, Settings
from planwise_assets.year.validation.checks import evaluation, group_checks
from resources.engines.session import TestResult

YEARS = ["2025", "2026", "2027"]  # studies/tiny.yaml

STEPS = {
    step.name: step
    for step in (
        groups.YEAR_SETUP,
        *groups.GROUPS,
        *groups.OPERATIONS,
        groups.WORKFORCE_STATE,
        groups.WAREHOUSE,
        groups.YEAR_PERFORMANCE,
        groups.YEAR_VALIDATION,
    )
}
ASSET_GROUPS = {*groups.GROUP_ORDER, "setup", "operations", "closing"}


@pytest.fixture(scope="module")
def settings() -> Settings:
    return Settings(home=PROJECT_ROOT / "var", study_file=PROJECT_ROOT / "studies" / "tiny.yaml")


@pytest.fixture(scope="module")
def project(settings: Settings) -> Project:
    return Project.load(settings)


@pytest.fixture(scope="module")
def defs(settings: Settings) -> dg.Definitions:
    return build_defs(settings)


@pytest.fixture(scope="module")
def steps(defs: dg.Definitions) -> dict[str, dg.AssetsDefinition]:
    """The definitions that are made by a step, by the name of the step."""
    return {asset.op.name: asset for asset in defs.assets or () if isinstance(asset, dg.AssetsDefinition)}


@pytest.fixture(scope="module")
def specs(defs: dg.Definitions) -> dict[str, dg.AssetSpec]:
    return {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}


# --- steps ---------------------------------------------------------------------------------------------------------


def test_the_job_has_exactly_these_steps(defs: dg.Definitions) -> None:
    """A group that Dagster had to split would be here twice, under a name of its own."""
    assert sorted(defs.resolve_job_def(SIMULATE_YEAR).graph.node_names()) == [
        "compensation_changes",
        "event_generation",
        "final_output",
        "foundation",
        "hazards",
        "plan_enrollments",
        "plan_events",
        "staging_inputs",
        "staging_tables",
        "state_aggregation",
        "warehouse",
        "workforce_events",
        "workforce_state",
        "year_performance",
        "year_setup",
    ]


def test_steps_carry_the_limits_of_the_one_table(steps: dict[str, dg.AssetsDefinition], project: Project) -> None:
    assert steps.keys() == STEPS.keys()
    for name, asset in steps.items():
        limits = project.allocation.limits(STEPS[name])
        assert StepLimits.from_tags(asset.op.tags) == limits, name
        assert asset.op.tags.items() >= limits.tags.items(), name


def test_every_step_is_in_the_pool_of_its_study(steps: dict[str, dg.AssetsDefinition]) -> None:
    """A pool admits one run: runs of one study never overlap in the queue."""
    assert {asset.op.pool for asset in steps.values()} == {"planwise_tiny"}


# --- years ---------------------------------------------------------------------------------------------------------


def test_every_step_has_the_same_policy_and_the_same_years(
    steps: dict[str, dg.AssetsDefinition], specs: dict[str, dg.AssetSpec], defs: dg.Definitions
) -> None:
    """With mixed policies an asset backfill splits a year over several runs."""
    years = simulation_years(2025, 2027)
    for name, asset in steps.items():
        assert asset.backfill_policy == ONE_YEAR_A_RUN == dg.BackfillPolicy.multi_run(1), name
    assert all(spec.partitions_def == years for spec in specs.values())
    assert defs.resolve_job_def(SIMULATE_YEAR).partitions_def == years


@pytest.mark.parametrize("today", [datetime(2019, 6, 1, tzinfo=UTC), datetime(2041, 6, 1, tzinfo=UTC)])
def test_the_years_are_those_of_the_study_whatever_the_clock_says(today: datetime, defs: dg.Definitions) -> None:
    years: Any = defs.resolve_job_def(SIMULATE_YEAR).partitions_def
    assert years.get_partition_keys(current_time=today) == YEARS


def test_no_year_of_a_long_study_is_cut_off() -> None:
    """The longest study, and a clock long before it."""
    keys = simulation_years(2101, 2200).get_partition_keys(current_time=datetime(2019, 6, 1, tzinfo=UTC))
    assert keys == [str(year) for year in range(2101, 2201)]


# --- what people see -----------------------------------------------------------------------------------------------


def test_every_asset_is_described_grouped_and_owned(specs: dict[str, dg.AssetSpec]) -> None:
    assert {spec.group_name for spec in specs.values()} == ASSET_GROUPS
    for name, spec in specs.items():
        assert len((spec.description or "").split()) >= 5, name
        assert spec.owners == ["team:planwise"], name


def test_every_model_is_an_asset_of_its_group(specs: dict[str, dg.AssetSpec], project: Project) -> None:
    assert {name: spec.group_name for name, spec in specs.items() if name in project.dbt.models} == {
        name: node["group"] for name, node in project.dbt.models.items()
    }


def test_eight_groups_of_five_to_eight_models(project: Project) -> None:
    sizes = Counter(node["group"] for node in project.dbt.models.values())
    assert sizes.keys() == set(groups.GROUP_ORDER)
    assert len(sizes) == 8
    assert sizes.total() == 46
    assert all(5 <= size <= 8 for size in sizes.values()), sizes


# --- dbt tests -----------------------------------------------------------------------------------------------------


def test_no_dbt_test_has_a_parent_in_a_later_group(project: Project) -> None:
    """A test written in a group's folder can run when the group has."""
    rank = {group: position for position, group in enumerate(groups.GROUP_ORDER)}
    nodes = project.dbt.manifest["nodes"]
    homes: Counter[str] = Counter()
    for unique_id, node in nodes.items():
        home = node["original_file_path"].split("/")[1]
        if node["resource_type"] != "test" or home not in rank:
            continue
        homes[home] += 1
        for parent in node["depends_on"]["nodes"]:
            if parent.startswith("model."):
                assert rank[nodes[parent]["group"]] <= rank[home], unique_id
    assert homes.keys() == rank.keys()


def test_every_dbt_test_runs_in_one_group_after_all_that_it_reads(project: Project) -> None:
    """Operations run before group state_aggregation, so a test that reads what they publish cannot run earlier."""
    ready = set(groups.GROUP_ORDER[groups.GROUP_ORDER.index("state_aggregation") :])
    published = {f"source.planwise.operations.{operation.name}" for operation in groups.OPERATIONS}
    ran: Counter[str] = Counter()
    for group in groups.GROUP_ORDER:
        for test in project.dbt.group_tests(group, groups.GROUP_ORDER):
            ran[test.name] += 1
            assert group in ready or not published & set(test.reads), test.name
    tests = {node["name"] for node in project.dbt.manifest["nodes"].values() if node["resource_type"] == "test"}
    assert ran == Counter(tests)


def test_few_blocking_checks_stand_for_all_tests(steps: dict[str, dg.AssetsDefinition], project: Project) -> None:
    """The published tables have a check of their own; an evaluation costs 26 ms, whatever it checks."""
    declared = {(spec.asset_key.to_user_string(), spec.name) for asset in steps.values() for spec in asset.check_specs}
    assert {asset for asset, name in declared if name == "rules"} == {
        name for name in project.dbt.models if name.startswith(("fct_", "dim_"))
    }
    assert {project.dbt.models[asset]["group"] for asset, name in declared if name == "dbt_tests"} == {*groups.GROUP_ORDER}
    assert ("fct_nondiscrimination_tests", "plan_tests") in declared
    assert all(spec.blocking for asset in steps.values() for spec in asset.check_specs)
    assert len(declared) <= 25
    tests = Counter(
        test.name for group in groups.GROUP_ORDER for check in group_checks(project.dbt, group) for test in check.tests
    )
    assert tests == Counter(n["name"] for n in project.dbt.manifest["nodes"].values() if n["resource_type"] == "test")


def test_a_plan_that_fails_its_tests_is_a_warning_with_its_figures(project: Project) -> None:
    (check,) = [check for check in group_checks(project.dbt, "final_output") if check.name == "plan_tests"]
    (test,) = check.tests
    sample = [{"scenario_id": "baseline", "test": "ADP", "failing_futures": "3", "futures": "12", "worst_margin": "-0.0071"}]
    found = evaluation(check, [TestResult(test.name, "warn", 1, sample)])
    assert (found.passed, found.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert "| baseline | ADP | 3 | 12 | -0.0071 |" in str(found.metadata["failing"].value)
    passed = evaluation(check, [TestResult(test.name, "pass", 0, [])])
    assert passed.passed
    assert "failing" not in passed.metadata


# --- start-up ------------------------------------------------------------------------------------------------------


def test_importing_the_package_imports_nothing_heavy() -> None:
    """Every worker process starts here."""
    code = "import sys, planwise_assets; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)
    loaded = {module.split(".")[0] for module in modules.stdout.split()}
    assert "planwise_assets" in loaded
    assert not loaded & {"dagster", "dagster_dbt", "dbt", "duckdb", "pydantic", "yaml", "pandas", "numpy"}
