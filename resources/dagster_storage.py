"""Dagster's SQLite storages, opened with less ado: the one place that builds on Dagster's private modules.

Belongs here: how the stock storages connect. Does not: what is stored, which is all Dagster's own.

The stock storage opens a database, and with it an empty statement cache, for every single statement, and closes it again,
which makes SQLite fold its write-ahead log back into the file and sync it to disk each time. That was half of a small
year's wall time. Here a process keeps a connection to the databases that it used last, with `synchronous = NORMAL`: in
write-ahead mode that loses nothing to a killed process, and never the consistency of the file (sqlite.org/pragma.html).

And each time that a process opens a storage, the stock one has Alembic read its hundred migrations, only to learn that
there is nothing to migrate: 20 ms for each of four databases, in every worker of a year. Here a database that Alembic has
stamped is taken as it is; `dagster instance migrate` is still what brings an old one up to date.

Named in dagster.yaml; without those lines Dagster's own storage does the same, only slower. Can go when dagster keeps its
engine (https://github.com/dagster-io/dagster, sqlite_event_log.py `_connect`).
"""

from __future__ import annotations

import os
import sqlite3
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from dagster import StringSource
from dagster._core.storage.event_log.polling_event_watcher import SqlPollingEventWatcher
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.runs.sqlite.sqlite_run_storage import SqliteRunStorage
from dagster._core.storage.schedules.sqlite.sqlite_schedule_storage import SqliteScheduleStorage
from dagster._core.storage.sql import create_engine
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS, create_db_conn_string
from sqlalchemy import Connection, Engine, event
from sqlalchemy.pool import StaticPool

# The index of all runs, the log of the run at work, and a few that the web server shows.
_KEPT_DATABASES = 8


class KeptSqliteEventLogStorage(SqliteEventLogStorage):
    """The stock event log on SQLite, one database a run, each opened once a process."""

    def __init__(self, base_dir: str, inst_data: Any = None) -> None:
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        self._watcher = SqlPollingEventWatcher(self)
        super().__init__(base_dir, inst_data)

    @classmethod
    def config_type(cls) -> Any:
        """`home`: DAGSTER_HOME, below which the files are where the stock storage has them."""
        return {"home": StringSource}

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> KeptSqliteEventLogStorage:
        """How Dagster makes it from dagster.yaml."""
        return cls(str(Path(config_value["home"]) / "history" / "runs"), inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._kept_engine(shard)
            if shard not in self._initialized_dbs:
                if not _is_stamped(Path(self.path_for_shard(shard))):
                    self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.connect() as connection, connection.begin():
                yield connection

    def _kept_engine(self, shard: str) -> Engine:
        # A forked process must not touch its parent's connections, so that the process is part of the key.
        key = f"{os.getpid()}:{shard}"
        if key not in self._engines:
            engine = create_engine(
                self.conn_string_for_shard(shard),
                poolclass=StaticPool,
                # One connection, handed from thread to thread under the storage's own lock.
                connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
            )
            event.listen(engine, "connect", _sync_less_often)
            self._engines[key] = engine
        self._engines.move_to_end(key)
        while len(self._engines) > _KEPT_DATABASES:
            _, oldest = self._engines.popitem(last=False)
            oldest.dispose()
        return self._engines[key]

    def wipe(self) -> None:
        """Forgets the connections before Dagster removes their files."""
        self._close()
        super().wipe()

    def watch(self, run_id: str, cursor: str | None, callback: Any) -> None:
        """The UI's live log, by polling: a kept connection writes beside the file that the stock storage watches."""
        self._watcher.watch_run(run_id, cursor, callback)

    def end_watch(self, run_id: str, handler: Any) -> None:
        """Ends a `watch`."""
        self._watcher.unwatch_run(run_id, handler)

    def dispose(self) -> None:
        """Closes what is kept."""
        self._watcher.close()
        self._close()
        super().dispose()

    def _close(self) -> None:
        with self._db_lock:
            while self._engines:
                self._engines.popitem()[1].dispose()


class QuickSqliteRunStorage(SqliteRunStorage):
    """The stock record of runs, without asking for migrations."""

    @classmethod
    def config_type(cls) -> Any:
        """`home`: DAGSTER_HOME."""
        return {"home": StringSource}

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> Any:
        """How Dagster makes it from dagster.yaml."""
        folder = Path(config_value["home"]) / "history"
        if _is_stamped(folder / "runs.db"):
            return cls(create_db_conn_string(str(folder), "runs"), inst_data)
        return cls.from_local(str(folder), inst_data)


class QuickSqliteScheduleStorage(SqliteScheduleStorage):
    """The stock record of schedules and sensors, without asking for migrations."""

    @classmethod
    def config_type(cls) -> Any:
        """`home`: DAGSTER_HOME."""
        return {"home": StringSource}

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> Any:
        """How Dagster makes it from dagster.yaml."""
        folder = Path(config_value["home"]) / "schedules"
        if _is_stamped(folder / "schedules.db"):
            return cls(create_db_conn_string(str(folder), "schedules"), inst_data)
        return cls.from_local(str(folder), inst_data)


def _is_stamped(database: Path) -> bool:
    """Whether Alembic has written a revision into it, which Dagster does last of all when it makes one."""
    if not database.is_file():
        return False
    with closing(sqlite3.connect(database, timeout=SQLITE_BUSY_TIMEOUT_SECONDS)) as connection:
        try:
            return bool(connection.execute("select count(*) from alembic_version").fetchone() != (0,))
        except sqlite3.OperationalError:
            return False


def _sync_less_often(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous = NORMAL")
