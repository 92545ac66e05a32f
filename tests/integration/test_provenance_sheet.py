"""The provenance sheet: verified, incomplete or unverifiable, and why; the same in Markdown, HTML and JSON."""

from __future__ import annotations

import json
import re
import shutil
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from planwise_assets.commands.cli import app
from resources.files import content_hash
from tests.harness import TINY_CENSUS, Simulation, share_compiled_project, simulation

STUDY: dict[str, Any] = {
    "study": "signed",
    "title": "To be | signed",
    "census": "census.csv",
    "years": {"start": 2025, "end": 2025},
    "seeds": [1, 2],
}


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Simulation:
    shutil.copy(TINY_CENSUS, tmp_path / "census.csv")
    run = simulation(tmp_path, STUDY).run(tested=False).publish()
    share_compiled_project(run.project.settings.home)
    monkeypatch.setenv("PLANWISE_STUDY", str(run.project.settings.study_file))
    monkeypatch.setenv("PLANWISE_HOME", str(run.project.settings.home))
    monkeypatch.chdir(tmp_path)
    return run


def sheet(*words: str) -> dict[str, Any]:
    told = CliRunner().invoke(app, ["provenance", "--format", "json", *words])
    found: dict[str, Any] = json.loads(Path("signed_provenance.json").read_text(encoding="utf-8"))
    assert told.exit_code == (0 if found["state"] == "verified" else 1), told.output
    assert told.stderr.splitlines()[-1].startswith(found["state"])
    return found


def test_a_sheet_says_whether_it_may_be_signed_and_why_not(made: Simulation) -> None:
    study = made.project.settings.study_file
    found = sheet()
    assert (found["state"], found["reasons"]) == ("verified", [])
    assert found["years"]["2025"]["census"][1] == content_hash(study.with_name("census.csv"))
    assert found["checks"][0]["checks"] > 100
    assert found["checks"][0]["errors"] == 0

    assert CliRunner().invoke(app, ["provenance"]).exit_code == 0
    assert CliRunner().invoke(app, ["provenance", "--format", "html"]).exit_code == 0
    text, page = (Path(f"signed_provenance.{kind}").read_text(encoding="utf-8") for kind in ("md", "html"))
    assert "# Provenance: To be | signed" in text
    assert "signed (To be \\| signed)" in text
    assert not re.search(r"<(?:script|link|img|iframe)|url\(|src=", page)
    for shown in (text, unescape(page)):
        assert "Verified" in shown
        assert found["years"]["2025"]["closing_hash"] in shown
        assert "Approved by" in shown

    unchecked = sheet("--no-checks")
    assert (unchecked["state"], unchecked["reasons"]) == ("incomplete", ["no check was run on 2025"])

    text = study.read_text(encoding="utf-8")
    study.write_text(text.replace("end: 2025", "end: 2026"), encoding="utf-8")
    missing = sheet("--no-checks")
    assert missing["state"] == "incomplete"
    assert missing["may_be_signed"].startswith("as a draft")
    assert "the year has not been simulated" in missing["reasons"][0]
    study.write_text(text, encoding="utf-8")

    file = made.project.lake.file("fct_plan_cost", 2025)
    file.write_bytes(file.read_bytes() + b"x")
    changed = sheet("--no-checks")
    assert (changed["state"], changed["may_be_signed"]) == ("unverifiable", "by nobody.")
    assert any("fct_plan_cost" in reason and "is not what was recorded" in reason for reason in changed["reasons"])
