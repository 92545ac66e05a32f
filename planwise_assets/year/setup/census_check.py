"""What the staging models say about a census, before any year is simulated.

Belongs here: running the very models that a simulation would, in a folder that is thrown away. Does not: the rules
(dbt_project/macros/workforce/census.sql).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import dagster as dg
import duckdb

from planwise_assets.intake.census_file import CensusError, require_file
from planwise_assets.project import Project
from planwise_assets.settings import Settings
from planwise_assets.study.file.load import load_study
from planwise_assets.year.setup.inputs import write_inputs
from resources.dbt.compiled import compiled_project
from resources.engines.optimized import run_models
from resources.engines.session import YearSession

#: Problems that a message names; it has the count of all.
_SHOWN = 20
_MODELS = ("stg_worlds", "stg_job_levels", "stg_census_rejects", "stg_census")


@dataclass(frozen=True)
class Reject:
    """One rule that a row breaks.

    Attributes:
        row: Number of the row, from 1; the line of a CSV file is one more.
        employee_id: Whose row it is.
        column: Which column, by PlanWise's name.
        value: What stands there.
        reason: The rule.
    """

    row: int
    employee_id: str | None
    column: str
    value: str | None
    reason: str


@dataclass(frozen=True)
class Judgement:
    """A census, judged.

    Attributes:
        rows: Rows of the file.
        active: People who enter the simulation.
        rejects: Every rule that is broken, in the order of the file.
    """

    rows: int
    active: int
    rejects: list[Reject]

    @property
    def rejected_rows(self) -> int:
        """Rows that break at least one rule."""
        return len({reject.row for reject in self.rejects})


def judge_census(settings: Settings, study_file: Path) -> Judgement:
    """Judges the census of a study.

    Raises:
        StudyError: The study file is wrong.
        dagster.Failure: The census cannot be read at all.
    """
    dbt = compiled_project(settings.dbt_project, settings.dbt_cache)
    return judge(Project(replace(settings, study_file=study_file), load_study(study_file), dbt))


def judge(project: Project) -> Judgement:
    """Judges the census of a study, in a folder that is thrown away.

    Raises:
        dagster.Failure: The census cannot be read at all.
    """
    dbt = project.dbt
    try:
        require_file(project.study.census)
    except CensusError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    with tempfile.TemporaryDirectory() as folder:
        aside = Project(replace(project.settings, home=Path(folder)), project.study, dbt)
        with _session(aside) as session:
            inputs = write_inputs(session, aside)
        needed = [name for name in dbt.group_models("staging_inputs") if name in _MODELS]
        with _session(aside) as session:
            list(run_models(session, dbt, needed))
            rejects = session.connection.execute(
                "select census_row, employee_id, column_name, value, reason from stg_census_rejects order by all"
            ).fetchall()
            active = session.connection.execute("select count(*) from stg_census").fetchone()
        return Judgement(inputs.census.rows, active[0] if active else 0, [Reject(*row) for row in rejects])


def census_problems(project: Project) -> str | None:
    """What to tell a person whose census has more bad rows than the study allows; None when it has not."""
    judged = judge(project)
    limit = project.study.census_reject_limit
    if judged.rejected_rows <= judged.rows * limit:
        return None
    shown = "\n".join(
        f"  row {reject.row}, {reject.column} {reject.value!r}: {reject.reason}" for reject in judged.rejects[:_SHOWN]
    )
    return (
        f"Census {project.study.census}: {judged.rejected_rows:,} of {judged.rows:,} rows are rejected, "
        f"and the study allows {limit:%}. Mend them, or raise `census_reject_limit`. "
        f"The first of {len(judged.rejects):,} problems:\n{shown}"
    )


@contextmanager
def _session(project: Project) -> Iterator[YearSession]:
    with duckdb.connect(config={"threads": 2, "memory_limit": "1GB"}) as connection:
        yield YearSession(connection, project.lake, project.first_year, project.first_year)
