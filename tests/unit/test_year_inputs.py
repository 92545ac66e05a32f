"""What set-up makes of the parameters: rows go into the columns of their contract by name, or not at all."""

from __future__ import annotations

import duckdb
import pytest

from planwise_assets.year.setup.inputs import _fill
from resources.dbt.compiled import Relation

LEVELS = Relation("source.levels", "levels", "levels", {"simulation_year": "INTEGER", "low": "BIGINT", "high": "BIGINT"}, "")


def test_values_go_by_name_and_not_by_position() -> None:
    rows = [{"high": 2, "simulation_year": 2025, "low": 1}, {"low": None, "high": 4, "simulation_year": 2025}]
    with duckdb.connect() as connection:
        _fill(connection, LEVELS, rows)
        found = connection.execute("select simulation_year, low, high from levels order by high").fetchall()
    assert found == [(2025, 1, 2), (2025, None, 4)]


@pytest.mark.parametrize("row", [{"low": 1}, {"low": 1, "high": 2, "middle": 3}])
def test_a_row_names_every_column_of_its_contract_and_no_other(row: dict[str, int]) -> None:
    message = r"levels: models/sources.yml and planwise_assets/study/ do not agree on (high|middle)"
    with duckdb.connect() as connection, pytest.raises(ValueError, match=message):
        _fill(connection, LEVELS, [{"simulation_year": 2025} | row])
