"""Same study, same bytes: whatever computes it, in however many threads, batches, processes and goes.

Where the expectations come from: another run. What is compared is every file of the lake, byte for byte; where a file must
differ (the census as it was read, the place of a rejected row in it) the test says so. Every study has a world with the
shipped plan and one whose plan uses what the shipped one does not (PLAN).

The standard engine starts dbt seven times a year and takes minutes: it starts first, works beside the other tests, and is
looked at last.
"""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from planwise_assets.project import Project
from planwise_assets.runs.instance import open_instance, prepare_instance
from planwise_assets.settings import PROJECT_ROOT, Settings
from planwise_assets.steps import GROUP_ORDER, OPERATIONS
from planwise_assets.year.operations import run_in_batches
from planwise_assets.year.setup.gate import year_problems
from planwise_assets.year.validation.checks import group_checks
from resources.files import read_json
from tests.harness import Simulation, share_compiled_project, simulation
from tests.integration.companies import company, lake_files, study

TINY = PROJECT_ROOT / "studies" / "tiny.yaml"
TINY_YEARS = range(2025, 2028)

#: What the shipped plan has not: matching by period, tiers and core by service, loans, entry dates, other tests and uses.
PLAN: dict[str, Any] = {
    "eligibility": {"service_months": 2, "entry_dates": "monthly", "hours_rule": True},
    "auto_enrollment": {"scope": "all_eligible"},
    "changes": {"up_share": 0.2, "down_share": 0.2, "stop_share": 0.1},
    "escalation": {"month": 7, "delay_months": 0},
    "match": {
        "by_service": [
            {"min": 0, "max": 4, "tiers": [{"up_to": 0.05, "rate": 0.75}]},
            {"min": 4, "tiers": [{"up_to": 0.03, "rate": 1}, {"up_to": 0.07, "rate": 0.5}]},
        ],
        "basis": "pay_period",
        "pay_periods": 24,
        "minimum_hours": 500,
        "student_loans": {"enabled": True, "share": 0.3},
    },
    "core": {"rate": 0.03, "excess_rate": 0.03, "employed_at_year_end": True},
    "vesting": {"match": "graded_1_5", "core": "cliff_2"},
    "forfeitures": {"use": "carried"},
    "testing": {"method": "prior", "top_paid_group": True},
}

FREE = {"workforce": {"selection": "bernoulli", "termination_rate": "hazard"}, "plan": PLAN}


