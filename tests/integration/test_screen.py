"""`planwise screen` where it is known what matters: of the headcount only growth, by so many heads."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from planwise_assets.sensitivity.ranges import read_ranges
from tests.e2e.installation import Installation
from tests.harness import client_folder

STUDY: dict[str, Any] = {
    "study": "client",
    "census": "census.csv",
    "years": {"start": 2025, "end": 2026},
    "resources": {"threads": 2},
    "defaults": {"workforce": {"growth": 0.1}},
    "scenarios": {"baseline": {}},
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return client_folder(tmp_path_factory.mktemp("client"), STUDY, people=500)


@pytest.fixture
def planwise(client: Path) -> Any:
    return Installation(client, "client").planwise


def test_of_the_headcount_only_growth_matters(planwise: Any, client: Path) -> None:
    """500 people, 8 to 12 %: 540 to 560 heads. A step goes from 8 to 10.67 % or 9.33 to 12 %: 13 heads, two thirds."""
    done = planwise("screen", "--measure", "headcount", "--until", "2025", "--walks", "2", "--out", "top.yaml", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    first, *others = told["settings"]
    assert (first["setting"], first["as_it_is"]) == ("workforce.growth", "0.1")
    assert first["mean"] == first["size"] == pytest.approx(13 / (2 / 3), abs=0.5 / (2 / 3))
    assert {one["size"] for one in others} == {0}
    assert len(others) > 40
    assert told["scenarios"] == 2 * (len(told["settings"]) + 1)
    assert told["left_out"]["plan.core.rate"] == "is 0, of which no share is another value"

    # A list for `planwise sensitivity`, without the shipped assumptions.
    (listed,) = read_ranges(client / "top.yaml")[0].values()
    assert (listed.setting, listed.low.times, listed.high.times) == (("workforce.growth",), Decimal("0.8"), Decimal("1.2"))
    assert not any((client / "home" / "lake").glob("*"))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("nobody",), "There is no scenario 'nobody'."),
        (("--measure", "cost"), "There is no measure 'cost'."),
        (("--until", "2031"), "--until 2031: not simulated; possible: 2025 to 2026."),
        (("--out", "study.yaml"), "planwise screen has not written it"),
        (("--by", "2"), "--by"),
    ],
)
def test_a_mistake_is_told_before_any_work(planwise: Any, words: tuple[str, ...], told: str) -> None:
    done = planwise("screen", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
