"""Faults put into real runs: endless models, killed operations, broken engines, no memory, no disk, cancelled runs.

Proved of each: it ends as designed, nothing is left behind, and the year run again gives the bytes of an undisturbed one.
Faults come in through the compiled dbt project (a cache of the study's own) or through `build_defs(overrides=...)`.

One study, disturbed and mended again and again: a run with several faults at once where they meet different steps.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import time
from itertools import combinations
from pathlib import Path
from typing import Any

import psutil
import pytest
from typer.testing import CliRunner

from planwise_assets.allocation import Allocation
from planwise_assets.commands.cli import app
from planwise_assets.runs.instance import open_instance
from planwise_assets.settings import PROJECT_ROOT, Settings
from planwise_assets.steps import GROUPS, OPERATIONS
from planwise_assets.study.file.load import load_study
from planwise_assets.year.breaker import study_breaker
from planwise_assets.year.cleanup import leftovers
from resources.dbt.compiled import compiled_project
from resources.process.breaker import COOL_DOWN_RUNS, FAILURES_TO_OPEN
from resources.process.machine import Machine
from tests.e2e.dagster_ui import dagster_ui, wait_for
from tests.e2e.installation import Installation, command, installation
from tests.e2e.test_runs_apart import flock_holders, kind
from tests.harness import SHARED_DBT_CACHE, share_compiled_project

pytestmark = pytest.mark.e2e

STUDY: dict[str, Any] = {
    "study": "faults",
    "census": "census.csv",
    "years": {"start": 2025, "end": 2025},
    "seeds": [1],
    "resources": {"memory_gb": 4, "threads": 4},
    "scenarios": {"baseline": {}},
}
YEAR = 2025
PATIENCE_SECONDS = 120

#: Steps that a year may run at the same time.
TOGETHER = [("staging_inputs", "staging_tables"), ("foundation", "hazards"), tuple(step.name for step in OPERATIONS)]

#: True, after hours.
ENDLESS = "(select count(*) from range(1000000) as a, range(1000000) as b where a.range + b.range < 0) = 0"
#: True, after sorting 800 MB.
GREEDY = """(
    select count(*)
    from (
        select row_number() over (order by range::varchar || repeat('x', 80)) as n
        from range(10000000)
    )
    where n > 0
) > 0"""
#: What DuckDB finds out only when it has the rows.
WRONG = "('x' || age_on_january_1::varchar)::integer > 0"

#: A DuckDB resource that breaks: `{fault}` is run before every statement, `{limits}` for every session.
BROKEN = """
from contextlib import contextmanager
import duckdb
from planwise_assets.definitions import build_defs
from planwise_assets.settings import PROJECT_ROOT, Settings
from resources.duckdb.sessions import PlanwiseDuckDB

held = []

class Broken:
    def __init__(self, connection):
        self._connection = connection
    def __getattr__(self, name):
        return getattr(self._connection, name)
    def cursor(self):
        return Broken(self._connection.cursor())
    def execute(self, sql, *parameters):
        {fault}
        return self._connection.execute(sql, *parameters)

class BrokenDuckDB(PlanwiseDuckDB):
    @contextmanager
    def session(self, **limits):
        with super().session(**limits) as connection:
            {limits}
            yield Broken(connection)

settings = Settings.from_environment()
spill = str(settings.temporary("faults"))
defs = build_defs(settings, overrides={{"duckdb": BrokenDuckDB(spill_folder=spill)}})
"""
#: Three faults of one year: an optimization raises in every session, the engine in one group, and the first operation
#: holds more than its memory while it has a query at work.
THREE_FAULTS = f"""
        if sql.startswith('set parquet_metadata_cache'):
            raise RuntimeError('no cache today')
        if sql.startswith('copy') and 'int_hazard_promotion.parquet' in sql:
            raise RuntimeError('broken')
        if 'table made as' in sql and held:
            held[:] = [b'']
        if 'table made as' in sql and not held:
            held.append(bytearray(b'x') * 1_200_000_000)
            self._connection.execute("select {ENDLESS}")
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return installation(tmp_path_factory.mktemp("faults") / "study", STUDY)


