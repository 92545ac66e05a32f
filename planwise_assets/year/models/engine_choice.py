"""Which engine makes a group's models.

Belongs here: the fast engine first, and the standard one for what a fault of the fast one left. Does not: how either works
(resources/engines/), what is reported of a result (group_assets.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from planwise_assets.project import Project
from planwise_assets.results.facts import fact_metadata
from planwise_assets.steps import Step
from planwise_assets.year.breaker import FastPath, breaker_of
from planwise_assets.year.models.unchanged import LastYear
from resources.dbt.compiled import DataTest
from resources.engines.optimized import run_models
from resources.engines.session import ModelResult, TestResult, YearSession
from resources.engines.standard import standard_engine
from resources.process.failures import EngineError


def make_models(
    session: YearSession, project: Project, step: Step, models: Sequence[str], tests: Sequence[DataTest], *, log: Any
) -> Iterator[ModelResult | TestResult]:
    """Makes models and runs tests with the engine that `PLANWISE_ENGINE` names; yields and raises as an Engine does.

    Args:
        session: The step's session.
        project: The study.
        step: The group's step, whose name the circuit breaker knows.
        models: Names of models of the group.
        tests: Data tests to run on them.
        log: The step's log, for warnings.
    """
    done: set[str] = set()
    circuit = FastPath(breaker_of(project), f"engine:{step.name}", session.recorder, log)
    if project.settings.engine == "optimized" and circuit.may_be_used():
        try:
            last_year = LastYear(project, session.year)
            for result in run_models(
                session, project.dbt, models, tests, facts_of=fact_metadata, unchanged=last_year.file_of
            ):
                done.add(result.name)
                yield result
        except EngineError as error:
            circuit.broke(error, instead="The standard engine makes what is missing.")
        else:
            circuit.worked()
            return
    yield from standard_engine(project.settings.dbt_project, project.temporary)(
        session,
        project.dbt,
        [model for model in models if model not in done],
        [test for test in tests if test.name not in done],
        facts_of=fact_metadata,
    )
