"""What DuckDB and Dagster do that nobody expects, where no other test holds what we do about it.

The whole list, with the test of each, is in docs/architecture.md ("What the stack does that nobody expects").
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from planwise_assets.automation.jobs import VALIDATE_YEAR
from planwise_assets.definitions import build_defs
from planwise_assets.partitions import ONE_YEAR_A_RUN, simulation_years, year_of
from planwise_assets.settings import PROJECT_ROOT, Settings
from resources.dbt.compiled import Relation
from resources.engines import optimized
from resources.engines.session import YearSession, read_parquet
from resources.lake import Lake
from resources.process.failures import ModelError
from tests.e2e.dagster_ui import wait_for
from tests.unit.macro_text import macro

YEAR = 2025


@pytest.fixture
def session(tmp_path: Path) -> Iterator[YearSession]:
    lake = Lake(tmp_path / "lake")
    lake.make_folders(["made"], YEAR)
    with duckdb.connect(config={"threads": 2}) as connection:
        yield YearSession(connection, lake, YEAR, YEAR)


def kinds(connection: duckdb.DuckDBPyConnection, source: str) -> dict[str, str]:
    """The columns of a relation and their types."""
    return {name: kind for name, kind, *_ in connection.execute(f"describe select * from {source}").fetchall()}


# --- Dagster -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def defs() -> dg.Definitions:
    return build_defs(Settings(home=PROJECT_ROOT / "var", study_file=PROJECT_ROOT / "studies" / "tiny.yaml"))


@pytest.mark.parametrize(("first", "last"), [("2025", "2027"), ("2027", "2025")])
def test_a_run_of_several_years_is_refused_and_so_is_a_range_that_runs_backwards(first: str, last: str) -> None:
    """A range that runs backwards holds no year; to Dagster that is a success, and a materialization of nothing."""

    @dg.asset(partitions_def=simulation_years(2025, 2027), backfill_policy=ONE_YEAR_A_RUN)
    def made(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        return dg.MaterializeResult(metadata={"year": year_of(context)})

    tags = {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}
    done = dg.materialize([made], tags=tags, raise_on_error=False)
    assert not done.success
    assert done.asset_materializations_for_node("made") == []


def test_years_are_tied_by_observations_alone(defs: dg.Definitions) -> None:
    """No asset depends on itself, and what a year opens with can be observed only: both make Dagster run years wrongly."""
    graph = defs.resolve_asset_graph()
    opening = dg.AssetKey("opening_workforce")
    assert opening in graph.external_asset_keys
    assert not graph.get(opening).parent_keys
    assert [key for key in graph.get_all_asset_keys() if key in graph.get(key).parent_keys] == []


def test_only_what_is_made_of_all_years_can_get_old(defs: dg.Definitions) -> None:
    """Freshness looks at the newest materialization of any year: an old year made again would make an asset fresh."""
    aging = [spec.key.to_user_string() for spec in defs.resolve_all_asset_specs() if spec.freshness_policy]
    assert aging == ["warehouse"]


def test_the_job_of_checks_has_years(defs: dg.Definitions) -> None:
    """A job of checks alone would have none, even where the checks have."""
    assert defs.resolve_job_def(VALIDATE_YEAR).partitions_def == simulation_years(2025, 2027)


# --- what models may say -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "why"),
    [
        ("var", "a manifest that is read again keeps the value of its first year"),
        ("getvariable", "a variable of DuckDB belongs to one cursor, and models run on several"),
        ("random", "it gives other rows in every run"),
        ("hash", "it gives other rows in another version of DuckDB"),
        ("current_date", "the day of the run is no input"),
        ("now", "the time of the run is no input"),
        ("median", "that of decimals is cut, not rounded"),
        ("quantile_cont", "that of decimals is cut, not rounded"),
    ],
)
def test_no_sql_asks_for(call: str, why: str) -> None:
    asked = re.compile(rf"(?<![\w.]){call}\s*\(" if call != "current_date" else r"\bcurrent_date\b", re.IGNORECASE)
    project = PROJECT_ROOT / "dbt_project"
    folders = ("models", "macros", "tests", "operations", "closing")
    texts = [file for folder in folders for file in (project / folder).rglob("*.sql")]
    assert len(texts) > 46
    assert [str(file) for file in texts if asked.search(file.read_text(encoding="utf-8"))] == [], why


def test_a_variable_belongs_to_one_cursor_and_a_relation_to_all() -> None:
    """Why the year is a row of `year_context`."""
    with duckdb.connect() as connection:
        connection.execute("set variable simulation_year = 2025")
        connection.execute("create view year_context as select 2025 as simulation_year")
        asked = "select getvariable('simulation_year'), simulation_year from year_context"
        assert connection.execute(asked).fetchone() == (2025, 2025)
        assert connection.cursor().execute(asked).fetchone() == (None, 2025)


# --- files ---------------------------------------------------------------------------------------------------------


def test_the_year_in_a_path_is_no_column(session: YearSession) -> None:
    """DuckDB would take it for one, of a type of its own, in place of the file's."""
    session.publish(session.connection, "made", "select 2025::integer as simulation_year")
    file = session.lake.file("made", YEAR)
    assert kinds(session.connection, f"'{file}'") == {"simulation_year": "BIGINT"}
    assert kinds(session.connection, read_parquet(file)) == {"simulation_year": "INTEGER"}


