"""`planwise verify` and `planwise check`: what was changed by hand is found, and named; what was not raises no alarm."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from planwise_assets.commands.cli import app
from planwise_assets.year.setup.gate import year_problems
from planwise_assets.year.validation.verification import verify
from resources.engines.session import quoted, read_parquet
from resources.files import read_json, write_json
from tests.harness import TINY_CENSUS, Simulation, share_compiled_project, simulation

STUDY: dict[str, Any] = {
    "study": "verified",
    "census": str(TINY_CENSUS),
    "years": {"start": 2025, "end": 2026},
    "seeds": [3],
    "scenarios": {"baseline": {}},
}


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    return simulation(tmp_path_factory.mktemp("verified"), STUDY).run(tested=False).publish()


@pytest.fixture
def changed(simulated: Simulation, tmp_path: Path) -> Simulation:
    """A copy, to do harm to."""
    folder = tmp_path / "study"
    shutil.copytree(simulated.project.settings.home.parent, folder)
    return simulation(folder, STUDY)


def append_a_byte(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b" ")


def change_a_cell(file: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"create table t as from {read_parquet(file)}")
        connection.execute("update t set seed = seed + 1 where rowid = 0")
        connection.execute(f"copy t to {quoted(file)} (format parquet, compression zstd)")


def drop_a_row(file: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"create table t as from {read_parquet(file)}")
        connection.execute("delete from t where rowid = 0")
        connection.execute(f"copy t to {quoted(file)} (format parquet, compression zstd)")


@pytest.mark.parametrize("harm", [append_a_byte, change_a_cell, drop_a_row, Path.unlink])
@pytest.mark.parametrize("asset", ["fct_workforce_snapshot", "fct_yearly_events", "dim_hazards"])
def test_a_changed_file_is_named(changed: Simulation, asset: str, harm: Callable[[Path], None]) -> None:
    file = changed.project.lake.file(asset, 2026)
    harm(file)
    found = verify(changed.project)
    assert [(difference.year, difference.file) for difference in found] == [(2026, str(file))]
    assert "missing" in found[0].what if harm is Path.unlink else "recorded" in found[0].what
    assert asset in " ".join(year_problems(changed.project, 2027))


def test_what_nobody_touched_is_as_it_was(simulated: Simulation) -> None:
    assert verify(simulated.project) == []


def test_a_file_of_another_study_is_named(changed: Simulation, tmp_path: Path) -> None:
    other = simulation(tmp_path / "other", {**STUDY, "study": "other", "seeds": [4]}).run([2025], tested=False)
    file = changed.project.lake.file("fct_plan_cost", 2025)
    shutil.copy(other.project.lake.file("fct_plan_cost", 2025), file)
    shutil.copy(other.project.lake.marker(2025), changed.project.lake.marker(2026))
    found = [(difference.file, difference.what) for difference in verify(changed.project)]
    assert (str(file), "is not what was recorded when the year was simulated") in found
    assert (str(changed.project.lake.marker(2026)), "is of another study, other") in found


def test_a_file_that_nobody_knows_is_named(changed: Simulation) -> None:
    file = changed.project.lake.file("fct_plan_cost", 2025).with_name("copy of fct_plan_cost.parquet")
    file.touch()
    assert [difference.file for difference in verify(changed.project)] == [str(file)]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"files": 3}', "not JSON"])
def test_a_broken_marker_is_named(changed: Simulation, text: str) -> None:
    file = changed.project.lake.marker(2026)
    file.write_text(text)
    assert str(file) in [difference.file for difference in verify(changed.project)]
    assert "2026 has not been simulated to its end" in year_problems(changed.project, 2027)[0]


def test_a_year_made_again_leaves_the_warehouse_and_later_years_behind(changed: Simulation) -> None:
    file = changed.project.lake.marker(2025)
    write_json(file, {**(read_json(file) or {}), "closing_hash": "another"})
    assert {(d.year, Path(d.file).suffix) for d in verify(changed.project)} >= {(2026, ".json"), (2025, ".duckdb")}


def test_a_warehouse_of_unknown_origin_is_named(changed: Simulation) -> None:
    file = changed.project.settings.warehouse("verified")
    with duckdb.connect(str(file)) as connection:
        connection.execute("drop table provenance")
    assert [difference.file for difference in verify(changed.project)] == [str(file)]
    file.unlink()
    assert [difference.file for difference in verify(changed.project)] == [str(file)]


def test_the_warehouse_says_what_it_was_made_from(simulated: Simulation) -> None:
    with duckdb.connect(str(simulated.project.settings.warehouse("verified")), read_only=True) as connection:
        rows = connection.execute("select simulation_year, seeds, fingerprint, packages, engine from provenance").fetchall()
    assert [(year, json.loads(seeds)) for year, seeds, *_ in rows] == [(2025, [3]), (2026, [3])]
    for _, _, fingerprint, packages, engine in rows:
        assert {"code", "study"} <= json.loads(fingerprint).keys()
        assert {"planwise", "duckdb", "dbt-core", "dagster"} <= json.loads(packages).keys()
        assert engine == "optimized"


def test_the_commands_say_so_and_exit_with_it(changed: Simulation, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = changed.project.settings
    monkeypatch.setenv("PLANWISE_HOME", str(settings.home))
    monkeypatch.setenv("PLANWISE_STUDY", str(settings.study_file))
    share_compiled_project(settings.home)
    run = CliRunner().invoke

    assert run(app, ["verify"]).exit_code == 0
    checked = run(app, ["check", "--years", "2026", "--json"])
    assert checked.exit_code == 0
    assert {outcome["status"] for outcome in json.loads(checked.output)["2026"]} <= {"pass", "warn"}

    change_a_cell(changed.project.lake.file("fct_plan_cost", 2026))
    refused = run(app, ["verify", "--json"])
    assert refused.exit_code == 1
    assert json.loads(refused.output)[0]["year"] == 2026
    checked = run(app, ["check", "--years", "2026"])
    assert checked.exit_code == 1
    assert "error: " in checked.output
