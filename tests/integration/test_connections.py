"""Models and tests side by side on several cursors, optimizations on or off: the same bytes as one at a time.

Where the expectations come from: the run with one cursor.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from planwise_assets.groups import GROUP_ORDER
from planwise_assets.settings import PROJECT_ROOT
from resources.engine import YearSession, run_models
from resources.failures import ModelError
from resources.metrics import StepRecorder
from resources.optimizations import Target, optimization_names, optimize
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


def run(folder: Path, cursors: int, switched_on: bool) -> dict[str, str]:
    """The hashes of a run whose dbt tests ran beside the models and found nothing."""
    text = TINY.read_text(encoding="utf-8").replace("../data", str(PROJECT_ROOT / "data"))
    plain = simulation(folder, text)
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
    text = TINY.read_text(encoding="utf-8").replace("../data", str(PROJECT_ROOT / "data"))
    simulated = simulation(tmp_path, text).run([2025])
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
