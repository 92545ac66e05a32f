"""PlanWise as a server: the services of docker/compose.yaml, their database, a daemon that is restarted in mid-backfill.

Proved: init migrates an empty database and may run again; a backfill from the command line goes on where it was when the
daemon comes back, every year once and in order, with the results that the study gives without Dagster; the health checks of
the compose file say so when a service is well and when it is not; the compose file gives each service what it needs.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from planwise_assets.settings import PROJECT_ROOT
from tests.e2e.dagster_ui import wait_for
from tests.e2e.server import Server, postgresql_programs, server
from tests.harness import SHARED_DBT_CACHE

pytestmark = pytest.mark.e2e

YEARS = [2025, 2026]
STUDY: dict[str, Any] = {
    "study": "server",
    "census": "census.csv",
    "years": {"start": YEARS[0], "end": YEARS[-1]},
    "resources": {"memory_gb": 2, "threads": 2},
    "scenarios": {"baseline": {}},
}
PATIENCE_SECONDS = 600.0
COMPOSE = yaml.safe_load((PROJECT_ROOT / "docker" / "compose.yaml").read_text(encoding="utf-8"))
RUNS = "{ runsOrError { ... on Runs { results { runId status creationTime tags { key value } } } } }"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with server(tmp_path_factory.mktemp("server") / "study", STUDY) as started:
        yield started


def runs(running: Server) -> list[tuple[str, str]]:
    """Year and status of every run, the oldest first."""
    found = running.ui.ask(RUNS)["runsOrError"]["results"]
    tags = [({tag["key"]: tag["value"] for tag in run["tags"]}, run) for run in found]
    return [(tag["dagster/partition"], run["status"]) for tag, run in sorted(tags, key=lambda pair: pair[1]["creationTime"])]


def healthy(running: Server, service: str) -> bool:
    """The health check that the compose file has for a service, run here."""
    kind, *words = COMPOSE["services"][service]["healthcheck"]["test"]
    assert kind == "CMD"
    ports = {"4000": running.environment["PLANWISE_CODE_PORT"], ":3000": f":{running.environment['PLANWISE_UI_PORT']}"}
    words = [re.sub(r"4000|:3000", lambda match: ports[match[0]], word) for word in words]
    done = subprocess.run(words, env=dict(running.environment), cwd=PROJECT_ROOT, capture_output=True, check=False)
    return done.returncode == 0


def test_a_backfill_goes_on_when_the_daemon_comes_back(running: Server, tmp_path: Path) -> None:
    asked = subprocess.run(
        ["dagster", "job", "backfill", "-w", "docker/workspace.yaml", "-j", "simulate_year", "--all", "_all", "--noprompt"],
        env=dict(running.environment),
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    launched = re.search(r"Launched backfill job `(\w+)`", asked.stdout)
    assert launched, asked.stdout + asked.stderr
    wait_for(lambda: ("2025", "STARTED") in runs(running), PATIENCE_SECONDS, "the first year")

    running.stop("daemon")
    wait_for(lambda: ("2025", "SUCCESS") in runs(running), PATIENCE_SECONDS, "the first year, without a daemon")
    waiting = runs(running)[1:]
    assert {status for _, status in waiting} <= {"QUEUED"}, "without a daemon no further year starts"
    running.start("daemon")

    # A job backfill counts as completed once its runs are in the queue.
    assert running.ui.wait_for_backfill(launched[1], PATIENCE_SECONDS).startswith("COMPLETED"), running.log.read_text()
    done = [(str(year), "SUCCESS") for year in YEARS]
    wait_for(lambda: runs(running) == done, PATIENCE_SECONDS, "every year once and in order")
    assert running.made.results() == running.made.undisturbed(tmp_path / "undisturbed")


def test_the_record_is_in_the_database(running: Server) -> None:
    """Where there is one: nothing of Dagster's record is a file then."""
    files = {file.suffix for file in running.made.dagster_home.rglob("*") if file.is_file()}
    assert (".db" in files) is (postgresql_programs() is None)


