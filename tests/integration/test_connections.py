"""Models side by side on several cursors, optimizations on or off: the same bytes as one at a time.

Where the expectations come from: the run with one cursor.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from planwise_assets.settings import PROJECT_ROOT
from resources.engine import YearSession
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
    text = TINY.read_text(encoding="utf-8").replace("../data", str(PROJECT_ROOT / "data"))
    plain = simulation(folder, text)
    simulated = WithCursors(plain.project, plain.threads, {})
    simulated.cursors, simulated.switched_on = cursors, switched_on
    return simulated.run(FIRST_TWO_YEARS, tested=False).hashes()


def test_cursors_and_optimizations_change_no_byte(tmp_path: Path) -> None:
    one = run(tmp_path / "one", cursors=1, switched_on=False)
    assert len(one) > 2 * 46
    assert run(tmp_path / "four", cursors=4, switched_on=False) == one
    assert run(tmp_path / "optimized", cursors=4, switched_on=True) == one
