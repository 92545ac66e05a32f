"""The floor of the SQL: the very same compiled SQL of one year, bare, and what the engine takes for it.

    python -m benchmarks.bare_sql --people 10000 100000

Bare: one DuckDB in memory with two threads; the year's sources are tables before the clock starts; every model and operation
is a `create table as`, in order, each on all people at once. No Parquet, no fsync, no batches, no test, no Dagster: what the
hardware allows this SQL. The engine: the harness of the tests, which is a run's own code without Dagster; its share for
models and operations (SQL and Parquet), then with the data tests, the inputs and the closing. Prints a Markdown table, the
ratio to bare SQL in it. Never part of a test.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from graphlib import TopologicalSorter
from pathlib import Path

import duckdb

from benchmarks.measure import Work, invented
from planwise_assets.steps import GROUP_ORDER, OPERATIONS
from planwise_assets.year.operations import run_in_batches
from resources.engines.optimized import run_models
from resources.engines.session import YearSession
from tests.harness import Simulation, simulation

THREADS = 2
#: The second year, which also reads the one before it.
YEAR = 2026


def compiled_year(simulated: Simulation) -> list[tuple[str, str]]:
    """Name and SQL of everything that a year makes, in an order in which each finds what it reads."""
    dbt = simulated.project.dbt
    ids = {name: dbt.models[name]["unique_id"] for group in GROUP_ORDER for name in dbt.group_models(group)}
    ids |= {operation.name: dbt.analysis_id(operation.name) for operation in OPERATIONS}
    reads = {
        name: {relation.asset for relation in dbt.inputs(unique_id) if not relation.from_prior_year} & ids.keys()
        for name, unique_id in ids.items()
    }
    return [(name, dbt.compiled_sql(ids[name])) for name in TopologicalSorter(reads).static_order()]


def bare(simulated: Simulation) -> float:
    """Seconds of a year's SQL alone."""
    statements = compiled_year(simulated)
    made = {name for name, _ in statements}
    dbt = simulated.project.dbt
    with duckdb.connect(config={"threads": THREADS, "async_threads": 0}) as connection:
        session = YearSession(connection, simulated.project.lake, YEAR, simulated.project.first_year)
        for relation in dbt.relations.values():
            if relation.from_prior_year or relation.asset not in made:
                session.open(relation)
                connection.execute(f'create table source as from "{relation.name}"; drop view "{relation.name}"')
                connection.execute(f'alter table source rename to "{relation.name}"')
        started = time.perf_counter()
        for name, sql in statements:
            connection.execute(f'create table "{name}" as\n{sql}')
        return time.perf_counter() - started


def by_the_engine(simulated: Simulation) -> float:
    """Seconds of the same year's models and operations as a run makes them."""
    project, dbt = simulated.project, simulated.project.dbt
    seconds = 0.0
    for step in (*GROUP_ORDER[:6], *(operation.name for operation in OPERATIONS), *GROUP_ORDER[6:]):
        with duckdb.connect(config={"threads": THREADS, "async_threads": 0}) as connection:
            session = YearSession(connection, project.lake, YEAR, project.first_year, cursors=2)
            started = time.perf_counter()
            if step in GROUP_ORDER:
                list(run_models(session, dbt, dbt.group_models(step)))
            else:
                run_in_batches(session, dbt, dbt.analysis_id(step), project.study.resources.batch_size)
            seconds += time.perf_counter() - started
    return seconds


def whole_year(simulated: Simulation) -> float:
    """Seconds of the year with inputs, data tests and the closing state, without Dagster."""
    started = time.perf_counter()
    simulated.run([YEAR], check=False)
    return time.perf_counter() - started


@contextmanager
def two_years(people: int, seeds: int = 1, scenarios: int = 1) -> Iterator[Simulation]:
    """Invented people, simulated to the end of YEAR."""
    with tempfile.TemporaryDirectory() as name:
        study = invented(Path(name), Work(people, 2, seeds, scenarios))
        yield simulation(Path(name), study, threads=THREADS).run(tested=False)


def bare_seconds(people: int, seeds: int, scenarios: int, repeat: int) -> float:
    """The median seconds of a further year's SQL alone."""
    with two_years(people, seeds, scenarios) as simulated:
        return statistics.median(bare(simulated) for _ in range(repeat))


def measure(people: int, repeat: int) -> None:
    """Prints the row of one size: medians, and the ranges in brackets."""
    with two_years(people) as simulated:
        ways: list[Callable[[Simulation], float]] = [bare, by_the_engine, whole_year]
        times = [[way(simulated) for way in ways] for _ in range(repeat)]
    medians = [statistics.median(column) for column in zip(*times, strict=True)]
    cells = [
        f"{median:.2f} ({min(of):.2f}-{max(of):.2f})" for median, of in zip(medians, zip(*times, strict=True), strict=True)
    ]
    ratios = [f"{median / medians[0]:.2f}" for median in medians[1:]]
    print(f"| {people:,} | {' | '.join(cells)} | {' | '.join(ratios)} |", flush=True)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()
    print("| people | bare SQL, s | engine, s | whole year without Dagster, s | engine : bare | year : bare |")
    print("| --- | --- | --- | --- | --- | --- |", flush=True)
    for people in arguments.people:
        measure(people, arguments.repeat)


if __name__ == "__main__":
    main()
