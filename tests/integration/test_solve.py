"""`planwise solve` where the answer is known: what a match costs in proportion, and where two designs break even."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from scipy import stats

from tests.e2e.installation import Installation
from tests.harness import Simulation, client_folder, simulation

TIERS = [{"up_to": 0.04, "rate": 0.5}]
STUDY: dict[str, Any] = {
    "study": "client",
    "census": "census.csv",
    "years": {"start": 2025, "end": 2026},
    "seeds": list(range(1, 13)),
    "resources": {"threads": 2},
    "defaults": {"plan": {"match": {"tiers": TIERS}}},
    # The same people defer the same in both: only what a dollar of theirs is matched with differs.
    "scenarios": {"baseline": {}, "richer": {"plan": {"match": {"tiers": [{"up_to": 0.04, "rate": 0.65}]}}}},
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return client_folder(tmp_path_factory.mktemp("client"), STUDY, people=200)


@pytest.fixture(scope="module")
def plain(client: Path, tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    """The study as it is, simulated and published."""
    folder = tmp_path_factory.mktemp("plain")
    shutil.copy(client / "census.csv", folder / "census.csv")
    return simulation(folder, STUDY).run(tested=False).publish()


@pytest.fixture
def planwise(client: Path) -> Any:
    return Installation(client, "client").planwise


def match_of(plain: Simulation, year: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The first scenario's match of a year in each future, from what was published."""
    rows = plain.query(
        f"select employer_match from fct_plan_cost where scenario_id = 'baseline' and simulation_year = {year} order by seed"
    )
    return np.array([float(value) for (value,) in rows])


RANGE = ("--change", "times", "--low", "0.5", "--high", "2")


def test_a_match_in_proportion(plain: Simulation, planwise: Any, client: Path) -> None:
    """Twelve futures with M dollars of match each: the factor is target / mean(M), its error that of a ratio by hand."""
    match = match_of(plain, 2026)
    target = round(1.2345 * float(np.mean(match)), 2)
    done = planwise(
        "solve", "plan.match.tiers", f"match={target}", *RANGE, "--year", "2026", "--out", "found.yaml", "--json"
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    # Each person's match is rounded to the cent, and a factor to a millionth.
    assert told["found"] == pytest.approx(target / np.mean(match), abs=5e-4)
    assert told["figure"] == pytest.approx(target, abs=2.0)
    centre = told["found"]
    aside = stats.t.ppf(0.975, 11) * np.std(centre * match, ddof=1) / np.sqrt(12) / np.mean(match)
    assert told["interval"] == pytest.approx([centre - aside, centre + aside], rel=0.01)

    found = simulation_of(client / "found.yaml")
    assert found["plan"]["match"]["tiers"][0]["rate"] == pytest.approx(0.5 * told["found"], abs=1e-6)
    # The client's own results stay as they are: there are none, and no trial is left.
    assert not any((client / "home" / "lake").glob("*"))
    assert not list((client / "home").rglob("trial*"))


def simulation_of(file: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(file.read_text(encoding="utf-8"))["defaults"])


def test_two_designs_break_even(planwise: Any) -> None:
    """0.5 x 1.3 of the same deferrals is 0.65 of them; over both years, in each future."""
    done = planwise("solve", "plan.match.tiers", "match", "--against", "richer", *RANGE, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["years"] == [2025, 2026]
    assert told["found"] == pytest.approx(1.3, abs=1e-4)
    # The same luck on both sides: nothing is unknown but cents.
    low, high = told["interval"]
    assert high - low < 1e-3
    said = planwise("solve", "plan.match.tiers", "match", "--against", "richer", *RANGE).stdout
    assert "as in richer" in said
    assert "In the study file: plan.match.tiers: [{rate: 0.6" in said


def test_what_is_out_of_reach_is_said(planwise: Any) -> None:
    done = planwise("solve", "plan.match.tiers", "match=90000000", *RANGE)
    assert done.returncode == 1
    assert "Nothing within the range gives 90,000,000. The nearest: plan.match.tiers × 2" in done.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ("plan.match.tier", "match=2", *RANGE),
            "plan.match.tier is not a setting of a scenario that has a value; did you mean",
        ),
        (("plan.match.tiers", "matches=2", *RANGE), "There is no figure 'matches'. Did you mean match?"),
        (("plan.match.tiers", "match", *RANGE), "Say what match is to be, match=VALUE, or --against a scenario"),
        (("plan.match.tiers", "match=2", "--against", "richer", *RANGE), "one of the two"),
        (("plan.match.tiers", "match", "--against", "baseline", *RANGE), "--against baseline is the scenario itself."),
        (("plan.match.tiers", "match", "--against", "poorer", *RANGE), "There is no scenario 'poorer'."),
        (("plan.match.tiers", "match=two", *RANGE), "match: 'two' is no number, such as 2000000 or 0.03."),
        (("plan.match.tiers", "cost_rate=3", *RANGE), "cost_rate is a share: 0.03 means 3 % (now 3)."),
        (("plan.match.tiers", "match=2", "--low", "0", "--high", "1"), "is a table: only its rates can be changed"),
        (
            ("plan.match.tiers", "match=2", "--change", "times", "--low", "2", "--high", "1"),
            "must have a low below its high",
        ),
        (("workforce.growth", "match=2", "--low", "0", "--high", "7"), "must be a number above -1 and at most 1"),
        (("plan.match.tiers", "match=2", *RANGE, "--year", "2031"), "2031 is not simulated; possible: 2025 to 2026."),
        (("plan.match.tiers", "match=2", *RANGE, "--out", "study.yaml"), "--out study.yaml is the study itself."),
    ],
)
def test_a_mistake_is_told_before_any_work(planwise: Any, words: tuple[str, ...], told: str) -> None:
    done = planwise("solve", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
