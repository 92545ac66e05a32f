"""`planwise simulate` runs what does not match, and nothing else; and the warehouse holds the study's years, no others.

Also how a command finds its study, and what it says of a lock that belongs to somebody else.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from planwise_assets.commands.cli import app
from planwise_assets.commands.main import study_first
from planwise_assets.settings import PROJECT_ROOT
from resources.process.locks import LockDeniedError, abandoned_run, study_run
from tests.harness import TINY_CENSUS, share_compiled_project, simulation

STUDY: dict[str, Any] = {
    "study": "again",
    "census": str(TINY_CENSUS),
    "years": {"start": 2025, "end": 2026},
    "seeds": [3],
    "scenarios": {"baseline": {}},
}


def test_only_what_does_not_match_is_simulated(tmp_path: Path) -> None:
    made = simulation(tmp_path, STUDY).run(tested=False).publish()
    share_compiled_project(made.project.settings.home)
    added = _simulate(made.project.settings.home, simulation(tmp_path, _until(2027)).project.settings.study_file)
    for year in (2025, 2026):
        assert f"{year} is as the study says; not simulated again" in added
        assert f"{year} simulated" not in added
    assert "2027 simulated in " in added
    assert _published(made.project.settings.warehouse("again")) == [2025, 2026, 2027]

    dropped = _simulate(made.project.settings.home, simulation(tmp_path, _until(2025)).project.settings.study_file)
    assert " simulated in " not in dropped
    assert _published(made.project.settings.warehouse("again")) == [2025]


def test_a_scenario_that_was_renamed_or_dropped_leaves_the_warehouse(tmp_path: Path) -> None:
    made = simulation(tmp_path, {**STUDY, "scenarios": {"baseline": {}, "old": {"workforce": {"growth": 0.1}}}})
    made.run(tested=False).publish()
    home, warehouse = made.project.settings.home, made.project.settings.warehouse("again")
    share_compiled_project(home)
    left: list[dict[str, Any]] = [{"baseline": {}, "renamed": {"workforce": {"growth": 0.1}}}, {"baseline": {}}]
    for scenarios in left:
        study_file = simulation(tmp_path, {**STUDY, "scenarios": scenarios}).project.settings.study_file
        _simulate(home, study_file)
        assert _published(warehouse) == [2025, 2026]
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            holders = connection.execute(
                "select table_name from duckdb_columns() where column_name = 'scenario_id'"
            ).fetchall()
            tables = [table for (table,) in holders]
            assert "fct_workforce_snapshot" in tables
            for table in tables:
                found = connection.execute(f"select distinct scenario_id from {table}").fetchall()
                assert {name for (name,) in found} <= set(scenarios), table


def test_a_year_that_fails_ends_in_one_sentence_and_the_place_of_the_log(tmp_path: Path) -> None:
    """In the middle of its work, and refused by the gate: two lines, however much Dagster says."""
    made = simulation(tmp_path, STUDY).run([2025], tested=False)
    home, lake, log = made.project.settings.home, made.project.lake, made.project.settings.home / "logs" / "again.log"
    share_compiled_project(home)
    (lake.folder("int_hiring_events") / "simulation_year=2026").write_text("in the way", encoding="utf-8")
    failed = _run(home, made.project.settings.study_file)
    assert failed.returncode == 1
    sentence, place = failed.stderr.splitlines()
    assert sentence.startswith("2026 failed. Step ")
    assert "simulation_year=2026" in sentence
    assert (place, log.is_file()) == (f"Log: {log}", True)

    lake.marker(2025).unlink()
    refused = _run(home, made.project.settings.study_file, "--years", "2026")
    assert refused.returncode == 1
    assert refused.stderr.splitlines() == [
        "2026 failed. 2026 cannot start. 2025 has not been simulated to its end. "
        "Run 2025 first: planwise simulate --years 2025-2026",
        f"Log: {log}",
    ]


def _until(end: int) -> dict[str, Any]:
    return {**STUDY, "years": {"start": 2025, "end": end}}


def _simulate(home: Path, study_file: Path) -> str:
    done = _run(home, study_file)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Since then" not in done.stderr
    return done.stdout


def _run(home: Path, study_file: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "planwise_assets.commands.cli", "simulate", *options],
        cwd=PROJECT_ROOT,
        env={
            **{name: value for name, value in os.environ.items() if name != "DAGSTER_HOME"},
            "PLANWISE_HOME": str(home),
            "PLANWISE_STUDY": str(study_file),
            "PLANWISE_EXECUTOR": "in_process",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )


def _published(file: Path) -> list[int]:
    with duckdb.connect(str(file), read_only=True) as connection:
        counted = connection.execute("select distinct simulation_year from fct_plan_cost order by all").fetchall()
        assert counted == connection.execute("select simulation_year from provenance order by all").fetchall()
    return [year for (year,) in counted]


def test_the_study_is_named_anywhere_in_the_arguments() -> None:
    assert study_first(["results", "--json", "--study", "a.yaml"]) == ["--study", "a.yaml", "results", "--json"]
    assert study_first(["--study=a.yaml", "results"]) == ["--study=a.yaml", "results"]
    assert study_first(["results", "--study"]) == ["--study", "results"]


@pytest.mark.parametrize("way", ["option", "here", "variable"])
def test_a_command_finds_its_study(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = simulation(tmp_path / "there", STUDY).project.settings.study_file
    monkeypatch.setenv("PLANWISE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PLANWISE_STUDY", str(file) if way == "variable" else "")
    monkeypatch.chdir(file.parent if way == "here" else tmp_path)
    words = ["--study", str(file)] if way == "option" else []
    told = CliRunner().invoke(app, [*words, "results"])
    assert told.exit_code == 1
    assert f"Study again ({file}) has no published results yet" in told.stderr
    assert "--study FILE, or the variable PLANWISE_STUDY" in told.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as a second user of the machine")
def test_another_users_lock_is_one_sentence(tmp_path: Path) -> None:
    with study_run(tmp_path / "locks", "client", "mine"):
        pass
    # The folders of pytest, however deep a worker's are, are its user's alone.
    below = Path(tempfile.gettempdir()).resolve()
    for folder in (tmp_path, *(parent for parent in tmp_path.parents if below in parent.parents)):
        folder.chmod(0o755)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        said = "taken"
        os.setuid(65534)
        try:
            with study_run(tmp_path / "locks", "client", "theirs"):
                pass
        except LockDeniedError as error:
            said = f"{abandoned_run(tmp_path / 'locks', 'client')}: {error}"
        finally:
            os.write(writing, said.encode())
            os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    assert said.startswith(f"None: {tmp_path / 'locks' / 'client.run'} belongs to user 0")
    assert "PLANWISE_HOME" in said
    assert "\n" not in said


def test_a_home_with_an_apostrophe_is_refused_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANWISE_HOME", str(tmp_path / "O'Hara"))
    for words in (["simulate"], ["results"], ["config", "explain"]):
        told = CliRunner().invoke(app, words)
        assert told.exit_code == 2
        assert "has an apostrophe" in told.stderr
        assert told.stderr.count("\n") == 1


def test_locks_of_ones_own_are_taken(tmp_path: Path) -> None:
    with study_run(tmp_path, "client", "mine"):
        assert abandoned_run(tmp_path, "client") is None
    assert issubclass(LockDeniedError, PermissionError)
