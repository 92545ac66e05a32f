"""What Dagster noted that a run would do, taken back when the run has refused to do it.

Belongs here: the notes of a run that has begun nothing. Does not: when a year may not start (year/setup/), what a run did.
Builds on private modules of Dagster, as dagster_storage.py does.

When a run is created, Dagster notes every asset and every check that it is going to make. If the run fails, an asset whose
last note is of that run is a failed one, and a check without a result has failed ("0/1 passed"), whatever was there before.
Of a year that is complete, and that a launch has not touched, this is wrong. A run has no way to say so of itself.
"""

from __future__ import annotations

import dagster as dg
from dagster import DagsterEventType
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable, SqlEventLogStorageTable
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage

__all__ = ["withdraw_plans"]


def withdraw_plans(instance: dg.DagsterInstance, run_id: str) -> None:
    """Leaves assets and checks as they were before the run was created; the run itself, its log and its end stay.

    In PostgreSQL, where the log of a run and the index of assets are one table, the run's log no longer lists its plan.

    Args:
        instance: Dagster's instance; one whose events are not in a database is left alone.
        run_id: A run that has made nothing.
    """
    events = instance.event_log_storage
    if not isinstance(events, SqlEventLogStorage):
        return
    log = SqlEventLogStorageTable
    planned = (log.c.run_id == run_id) & (log.c.dagster_event_type == DagsterEventType.ASSET_MATERIALIZATION_PLANNED.value)
    checks = AssetCheckExecutionsTable
    waiting = (checks.c.run_id == run_id) & (checks.c.execution_status == AssetCheckExecutionRecordStatus.PLANNED.value)
    with events.index_connection() as connection:
        connection.execute(log.delete().where(planned))
        connection.execute(checks.delete().where(waiting))
