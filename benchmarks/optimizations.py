"""What each DuckDB optimization is worth: with and without it, on the lake and warehouse of a real year.

    python -m benchmarks.optimizations --people 10000 100000

One invented company is simulated for a year with five seeds by the optimized engine, without Dagster; each row then
measures the work that the optimization is for, in turn with and without it. Prints a Markdown table: every repetition and
the medians in milliseconds, and the median without divided by the one with. Never part of a test.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from benchmarks.measure import Work, invented
from planwise_assets.year.operations import run_in_batches
from planwise_assets.year.publication.building import publish_warehouse
from planwise_assets.year.state.marker import read_marker
from resources.duckdb import optimizations
from resources.duckdb.optimizations import Optimization, Target
from resources.engines.optimized import run_models
from resources.engines.session import YearSession
from tests.harness import Simulation, simulation

_YEAR = 2025
_SEEDS = 5


def measure(people: int, repeat: int) -> None:
    """Prints the rows of one size."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        simulated = simulation(folder, invented(folder, Work(people, 1, _SEEDS))).run(tested=False)
        for kind, work in _session_work(simulated):
            _row(
                people, kind, "a group and an operation", repeat, lambda on, kind=kind, work=work: work(kind if on else None)
            )
        with (
            _warehouse(simulated, folder / "plain.duckdb") as plain,
            _warehouse(simulated, folder / "better.duckdb") as better,
        ):
            for kind in (optimizations.JoinPatterns, optimizations.MaterializedAggregations, optimizations.Indexes):
                kind().apply(better)
            person = plain.connection.execute("select max(employee_id) from warehouse.fct_workforce_snapshot").fetchone()
            world = "select sum(paid_compensation) from warehouse.fct_workforce_snapshot where seed = 3"
            one = f"select * from warehouse.fct_workforce_snapshot where employee_id = '{person[0] if person else ''}'"
            ask = optimizations.MaterializedAggregations.question
            questions = {
                optimizations.JoinPatterns: (world, world, "one world's pay"),
                optimizations.MaterializedAggregations: (
                    ask("count(*)", "warehouse.fct_workforce_snapshot"),
                    ask("sum(headcount)", "warehouse.agg_workforce_yearly"),
                    "headcount and pay by year",
                ),
                optimizations.Indexes: (one, one, "one person"),
            }
            for kind, (before, after, what) in questions.items():

                def query(on: bool, before: str = before, after: str = after) -> float:
                    return _timed(lambda: (better if on else plain).connection.execute(after if on else before).fetchall())

                _row(people, kind, what, repeat, query)


def _session_work(
    simulated: Simulation,
) -> Iterator[tuple[type[Optimization], Callable[[type[Optimization] | None], float]]]:
    def work(kind: type[Optimization] | None) -> float:
        project = simulated.project
        with duckdb.connect(config={"threads": 2, "memory_limit": "1GB"}) as connection:
            if kind:
                kind().apply(Target(connection))
            session = YearSession(connection, project.lake, _YEAR, _YEAR, 2)

            def once() -> None:
                list(run_models(session, project.dbt, project.dbt.group_models("final_output")))
                run_in_batches(session, project.dbt, project.dbt.analysis_id("plan_enrollments"), 20_000)

            return _timed(once)

    for kind in (optimizations.MemorySettings, optimizations.QueryCaching, optimizations.VectorizedOperations):
        yield kind, work


@contextmanager
def _warehouse(simulated: Simulation, file: Path) -> Iterator[Target]:
    tables = simulated.project.dbt.published
    with duckdb.connect(config={"threads": 2}) as connection:
        marker = read_marker(simulated.project, _YEAR) or {}
        publish_warehouse(YearSession(connection, simulated.project.lake, _YEAR, _YEAR), tables, [marker], file)
        connection.execute(f"attach '{file}' as warehouse")
        yield Target(connection, "warehouse", tuple(tables))


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def _row(people: int, kind: type[Optimization], what: str, repeat: int, work: Callable[[bool], float]) -> None:
    work(False)
    work(True)
    times: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(repeat):
        for on in (False, True):
            times[on].append(work(on))
    median = {on: statistics.median(times[on]) for on in times}
    each = {on: " ".join(f"{milliseconds:.2f}" for milliseconds in times[on]) for on in times}
    print(
        f"| {kind.name} | {what} | {people:,} | {each[True]} | {each[False]} | {median[True]:.2f} | {median[False]:.2f} | "
        f"{median[False] / median[True]:.2f} | {'on' if kind.is_on else 'off'} |",
        flush=True,
    )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--repeat", type=int, default=5)
    arguments = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, DuckDB {duckdb.__version__}\n")
    headings = ["optimization", "work", "people", "with, ms (each)", "without, ms (each)", "median with", "median without"]
    headings += ["ratio", "shipped"]
    print(f"| {' | '.join(headings)} |\n|{' --- |' * len(headings)}")
    for people in arguments.people:
        measure(people, arguments.repeat)


if __name__ == "__main__":
    main()
