"""`planwise init` at a terminal: it asks what it cannot know, and nothing is written before all is answered."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest
import yaml

from tests.e2e.installation import command
from tests.harness import share_compiled_project

pytestmark = pytest.mark.e2e

CENSUS = """Tag,Born,Start,Wage,Town
A1,03/04/1980,05/06/2010,50000,Oslo
A2,07/08/1975,09/10/2024,61000.50,Bergen
"""


def _listens_to_ctrl_c() -> None:
    """As in every terminal; whoever started the tests in the background has them, and their children, ignore it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[pexpect.spawn[str]]:
    """The command in a folder with a census, at its first question."""
    share_compiled_project(tmp_path / "home")
    (tmp_path / "people.csv").write_text(CENSUS, encoding="utf-8")
    started = pexpect.spawn(
        f"env PLANWISE_HOME={tmp_path / 'home'} {command('planwise')} init people.csv",
        cwd=str(tmp_path), encoding="utf-8", timeout=120, dimensions=(50, 160), preexec_fn=_listens_to_ctrl_c,
    )  # fmt: skip
    started.expect(r"Is that right\? \[Y/n\]: ")
    yield started
    started.close(force=True)


def test_what_is_answered_is_what_is_written(asked: pexpect.spawn[str], tmp_path: Path) -> None:
    assert "birth_date" in asked.before
    asked.sendline("n")
    for question, answer in [
        (r"Column for birth_date \(- for none\) \[Born\]: ", ""),
        (r"Which column is employee_id\? One of Tag, Born, Start, Wage, Town: ", "badge number"),
        (r"Which column is employee_id\? One of Tag, Born, Start, Wage, Town: ", "Tag"),
        (r"Which column is hire_date\? .*: ", "Start"),
        (r"Which column is annual_compensation\? .*: ", "Wage"),
        (r"dates \(mdy or dmy\): ", "dmy"),
        (r"The plan's match \[.*\]: ", "a half"),
        (r"The plan's match \[.*\]: ", "50% of first 6%"),
        (r"Automatic enrolment .*: ", ""),
        (r"Eligibility, .*: ", ""),
        (r"Vesting, .*: ", "3-year cliff"),
        (r"Safe harbor .*: ", ""),
    ]:
        asked.expect(question)
        assert list(tmp_path.glob("study*")) == []
        asked.sendline(answer)
    asked.expect(pexpect.EOF)
    asked.close()
    assert (asked.exitstatus, "Rows of people: 2 = enter the simulation 2." in asked.before) == (0, True), asked.before
    written = yaml.safe_load((tmp_path / "study.yaml").read_text())
    assert (written["census"], written["census_reading"]) == ("people.csv", {"dates": "dmy"})
    assert written["defaults"]["plan"] == {
        "match": {"tiers": [{"up_to": 0.06, "rate": 0.5}]},
        "vesting": {"match": "cliff_3", "core": "cliff_3"},
    }
    assert written["census_columns"] == {
        "Tag": "employee_id",
        "Born": "birth_date",
        "Start": "hire_date",
        "Wage": "annual_compensation",
    }


def test_who_goes_away_leaves_nothing(asked: pexpect.spawn[str], tmp_path: Path) -> None:
    asked.sendintr()
    asked.expect(pexpect.EOF)
    asked.close()
    assert asked.exitstatus != 0
    assert list(tmp_path.glob("study*")) == []
