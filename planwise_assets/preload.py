"""Modules that the fork server imports once, so that no worker imports them anew: Dagster's own storages, and theirs.

Belongs here: imports, nothing else. This is the one place that names Dagster's private modules: a worker opens its storage
through these classes, and nothing public imports them all. A module that a release moves is only a slower start.
"""

from __future__ import annotations

import importlib
from contextlib import suppress

for _module in (
    "alembic.config",
    "sqlalchemy.dialects.sqlite",
    "dagster._core.storage.event_log.sqlite.sqlite_event_log",
    "dagster._core.storage.runs.sqlite.sqlite_run_storage",
    "dagster._core.storage.schedules.sqlite.sqlite_schedule_storage",
    "dagster._core.storage.sqlite_storage",
    "dagster._core.storage.local_compute_log_manager",
    "dagster._core.storage.noop_compute_log_manager",
    "dagster._core.execution.api",
    "resources.dagster_storage",
    "duckdb",
):
    with suppress(ImportError):
        importlib.import_module(_module)
