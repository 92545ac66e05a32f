"""What a simulation costs: whole commands, from outside.

    python -m benchmarks.simulate --people 10000 100000 --years 5 --executors in_process multiprocess

Each row is one `dagster job execute` a year, or one `planwise simulate` over all years, in a fresh home with the dbt
project already compiled: wall and CPU seconds, peak memory of the whole process tree (PSS: shared pages are counted
once), person-years a second. Never part of a test.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

PROJECT = Path(__file__).resolve().parent.parent
_SAMPLE_SECONDS = 0.1

_STUDY = """
study: bench
census: census.parquet
years: {{start: 2025, end: {last}}}
seeds: {{count: {seeds}, first: 1}}
resources: {{memory_gb: 4, threads: 4}}
scenarios: {{baseline: {{}}}}
"""


@dataclass(frozen=True)
class Figures:
    """One whole command: sizes, seconds, megabytes."""

    people: int
    years: int
    seeds: int
    executor: str
    engine: str
    wall_seconds: float
    seconds_by_year: list[float]
    cpu_seconds: float
    peak_pss_mb: float
    person_years_a_second: float


def measure(people: int, years: int, seeds: int, executor: str, engine: str) -> Figures:
    """Runs one study of invented people from nothing and measures the whole command."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        subprocess.run(
            [sys.executable, "data/generate_census.py", "--people", str(people), "--out", str(home / "census.parquet")],
            cwd=PROJECT, check=True, capture_output=True,
        )  # fmt: skip
        (home / "study.yaml").write_text(_STUDY.format(last=2024 + years, seeds=seeds), encoding="utf-8")
        environment = {
            **os.environ,
            "PLANWISE_HOME": str(home / "home"),
            "PLANWISE_STUDY": str(home / "study.yaml"),
            "PLANWISE_EXECUTOR": executor,
            "PLANWISE_ENGINE": engine,
        }
        planwise = str(Path(sys.executable).with_name("planwise"))
        # The first call compiles the dbt project and makes Dagster's home: neither is part of a simulation.
        compiled = [sys.executable, "-c", "import planwise_assets.definitions"]
        subprocess.run([planwise, "setup"], cwd=PROJECT, env=environment, check=True, capture_output=True)
        subprocess.run(compiled, cwd=PROJECT, env=environment, check=True, capture_output=True)

        started = time.perf_counter()
        process = psutil.Popen([planwise, "simulate"], cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True)
        peak, cpu = _watch(process)
        output = process.stdout.read()
        wall = time.perf_counter() - started
        if process.wait() != 0:
            raise SystemExit(f"The run failed:\n{output}")
        by_year = [float(line.split()[-2]) for line in output.splitlines() if "simulated in" in line]
        return Figures(
            people,
            years,
            seeds,
            executor,
            engine,
            round(wall, 2),
            by_year,
            round(cpu, 1),
            round(peak / 1e6),
            round(people * seeds * years / wall),
        )


def _watch(process: psutil.Popen) -> tuple[float, float]:
    """Peak PSS of the tree in bytes, and the CPU seconds that it used."""
    peak, cpu_by_process = 0.0, {}
    while process.poll() is None:
        total = 0.0
        for member in [process, *_children(process)]:
            try:
                total += member.memory_full_info().pss
                times = member.cpu_times()
                cpu_by_process[member.pid] = times.user + times.system
            except psutil.Error:
                continue
        peak = max(peak, total)
        time.sleep(_SAMPLE_SECONDS)
    return peak, sum(cpu_by_process.values())


def _children(process: psutil.Popen) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, nargs="+", default=[10_000])
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--executors", nargs="+", default=["in_process", "multiprocess"])
    parser.add_argument("--engine", default="optimized")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    arguments = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print("| people | years | seeds | executor | wall s | a year s (first; others) | CPU s | peak PSS MB | person-years/s |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    rows = []
    for people in arguments.people:
        for executor in arguments.executors:
            figures = measure(people, arguments.years, arguments.seeds, executor, arguments.engine)
            rows.append(asdict(figures))
            first, *others = figures.seconds_by_year
            print(
                f"| {figures.people:,} | {figures.years} | {figures.seeds} | {figures.executor} | {figures.wall_seconds} | "
                f"{first}; {', '.join(map(str, others))} | {figures.cpu_seconds} | {figures.peak_pss_mb:,} | "
                f"{figures.person_years_a_second:,} |",
                flush=True,
            )
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