@pytest.fixture(scope="module")
def undisturbed(made: Installation, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return made.undisturbed(tmp_path_factory.mktemp("undisturbed"))


@pytest.fixture(autouse=True)
def mended(made: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the faults of the test before."""
    for name, value in made.environment().items():  # for looking at its records from here, and for the command
        monkeypatch.setenv(name, value)
    mend(made)


def test_an_optimization_the_engine_and_an_operations_memory_fail_in_one_year(
    made: Installation, undisturbed: dict[str, str]
) -> None:
    """Two failures of the engine are on record already, so that the run's own is the third: its circuit opens."""
    for _ in range(FAILURES_TO_OPEN - 1):
        breaker(made).failed("engine:hazards", "before")
    resources = {"memory_gb": 1, "threads": 2, "batch_size": 100, "optimizations": {"query_caching": True}}
    made.write_study({**STUDY, "resources": resources})

    code, said = execute_broken(made, fault=THREE_FAULTS)

    assert code == 0, said
    assert made.results() == undisturbed
    assert_nothing_is_left(made)
    assert "Optimization query_caching is skipped: RuntimeError: no cache today" in said
    assert "engine:hazards failed: The optimized engine failed: RuntimeError: broken" in said
    assert breaker(made).circuits()["engine:hazards"].state == "open"
    (tried_again,) = of_kind(made, "STEP_RESTARTED")
    assert f"Step {tried_again} uses" in said
    batches = {
        made_of.asset_key.path[-1]: made_of.metadata["batches"].value
        for entry in made.events(made.runs()[-1].run_id)
        if (made_of := entry.asset_materialization) and "batches" in made_of.metadata
    }
    assert batches.pop(tried_again) > max(batches.values())

    # The year again, without the faults: the circuit is open still, and dbt itself makes the group.
    mend(made)
    code, said = made.execute_year(YEAR)
    assert code == 0, said
    assert "engine:hazards is left alone after 3 failures" in said
    assert made.results() == undisturbed
    assert_nothing_is_left(made)


def test_an_operation_that_is_killed_is_tried_again_alone(made: Installation, undisturbed: dict[str, str]) -> None:
    """After as many runs as an open circuit cools down: the engine of the test before is tried again, and it closes."""
    for _ in range(COOL_DOWN_RUNS - 1):
        breaker(made).begin_run()
    process = made.start_year(YEAR, executor="multiprocess", output=subprocess.DEVNULL)
    lock = made.home / "locks" / "faults.operations"
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (holders := flock_holders(lock) if lock.exists() else []):
        assert process.poll() is None
        assert time.monotonic() < deadline
    os.kill(holders[0], signal.SIGKILL)

    assert process.wait(timeout=PATIENCE_SECONDS) == 0
    (killed,) = of_kind(made, "STEP_RESTARTED")
    others = {step.name for step in OPERATIONS} - {killed}
    spans = spans_of_last_run(made)
    assert spans[killed][1] >= max(spans[other][1] for other in others)
    assert breaker(made).circuits().keys() == {f"operation:{killed}"}, "the engine's circuit has closed"
    assert made.results() == undisturbed
    assert_nothing_is_left(made)

    told = CliRunner().invoke(app, ["doctor"])
    assert f"operation:{killed}" in told.output.replace("\n", "")
    assert CliRunner().invoke(app, ["doctor", "--reset"]).exit_code == 0
    assert breaker(made).circuits() == {}

    # Again, and no operation gets its place before all three are at work: one that waited for another would end this here.
    with lock.open() as places:
        fcntl.flock(places, fcntl.LOCK_EX)
        process = made.start_year(YEAR, executor="multiprocess", output=subprocess.DEVNULL)
        begun = {step.name for step in OPERATIONS}
        wait_for(lambda: begun <= spans_of_last_run(made).keys(), PATIENCE_SECONDS, "all operations at work")
    assert process.wait(timeout=PATIENCE_SECONDS) == 0
    assert made.results() == undisturbed
    assert_nothing_is_left(made)
    for one, other in (pair for steps in TOGETHER for pair in combinations(steps, 2)):
        assert may_run_together(made, one, other), (one, other)


def test_a_model_past_its_timeout_and_a_model_that_is_wrong_are_named_and_not_tried_again(
    made: Installation, undisturbed: dict[str, str]
) -> None:
    """Two steps of one run that do not wait for each other."""
    put_into_models(made, {"int_hazard_promotion": ENDLESS, "int_active_workforce": WRONG})
    made.write_study({**STUDY, "resources": {**STUDY["resources"], "step_timeout_minutes": 0.15}})

    code, said = made.execute_year(YEAR)

    assert code != 0
    assert "Step hazards took longer than 0.15 minutes" in said
    assert "At work: int_hazard_promotion" in said
    assert "Model int_active_workforce failed for 2025" in said
    assert of_kind(made, "STEP_RESTARTED") == []
    assert set(of_kind(made, "STEP_FAILURE")) == {"hazards", "foundation"}
    assert breaker(made).circuits() == {}, "no fault of the engine, which dbt could make good"
    assert_a_new_run_mends_it(made, undisturbed)


def test_a_full_disk_for_spilling_ends_the_step_and_changes_nothing(made: Installation, undisturbed: dict[str, str]) -> None:
    put_into_models(made, {"int_hazard_promotion": GREEDY})
    made.lake.file("int_hazard_promotion", YEAR).unlink()
    full = "connection.execute(\"set memory_limit = '200MB'\"); connection.execute(\"set max_temp_directory_size = '10MB'\")"

    code, said = execute_broken(made, limits=full)

    assert code != 0
    assert "Model int_hazard_promotion failed for 2025" in said
    assert "max_temp_directory_size" in said
    assert of_kind(made, "STEP_RESTARTED") == ["hazards", "hazards"]
    assert not made.lake.exists("int_hazard_promotion", YEAR)
    assert_a_new_run_mends_it(made, undisturbed)


def test_a_run_cancelled_in_the_ui_ends_its_queries(made: Installation, undisturbed: dict[str, str]) -> None:
    put_into_models(made, {"int_hazard_promotion": ENDLESS})
    at_work = made.home / "locks" / "faults.steps"
    with dagster_ui(made, executor="multiprocess") as ui:
        run = ui.launch_year(YEAR)
        wait_for(lambda: "hazards" in spans_of_last_run(made), PATIENCE_SECONDS, "the group of the model")
        ended = ui.ask(
            "mutation ($id: String!) { terminateRun(runId: $id) { __typename ... on PythonError { message } } }", id=run
        )["terminateRun"]
        assert ended["__typename"] == "TerminateRunSuccess", ended
        assert ui.wait_for_run(run, PATIENCE_SECONDS) == "CANCELED"
        wait_for(lambda: not flock_holders(at_work), PATIENCE_SECONDS, "the step's end")
        wait_for(lambda: not left_behind(made), PATIENCE_SECONDS, "the sweep")
        assert of_kind(made, "STEP_RESTARTED") == []
    assert_a_new_run_mends_it(made, undisturbed)


def put_into_models(made: Installation, conditions: dict[str, str]) -> None:
    """Gives the study a compiled project of its own, in which some models have a condition more."""
    own = made.home / "dbt"
    own.unlink()
    compiled = compiled_project(PROJECT_ROOT / "dbt_project", SHARED_DBT_CACHE).folder
    shutil.copytree(compiled, own / compiled.name)
    file = own / compiled.name / "manifest.json"
    manifest = json.loads(file.read_text(encoding="utf-8"))
    for model, condition in conditions.items():
        (node,) = (n for n in manifest["nodes"].values() if n["name"] == model and n["resource_type"] == "model")
        node["compiled_code"] = f"select * from (\n{node['compiled_code']}\n) where {condition}"
    file.write_text(json.dumps(manifest), encoding="utf-8")


def mend(made: Installation) -> None:
    """Takes the faults out: the compiled project and the study as they were."""
    if not (made.home / "dbt").is_symlink():
        shutil.rmtree(made.home / "dbt")
        share_compiled_project(made.home)
    made.write_study(STUDY)


def execute_broken(made: Installation, *, fault: str = "pass", limits: str = "pass") -> tuple[int, str]:
    """Runs the year with a DuckDB resource that breaks."""
    file = made.folder / "broken.py"
    file.write_text(BROKEN.format(fault=fault.strip(), limits=limits), encoding="utf-8")
    done = subprocess.run(
        [
            *(command("dagster"), "job", "execute", "-f", str(file), "-a", "defs", "-j", "simulate_year"),
            *("--tags", f'{{"dagster/partition": "{YEAR}"}}'),
        ],
        cwd=PROJECT_ROOT,
        env=made.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    return done.returncode, done.stdout


def breaker(made: Installation) -> Any:
    return study_breaker(Settings(home=made.home, study_file=made.study_file), made.study)


def of_kind(made: Installation, event: str) -> list[str]:
    """The steps of the last run that had such an event."""
    entries = made.events(made.runs()[-1].run_id)
    return [str(entry.dagster_event.step_key) for entry in entries if entry.dagster_event and kind(entry) == event]


def spans_of_last_run(made: Installation) -> dict[str, tuple[float, float]]:
    """When each step of the last run began and, so far, ended: from the event log."""
    spans: dict[str, tuple[float, float]] = {}
    for entry in made.events(made.runs()[-1].run_id) if made.runs() else []:
        if entry.step_key and kind(entry) in ("STEP_START", "STEP_RESTARTED", "STEP_SUCCESS", "STEP_FAILURE"):
            begun, _ = spans.get(entry.step_key, (entry.timestamp, 0.0))
            spans[entry.step_key] = (begun, entry.timestamp)
    return spans


def may_run_together(made: Installation, one: str, other: str) -> bool:
    """Whether neither step of the last run waits for the other, and their slots of the study's budget are different ones."""
    with open_instance(made.dagster_home) as instance:
        snapshot = made.runs()[-1].execution_plan_snapshot_id
        assert snapshot is not None
        waits_for = instance.get_execution_plan_snapshot(snapshot).step_deps

    def before(step: str) -> set[str]:
        return {earlier for direct in waits_for[step] for earlier in (direct, *before(direct))}

    table = {step.name: step for step in (*GROUPS, *OPERATIONS)}
    resources = load_study(made.study_file).resources
    limits = [Allocation.of(resources, Machine.here()).limits(table[step]) for step in (one, other)]
    return other not in before(one) and one not in before(other) and not set(limits[0].slots) & set(limits[1].slots)


def left_behind(made: Installation) -> list[Path]:
    return leftovers(Settings(home=made.home, study_file=made.study_file), made.study)


def assert_nothing_is_left(made: Installation) -> None:
    assert left_behind(made) == []
    # The fork server ends when it sees that its run has: an instant after it.
    wait_for(lambda: not [process for process in psutil.process_iter() if is_of(process, made)], 10, "every process's end")


def is_of(process: psutil.Process, made: Installation) -> bool:
    """Whether a process, not this one, works for this study."""
    try:
        return process.pid != os.getpid() and process.environ().get("PLANWISE_HOME") == str(made.home)
    except psutil.Error:
        return False


def assert_a_new_run_mends_it(made: Installation, undisturbed: dict[str, str]) -> None:
    """Without the fault, the study as it was gives what it always gives; nothing of the disturbed run is left."""
    assert_nothing_is_left(made)
    mend(made)
    code, said = made.execute_year(YEAR)
    assert code == 0, said
    assert made.results() == undisturbed
    assert_nothing_is_left(made)
