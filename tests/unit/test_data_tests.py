"""Data tests that share a scan say what each of them says by itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from planwise_assets.settings import PROJECT_ROOT
from planwise_assets.steps import GROUP_ORDER
from resources.dbt.compiled import CompiledProject, DataTest, compiled_project
from resources.engines.data_tests import bundled, counting_sql, name_of, run_bundle
from resources.engines.session import YearSession
from resources.lake import Lake
from resources.process.failures import ModelError
from tests.harness import SHARED_DBT_CACHE

KEY = DataTest(
    name="key_pay",
    sql="select a, count(*) as row_count from pay group by a having count(*) > 1 or a is null",
    fail_calculation="count(*)",
    error_if="!= 0",
    warn_if="!= 0",
    severity="ERROR",
    models=("pay",),
    reads=(),
    key=("a",),
)
RULES = ("cents >= 0", "cents < 10")
HOLDS = replace(
    KEY,
    name="holds_pay",
    sql="select * from pay where not coalesce(cents >= 0, false) or not coalesce(cents < 10, false)",
    key=(),
    rules=RULES,
)


@pytest.fixture
def session(tmp_path: Path) -> YearSession:
    return YearSession(duckdb.connect(config={"threads": 1}), Lake(tmp_path), 2025, 2025)


@pytest.mark.parametrize(
    ("rows", "keys_that_fail", "rows_that_fail"),
    [
        ("(1, 0), (2, 9)", 0, 0),
        ("(1, 0), (1, 1), (1, 2), (2, 3)", 1, 0),  # one key, three times
        ("(null, 0), (1, 1)", 1, 0),  # a key that is NULL fails although it occurs once
        ("(1, -1), (2, 10), (3, null), (4, 4)", 0, 3),  # below, above, and nobody knows
        ("(1, -1), (1, null), (null, 12)", 2, 3),
    ],
)
def test_a_shared_scan_counts_what_each_test_counts(
    session: YearSession, rows: str, keys_that_fail: int, rows_that_fail: int
) -> None:
    session.connection.execute(f"create table pay as from (values {rows}) as t (a, cents)")
    counted = session.connection.execute(counting_sql((KEY, HOLDS))).fetchone()
    assert counted == (keys_that_fail, rows_that_fail)
    together = run_bundle(session, session.connection, (KEY, HOLDS))
    assert together == [*run_bundle(session, session.connection, (KEY,)), *run_bundle(session, session.connection, (HOLDS,))]
    assert [outcome.failures for outcome in together] == [keys_that_fail, rows_that_fail]


def test_a_model_without_rows_breaks_nothing(session: YearSession) -> None:
    session.connection.execute("create table pay (a integer, cents integer)")
    assert [outcome.status for outcome in run_bundle(session, session.connection, (KEY, HOLDS))] == ["pass", "pass"]


def test_one_that_cannot_run_says_its_name(session: YearSession) -> None:
    """Not that of the bundle: a person looks for the test in the model's .yml."""
    session.connection.execute("create table pay as select 1 as a, 'x' as cents")
    with pytest.raises(ModelError, match="Test holds_pay could not run for 2025: Conversion Error"):
        run_bundle(session, session.connection, (KEY, replace(HOLDS, sql="select * from pay where cents::integer < 0")))


@pytest.fixture(scope="module")
def dbt() -> CompiledProject:
    return compiled_project(PROJECT_ROOT / "dbt_project", SHARED_DBT_CACHE)


def test_the_rules_and_the_key_of_each_model_are_one_scan(dbt: CompiledProject) -> None:
    tests = [test for group in GROUP_ORDER for test in dbt.group_tests(group, GROUP_ORDER)]
    bundles = bundled(tests)
    assert sorted(test.name for bundle in bundles for test in bundle) == sorted(test.name for test in tests)
    assert len({name_of(bundle) for bundle in bundles}) == len(bundles)
    shared = Counter(bundle[0].models[0] for bundle in bundles if len(bundle) > 1)
    assert set(shared.values()) == {1}
    assert len(shared) >= 40
    for bundle in bundles:
        assert len({test.models for test in bundle}) == 1
        assert sum(bool(test.key) for test in bundle) <= 1


def test_a_test_that_is_set_up_in_another_way_runs_by_itself(dbt: CompiledProject) -> None:
    """What a shared scan cannot know: where rows are left out, what else counts as a failure, what dbt fills in."""
    nodes = dbt.manifest["nodes"]
    tests = {test.name: test for group in GROUP_ORDER for test in dbt.group_tests(group, GROUP_ORDER)}
    for node in nodes.values():
        if node["resource_type"] != "test":
            continue
        test, metadata = tests[node["name"]], node.get("test_metadata") or {}
        is_plain = node["config"]["severity"] == "ERROR" and not node["config"]["where"]
        is_filled_in = "{{" in str({**metadata.get("kwargs", {}), "model": ""})
        is_shared = metadata.get("name") in {"key", "holds"} and is_plain and not is_filled_in
        assert bool(test.key or test.rules) == is_shared, test.name
