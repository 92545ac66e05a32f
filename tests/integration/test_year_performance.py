"""`year_performance` of a run with one slow model names that model first and says why, and its totals are true.

The model is slow by its SQL: a join of two long ranges in a copy of the dbt project, whose result changes nothing. What
the totals are held against comes from outside: Dagster's event log, the files in the lake, and a sampler of this test.
"""

from __future__ import annotations

import resource
import shutil
import threading
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import psutil
import pytest
import yaml
from typer.testing import CliRunner

from planwise_assets.commands.cli import app
from planwise_assets.definitions import build_defs
from planwise_assets.project import Project
from planwise_assets.settings import PROJECT_ROOT, Settings
from planwise_assets.steps import OPERATIONS, SETTLED
from planwise_assets.year.analysis.summary import YearPerformance, read_performance
from planwise_assets.year.state.marker import lake_assets
from resources.process.locks import study_run
from tests.harness import TINY_CENSUS

YEAR = 2025
SLOW = "fct_compensation_growth"
STUDY = {
    "study": "slow",
    "census": "census.csv",
    "years": {"start": YEAR, "end": YEAR},
    "seeds": [42],
    "scenarios": {"baseline": {}},
}

# About 4 x 10^9 comparisons: seconds on any machine, and true.
_DETOUR = "(select count(*) from range(60000) as a(x), range(60000) as b(y) where a.x < b.y) > 0"


@dataclass
class Made:
    """One simulated year; `spans` has the steps' start and end in Dagster's event log, `peak_mb` the most memory seen."""

    project: Project
    performance: YearPerformance
    result: dg.ExecuteInProcessResult
    spans: dict[str, tuple[float, float]]
    peak_mb: float


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("slow")
    dbt_project = folder / "dbt_project"
    shutil.copytree(PROJECT_ROOT / "dbt_project", dbt_project, ignore=shutil.ignore_patterns("target", "logs"))
    model = dbt_project / "models" / "final_output" / f"{SLOW}.sql"
    model.write_text(f"select slow.* from (\n{model.read_text()}\n) as slow\nwhere {_DETOUR}\norder by all\n")
    shutil.copy(TINY_CENSUS, folder / "census.csv")
    (folder / "study.yaml").write_text(yaml.safe_dump(STUDY, sort_keys=False))
    settings = Settings(
        home=folder / "home", study_file=folder / "study.yaml", executor="in_process", dbt_project=dbt_project
    )
    project = Project.load(settings)
    job = build_defs(settings).resolve_job_def("simulate_year")
    run_id = str(uuid.uuid4())
    peak = [0.0]
    stop = threading.Event()

    def sample() -> None:
        while not stop.wait(0.05):
            peak[0] = max(peak[0], psutil.Process().memory_full_info().pss / 1e6)

    sampler = threading.Thread(target=sample)
    with dg.DagsterInstance.ephemeral() as instance, study_run(settings.locks, project.study.study, run_id):
        sampler.start()
        result = job.execute_in_process(partition_key=str(YEAR), run_id=run_id, instance=instance)
        stop.set()
        sampler.join()
        spans = {s.step_key: (s.start_time or 0.0, s.end_time or 0.0) for s in instance.get_run_step_stats(run_id)}
    assert result.success
    performance = read_performance(project.performance, YEAR)
    assert performance is not None
    return Made(project, performance, result, spans, peak[0])


def metadata(made: Made) -> dict[str, Any]:
    (materialization,) = made.result.asset_materializations_for_node("year_performance")
    return {name: value.value for name, value in materialization.metadata.items()}


def test_the_slow_model_comes_first_and_the_reason_is_its_join(made: Made) -> None:
    slowest, second = made.performance.models[:2]
    assert slowest["model"] == SLOW
    assert slowest["mostly"] == "join"
    assert slowest["share"] > 0.9
    assert slowest["seconds"] > second["seconds"]
    assert Path(slowest["profile"]).is_file()
    assert metadata(made)["slowest models"].splitlines()[2].startswith(f"| {SLOW} | final_output |")


def test_every_step_and_every_file_is_told_of(made: Made) -> None:
    project = made.project
    assert {row["step"] for row in made.performance.steps} == set(made.result.job_def.graph.node_names()) - {
        "warehouse",
        "year_performance",
    }
    assert {row["model"] for row in made.performance.models} >= project.dbt.models.keys()
    assert project.performance.step("warehouse", YEAR).is_file()
    assert made.performance.totals["success_rate"] == 1.0
    kept = {file.stem for file in project.performance.profile("any", YEAR).parent.iterdir()}
    assert kept >= {row["model"] for row in made.performance.models[:5] if row["profile"]}


def test_an_operation_waits_from_the_end_of_the_last_group_that_settles_facts(made: Made) -> None:
    """Whichever of its models it reads: to have waited longer would be a suggestion about nothing."""
    steps = {row["step"]: row for row in made.performance.steps}
    settled = steps[SETTLED]["start"] + steps[SETTLED]["seconds"]
    for operation in OPERATIONS:
        row = steps[operation.name]
        assert row["waited"] == pytest.approx(max(row["start"] - settled, 0.0), abs=0.002)


def test_rows_and_bytes_are_those_of_the_files(made: Made) -> None:
    lake = made.project.lake
    files = [lake.file(asset, YEAR) for asset in lake_assets(made.project)]
    rows = duckdb.execute("select sum(num_rows) from parquet_file_metadata(?)", [[str(file) for file in files]]).fetchone()
    assert rows is not None
    assert made.performance.totals["rows"] == rows[0]
    assert made.performance.totals["bytes"] == sum(file.stat().st_size for file in files)


def test_the_wall_time_is_that_of_dagsters_event_log(made: Made) -> None:
    """Each step's lies within what Dagster recorded of it, and the year's between the sum of them and Dagster's span.

    How near they come is a matter of the machine; on one that is idle it is within 5 %.
    """
    seconds = {row["step"]: row["seconds"] for row in made.performance.steps}
    for step, taken in seconds.items():
        start, end = made.spans[step]
        assert 0 < taken <= end - start + 0.01, step
    spans = [made.spans[step] for step in seconds]
    span = max(end for _, end in spans) - min(start for start, _ in spans)
    assert sum(seconds.values()) - 0.01 <= made.performance.totals["wall_seconds"] <= span + 0.01


def test_the_peak_memory_is_what_another_sampler_saw(made: Made) -> None:
    """Not much less than a sampler saw that looks five times as often, and not another order than the kernel's own peak.

    On an idle machine the two samplers are within 5 % of each other; a process caught between fork and exec counts twice.
    """
    kernels = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    assert 0.75 * made.peak_mb <= made.performance.totals["peak_memory_mb"] <= 2.1 * kernels


def test_the_metadata_has_figures_tables_and_a_picture(made: Made) -> None:
    shown = metadata(made)
    assert shown["timeline"].startswith("![Steps over time, and memory](data:image/svg+xml;base64,")
    for name, value in made.performance.totals.items():
        assert shown[name] == pytest.approx(value), name
    assert 0 < shown["parallel_efficiency"] <= 1
    assert {"steps", "slowest models", "side by side", "suggestions", "optimizations"} <= shown.keys()


def test_the_command_prints_the_slow_model_first(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANWISE_HOME", str(made.project.settings.home))
    monkeypatch.setenv("PLANWISE_STUDY", str(made.project.settings.study_file))
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    printed = CliRunner().invoke(app, ["performance", "--year", str(YEAR), "--json"])
    assert printed.exit_code == 0, printed.output
    (year,) = yaml.safe_load(printed.stdout)
    assert year["models"][0]["model"] == SLOW
