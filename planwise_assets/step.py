"""The frame of every step: the study's lock, the step's limits, its session on the lake.

Belongs here: what happens around a step's work. Does not: the work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import dagster as dg

from planwise_assets.allocation import StepLimits
from planwise_assets.groups import Step
from planwise_assets.partitions import ONE_YEAR_A_RUN, simulation_years, year_of
from planwise_assets.project import Project
from resources.duckdb import PlanwiseDuckDB
from resources.engine import YearSession
from resources.locks import study_step
from resources.metrics import StepRecorder
from resources.optimizations import Target, optimize

OWNER = "team:planwise"


def year_asset(
    project: Project, step: Step, *, group_name: str, description: str, deps: Iterable[str], code_version: str | None = None
) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """The decorator of an asset that is one step of a year and no dbt model.

    Args:
        project: The study.
        step: The step, whose name the asset has.
        group_name: The asset group.
        description: What the asset is.
        deps: The assets that it reads, all of the same year.
        code_version: Hash of the code that makes it, where there is one.
    """
    return dg.asset(
        name=step.name,
        group_name=group_name,
        description=description,
        deps=sorted(deps),
        kinds={"python", "duckdb"},
        owners=[OWNER],
        partitions_def=simulation_years(project.first_year, project.last_year),
        backfill_policy=ONE_YEAR_A_RUN,
        code_version=code_version,
        op_tags=project.allocation.limits(step).tags,
        pool=project.pool,
    )


@contextmanager
def year_session(
    context: dg.AssetExecutionContext, project: Project, step: Step, duckdb: PlanwiseDuckDB
) -> Iterator[YearSession]:
    """A session for one step of one year, inside the step's own limits.

    The limits are read from the op's tags, so that what the UI shows of a step is what DuckDB was told.
    """
    limits = StepLimits.from_tags(context.op_def.tags)
    recorder = StepRecorder()
    with (
        study_step(project.settings.locks, project.study.study, context.run_id),
        duckdb.session(threads=limits.duckdb_threads, memory_gb=limits.memory_gb) as connection,
    ):
        optimize("session", Target(connection), project.study.resources.optimizations, recorder, context.log.warning)
        yield YearSession(connection, project.lake, year_of(context), project.first_year, limits.cursors, recorder=recorder)
