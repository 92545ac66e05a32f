"""What the staging models say about a census, before any year is simulated.

Belongs here: running the very models that a simulation would, in a folder that is thrown away. Does not: the rules
(dbt_project/macros/census.sql).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from planwise_assets.lifecycle.year_setup import write_inputs
from planwise_assets.project import Project
from planwise_assets.settings import Settings
from planwise_assets.study.load import load_study
from resources.dbt import compiled_project
from resources.engine import YearSession, run_models

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
    with tempfile.TemporaryDirectory() as folder:
        project = Project(replace(settings, home=Path(folder), study_file=study_file), load_study(study_file), dbt)
        with _session(project) as session:
            inputs = write_inputs(session, project)
        needed = [name for name in dbt.group_models("staging_inputs") if name in _MODELS]
        with _session(project) as session:
            list(run_models(session, dbt, needed))
            rejects = session.connection.execute(
                "select census_row, employee_id, column_name, value, reason from stg_census_rejects order by all"
            ).fetchall()
            active = session.connection.execute("select count(*) from stg_census").fetchone()
        return Judgement(inputs.census.rows, active[0] if active else 0, [Reject(*row) for row in rejects])


@contextmanager
def _session(project: Project) -> Iterator[YearSession]:
    with duckdb.connect(config={"threads": 2}) as connection:
        yield YearSession(connection, project.lake, project.first_year, project.first_year)
