"""One whole command, measured from outside: wall and CPU seconds, peak memory, and a hash of what it made.

Belongs here: making a study of invented people, running `planwise simulate` on it in a fresh home, watching the process
tree. Does not: which studies are measured (simulate.py), tables.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import yaml

from planwise_assets.year.analysis.profiles import read_profile
from tests.harness import share_compiled_project

PROJECT = Path(__file__).resolve().parent.parent

#: Between two looks at the process tree, seconds: a look has the kernel add up the PSS of each process, a millisecond each.
_INTERVAL = 0.25
#: Scenarios beside the baseline, in the order in which a study of several takes them.
_SCENARIOS = {
    "baseline": {},
    "richer_match": {"plan": {"match": {"tiers": [{"up_to": 0.04, "rate": 1.0}, {"up_to": 0.06, "rate": 0.5}]}}},
    "growing": {"workforce": {"growth": 0.06}},
    "shrinking": {"workforce": {"growth": -0.02}},
    "no_escalation": {"plan": {"escalation": {"enabled": False}}},
}


@dataclass(frozen=True)
class Work:
    """What is simulated: people in the census, years, seeds, scenarios (at most five), and how."""

    people: int
    years: int
    seeds: int = 1
    scenarios: int = 1
    executor: str = "in_process"
    engine: str = "optimized"

    @property
    def name(self) -> str:
        """One line that says what it is."""
        worlds = f" x {self.scenarios} scenarios" * (self.scenarios > 1) + f" x {self.seeds} seeds" * (self.seeds > 1)
        engine = ", standard engine" if self.engine == "standard" else ""
        return f"{self.people:,} people x {self.years} year{'s' * (self.years > 1)}{worlds}, {self.executor}{engine}"

    @property
    def person_years(self) -> int:
        """Opening people of the census x worlds x years."""
        return self.people * self.years * self.seeds * self.scenarios


@dataclass(frozen=True)
class Run:
    """What a command took: wall and CPU seconds, megabytes of PSS of its process tree at the peak; and what it said."""

    wall: float
    cpu: float
    peak_pss_mb: float
    output: str


@dataclass(frozen=True)
class Measured:
    """One run of a work. Seconds; megabytes of PSS over the whole process tree, shared pages counted once.

    Attributes:
        by_year: Wall seconds of each year, as the command prints them.
        models: Wall seconds of making files, by year: SQL and Parquet, summed over models that ran side by side.
        published: Wall seconds of the warehouse step, by year.
        sql: CPU seconds of making the last year's files, by DuckDB's own profiles: `plan`, `write` (Parquet), and `run`.
        events: Rows of the event table, all years.
        results: sha256 over every file of the lake.
    """

    wall: float
    cpu: float
    peak_pss_mb: float
    by_year: list[float]
    models: list[float]
    published: list[float]
    sql: dict[str, float]
    events: int
    results: str


def measure(work: Work) -> Measured:
    """Runs a work once, from an empty home with the dbt project already compiled.

    Raises:
        SystemExit: The command failed; its output is in the message.
    """
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        environment = prepared(Path(folder), work)
        ran = run(work.name, [planwise(), "simulate"], PROJECT, environment)
        records = [json.loads(file.read_text()) for file in sorted(home.glob("performance/bench/simulation_year=*/*.json"))]
        steps = [record for record in records if "models" in record and "step" in record]
        years = sorted({step["year"] for step in steps})
        return Measured(
            wall=ran.wall,
            cpu=ran.cpu,
            peak_pss_mb=ran.peak_pss_mb,
            by_year=[float(seconds) for seconds in re.findall(r"simulated in ([0-9.]+) s", ran.output)],
            models=[sum(m["seconds"] for s in steps if s["year"] == year for m in s["models"]) for year in years],
            published=[
                sum(s["wall_seconds"] for s in steps if s["year"] == year and s["step"] == "warehouse") for year in years
            ],
            sql=_sql(m["profile"] for s in steps if s["year"] == years[-1] for m in s["models"]),
            events=sum(m["rows"] for s in steps for m in s["models"] if m["name"] == "fct_yearly_events"),
            results=_hash_of(home / "lake"),
        )


def run(what: str, command: Sequence[str | Path], folder: Path, environment: Mapping[str, str]) -> Run:
    """Runs a command from start to end and watches its process tree.

    Args:
        what: Names it in the message of a failure.
        command: The command.
        folder: Where it runs.
        environment: Its environment.

    Raises:
        SystemExit: The command failed; its output is in the message.
    """
    # Not a pipe: nobody would read it while the process is watched, and the standard engine says more than one holds.
    with tempfile.TemporaryFile() as said:
        started = time.perf_counter()
        process = psutil.Popen(command, cwd=folder, env=environment, stdout=said, stderr=said)
        peak, cpu = watch(process)
        wall = time.perf_counter() - started
        said.seek(0)
        output = said.read().decode()
    if process.wait() != 0:
        raise SystemExit(f"{what} failed:\n{output}")
    return Run(wall, cpu, peak / 1e6, output)


def _sql(profiles: Iterable[str | None]) -> dict[str, float]:
    seconds = dict.fromkeys(("plan", "run", "write"), 0.0)
    for profile in filter(None, (read_profile(Path(name)) for name in profiles if name)):
        for kind, spent in profile.by_kind.items():
            seconds[kind if kind in seconds else "run"] += spent
    return seconds


def invented(folder: Path, work: Work) -> dict[str, Any]:
    """A census of a work's people in the folder, and the study of it."""
    subprocess.run(
        [sys.executable, "data/generate_census.py", "--people", str(work.people), "--out", str(folder / "census.parquet")],
        cwd=PROJECT, check=True, capture_output=True,
    )  # fmt: skip
    return {
        "study": "bench",
        "census": "census.parquet",
        "years": {"start": 2025, "end": 2024 + work.years},
        "seeds": {"count": work.seeds, "first": 1},
        "scenarios": dict(list(_SCENARIOS.items())[: work.scenarios]),
    }


