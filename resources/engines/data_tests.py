"""Running dbt's data tests in a step's session: the rules and the key of a model in one scan, every other test by itself.

Belongs here: which tests share a statement, and what a test found. Does not: what a test asks (dbt_project/tests/), when it
may run (optimized.py).

Of a small test three quarters is parsing and planning, which DuckDB does anew for each statement. A shared statement only
counts, and only what finds nothing anywhere is believed: otherwise each test runs its own SQL, as dbt does, and says for
itself how many rows fail and which.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

import duckdb

from resources.dbt.compiled import DataTest
from resources.engines.session import TestResult, YearSession, sample_of
from resources.process.failures import failure_of

#: Tests that run as one piece of work.
Bundle = tuple[DataTest, ...]


def bundled(tests: Iterable[DataTest]) -> list[Bundle]:
    """Puts the tests together that one scan can answer: of a model one `key`, and all of its `holds`."""
    bundles: list[Bundle] = []
    alone: list[DataTest] = []
    scans: list[DataTest] = []
    for test in tests:
        (scans if test.key or test.rules else alone).append(test)
    for _, of_model in groupby(sorted(scans, key=lambda test: test.models), key=lambda test: test.models):
        one_model = list(of_model)
        keys = [test for test in one_model if test.key]
        bundles.append((*keys[:1], *(test for test in one_model if test.rules)))
        alone += keys[1:]
    return bundles + [(test,) for test in alone]


def name_of(bundle: Bundle) -> str:
    """What is at work, in the words of a message: a test, or the tests of a model."""
    return bundle[0].name if len(bundle) == 1 else f"tests of {bundle[0].models[0]}"


def run_bundle(session: YearSession, cursor: duckdb.DuckDBPyConnection, bundle: Bundle) -> list[TestResult]:
    """The outcome of each test of a bundle.

    Args:
        session: The step's session.
        cursor: Runs the tests; the views that they read must be open.
        bundle: The tests.

    Raises:
        ModelError: The SQL of a test failed; the message names the test.
        ShortageError: Memory or disk ran out.
        StepStoppedError: The step was stopped meanwhile.
        EngineError: DuckDB itself failed.
    """
    if len(bundle) > 1 and _all_hold(session, cursor, bundle):
        return [TestResult(test.name, "pass", 0) for test in bundle]
    return [_run(session, cursor, test) for test in bundle]


def _all_hold(session: YearSession, cursor: duckdb.DuckDBPyConnection, bundle: Bundle) -> bool:
    try:
        with session.work.of(name_of(bundle), cursor.interrupt):
            found = cursor.execute(counting_sql(bundle)).fetchone()
    except (duckdb.InterruptException, duckdb.OutOfMemoryException) as error:
        raise failure_of(f"The {name_of(bundle)} could not run for {session.year}", error) from error
    except duckdb.Error:
        return False  # run by itself, the test that cannot run says its name
    return found is not None and not any(found)


def counting_sql(bundle: Bundle) -> str:
    """How many rows or keys fail each test of a bundle, a column a test, in one scan of its model.

    A key fails when it is NULL or occurs twice. A row fails that does not keep every rule: one that is NULL is not kept.
    """
    key = next((test.key for test in bundle if test.key), ())
    of_a_key, counts = ["count(*) as row_count"], []
    for number, test in enumerate(bundle):
        if test.key:
            missing = " or ".join(f"({column}) is null" for column in key)
            of_a_key.append(f"{missing} as is_missing")
            counts.append("count(*) filter (row_count > 1 or is_missing)")
        else:
            kept = " and ".join(f"({rule})" for rule in test.rules)
            of_a_key.append(f"count(*) filter ({kept}) as kept_{number}")
            counts.append(f"sum(row_count - kept_{number})")
    grouped = f"group by {', '.join(key)}" if key else ""
    return f'select {", ".join(counts)} from (select {", ".join(of_a_key)} from "{bundle[0].models[0]}" {grouped})'


def _run(session: YearSession, cursor: duckdb.DuckDBPyConnection, test: DataTest) -> TestResult:
    calculation = f"select {test.fail_calculation} as failures from (\n{test.sql}\n) as failing"
    try:
        with session.work.of(test.name, cursor.interrupt):
            return _outcome(cursor, test, calculation)
    except duckdb.Error as error:
        raise failure_of(f"Test {test.name} could not run for {session.year}", error) from error


def _outcome(cursor: duckdb.DuckDBPyConnection, test: DataTest, calculation: str) -> TestResult:
    row = cursor.execute(
        f"select failures, failures {test.error_if}, failures {test.warn_if} from ({calculation})"
    ).fetchone()
    failures, is_error, is_warning = row if row else (0, False, False)
    status = "error" if is_error and test.severity == "ERROR" else "warn" if is_error or is_warning else "pass"
    return TestResult(test.name, status, int(failures or 0), [] if status == "pass" else sample_of(cursor, test))
