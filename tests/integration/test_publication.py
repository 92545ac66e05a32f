"""A further year goes into a copy of the warehouse in place; whatever speaks against that makes a whole new one."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from planwise_assets.year.publication.building import publish_warehouse
from planwise_assets.year.state.marker import read_marker, write_marker
from resources.duckdb.optimizations import Indexes, Target
from resources.engines.session import YearSession
from tests.harness import TINY_CENSUS, Simulation, simulation

YEARS = (2025, 2026, 2027)


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    """Three years of sixty people, declared complete."""
    study = {
        "study": "published",
        "census": str(TINY_CENSUS),
        "years": {"start": YEARS[0], "end": YEARS[-1]},
        "scenarios": {"baseline": {}},
    }
    simulated = simulation(tmp_path_factory.mktemp("published"), study).run(tested=False)
    for year in YEARS:
        write_marker(simulated.project, year, [])
    return simulated


class Publisher:
    """Publishes the first so many years of a simulation, its tables of earlier years hidden when they must not be read."""

    def __init__(self, simulated: Simulation, folder: Path) -> None:
        self.simulated = simulated
        self.file = folder / "published.duckdb"
        self.tables = simulated.project.dbt.published

    def publish(self, years: int, **switches: bool) -> dict[str, int]:
        """Rows by table."""
        markers = [marker for year in YEARS[:years] if (marker := read_marker(self.simulated.project, year))]
        with duckdb.connect() as connection:

            def improve(database: str) -> None:
                Indexes().apply(Target(connection, database, tuple(self.tables)))

            session = YearSession(connection, self.simulated.project.lake, YEARS[years - 1], YEARS[0], cursors=2)
            return publish_warehouse(session, self.tables, markers, self.file, switches=switches, improve=improve)

    def builds_upon_the_old(self, years: int, **switches: bool) -> bool:
        """Publishes without the earlier years' files: a whole new warehouse could not be made."""
        hidden = [self.simulated.project.lake.file("fct_plan_cost", year) for year in YEARS[: years - 1]]
        for file in hidden:
            file.rename(file.with_suffix(".hidden"))
        try:
            self.publish(years, **switches)
        except duckdb.IOException:
            return False
        finally:
            for file in hidden:
                file.with_suffix(".hidden").rename(file)
        return True

    def contents(self) -> dict[str, Any]:
        """Every table's rows in their order, and the indexes."""
        with duckdb.connect(str(self.file), read_only=True) as connection:
            rows: dict[str, Any] = {
                table: connection.execute(f"from {table}").fetchall() for table in [*self.tables, "provenance"]
            }
            rows["indexes"] = connection.execute("select index_name from duckdb_indexes() order by all").fetchall()
        return rows


@pytest.fixture
def publisher(simulated: Simulation, tmp_path: Path) -> Publisher:
    return Publisher(simulated, tmp_path)


def test_year_by_year_gives_the_warehouse_of_all_years_at_once(
    publisher: Publisher, simulated: Simulation, tmp_path: Path
) -> None:
    publisher.publish(1)
    assert publisher.builds_upon_the_old(2)
    assert publisher.builds_upon_the_old(3)
    (tmp_path / "whole").mkdir()
    whole = Publisher(simulated, tmp_path / "whole")
    assert whole.publish(3) == publisher.publish(3)
    assert whole.contents() == publisher.contents()
    assert {year for year, *_ in publisher.contents()["provenance"]} == set(YEARS)


def _written_to(publisher: Publisher) -> None:
    with duckdb.connect(str(publisher.file)) as connection:
        connection.execute("delete from fct_yearly_events")


def _unsaved_work(publisher: Publisher) -> None:
    publisher.file.with_name(f"{publisher.file.name}.wal").write_bytes(b"somebody's")


def _another_file(publisher: Publisher) -> None:
    copied = publisher.file.with_name("copy")
    shutil.copyfile(publisher.file, copied)
    copied.replace(publisher.file)


def _killed_before_the_record(publisher: Publisher) -> None:
    publisher.file.with_name(f"{publisher.file.name}.json").unlink()


def _another_marker(publisher: Publisher) -> None:
    record = publisher.file.with_name(f"{publisher.file.name}.json")
    value = json.loads(record.read_text())
    value["markers"][0]["closing_hash"] = "of another run"
    record.write_text(json.dumps(value))


@pytest.mark.parametrize("spoil", [_written_to, _unsaved_work, _another_file, _killed_before_the_record, _another_marker])
def test_a_warehouse_that_is_not_as_it_was_put_there_is_not_built_upon(
    publisher: Publisher, spoil: Callable[[Publisher], None]
) -> None:
    publisher.publish(2)
    before = publisher.contents()
    spoil(publisher)
    assert not publisher.builds_upon_the_old(3)
    publisher.publish(2)
    assert publisher.contents() == before


def test_other_optimizations_make_a_whole_new_warehouse(publisher: Publisher) -> None:
    publisher.publish(2, indexes=True)
    assert not publisher.builds_upon_the_old(3, indexes=False)


def test_a_copy_that_cannot_be_used_is_made_anew(publisher: Publisher) -> None:
    """Its record says that it is as it was: a disk's error, not a person's."""
    publisher.publish(3)
    whole = publisher.contents()
    publisher.publish(2)
    with publisher.file.open("r+b") as file:
        status = publisher.file.stat()
        file.seek(8)
        file.write(b"\0" * 4096)
    record = publisher.file.with_name(f"{publisher.file.name}.json")
    value = json.loads(record.read_text())
    value["file"] = [status.st_ino, publisher.file.stat().st_size, publisher.file.stat().st_mtime_ns]
    record.write_text(json.dumps(value))
    publisher.publish(3)
    assert publisher.contents() == whole
    assert {file.name for file in publisher.file.parent.iterdir()} == {publisher.file.name, record.name}


#: What a person's program does with the warehouse before it says so and waits.
HOLDERS = {
    "reads": "duckdb.connect(file, read_only=True)",
    "has unsaved work": "duckdb.connect(file); held.execute('begin; delete from fct_yearly_events')",
    "has saved work": "duckdb.connect(file); held.execute('delete from fct_yearly_events')",
}


@contextmanager
def holder(file: Path, action: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the warehouse open."""
    program = f"import duckdb, sys; file = sys.argv[1]; held = {action}; print('held', flush=True); sys.stdin.read()"
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("ends", ["after", "killed before"])
@pytest.mark.parametrize("what", HOLDERS)
def test_whoever_holds_the_warehouse_never_stops_a_publication(publisher: Publisher, what: str, ends: str) -> None:
    """Alive all the while, or killed with its write-ahead log left behind: the new file opens, and is as it should be."""
    publisher.publish(3)
    whole = publisher.contents()
    publisher.publish(2)
    with holder(publisher.file, HOLDERS[what]) as process:
        if ends == "killed before":
            process.kill()
            process.wait()
        publisher.publish(3)
        assert publisher.contents() == whole
    assert publisher.contents() == whole, "the end of the holder changed the new warehouse"