def prepared(folder: Path, work: Work) -> dict[str, str]:
    """A census, a study and a home for a work; the environment in which its commands run."""
    study = invented(folder, work)
    (folder / "study.yaml").write_text(yaml.safe_dump(study, sort_keys=False), encoding="utf-8")
    environment = {
        **os.environ,
        "PLANWISE_HOME": str(folder / "home"),
        "PLANWISE_STUDY": str(folder / "study.yaml"),
        "PLANWISE_EXECUTOR": work.executor,
        "PLANWISE_ENGINE": work.engine,
    }
    environment.pop("DAGSTER_HOME", None)
    make_ready(environment)
    return environment


def make_ready(environment: Mapping[str, str]) -> str:
    """Does what happens once in the life of an installation: compiling the dbt project, making Dagster's home.

    Returns:
        Dagster's home, which `planwise setup` names.
    """
    share_compiled_project(Path(environment["PLANWISE_HOME"]))
    setup = subprocess.run([planwise(), "setup"], cwd=PROJECT, env=environment, check=True, capture_output=True, text=True)
    subprocess.run([sys.executable, "-c", "import planwise_assets.definitions"], cwd=PROJECT, env=environment, check=True)
    return setup.stdout.split("=", 1)[1].strip()


def planwise() -> str:
    """The command of this very environment."""
    return str(Path(sys.executable).with_name("planwise"))


def watch(process: psutil.Popen) -> tuple[float, float]:
    """Peak PSS of the process tree in bytes, and the CPU seconds that it used, children that have ended included."""
    peak, cpu = 0.0, 0.0
    while process.poll() is None:
        members = [process, *_children(process)]
        pss = seconds = 0.0
        for member in members:
            try:
                times = member.cpu_times()
                seconds += times.user + times.system + times.children_user + times.children_system
                pss += _pss(member.pid)
            except (psutil.Error, OSError):  # it has ended meanwhile
                continue
        peak, cpu = max(peak, pss), max(cpu, seconds)
        time.sleep(_INTERVAL)
    return peak, cpu


def _pss(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            return float(line.split()[1]) * 1024
    return 0.0


def _children(process: psutil.Popen) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def _hash_of(lake: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(lake.rglob("*.parquet")):
        digest.update(f"{file.relative_to(lake)} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()
