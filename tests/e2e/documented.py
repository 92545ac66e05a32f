"""The shell commands of README and docs, as they are read and as they are run.

Conventions, for whoever writes a page:

* A block marked `sh` is executed, line by line as `sh -e` does. No other mark of a shell language is used.
* All pages share one folder, which has the project's `data/` and `studies/` in it, one PLANWISE_HOME and the environment
  that earlier blocks exported. The tutorial comes first, then the other pages by name, README last.
* `<!-- exit code N -->` before a block: it must end with N.
* `<!-- server URL -->` before a block: its command is started, must answer at the URL, and is stopped.
* `make` is run dry: what it would run is the subject of other tests, and it would build an environment inside this one.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from planwise_assets.settings import PROJECT_ROOT
from tests.e2e.installation import command
from tests.harness import share_compiled_project

TUTORIAL = PROJECT_ROOT / "docs" / "tutorial.md"
README = PROJECT_ROOT / "README.md"

_BLOCK = re.compile(r"(?:<!-- (exit code|server) (\S+) -->\n)?^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SHELLS = {"sh", "bash", "shell", "console", "zsh", "shellsession"}
_SECONDS = 400


@dataclass(frozen=True)
class Block:
    """One fenced block of a shell language.

    Attributes:
        page: Where it stands.
        line: Its first line.
        mark: Its language.
        text: The commands.
        exit_code: How it must end.
        server: Where it must answer; empty for a command that ends by itself.
    """

    page: Path
    line: int
    mark: str
    text: str
    exit_code: int
    server: str


def pages() -> list[Path]:
    """README and every page, in the order in which they are run."""
    others = sorted(set((PROJECT_ROOT / "docs").rglob("*.md")) - {TUTORIAL})
    return [TUTORIAL, *others, README]


def blocks(page: Path) -> list[Block]:
    """The shell blocks of a page."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(
            page,
            text.count("\n", 0, found.start(4)) + 1,
            found[3],
            found[4],
            int(found[2]) if found[1] == "exit code" else 0,
            found[2] if found[1] == "server" else "",
        )
        for found in _BLOCK.finditer(text)
        if found[3] in _SHELLS
    ]


class Reader:
    """Somebody who reads all pages in one terminal, in an empty folder of theirs."""

    def __init__(self, folder: Path) -> None:
        """Makes the folder as the pages assume it."""
        self._folder, self._variables = folder / "work", folder / "exported"
        self._folder.mkdir(parents=True)
        for name in ("data", "studies"):
            (self._folder / name).symlink_to(PROJECT_ROOT / name)
        home, tools = folder / "home", folder / "tools"
        tools.mkdir()
        share_compiled_project(home)
        make = tools / "make"
        make.write_text(f'#!/bin/sh\nexec /usr/bin/make -C "{PROJECT_ROOT}" --dry-run --old-file=.venv/.ready "$@"\n')
        make.chmod(0o755)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PLANWISE_", "DAGSTER_"))}
        self._environment = {
            **kept,
            "PATH": os.pathsep.join([str(tools), str(Path(command("planwise")).parent), os.environ["PATH"]]),
            "PLANWISE_HOME": str(home),
            "PLANWISE_EXECUTOR": "in_process",
            "DAGSTER_DISABLE_TELEMETRY": "yes",
        }

    def run(self, block: Block) -> tuple[int, str]:
        """Runs a block to its end, and keeps what it exports.

        Returns:
            Its exit code and all that it said.
        """
        told = self._variables if self._variables.exists() else Path(os.devnull)
        script = f'. "{told}"\nset -e\n{block.text}\nexport -p > "{self._variables}"\n'
        done = subprocess.run(
            ["sh", "-c", script],
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        return done.returncode, done.stdout

    def serve(self, block: Block) -> bool:
        """Starts a server, looks whether it answers, and stops it and all that it started."""
        process = subprocess.Popen(
            ["sh", "-c", f"exec {block.text.strip()}"],
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            return self._answers(block.server, process)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=30)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=30)

    def _answers(self, address: str, process: subprocess.Popen[bytes]) -> bool:
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until and process.poll() is None:
            with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310
                return bool(answer.status == 200)
            time.sleep(0.5)
        return False
