"""The DuckDB optimizations: one class each, applied by name, measured where they act.

Belongs here: the classes, choosing and applying them. Does not: the limits of a session, which are not optional
(sessions.py), when a step applies them (planwise_assets/year/session.py, year/publication/warehouse.py).

A new optimization is one class here: its name becomes a switch under `resources.optimizations` of the study file, and its
result is in the step's record. None may change a byte of the lake. What each is worth: docs/performance.md.
"""

from __future__ import annotations

import statistics
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from resources.process.metrics import StepRecorder

if TYPE_CHECKING:
    import duckdb

Phase = Literal["session", "warehouse"]

_PROBES = 3
_SNAPSHOT = "fct_workforce_snapshot"
_SUMMARY = "agg_workforce_yearly"


@dataclass(frozen=True)
class Target:
    """What an optimization works on.

    Attributes:
        connection: The step's session.
        database: The attached warehouse that is being built; empty in a session on the lake.
        tables: The published tables in it.
    """

    connection: duckdb.DuckDBPyConnection
    database: str = ""
    tables: tuple[str, ...] = ()

    def has_rows(self, table: str) -> bool:
        """Whether the warehouse holds this table, with something in it."""
        return table in self.tables and bool(
            self.connection.execute(f"select 1 from {self.database}.{table} limit 1").fetchone()
        )

    def settings(self, names: Iterable[str]) -> dict[str, str]:
        """The values of DuckDB settings, as text."""
        # Not from duckdb_settings(), which works all of them out: 8 ms against half a millisecond.
        asked = {name: f"current_setting('{name}')::varchar" for name in names}
        row = self.connection.execute(f"select {', '.join(asked.values())}").fetchone()
        return dict(zip(asked, map(str, row or ()), strict=True))

    def milliseconds(self, sql: str) -> float:
        """The median wall time of a few runs of a query."""
        times = []
        for _ in range(_PROBES):
            started = time.perf_counter()
            self.connection.execute(sql).fetchall()
            times.append((time.perf_counter() - started) * 1000)
        return statistics.median(times)


@dataclass(frozen=True)
class Change:
    """What an optimization did, and what it brought, both in words with their figures."""

    changed: str
    effect: str


class Optimization(ABC):
    """One optimization. A subclass with a `name` is known from then on.

    Attributes:
        name: Its switch under `resources.optimizations`.
        description: What it does, in one sentence.
        phase: When it is applied: to every session on the lake, or to the warehouse when its tables are made.
        is_on: Whether it is on unless the study says otherwise.
    """

    name: ClassVar[str]
    description: ClassVar[str]
    phase: ClassVar[Phase]
    is_on: ClassVar[bool] = True

    known: ClassVar[dict[str, type[Optimization]]] = {}

    def __init_subclass__(cls) -> None:
        """Makes the class known by its name."""
        Optimization.known[cls.name] = cls

    @abstractmethod
    def apply(self, target: Target) -> Change:
        """Does it. Whatever is raised skips this optimization and nothing else."""


class MemorySettings(Optimization):
    """Gives freed memory back to the system early, in place of keeping it for this process alone.

    The limits themselves (memory_limit, temp_directory and its size) belong to every session and cannot be switched off.
    What is left to switch took up to a fifth more time at 10,000 people and has not been seen to save memory: it is off.
    """

    name = "memory_settings"
    description = "Freed buffers go back to the system from 16 MB on, so that steps side by side do not keep each other's."
    phase = "session"
    is_on = False

    settings: ClassVar[dict[str, str]] = {
        "allocator_flush_threshold": "16MB",
        "allocator_bulk_deallocation_flush_threshold": "64MB",
    }

    def apply(self, target: Target) -> Change:
        """Lowers the thresholds."""
        return _set(target, self.settings)


