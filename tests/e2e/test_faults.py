"""Faults put into real runs: endless models, killed operations, broken engines, no memory, no disk, cancelled runs.

Proved of each: it ends as designed, nothing is left behind, and the year run again gives the bytes of an undisturbed one.
Faults come in through the compiled dbt project (a cache of the study's own) or through `build_defs(overrides=...)`.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from planwise_assets.recovery import leftovers, study_breaker
from planwise_assets.settings import PROJECT_ROOT, Settings
from resources.breaker import COOL_DOWN_RUNS
from tests.e2e.dagster_ui import dagster_ui, wait_for
from tests.e2e.installation import DBT_CACHE, Installation, command, installation
from tests.e2e.test_runs_apart import flock_holders, kind
from tests.harness import simulation

pytestmark = pytest.mark.e2e

STUDY: dict[str, Any] = {
    "study": "faults",
    "census": "census.csv",
    "years": {"start": 2025, "end": 2025},
    "seeds": [1],
    "resources": {"memory_gb": 2, "threads": 2},
    "scenarios": {"baseline": {}},
}
YEAR = 2025
PATIENCE_SECONDS = 120

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

#: Resources that break. `{fault}` says when, of a statement; `{error}` what is raised.
BROKEN = """
from dataclasses import replace
from contextlib import contextmanager
import duckdb
from planwise_assets.definitions import build_defs
from planwise_assets.project import Project
from planwise_assets.settings import Settings
from resources.duckdb import PlanwiseDuckDB

seen = []

class Broken:
    def __init__(self, connection):
        self._connection = connection
    def __getattr__(self, name):
        return getattr(self._connection, name)
    def cursor(self):
        return Broken(self._connection.cursor())
    def execute(self, sql, *parameters):
        if {fault}:
            seen.append(sql)
            raise {error}
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


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("undisturbed")
    shutil.copy(PROJECT_ROOT / "data" / "census_tiny.csv", folder / "census.csv")
    return simulation(folder, STUDY).run().hashes()


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    study = installation(tmp_path / "study", STUDY)
    # Dagster's home, for looking at its records from here; commands get their own environment.
    monkeypatch.setenv("DAGSTER_HOME", str(study.dagster_home))
    return study


def test_a_model_past_its_timeout_is_named_and_not_tried_again(made: Installation, undisturbed: dict[str, str]) -> None:
    put_into_model(made, "int_hazard_promotion", ENDLESS)
    made.write_study({**STUDY, "resources": {**STUDY["resources"], "step_timeout_minutes": 0.1}})

    code, said = made.execute_year(YEAR)

    assert code != 0
    assert "Step hazards took longer than 0.1 minutes" in said
    assert "At work: int_hazard_promotion" in said
    assert of_kind(made, "STEP_RESTARTED") == []
    assert_a_new_run_mends_it(made, undisturbed)


def test_an_operation_that_is_killed_is_tried_again_alone(made: Installation, undisturbed: dict[str, str]) -> None:
    process = made.start_year(YEAR, executor="multiprocess", output=subprocess.DEVNULL)
    lock = made.home / "locks" / "faults.operations"
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (holders := flock_holders(lock) if lock.exists() else []):
        assert process.poll() is None
        assert time.monotonic() < deadline
    os.kill(holders[0], signal.SIGKILL)

    assert process.wait(timeout=PATIENCE_SECONDS) == 0
    (killed,) = of_kind(made, "STEP_RESTARTED")
    assert breaker(made).circuits()[f"operation:{killed}"].failures == 1
    assert made.results() == undisturbed
    assert_nothing_is_left(made)
    assert_a_new_run_mends_it(made, undisturbed)


def test_the_standard_engine_takes_over_and_after_three_failures_stays(
    made: Installation, undisturbed: dict[str, str]
) -> None:
    """Two failures are on record already: the run's own is the third."""
    for _ in range(2):
        breaker(made).failed("engine:hazards", "before")

    code, said = execute_broken(made, fault="sql.startswith('copy') and 'int_hazard_promotion' in sql")
    assert code == 0, said
    assert "engine:hazards failed: The optimized engine failed: RuntimeError: broken" in said
    assert breaker(made).circuits()["engine:hazards"].state == "open"
    assert made.results() == undisturbed
    assert_nothing_is_left(made)

    code, said = made.execute_year(YEAR)
    assert code == 0, said
    assert "engine:hazards is left alone after 3 failures" in said
    assert made.results() == undisturbed

    for _ in range(COOL_DOWN_RUNS - 1):
        breaker(made).begin_run()
    code, said = made.execute_year(YEAR)
    assert code == 0, said
    assert "left alone" not in said
    assert breaker(made).circuits() == {}
    assert made.results() == undisturbed


