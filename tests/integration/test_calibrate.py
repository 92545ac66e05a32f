"""`planwise calibrate` gives back the settings that made the targets, and the run that it ends in is a plain one."""

from __future__ import annotations

import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from planwise_assets.study.file.load import load_study
from resources.files import content_hash
from tests.e2e.installation import Installation
from tests.harness import Simulation, generated_census, share_compiled_project, simulation

TRUE = {"workforce": {"growth": 0.0412}, "compensation": {"cola": {2025: 0.0213, 2026: 0.0345}}}
STUDY: dict[str, Any] = {
    "study": "client",
    "census": "census.csv",
    "years": {"start": 2025, "end": 2026},
    "seeds": [3, 4],
    "resources": {"threads": 2},
    "defaults": {"workforce": {"growth": 0.01}},
    "scenarios": {"baseline": {}, "leaner": {"workforce": {"termination_rate": 0.2}}},
}
FREE = {
    "workforce.growth": {"low": 0, "high": 0.2},
    "compensation.cola": {"low": 0, "high": 0.08, "years": "each"},
}


@pytest.fixture(scope="module")
def census(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A thousand people: of sixty, one hire more moves the average by more than a raise."""
    return generated_census(tmp_path_factory.mktemp("census") / "census.csv", people=1000)


@pytest.fixture(scope="module")
def truth(census: Path, tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    """The same company with the settings that are to be found."""
    folder = tmp_path_factory.mktemp("truth")
    shutil.copy(census, folder / "census.csv")
    return simulation(folder, {**STUDY, "defaults": TRUE}).run(tested=False).publish()


def asked(truth: Simulation) -> dict[str, dict[int, float]]:
    """The true figures of the first scenario, means over the seeds."""
    cost = "select simulation_year, avg(headcount_closing) from fct_plan_cost"
    where = "where scenario_id = 'baseline' group by all order by all"
    pay = (
        "select simulation_year, avg(pay) from (select simulation_year, seed, avg(annual_compensation) as pay "
        "from fct_workforce_snapshot where scenario_id = 'baseline' and employment_status = 'active' group by all) "
        "group by all order by all"
    )
    return {
        "headcount": {2026: round(float(truth.query(f"{cost} {where}")[-1][1]), 2)},
        "average_pay": {year: round(float(value), 2) for year, value in truth.query(pay)},
    }


@pytest.fixture
def planwise(census: Path, tmp_path: Path) -> Any:
    """Runs a command in a client's folder."""
    shutil.copy(census, tmp_path / "census.csv")
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(STUDY, sort_keys=False), encoding="utf-8")
    share_compiled_project(tmp_path / "home")
    return Installation(tmp_path, "client").planwise


def test_the_settings_that_made_the_targets_are_found(truth: Simulation, planwise: Any, tmp_path: Path) -> None:
    targets = asked(truth)
    question = tmp_path / "question.yaml"
    question.write_text(yaml.safe_dump({"targets": targets, "free": FREE, "within": {"average_pay": 20}}), encoding="utf-8")
    done = planwise("calibrate", "question.yaml", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert {one["measure"]: one["found"] for one in told["targets"] if one["measure"] == "headcount"} == {
        "headcount": targets["headcount"][2026]
    }
    found = load_study(tmp_path / "client_calibrated.yaml")
    cola = found.scenarios["baseline"].compensation.cola
    assert float(cola.at(2025)) == pytest.approx(0.0213, abs=0.0005)
    assert float(cola.at(2026)) == pytest.approx(0.0345, abs=0.0005)
    # What was found is the defaults': the other scenario has it, too.
    assert found.scenarios["leaner"].compensation.cola == cola
    assert found.scenarios["leaner"].workforce.termination_rate.at(2025) == Decimal("0.2")
    # The trials are gone, and the client's own results are not touched.
    assert not (tmp_path / "home" / "calibration" / "client").exists()
    assert not (tmp_path / "home" / "lake" / "client").exists()
    written = (tmp_path / "client_calibrated.yaml").read_text(encoding="utf-8")
    plain = simulation(tmp_path / "plain", written.replace("census.csv", str(tmp_path / "census.csv")))
    ran = tmp_path / "home" / "lake" / found.study
    for file, content in plain.run(tested=False).hashes(without=["census_input"]).items():
        assert (ran / file).is_file(), file
        assert content_hash(ran / file) == content, file


def test_a_target_out_of_reach_names_the_bound(planwise: Any, tmp_path: Path) -> None:
    question = {
        "targets": {"headcount": {2025: 2_000}},
        "free": {"workforce.growth": {"low": 0, "high": 0.1}},
        "scenario": "leaner",
    }
    (tmp_path / "question.yaml").write_text(yaml.safe_dump(question), encoding="utf-8")
    done = planwise("calibrate", "question.yaml", "--format", "csv")
    assert done.returncode == 1
    assert "workforce.growth is held at its highest, 0.1" in done.stderr
    written = yaml.safe_load((tmp_path / "client_calibrated.yaml").read_text(encoding="utf-8"))
    assert written["scenarios"]["leaner"]["workforce"] == {"termination_rate": 0.2, "growth": 0.1}
    assert written["defaults"] == STUDY["defaults"]


def test_somebodys_own_file_is_not_replaced(planwise: Any, tmp_path: Path) -> None:
    question = {"targets": {"headcount": {2025: 1_020}}, "free": {"workforce.growth": {"low": 0, "high": 0.1}}}
    (tmp_path / "question.yaml").write_text(yaml.safe_dump(question), encoding="utf-8")
    (tmp_path / "client_calibrated.yaml").write_text("study: mine\n", encoding="utf-8")
    done = planwise("calibrate", "question.yaml")
    assert done.returncode == 2
    assert "planwise has not found it" in done.stderr
    assert (tmp_path / "client_calibrated.yaml").read_text(encoding="utf-8") == "study: mine\n"


def test_a_bound_that_no_study_may_have_is_refused_before_any_work(planwise: Any, tmp_path: Path) -> None:
    """A hire's rate of leaving must be below 1: the setting's own rule is said, and nothing is simulated."""
    free = {"workforce.new_hire_termination_rate": {"low": 1, "high": 6, "change": "times"}}
    question = {"targets": {"headcount": {2025: 1_020}}, "free": free}
    (tmp_path / "question.yaml").write_text(yaml.safe_dump(question), encoding="utf-8")
    done = planwise("calibrate", "question.yaml")
    assert done.returncode == 2
    assert "new_hire_termination_rate" in done.stderr
    assert not (tmp_path / "home" / "calibration").exists()
