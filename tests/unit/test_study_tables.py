"""The parameter tables: types that DuckDB takes, exact weights, uprated bands, the right year's values."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planwise_assets.study.file.load import load_study
from planwise_assets.study.parameters.tables import THE_SAME_EVERY_YEAR, parameter_tables
from planwise_assets.study.parameters.weights import normalised
from planwise_assets.study.schema import Study
from tests.unit.plan_world import contracts

SETTINGS = """
study: trial
census: people.csv
years: {start: 2024, end: 2028}
seeds: [7, 3]
census_reject_limit: 0.02
defaults:
  workforce: {growth: {2024: 0.03, 2026: 0.29}}
scenarios:
  zeta: {}
  alpha:
    workforce: {termination_rate: hazard, selection: bernoulli}
    levels:
      uprating: {2024: 0.5, 2025: 0.03, 2026: 0.015}
      bands:
        - {level_id: 1, name: Staff, min_pay: 30000.01, max_pay: 65000, merit_rate: {2024: 0.02, 2025: 0.01}}
        - {level_id: 3, name: Chief, min_pay: 70000, max_pay: 99999.99, promotion_raise_max: 0.5}
    hiring:
      level_mix: [{level_id: 3, weight: 1}, {level_id: 1, weight: 2}]
      ages: [{min: 20, max: 30, weight: 1}, {min: 30, max: 40, weight: 1}, {min: 40, max: 50, weight: 1}]
"""


@pytest.fixture
def study(tmp_path: Path) -> Study:
    path = tmp_path / "study.yaml"
    path.write_text(SETTINGS)
    return load_study(path)


def rows(table: list[dict[str, object]], scenario: str) -> list[dict[str, object]]:
    """A scenario's rows."""
    return [row for row in table if row["scenario_id"] == scenario]


@pytest.mark.parametrize("year", [2024, 2028])
def test_duckdb_takes_every_row_without_changing_it(study: Study, year: int) -> None:
    with duckdb.connect() as connection:
        for name, table in parameter_tables(study, year).items():
            types = contracts()[name]
            connection.execute(f"create table {name} ({', '.join(f'{column} {kind}' for column, kind in types.items())})")
            values = [[row[column] for column in types] for row in table]
            connection.executemany(f"insert into {name} values ({', '.join('?' * len(types))})", values)
            assert connection.execute(f"select * from {name}").fetchall() == [tuple(row) for row in values]
            assert {row.get("simulation_year") for row in table} == {None if name in THE_SAME_EVERY_YEAR else year}


def test_year_context(study: Study) -> None:
    (first,) = parameter_tables(study, 2024)["year_context"]
    assert first == {
        "simulation_year": 2024,
        "first_year": 2024,
        "is_first_year": True,
        "year_start": date(2024, 1, 1),
        "year_end": date(2024, 12, 31),
        "days_in_year": 366,
        "census_date": date(2023, 12, 31),
        "census_reject_limit_millionths": 20_000,
    }
    (later,) = parameter_tables(study, 2025)["year_context"]
    changed = {"simulation_year": 2025, "is_first_year": False, "days_in_year": 365}
    assert later == first | changed | {"year_start": date(2025, 1, 1), "year_end": date(2025, 12, 31)}


def test_a_year_outside_the_study(study: Study) -> None:
    with pytest.raises(ValueError, match="2029 is not a simulation year of trial"):
        parameter_tables(study, 2029)


def test_worlds_are_numbered_in_the_order_of_the_file(study: Study) -> None:
    worlds = parameter_tables(study, 2024)["study_worlds"]
    assert [(row["world_id"], row["scenario_id"], row["seed"]) for row in worlds] == [
        (1, "zeta", 7),
        (2, "zeta", 3),
        (3, "alpha", 7),
        (4, "alpha", 3),
    ]


def test_scalars_are_those_of_the_year(study: Study) -> None:
    before, after = (rows(parameter_tables(study, year)["scenario_parameters"], "zeta")[0] for year in (2025, 2026))
    assert (before["growth_millionths"], after["growth_millionths"]) == (30_000, 290_000)
    assert (before["termination_rate_millionths"], before["level_mix"]) == (120_000, "hold")
    alpha = rows(parameter_tables(study, 2025)["scenario_parameters"], "alpha")[0]
    assert (alpha["termination_rate_millionths"], alpha["selection"], alpha["level_mix"]) == (
        None,
        "bernoulli",
        "weights",
    )
    assert (alpha["pay_cap_cents"], alpha["part_time_hours"]) == (5_000_000_000, Decimal(20))


