"""What the fork server does once, so that no worker does it anew: importing Dagster's storages, resolving the job.

Belongs here: what every worker needs and nothing that is open (files, connections, threads). The private modules of Dagster
are those through which a worker opens its storage, and nothing public imports them all. One that a release moves is only a
slower start.
"""

from __future__ import annotations

import atexit
import gc
import importlib
from contextlib import suppress

from planwise_assets.automation.jobs import SIMULATE_YEAR
from planwise_assets.definitions import defs

# Kept by the definitions: a worker that finds the job resolved saves a tenth of its life.
defs.resolve_job_def(SIMULATE_YEAR)

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
    "resources.dagster_logs",
    "resources.dagster_storage",
    "dagster._core.storage.defs_state.blob_storage_state_storage",
    "dagster._core.storage.legacy_storage",
    "dagster._core.storage.root",
    "dagster._core.secrets.env_file",
    "dagster._core.system_config.composite_descent",
    "dagster._utils.test",
    "dotenv",
    "upath.core",
    "upath.implementations.local",
    "duckdb",
):
    with suppress(ImportError):
        importlib.import_module(_module)

# All that is here lives as long as the process: a worker's garbage collections need not walk it, page by copied page.
gc.collect()
gc.freeze()
atexit.register(gc.unfreeze)
