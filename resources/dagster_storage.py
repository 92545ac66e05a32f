"""Dagster's SQLite storages, opened with less ado.

Belongs here: how the stock storages connect. Does not: what is stored, which is all Dagster's own. Builds on private modules
of Dagster, as dagster_logs.py and dagster_plans.py do; planwise_assets/preload.py, runs/fork_server.py and
commands/shared/launch.py name some, and nobody else.

The stock storage opens a database, and with it an empty statement cache, for every single statement, and closes it again,
which makes SQLite fold its write-ahead log back into the file and sync it to disk each time. That was half of a small
year's wall time. Here a process keeps a connection to the databases that it used last, with `synchronous = NORMAL`: in
write-ahead mode that loses nothing to a killed process, and never the consistency of the file (sqlite.org/pragma.html).

And each time that a process opens a storage, the stock one has Alembic read its hundred migrations, only to learn that
there is nothing to migrate: 20 ms for each of four databases, in every worker of a year. Here a database that Alembic has
stamped is taken as it is; `dagster instance migrate` is still what brings an old one up to date. A new run's database is a
copy of an empty one, which Dagster itself made.

The rest is small and often: which tables and columns there are is asked once, not with every asset event; the events that
a run begins with are stored in one transaction; and the data versions that a step reads, one question an input, are asked
for in SQL that is text, which takes SQLAlchemy a tenth of the time to prepare.

Named in dagster.yaml; without those lines Dagster's own storage does the same, only slower. Can go when dagster keeps its
engine (https://github.com/dagster-io/dagster, sqlite_event_log.py `_connect`).
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import Any

from dagster import AssetKey, DagsterEventType, EventLogEntry, StringSource
from dagster._core.storage.event_log.polling_event_watcher import SqlPollingEventWatcher
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME, SqliteEventLogStorage
from dagster._core.storage.runs.sqlite.sqlite_run_storage import SqliteRunStorage
from dagster._core.storage.schedules.sqlite.sqlite_schedule_storage import SqliteScheduleStorage
from dagster._core.storage.sql import create_engine
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS, create_db_conn_string
from sqlalchemy import Connection, Engine, event
from sqlalchemy.pool import NullPool, StaticPool

_LATEST_TAGS = """
    select latest.partition, asset_event_tags.key, asset_event_tags.value
    from (
        select partition, max(id) as id
        from event_logs
        where asset_key = ? and dagster_event_type = ? and partition in ({partitions})
        group by partition
    ) as latest
    join asset_event_tags on asset_event_tags.event_id = latest.id
    where asset_event_tags.key in ({tags})
"""

# The index of all runs, the log of the run at work, and a few that the web server shows.
_KEPT_DATABASES = 8


class KeptSqliteEventLogStorage(SqliteEventLogStorage):
    """The stock event log on SQLite, one database a run, each opened once a process."""

    def __init__(self, base_dir: str, inst_data: Any = None) -> None:
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        self._watcher = SqlPollingEventWatcher(self)
        self._at_work: dict[str, Connection] = {}
        self._tables: set[str] = set()
        self._columns: set[str] = set()
        super().__init__(base_dir, inst_data)
        # A batch holds two connections while each of its events asks for them again.
        self._db_lock = threading.RLock()  # type: ignore[assignment]
        # Dagster hands on the events that a run begins with as one batch only where it is told to.
        os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", "1000")

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
            if shard in self._at_work:
                yield self._at_work[shard]
                return
            self._initialize(shard)
            with self._kept_engine(shard).connect() as connection, connection.begin():
                self._at_work[shard] = connection
                try:
                    yield connection
                finally:
                    del self._at_work[shard]

    def _initialize(self, shard: str) -> None:
        if shard in self._initialized_dbs:
            return
        database = Path(self.path_for_shard(shard))
        if not _is_stamped(database):
            if shard == INDEX_SHARD_NAME:
                self._initdb(self._kept_engine(shard))
            else:
                _copy_new(self._empty_database(), database)
        self._initialized_dbs.add(shard)

    def _empty_database(self) -> Path:
        """The database of a run without events, made by Dagster itself, once for each of its versions."""
        empty = Path(self._base_dir).parent / f"empty_run_{version('dagster')}.db"
        if not _is_stamped(empty):
            empty.parent.mkdir(parents=True, exist_ok=True)
            with TemporaryDirectory(dir=empty.parent) as folder:
                engine = create_engine(create_db_conn_string(folder, "empty"), poolclass=NullPool)
                self._initdb(engine)
                engine.dispose()
                (Path(folder) / "empty.db").replace(empty)
        return empty

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Stores the events of one run in one transaction, or none of them."""
        with self.run_connection(events[0].run_id), self.index_connection():
            for event in events:
                self.store_event(event)

    def has_table(self, table_name: str) -> bool:
        """Whether the index has this table. Tables do not go away."""
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        if column_name not in self._columns and super()._has_asset_key_col_on_connection(conn, column_name):
            self._columns.add(column_name)
        return column_name in self._columns

    def get_latest_tags_by_partition(  # noqa: PLR0917 - the signature is Dagster's
        self,
        asset_key: AssetKey,
        event_type: DagsterEventType,
        tag_keys: Sequence[str],
        asset_partitions: Sequence[str] | None = None,
        before_cursor: int | None = None,
        after_cursor: int | None = None,
    ) -> Mapping[str, Mapping[str, str]]:
        """As the stock storage's. What is rare (a cursor, an asset that was wiped) is left to it."""
        key = asset_key.to_string()
        with self.index_connection() as connection:
            details = connection.exec_driver_sql("select asset_details from asset_keys where asset_key = ?", (key,)).scalar()
            if details is not None or asset_partitions is None or before_cursor is not None or after_cursor is not None:
                return super().get_latest_tags_by_partition(
                    asset_key, event_type, tag_keys, asset_partitions, before_cursor, after_cursor
                )
            found: dict[str, dict[str, str]] = {}
            for partition, name, value in connection.exec_driver_sql(
                _LATEST_TAGS.format(partitions=_marks(asset_partitions), tags=_marks(tag_keys)),
                (key, event_type.value, *asset_partitions, *tag_keys),
            ):
                found.setdefault(str(partition), {})[str(name)] = str(value)
            return found

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


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))


def _copy_new(source: Path, target: Path) -> None:
    """Copies a file that is there whole or not at all; one that another process put there first is left alone."""
    with NamedTemporaryFile(dir=target.parent, prefix="tmp_") as copy:
        shutil.copyfile(source, copy.name)
        with suppress(FileExistsError):
            os.link(copy.name, target)


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