def test_an_operation_short_of_memory_goes_on_with_less_at_once(made: Installation, undisturbed: dict[str, str]) -> None:
    """The tiny company's people fit in one batch of 60, and in a quarter of that they do not."""
    people = 100
    made.write_study({**STUDY, "resources": {**STUDY["resources"], "batch_size": people}})

    code, said = execute_broken(
        made, fault="'table made as' in sql and not seen", error="duckdb.OutOfMemoryException('all of it is used')"
    )

    assert code == 0, said
    (tried_again,) = of_kind(made, "STEP_RESTARTED")
    batches = {
        made_of.asset_key.path[-1]: made_of.metadata["batches"].value
        for entry in made.events(made.runs()[-1].run_id)
        if (made_of := entry.asset_materialization) and "batches" in made_of.metadata
    }
    assert batches.pop(tried_again) > max(batches.values())
    assert made.results() == undisturbed
    assert_a_new_run_mends_it(made, undisturbed)


def test_a_full_disk_for_spilling_ends_the_step_and_changes_nothing(made: Installation, undisturbed: dict[str, str]) -> None:
    put_into_model(made, "int_hazard_promotion", GREEDY)
    full = "connection.execute(\"set memory_limit = '200MB'\"); connection.execute(\"set max_temp_directory_size = '10MB'\")"

    code, said = execute_broken(made, fault="False", limits=full)

    assert code != 0
    assert "Model int_hazard_promotion failed for 2025" in said
    assert "max_temp_directory_size" in said
    assert of_kind(made, "STEP_RESTARTED") == ["hazards", "hazards"]
    assert not made.lake.exists("int_hazard_promotion", YEAR)
    assert_a_new_run_mends_it(made, undisturbed)


def test_a_run_cancelled_in_the_ui_ends_its_queries(made: Installation, undisturbed: dict[str, str]) -> None:
    put_into_model(made, "int_hazard_promotion", ENDLESS)
    with dagster_ui(made) as ui:
        run = ui.launch_year(YEAR)
        wait_for(lambda: made.lake.exists("int_hazard_termination", YEAR), PATIENCE_SECONDS, "the group of the model")
        ended = ui.ask(
            "mutation ($id: String!) { terminateRun(runId: $id) { __typename ... on PythonError { message } } }", id=run
        )["terminateRun"]
        assert ended["__typename"] == "TerminateRunSuccess", ended
        assert ui.wait_for_run(run, PATIENCE_SECONDS) == "CANCELED"
        wait_for(lambda: not flock_holders(made.home / "locks" / "faults.steps"), PATIENCE_SECONDS, "the step's end")
        wait_for(lambda: not left_behind(made), PATIENCE_SECONDS, "the sweep")
    assert_a_new_run_mends_it(made, undisturbed)


def put_into_model(made: Installation, model: str, condition: str) -> None:
    """Gives the study a compiled project of its own, in which one model has a condition more."""
    own = made.home / "dbt"
    own.unlink()
    newest = max(DBT_CACHE.glob("*/manifest.json"), key=lambda file: file.stat().st_mtime).parent
    shutil.copytree(newest, own / newest.name)
    file = own / newest.name / "manifest.json"
    manifest = json.loads(file.read_text(encoding="utf-8"))
    (node,) = (n for n in manifest["nodes"].values() if n["name"] == model and n["resource_type"] == "model")
    node["compiled_code"] = f"select * from (\n{node['compiled_code']}\n) where {condition}"
    file.write_text(json.dumps(manifest), encoding="utf-8")


def execute_broken(
    made: Installation, *, fault: str, error: str = "RuntimeError('broken')", limits: str = "pass"
) -> tuple[int, str]:
    """Runs the year with a DuckDB resource that breaks."""
    file = made.folder / "broken.py"
    file.write_text(BROKEN.format(fault=fault, error=error, limits=limits), encoding="utf-8")
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
    if not (made.home / "dbt").is_symlink():
        shutil.rmtree(made.home / "dbt")
        (made.home / "dbt").symlink_to(DBT_CACHE, target_is_directory=True)
    made.write_study(STUDY)
    code, said = made.execute_year(YEAR)
    assert code == 0, said
    assert made.results() == undisturbed
    assert_nothing_is_left(made)
