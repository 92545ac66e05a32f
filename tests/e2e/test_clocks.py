"""A clock in another decade changes no result: nothing that is simulated asks what day it is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from planwise_assets.settings import PROJECT_ROOT
from tests.e2e.installation import installation

pytestmark = pytest.mark.e2e

STUDY: dict[str, Any] = {
    "study": "clocks",
    "census": "census.csv",
    "years": {"start": 2025, "end": 2025},
    "scenarios": {"baseline": {}},
}

#: `planwise simulate` with the process's clock at another time, from before its first import on.
PROGRAM = """
import datetime, sys
import time_machine
time_machine.travel(datetime.datetime.fromisoformat(sys.argv.pop(1))).start()
from planwise_assets.commands.cli import app
app(["simulate"])
"""


@pytest.mark.parametrize("now", ["2019-02-28T23:59:50+00:00", "2041-01-01T00:00:00+00:00"])
def test_a_clock_in_another_decade_changes_no_byte(now: str, tmp_path: Path) -> None:
    made = installation(tmp_path / "study", STUDY)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, now],
        cwd=PROJECT_ROOT, env=made.environment(), capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    (run,) = made.runs()
    assert made.events(run.run_id)[0].timestamp // 31_556_952 + 1970 == float(now[:4]), "the clock was not believed"
    assert made.results() == made.undisturbed(tmp_path / "now")
