"""Dagster's floor: a year with the same assets, steps and checks, and no work in any of them.

    python -m benchmarks.empty_year --years 3 --executors in_process multiprocess

The definitions of the shipped study, with every step's body replaced by one that says "done": what a year costs that has
nothing to compute. Never part of a test.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

from benchmarks.measure import PROJECT, make_ready


def measure(years: int, executor: str) -> tuple[float, list[float]]:
    """Wall seconds of the whole command, and of each of its years."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "PYTHONPATH": str(PROJECT),
            "PLANWISE_HOME": folder,
            "PLANWISE_EXECUTOR": executor,
            "PLANWISE_STUDY": str(PROJECT / "studies" / "default.yaml"),
        }
        environment["DAGSTER_HOME"] = make_ready(environment)
        started = time.perf_counter()
        ran = subprocess.run(
            [sys.executable, "-c", f"from benchmarks.empty_definitions import run; run({years})"],
            env=environment, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        return time.perf_counter() - started, [float(line) for line in ran.stdout.split()]


def further_year(years: int, executor: str, repetitions: int) -> float:
    """Median wall seconds of an empty year after the first."""
    return statistics.median(second for _ in range(repetitions) for second in measure(years, executor)[1][1:])


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--years", type=int, default=3)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--executors", nargs="+", default=["in_process", "multiprocess"])
    arguments = parser.parse_args()
    print("| executor | whole command s | first year s | each further year s (median) |\n| --- | --- | --- | --- |")
    for executor in arguments.executors:
        measured = [measure(arguments.years, executor) for _ in range(arguments.repetitions)]
        wall = statistics.median(wall for wall, _ in measured)
        first = statistics.median(years[0] for _, years in measured)
        further = statistics.median(second for _, years in measured for second in years[1:] or years)
        print(f"| {executor} | {wall:.2f} | {first:.2f} | {further:.2f} |", flush=True)


if __name__ == "__main__":
    main()
