"""The standard engine: `dbt build` itself, the reference and the fallback of the optimized one.

Belongs here: calling dbt for one group and one year, and reading its results. Does not: Dagster specs.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from dagster_dbt import DbtCliInvocation, DbtCliResource

from planwise_assets.project import Project
from resources.dbt import dbt_environment, dbt_executable
from resources.engine import ModelResult, TestResult, YearSession
from resources.failures import EngineError, ModelError, ShortageError, end_process
from resources.lake import sync

#: How DuckDB's messages begin that are about the machine, not about the SQL.
_SHORTAGE = ("Out of Memory Error", "IO Error")
_LIMITS = ["threads", "memory_limit", "temp_directory", "max_temp_directory_size", "async_threads"]
_TEST_STATUS = {"pass": "pass", "warn": "warn", "fail": "error", "error": "error"}


def run_group_with_dbt(
    session: YearSession, project: Project, models: Sequence[str], tests: Sequence[str]
) -> tuple[list[ModelResult], list[TestResult]]:
    """Runs models and tests of one group with `dbt build`.

    Args:
        session: The step's session, whose settings dbt gets too.
        project: The study and its compiled dbt project.
        models: Models to build.
        tests: Names of the data tests to run after them.

    Raises:
        ModelError: A model failed; the message holds what dbt said.
        ShortageError: It failed for want of memory or disk.
        EngineError: dbt itself did not run, or was killed.
    """
    folder = project.temporary
    folder.mkdir(parents=True, exist_ok=True)
    settings = dict(
        session.connection.execute("select name, value from duckdb_settings() where name in ?", [_LIMITS]).fetchall()
    )
    lake = str(project.lake.root)
    environment = dbt_environment(
        project.settings.dbt_project,
        PLANWISE_LAKE=lake,
        PLANWISE_WRITE_LAKE=lake,
        PLANWISE_YEAR=str(session.year),
        PLANWISE_DUCKDB_SETTINGS=json.dumps(settings),
        PLANWISE_STEP_PROCESS=str(os.getpid()),
        # Where dagster-dbt finds dbt's partial parse; parsing anew takes dbt as long as all the rest.
        DBT_TARGET_PATH=str(project.dbt.folder),
    )
    with TemporaryDirectory(prefix="dbt_", dir=folder) as target, _environment(environment):
        invocation = _dbt(project.settings.dbt_project).cli(
            # One argument: of several after --select, dagster-dbt takes only the first as the selection.
            ["build", "--select", " ".join([*models, *tests]), "--indirect-selection", "empty",
             "--exclude-resource-type", "unit_test", "--threads", str(session.cursors)],
            raise_on_error=False,
            target_path=Path(target),
        )  # fmt: skip
        _watched(invocation, session, models)
        try:
            results = invocation.get_artifact("run_results.json")["results"]
        except FileNotFoundError:
            raise EngineError(f"dbt did not run for {session.year}: {invocation.get_error()}") from None
    made: list[ModelResult] = []
    outcomes: list[TestResult] = []
    for result in results:
        kind, _, name = result["unique_id"].split(".")[:3]
        if kind == "test":
            if result["status"] not in _TEST_STATUS:
                raise ModelError(f"Test {name} did not run for {session.year}: {result['message']}")
            outcomes.append(TestResult(name, _TEST_STATUS[result["status"]], int(result["failures"] or 0)))
        elif kind == "model":
            if result["status"] != "success":
                failed = [test.name for test in outcomes if test.status == "error"]
                reason = result["message"] or f"skipped, because a test before it failed: {', '.join(failed)}"
                kind_of_failure = ShortageError if any(words in reason for words in _SHORTAGE) else ModelError
                raise kind_of_failure(f"Model {name} failed for {session.year}: {reason}")
            file = project.lake.file(name, session.year)
            sync(file)
            rows = session.connection.execute("select num_rows from parquet_file_metadata(?)", [str(file)]).fetchone()
            made.append(ModelResult(name, int(rows[0]) if rows else 0, file.stat().st_size, result["execution_time"]))
            session.note(made[-1], file.stat().st_mtime - made[-1].seconds)
    order = {name: position for position, name in enumerate(models)}
    return sorted(made, key=lambda result: order[result.name]), sorted(outcomes, key=lambda outcome: outcome.name)


def _watched(invocation: DbtCliInvocation, session: YearSession, models: Sequence[str]) -> None:
    """Waits for dbt, which is ended with the step; what it has at work is known from what it says."""
    process = psutil.Process(invocation.process.pid)
    with ExitStack() as everything:
        everything.callback(end_process, process)  # does nothing to a process that has ended
        everything.enter_context(session.work.of("dbt", lambda: end_process(process)))
        at_work: dict[str, ExitStack] = {}
        for event in invocation.stream_raw_events():
            kind, name = event.raw_event["info"]["name"], event.raw_event["data"].get("node_info", {}).get("node_name")
            if name in models and kind == "LogStartLine":
                at_work[name] = everything.enter_context(ExitStack())
                at_work[name].enter_context(session.work.of(name, lambda: None))
            elif name in at_work and kind == "LogModelResult":
                at_work.pop(name).close()


@cache
def _dbt(project: Path) -> DbtCliResource:
    """The dbt command on this project: one a process, because each asks dbt for its version, which takes seconds."""
    return DbtCliResource(project_dir=str(project), profiles_dir=str(project), dbt_executable=dbt_executable())


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """DbtCliResource hands the process's environment to dbt: it holds these variables meanwhile."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
