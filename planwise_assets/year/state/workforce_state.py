"""Asset `workforce_state`: step 5 of a year. The closing workforce, and the marker that declares the year complete.

Belongs here: the asset. Does not: its SQL (dbt_project/closing/workforce_state.sql).
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from planwise_assets.intake.groups import CENSUS_GROUPS
from planwise_assets.partitions import year_of
from planwise_assets.project import Project
from planwise_assets.steps import GROUP_ORDER, WORKFORCE_STATE
from planwise_assets.study.sections.groups import PERSON_GROUPS, group_name
from planwise_assets.ui.code_links import source_of
from planwise_assets.ui.materialization import materialization
from planwise_assets.year.session import year_asset, year_session
from planwise_assets.year.setup.gate import year_problems
from planwise_assets.year.setup.opening_workforce import opening_observation
from planwise_assets.year.state.marker import openings_after, write_marker
from planwise_assets.year.validation.warnings import year_warnings
from resources.duckdb.sessions import PlanwiseDuckDB
from resources.engines.session import ModelResult, YearSession, read_parquet


def workforce_state_asset(project: Project) -> dg.AssetsDefinition:
    """The asset that the next year opens with. It waits for the published tables, whose checks block it."""
    analysis = project.dbt.analysis_id("workforce_state")
    inputs = {relation.made_by for relation in project.dbt.inputs(analysis)}

    @year_asset(
        project,
        WORKFORCE_STATE,
        group_name="closing",
        description="Everyone active after 31 December, in every world: what the next year opens with.",
        deps=inputs | set(project.dbt.group_models(GROUP_ORDER[-1])),
        sources=[project.dbt.source_file(analysis), source_of(__name__)],
        code_version=project.dbt.code_version(analysis),
    )
    def workforce_state(context: dg.AssetExecutionContext, duckdb: PlanwiseDuckDB) -> Iterator[Any]:
        year = year_of(context)
        with year_session(context, project, WORKFORCE_STATE, duckdb) as session:
            result, marker = close_year(session, project)
        for later, version in openings_after(project, year, marker["closing_hash"]).items():
            yield opening_observation(later, version)
        yield materialization(result, {"closing_hash": marker["closing_hash"]})

    return workforce_state


def close_year(session: YearSession, project: Project) -> tuple[ModelResult, dict[str, Any]]:
    """Writes the closing state, then, last of all, the marker that declares the year complete."""
    result = write_closing(session, project)
    accepted, warnings = year_problems(project, session.year), year_warnings(session, project)
    return result, write_marker(project, session.year, accepted, warnings)


def write_closing(session: YearSession, project: Project) -> ModelResult:
    """Writes what the next year opens with, and what each person belongs to."""
    analysis = project.dbt.analysis_id("workforce_state")
    for relation in project.dbt.inputs(analysis):
        session.open(relation)
    result = session.publish(session.connection, "workforce_state", project.dbt.compiled_sql(analysis))
    if project.study.groups:
        _write_groups(session, project)
    return result


def _write_groups(session: YearSession, project: Project) -> None:
    """Writes what each person of the year belongs to, a column a group."""
    analysis = project.dbt.analysis_id(PERSON_GROUPS)
    for relation in project.dbt.inputs(analysis):
        session.open(relation)
    file = session.lake.file(CENSUS_GROUPS, session.year)
    session.connection.execute(f"create or replace view {CENSUS_GROUPS} as select * from {read_parquet(file)}")
    values = ", ".join(
        f'group_values[{place}] as "{group_name(column)}"' for place, column in enumerate(project.study.groups, start=1)
    )
    query = f"select simulation_year, seed, employee_id, {values} from ({project.dbt.compiled_sql(analysis)})"
    session.publish(session.connection, PERSON_GROUPS, f"{query} order by seed, employee_id")