#: A process that writes the file of somebody else's year until it is killed.
WRITER = """
import sys
from pathlib import Path
import duckdb
from resources.engines.session import YearSession
from resources.lake import Lake
with duckdb.connect(config={"threads": 2}) as connection:
    YearSession(connection, Lake(Path(sys.argv[1])), YEAR, YEAR).publish(
        connection, "made", "select range as a, range * 7919 % 1000003 as b from range(100000000000)", is_profiled=False
    )
""".replace("YEAR", str(YEAR))


def test_what_is_killed_half_way_leaves_the_file_that_was_there(session: YearSession) -> None:
    """By itself COPY writes under the final name."""
    session.publish(session.connection, "made", "select 1 as a")
    file = session.lake.file("made", YEAR)
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(session.lake.root)], cwd=PROJECT_ROOT)
    try:
        wait_for(
            lambda: [one for one in file.parent.iterdir() if one != file and one.stat().st_size] or None, 60, "its file"
        )
        assert writer.poll() is None
    finally:
        writer.kill()
        writer.wait()
    assert session.connection.execute(f"from {read_parquet(file)}").fetchall() == [(1,)]


@pytest.mark.parametrize(
    ("expression", "computed", "kept"),
    [
        ("sum(1::integer)", "HUGEINT", "DOUBLE"),
        ("'a'::enum('a', 'b')", "ENUM('a', 'b')", "VARCHAR"),
        ("10.00::decimal(18, 2) / 3", "DOUBLE", "DOUBLE"),
        ("sum(1.00::decimal(18, 2))", "DECIMAL(38,2)", "DECIMAL(38,2)"),
    ],
)
def test_a_contract_is_about_the_file(session: YearSession, expression: str, computed: str, kept: str) -> None:
    """A sum of integers is a HUGEINT, which Parquet has not: the file would hold a DOUBLE where a BIGINT was promised."""
    session.publish(session.connection, "made", f"select {expression} as amount")
    promised = Relation("model.planwise.made", "made", "made", {"amount": "BIGINT"}, made_by="made")
    session.open(promised)
    assert kinds(session.connection, f"(select {expression} as amount)") == {"amount": computed}
    assert kinds(session.connection, "made") == {"amount": kept}
    with pytest.raises(ModelError, match="does not keep its contract"):
        optimized._enforce_contract(session.connection.cursor(), promised)


# --- the census ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
def test_a_moment_is_no_day_in_any_time_zone(zone: str) -> None:
    """A birth date that a tool wrote with a zone is another day elsewhere: such a column is refused, wherever it is read."""
    day = macro("workforce/census.sql", "census_date", "born::varchar")
    with duckdb.connect() as connection:
        connection.execute("create table people as select timestamptz '1960-05-01 00:00:00-04:00' as born")
        connection.execute(f"set timezone = '{zone}'")
        assert connection.execute(f"select {day} from people").fetchone() == (None,)
        assert connection.execute("select distinct born::date from people").fetchone() != (None,)
        plain = macro("workforce/census.sql", "census_date", "timestamp '1960-05-01 00:00:00'::varchar")
        assert connection.execute(f"select {plain}").fetchone() == (date(1960, 5, 1),)
