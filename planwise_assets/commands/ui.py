"""`planwise ui`: Dagster's web server and daemon, ready to launch years.

Belongs here: the command, and waiting until the servers answer. Does not: what the UI shows (planwise_assets/ui/).
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Annotated

import typer

from planwise_assets.commands.shared.console import Exit, fail, note, say
from planwise_assets.commands.shared.options import start
from planwise_assets.settings import PROJECT_ROOT
from resources.dbt.compiled import DbtProjectError, cached_project, compiled_project

_HOST = "127.0.0.1"
_SAY_AGAIN_SECONDS = 60
_SET_PARENT_DEATH_SIGNAL = 1


def ui(port: Annotated[int, typer.Option(help="Port on the loopback interface.")] = 3000) -> None:
    """Starts the Dagster UI and daemon, ready to launch years, and says where once they answer.

    Try:

        planwise ui --port 3001
    """
    settings, study = start()
    if _is_taken(port):
        fail(f"Port {port} is taken by another program: planwise ui --port {port + 1}")
    # The servers have a limit for their start, and compiling on a busy machine has taken all of it.
    try:
        if cached_project(settings.dbt_project, settings.dbt_cache) is None:
            note("Compiling the models, once: about 20 s, longer on a busy machine.")
            compiled_project(settings.dbt_project, settings.dbt_cache)
    except DbtProjectError as error:
        fail(str(error), Exit.FAILED)
    log = settings.home / "logs" / f"{study.study}_ui.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "PLANWISE_STUDY": str(settings.study_file), "PLANWISE_HOME": str(settings.home)}
    dagster = str(Path(sys.executable).with_name("dagster"))
    command = [dagster, "dev", "-w", "workspace.yaml", "-h", _HOST, "-p", str(port)]
    with (
        log.open("w", encoding="utf-8") as said,
        subprocess.Popen(
            command,
            cwd=PROJECT_ROOT,
            env=environment,
            stdout=said,
            stderr=subprocess.STDOUT,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - no thread is at work here
        ) as servers,
    ):
        # Whatever stops this command stops Dagster.
        signal.signal(signal.SIGTERM, lambda *_: servers.terminate())
        try:
            _wait_for(servers, port, log)
            first = f"Catalog > warehouse > Partitions > {study.years.end} > overview"
            say(f"http://{_HOST}:{port} is ready; open first: {first}. Ctrl+C ends it. Log: {log}")
            servers.wait()
        except KeyboardInterrupt:
            _end(servers)


def _end(servers: subprocess.Popen[bytes]) -> None:
    """Ends the servers after an interrupt: at a terminal it has reached them too, else it is passed on."""
    try:
        servers.wait(timeout=1)
    except subprocess.TimeoutExpired:
        servers.send_signal(signal.SIGINT)
        servers.wait()


def _wait_for(servers: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Waits until the web server answers; ends the command in a sentence if it never will."""
    begun = said = time.monotonic()
    while True:
        if servers.poll() is not None:
            fail(f"The Dagster UI did not start: {_last_words(log)} Log: {log}", Exit.FAILED)
        try:
            with urllib.request.urlopen(f"http://{_HOST}:{port}/server_info", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
        if time.monotonic() - said > _SAY_AGAIN_SECONDS:
            said = time.monotonic()
            note(f"Still starting after {said - begun:.0f} s: Dagster is loading the study. Log: {log}")


def _last_words(log: Path) -> str:
    """The last line of a log that says something, without what comes before the message of an exception."""
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return f"{lines[-1].rstrip('.')}." if lines else "it said nothing."


def _is_taken(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((_HOST, port))
        except OSError:
            return True
    return False


def _end_with_parent() -> None:
    """Asks Linux to end this process when the command that started it dies, even by SIGKILL."""
    ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
