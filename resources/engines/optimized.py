"""The optimized engine: compiled SQL straight on DuckDB, one Parquet file a model.

Belongs here: running models and data tests side by side in dependency order. Does not: what a test found (data_tests.py),
opening and publishing files (session.py), which year or scenario it is (the relation `year_context` says), Dagster.

The standard engine (dbt itself, macros/lake/lake.sql and macros/lake/materialization.sql) writes the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter

import duckdb

from resources.dbt.compiled import CompiledProject, DataTest, Relation
from resources.engines.data_tests import bundled, name_of, run_bundle
from resources.engines.session import Facts, ModelResult, TestResult, Unchanged, YearSession, all_anew, no_facts
from resources.process.failures import MissingInputError, ModelError, ShortageError, engine_faults, failure_of

#: What one piece of work comes to: a model, or the outcomes of the tests that ran together.
Results = Sequence[ModelResult | TestResult]


def run_models(
    session: YearSession,
    project: CompiledProject,
    models: Sequence[str],
    tests: Sequence[DataTest] = (),
    *,
    facts_of: Facts = no_facts,
    unchanged: Unchanged = all_anew,
) -> Iterator[ModelResult | TestResult]:
    """The optimized engine (see Engine): whatever does not wait for each other is made side by side.

    A test runs once the models that it reads are made, where no model wants the cursor. The failure of one that cannot run
    is raised when everything else is done: it keeps no model from being made. Figures are asked with a model's own cursor:
    while one result is reported the next models are being made, and a query beside them would be a thread more than the
    step has.

    Args:
        session: The step's session.
        project: The compiled project.
        models: Names of models; what they read beside each other must have been made.
        tests: Data tests; what they read beside the models must have been made.
        facts_of: The figures to report of a model.
        unchanged: Last year's file of a model that need not be made, because it would be the same.

    Yields:
        The result of each model, parents before children, and the outcome of each test.

    Raises:
        ModelError: The SQL of a model or a test failed, or a model's columns are not those of its contract.
        MissingInputError: A file that a model or a test reads has not been made.
        ShortageError: Memory or disk ran out.
        EngineError: The engine itself failed.
    """
    with engine_faults(session.work):
        yield from _run_models(session, project, models, tests, _Maker(session, project, facts_of, unchanged))


def _run_models(
    session: YearSession, project: CompiledProject, models: Sequence[str], tests: Sequence[DataTest], maker: _Maker
) -> Iterator[ModelResult | TestResult]:
    ids = {name: str(project.models[name]["unique_id"]) for name in models}
    opened = set(ids.values())  # each when it is made

    def open_all(relations: Iterable[str]) -> None:
        for unique_id in sorted(set(relations) - opened):
            session.open(project.relations[unique_id])
            opened.add(unique_id)

    open_all(relation.unique_id for unique_id in ids.values() for relation in project.inputs(unique_id))
    possible, failed = _can_be_read(tests, open_all)
    bundles = {name_of(bundle): bundle for bundle in bundled(possible)}

    # All tests of a bundle that is more than one test read the same model.
    parents = {name: project.model_parents(name) for name in models}
    parents |= {name: list(bundle[0].models) for name, bundle in bundles.items()}
    sorter = TopologicalSorter({name: [parent for parent in of if parent in ids] for name, of in parents.items()})
    sorter.prepare()
    cursors = [session.connection.cursor() for _ in range(session.cursors)]
    running: dict[Future[Results], tuple[str, duckdb.DuckDBPyConnection]] = {}
    ready: list[str] = []

    def begin_what_is_ready() -> None:
        ready.extend(sorter.get_ready())
        ready.sort(key=bundles.__contains__)  # models first
        while ready and cursors:
            name, cursor = ready.pop(0), cursors.pop()
            work: Future[Results]
            if name in bundles:
                work = pool.submit(run_bundle, session, cursor, bundles[name])
            else:
                work = pool.submit(maker.make, cursor, name)
            running[work] = (name, cursor)

    with ThreadPoolExecutor(max_workers=len(cursors)) as pool, _ended_on_failure(running):
        begin_what_is_ready()
        while running:
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            results: list[ModelResult | TestResult] = []
            broken: BaseException | None = None
            for future in sorted(done, key=lambda f: running[f][0]):
                name, cursor = running.pop(future)
                cursors.append(cursor)
                fault = future.exception()
                if fault is None:
                    results.extend(future.result())
                elif name in bundles:
                    failed = fault
                else:
                    broken = broken or fault
                sorter.done(name)
            # Before the results are told: writing them down takes Dagster as long as a small model.
            if broken is None:
                begin_what_is_ready()
            yield from results
            if broken is not None:
                raise broken
    if failed:
        raise failed


def _can_be_read(
    tests: Sequence[DataTest], open_all: Callable[[Iterable[str]], None]
) -> tuple[list[DataTest], BaseException | None]:
    """Opens what tests read: those for which everything is there, and why another cannot run."""
    possible: list[DataTest] = []
    failed: BaseException | None = None
    for test in tests:
        try:
            open_all(test.reads)
        except MissingInputError as error:
            failed = error
        else:
            possible.append(test)
    return possible, failed


def run_tests(session: YearSession, project: CompiledProject, tests: Sequence[DataTest]) -> list[TestResult]:
    """The outcomes of data tests of models that are made; raises what run_models raises.

    Args:
        session: The step's session.
        project: The compiled project.
        tests: The tests; what they read must have been made.
    """
    return [result for result in run_models(session, project, (), tests) if isinstance(result, TestResult)]


@dataclass(frozen=True)
class _Maker:
    """Makes models one by one, each on the cursor that it is given."""

    session: YearSession
    project: CompiledProject
    facts_of: Facts
    unchanged: Unchanged

    def make(self, cursor: duckdb.DuckDBPyConnection, name: str) -> Results:
        """The model's file, its view opened, its contract kept."""
        relation = self.project.relation_of_model(name)
        result = self._file_of(cursor, relation)
        # What fails from here on is no fault of the model's SQL.
        self.session.open(relation, cursor)
        _enforce_contract(cursor, relation)
        return [replace(result, facts=self.facts_of(cursor, name))]

    def _file_of(self, cursor: duckdb.DuckDBPyConnection, relation: Relation) -> ModelResult:
        name, what = relation.name, f"Model {relation.name} failed for {self.session.year}"
        try:
            with self.session.work.of(name, cursor.interrupt):
                if last_year := self.unchanged(name):
                    return self.session.take_over(cursor, name, last_year)
                return self.session.publish(cursor, name, self.project.compiled_sql(relation.unique_id))
        except duckdb.Error as error:
            raise failure_of(what, error) from error
        except OSError as error:
            raise ShortageError(f"{what}: {error}") from error


@contextmanager
def _ended_on_failure(
    running: Mapping[Future[Results], tuple[str, duckdb.DuckDBPyConnection]],
) -> Iterator[None]:
    """Ends the other work when one fails or the run is cancelled: the pool would wait for them to their end."""
    try:
        yield
    except BaseException:
        while wait(running, timeout=0.1).not_done:
            for _, cursor in running.values():
                cursor.interrupt()
        raise


def _enforce_contract(cursor: duckdb.DuckDBPyConnection, relation: Relation) -> None:
    made = {name: kind for name, kind, *_ in cursor.execute(f'describe "{relation.name}"').fetchall()}
    if made != dict(relation.columns):
        differences = sorted(set(made.items()) ^ set(relation.columns.items()))
        raise ModelError(f"Model {relation.name} does not keep its contract; these columns differ: {differences}")
