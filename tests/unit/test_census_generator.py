"""The census generator: the invented people hang together, and the same seed gives the same file.

What belongs here: properties of the generator and of the two census files in `data/`. What does not: how the
simulation reads a census.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import ModuleType

import duckdb
import pytest

DATA = Path(__file__).resolve().parents[2] / "data"
AS_OF = date(2024, 12, 31)
SEED = 20_241_231


def load_generator() -> ModuleType:
    """Import the script by its path: `data/` is not a package."""
    spec = importlib.util.spec_from_file_location("generate_census", DATA / "generate_census.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their own module up
    spec.loader.exec_module(module)
    return module


generator = load_generator()


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("census") / "census.parquet"
    assert generator.write_census(5_000, SEED, AS_OF, path) == 5_050
    return path


@pytest.fixture(scope="module")
def census(fresh: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """`everyone`: all rows; `active`: people on the census date, with completed years of age and service."""
    with duckdb.connect() as connection:
        connection.execute(f"create table everyone as from '{fresh}'")
        connection.execute(
            f"""
            create view active as
            select
                *,
                date_sub('year', birth_date, date '{AS_OF}') as age,
                date_sub('year', hire_date, date '{AS_OF}') as tenure,
                deferral_rate > 0 as participates
            from everyone
            where active
            """
        )
        yield connection


def one(census: duckdb.DuckDBPyConnection, query: str) -> float:
    row = census.execute(query).fetchone()
    assert row is not None
    return float(row[0])


def count(census: duckdb.DuckDBPyConnection, condition: str, table: str = "everyone") -> int:
    return int(one(census, f"select count(*) from {table} where {condition}"))


def test_same_seed_gives_the_same_bytes_and_another_seed_does_not(fresh: Path, tmp_path: Path) -> None:
    again, other = tmp_path / "again.parquet", tmp_path / "other.parquet"
    generator.write_census(5_000, SEED, AS_OF, again)
    generator.write_census(5_000, SEED + 1, AS_OF, other)
    assert digest(again) == digest(fresh)
    assert digest(other) != digest(fresh)


def test_committed_sample_is_what_the_generator_writes(census: duckdb.DuckDBPyConnection) -> None:
    # Rows, not bytes: a Parquet footer names the DuckDB version that wrote it.
    sample = DATA / "census_sample.parquet"
    assert sample.stat().st_size < 1_000_000
    rows = census.execute(f"from '{sample}'").fetchall()
    assert rows == census.execute("from everyone").fetchall()


def test_committed_tiny_census_is_what_the_generator_writes(tmp_path: Path) -> None:
    path = tmp_path / "tiny.csv"
    assert generator.write_census(60, SEED, AS_OF, path, edge_cases=True) == 60
    assert digest(path) == digest(DATA / "census_tiny.csv")


def test_columns_have_their_types(census: duckdb.DuckDBPyConnection) -> None:
    found = {name: kind for name, kind, *_ in census.execute("describe everyone").fetchall()}
    assert found == generator.COLUMNS


def test_ids_are_unique(census: duckdb.DuckDBPyConnection) -> None:
    assert one(census, "select count(distinct employee_id) from everyone") == 5_050
    assert count(census, "not regexp_full_match(employee_id, 'E[0-9]{5}')") == 0


def test_leavers_left_in_the_census_year_and_are_not_active(census: duckdb.DuckDBPyConnection) -> None:
    assert count(census, "active") == 5_000
    assert count(census, "active = (termination_date is not null)") == 0
    assert count(census, "not active and termination_date between date '2024-01-01' and date '2024-12-30'") == 50
    assert count(census, "termination_date <= hire_date") == 0


@pytest.mark.parametrize("column", ["birth_date", "hire_date", "termination_date", "service_date", "enrollment_date"])
def test_no_date_lies_after_the_census_date(census: duckdb.DuckDBPyConnection, column: str) -> None:
    assert count(census, f"{column} is not null") > 0
    assert count(census, f"{column} > date '{AS_OF}'") == 0


def test_everyone_was_hired_at_18_or_later_and_is_below_80(census: duckdb.DuckDBPyConnection) -> None:
    assert count(census, "birth_date + interval 18 year > least(hire_date, coalesce(service_date, hire_date))") == 0
    assert count(census, "age not between 18 and 79", "active") == 0


def test_few_hires_start_on_the_first_of_a_month_or_on_a_weekend(census: duckdb.DuckDBPyConnection) -> None:
    assert one(census, "select avg((day(hire_date) = 1)::int) from everyone") < 0.10
    assert one(census, "select avg((isodow(hire_date) >= 6)::int) from everyone") < 0.10


@pytest.mark.parametrize(
    ("youngest", "oldest", "first_year_percent"),
    [(18, 24, 50.8), (25, 34, 28.9), (35, 44, 17.1), (45, 54, 12.4), (55, 64, 10.2), (65, 79, 9.9)],
)
def test_first_year_share_by_age_is_that_of_bls_2016(
    census: duckdb.DuckDBPyConnection, youngest: int, oldest: int, first_year_percent: float
) -> None:
    share = one(census, f"select avg((tenure = 0)::int) from active where age between {youngest} and {oldest}")
    assert 100 * share == pytest.approx(first_year_percent, abs=0.3)


def test_age_and_tenure_of_the_whole_company(census: duckdb.DuckDBPyConnection) -> None:
    mean_age = one(census, f"select avg((date '{AS_OF}' - birth_date) / 365.25) from active")
    assert mean_age == pytest.approx(42.9, abs=0.4)
    assert one(census, "select avg((tenure >= 10)::int) from active") == pytest.approx(0.29, abs=0.015)
    assert one(census, "select avg((age >= 65)::int) from active") == pytest.approx(0.044, abs=0.001)


def test_levels_form_the_pyramid_and_rise_with_age_and_tenure(census: duckdb.DuckDBPyConnection) -> None:
    rows = census.execute(
        "select count(*), avg(age), avg(tenure) from active group by level_id order by level_id"
    ).fetchall()
    sizes, ages, tenures = zip(*rows, strict=True)
    assert sizes == (3_000, 1_250, 500, 200, 50)
    assert list(ages) == sorted(ages)
    assert list(tenures) == sorted(tenures)


def test_pay_lies_in_the_band_and_rises_with_tenure(census: duckdb.DuckDBPyConnection) -> None:
    for level, (_, low, below, _) in generator.LEVELS.items():
        outside = f"level_id = {level} and (annual_compensation < {low} or annual_compensation >= {below})"
        assert count(census, outside) == 0
        correlation = one(
            census,
            f"select corr(annual_compensation, tenure) from active where level_id = {level} "
            "and scheduled_hours_per_week = 40",
        )
        assert correlation > 0.3


def test_part_timers(census: duckdb.DuckDBPyConnection) -> None:
    assert count(census, "scheduled_hours_per_week = 20", "active") == 500
    assert count(census, "scheduled_hours_per_week not in (20, 40)") == 0
    assert count(census, "scheduled_hours_per_week = 20 and level_id > 2") == 0


def test_hours_and_pay_of_the_prior_year_follow_the_days_employed(census: duckdb.DuckDBPyConnection) -> None:
    full_year = "active and hire_date <= date '2024-01-01'"
    assert count(census, f"{full_year} and prior_year_compensation <> annual_compensation") == 0
    assert count(census, f"{full_year} and hours_prior_year_1 <> 52 * scheduled_hours_per_week") == 0
    days = "(coalesce(termination_date, date '2024-12-31') - greatest(hire_date, date '2024-01-01') + 1)"
    assert count(census, f"abs(prior_year_compensation - annual_compensation * {days} / 366) > 0.01") == 0
    assert count(census, f"abs(hours_prior_year_1 - 52 * scheduled_hours_per_week * {days} / 366) > 0.51") == 0
    assert count(census, "hire_date >= date '2024-01-01' and hours_prior_year_2 <> 0") == 0
    before = "hire_date <= date '2023-01-01' and hours_prior_year_2 <> 52 * scheduled_hours_per_week"
    assert count(census, before) == 0


def test_participation_and_deferrals(census: duckdb.DuckDBPyConnection) -> None:
    assert one(census, "select avg(participates::int) from active") == pytest.approx(0.64, abs=0.015)
    mean = one(census, "select avg(deferral_rate) from active where participates")
    assert mean == pytest.approx(0.075, abs=0.004)
    by_age = census.execute(
        "select avg(participates::int), avg(deferral_rate) filter (participates) from active "
        "group by (least(age, 64) - 5) // 10 order by (least(age, 64) - 5) // 10"
    ).fetchall()
    by_level = census.execute(
        "select avg(participates::int) from active where level_id <= 4 group by level_id order by level_id"
    ).fetchall()
    for rising in (*zip(*by_age, strict=True), [share for (share,) in by_level]):
        assert list(rising) == sorted(rising)
    assert count(census, "deferral_rate not between 0 and 0.25") == 0
    assert count(census, "deferral_rate * 100 <> round(deferral_rate * 100)") == 0


def test_enrollment_facts_agree(census: duckdb.DuckDBPyConnection) -> None:
    assert count(census, "(deferral_rate > 0) <> (enrollment_date is not null)") == 0
    assert count(census, "(enrollment_date is null) <> (enrollment_source is null)") == 0
    assert count(census, "enrollment_date <= hire_date") == 0
    assert count(census, "enrollment_date < birth_date + interval 21 year") == 0
    assert count(census, "opted_out and deferral_rate > 0") == 0
    assert 0.02 < one(census, "select avg(opted_out::int) from active") < 0.10
    assert count(census, "auto_escalation_opt_out and deferral_rate = 0") == 0
    declined = one(census, "select avg(auto_escalation_opt_out::int) from active where participates")
    assert declined == pytest.approx(0.126, abs=0.02)


def test_balances_agree_with_pay_rate_and_years(census: duckdb.DuckDBPyConnection) -> None:
    match = "(least(deferral_rate, 0.03) + greatest(0, least(deferral_rate, 0.05) - 0.03) / 2)"
    ceiling = f"least(annual_compensation, 345000) * {match} * (date '{AS_OF}' - hire_date) / 365.25 * 1.1 + 0.01"
    assert count(census, f"deferral_rate > 0 and match_balance > {ceiling}") == 0
    assert count(census, "enrollment_date < termination_date and match_balance <= 0") == 0
    assert count(census, f"active and enrollment_date < date '{AS_OF}' and match_balance <= 0") == 0
    assert count(census, "deferral_rate = 0 and not opted_out and match_balance > 0") == 0
    assert count(census, "core_balance <> 0") == 0


def test_owners_and_rehires_are_few(census: duckdb.DuckDBPyConnection) -> None:
    assert 0 < count(census, "owner_5pct", "active") < 5
    assert 0.01 < one(census, "select avg((service_date is not null)::int) from active") < 0.05
    assert count(census, "service_date >= hire_date") == 0


def test_tiny_census_holds_the_awkward_people() -> None:
    with duckdb.connect() as tiny:
        tiny.execute(f"create table everyone as from '{DATA / 'census_tiny.csv'}'")
        for awkward in (
            "strftime(birth_date, '%m-%d') = '02-29' and strftime(hire_date, '%m-%d') = '02-29'",
            "service_date < hire_date",
            "scheduled_hours_per_week = 20",
            "annual_compensation = 30000 and level_id = 1",
            "annual_compensation = 65000 and level_id = 2",
            "birth_date = date '1979-12-31' and hire_date = date '2019-12-31'",
            "birth_date = date '1970-01-01'",
            "hire_date = date '2024-12-31'",
            "hire_date = date '2024-01-01'",
            "hire_date = birth_date + interval 18 year",
        ):
            assert count(tiny, awkward) >= 1, awkward
        assert count(tiny, "active") == 60


@pytest.mark.parametrize("as_of", [date(2023, 12, 31), date(2024, 2, 29), date(2025, 12, 31)])
def test_any_census_date_works(as_of: date, tmp_path: Path) -> None:
    path = tmp_path / "census.csv"
    assert generator.write_census(300, 1, as_of, path) == 303
    with duckdb.connect() as connection:
        connection.execute(f"create table everyone as from '{path}'")
        assert count(connection, f"greatest(hire_date, termination_date, enrollment_date) > date '{as_of}'") == 0


def test_refusals_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"must end in \.parquet or \.csv"):
        generator.write_census(100, 1, AS_OF, tmp_path / "census.xlsx")
    with pytest.raises(ValueError, match="choose a number from 50 to 1,000,000"):
        generator.write_census(5, 1, AS_OF, tmp_path / "census.csv")
