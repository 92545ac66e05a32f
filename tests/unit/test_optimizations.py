"""The optimizations: each changes a plan, a setting or a count; one that fails ends nothing; a new one is one class.

Where the expectations come from: DuckDB's own plans and settings.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from resources.duckdb import optimizations
from resources.duckdb.optimizations import Change, Optimization, Target, optimization_names, optimize
from resources.process.metrics import StepRecorder

PEOPLE = 300_000
WORLDS = 3
MONEY = ("annual_compensation", "paid_compensation", "employee_contribution", "employer_match", "employer_core")
TABLES = ("fct_workforce_snapshot", "fct_yearly_events")

SIX = {
    "indexes",
    "join_patterns",
    "materialized_aggregations",
    "memory_settings",
    "query_caching",
    "vectorized_operations",
}


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Target]:
    """A warehouse with two years of three worlds, as publication makes it: year by year, each sorted by world."""
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute(f"attach '{tmp_path / 'warehouse.duckdb'}' as warehouse")
        money = ", ".join(f"(person % 1000)::decimal(18, 2) as {name}" for name in MONEY)
        connection.execute(f"""
            create table warehouse.fct_workforce_snapshot as
            select
                'scenario_' || world as scenario_id,
                1::bigint as seed,
                year as simulation_year,
                'E' || lpad(person::varchar, 7, '0') as employee_id,
                person % 5 + 1 as level_id,
                'continuous_active' as detailed_status,
                true as is_enrolled,
                {money}
            from range({PEOPLE // WORLDS}) as people (person)
            cross join range({WORLDS}) as worlds (world)
            cross join range(2025, 2027) as years (year)
            order by simulation_year, scenario_id, employee_id
        """)
        connection.execute(
            "create table warehouse.fct_yearly_events as "
            "select scenario_id, seed, simulation_year, employee_id from warehouse.fct_workforce_snapshot"
        )
        yield Target(connection, "warehouse", TABLES)


def scan(target: Target, sql: str) -> tuple[str, int]:
    """How DuckDB read the one table of a query, and how many rows: those of pruned row groups are not among them."""
    analyzed = json.loads(target.connection.execute(f"explain (analyze, format json) {sql}").fetchall()[0][1])

    def scans(node: dict[str, Any]) -> Iterator[tuple[str, int]]:
        if node["type"] == "TABLE_SCAN":
            yield node["extra_info"]["Type"], int(node["rows_scanned"])
        for child in node.get("children", []):
            yield from scans(child)

    (found,) = [entry for node in analyzed["operator"] for entry in scans(node)]
    return found


def test_the_six_are_known() -> None:
    assert set(optimization_names()) == SIX
    for kind in Optimization.known.values():
        assert len(kind.description.split()) > 5


def test_indexes_change_the_plan_of_one_persons_history(target: Target) -> None:
    question = "select * from warehouse.fct_workforce_snapshot where employee_id = 'E0000777'"
    assert scan(target, question)[0] == "Sequential Scan"
    rows = target.connection.execute(question).fetchall()
    optimizations.Indexes().apply(target)
    assert scan(target, question) == ("Index Scan", 2 * WORLDS)
    assert sorted(target.connection.execute(question).fetchall()) == sorted(rows)


def test_materialized_aggregations_answer_from_few_rows(target: Target) -> None:
    change = optimizations.MaterializedAggregations().apply(target)
    question = optimizations.MaterializedAggregations.question
    detail = question("count(*)", "warehouse.fct_workforce_snapshot")
    summary = question("sum(headcount)", "warehouse.agg_workforce_yearly")
    assert target.connection.execute(detail).fetchall() == target.connection.execute(summary).fetchall()
    assert scan(target, detail)[1] == 2 * PEOPLE
    assert scan(target, summary)[1] == 2 * WORLDS * 5
    assert f"{2 * WORLDS * 5} rows" in change.changed
    assert " ms" in change.effect


def test_join_patterns_let_zone_maps_prune(target: Target) -> None:
    question = "select sum(level_id) from warehouse.fct_workforce_snapshot where scenario_id = 'scenario_0'"
    answer = target.connection.execute(question).fetchall()
    before = scan(target, question)[1]
    optimizations.JoinPatterns().apply(target)
    assert scan(target, question)[1] < before
    assert target.connection.execute(question).fetchall() == answer


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (optimizations.MemorySettings, {"allocator_flush_threshold": "16MB"}),
        (optimizations.QueryCaching, {"parquet_metadata_cache": "true", "enable_external_file_cache": "true"}),
        (optimizations.VectorizedOperations, {"enable_fsst_vectors": "true"}),
    ],
)
def test_settings_change(kind: type[Optimization], expected: dict[str, str]) -> None:
    with duckdb.connect() as connection:
        target = Target(connection)
        before = target.settings(expected)
        change = kind().apply(target)
        after = target.settings(expected)
        assert after == expected
        assert before != after
        assert next(name for name in expected if before[name] != after[name]) in change.changed


def test_an_empty_warehouse_is_left_alone() -> None:
    with duckdb.connect() as connection:
        recorder = StepRecorder()
        optimize("warehouse", Target(connection, "memory", ()), dict.fromkeys(SIX, True), recorder)
        assert [(note.applied, note.changed) for note in recorder.record.optimizations] == [(True, "nothing")] * 3


def test_a_new_one_is_one_class_and_one_that_fails_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Optimization, "known", dict(Optimization.known))

    class Broken(Optimization):
        """Raises."""

        name = "broken"
        description = "An optimization that cannot be applied to anything at all."
        phase = "session"

        def apply(self, target: Target) -> Change:
            """Fails in DuckDB."""
            target.connection.execute("set no_such_setting = 1")
            return Change("never", "never")

    assert "broken" in optimization_names()
    recorder = StepRecorder()
    warnings: list[str] = []
    with duckdb.connect() as connection:
        optimize("session", Target(connection), {"query_caching": False, "memory_settings": True}, recorder, warnings.append)
        assert connection.execute("select 1").fetchone() == (1,)
    notes = {note.name: note for note in recorder.record.optimizations}
    assert notes.keys() == {"memory_settings", "query_caching", "vectorized_operations", "broken"}
    assert notes["memory_settings"].applied
    assert notes["memory_settings"].seconds > 0
    assert notes["query_caching"].reason == "switched off in the study"
    assert notes["vectorized_operations"].reason == "off unless the study switches it on"
    assert not notes["broken"].applied
    assert "CatalogException" in notes["broken"].reason
    assert len(warnings) == 1
    assert warnings[0].startswith("Optimization broken is skipped: CatalogException")
