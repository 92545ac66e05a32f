"""What does not change is last year's file; one input that changes, and it is made anew."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
import yaml

from planwise_assets.settings import PROJECT_ROOT
from planwise_assets.ui.materialization import materialization
from planwise_assets.year.models.unchanged import LastYear
from planwise_assets.year.setup.inputs import prepare_year
from planwise_assets.year.state.marker import read_marker
from resources.engines.optimized import run_models
from resources.engines.session import ModelResult, TestResult, quoted, read_parquet
from tests.harness import Simulation, simulation, with_other_code

TINY = PROJECT_ROOT / "studies" / "tiny.yaml"
#: What is made of the census alone.
OF_THE_CENSUS = {"stg_census", "stg_census_rejects", "int_baseline_workforce"}
YEAR = 2026


@pytest.fixture(scope="module")
def two_years(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    text = TINY.read_text(encoding="utf-8").replace("../data", str(PROJECT_ROOT / "data"))
    return simulation(tmp_path_factory.mktemp("unchanged"), text).run([2025, YEAR], tested=False)


@pytest.fixture
def copied(two_years: Simulation, tmp_path: Path) -> Simulation:
    folder = shutil.copytree(two_years.project.settings.study_file.parent, tmp_path / "copy")
    return simulation(folder, (folder / "study.yaml").read_text(encoding="utf-8"))


def unchanged(run: Simulation, year: int = YEAR) -> set[str]:
    last_year = LastYear(run.project, year)
    return {model for model in run.project.dbt.models if last_year.file_of(model)}


def made_again(run: Simulation, *groups: str) -> dict[str, bool]:
    """Makes groups of the year again: by model, whether it took last year's file."""
    dbt, last_year = run.project.dbt, LastYear(run.project, YEAR)
    results: list[ModelResult | TestResult] = []
    for group in groups:
        with run._session(YEAR) as session:
            results += run_models(session, dbt, dbt.group_models(group), unchanged=last_year.file_of)
    return {result.name: result.is_last_years for result in results if isinstance(result, ModelResult)}


def change(file: Path, statement: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"create table this as select * from {read_parquet(file)}")
        connection.execute(statement)
        connection.execute(f"copy this to {quoted(file)} (format parquet)")


def test_what_is_made_of_the_census_alone_is_made_once(two_years: Simulation) -> None:
    assert unchanged(two_years, 2025) == set(), "there is no year before the first"
    assert unchanged(two_years) == OF_THE_CENSUS


def test_a_file_that_is_taken_over_is_the_one_that_would_be_made(two_years: Simulation, copied: Simulation) -> None:
    """And it is the year's own: what befalls one year's file befalls no other's, and it is as old as its year."""
    dbt, lake = copied.project.dbt, copied.project.lake
    for model in sorted(OF_THE_CENSUS):
        taken = two_years.project.lake.file(model, YEAR)
        before = two_years.project.lake.file(model, 2025)
        assert taken.read_bytes() == before.read_bytes()
        assert taken.stat().st_ino != before.stat().st_ino
        assert taken.stat().st_mtime_ns > before.stat().st_mtime_ns
        with copied._session(YEAR) as session:
            (result,) = run_models(session, dbt, [model])
        assert isinstance(result, ModelResult)
        assert not result.is_last_years
        assert lake.file(model, YEAR).read_bytes() == taken.read_bytes()


@pytest.mark.parametrize(
    ("source", "statement", "anew"),
    [
        ("census_input", "delete from this where census_row = (select max(census_row) from this)", OF_THE_CENSUS),
        ("census_context", "update this set census_date = census_date - 1", OF_THE_CENSUS),
        # The rejects are made anew, and are the same: what is made of them stays.
        ("census_levels", "update this set census_max_pay_cents = census_max_pay_cents + 1", OF_THE_CENSUS - {"stg_census"}),
        ("scenario_levels", "update this set max_pay_cents = max_pay_cents + 1", set()),
    ],
)
def test_one_input_that_changes_makes_anew_what_is_made_of_it(
    copied: Simulation, source: str, statement: str, anew: set[str]
) -> None:
    change(copied.project.lake.file(source, YEAR), statement)
    taken = made_again(copied, "staging_inputs", "foundation")
    assert {model for model, took in taken.items() if took} == OF_THE_CENSUS - anew


def test_other_code_or_another_file_of_last_year_makes_anew(copied: Simulation) -> None:
    other = replace(copied, project=with_other_code(copied.project, "int_raise_events"))
    assert unchanged(other) == set(), "the marker says what code made last year"
    change(copied.project.lake.file("stg_census", 2025), "update this set overtime_cents = 1")
    assert unchanged(copied) == OF_THE_CENSUS - {"stg_census"}
    copied.project.lake.marker(2025).unlink()
    assert unchanged(copied) == set()


def test_the_asset_says_that_it_was_not_made() -> None:
    made = ModelResult("stg_census", 1, 1, 0.1)
    assert "made" not in materialization(made).metadata
    said = materialization(replace(made, is_last_years=True)).metadata
    assert said["made"] == "last year's file: its SQL and all that it reads are last year's"


def test_the_census_is_read_once(two_years: Simulation, copied: Simulation) -> None:
    """Later years take over what was read, and the words of how it was read; a changed study or file is read anew."""
    words = [(read_marker(two_years.project, year) or {}).get("census") for year in (2025, YEAR)]
    assert words[0] == words[1] is not None
    assert is_read(two_years, 2025)
    assert not is_read(two_years, YEAR)
    taken, before = (two_years.project.lake.file("census_input", year) for year in (YEAR, 2025))
    assert taken.read_bytes() == before.read_bytes()
    assert taken.stat().st_ino != before.stat().st_ino

    change(copied.project.lake.file("census_input", 2025), "update this set level_id = '1'")
    assert is_read(copied, YEAR), "last year's file is no longer what its marker says"


@pytest.mark.parametrize(
    ("written", "instead"),
    [("census_reading", "{weekly_hours: worked}"), ("census_reject_limit", "0.5"), ("census", "other.csv")],
)
def test_a_study_that_changes_reads_its_census_anew(copied: Simulation, written: str, instead: str) -> None:
    file = copied.project.settings.study_file
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    people = Path(content["census"]).read_text(encoding="utf-8")
    (file.parent / "other.csv").write_text(people.rsplit("\n", 2)[0] + "\n", encoding="utf-8")
    content[written] = yaml.safe_load(instead)
    changed = simulation(file.parent, content)
    assert is_read(changed, YEAR)


def is_read(run: Simulation, year: int) -> bool:
    with run._session(year) as session:
        return prepare_year(session, run.project).reading is not None
