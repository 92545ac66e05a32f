"""Asset `year_performance`: step 6 of a year. Where the time and the memory went, and what follows from it.

Belongs here: the asset. Does not: measuring (resources/process/monitor.py), figures and tables
(the other modules here).
"""

from typing import Any

import dagster as dg
import duckdb as duckdb_package

from planwise_assets.partitions import year_of
from planwise_assets.project import Project
from planwise_assets.steps import GROUPS, OPERATIONS, SETTLED, WORKFORCE_STATE, YEAR_PERFORMANCE, YEAR_SETUP
from planwise_assets.ui.code_links import source_of
from planwise_assets.year.analysis.history import read_history, remember, usual_seconds
from planwise_assets.year.analysis.rendering import markdown_tables, timeline
from planwise_assets.year.analysis.summary import YearPerformance, past_year, performance_file, summarize
from planwise_assets.year.session import year_asset, year_session
from resources.duckdb.sessions import PlanwiseDuckDB
from resources.lake import Lake
from resources.process.metrics import PerformanceFolder, write_record

#: What it tells of: every step before it. The warehouse runs beside it, and tells of itself in its own record.
_ANALYSED = [step.name for step in (YEAR_SETUP, *GROUPS, *OPERATIONS, WORKFORCE_STATE)]
#: Profiles that are kept: those of the slowest models.
_KEPT_PROFILES = 10


class NoRecordsError(RuntimeError):
    """No step of the year has left a record."""


def year_performance_asset(project: Project) -> dg.AssetsDefinition:
    """The asset that says where a year's time went."""

    @year_asset(
        project,
        YEAR_PERFORMANCE,
        group_name="closing",
        description="Where the time and the memory of a year went, by step and model, and what follows from it.",
        deps=["workforce_state"],
        sources=[source_of(__name__)],
    )
    def year_performance(context: dg.AssetExecutionContext, duckdb: PlanwiseDuckDB) -> dg.MaterializeResult[Any]:
        year = year_of(context)
        with year_session(context, project, YEAR_PERFORMANCE, duckdb) as session:
            people = opening_people(session.connection, project.lake, year)
            performance = analyse_year(project, year, context.run.run_id, people)
        totals = performance.totals
        efficiencies = [phase["efficiency"] for phase in performance.phases]
        return dg.MaterializeResult(
            metadata={
                "timeline": dg.MetadataValue.md(timeline(performance)),
                **{title: dg.MetadataValue.md(text) for title, text in markdown_tables(performance).items()},
                **{name: dg.MetadataValue.float(float(value)) for name, value in totals.items()},
                "parallel_efficiency": round(sum(efficiencies) / len(efficiencies), 3) if efficiencies else 1.0,
                "path": dg.MetadataValue.path(str(performance_file(project.performance, year))),
            }
        )

    return year_performance


def analyse_year(project: Project, year: int, run_id: str, people: int | None) -> YearPerformance:
    """Reads the records of a year's steps, writes what follows from them, and remembers the year for later runs.

    Args:
        project: The study.
        year: The simulation year.
        run_id: The run to tell of; when none of its steps left a record, the one that worked on the year last.
        people: Opening rows x worlds.

    Raises:
        NoRecordsError: There is nothing to tell of.
    """
    folder = project.performance
    found = folder.records(year, _ANALYSED)
    if not found:
        raise NoRecordsError(f"No step of {year} has left a record: planwise simulate --years {year}")
    runs = {record.run_id for record in found}
    chosen = run_id if run_id in runs else max(found, key=lambda record: record.started).run_id
    records = [record.model_copy(update={"people": people}) for record in found if record.run_id == chosen]
    this = past_year(records)
    performance = summarize(records, _upstream(project), usual_seconds(read_history(folder.history), this))
    _drop_profiles(folder, performance)
    write_record(performance_file(folder, year), performance)
    remember(folder.history, this)
    return performance


def opening_people(connection: duckdb_package.DuckDBPyConnection, lake: Lake, year: int) -> int | None:
    """Opening rows x worlds of a year, from the file's footer; None before the opening workforce is made.

    Args:
        connection: Any DuckDB connection.
        lake: The study's files.
        year: The simulation year.
    """
    file = lake.file("int_opening_workforce", year)
    if not file.is_file():
        return None
    row = connection.execute("select num_rows from parquet_file_metadata(?)", [str(file)]).fetchone()
    return int(row[0]) if row else None


def _upstream(project: Project) -> dict[str, set[str]]:
    """The steps whose results each step reads."""
    dbt = project.dbt
    step_of = {model: str(node["group"]) for model, node in dbt.models.items()}
    reads = {step.name: [str(dbt.models[m]["unique_id"]) for m in dbt.group_models(step.name)] for step in GROUPS}
    reads |= {step.name: [dbt.analysis_id(step.name)] for step in (*OPERATIONS, WORKFORCE_STATE)}
    upstream = {
        step: {step_of.get(r.made_by, r.made_by) for uid in uids for r in dbt.inputs(uid)} - {step}
        for step, uids in reads.items()
    }
    # All operations begin together, after the last group that settles facts.
    for operation in OPERATIONS:
        upstream[operation.name].add(SETTLED)
    # The closing state waits for the checks of the published tables too.
    upstream[WORKFORCE_STATE.name].add(GROUPS[-1].name)
    return upstream


def _drop_profiles(folder: PerformanceFolder, performance: YearPerformance) -> None:
    """Keeps the profiles of the slowest models only; a hundred thousand people's year has a megabyte of them."""
    for position, row in enumerate(performance.models):
        if row["profile"] and position >= _KEPT_PROFILES:
            folder.profile(row["model"], performance.year).unlink(missing_ok=True)
            row["profile"] = None
