"""What follows from the records of a year: each suggestion from a figure, and from no figure no suggestion."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import duckdb
import pytest

from planwise_assets.commands.performance import show_performance
from planwise_assets.year.analysis import suggestions
from planwise_assets.year.analysis.history import PastYear, read_history, remember, usual_seconds
from planwise_assets.year.analysis.profiles import Profile, read_profile
from planwise_assets.year.analysis.rendering import markdown_tables, timeline
from planwise_assets.year.analysis.summary import past_year, performance_file, summarize
from resources.duckdb.profiles import profiled
from resources.files import write_json
from resources.process.metrics import EventRecord, ModelRecord, PerformanceFolder, StepRecord


def record(step: str, started: float = 0.0, seconds: float = 10.0, **more: Any) -> StepRecord:
    return StepRecord(
        step=step,
        year=2025,
        run_id="run",
        started=1000 + started,
        ended=1000 + started + seconds,
        wall_seconds=seconds,
        **{"status": "success", "executor": "multiprocess", "engine": "optimized", "people": 100, **more},
    )


def model(name: str, seconds: float, rows: int = 10, started: float = 1000.0) -> ModelRecord:
    return ModelRecord(name=name, started=started, seconds=seconds, rows=rows, bytes=100)


def kinds(found: list[suggestions.Suggestion]) -> list[tuple[str, str]]:
    return [(suggestion.kind, suggestion.subject) for suggestion in found]


def profile_of(tmp_path: Path, sql: str) -> Profile:
    with duckdb.connect(config={"threads": 2}) as connection, profiled(connection, tmp_path / "profile.json"):
        connection.execute(sql).fetchall()
    profile = read_profile(tmp_path / "profile.json")
    assert profile is not None
    return profile


# --- profiles ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("select count(*) from range(20000) a(x), range(20000) b(y) where x < y", "join"),
        ("select i % 100000, count(*), sum(i), list(i) from t group by 1 order by 2 limit 1", "aggregate"),
        ("select max(r) from (select row_number() over (partition by i % 7 order by hash(i)) as r from t)", "window"),
        ("select max(x) from (select * from (select hash(i) as x, i from t) order by x, i offset 5)", "sort"),
    ],
)
def test_a_profile_says_what_dominates(tmp_path: Path, sql: str, kind: str) -> None:
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute("create table t as select range as i from range(2000000)")
        with profiled(connection, tmp_path / "profile.json"):
            connection.execute(sql).fetchall()
    profile = read_profile(tmp_path / "profile.json")
    assert profile is not None
    assert profile.dominant[0] == kind, profile.by_kind
    assert sum(profile.by_kind.values()) == pytest.approx(profile.cpu)


def test_a_profile_belongs_to_its_statement(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        with profiled(connection, tmp_path / "profile.json"):
            connection.execute("select 1").fetchall()
        kept = (tmp_path / "profile.json").read_bytes()
        connection.execute("select 2").fetchall()
    assert (tmp_path / "profile.json").read_bytes() == kept


def test_what_is_no_profile_is_none(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{")
    assert read_profile(tmp_path / "broken.json") is None
    assert read_profile(None) is None


# --- suggestions ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("order", "expected"), [("hash(i)", [("sort_key", "m")]), ("level", [])])
def test_a_sort_key_is_suggested_where_it_would_prune(tmp_path: Path, order: str, expected: list[tuple[str, str]]) -> None:
    """One level of a hundred is wanted: of a file in another order every row group is read, of one in its order one."""
    file = tmp_path / "people.parquet"
    duckdb.execute(
        f"copy (select i, (i % 100)::integer as level, md5(i::varchar) as text from range(1000000) t(i) "
        f"order by {order}, i) to '{file}' (format parquet, row_group_size 50000)"
    )
    query = f"select max(text) from read_parquet('{file}', hive_partitioning = false) where level = 7"
    found = suggestions.sort_key("m", profile_of(tmp_path, query), lambda _: 1_000_000)
    assert kinds(found) == expected
    if found:
        assert "20 of 20 row groups of people read for 10,000 of 1,000,000 rows" in found[0].figure


def test_no_sort_key_where_most_rows_are_wanted(tmp_path: Path) -> None:
    file = tmp_path / "people.parquet"
    duckdb.execute(f"copy (select range as i from range(500000)) to '{file}' (format parquet, row_group_size 50000)")
    query = f"select sum(i) from read_parquet('{file}', hive_partitioning = false) where i % 2 = 0"
    assert suggestions.sort_key("m", profile_of(tmp_path, query), lambda _: 500_000) == []


def test_spilling_asks_for_a_smaller_batch_or_more_memory() -> None:
    batch = EventRecord(kind="batch", text="2 batches", at=0.0)
    (batched,) = suggestions.spill(record("plan_enrollments", spilled_bytes=5_000_000, memory_gb=1.0, events=[batch]))
    assert "batch_size" in batched.text
    assert batched.figure == "5.0 MB on disk with 1 GB of memory"
    (alone,) = suggestions.spill(record("final_output", spilled_bytes=5_000_000))
    assert "memory_gb" in alone.text
    assert suggestions.spill(record("final_output")) == []


def test_a_step_that_waits_is_named_and_one_that_starts_at_once_is_not() -> None:
    before = record("year_setup", seconds=2)
    late, beside = record("foundation", started=7), record("hazards", started=2, seconds=5)
    (found,) = suggestions.wait(late, [before], [before, beside, late], 20)
    assert found.figure == "ready 5.0 s before it started, in a year of 20.0 s; hazards at work meanwhile"
    assert "slot" in found.text
    (found,) = suggestions.wait(late, [before], [before, late], 20)
    assert "nothing at work meanwhile" in found.figure
    assert "in_process" in found.text
    assert suggestions.wait(record("foundation", started=2.1), [before], [before, beside], 20) == []
    assert suggestions.wait(record("foundation", started=7, executor="in_process"), [before], [before], 20) == []
    assert suggestions.wait(record("year_setup", started=7), [], [before], 20) == []


def test_threads_that_do_not_pay() -> None:
    (found,) = suggestions.threads(record("hazards", threads=4, cpu_seconds=10.5))
    assert "1.05 of 4 threads busy" in found.figure
    assert suggestions.threads(record("hazards", threads=4, cpu_seconds=35.0)) == []
    assert suggestions.threads(record("hazards", threads=1, cpu_seconds=10.0)) == []
    assert suggestions.threads(record("hazards", threads=4, seconds=0.2, cpu_seconds=0.2)) == []


def test_a_step_that_is_slower_than_usual() -> None:
    (found,) = suggestions.slower(record("hazards", seconds=10), {"hazards": 5.0})
    assert found.figure == "10.0 s, 2.0 times the earlier median of 5.0 s"
    assert suggestions.slower(record("hazards", seconds=7), {"hazards": 5.0}) == []
    assert suggestions.slower(record("hazards", seconds=10), {}) == []
    assert suggestions.slower(record("hazards", seconds=0.3), {"hazards": 0.1}) == []


# --- history -------------------------------------------------------------------------------------------------------


def past(run: str, seconds: float, people: int = 100, **more: Any) -> PastYear:
    known = {"year": 2025, "engine": "optimized", "executor": "multiprocess", **more}
    return PastYear(run_id=run, people=people, seconds={"hazards": seconds}, **known)


def test_what_is_usual_is_the_median_of_comparable_years(tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    for number, seconds in enumerate((1.0, 2.0, 9.0)):
        remember(file, past(f"r{number}", seconds))
    remember(file, past("bigger", 50.0, people=1000))
    remember(file, past("other engine", 50.0, engine="standard"))
    remember(file, past("other executor", 50.0, executor="in_process"))
    file.write_text(file.read_text() + "broken\n")
    assert usual_seconds(read_history(file), past("now", 3.0)) == {"hazards": 2.0}
    assert usual_seconds(read_history(file), past("r0", 3.0)) == {}  # two others are too few


def test_a_year_is_remembered_once_a_run(tmp_path: Path) -> None:
    file = tmp_path / "history.jsonl"
    remember(file, past("a", 1.0))
    remember(file, past("a", 2.0))
    remember(file, past("a", 3.0, year=2026))
    assert [(y.year, y.seconds["hazards"]) for y in read_history(file)] == [(2025, 2.0), (2026, 3.0)]


# --- the year ------------------------------------------------------------------------------------------------------


def the_year() -> list[StepRecord]:
    return [
        record("year_setup", 0, 1, samples=[(0.0, 100.0, 2)], models=[model("year_context", 0.1, rows=1)]),
        record(
            "foundation",
            1,
            4,
            samples=[(0.0, 200.0, 2), (2.0, 400.0, 2)],
            models=[model("int_opening_workforce", 3.0, rows=50)],
        ),
        record("hazards", 1, 2, samples=[(0.0, 150.0, 2)], models=[model("dim_hazards", 0.5, rows=30)]),
        record("event_generation", 5, 3, attempt=0, status="failure", error="ModelError: no"),
        record("event_generation", 8, 2, attempt=1, models=[model("int_raise_events", 1.0, rows=19)]),
    ]


def test_the_totals_of_a_year() -> None:
    year = summarize(the_year(), {}, {})
    assert year.totals["wall_seconds"] == 10.0
    assert year.totals["work_seconds"] == 12.0
    assert year.totals["rows"] == 100
    assert year.totals["rows_per_second"] == 10
    assert year.totals["success_rate"] == 0.8
    assert year.totals["peak_memory_mb"] == 550.0  # foundation's second sample comes as hazards ends
    assert [row["model"] for row in year.models] == [
        "int_opening_workforce",
        "int_raise_events",
        "dim_hazards",
        "year_context",
    ]
    assert past_year(the_year()).seconds == {"year_setup": 1, "foundation": 4, "hazards": 2, "event_generation": 2}


def test_the_efficiency_of_a_parallel_phase_is_work_over_wall_times_slots() -> None:
    (phase,) = summarize(the_year(), {}, {}).phases
    assert phase == {"phase": "foundation + hazards", "work": 6.0, "seconds": 4.0, "slots": 2, "efficiency": 0.75}


def test_tables_and_plot_show_every_step(tmp_path: Path) -> None:
    year = summarize(the_year(), {"event_generation": {"foundation"}}, {"foundation": 1.0})
    tables = markdown_tables(year)
    assert tables["slowest models"].splitlines()[2].startswith("| int_opening_workforce | foundation | 3.00 |")
    assert "| slower | foundation | 4.0 s, 4.0 times the earlier median of 1.0 s |" in tables["suggestions"]
    assert tables["optimizations"] == "none"
    picture = timeline(year).split("base64,")[1].rstrip(")")
    root = ElementTree.fromstring(base64.b64decode(picture))  # noqa: S314 - our own
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert [row["step"] for row in year.steps] == texts[: len(year.steps)]


def test_the_command_shows_what_was_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = PerformanceFolder(tmp_path)
    assert not show_performance(folder, [2025], as_json=False)
    write_json(performance_file(folder, 2025), summarize(the_year(), {}, {}).model_dump(mode="json"))
    assert show_performance(folder, [2025, 2026], as_json=False)
    said = capsys.readouterr().out
    assert "2025: 10.00 s wall" in said
    assert not re.search(r"[\u2500-\u257f]", said)
    assert show_performance(folder, [2025], as_json=True)
    assert '"wall_seconds": 10.0' in capsys.readouterr().out
