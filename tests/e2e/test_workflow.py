"""The workflow file for users' continuous integration: its commands, read from the file, run in a clean clone.

Proved: they simulate a year from nothing but what git has, and print the results; a check that fails fails them, which
needs a defect: here a census row that must be rejected, in a study that allows none.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from planwise_assets.settings import PROJECT_ROOT
from tests.harness import share_compiled_project

pytestmark = pytest.mark.e2e

WORKFLOW: dict[str, Any] = yaml.safe_load((PROJECT_ROOT / ".github/workflows/simulate.yml").read_text(encoding="utf-8"))
STEPS = {step["name"]: step["run"] for step in WORKFLOW["jobs"]["simulate"]["steps"] if "run" in step}


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What git has of the project, as it is in the working tree; and the compiled dbt project, which costs 20 s."""
    folder = tmp_path_factory.mktemp("workflow") / "clone"
    folder.mkdir()
    tracked = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(tracked, cwd=PROJECT_ROOT, capture_output=True, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (PROJECT_ROOT / name).is_file():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((PROJECT_ROOT / name).read_bytes())
    share_compiled_project(folder / "var")
    return folder


def step(clone: Path, name: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a step as GitHub does: `bash -e`, the workflow's environment."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PLANWISE_", "DAGSTER_"))}
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", STEPS[name]],
        cwd=clone,
        env={
            **kept,
            **{key: str(value) for key, value in WORKFLOW["env"].items()},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            # The clone's own modules, not those that are installed from the project.
            "PYTHONPATH": str(clone),
            # That years follow each other is test_command_line.py's.
            "YEARS": "2025",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_commands_simulate_and_print(clone: Path) -> None:
    done = step(clone, "Simulate")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert (clone / "var" / "warehouse" / "tiny.duckdb").is_file()
    printed = step(clone, "Results")
    assert printed.returncode == 0, printed.stderr
    assert "opening  hires  exits" in printed.stdout
    assert "2025" in printed.stdout


def test_a_failed_check_fails_the_commands(clone: Path) -> None:
    """The census may have no rejected row at all, and one person has no birth date."""
    study = clone / "studies" / "strict.yaml"
    text = (clone / "studies" / "tiny.yaml").read_text(encoding="utf-8")
    people = (clone / "data" / "census_tiny.csv").read_text(encoding="utf-8").splitlines()
    first = people[1].split(",")
    people[1] = ",".join([first[0], "", *first[2:]])
    (clone / "data" / "census_strict.csv").write_text("\n".join(people) + "\n", encoding="utf-8")
    text = text.replace("study: tiny", "study: strict\ncensus_reject_limit: 0").replace("census_tiny", "census_strict")
    study.write_text(text, encoding="utf-8")
    done = step(clone, "Simulate", PLANWISE_STUDY="studies/strict.yaml")
    assert done.returncode != 0
    assert "census_reject_limit" in done.stdout + done.stderr
    assert not (clone / "var" / "warehouse" / "strict.duckdb").exists()


def test_installing_is_what_the_project_offers() -> None:
    """The step itself would download everything again."""
    assert STEPS["Install"].strip() == "python -m pip install --quiet --constraint constraints.txt --editable ."
