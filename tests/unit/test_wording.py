"""Settings in words: what an adviser would say of a plan, from the settings as they are recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from planwise_assets.results.provenance import inputs_of
from planwise_assets.results.wording import percent, statements
from planwise_assets.settings import PROJECT_ROOT
from planwise_assets.study.file.load import load_study


def said_of(folder: Path, scenario: dict[str, Any]) -> dict[str, str]:
    file = folder / "study.yaml"
    study = {"study": "words", "census": "people.csv", "years": {"start": 2025, "end": 2027}, "scenarios": {"one": scenario}}
    file.write_text(yaml.safe_dump(study), encoding="utf-8")
    return statements(dict(inputs_of(load_study(file), file, folder, "")["scenarios"]["one"]["settings"]))


AT_ONCE = {"vesting": {"match": "immediate"}}
QACA = {
    "safe_harbor": "qaca_match",
    "vesting": {"match": "cliff_2"},
    "auto_enrollment": {"scope": "all_eligible", "default_rate": 0.06},
    "escalation": {"enabled": False},
}
BY_SERVICE = [{"min": 0, "max": 5, "rate": 0.02}, {"min": 5, "rate": 0.04, "excess_rate": 0.01}]


@pytest.mark.parametrize(
    ("scenario", "title", "words"),
    [
        ({}, "Match", "100 % of the first 3 % of pay, 50 % of the next 2 %"),
        ({"plan": {"match": {"tiers": [{"up_to": 0.06, "rate": 0.5}]}}}, "Match", "50 % of the first 6 % of pay"),
        ({"plan": {"match": {"tiers": []}}}, "Match", "none"),
        ({"plan": {"safe_harbor": "basic", **AT_ONCE}}, "Vesting of the match", "at once"),
        # Its own formula, IRC 401(k)(13)(D)(i)(I), and not the basic one of 401(k)(12)(B).
        ({"plan": QACA}, "Match", "100 % of the first 1 % of pay, 50 % of the next 5 %"),
        (
            {"plan": {"match": {"by_service": [{"min": 0, "tiers": [{"up_to": 0.04, "rate": 1}]}]}}},
            "Match",
            "0 years of service and more: 100 % of the first 4 % of pay",
        ),
        ({}, "Core contribution", "none"),
        ({"plan": {"core": {"rate": 0.035}}}, "Core contribution", "3.5 % of pay"),
        (
            {"plan": {"core": {"by_service": BY_SERVICE}}},
            "Core contribution",
            "0 to below 5 years of service: 2 % of pay; 5 years of service and more: 4 % of pay and 1 % of pay above the "
            "Social Security wage base",
        ),
        ({}, "Vesting of the core contribution", "100 % after 3 years"),
        ({}, "Automatic enrolment", "at 4 % of pay, for those who enter from now on"),
        ({"plan": {"auto_enrollment": {"enabled": False}}}, "Automatic enrolment", "none"),
        ({}, "Escalation", "by 1 point of pay a year, up to 10 %"),
        ({"workforce": {"growth": {2025: 0.03, 2026: 0.01}}}, "Growth of the headcount", "3 % from 2025, 1 % from 2026"),
        ({"workforce": {"termination_rate": "hazard"}}, "Exits, of the opening headcount", "hazard"),
        ({}, "Changes: up share", "22.5 %"),
        ({}, "Eligibility: minimum age", "21"),
    ],
)
def test_a_plan_is_said_in_words(scenario: dict[str, Any], title: str, words: str, tmp_path: Path) -> None:
    assert said_of(tmp_path, scenario)[title] == words


def test_a_table_is_one_statement(tmp_path: Path) -> None:
    text = said_of(tmp_path, {})["Auto enrollment: opt out, age"]
    assert text.startswith("min 0, max 25, rate 10 %; min 25, max 45, rate 8 %;")


def test_no_key_is_left_in_the_words(tmp_path: Path) -> None:
    """Whatever differs between two scenarios is said: no setting is dropped, and none is shown as a key."""
    said = said_of(tmp_path, {})
    assert not [title for title in said if "[row" in title or "plan." in title or "_" in title]
    study = load_study(PROJECT_ROOT / "studies" / "default.yaml")
    texts = {
        name: statements(dict(one["settings"]))
        for name, one in inputs_of(study, Path("study.yaml"), tmp_path, "")["scenarios"].items()
    }
    first, *others = texts.values()
    assert all(first != other for other in others)


def test_shares_are_per_cents() -> None:
    assert [percent(text) for text in ("0.035", "1", "0", "hazard")] == ["3.5 %", "100 %", "0 %", "hazard"]
