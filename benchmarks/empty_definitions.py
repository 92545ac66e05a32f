"""The definitions of a study, in which no step does anything: what Dagster itself costs.

Belongs here: emptying the steps, running empty years. Does not: timing whole commands (empty_year.py).
"""

import sys
import time
from collections.abc import Iterator
from graphlib import TopologicalSorter
from typing import Any

import dagster as dg

from planwise_assets.automation.jobs import SIMULATE_YEAR, simulate_year_job
from planwise_assets.definitions import build_defs
from planwise_assets.project import Project
from planwise_assets.runs.fork_server import PRELOADED
from planwise_assets.settings import Settings


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


defs = empty_defs(Settings.from_environment())
defs.resolve_job_def(SIMULATE_YEAR)
# Workers have these definitions from their fork server, as those of a real year have theirs.
PRELOADED.append("benchmarks.empty_definitions")
