"""Step 2 of a year, and the frame of every other: the study's lock, the step's limits, its session on the lake.

Belongs here: what happens around a step's work. Does not: the work.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import dagster as dg

from planwise_assets.allocation import StepLimits
from planwise_assets.partitions import ONE_YEAR_A_RUN, simulation_years, year_of
from planwise_assets.project import Project
from planwise_assets.steps import STAGES, WAREHOUSE, YEAR_PERFORMANCE, Step
from planwise_assets.ui.code_links import code_links
from planwise_assets.year.recovery import RETRIES, final_failures, place_beside_others
from resources.duckdb.optimizations import Target, optimize
from resources.duckdb.sessions import PlanwiseDuckDB
from resources.engines.session import YearSession
from resources.process.failures import Work
from resources.process.locks import executor_mode, study_step
from resources.process.metrics import StepRecord, StepRecorder, recorded
from resources.process.monitor import Monitor

OWNER = "team:planwise"

#: How old published results may get: a census is a year's, and a quarter later it no longer describes the company well.
RESULTS_AGE = dg.FreshnessPolicy.time_window(fail_window=timedelta(days=366), warn_window=timedelta(days=92))


def year_asset(
    project: Project,
    step: Step,
    *,
    group_name: str,
    description: str,
    deps: Iterable[str],
    sources: Iterable[str],
    code_version: str | None = None,
) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """The decorator of an asset that is one step of a year and no dbt model.

    Args:
        project: The study.
        step: The step, whose name the asset has.
        group_name: The asset group.
        description: What the asset is.
        deps: The assets that it reads, all of the same year.
        sources: The files of the project in which a person reads what it does.
        code_version: Hash of the code that makes it, where there is one.
    """
    return dg.asset(
        name=step.name,
        group_name=group_name,
        description=description,
        deps=sorted(deps),
        kinds={"python", "duckdb"},
        owners=[OWNER],
        tags={"planwise/stage": STAGES[step.name]},
        metadata=code_links(project.settings, *sources),
        freshness_policy=RESULTS_AGE if step is WAREHOUSE else None,
        partitions_def=simulation_years(project.first_year, project.last_year),
        backfill_policy=ONE_YEAR_A_RUN,
        code_version=code_version,
        op_tags=project.allocation.limits(step).tags,
        retry_policy=RETRIES,
        pool=project.pool,
    )


@contextmanager
def year_session(
    context: dg.AssetExecutionContext, project: Project, step: Step, duckdb: PlanwiseDuckDB
) -> Iterator[YearSession]:
    """A session for one step of one year, inside the step's own limits.

    The limits are read from the op's tags, so that what the UI shows of a step is what DuckDB was told. A retry has one
    thread.

    Args:
        context: Of the step's op.
        project: The study.
        step: The step.
        duckdb: Makes the connection.

    Yields:
        The session, for the block alone.

    Raises:
        dagster.Failure: The block failed in a way that trying again cannot mend, or the run was cancelled.
    """
    attempt = context.retry_number
    run_id = context.run.run_id
    executor = executor_mode(run_id)
    limits = StepLimits.from_tags(context.op_def.tags)
    if executor == "in_process":
        limits = project.allocation.alone(step)
    if attempt:
        limits = replace(limits, threads=1, cursors=1)
    year = year_of(context)
    record = StepRecord(
        step=step.name,
        year=year,
        run_id=run_id,
        attempt=attempt,
        started=time.time(),
        threads=limits.threads,
        memory_gb=limits.memory_gb,
        cursors=limits.cursors,
        engine=project.settings.engine,
        executor=executor,
    )
    # The analysis of the records keeps none of itself: its file is the analysis.
    recorder = StepRecorder(record, project.performance if step is not YEAR_PERFORMANCE else None)
    work = Work()
    if attempt:
        recorder.event("retry", f"Try {attempt + 1} of {step.name}, with one thread.")
    with (
        final_failures(),
        study_step(project.settings.locks, project.study.study, run_id),
        recorded(recorder),
        place_beside_others(project, step, attempt, recorder),
        # Before the monitor, which counts what the process has already: the step before has given its memory back by then.
        duckdb.session(
            threads=limits.duckdb_threads, memory_gb=limits.memory_gb, others_follow=executor == "in_process"
        ) as connection,
        Monitor(recorder, memory_gb=limits.memory_gb) as monitor,
        work.until(float(project.study.resources.step_timeout_minutes) * 60, step.name),
        work.of(step.name, connection.interrupt),
    ):
        optimize("session", Target(connection), project.study.resources.optimizations, recorder, context.log.warning)
        session = YearSession(connection, project.lake, year, project.first_year, limits.cursors, recorder, work)
        monitor.watch(connection, work.interrupt)
        yield session
