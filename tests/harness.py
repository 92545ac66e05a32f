"""A whole study in this process, without Dagster: the same set-up, models, operations and closing state, in the same order.

For tests that look at results. Tests that look at runs (executors, gate, UI) go through Dagster itself.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import yaml

from planwise_assets.project import Project
from planwise_assets.settings import PROJECT_ROOT, Settings
from planwise_assets.study.file.load import load_study
from planwise_assets.year.alone import simulate_alone
from planwise_assets.year.publication.building import publish_warehouse
from planwise_assets.year.publication.tables import published_tables
from planwise_assets.year.state.marker import read_marker
from resources.dbt.compiled import compiled_project
from resources.engines.session import TestResult, YearSession

SAMPLE_CENSUS = PROJECT_ROOT / "data" / "census_sample.parquet"
TINY_CENSUS = PROJECT_ROOT / "data" / "census_tiny.csv"

#: The compiled dbt project is shared by all tests of a session.
SHARED_DBT_CACHE = PROJECT_ROOT / "var" / "dbt"


def with_other_code(project: Project, model: str) -> Project:
    """A project in which one model's SQL is another's."""
    changed = replace(project, dbt=replace(project.dbt))
    unique_id = project.dbt.models[model]["unique_id"]
    changed.dbt.__dict__["code_hashes"] = {**project.dbt.code_hashes, unique_id: "another"}
    return changed


def share_compiled_project(home: Path) -> None:
    """Makes a home whose dbt project is compiled already: that costs 20 s, and is the same for all."""
    compiled_project(PROJECT_ROOT / "dbt_project", SHARED_DBT_CACHE)
    home.mkdir(parents=True, exist_ok=True)
    (home / "dbt").symlink_to(SHARED_DBT_CACHE, target_is_directory=True)


@dataclass
class Simulation:
    """A study in a folder of its own.

    Attributes:
        project: Settings, study, compiled dbt project and lake.
        threads: DuckDB's threads.
        tests: Outcomes of the dbt data tests by year.
    """

    project: Project
    threads: int
    tests: dict[int, list[TestResult]]

    def run(self, years: Sequence[int] | None = None, *, check: bool = True, tested: bool = True) -> Simulation:
        """Simulates years in order.

        Args:
            years: Some of the study's; all of them by default.
            check: Whether a failing dbt test of error severity fails the test.
            tested: Whether the dbt tests run at all; for long horizons about something else.
        """
        for year in years or range(self.project.first_year, self.project.last_year + 1):
            self._run_year(year, tested=tested)
            failed = [outcome for outcome in self.tests[year] if outcome.status == "error"]
            assert not (check and failed), f"{year}: {failed}"
        return self

    def publish(self) -> Simulation:
        """Puts the years that are marked complete into the warehouse, as the last step of a year does."""
        project = self.project
        years = range(project.first_year, project.last_year + 1)
        markers = [marker for year in years if (marker := read_marker(project, year))]
        with self._session(project.last_year) as session:
            publish_warehouse(
                session,
                published_tables(session.connection, project, markers),
                markers,
                project.settings.warehouse(project.study.study),
            )
        return self

    def query(self, sql: str, parameters: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
        """Queries the lake: every asset is a view over all simulated years, `worlds` names the worlds."""
        with self.connect() as connection:
            return connection.execute(sql, parameters or []).fetchall()

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection with a view over all years of every asset."""
        with duckdb.connect(config={"threads": self.threads}) as connection:
            for folder in sorted(self.project.lake.root.iterdir()):
                files = sorted(folder.glob(f"simulation_year=*/{folder.name}.parquet"))
                if files:
                    names = ", ".join(f"'{file}'" for file in files)
                    connection.execute(
                        f"create view {folder.name} as select * from read_parquet([{names}], hive_partitioning = false)"
                    )
            yield connection

    def hashes(self, *, without: Sequence[str] = ()) -> dict[str, str]:
        """The sha256 of every file of the lake, by its path in the lake."""
        root = self.project.lake.root
        return {
            str(file.relative_to(root)): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in sorted(root.rglob("*.parquet"))
            if file.stem not in without
        }

    def _run_year(self, year: int, *, tested: bool) -> None:
        self.tests[year] = simulate_alone(self.project, lambda: self._session(year), tested=tested)

    @contextmanager
    def _session(self, year: int) -> Iterator[YearSession]:
        with duckdb.connect(config={"threads": self.threads, "async_threads": 0}) as connection:
            yield YearSession(connection, self.project.lake, year, self.project.first_year, min(self.threads, 2))


def simulation(folder: Path, study: dict[str, Any] | str, *, threads: int = 2) -> Simulation:
    """A study, ready to run.

    Args:
        folder: Where the study file and everything that it makes go.
        study: The study as YAML text or as the mapping it would hold; a relative census is relative to `folder`.
        threads: DuckDB's threads.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "study.yaml"
    file.write_text(study if isinstance(study, str) else yaml.safe_dump(study, sort_keys=False), encoding="utf-8")
    settings = Settings(home=folder / "home", study_file=file)
    dbt = compiled_project(settings.dbt_project, SHARED_DBT_CACHE)
    return Simulation(Project(settings, load_study(file), dbt), threads, {})


def generated_census(file: Path, people: int) -> Path:
    """A census of the last day of 2024 by the project's own generator, always the same people."""
    generator = [sys.executable, str(PROJECT_ROOT / "data" / "generate_census.py"), "--people", str(people), "--seed", "7"]
    subprocess.run([*generator, "--as-of", "2024-12-31", "--out", str(file)], check=True, capture_output=True)
    return file


def client_folder(folder: Path, study: dict[str, Any], people: int) -> Path:
    """What a client has who has simulated nothing: a generated census, a study file, a home."""
    generated_census(folder / "census.csv", people)
    (folder / "study.yaml").write_text(yaml.safe_dump(study, sort_keys=False), encoding="utf-8")
    share_compiled_project(folder / "home")
    return folder


def census_file(folder: Path, rows: Sequence[dict[str, Any]]) -> Path:
    """A CSV census of these people, written in this order."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "census.csv"
    columns = list(dict.fromkeys(name for row in rows for name in row))
    lines = [",".join(columns), *(",".join(str(row.get(name, "")) for name in columns) for row in rows)]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file