@dataclass
class Commands:
    """Real commands on the tiny study, in a home of their own."""

    home: Path
    study_file: Path
    engine: str
    executor: str

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Starts a module; what it says goes into a file of the home."""
        if not (self.home / "dbt").exists():
            share_compiled_project(self.home)
        environment = {
            **os.environ,
            "PLANWISE_HOME": str(self.home),
            "PLANWISE_STUDY": str(self.study_file),
            "PLANWISE_ENGINE": self.engine,
            "PLANWISE_EXECUTOR": self.executor,
            "DAGSTER_HOME": str(self.home / "dagster"),
            "DAGSTER_DISABLE_TELEMETRY": "yes",
        }
        with (self.home / "output.txt").open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", *command],
                env=environment,
                cwd=PROJECT_ROOT,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def end(self, process: subprocess.Popen[bytes]) -> Commands:
        """Waits for a command, which must succeed."""
        assert process.wait() == 0, (self.home / "output.txt").read_text()[-4_000:]
        return self

    def files(self) -> dict[str, str]:
        """What the commands made."""
        project = Project.load(Settings(home=self.home, study_file=self.study_file))
        return lake_files(Simulation(project, 2, {}), years=len(TINY_YEARS))

    def workers(self) -> set[str]:
        """The ids of the processes in which steps succeeded, from Dagster's own log."""
        files = [self.home / "output.txt", self.home / "logs" / "tiny.log"]
        said = "".join(file.read_text() for file in files if file.exists())
        return set(re.findall(r"simulate_year - [0-9a-f-]{36} - (\d+) - \w+ - STEP_SUCCESS", said))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny study, with a scenario more: another plan."""
    mapping = yaml.safe_load(TINY.read_text(encoding="utf-8"))
    mapping["census"] = str((TINY.parent / mapping["census"]).resolve())
    mapping["scenarios"]["other_plan"] = {"plan": PLAN}
    file = tmp_path_factory.mktemp("tiny") / "tiny.yaml"
    file.write_text(yaml.safe_dump(mapping, sort_keys=False), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def by_harness(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    """The tiny study without Dagster."""
    return simulation(tmp_path_factory.mktemp("harness"), tiny.read_text(encoding="utf-8")).run()


@pytest.fixture(scope="module", autouse=True)
def standard_engine(
    by_harness: Simulation, tiny: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[tuple[Commands, subprocess.Popen[bytes]] | None]:
    """The standard engine at work, from the first test of this module on; not when nobody will ask for it."""
    if not any(item.name == test_both_engines_give_the_same_bytes.__name__ for item in request.session.items):
        yield None
        return
    commands = Commands(tmp_path_factory.mktemp("standard"), tiny, "standard", "in_process")
    process = commands.start("planwise_assets.commands.cli", "simulate")
    yield commands, process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


# --- threads and batches -------------------------------------------------------------------------------------------


def test_threads_change_no_byte(tmp_path: Path) -> None:
    """124,800 people x worlds: more than one row group of a Parquet file, which is what threads divide among themselves."""
    census = company(tmp_path / "census.parquet", 4_800)
    mapping = study(census, {"baseline": {}, "free": FREE}, years=1, seeds={"count": 13, "first": 1})
    files = []
    for threads in (1, 2, 4):
        simulated = simulation(tmp_path / str(threads), mapping, threads=threads).run(tested=threads == 2)
        files.append(lake_files(simulated, years=1))
    assert simulated.query("select count(*) > 122_880 from int_opening_workforce") == [(True,)]
    assert files[0] == files[1] == files[2]


@pytest.fixture(scope="module")
def few_people(tmp_path_factory: pytest.TempPathFactory) -> tuple[Simulation, dict[str, str]]:
    """A company small enough for batches of one, with everything that happens to people, and its files."""
    folder = tmp_path_factory.mktemp("few_people")
    lively = {"workforce": {"growth": 0.2, "new_hire_termination_rate": 0.4}, "hazards": {"promotion": {"base": 0.5}}}
    mapping = study(company(folder / "census.csv", 20), {"lively": lively, "free": FREE}, years=2)
    simulated = simulation(folder, mapping).run()
    return simulated, lake_files(simulated, years=2)


@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_batches_of_any_size_change_no_byte(size: int, few_people: tuple[Simulation, dict[str, str]]) -> None:
    """Each operation again, in batches that end within and at worlds; the default took everybody at once."""
    simulated, files = few_people
    project = simulated.project
    for year in (2025, 2026):
        for operation in OPERATIONS:
            project.lake.file(operation.name, year).unlink()
            with simulated._session(year) as session:
                _, batches = run_in_batches(session, project.dbt, project.dbt.analysis_id(operation.name), size)
            people = simulated.query("select count(*) from int_closing_workforce where simulation_year = ?", [year])
            assert batches == -(-people[0][0] // size)
    assert lake_files(simulated, years=2) == files


# --- the census ----------------------------------------------------------------------------------------------------

PEOPLE, REJECTED = 300, 6


def small(census: Path, *, years: int, **more: Any) -> dict[str, Any]:
    """300 people, six of whom are refused for their age; two scenarios x two seeds."""
    if not census.exists():
        company(census, PEOPLE, rejected=REJECTED)
    return study(census, {"baseline": {}, "free": FREE}, years=years, seeds=(7, 8), census_reject_limit=0.05, **more)


@pytest.fixture(scope="module")
def five_years(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    """The small company in one go."""
    folder = tmp_path_factory.mktemp("five_years")
    return simulation(folder, small(folder / "census.parquet", years=5)).run()


@pytest.fixture(scope="module")
def from_csv(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    folder = tmp_path_factory.mktemp("csv")
    return simulation(folder, small(folder / "census.csv", years=2)).run(tested=False)


def test_a_csv_census_gives_the_same_bytes_as_a_parquet_census(five_years: Simulation, from_csv: Simulation) -> None:
    """But of the census as it was read: a place is a line in a text, and a row in Parquet."""
    without = ("census_input", "stg_census_rejects")
    assert lake_files(from_csv, years=2, without=without) == lake_files(five_years, years=2, without=without)
    rejects = "select distinct * exclude (census_row) from stg_census_rejects order by all"
    assert from_csv.query(rejects) == five_years.query(rejects)
    assert from_csv.query("select count(distinct census_row) from stg_census_rejects") == [(REJECTED,)]


def test_the_order_of_census_rows_changes_no_byte(tmp_path: Path, from_csv: Simulation) -> None:
    """But of the census as it was read, and of the row numbers of those refused."""
    header, *rows = from_csv.project.study.census.read_text(encoding="utf-8").splitlines()
    random.Random(1).shuffle(rows)
    shuffled_census = tmp_path / "census.csv"
    shuffled_census.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    shuffled = simulation(tmp_path, small(shuffled_census, years=2)).run(tested=False)

    without = ("census_input", "stg_census_rejects")
    assert lake_files(shuffled, years=2, without=without) == lake_files(from_csv, years=2, without=without)
    rejects = "select * exclude (census_row) from stg_census_rejects order by all"
    assert shuffled.query(rejects) == from_csv.query(rejects)
    row_numbers = "select employee_id, census_row from stg_census_rejects order by all"
    assert shuffled.query(row_numbers) != from_csv.query(row_numbers)


# --- horizon, interruption, resources ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def three_years(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    """The first three years, in a study that ends there and may use other resources."""
    folder = tmp_path_factory.mktemp("three_years")
    resources = {"memory_gb": 1, "threads": 1, "connections": 2, "batch_size": 37}
    return simulation(folder, small(folder / "census.parquet", years=3, resources=resources), threads=1).run(tested=False)


def test_neither_a_longer_horizon_nor_resources_change_earlier_years(
    three_years: Simulation, five_years: Simulation
) -> None:
    assert lake_files(three_years, years=3) == lake_files(five_years, years=3)


def test_years_resumed_in_a_new_process_are_those_made_in_one_go(three_years: Simulation, five_years: Simulation) -> None:
    """Years 1 to 3 in one process; then the study's end moves, and another process makes years 4 and 5."""
    file = three_years.project.settings.study_file
    longer = {**yaml.safe_load(file.read_text(encoding="utf-8")), "years": {"start": 2025, "end": 2029}}
    file.write_text(yaml.safe_dump(longer), encoding="utf-8")
    resume = f"""
        from pathlib import Path
        from planwise_assets.year.setup.gate import year_problems
        from tests.harness import simulation

        folder = Path({str(file.parent)!r})
        resumed = simulation(folder, (folder / "study.yaml").read_text(encoding="utf-8"))
        assert year_problems(resumed.project, 2028) == []
        resumed.run([2028, 2029], tested=False)
    """
    code = "\n".join(line.strip() for line in resume.splitlines())
    subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, check=True)
    assert lake_files(three_years, years=5) == lake_files(five_years, years=5)
    assert year_problems(five_years.project, 2029) == []


