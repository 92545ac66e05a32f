"""A whole year in this process, without Dagster: the same set-up, models, operations and closing state, in the same order.

Belongs here: that order, for whoever wants results and no run: trials of other settings (calibration/), tests. Does not:
limits and records of a step (session.py), publication; a year made here has no checks unless they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set
from contextlib import AbstractContextManager

from planwise_assets.project import Project
from planwise_assets.steps import GROUP_ORDER, GROUPS_AFTER_OPERATIONS, GROUPS_BEFORE_OPERATIONS, OPERATIONS
from planwise_assets.year.models.unchanged import LastYear
from planwise_assets.year.operations import run_in_batches
from planwise_assets.year.setup.inputs import write_inputs
from planwise_assets.year.state.workforce_state import close_year, write_closing
from resources.engines.optimized import run_models
from resources.engines.session import TestResult, YearSession

#: Opens a step's session of the year.
OpenSession = Callable[[], AbstractContextManager[YearSession]]


def simulate_alone(project: Project, session_of_step: OpenSession, *, tested: bool = False) -> list[TestResult]:
    """Simulates the year that the sessions are of, and declares it complete.

    Args:
        project: The study; the year before must be in its lake.
        session_of_step: Opens a session, once for each step.
        tested: Whether the data tests run.

    Returns:
        The outcomes of the data tests, if they ran.

    Raises:
        dagster.Failure: The census cannot be read.
        ModelError: The SQL of a model failed.
        ShortageError: Memory or disk ran out.
    """
    outcomes = _make_year(project, session_of_step, set(project.dbt.models), tested=tested)
    with session_of_step() as session:
        close_year(session, project)
    return outcomes


def simulate_for(project: Project, session_of_step: OpenSession, tables: Iterable[str]) -> None:
    """Makes of the year some tables and what the next year opens with, and nothing that neither needs; raises as above.

    Args:
        project: The study; the year before must be in its lake.
        session_of_step: Opens a session, once for each step.
        tables: Names of models.
    """
    dbt = project.dbt
    closing = {relation.asset for relation in dbt.inputs(dbt.analysis_id("workforce_state"))}
    operations = (dbt.inputs(dbt.analysis_id(operation.name)) for operation in OPERATIONS)
    of_operations = {relation.asset for inputs in operations for relation in inputs}
    waiting = [*tables, *closing, *of_operations, *dbt.prior_year_assets]
    needed: set[str] = set()
    while waiting:
        model = waiting.pop()
        if model in dbt.models and model not in needed:
            needed.add(model)
            waiting += dbt.model_parents(model)
    _make_year(project, session_of_step, needed)
    with session_of_step() as session:
        write_closing(session, project)


def _make_year(
    project: Project, session_of_step: OpenSession, models: Set[str], *, tested: bool = False
) -> list[TestResult]:
    dbt, size = project.dbt, project.study.resources.batch_size
    outcomes: list[TestResult] = []

    def make_group(group: str) -> None:
        with session_of_step() as session:
            tests = dbt.group_tests(group, GROUP_ORDER) if tested else []
            chosen = [model for model in dbt.group_models(group) if model in models]
            made = run_models(session, dbt, chosen, tests, unchanged=LastYear(project, session.year).file_of)
            outcomes.extend(result for result in made if isinstance(result, TestResult))

    with session_of_step() as session:
        write_inputs(session, project)
    for group in GROUPS_BEFORE_OPERATIONS:
        make_group(group)
    for operation in OPERATIONS:
        with session_of_step() as session:
            run_in_batches(session, dbt, dbt.analysis_id(operation.name), size)
    for group in GROUPS_AFTER_OPERATIONS:
        make_group(group)
    return outcomes
