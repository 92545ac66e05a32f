"""PlanWise as its users have it: commands in processes of their own, a study file, a home, a DAGSTER_HOME.

The one thing that is not new in each is the compiled dbt project, which costs 20 s and is the same for all.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import dagster as dg
import yaml

from planwise_assets.runs.instance import open_instance, prepare_instance
from planwise_assets.settings import PROJECT_ROOT
from planwise_assets.steps import GROUPS, OPERATIONS, WAREHOUSE, WORKFORCE_STATE, YEAR_PERFORMANCE, YEAR_SETUP
from resources.lake import Lake
from tests.harness import TINY_CENSUS, share_compiled_project, simulation

#: The steps of a whole year.
STEPS = {step.name for step in (YEAR_SETUP, *GROUPS, *OPERATIONS, WORKFORCE_STATE, WAREHOUSE, YEAR_PERFORMANCE)}

_COMMAND_SECONDS = 300


@dataclass(frozen=True)
class Installation:
    """A study in a folder of its own, with all that its runs make.

    Attributes:
        folder: Holds the study file, `census.csv` and the home.
        study: The study's name.
        study_file_name: Its file.
    """

    folder: Path
    study: str
    study_file_name: str = "study.yaml"

    @property
    def home(self) -> Path:
        """What it writes: `PLANWISE_HOME`."""
        return self.folder / "home"

    @property
    def dagster_home(self) -> Path:
        """Dagster's records: `DAGSTER_HOME`."""
        return self.home / "dagster" / self.study

    @property
    def census(self) -> Path:
        """The census file."""
        return self.folder / "census.csv"

    @property
    def study_file(self) -> Path:
        """The study file: `PLANWISE_STUDY`."""
        return self.folder / self.study_file_name

    @property
    def lake(self) -> Lake:
        """The study's files."""
        return Lake(self.home / "lake" / self.study)

    def write_study(self, document: dict[str, Any]) -> None:
        """Puts this into the study file."""
        self.study_file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")

    def copy(self, folder: Path) -> Installation:
        """The same study, lake and Dagster records in another place, to do harm to."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return replace(self, folder=folder)

    def environment(self, *, executor: str = "in_process", has_dagster_home: bool = True) -> dict[str, str]:
        """The environment of a command."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PLANWISE_", "DAGSTER_"))}
        own = {
            "PLANWISE_HOME": str(self.home),
            "PLANWISE_STUDY": str(self.study_file),
            "PLANWISE_EXECUTOR": executor,
            "DAGSTER_DISABLE_TELEMETRY": "yes",
        }
        return {**kept, **own, **({"DAGSTER_HOME": str(self.dagster_home)} if has_dagster_home else {})}

    def start_year(
        self,
        year: int,
        *,
        executor: str = "in_process",
        has_dagster_home: bool = True,
        folder: Path = PROJECT_ROOT,
        output: int = subprocess.PIPE,
    ) -> subprocess.Popen[str]:
        """The command that CI gives, started; who reads `output` is the caller's business."""
        return subprocess.Popen(
            [
                *(command("dagster"), "job", "execute", "-m", "planwise_assets.definitions", "-j", "simulate_year"),
                *("--tags", f'{{"dagster/partition": "{year}"}}'),
            ],
            cwd=folder,
            env=self.environment(executor=executor, has_dagster_home=has_dagster_home),
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def execute_year(
        self, year: int, *, executor: str = "in_process", has_dagster_home: bool = True, folder: Path = PROJECT_ROOT
    ) -> tuple[int, str]:
        """Runs the command that CI gives to its end.

        Returns:
            Its exit code and all that it said.
        """
        process = self.start_year(year, executor=executor, has_dagster_home=has_dagster_home, folder=folder)
        said, _ = process.communicate(timeout=_COMMAND_SECONDS)
        return process.returncode, said

    def planwise(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Runs the command line to its end, in the study's folder, as somebody does who has set nothing up."""
        return subprocess.run(
            [command("planwise"), *words],
            cwd=self.folder,
            env=self.environment(has_dagster_home=False),
            capture_output=True,
            text=True,
            check=False,
        )

    def files(self) -> dict[str, str]:
        """The sha256 of every file of the lake, markers included, by its path in the lake."""
        return {
            str(file.relative_to(self.lake.root)): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in sorted(self.lake.root.rglob("*"))
            if file.is_file()
        }

    def results(self) -> dict[str, str]:
        """The sha256 of every result in the lake: the Parquet files."""
        return {name: content for name, content in self.files().items() if name.endswith(".parquet")}

    def undisturbed(self, folder: Path, years: Sequence[int] | None = None) -> dict[str, str]:
        """What `results` should be: of the study as it is now, simulated in this process without Dagster.

        Args:
            folder: Where that is done.
            years: Some of the study's; all of them by default.
        """
        document = yaml.safe_load(self.study_file.read_text(encoding="utf-8"))
        return simulation(folder, {**document, "census": str(self.census)}).run(years, tested=False).hashes()

    def runs(self) -> list[dg.DagsterRun]:
        """Every run that Dagster has recorded, the oldest first."""
        with open_instance(self.dagster_home) as instance:
            return list(reversed(instance.get_runs()))

    def events(self, run_id: str) -> list[dg.EventLogEntry]:
        """The event log of a run."""
        with open_instance(self.dagster_home) as instance:
            return list(instance.all_logs(run_id))


def installation(folder: Path, document: dict[str, Any]) -> Installation:
    """A study of the tiny census, ready for its first year.

    Args:
        folder: A folder that does not exist yet.
        document: The study file's content; `census.csv` is the tiny census.
    """
    made = Installation(folder, document["study"])
    share_compiled_project(made.home)
    shutil.copy(TINY_CENSUS, made.census)
    made.write_study(document)
    prepare_instance(made.dagster_home, f"planwise_{made.study}")
    return made


def command(name: str) -> str:
    """A command of this very Python environment."""
    return str(Path(sys.executable).with_name(name))
