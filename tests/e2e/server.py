"""A server without containers: the processes of docker/compose.yaml, by the same entry point, on this machine.

Belongs here: starting and ending PostgreSQL and the four services. Does not: what is proved with them (test_server.py).
Where no PostgreSQL is installed (`.ci/run` installs it where it may), the same processes keep Dagster's record in SQLite,
which the image does too when no database is named.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from planwise_assets.settings import PROJECT_ROOT
from tests.e2e.dagster_ui import DagsterUi, wait_for
from tests.e2e.installation import Installation, installation

_START_SECONDS = 180.0
_STOP_SECONDS = 30.0
_ENTRY_POINT = PROJECT_ROOT / "docker" / "entrypoint.sh"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def postgresql_programs() -> Path | None:
    """The folder of PostgreSQL's programs, if this machine has them."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return folders[-1] if folders else None


@contextmanager
def postgresql() -> Iterator[dict[str, str]]:
    """A new database server, as the variables that docker/dagster.yaml asks for; none without PostgreSQL."""
    programs = postgresql_programs()
    if programs is None:
        yield {}
        return
    # PostgreSQL refuses to run as root, and its user cannot look into pytest's folders.
    user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
    folder = Path(tempfile.mkdtemp(prefix="planwise_db_"))
    shutil.chown(folder, user)
    port = free_port()
    as_user: dict[str, Any] = {}
    if os.getuid() == 0:
        as_user = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}
    data = folder / "data"
    try:
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", "planwise", "--auth=trust", "--no-sync"],
            check=True, stdout=subprocess.DEVNULL, cwd=folder, **as_user,
        )  # fmt: skip
        process = subprocess.Popen(
            [programs / "postgres", "-D", data, "-p", str(port), "-k", folder, "-h", "127.0.0.1", "-c", "fsync=off"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder, **as_user,
        )  # fmt: skip
        try:
            wait_for(lambda: _listens(port), _START_SECONDS, "PostgreSQL")
            yield {
                "PLANWISE_DB_HOST": "127.0.0.1",
                "PLANWISE_DB_PORT": str(port),
                "PLANWISE_DB_NAME": "postgres",
                "PLANWISE_DB_USER": "planwise",
                "PLANWISE_DB_PASSWORD": "unused",
            }
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=_STOP_SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Server:
    """The services of one study.

    Attributes:
        made: The study.
        environment: What compose would give each service.
        ui: The web server.
        processes: What runs, by the name of the service.
    """

    made: Installation
    environment: Mapping[str, str]
    ui: DagsterUi
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        """What the services say."""
        return self.made.folder / "server.log"

    def start(self, service: str) -> None:
        """Starts a service: its container's command."""
        with self.log.open("ab") as log:
            self.processes[service] = subprocess.Popen(
                [str(_ENTRY_POINT), service],
                cwd=PROJECT_ROOT,
                env=dict(self.environment),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def stop(self, service: str) -> None:
        """Ends a service as `docker stop` does: TERM, then KILL."""
        process = self.processes.pop(service)
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def server(folder: Path, study: dict[str, object]) -> Iterator[Server]:
    """Database, init, code server, web server and daemon of a new study."""
    made = installation(folder, study)
    shutil.rmtree(made.dagster_home)  # init makes it
    code, web = free_port(), free_port()
    with postgresql() as database:
        environment = {
            **made.environment(),
            **database,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PLANWISE_BIND": "127.0.0.1",
            "PLANWISE_CODE_HOST": "127.0.0.1",
            "PLANWISE_CODE_PORT": str(code),
            "PLANWISE_UI_PORT": str(web),
        }
        running = Server(made, environment, DagsterUi(web))
        try:
            running.start("init")
            assert running.processes.pop("init").wait(timeout=_START_SECONDS) == 0, running.log.read_text()
            running.start("code")
            wait_for(lambda: _listens(code), _START_SECONDS, "the code server")
            running.start("webserver")
            running.start("daemon")
            wait_for(lambda: _listens(web), _START_SECONDS, "the web server")
            wait_for(lambda: running.ui.asset_keys() != [], _START_SECONDS, "the study")
            yield running
        finally:
            for service in reversed(list(running.processes)):
                running.stop(service)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
