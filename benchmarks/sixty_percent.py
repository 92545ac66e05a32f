"""The 60 %: one further year, optimized and parallel, against standard and sequential.

    python -m benchmarks.sixty_percent --people 10000 100000 --repeat 3

The first year is made once. Then the second year is made again and again, in turn by

- the optimized engine in the multiprocess executor with the default budget, and
- the standard engine (dbt itself) in the in_process executor with one thread and one cursor.

Each is a whole `planwise simulate --years 2026` command, start-up included. Prints a Markdown table with every repetition.
Never part of a test.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measure import PROJECT, planwise

_STUDY = """
study: bench
census: census.parquet
years: {{start: 2025, end: 2026}}
resources: {{memory_gb: 4, threads: {threads}, connections: {connections}}}
"""


class Bench:
    """One company in a home of its own."""

    def __init__(self, folder: Path, people: int) -> None:
        self.folder = folder
        subprocess.run(
            [sys.executable, "data/generate_census.py", "--people", str(people), "--out", str(folder / "census.parquet")],
            cwd=PROJECT, check=True, capture_output=True,
        )  # fmt: skip
        self._write("parallel.yaml", threads=4, connections=10)
        self._write("sequential.yaml", threads=1, connections=1)
        self.seconds("2025", "parallel.yaml", "optimized", "multiprocess")

    def further_year(self) -> tuple[float, float]:
        """Seconds of the second year: optimized and parallel, standard and sequential."""
        return (
            self.seconds("2026", "parallel.yaml", "optimized", "multiprocess"),
            self.seconds("2026", "sequential.yaml", "standard", "in_process"),
        )

    def seconds(self, years: str, study: str, engine: str, executor: str) -> float:
        """Wall seconds of a whole command."""
        environment = {
            **os.environ,
            "PLANWISE_HOME": str(self.folder / "home"),
            "PLANWISE_STUDY": str(self.folder / study),
            "PLANWISE_ENGINE": engine,
            "PLANWISE_EXECUTOR": executor,
        }
        command = [planwise(), "simulate", "--years", years]
        started = time.perf_counter()
        done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"The run failed:\n{done.stdout}{done.stderr}")
        return time.perf_counter() - started

    def _write(self, name: str, *, threads: int, connections: int) -> None:
        (self.folder / name).write_text(_STUDY.format(threads=threads, connections=connections), encoding="utf-8")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print("| people | repetition | optimized and parallel, s | standard and sequential, s | share of the time |")
    print("| --- | --- | --- | --- | --- |")
    for people in arguments.people:
        with tempfile.TemporaryDirectory() as folder:
            bench = Bench(Path(folder), people)
            for repetition in range(1, arguments.repeat + 1):
                fast, slow = bench.further_year()
                print(f"| {people:,} | {repetition} | {fast:.1f} | {slow:.1f} | {fast / slow:.0%} |", flush=True)


if __name__ == "__main__":
    main()
