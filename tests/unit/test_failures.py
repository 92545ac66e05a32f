"""Failures told apart, work that is stopped, breakers, operations that run alone. Real DuckDB, real locks."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from planwise_assets.commands.doctor import print_diagnosis, reset_breaker
from planwise_assets.settings import PROJECT_ROOT, Settings
from planwise_assets.study.file.load import load_study
from planwise_assets.year.breaker import study_breaker
from planwise_assets.year.recovery import batch_size, final_failures
from resources.process.breaker import COOL_DOWN_RUNS, FAILURES_TO_OPEN, Breaker
from resources.process.failures import (
    EngineError,
    ModelError,
    ShortageError,
    StepTimeoutError,
    Work,
    engine_faults,
    failure_of,
)

#: Takes hours unless it is interrupted.
ENDLESS = "select count(*) from range(1000000) a, range(1000000) b where a.range + b.range < 0"
FIRST_SIGN_SECONDS = 30


def test_a_step_past_its_timeout_is_ended_on_all_its_cursors_and_names_them() -> None:
    """Interrupting the connection alone would leave both queries at work."""
    work, connection = Work(), duckdb.connect(config={"threads": 1})
    errors: list[Exception] = []

    def endless(name: str, cursor: duckdb.DuckDBPyConnection) -> None:
        try:
            with work.of(name, cursor.interrupt):
                cursor.execute(ENDLESS)
        except duckdb.Error as error:
            errors.append(error)

    threads = [threading.Thread(target=endless, args=(n, connection.cursor()), daemon=True) for n in ("int_a", "int_b")]

    def step() -> None:
        with work.until(0.6, "foundation"), work.of("foundation", connection.interrupt):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(FIRST_SIGN_SECONDS)
            raise RuntimeError("what the stop caused")

    with pytest.raises(StepTimeoutError, match=r"Step foundation .* 0\.01 minutes.* At work: int_a, int_b"):
        step()
    assert [type(error) for error in errors] == [duckdb.InterruptException] * 2
    assert work.names() == []


def test_an_error_in_time_is_left_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError), Work().until(60, "step"):
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("sql", "kind"),
    [("select no_such_column", ModelError), ("select 'x'::int", ModelError), ("from '/no/such.parquet'", ShortageError)],
)
def test_failures_are_told_apart(sql: str, kind: type[Exception]) -> None:
    with pytest.raises(duckdb.Error) as caught:
        duckdb.connect().execute(sql)
    assert type(failure_of("Model m failed", caught.value)) is kind


def test_only_the_engines_own_failure_is_an_engine_error() -> None:
    with pytest.raises(EngineError, match="KeyError"), engine_faults(Work()):
        raise KeyError("relation")
    for error in (ModelError("sql"), ShortageError("disk")):
        with pytest.raises(type(error)), engine_faults(Work()):
            raise error


def test_what_trying_again_cannot_mend_is_not_tried_again() -> None:
    with pytest.raises(dg.Failure) as caught, final_failures():
        raise ModelError("Model m failed")
    assert not caught.value.allow_retries
    assert caught.value.description == "Model m failed"
    with pytest.raises(ShortageError), final_failures():
        raise ShortageError("disk")


def test_each_try_takes_a_quarter() -> None:
    assert [batch_size(200_000, attempt) for attempt in range(3)] == [200_000, 50_000, 12_500]
    assert batch_size(1, 2) == 1


def test_a_breaker_opens_after_three_failures_cools_down_in_runs_and_closes(tmp_path: Path) -> None:
    breaker, component = Breaker(tmp_path / "breaker.json"), "engine:hazards"
    for _ in range(FAILURES_TO_OPEN - 1):
        breaker.failed(component, "reason")
    assert breaker.allows(component)
    breaker.failed(component, "reason")
    for _ in range(COOL_DOWN_RUNS):
        breaker.begin_run()
        assert not breaker.allows(component)
        assert breaker.allows("engine:foundation")
    breaker.begin_run()
    assert breaker.circuits()[component].state == "half_open"
    breaker.failed(component, "still")
    assert not breaker.allows(component)
    for _ in range(COOL_DOWN_RUNS + 1):
        breaker.begin_run()
    breaker.succeeded(component)
    assert breaker.circuits() == {}


def test_a_success_between_failures_starts_the_count_anew(tmp_path: Path) -> None:
    breaker = Breaker(tmp_path / "breaker.json")
    for _ in range(FAILURES_TO_OPEN):
        breaker.failed("engine:hazards", "reason")
        breaker.succeeded("engine:hazards")
    assert breaker.allows("engine:hazards")


def test_the_doctor_shows_what_is_open_and_closes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(home=tmp_path, study_file=PROJECT_ROOT / "studies" / "tiny.yaml")
    study = load_study(settings.study_file)
    breaker = study_breaker(settings, "tiny")
    for _ in range(FAILURES_TO_OPEN):
        breaker.failed("engine:hazards", "the reason")
    (settings.temporary("tiny") / "spill_x").mkdir(parents=True)
    assert print_diagnosis(settings, study)
    reset_breaker(settings, study)
    assert print_diagnosis(settings, study)
    said = capsys.readouterr().out
    assert not re.search(r"[\u2500-\u257f]", said)
    for words in ("engine:hazards", "the reason", "spill_x", "planwise doctor --reset", "all closed", "DAGSTER_HOME"):
        assert words in said
    assert breaker.circuits() == {}


ALONE = """
import sys
from pathlib import Path
from resources.process.locks import operation_place
with operation_place(Path(sys.argv[1]), "tiny", is_alone=sys.argv[2] == "alone"):
    print("in", flush=True)
    sys.stdin.read()
"""


def test_an_operation_alone_waits_for_the_others_and_they_for_it(tmp_path: Path) -> None:
    def start(how: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", ALONE, str(tmp_path), how], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def is_in(process: subprocess.Popen[str]) -> bool:
        assert process.stdout is not None
        return process.stdout.readline().strip() == "in"

    first, second = start("beside"), start("beside")
    assert is_in(first)
    assert is_in(second)
    alone = start("alone")
    first.kill()
    with pytest.raises(subprocess.TimeoutExpired):
        alone.wait(timeout=0.5)
    held = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    inode = (tmp_path / "tiny.operations").stat().st_ino
    assert [line[3] for line in held if line[1] == "FLOCK" and line[5].endswith(f":{inode}")] == ["READ"]
    second.kill()
    assert is_in(alone)
    for process in (first, second, alone):
        process.kill()
        process.communicate()
