"""What happens by itself: the nightly schedule, the census sensor, alerts. Their ticks are evaluated as the daemon would.

Proved: a tick asks for exactly the years that a change touches, in order; it asks for nothing, and says why, when nothing
changed, while a run is at work, when the study is wrong or the census gone; a failed run reaches a web hook and a command.

The study is simulated once, without Dagster (tests/harness.py); each test changes a copy of its input files.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from planwise_assets.automation.alerts import Alert, AlertError, AlertTargets
from planwise_assets.automation.schedules import nightly_schedule
from planwise_assets.automation.sensors import SETTLE_SECONDS, census_sensor, failure_alerts_sensor
from planwise_assets.definitions import build_defs
from planwise_assets.project import Project
from planwise_assets.settings import Settings, SettingsError
from planwise_assets.year.setup.gate import first_stale_year
from tests.harness import TINY_CENSUS, share_compiled_project, simulation, with_other_code

GROWTH = {2025: 0.03, 2026: 0.02}
STUDY: dict[str, Any] = {
    "study": "nightly",
    "census": "census.csv",
    "years": {"start": 2025, "end": 2026},
    "resources": {"memory_gb": 2, "threads": 2},
    "scenarios": {"baseline": {"workforce": {"growth": GROWTH}}},
}
LONG_AGO = 1_700_000_000


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study, both of its years complete."""
    folder = tmp_path_factory.mktemp("nightly") / "study"
    folder.mkdir()
    shutil.copy(TINY_CENSUS, folder / "census.csv")
    os.utime(folder / "census.csv", (LONG_AGO, LONG_AGO))
    simulation(folder, STUDY).run(tested=False)
    share_compiled_project(folder / "home")
    return folder


@pytest.fixture
def project(simulated: Path, tmp_path: Path) -> Project:
    folder = tmp_path / "study"
    shutil.copytree(simulated, folder, symlinks=True)
    return Project.load(Settings(home=folder / "home", study_file=folder / "study.yaml"))


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.DagsterInstance]:
    """Records on disk, as ticks ask for; whoever leaves a run waiting cancels it."""
    with dg.DagsterInstance.local_temp(str(tmp_path_factory.mktemp("dagster"))) as made:
        yield made


@pytest.fixture(scope="module")
def repository(simulated: Path) -> dg.RepositoryDefinition:
    """What the code server loaded before anything changed: ticks look up job and years in it."""
    return build_defs(Settings(home=simulated / "home", study_file=simulated / "study.yaml")).get_repository_def()


def run_at_work(instance: dg.DagsterInstance) -> dg.DagsterRun:
    """A run of 2026."""
    run = dg.DagsterRun("simulate_year", status=dg.DagsterRunStatus.STARTED, tags={"dagster/partition": "2026"})
    return instance.add_run(run)


def write_study(project: Project, **changes: Any) -> None:
    project.settings.study_file.write_text(yaml.safe_dump({**STUDY, **changes}, sort_keys=False), encoding="utf-8")


def raise_somebodys_pay(project: Project, written: float = LONG_AGO + 1) -> None:
    census = project.study.census
    text = census.read_text()
    pay = text.splitlines()[1].split(",")[3]
    census.write_text(text.replace(f",{pay},", f",{float(pay) + 100:.2f},", 1))
    os.utime(census, (written, written))


def night(
    project: Project, instance: dg.DagsterInstance, repository: dg.RepositoryDefinition
) -> tuple[list[str | None], str]:
    """The years that the nightly tick asks for; why it asks for them or for nothing."""
    moment = datetime(2026, 3, 1, 3, tzinfo=UTC)
    context = dg.build_schedule_context(instance=instance, scheduled_execution_time=moment, repository_def=repository)
    return judged(nightly_schedule(project).evaluate_tick(context))


def judged(tick: Any) -> tuple[list[str | None], str]:
    if not tick.run_requests:
        return [], str(tick.skip_message)
    reasons = {request.tags["planwise/reason"] for request in tick.run_requests}
    assert len({request.run_key for request in tick.run_requests}) == len(tick.run_requests)
    return [request.partition_key for request in tick.run_requests], "".join(reasons)


# --- at night -----------------------------------------------------------------------------------------------------------


def test_nothing_changed_nothing_happens(
    project: Project, instance: dg.DagsterInstance, repository: dg.RepositoryDefinition
) -> None:
    years, why = night(project, instance, repository)
    assert years == []
    assert why == "2025-2026 are complete, and census, study and code are what they were made from."


def test_a_changed_census_touches_every_year(
    project: Project, instance: dg.DagsterInstance, repository: dg.RepositoryDefinition
) -> None:
    raise_somebodys_pay(project)
    assert night(project, instance, repository) == (
        ["2025", "2026"],
        "2025 was simulated from something else. Changed since: the census file.",
    )


