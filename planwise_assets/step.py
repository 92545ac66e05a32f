"""The frame of every step: the study's lock, the step's limits, its session on the lake.

Belongs here: what happens around a step's work. Does not: the work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import dagster as dg

from planwise_assets.groups import Step
from planwise_assets.partitions import ONE_YEAR_A_RUN, simulation_years, year_of
from planwise_assets.project import Project
from planwise_assets.recovery import RETRIES, final_failures, place_beside_others
from resources.duckdb import PlanwiseDuckDB
from resources.engine import YearSession
from resources.failures import Work
from resources.locks import study_step
from resources.metrics import StepRecorder

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
        op_tags=step.tags,
        retry_policy=RETRIES,
        pool=project.pool,
    )


@contextmanager
def year_session(
    context: dg.AssetExecutionContext, project: Project, step: Step, duckdb: PlanwiseDuckDB
) -> Iterator[YearSession]:
    """A session for one step of one year, inside the step's own limits.

    The limits are read from the op's tags, so that what the UI shows of a step is what DuckDB was told. Cursors at work
    and DuckDB's threads share the step's threads: `SET threads=1` with four cursors runs five. A retry has one thread.
    """
    tags = context.op_def.tags
    attempt = context.retry_number
    threads = 1 if attempt else int(tags["planwise/threads"])
    timeout = float(project.study.resources.step_timeout_minutes) * 60
    recorder, work = StepRecorder(), Work()
    if attempt:
        recorder.event("retry", f"Try {attempt + 1} of {step.name}, with one thread.")
    cursors = min(step.cursors, threads)
    with (
        final_failures(),
        study_step(project.settings.locks, project.study.study, context.run_id),
        place_beside_others(project, step, attempt, recorder),
        duckdb.session(threads=threads - cursors + 1, memory_gb=float(tags["planwise/memory_gb"])) as connection,
        work.until(timeout, step.name),
        work.of(step.name, connection.interrupt),
    ):
        yield YearSession(connection, project.lake, year_of(context), project.first_year, cursors, recorder, work)
