"""What set-up writes of the parameters: rows go into the columns of their contract by name, or not at all."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from planwise_assets.year.setup.inputs import _write_table
from resources.dbt.compiled import Relation
from resources.engines.session import YearSession
from resources.lake import Lake

LEVELS = Relation("source.levels", "levels", "levels", {"simulation_year": "INTEGER", "low": "BIGINT", "high": "BIGINT"}, "")


@pytest.fixture
def session(tmp_path: Path) -> YearSession:
    lake = Lake(tmp_path)
    lake.make_folders(["levels"], 2025)
    return YearSession(duckdb.connect(), lake, 2025, 2025)


def test_values_go_by_name_and_not_by_position(session: YearSession) -> None:
    rows = [{"high": 2, "simulation_year": 2025, "low": 1}, {"low": None, "high": 4, "simulation_year": 2025}]
    assert _write_table(session, LEVELS, rows).rows == 2
    assert session.connection.execute("select simulation_year, low, high from levels order by high").fetchall() == [
        (2025, 1, 2),
        (2025, None, 4),
    ]


@pytest.mark.parametrize("row", [{"low": 1}, {"low": 1, "high": 2, "middle": 3}])
def test_a_row_names_every_column_of_its_contract_and_no_other(session: YearSession, row: dict[str, int]) -> None:
    with pytest.raises(
        ValueError, match=r"levels: models/sources.yml and planwise_assets/study/ do not agree on (high|middle)"
    ):
        _write_table(session, LEVELS, [{"simulation_year": 2025} | row])