def test_a_changed_setting_touches_the_years_from_its_own_on(
    project: Project, instance: dg.DagsterInstance, repository: dg.RepositoryDefinition
) -> None:
    """The definitions that are asked were loaded before the change, as a code server's are."""
    write_study(project, scenarios={"baseline": {"workforce": {"growth": {**GROWTH, 2026: 0.05}}}})
    years, why = night(project, instance, repository)
    assert years == ["2026"]
    assert "growth in 2026: 0.02 -> 0.05" in why


def test_changed_code_touches_every_year(project: Project) -> None:
    told = "2025 was simulated from something else. Changed since: the code (model fct_plan_cost)."
    assert first_stale_year(with_other_code(project, "fct_plan_cost")) == (2025, told)


def test_a_year_that_never_ended_is_simulated(
    project: Project, instance: dg.DagsterInstance, repository: dg.RepositoryDefinition
) -> None:
    project.lake.marker(2026).unlink()
    assert night(project, instance, repository) == (["2026"], "2026 has not been simulated to its end.")


def test_while_a_run_is_at_work_nothing_is_added(
    project: Project, instance: dg.DagsterInstance, repository: dg.RepositoryDefinition
) -> None:
    raise_somebodys_pay(project)
    run = run_at_work(instance)
    years, why = night(project, instance, repository)
    assert years == []
    assert why.startswith(f"Run {run.run_id} (2026) is at work or waits in the queue")
    instance.report_run_canceled(run)
    assert night(project, instance, repository)[0] == ["2025", "2026"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"years": {"start": 2025, "end": 2027}}, "The study's years are now 2025-2027, Dagster still knows 2025-2026"),
        ({"scenarios": {"baseline": {"workforce": {"grwth": 1}}}}, "The study cannot be read, so nothing was started."),
    ],
)
def test_a_study_that_cannot_run_starts_nothing(
    project: Project, instance: dg.DagsterInstance, repository: dg.RepositoryDefinition, changes: dict[str, Any], told: str
) -> None:
    write_study(project, **changes)
    years, why = night(project, instance, repository)
    assert years == []
    assert told in why


def test_the_time_is_checked() -> None:
    assert Settings.from_environment({}).nightly == "0 3 * * *"
    assert Settings.from_environment({"PLANWISE_NIGHTLY": "30 5 * * MON-FRI"}).nightly == "30 5 * * MON-FRI"
    with pytest.raises(SettingsError, match=r"PLANWISE_NIGHTLY='at three' is no time\. Give five fields"):
        Settings.from_environment({"PLANWISE_NIGHTLY": "at three"})


def test_the_time_zone_is_checked() -> None:
    assert Settings.from_environment({"PLANWISE_TIMEZONE": "America/New_York"}).timezone == "America/New_York"
    with pytest.raises(SettingsError, match="PLANWISE_TIMEZONE='Mars/Olympus' is not known"):
        Settings.from_environment({"PLANWISE_TIMEZONE": "Mars/Olympus"})


# --- when the census file changes ---------------------------------------------------------------------------------------


def watch(
    project: Project,
    instance: dg.DagsterInstance,
    repository: dg.RepositoryDefinition,
    cursor: str | None,
) -> tuple[list[str | None], str, str | None]:
    """What a tick asks for, why, and the cursor that it leaves."""
    context = dg.build_sensor_context(instance=instance, cursor=cursor, repository_def=repository)
    tick = census_sensor(project).evaluate_tick(context)
    return (*judged(tick), tick.cursor)


def test_the_census_sensor_fires_once_for_a_change(
    project: Project, instance: dg.DagsterInstance, repository: dg.RepositoryDefinition
) -> None:
    years, why, cursor = watch(project, instance, repository, None)
    assert (years, "are complete" in why) == ([], True)
    years, why, same = watch(project, instance, repository, cursor)
    assert (years, same) == ([], cursor)
    assert "has not been written" in why

    raise_somebodys_pay(project)
    years, why, changed = watch(project, instance, repository, cursor)
    assert years == ["2025", "2026"]
    assert "the census file" in why
    assert watch(project, instance, repository, changed)[0] == []


def test_a_file_written_again_with_the_same_content_is_no_change(
    project: Project, instance: dg.DagsterInstance, repository: dg.RepositoryDefinition
) -> None:
    _, _, cursor = watch(project, instance, repository, None)
    os.utime(project.study.census, (LONG_AGO + 5, LONG_AGO + 5))
    years, why, moved = watch(project, instance, repository, cursor)
    assert (years, "are complete" in why) == ([], True)
    assert moved != cursor