# --- engines and executors -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def in_process(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Commands:
    """All years in one go, all steps in one process."""
    commands = Commands(tmp_path_factory.mktemp("in_process"), tiny, "optimized", "in_process")
    return commands.end(commands.start("planwise_assets.commands.cli", "simulate"))


@pytest.fixture(scope="module")
def multiprocess(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Commands:
    """A command a year, as in CI, and a process a step."""
    commands = Commands(tmp_path_factory.mktemp("multiprocess"), tiny, "optimized", "multiprocess")
    prepare_instance(commands.home / "dagster", "planwise_tiny")
    job = ("dagster", "job", "execute", "-m", "planwise_assets.definitions", "-j", "simulate_year", "--tags")
    for year in TINY_YEARS:
        commands.end(commands.start(*job, f'{{"dagster/partition": "{year}"}}'))
    return commands


def test_both_executors_give_the_same_bytes(in_process: Commands, multiprocess: Commands) -> None:
    """One command for all years and a process for all steps, against a command a year and a process a step."""
    assert len(in_process.workers()) == 1
    assert len(multiprocess.workers()) > 3 * len(TINY_YEARS)
    assert multiprocess.files() == in_process.files()


def test_the_harness_of_the_tests_gives_the_same_bytes_as_dagster(by_harness: Simulation, in_process: Commands) -> None:
    assert lake_files(by_harness, years=len(TINY_YEARS)) == in_process.files()


def test_both_engines_give_the_same_bytes(
    by_harness: Simulation, in_process: Commands, standard_engine: tuple[Commands, subprocess.Popen[bytes]]
) -> None:
    """Every file of every asset, three years of six worlds, one model of which has no rows."""
    commands, process = standard_engine
    commands.end(process)
    for home, engine in ((commands.home, "standard"), (in_process.home, "optimized")):
        for year in TINY_YEARS:
            marker = read_json(home / "lake" / "tiny" / "year_complete" / f"simulation_year={year}" / "year_complete.json")
            assert marker["engine"] == engine
    assert commands.files() == in_process.files()
    assert by_harness.query("select count(*) from fct_supplemental_pay") == [(0,)]


def test_every_declared_check_is_evaluated_once_a_year(
    in_process: Commands, multiprocess: Commands, standard_engine: tuple[Commands, subprocess.Popen[bytes]]
) -> None:
    """Declared checks that nobody yields leave a run green: both engines and both executors evaluate every one."""
    commands, process = standard_engine
    commands.end(process)
    dbt = Project.load(Settings(home=PROJECT_ROOT / "var", study_file=TINY)).dbt
    declared = {check.key: len(check.tests) for group in GROUP_ORDER for check in group_checks(dbt, group)}
    for home in (in_process.home, multiprocess.home, commands.home):
        evaluated: Counter[tuple[str, dg.AssetCheckKey, int]] = Counter()
        with open_instance(home / "dagster") as instance:
            for run in instance.get_runs():
                for entry in instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION):
                    found = entry.asset_check_evaluation
                    assert found is not None
                    assert found.passed or found.severity is dg.AssetCheckSeverity.WARN
                    evaluated[
                        run.tags["dagster/partition"], found.asset_check_key, int(found.metadata["tests_run"].value)
                    ] += 1
        assert evaluated == {(str(year), key, tests): 1 for year in TINY_YEARS for key, tests in declared.items()}