def test_the_health_checks_tell_well_from_ill(running: Server) -> None:
    assert [service for service in ("code", "webserver", "daemon") if not healthy(running, service)] == []
    running.stop("webserver")
    assert not healthy(running, "webserver")
    running.start("webserver")
    wait_for(lambda: healthy(running, "webserver"), PATIENCE_SECONDS, "the web server again")


def test_init_may_run_again(running: Server) -> None:
    running.start("init")
    assert running.processes.pop("init").wait(timeout=PATIENCE_SECONDS) == 0, running.log.read_text()
    assert len(runs(running)) == len(YEARS)


# --- the compose file itself --------------------------------------------------------------------------------------------


def test_every_service_has_limits_and_a_way_back() -> None:
    for name, service in COMPOSE["services"].items():
        assert service["mem_limit"], name
        assert service["restart"] in ("unless-stopped", "on-failure:5"), name
        assert ("healthcheck" in service) is (name != "init"), name
        assert ":latest" not in service["image"], name
        assert ":" in service["image"], name


def test_each_service_starts_after_what_it_needs() -> None:
    waits = {name: service.get("depends_on", {}) for name, service in COMPOSE["services"].items()}
    assert waits == {
        "database": {},
        "init": {"database": {"condition": "service_healthy"}},
        "code": {"init": {"condition": "service_completed_successfully"}},
        "webserver": {"code": {"condition": "service_healthy"}},
        "daemon": {"code": {"condition": "service_healthy"}},
    }


def test_compose_sets_every_variable_that_the_configuration_asks_for() -> None:
    asked = set()
    for name in ("dagster.yaml", "workspace.yaml"):
        asked |= set(re.findall(r"env: (\w+)", (PROJECT_ROOT / "docker" / name).read_text(encoding="utf-8")))
    assert asked == {name for name in asked if name.startswith(("PLANWISE_", "DAGSTER_HOME"))}
    for name in ("init", "code", "webserver", "daemon"):
        assert asked <= COMPOSE["services"][name]["environment"].keys(), name


def test_the_entry_point_knows_every_command() -> None:
    script = (PROJECT_ROOT / "docker" / "entrypoint.sh").read_text(encoding="utf-8")
    commands = {word for service in COMPOSE["services"].values() for word in service.get("command", [])}
    assert commands == set(re.findall(r"^(\w+)\)", script, re.MULTILINE))
    refused = subprocess.run([PROJECT_ROOT / "docker" / "entrypoint.sh"], capture_output=True, text=True, check=False)
    assert (refused.returncode, "init, code, webserver or daemon" in refused.stderr) == (2, True)


def test_the_images_command_compiles_the_project() -> None:
    """The line of the Dockerfile, with this project's cache in place of the image's."""
    text = (PROJECT_ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8")
    found = re.search(r"RUN \.venv/bin/python (-m resources\.dbt\.compiled dbt_project) compiled", text)
    assert found
    # A relative path, as the image has: dbt works in the project's folder, and would take it from there.
    words = [sys.executable, *found[1].split(), os.path.relpath(SHARED_DBT_CACHE, PROJECT_ROOT)]
    printed = Path(subprocess.run(words, cwd=PROJECT_ROOT, capture_output=True, text=True, check=True).stdout.strip())
    assert (printed.is_absolute(), (printed / "manifest.json").is_file()) == (True, True)


def test_the_image_is_built_from_files_that_exist_and_runs_as_nobody_special() -> None:
    lines = (PROJECT_ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copied = [word for line in lines if line.startswith("COPY ") and "--from" not in line for word in line.split()[1:-1]]
    assert [name for name in copied if not (PROJECT_ROOT / name).exists()] == []
    assert [line for line in lines if line.startswith("USER ")] == ["USER 10001:10001"]
    assert all(
        re.fullmatch(r"FROM python:\d+\.\d+\.\d+-slim-\w+( AS build)?", line) for line in lines if line[:5] == "FROM "
    )
