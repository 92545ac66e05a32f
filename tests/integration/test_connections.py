"""Models and tests side by side on several cursors, optimizations on or off: the same bytes as one at a time.

Where the expectations come from: the run with one cursor.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from planwise_assets.settings import PROJECT_ROOT
from planwise_assets.steps import GROUP_ORDER
from resources.dbt.compiled import Relation
from resources.duckdb.optimizations import Target, optimization_names, optimize
from resources.engines.optimized import run_models
from resources.engines.session import ModelResult, YearSession
from resources.process.failures import EngineError, ModelError
from resources.process.metrics import StepRecorder
from tests.e2e.dagster_ui import wait_for
from tests.harness import Simulation, simulation

TINY = PROJECT_ROOT / "studies" / "tiny.yaml"
FIRST_TWO_YEARS = (2025, 2026)


class WithCursors(Simulation):
    """A study whose steps run with this many cursors, and with these optimizations."""

    cursors = 1
    switched_on = False

    @contextmanager
    def _session(self, year: int) -> Iterator[YearSession]:
        with duckdb.connect(config={"threads": self.threads}) as connection:
            optimize("session", Target(connection), dict.fromkeys(optimization_names(), self.switched_on), StepRecorder())
            yield YearSession(connection, self.project.lake, year, self.project.first_year, self.cursors)


def tiny(folder: Path) -> Simulation:
    """The tiny study."""
    return simulation(folder, TINY.read_text(encoding="utf-8").replace("../data", str(PROJECT_ROOT / "data")))


def run(folder: Path, cursors: int, switched_on: bool) -> dict[str, str]:
    """The hashes of a run whose dbt tests ran beside the models and found nothing."""
    plain = tiny(folder)
    simulated = WithCursors(plain.project, plain.threads, {})
    simulated.cursors, simulated.switched_on = cursors, switched_on
    return simulated.run(FIRST_TWO_YEARS).hashes()


def test_cursors_and_optimizations_change_no_byte(tmp_path: Path) -> None:
    one = run(tmp_path / "one", cursors=1, switched_on=False)
    assert len(one) > 2 * 46
    assert run(tmp_path / "four", cursors=4, switched_on=False) == one
    assert run(tmp_path / "optimized", cursors=4, switched_on=True) == one


def test_a_test_that_cannot_run_keeps_no_model_from_being_made(tmp_path: Path) -> None:
    """Its error comes last; every other test has run by then, and none before what it reads."""
    simulated = tiny(tmp_path).run([2025])
    dbt, lake = simulated.project.dbt, simulated.project.lake
    models, tests = dbt.group_models("final_output"), dbt.group_tests("final_output", GROUP_ORDER)
    broken = replace(tests[0], name="broken", sql="select cast('x' as integer) as failing", models=(models[0],))
    for model in models:
        lake.file(model, 2025).unlink()
    seen: list[str] = []
    with simulated._session(2025) as session, pytest.raises(ModelError, match=r"Test broken could not run for 2025"):
        seen.extend(result.name for result in run_models(session, dbt, models, [broken, *tests]))
    for test in tests:
        assert {seen.index(model) for model in test.models if model in models} <= set(range(seen.index(test.name)))
    assert sorted(seen) == sorted([*models, *(test.name for test in tests)])
    assert all(lake.exists(model, 2025) for model in models)


def test_the_next_models_are_begun_before_a_result_is_told(tmp_path: Path) -> None:
    """Whoever reads the results may take its time: the cursors do not wait for it. What is told is made."""
    simulated = tiny(tmp_path).run([2025])
    dbt, lake = simulated.project.dbt, simulated.project.lake
    models = dbt.group_models("state_aggregation")
    for model in models:
        lake.file(model, 2025).unlink()
    told: list[str] = []

    def is_ahead(told: list[str]) -> bool:
        made = {model for model in models if lake.exists(model, 2025)}
        return made > set(told) or len(made) == len(models)

    with simulated._session(2025) as session:
        for result in run_models(session, dbt, models):
            assert lake.exists(result.name, 2025)
            told.append(result.name)
            wait_for(lambda: is_ahead(told) or None, 60, "the next model")
    assert sorted(told) == sorted(models)
    assert all(
        told.index(parent) < told.index(model) for model in models for parent in dbt.model_parents(model) if parent in told
    )


def test_a_model_that_breaks_its_contract_is_a_model_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    simulated = tiny(tmp_path).run([2025])
    dbt = simulated.project.dbt
    broken = dbt.relation_of_model("dim_hazards")
    columns = {**broken.columns, "something_else": "INTEGER"}
    monkeypatch.setitem(dbt.relations, broken.unique_id, replace(broken, columns=columns))
    told: list[str] = []
    with (
        simulated._session(2025) as session,
        pytest.raises(ModelError, match=r"Model dim_hazards does not keep its contract.*something_else"),
    ):
        told.extend(result.name for result in run_models(session, dbt, dbt.group_models("hazards")))
    assert {"int_hazard_termination", "int_hazard_promotion"} <= set(told), "its parents"
    assert "dim_hazards" not in told


def test_a_view_that_cannot_be_opened_is_a_fault_of_the_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not of the model, which is made and sound: the standard engine takes over."""
    simulated = tiny(tmp_path).run([2025])
    opened = YearSession.open

    def broken(
        session: YearSession, relation: Relation, cursor: duckdb.DuckDBPyConnection | None = None, *, where: str = ""
    ) -> None:
        if relation.name == "dim_hazards":
            raise duckdb.TransactionException("conflict")
        opened(session, relation, cursor, where=where)

    monkeypatch.setattr(YearSession, "open", broken)
    dbt = simulated.project.dbt
    with simulated._session(2025) as session, pytest.raises(EngineError, match="conflict"):
        list(run_models(session, dbt, dbt.group_models("hazards")))


def test_facts_are_asked_with_the_cursor_that_made_the_model(tmp_path: Path) -> None:
    simulated = tiny(tmp_path).run([2025])
    dbt = simulated.project.dbt
    asked: dict[str, str] = {}

    def facts_of(cursor: duckdb.DuckDBPyConnection, model: str) -> dict[str, int]:
        asked[model] = threading.current_thread().name
        row = cursor.execute(f"select count(*) from {model}").fetchone()
        return {"rows": row[0] if row else 0}

    with simulated._session(2025) as session:
        results = list(run_models(session, dbt, dbt.group_models("hazards"), facts_of=facts_of))
    assert {result.name: result.facts for result in results if isinstance(result, ModelResult)} == {
        result.name: {"rows": result.rows} for result in results if isinstance(result, ModelResult)
    }
    assert threading.current_thread().name not in asked.values()
