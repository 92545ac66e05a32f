"""Dagster's floor: a year with the same assets, steps and checks, and no work in any of them.

    python -m benchmarks.empty_year --years 3 --executors in_process multiprocess

The definitions of the shipped study, with every step's body replaced by one that says "done": what a year costs that has
nothing to compute. Never part of a test.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import dagster as dg

from planwise_assets.definitions import build_defs
from planwise_assets.fork_server import PRELOADED
from planwise_assets.jobs import SIMULATE_YEAR, simulate_year_job
from planwise_assets.project import Project
from planwise_assets.settings import PROJECT_ROOT, Settings


def empty_defs(settings: Settings) -> dg.Definitions:
    """The study's definitions, in which no step does anything."""
    full = build_defs(settings)
    steps = [asset for asset in full.assets or () if isinstance(asset, dg.AssetsDefinition)]
    specs = [asset for asset in full.assets or () if isinstance(asset, dg.AssetSpec)]
    return dg.Definitions(
        assets=[*specs, *map(_emptied, steps)],
        jobs=[simulate_year_job(Project.load(settings))],
        executor=full.executor,
    )


def _emptied(asset: dg.AssetsDefinition) -> dg.AssetsDefinition:
    order = list(TopologicalSorter({spec.key: {dep.asset_key for dep in spec.deps} for spec in asset.specs}).static_order())

    @dg.multi_asset(
        name=asset.op.name,
        specs=list(asset.specs),
        check_specs=list(asset.check_specs),
        partitions_def=asset.partitions_def,
        backfill_policy=asset.backfill_policy,
        op_tags=asset.op.tags,
        retry_policy=asset.op.retry_policy,
        pool=asset.op.pool,
        can_subset=asset.can_subset,
    )
    def nothing(context: dg.AssetExecutionContext) -> Iterator[Any]:
        for key in filter(context.selected_asset_keys.__contains__, order):
            yield dg.MaterializeResult(asset_key=key, metadata={"dagster/row_count": 0, "bytes": 0, "seconds": 0.0})
        for check in context.selected_asset_check_keys:
            yield dg.AssetCheckResult(asset_key=check.asset_key, check_name=check.name, passed=True)

    return nothing


def empty_job() -> Any:
    """The job of empty years, found again by worker processes."""
    return defs.resolve_job_def(SIMULATE_YEAR)


def run(years: int) -> None:
    """Runs empty years in the instance of DAGSTER_HOME, and prints the seconds of each."""
    for year in range(2025, 2025 + years):
        started, cpu = time.perf_counter(), time.process_time()
        with (
            dg.DagsterInstance.get() as instance,
            dg.execute_job(
                dg.reconstructable(empty_job), instance=instance, tags={"dagster/partition": str(year)}
            ) as result,
        ):
            if not result.success:
                raise SystemExit("An empty year failed.")
        print(f"{time.perf_counter() - started:.3f}")
        print(f"CPU {time.process_time() - cpu:.3f}", file=sys.stderr)


def measure(years: int, executor: str) -> tuple[float, list[float]]:
    """Wall seconds of the whole command, and of each of its years."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "PYTHONPATH": str(PROJECT_ROOT),
            "PLANWISE_HOME": folder,
            "PLANWISE_EXECUTOR": executor,
            "PLANWISE_STUDY": str(PROJECT_ROOT / "studies" / "default.yaml"),
        }
        planwise = str(Path(sys.executable).with_name("planwise"))
        setup = subprocess.run([planwise, "setup"], env=environment, check=True, capture_output=True, text=True)
        environment["DAGSTER_HOME"] = setup.stdout.split("=", 1)[1].strip()
        subprocess.run([sys.executable, "-c", "import planwise_assets.definitions"], env=environment, check=True)
        started = time.perf_counter()
        ran = subprocess.run(
            [sys.executable, "-c", f"from benchmarks.empty_year import run; run({years})"],
            env=environment, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        return time.perf_counter() - started, [float(line) for line in ran.stdout.split()]


defs = empty_defs(Settings.from_environment())
defs.resolve_job_def(SIMULATE_YEAR)
# Workers have these definitions from their fork server, as those of a real year have theirs.
PRELOADED.append("benchmarks.empty_year")


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
