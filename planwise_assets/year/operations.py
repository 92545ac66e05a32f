"""Step 4 of a year: the three operations, side by side, each over the year's people in batches of bounded size.

Belongs here: an operation's asset, and cutting the people into batches. Does not: what an operation computes
(dbt_project/operations/<operation>.sql, compiled by dbt with the models' own macros).

A batch is a contiguous range of (world, employee). Every relation with a row a person is narrowed to it, so an operation
must compute each person from that person's rows alone; then batches of any size give the same file to the byte.
"""

import time
from dataclasses import replace
from typing import Any

import dagster as dg
import duckdb as duckdb_package

from planwise_assets.project import Project
from planwise_assets.steps import SETTLED, Step
from planwise_assets.ui.materialization import materialization
from planwise_assets.year.recovery import batch_size
from planwise_assets.year.session import year_asset, year_session
from resources.dbt.compiled import CompiledProject, Relation
from resources.duckdb.profiles import profiled
from resources.duckdb.sessions import PlanwiseDuckDB
from resources.engines.session import ModelResult, YearSession
from resources.process.failures import failure_of

_PEOPLE = ("int_opening_workforce", "int_hiring_events")

_IN_BATCH = """
    cross join batch
    where (world_id > first_world or (world_id = first_world and employee_id >= first_employee))
        and (world_id < next_world or (world_id = next_world and employee_id < next_employee))
"""

# First keys of the batches, with the first key of the batch after each.
_BATCHES = """
    create or replace table batches as
    with numbered as (
        select world_id, employee_id, row_number() over (order by world_id, employee_id) - 1 as position
        from (
            select world_id, employee_id from int_opening_workforce
            union all
            select world_id, employee_id from int_hiring_events
        )
    )
    select
        row_number() over (order by position) as number,
        world_id as first_world,
        employee_id as first_employee,
        lead(world_id, 1, 2147483647) over (order by position) as next_world,
        lead(employee_id, 1, '') over (order by position) as next_employee
    from numbered
    where position % $size = 0
"""


def operation_asset(project: Project, step: Step) -> dg.AssetsDefinition:
    """The asset of one operation; what it computes is said beside its SQL."""
    analysis = project.dbt.analysis_id(step.name)
    inputs = {relation.made_by for relation in project.dbt.inputs(analysis)}

    @year_asset(
        project,
        step,
        group_name="operations",
        description=project.dbt.description(analysis),
        sources=[project.dbt.source_file(analysis)],
        # All operations start together, once the last group that settles facts is done, whichever facts one of them reads.
        deps=inputs | {"year_setup", project.dbt.group_models(SETTLED)[-1]},
        code_version=project.dbt.code_version(analysis),
    )
    def run_operation(context: dg.AssetExecutionContext, duckdb: PlanwiseDuckDB) -> dg.MaterializeResult[Any]:
        with year_session(context, project, step, duckdb) as session:
            size = batch_size(project.study.resources.batch_size, context.retry_number)
            result, batches = run_in_batches(session, project.dbt, analysis, size)
        return materialization(result, {"batches": batches})

    return run_operation


def run_in_batches(session: YearSession, dbt: CompiledProject, analysis: str, batch_size: int) -> tuple[ModelResult, int]:
    """Runs an operation over all people of a year and publishes its file.

    Args:
        session: The step's session.
        dbt: The compiled project.
        analysis: Manifest id of the operation's analysis.
        batch_size: Employees x worlds in a batch, at most.

    Returns:
        What was made, and in how many batches.

    Raises:
        ModelError: The SQL of the operation failed.
        ShortageError: Memory or disk ran out.
        StepStoppedError: The step was stopped meanwhile.
        EngineError: DuckDB itself failed.
    """
    name = analysis.rsplit(".", 1)[1]
    try:
        return _run_in_batches(session, dbt, analysis, batch_size)
    except duckdb_package.Error as error:
        raise failure_of(f"Operation {name} failed for {session.year}", error) from error


def _run_in_batches(session: YearSession, dbt: CompiledProject, analysis: str, batch_size: int) -> tuple[ModelResult, int]:
    began, started = time.time(), time.perf_counter()
    connection = session.connection
    name = analysis.rsplit(".", 1)[1]
    profile = session.recorder.profile_of(name)
    inputs = dbt.inputs(analysis)
    people = [dbt.relation_of_model(name) for name in _PEOPLE]
    for relation in [*inputs, *people]:
        session.open(relation)
    connection.execute(_BATCHES, {"size": batch_size})
    count = connection.execute("select count(*) from batches").fetchone()
    batches = int(count[0]) if count else 0

    sql = dbt.compiled_sql(analysis)
    for number in range(1, max(batches, 1) + 1):
        if batches > 1:
            connection.execute(
                "create or replace table batch as select * from batches where number = $number", {"number": number}
            )
            for relation in filter(_is_one_row_a_person, inputs):
                session.open(relation, where=_IN_BATCH)
        # All batches have the same plan: the profile is the first one's.
        with profiled(connection, profile if number == 1 else None):
            connection.execute(f"{'create table made as' if number == 1 else 'insert into made'}\n{sql}")
    result = session.publish(connection, name, "select * from made", is_profiled=False)
    result = replace(result, seconds=time.perf_counter() - started)
    session.note(result, began, profile)
    if batches > 1:
        session.recorder.event("batch", f"{batches} batches of at most {batch_size:,} people x worlds.")
    return result, batches


def _is_one_row_a_person(relation: Relation) -> bool:
    return {"world_id", "employee_id"} <= relation.columns.keys()
