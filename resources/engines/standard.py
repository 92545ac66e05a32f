"""The standard engine: `dbt build` itself, the reference and the fallback of the optimized one.

Belongs here: calling dbt for one group and one year, and reading its results. Does not: Dagster specs.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
from dagster_dbt import DbtCliInvocation, DbtCliResource

from resources.dbt.compiled import CompiledProject, DataTest, dbt_environment, dbt_executable
from resources.engines.session import Engine, Facts, ModelResult, TestResult, YearSession, no_facts, sample_of
from resources.process.failures import EngineError, ModelError, ShortageError, end_process

#: How DuckDB's messages begin that are about the machine, not about the SQL.
_SHORTAGE = ("Out of Memory Error", "IO Error")
_LIMITS = ["threads", "memory_limit", "temp_directory", "max_temp_directory_size", "async_threads"]
_TEST_STATUS = {"pass": "pass", "warn": "warn", "fail": "error", "error": "error"}


def standard_engine(dbt_project: Path, scratch: Path) -> Engine:
    """The engine that is dbt.

    Args:
        dbt_project: The folder of the dbt project.
        scratch: Where dbt may leave its logs and artifacts until the step ends.
    """

    def run(
        session: YearSession,
        project: CompiledProject,
        models: Sequence[str],
        tests: Sequence[DataTest] = (),
        *,
        facts_of: Facts = no_facts,
    ) -> Iterator[ModelResult | TestResult]:
        scratch.mkdir(parents=True, exist_ok=True)
        made: set[str] = set()
        with TemporaryDirectory(prefix="dbt_", dir=scratch) as target:
            with _environment(_of_step(session, dbt_project, project)):
                invocation = _dbt(dbt_project).cli(
                    # One argument: of several after --select, dagster-dbt takes only the first as the selection.
                    ["build", "--select", " ".join([*models, *(test.name for test in tests)]),
                     "--indirect-selection", "empty", "--exclude-resource-type", "unit_test",
                     "--threads", str(session.cursors)],
                    raise_on_error=False,
                    target_path=Path(target),
                )  # fmt: skip
            for name, seconds in _made(invocation, session, models):
                made.add(name)
                yield _model_result(session, project, name, seconds, facts_of)
            try:
                results = invocation.get_artifact("run_results.json")["results"]
            except FileNotFoundError:
                raise EngineError(f"dbt did not run for {session.year}: {invocation.get_error()}") from None
        for outcome in _outcomes(results, made, session):
            yield _with_sample(outcome, session, project, tests)

    return run


def _of_step(session: YearSession, dbt_project: Path, project: CompiledProject) -> dict[str, str]:
    """What dbt is told of the step: its lake, its year, and the limits of the step's own session."""
    limits = session.connection.execute("select name, value from duckdb_settings() where name in ?", [_LIMITS]).fetchall()
    lake = str(session.lake.root)
    return dbt_environment(
        dbt_project,
        PLANWISE_LAKE=lake,
        PLANWISE_WRITE_LAKE=lake,
        PLANWISE_YEAR=str(session.year),
        PLANWISE_DUCKDB_SETTINGS=json.dumps(dict(limits)),
        PLANWISE_STEP_PROCESS=str(os.getpid()),
        # Where dagster-dbt finds dbt's partial parse; parsing anew takes dbt as long as all the rest.
        DBT_TARGET_PATH=str(project.folder),
    )


def _made(invocation: DbtCliInvocation, session: YearSession, models: Sequence[str]) -> Iterator[tuple[str, float]]:
    """Each model that dbt has made, with the seconds that it took.

    dbt ends with the step, and its messages say what is at work.
    """
    process = psutil.Process(invocation.process.pid)
    with ExitStack() as everything:
        everything.callback(end_process, process)  # does nothing to a process that has ended
        everything.enter_context(session.work.of("dbt", lambda: end_process(process)))
        at_work: dict[str, ExitStack] = {}
        for event in invocation.stream_raw_events():
            kind, data = event.raw_event["info"]["name"], event.raw_event["data"]
            name = data.get("node_info", {}).get("node_name")
            if name in models and kind == "LogStartLine":
                at_work[name] = everything.enter_context(ExitStack())
                at_work[name].enter_context(session.work.of(name, lambda: None))
            elif name in at_work and kind == "LogModelResult":
                at_work.pop(name).close()
                if data["node_info"]["node_status"] == "success":
                    yield name, float(data["execution_time"])


def _model_result(session: YearSession, project: CompiledProject, name: str, seconds: float, facts_of: Facts) -> ModelResult:
    file = session.lake.file(name, session.year)
    rows = session.connection.execute("select num_rows from parquet_file_metadata(?)", [str(file)]).fetchone()
    result = ModelResult(name, int(rows[0]) if rows else 0, file.stat().st_size, seconds)
    session.note(result, file.stat().st_mtime - seconds)
    session.open(project.relation_of_model(name))
    return replace(result, facts=facts_of(session.connection, name))


def _outcomes(results: Sequence[Mapping[str, Any]], made: set[str], session: YearSession) -> Iterator[TestResult]:
    """The outcomes of tests, from what dbt wrote at its end, where it also says why a model was not made."""
    outcomes: list[TestResult] = []
    for result in results:
        kind, _, name = result["unique_id"].split(".")[:3]
        if kind == "test":
            if result["status"] not in _TEST_STATUS:
                raise ModelError(f"Test {name} did not run for {session.year}: {result['message']}")
            outcomes.append(TestResult(name, _TEST_STATUS[result["status"]], int(result["failures"] or 0)))
        elif kind == "model" and name not in made:
            failed = [test.name for test in outcomes if test.status == "error"]
            reason = result["message"] or f"skipped, because a test before it failed: {', '.join(failed)}"
            kind_of_failure = ShortageError if any(words in reason for words in _SHORTAGE) else ModelError
            raise kind_of_failure(f"Model {name} failed for {session.year}: {reason}")
    yield from sorted(outcomes, key=lambda outcome: outcome.name)


def _with_sample(
    outcome: TestResult, session: YearSession, project: CompiledProject, tests: Sequence[DataTest]
) -> TestResult:
    """The outcome with its first failing rows, of which dbt says only how many there are."""
    test = next((test for test in tests if test.name == outcome.name), None)
    if test is None or outcome.status == "pass":
        return outcome
    for unique_id in sorted(test.reads):
        session.open(project.relations[unique_id])
    return replace(outcome, sample=sample_of(session.connection, test))


@cache
def _dbt(project: Path) -> DbtCliResource:
    """The dbt command on this project: one a process, because each asks dbt for its version, which takes seconds."""
    return DbtCliResource(project_dir=str(project), profiles_dir=str(project), dbt_executable=dbt_executable())


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """DbtCliResource starts dbt with this process's environment: it holds these variables meanwhile."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