class QueryCaching(Optimization):
    """Reads a file's footer once a session; an operation opens its inputs once a batch.

    The larger cache is the design's own: dbt compiles once, and the compiled SQL is kept under the hash of the project
    (resources/dbt/compiled.py). `enable_object_cache` is accepted and does nothing in DuckDB 2.0, and the external file
    cache is on by itself: it is named here so that a new default would show. What is left to switch, the footers, has not
    been seen to pay at any size: it is off.
    """

    name = "query_caching"
    description = "Parquet footers and blocks are kept for the session; compiled SQL is kept between all runs."
    phase = "session"
    is_on = False

    settings: ClassVar[dict[str, str]] = {"parquet_metadata_cache": "true", "enable_external_file_cache": "true"}

    def apply(self, target: Target) -> Change:
        """Turns the caches on."""
        return _set(target, self.settings)


class VectorizedOperations(Optimization):
    """Lets scans hand on compressed strings and decompress them late.

    The work itself is vectorized by design: operations take people in sets, parameters arrive as one list a column. What
    is left to switch is this, and it does not pay: strings of a step come from Parquet, which has no FSST segments. Enum
    columns would be smaller, but Parquet gives them back as text and the contract says VARCHAR. Off by default.
    """

    name = "vectorized_operations"
    description = "Compressed string vectors through scans. The set-based work of the operations is not optional."
    phase = "session"
    is_on = False

    settings: ClassVar[dict[str, str]] = {"enable_fsst_vectors": "true"}

    def apply(self, target: Target) -> Change:
        """Turns compressed vectors on."""
        return _set(target, self.settings)


class JoinPatterns(Optimization):
    """Clusters the snapshot by world, then employee, then year, so that zone maps prune a world's row groups.

    The lake's files are sorted by world and narrow integer keys already, which is what joins within a year use. In the
    warehouse it makes one sort of all years at every publication.
    """

    name = "join_patterns"
    description = "The snapshot's rows lie by world, employee and year: questions about one world read only its row groups."
    phase = "warehouse"
    is_on = False

    def apply(self, target: Target) -> Change:
        """Writes the table again in the new order."""
        if not target.has_rows(_SNAPSHOT):
            return Change("nothing", "no rows are published")
        table = f"{target.database}.{_SNAPSHOT}"
        world = f"select scenario_id, seed from {table} order by all limit 1"
        row = target.connection.execute(world).fetchone()
        assert row is not None
        question = (
            f"select simulation_year, sum(annual_compensation) from {table} "
            f"where scenario_id = '{row[0]}' and seed = {row[1]} group by all"
        )
        before = target.milliseconds(question)
        order = "scenario_id, seed, employee_id, simulation_year"
        target.connection.execute(f"create or replace table {table} as select * from {table} order by {order}")
        return Change(f"{_SNAPSHOT} sorted by {order}", _faster("one world", before, target.milliseconds(question)))


class MaterializedAggregations(Optimization):
    """Headcount and money by world, year, level and status, made once at publication and read many times."""

    name = "materialized_aggregations"
    description = f"Table {_SUMMARY}: the questions asked every day, answered from a few hundred rows."
    phase = "warehouse"

    def apply(self, target: Target) -> Change:
        """Makes the summary from the snapshot."""
        if not target.has_rows(_SNAPSHOT):
            return Change("nothing", "no rows are published")
        snapshot, summary = f"{target.database}.{_SNAPSHOT}", f"{target.database}.{_SUMMARY}"
        target.connection.execute(f"""
            create or replace table {summary} as
            select
                scenario_id,
                seed,
                simulation_year,
                level_id,
                detailed_status,
                count(*) as headcount,
                count(*) filter (where is_enrolled) as enrolled,
                sum(annual_compensation) as annual_compensation,
                sum(paid_compensation) as paid_compensation,
                sum(employee_contribution) as employee_contribution,
                sum(employer_match) as employer_match,
                sum(employer_core) as employer_core
            from {snapshot}
            group by all
            order by all
        """)
        rows = target.connection.execute(f"select count(*) from {summary}").fetchone()
        before = target.milliseconds(self.question("count(*)", snapshot))
        after = target.milliseconds(self.question("sum(headcount)", summary))
        return Change(f"{_SUMMARY}: {rows[0] if rows else 0} rows", _faster("headcount and pay by year", before, after))

    @staticmethod
    def question(headcount: str, table: str) -> str:
        """Headcount, pay and match by scenario and year, from either table."""
        return (
            f"select scenario_id, simulation_year, {headcount}, sum(paid_compensation), sum(employer_match) "
            f"from {table} group by all order by all"
        )


