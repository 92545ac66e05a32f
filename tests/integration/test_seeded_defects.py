"""No check that cannot fail: every dbt test, rule by rule, reports a defect put into a real lake.

The lake is a simulated year that passes them all. A defect is one cell or one row changed in one file (a few: one cell of
everybody); the test named beside it must report it, and under the rule named there. The list of tests and rules is read from
dbt's manifest, so a new one without a defect fails. Then the operations: what they publish is spoiled or emptied, the models
after them are made from it as a run would, and named tests must stop the year. The defects are in `defects/`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from planwise_assets.steps import GROUP_ORDER, OPERATIONS
from resources.dbt.compiled import DataTest
from resources.engines.optimized import run_models, run_tests
from resources.engines.session import TestResult as Outcome
from resources.engines.session import YearSession, quoted, read_parquet
from tests.harness import Simulation, simulation
from tests.integration.defects import inputs, operations, plan, published, recomputed, workforce
from tests.integration.defects.company import YEAR, sound_company
from tests.integration.defects.seeding import Defects, Seeded


def _together(*parts: Defects) -> Defects:
    """The defects of all parts; a test may have some in several."""
    whole: Defects = {}
    for part in parts:
        for test, defects in part.items():
            whole.setdefault(test, []).extend(defects)
    return whole


DEFECTS = _together(inputs.DEFECTS, workforce.DEFECTS, plan.DEFECTS, published.DEFECTS, recomputed.DEFECTS)
CASES = [Seeded(asset, statement, test, *rule) for test, defects in DEFECTS.items() for asset, statement, *rule in defects]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    return sound_company(tmp_path_factory.mktemp("defects"))


def data_tests(run: Simulation, groups: tuple[str, ...] = GROUP_ORDER) -> dict[str, list[DataTest]]:
    """The dbt tests by the names that DEFECTS uses: `key(model: columns)`, `holds(model): rule`, or that of the file."""
    dbt = run.project.dbt
    nodes = {node["name"]: node for node in dbt.manifest["nodes"].values() if node["resource_type"] == "test"}
    named: dict[str, list[DataTest]] = {}
    for group in groups:
        for test in dbt.group_tests(group, GROUP_ORDER):
            metadata = nodes[test.name].get("test_metadata")
            if metadata is None:
                labels = [test.name]
            else:
                label = f"{metadata['name']}({nodes[test.name]['attached_node'].rsplit('.', 1)[1]})"
                columns = ", ".join(metadata["kwargs"].get("columns", []))
                labels = [f"{label}: {rule}" for rule in metadata["kwargs"].get("rules", {})] or [
                    f"{label[:-1]}: {columns})"
                ]
            for label in labels:
                named.setdefault(label, []).append(test)
    return named


@contextmanager
def session(run: Simulation) -> Iterator[YearSession]:
    with duckdb.connect(config={"threads": 2}) as connection:
        yield YearSession(connection, run.project.lake, YEAR, run.project.first_year)


CONTENT = "select md5(string_agg(this::varchar, '' order by this::varchar)) from this"


def spoil(run: Simulation, asset: str, statement: str) -> None:
    """Puts a defect into the file of the lake."""
    file = run.project.lake.file(asset, YEAR)
    with duckdb.connect() as connection:
        connection.execute(f"create table this as select * from {read_parquet(file)}")
        before = connection.execute(CONTENT).fetchall()
        connection.execute(statement)
        assert connection.execute(CONTENT).fetchall() != before, "the defect changed nothing: no such row"
        connection.execute(f"copy this to {quoted(file)} (format parquet)")


def reports(label: str, outcomes: list[Outcome], rule: str | None = None) -> bool:
    """Whether a test fails (or warns, if that is all it does); a `holds`, or with a rule, for that very rule."""
    rule = label.partition(": ")[2] if label.startswith("holds(") else rule
    broken = [row for outcome in outcomes if outcome.status != "pass" for row in outcome.sample]
    return any(rule is None or row["broken_rule"] == rule for row in broken)


@pytest.fixture
def spoilt(sound: Simulation, request: pytest.FixtureRequest) -> Iterator[Simulation]:
    """The sound lake with one defect in it, sound again afterwards."""
    seeded: Seeded = request.param
    file = sound.project.lake.file(seeded.asset, YEAR)
    content = file.read_bytes()
    try:
        spoil(sound, seeded.asset, seeded.statement)
        yield sound
    finally:
        file.write_bytes(content)


def test_every_test_and_every_rule_has_a_defect(sound: Simulation) -> None:
    assert set(data_tests(sound)) == set(DEFECTS)
    # One scenario fails its ADP test, so that somebody's money is excess: the warning is of that and of nothing else.
    (warning,) = (outcome for outcome in sound.tests[YEAR] if outcome.status != "pass")
    assert (warning.name, warning.status) == ("plan_tests_fail_in_no_future", "warn")
    assert [(row["scenario_id"], row["test"]) for row in warning.sample] == [("loose", "ADP")]


@pytest.mark.parametrize(
    ("spoilt", "case"),
    [(case, case) for case in CASES],
    ids=[f"{case.reported_by} | {case.asset}, {number}" for number, case in enumerate(CASES)],
    indirect=["spoilt"],
)
def test_a_defect_in_a_file_is_reported_by_its_test(spoilt: Simulation, case: Seeded) -> None:
    """As in a year, where the tests of a model share a scan; and each says what it says when it runs by itself."""
    dbt, named = spoilt.project.dbt, data_tests(spoilt)
    expected = named[case.reported_by]
    beside = {test.name: test for tests in named.values() for test in tests if test.models == expected[0].models}
    with session(spoilt) as opened:
        together = [
            outcome for outcome in run_tests(opened, dbt, [*beside.values()]) if outcome.name in map(_name, expected)
        ]
        alone = [outcome for test in expected for outcome in run_tests(opened, dbt, [test])]
    assert reports(case.reported_by, together, case.rule), together
    assert sorted(map(_counted, together)) == sorted(map(_counted, alone))


def _name(named: DataTest | Outcome) -> str:
    return named.name


def _counted(outcome: Outcome) -> tuple[str, str, int]:
    return outcome.name, outcome.status, outcome.failures


def after_operations(sound: Simulation, folder: Path, asset: str, statement: str) -> dict[str, list[Outcome]]:
    """The outcomes of the group after the operations, its models made from a spoiled file, by the names of DEFECTS."""
    copy = shutil.copytree(sound.project.settings.study_file.parent, folder / "copy")
    run = simulation(copy, (copy / "study.yaml").read_text())
    spoil(run, asset, statement)
    dbt = run.project.dbt
    with session(run) as opened:
        list(run_models(opened, dbt, dbt.group_models("state_aggregation")))
        tests = dbt.group_tests("state_aggregation", GROUP_ORDER)
        outcomes = {outcome.name: outcome for outcome in run_tests(opened, dbt, tests)}
    named = data_tests(run, ("state_aggregation",))
    return {label: [outcomes[test.name] for test in tests] for label, tests in named.items()}


@pytest.mark.parametrize("name", operations.SPOILED)
def test_what_an_operation_spoils_stops_the_year_before_it_is_published(
    sound: Simulation, tmp_path: Path, name: str
) -> None:
    """The models that read the spoiled file are made from it; the tests of the very next group already report it."""
    seeded = operations.SPOILED[name]
    outcomes = after_operations(sound, tmp_path, seeded.asset, seeded.statement)[seeded.reported_by]
    assert reports(seeded.reported_by, outcomes), outcomes


@pytest.mark.parametrize("operation", [operation.name for operation in OPERATIONS])
def test_an_operation_without_a_row_is_reported_by_the_checks_named_for_it(
    sound: Simulation, tmp_path: Path, operation: str
) -> None:
    outcomes = after_operations(sound, tmp_path, operation, operations.EMPTY)
    assert {label for label, those in outcomes.items() if reports(label, those)} == operations.EMPTIED[operation]
