"""`planwise ui`: one line once the servers answer, one sentence where they do not start, and no server left behind."""

from __future__ import annotations

import signal
import socket
import subprocess
import urllib.request
from pathlib import Path

import pytest

from tests.e2e.dagster_ui import wait_for
from tests.e2e.installation import Installation, command, installation

STUDY = {"study": "shown", "census": "census.csv", "years": {"start": 2025, "end": 2026}, "scenarios": {"baseline": {}}}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return installation(tmp_path_factory.mktemp("shown") / "study", STUDY)


def _listens_to_ctrl_c() -> None:
    # A shell that starts tests in the background makes its children ignore it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def started(made: Installation, port: int, **variables: str) -> subprocess.Popen[str]:
    environment = {**made.environment(executor="in_process", has_dagster_home=False), **variables}
    return subprocess.Popen(
        [command("planwise"), "ui", "--port", str(port)],
        env=environment,
        cwd=made.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_listens_to_ctrl_c,  # noqa: PLW1509 - no thread of the tests holds a lock that it would want
    )


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/server_info", timeout=5):
            return True
    except OSError:
        return False


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_one_line_says_where_and_what_to_open_and_nothing_stays(how: signal.Signals, made: Installation) -> None:
    port = free_port()
    process = started(made, port)
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.communicate()
    assert f"http://127.0.0.1:{port} is ready; open first: Catalog > warehouse > Partitions > 2026 > overview." in line
    assert answers(port)
    process.send_signal(how)
    rest, _ = process.communicate(timeout=120)
    assert not rest
    wait_for(lambda: not answers(port), 60, "the end of the servers")


def test_a_port_that_is_taken_and_servers_that_do_not_start_are_one_sentence(made: Installation, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = int(taken.getsockname()[1])
        process = started(made, port)
        _, said = process.communicate(timeout=120)
    assert (process.returncode, said) == (2, f"Port {port} is taken by another program: planwise ui --port {port + 1}\n")
    # A dagster.yaml that a person has spoiled after the home was made.
    home = tmp_path / "dagster"
    home.mkdir()
    process = started(made, free_port(), DAGSTER_HOME=str(home))
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=120)
    (home / "dagster.yaml").write_text("run_storage: {module: nowhere, class: Nothing}\n", encoding="utf-8")
    (home / "planwise_shown.limit").touch()
    process = started(made, free_port(), DAGSTER_HOME=str(home))
    _, said = process.communicate(timeout=120)
    assert process.returncode == 1, said
    assert said.splitlines()[-1].startswith("The Dagster UI did not start: "), said
    assert "Traceback" not in said
    assert Path(said.rsplit("Log: ", 1)[1].strip()).exists()