def test_bands_are_uprated_to_the_cent_by_hand(study: Study) -> None:
    def pay(year: int) -> list[object]:
        return [row["min_pay_cents"] for row in rows(parameter_tables(study, year)["scenario_levels"], "alpha")]

    # The first year's own uprating has nothing to raise.
    assert pay(2024) == [3_000_001, 7_000_000]
    # 3,000,001 x 1.03 = 3,090,001.03
    assert pay(2025) == [3_090_001, 7_210_000]
    # 3,090,001 x 1.015 = 3,136,351.015; 7,210,000 x 1.015 = 7,318,150
    assert pay(2026) == [3_136_351, 7_318_150]
    # 3,136,351 x 1.015 = 3,183,396.265; 7,318,150 x 1.015 = 7,427,922.25
    assert pay(2027) == [3_183_396, 7_427_922]
    last = rows(parameter_tables(study, 2027)["scenario_levels"], "alpha")[1]
    # 99,999.99 x 1.03 = 10,299,998.97 -> 10,299,999 -> x 1.015 = 10,454,498.985 -> 10,454,499 -> 10,611,316.485
    assert last["max_pay_cents"] == 10_611_316


def test_what_a_year_takes_of_the_census_is_the_same_every_year(study: Study) -> None:
    """To the byte, so that what is made of it need not be made again: no year stands in it, and no uprated band."""
    first, last = ({name: parameter_tables(study, year)[name] for name in THE_SAME_EVERY_YEAR} for year in (2024, 2027))
    assert first == last
    assert first["census_context"] == [{"census_date": date(2023, 12, 31)}]
    level = rows(last["census_levels"], "alpha")[1]
    assert (level["census_min_pay_cents"], level["census_max_pay_cents"]) == (7_000_000, 9_999_999)


def test_half_a_cent_is_rounded_up(tmp_path: Path) -> None:
    path = tmp_path / "half.yaml"
    bands = "[{level_id: 1, name: A, min_pay: 0.10, max_pay: 0.30}]"
    path.write_text(
        "study: half\ncensus: a.csv\nyears: {start: 2025, end: 2026}\n"
        f"defaults: {{levels: {{uprating: 0.05, bands: {bands}}}}}\n"
    )
    level = rows(parameter_tables(load_study(path), 2026)["scenario_levels"], "baseline")[0]
    # 10 cents x 1.05 = 10.5; 30 cents x 1.05 = 31.5
    assert (level["min_pay_cents"], level["max_pay_cents"]) == (11, 32)


def test_levels_have_their_own_rates_and_weights(study: Study) -> None:
    first, last = rows(parameter_tables(study, 2025)["scenario_levels"], "alpha")
    assert (first["merit_rate_millionths"], last["merit_rate_millionths"]) == (10_000, 32_000)
    assert (first["promotion_raise_max_millionths"], last["promotion_raise_max_millionths"]) == (124_000, 500_000)
    assert (first["mix_weight_millionths"], last["mix_weight_millionths"]) == (666_667, 333_333)
    assert {row["mix_weight_millionths"] for row in rows(parameter_tables(study, 2025)["scenario_levels"], "zeta")} == {None}


def test_every_axis_is_whole(study: Study) -> None:
    hazards = rows(parameter_tables(study, 2025)["scenario_hazards"], "alpha")
    for hazard, dimension in (
        ("termination", "age"),
        ("termination", "tenure"),
        ("promotion", "age"),
        ("promotion", "tenure"),
        ("retirement", "age"),
    ):
        bands = [row for row in hazards if (row["hazard"], row["dimension"]) == (hazard, dimension)]
        assert [0, *(row["band_max"] for row in bands)] == [*(row["band_min"] for row in bands), 999]
    levels = [row for row in hazards if row["dimension"] == "level"]
    assert [(row["hazard"], row["band_min"], row["band_max"], row["value"]) for row in levels] == [
        ("promotion", 1, 2, 1),
        ("promotion", 3, 4, 0),
        ("termination", 1, 2, 1),
        ("termination", 3, 4, 1),
    ]


def test_weights_of_months_and_ages(study: Study) -> None:
    tables = parameter_tables(study, 2025)
    months = rows(tables["scenario_merit_months"], "alpha")
    assert [(row["month"], row["weight_millionths"]) for row in months] == (
        [(2, 100_000), (3, 450_000), (4, 350_000), (7, 100_000)]
    )
    ages = rows(tables["scenario_hire_ages"], "alpha")
    assert [row["weight_millionths"] for row in ages] == [333_334, 333_333, 333_333]


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=40).filter(any))
def test_normalised_weights_sum_exactly_and_are_within_one(weights: list[int]) -> None:
    exact = [Decimal(weight).scaleb(-6) for weight in weights]
    shares = normalised(exact)
    assert sum(shares) == 1_000_000
    for weight, share in zip(weights, shares, strict=True):
        assert abs(share * sum(weights) - weight * 1_000_000) < sum(weights)
