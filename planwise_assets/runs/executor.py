"""How a run's steps are executed: the stock executors in one frame.

Belongs here: choosing the stock executor, and what surrounds a run whatever launched it (UI, backfill, schedule, command
line): the study's lock before it, cleanup after it. Does not: what a step may use (steps.py), what a step does.

`dagster job execute` bypasses Dagster's queue and its run monitoring, so this frame, not the queue, is what keeps two runs
of a study apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import dagster as dg

from planwise_assets.project import Project
from planwise_assets.runs.fork_server import PRELOADED
from planwise_assets.runs.instance import fail_abandoned_run
from planwise_assets.settings import ExecutorMode
from planwise_assets.year.breaker import breaker_of
from planwise_assets.year.cleanup import sweep
from planwise_assets.year.recovery import CANCELLED
from resources.process.locks import study_run


class StudyExecutor(dg.Executor):
    """A stock executor that runs while it holds the study's lock, and leaves nothing behind."""

    def __init__(self, stock: dg.Executor, project: Project) -> None:
        self._stock = stock
        self._project = project

    @property
    def retries(self) -> Any:
        """The stock executor's."""
        return self._stock.retries

    def execute(self, plan_context: Any, execution_plan: Any) -> Iterator[Any]:
        """Runs the plan; the frame closes on success, failure and cancel alike.

        Raises:
            KeyboardInterrupt: A step was cancelled: Dagster ends the run as cancelled.
        """
        project = self._project
        fail_abandoned_run(plan_context.instance, project.settings.locks, project.study.study)
        with study_run(project.settings.locks, project.study.study, plan_context.run_id):
            # What a killed run left; in the finally, what this one leaves.
            sweep(project)
            breaker_of(project).begin_run()
            try:
                for event in self._stock.execute(plan_context, execution_plan):
                    yield event
                    if _is_cancelled(event):
                        raise KeyboardInterrupt  # what ends a run as cancelled, in Dagster's own words
            finally:
                sweep(project)


def _is_cancelled(event: Any) -> bool:
    failure = event.step_failure_data.user_failure_data if event.is_step_failure else None
    return failure is not None and failure.description == CANCELLED


def build_executor(project: Project) -> dg.ExecutorDefinition:
    """The executor of every job and backfill of this study: a stock one, one run of the study at a time.

    A run may choose its mode: `execution: {config: {mode: in_process}}`.
    """

    @dg.executor(
        name="planwise",
        config_schema={
            "mode": dg.Field(
                dg.Enum("ExecutorMode", [dg.EnumValue(mode) for mode in get_args(ExecutorMode)]),
                default_value=project.settings.executor,
                description="multiprocess: every step in a process of its own; in_process: for small studies and CI.",
            )
        },
    )
    def planwise_executor(init_context: dg.InitExecutorContext) -> dg.Executor:
        mode = init_context.executor_config["mode"]
        stock: Any
        config: dict[str, Any]
        if mode == "in_process":
            stock, config = dg.in_process_executor, {"retries": {"enabled": {}}}
        else:
            stock = dg.multiprocess_executor
            config = {
                "retries": {"enabled": {}},
                **project.allocation.executor_config,
                "start_method": {"forkserver": {"preload_modules": PRELOADED}},
            }
        context = dg.InitExecutorContext(
            job=init_context.job, executor_def=stock, executor_config=config, instance=init_context.instance
        )
        return StudyExecutor(stock.executor_creation_fn(context), project)

    return planwise_executor
