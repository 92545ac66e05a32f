"""The event log with kept connections stores what Dagster's own does, where Dagster's own finds it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage

from planwise_assets.settings import PROJECT_ROOT
from resources.dagster_storage import (
    KeptSqliteEventLogStorage,
    QuickSqliteRunStorage,
    QuickSqliteScheduleStorage,
)

_KEY = dg.AssetKey("thing")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    (tmp_path / "dagster.yaml").write_text((PROJECT_ROOT / "dagster.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def _materialize(instance: dg.DagsterInstance) -> str:
    @dg.asset(key=_KEY)
    def thing() -> dg.MaterializeResult[None]:
        return dg.MaterializeResult(metadata={"rows": 3})

    return dg.materialize([thing], instance=instance).run_id


def test_the_shipped_configuration_uses_it(home: Path) -> None:
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert isinstance(instance.event_log_storage, KeptSqliteEventLogStorage)
        assert isinstance(instance.run_storage, QuickSqliteRunStorage)
        assert isinstance(instance.schedule_storage, QuickSqliteScheduleStorage)


@pytest.mark.parametrize("times", [1, 2])
def test_databases_are_where_dagsters_own_storages_have_them(home: Path, times: int) -> None:
    """The first opening makes them as Dagster does; the second takes them as they are."""
    for _ in range(times):
        with dg.DagsterInstance.from_config(str(home)) as instance:
            run_id = _materialize(instance)
            revisions = instance.run_storage.alembic_version(), instance.event_log_storage.alembic_version()
            assert all(here == head for here, head in revisions)
    assert (home / "schedules" / "schedules.db").is_file()
    (home / "dagster.yaml").unlink()
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert instance.get_run_by_id(run_id) is not None
        assert len(instance.get_runs()) == times


def test_dagsters_own_storage_reads_what_was_stored(home: Path) -> None:
    """So that the lines in dagster.yaml may be taken out, or put in, at any time."""
    with dg.DagsterInstance.from_config(str(home)) as instance:
        run_id = _materialize(instance)
        kept = [record.event_log_entry for record in instance.event_log_storage.get_records_for_run(run_id).records]
    assert (home / "history" / "runs" / f"{run_id}.db").is_file()
    stock = SqliteEventLogStorage(str(home / "history" / "runs"))
    assert [record.event_log_entry for record in stock.get_records_for_run(run_id).records] == kept
    assert len(kept) > 8
    (home / "dagster.yaml").unlink()
    with dg.DagsterInstance.from_config(str(home)) as instance:
        event = instance.get_latest_materialization_event(_KEY)
        assert event is not None
        assert event.run_id == run_id


def test_more_runs_than_connections_are_kept(home: Path) -> None:
    with dg.DagsterInstance.from_config(str(home)) as instance:
        runs = [_materialize(instance) for _ in range(10)]
        for run_id in runs:
            events = [record.event_log_entry for record in instance.event_log_storage.get_records_for_run(run_id).records]
            types = [event.dagster_event_type for event in events]
            assert dg.DagsterEventType.ASSET_MATERIALIZATION in types
            assert types.count(dg.DagsterEventType.RUN_SUCCESS) == 1


def test_threads_share_a_connection(home: Path) -> None:
    with dg.DagsterInstance.from_config(str(home)) as instance:

        def report(worker: int) -> None:
            for number in range(20):
                instance.report_runless_asset_event(dg.AssetMaterialization(f"thing_{worker}_{number}"))

        threads = [threading.Thread(target=report, args=[worker]) for worker in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert len(instance.all_asset_keys()) == 80


def test_what_a_killed_process_had_stored_is_there(home: Path) -> None:
    code = (
        "import os, signal, dagster as dg\n"
        "instance = dg.DagsterInstance.from_config(os.environ['DAGSTER_HOME'])\n"
        "instance.report_runless_asset_event(dg.AssetMaterialization('thing', metadata={'rows': 7}))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT_ROOT, env={**os.environ}, check=False, capture_output=True
    )
    assert done.returncode == -9
    with dg.DagsterInstance.from_config(str(home)) as instance:
        event = instance.get_latest_materialization_event(_KEY)
        assert event is not None
        assert event.asset_materialization is not None
        assert event.asset_materialization.metadata["rows"].value == 7


def test_a_watcher_hears_of_events_of_another_process(home: Path) -> None:
    """The UI's live log of a run: the writer keeps its connection open, so the file itself does not change."""
    heard = threading.Event()
    with dg.DagsterInstance.from_config(str(home)) as writer, dg.DagsterInstance.from_config(str(home)) as reader:
        run_id = _materialize(writer)
        reader.event_log_storage.watch(run_id, None, lambda *_: heard.set())
        assert heard.wait(timeout=30)