class Indexes(Optimization):
    """Finds one person without a scan. An index that begins with the year would not be used.

    It saves a question about one person 4 ms of 6 in a warehouse of 1,500,000 rows, and costs every year that is published
    more than all its rows do: off, for warehouses of which thousands of such questions are asked.
    """

    name = "indexes"
    description = "An index on employee_id of the two tables with a row a person."
    phase = "warehouse"
    is_on = False

    tables: ClassVar[tuple[str, ...]] = ("fct_yearly_events", _SNAPSHOT)

    def apply(self, target: Target) -> Change:
        """Makes the indexes; the tables must not be rewritten after it."""
        tables = [table for table in self.tables if target.has_rows(table)]
        if not tables:
            return Change("nothing", "no rows are published")
        last = tables[-1]
        row = target.connection.execute(f"select max(employee_id) from {target.database}.{last}").fetchone()
        assert row is not None
        question = f"select * from {target.database}.{last} where employee_id = '{row[0]}'"
        before = target.milliseconds(question)
        for table in tables:
            # A further year's rows went into the index that an earlier publication made.
            target.connection.execute(
                f"create index if not exists {table}_employee on {target.database}.{table} (employee_id)"
            )
        return Change(
            f"index on employee_id of {', '.join(tables)}", _faster("one person", before, target.milliseconds(question))
        )


def optimization_names() -> list[str]:
    """The switches that a study may set."""
    return sorted(Optimization.known)


def switched(phase: Phase, switches: Mapping[str, bool]) -> dict[str, bool]:
    """Which optimizations of a phase are on, by name, given the study's own choices."""
    return {name: switches.get(name, kind.is_on) for name, kind in Optimization.known.items() if kind.phase == phase}


def optimize(
    phase: Phase,
    target: Target,
    switches: Mapping[str, bool],
    recorder: StepRecorder,
    warn: Callable[[str], None] = lambda _: None,
) -> None:
    """Applies the optimizations of a phase in the order of their classes, and notes what each did.

    Args:
        phase: Which ones.
        target: What they work on.
        switches: The study's own choices by name.
        recorder: Where the notes go.
        warn: Where a sentence about one that failed goes. The year goes on without it.
    """
    for name, is_on in switched(phase, switches).items():
        if not is_on:
            reason = "switched off in the study" if name in switches else "off unless the study switches it on"
            recorder.optimization(name, applied=False, reason=reason)
            continue
        started = time.perf_counter()
        try:
            change = Optimization.known[name]().apply(target)
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            warn(f"Optimization {name} is skipped: {reason}")
            recorder.optimization(name, applied=False, seconds=time.perf_counter() - started, reason=reason)
        else:
            seconds = time.perf_counter() - started
            recorder.optimization(name, applied=True, changed=change.changed, seconds=seconds, effect=change.effect)


def _set(target: Target, settings: Mapping[str, str]) -> Change:
    before = target.settings(settings)
    target.connection.execute("; ".join(f"set {name} = '{value}'" for name, value in settings.items()))
    after = target.settings(settings)
    changed = [f"{name}: {before[name]} -> {after[name]}" for name in settings if before[name] != after[name]]
    return Change("; ".join(changed) or "nothing", f"{len(changed)} settings changed")


def _faster(what: str, before: float, after: float) -> str:
    return f"{what}: {before:.2f} -> {after:.2f} ms"
