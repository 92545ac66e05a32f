"""Asset `year_setup`: step 1 of a year. The gate first, then the year's inputs as files of the lake.

Belongs here: refusing a year that may not start, and the asset. Does not: the gate's rules (gate.py), what a valid
census row is (intake/judge.py asks the models), making and writing the inputs (inputs.py).
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from planwise_assets.intake.judge import judge, refusal
from planwise_assets.partitions import year_of
from planwise_assets.project import Project
from planwise_assets.steps import YEAR_SETUP
from planwise_assets.ui.code_links import source_of
from planwise_assets.year.session import year_asset, year_session
from planwise_assets.year.setup.gate import year_problems
from planwise_assets.year.setup.inputs import prepare_year, publish_inputs
from planwise_assets.year.setup.opening_workforce import OPENING_WORKFORCE, opening_observation
from planwise_assets.year.state.marker import opening_hash, read_marker
from planwise_assets.year.state.owner import owned_by_another
from resources.dagster_plans import withdraw_plans
from resources.duckdb.sessions import PlanwiseDuckDB
from resources.process.machine import Machine

AS_LAST_YEAR = "last year's file: what it is read from, and how, are last year's"


def year_setup_asset(project: Project) -> dg.AssetsDefinition:
    """The asset that every other asset of a year stands on."""

    @year_asset(
        project,
        YEAR_SETUP,
        group_name="setup",
        description="Checks that the year may start, then writes the census, the worlds and this year's parameters.",
        deps=[OPENING_WORKFORCE],
        sources=[source_of(__name__)],
    )
    def year_setup(context: dg.AssetExecutionContext, duckdb: PlanwiseDuckDB) -> Iterator[Any]:
        year = year_of(context)
        accepted = _pass_the_gate(context, project, year)
        limited = [*project.allocation.warnings, *project.allocation.pressure(Machine.here())]
        for warning in [*project.study.warnings, *limited]:
            context.log.warning(warning)
        with year_session(context, project, YEAR_SETUP, duckdb) as session:
            census = prepare_year(session, project)
            # Before anything of the year is written, and inside the step's limits, monitor and time-out.
            if year == project.first_year and census.reading:
                limit = project.study.census_reject_limit
                judged = judge(session.connection, project.dbt)
                if refused := refusal(judged, project.study.census, census.reading.table, limit):
                    raise _refused(context, project, year, refused)
            inputs = publish_inputs(session, project, census)
        if year == project.first_year:
            yield opening_observation(year, opening_hash(project, year))
        yield dg.MaterializeResult(
            metadata={
                "census_rows": inputs.census.rows,
                "census_read_as": dg.MetadataValue.json(census.words["read_as"]),
                "census_rows_folded": census.words["rows_folded"],
                "census_columns_ignored": ", ".join(census.words["columns_ignored"]) or "none",
                "census_made": "read from its file" if census.reading else AS_LAST_YEAR,
                "worlds": len(project.study.scenarios) * len(project.study.seeds),
                "parameter_rows": sum(table.rows for table in inputs.tables),
                "warnings": dg.MetadataValue.json([*project.study.warnings, *limited]),
                "accepted_problems": dg.MetadataValue.json(accepted),
            }
        )

    return year_setup


def _pass_the_gate(context: dg.AssetExecutionContext, project: Project, year: int) -> list[str]:
    if refused := owned_by_another(project.settings, project.study):
        raise _refused(context, project, year, refused)
    problems = year_problems(project, year)
    if problems and not project.settings.accept_stale:
        raise _refused(context, project, year, " ".join(problems))
    for problem in problems:
        context.log.warning(f"Accepted, because PLANWISE_ACCEPT_STALE=1: {problem}")
    return problems


def _refused(context: dg.AssetExecutionContext, project: Project, year: int, why: str) -> dg.Failure:
    """The end of a run that may not start.

    What is complete stays so in Dagster, too. What waits for a year before it has failed, and is launched again with it.
    """
    if all(read_marker(project, each) for each in range(project.first_year, year + 1)):
        withdraw_plans(context.instance, context.run_id)
    return dg.Failure(f"{year} cannot start. {why}", allow_retries=False)