def test_a_file_that_is_still_written_is_left_alone(
    project: Project, instance: dg.DagsterInstance, repository: dg.RepositoryDefinition
) -> None:
    _, _, cursor = watch(project, instance, repository, None)
    raise_somebodys_pay(project, written=datetime.now(UTC).timestamp())
    years, why, kept = watch(project, instance, repository, cursor)
    assert (years, kept) == ([], cursor)
    assert "waiting until it is whole" in why
    os.utime(project.study.census, (LONG_AGO + 9, datetime.now(UTC).timestamp() - SETTLE_SECONDS - 1))
    assert watch(project, instance, repository, kept)[0] == ["2025", "2026"]


def test_a_change_while_a_run_is_at_work_is_not_forgotten(
    project: Project, instance: dg.DagsterInstance, repository: dg.RepositoryDefinition
) -> None:
    _, _, cursor = watch(project, instance, repository, None)
    raise_somebodys_pay(project)
    run = run_at_work(instance)
    years, why, kept = watch(project, instance, repository, cursor)
    assert (years, kept) == ([], cursor)
    assert "is at work or waits" in why
    instance.report_run_canceled(run)
    assert watch(project, instance, repository, kept)[0] == ["2025", "2026"]


def test_a_census_that_is_gone_is_named(
    project: Project, instance: dg.DagsterInstance, repository: dg.RepositoryDefinition
) -> None:
    project.study.census.unlink()
    assert "no such file" in watch(project, instance, repository, None)[1]
    assert "cannot be read: No such file" in night(project, instance, repository)[1]


# --- when a run fails ---------------------------------------------------------------------------------------------------


@contextmanager
def listener(status: int = 200) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A web server on this machine, and what is posted to it."""
    posted: list[dict[str, Any]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Hook)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/secret", posted
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_failed_run_reaches_hook_and_command(project: Project, instance: dg.DagsterInstance, tmp_path: Path) -> None:
    """A real failed run: one step, whose message is what the gate would say."""
    told = "2026 cannot start. 2025 has not been simulated to its end."

    @dg.op
    def year_setup() -> None:
        raise dg.Failure(told, allow_retries=False)

    @dg.job
    def simulate_year() -> None:
        year_setup()

    tags = {"dagster/partition": "2026"}
    failed = simulate_year.execute_in_process(instance=instance, raise_on_error=False, tags=tags)
    letter = tmp_path / "letter.txt"
    command = f"{sys.executable} -c 'import sys; open(sys.argv[1], \"w\").write(sys.stdin.read())' {letter}"
    with listener() as (address, posted):
        targets = AlertTargets(webhook=address, command=command, ui_address="https://planwise.example/")
        context = dg.build_run_status_sensor_context(
            sensor_name="failure_alerts",
            dagster_instance=instance,
            dagster_run=failed.dagster_run,
            dagster_event=failed.get_run_failure_event(),
        ).for_run_failure()
        failure_alerts_sensor(project, targets)(context)
    page = f"https://planwise.example/runs/{failed.run_id}"
    text = f"PlanWise, study nightly: 2026 failed. {told} {page}"
    assert letter.read_text() == text + "\n"
    assert posted == [
        {"text": text, "study": "nightly", "year": "2026", "run_id": failed.run_id, "reason": told, "address": page}
    ]


def test_alerts_are_on_where_there_is_somebody_to_tell(project: Project) -> None:
    nobody, somebody = AlertTargets(), AlertTargets(command="true")
    assert failure_alerts_sensor(project, nobody).default_status is dg.DefaultSensorStatus.STOPPED
    assert failure_alerts_sensor(project, somebody).default_status is dg.DefaultSensorStatus.RUNNING
    assert nightly_schedule(project).default_status is dg.DefaultScheduleStatus.STOPPED
    assert census_sensor(project).default_status is dg.DefaultSensorStatus.STOPPED


def test_who_cannot_be_told_is_named_and_the_other_still_told(tmp_path: Path) -> None:
    alert = Alert("text", "nightly", "2026", "run", "reason", "address")
    letter = tmp_path / "letter"
    with listener(status=503) as (address, posted), pytest.raises(AlertError) as raised:
        AlertTargets(webhook=address, command=f"tee {letter}").send(alert)
    assert "PLANWISE_ALERT_WEBHOOK did not take the alert: HTTP Error 503" in str(raised.value)
    assert "secret" not in str(raised.value)
    assert (len(posted), letter.read_text()) == (1, "text\n")
    with pytest.raises(AlertError, match=r"PLANWISE_ALERT_COMMAND \(ls\) ended with 2"):
        AlertTargets(command="ls /no/such/file").send(alert)


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"PLANWISE_ALERT_WEBHOOK": "file:///etc/passwd"}, "must be an address that begins with https://"),
        ({"PLANWISE_ALERT_COMMAND": "mail -s 'PlanWise me"}, "cannot be split into words"),
    ],
)
def test_targets_that_cannot_be_are_refused(environment: dict[str, str], told: str) -> None:
    with pytest.raises(AlertError, match=told):
        AlertTargets.from_environment(environment)
