"""The fingerprint: what changes it, what does not, and that a change is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from planwise_assets.study.file.load import load_study
from planwise_assets.study.parameters.fingerprint import differences, fingerprint

BASE = """
study: trial
census: people.csv
years: {start: 2025, end: 2029}
seeds: [1, 2]
resources: {memory_gb: 4}
defaults:
  workforce: {growth: 0.03}
scenarios:
  baseline: {}
  lean: {workforce: {growth: 0.01}}
"""


def printed(folder: Path, text: str = BASE, *, through: int = 2026, census: str = "c1" * 32) -> dict[str, str]:
    path = folder / "study.yaml"
    path.write_text(text)
    return fingerprint(load_study(path), through, census)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("end: 2029", "end: 2027"),
        ("memory_gb: 4", "memory_gb: 2, threads: 1, batch_size: 10"),
        ("study: trial", "study: trial\nvalidation: fast"),
        ("people.csv", "elsewhere/staff.parquet"),
        ("seeds: [1, 2]", "seeds: {count: 2, first: 1}"),
        ("study: trial", "study: trial\ntitle: Leaner?\ndescription: Does it pay?"),
        ("baseline: {}", "baseline: {title: As it is, description: Nothing changes.}"),
        ("{growth: 0.03}", "{growth: 0.030}"),
        ("{growth: 0.03}", "{growth: {2025: 0.03, 2027: 0.2}}"),
        ("{growth: 0.03}", "{growth: 0.03, termination_rate: 0.12, selection: exact}"),
        ("baseline: {}", "baseline: {hazards: {promotion: {base: 0.1}}, compensation: {cola: 0.003}}"),
        ("baseline: {}", "baseline: {hiring: {part_time_hours: 20.00}}"),
        (
            "baseline: {}",
            "baseline: {hazards: {termination: {level: [{level_id: 1, multiplier: 1}, {level_id: 2, multiplier: 1}, "
            "{level_id: 3, multiplier: 1}, {level_id: 4, multiplier: 1}, {level_id: 5, multiplier: 1}]}}}",
        ),
        ("baseline: {}", "baseline: {compensation: {merit_months: {2: 10, 3: 45, 4: 35, 7: 10}}}"),
    ],
)
def test_what_changes_no_result_of_these_years_makes_nothing_stale(tmp_path: Path, old: str, new: str) -> None:
    assert old in BASE
    assert differences(printed(tmp_path), printed(tmp_path, BASE.replace(old, new))) == []


@pytest.mark.parametrize(
    ("old", "new", "sentences"),
    [
        ("{growth: 0.03}", "{growth: 0.04}", ["scenarios.baseline.workforce.growth in 2025: 0.03 -> 0.04"]),
        (
            "{growth: 0.03}",
            "{growth: {2025: 0.03, 2026: 0.02}}",
            ["scenarios.baseline.workforce.growth in 2026: as the year before -> 0.02"],
        ),
        ("seeds: [1, 2]", "seeds: {count: 25, first: 1}", ["seeds: 1-2 -> 1-25"]),
        ("seeds: [1, 2]", "seeds: [2, 1]", ["seeds: 1-2 -> 2, 1"]),
        ("  lean:", "  slim:", ["scenarios: baseline, lean -> baseline, slim"]),
        ("study: trial", "study: other", ["study: trial -> other"]),
        (
            "study: trial",
            "study: trial\ncensus_columns: {pay: annual_compensation}",
            ["census columns: none -> pay: annual_compensation"],
        ),
        ("study: trial", "study: trial\ncensus_reject_limit: 0", ["census reject limit: 0.01 -> 0"]),
        (
            "baseline: {}",
            "baseline: {hazards: {retirement: [{min: 0, max: 65, rate: 0}, {min: 65, rate: 1}]}}",
            ["scenarios.baseline.hazards.retirement[row 1].max: 55 -> 65"],
        ),
        (
            "baseline: {}",
            "baseline: {levels: {uprating: 0.04}}",
            ["scenarios.baseline.levels.uprating in 2025: 0.03 -> 0.04"],
        ),
    ],
)
def test_a_change_is_named(tmp_path: Path, old: str, new: str, sentences: list[str]) -> None:
    found = differences(printed(tmp_path), printed(tmp_path, BASE.replace(old, new)))
    assert found[: len(sentences)] == sentences


def test_another_first_year_is_named(tmp_path: Path) -> None:
    assert "first year: 2025 -> 2024" in differences(
        printed(tmp_path), printed(tmp_path, BASE.replace("start: 2025", "start: 2024"))
    )


def test_another_census_is_named(tmp_path: Path) -> None:
    assert differences(printed(tmp_path), printed(tmp_path, census="c2" * 32)) == ["the census file"]


def test_uprating_of_the_first_year_alone_changes_nothing(tmp_path: Path) -> None:
    text = BASE.replace("baseline: {}", "baseline: {levels: {uprating: {2025: 0.5, 2026: 0.03}}}")
    assert differences(printed(tmp_path), printed(tmp_path, text)) == []


def test_another_computation_of_the_same_settings_is_named(tmp_path: Path) -> None:
    old = printed(tmp_path)
    new = {**old, "parameters of lean in 2026": "other"}
    assert differences(old, new) == ["parameters of lean in 2026: computed differently by this version of PlanWise"]


def test_a_part_that_the_caller_added_counts(tmp_path: Path) -> None:
    old = printed(tmp_path)
    assert differences({**old, "law": "a" * 64}, {**old, "law": "b" * 64}) == ["the law"]


def test_changed_code_is_named_part_by_part_and_not_endlessly(tmp_path: Path) -> None:
    old = printed(tmp_path)
    before = {f"model {name}": "1" for name in "abcdef"}
    one, all_of_it = {**before, "model b": "2"}, dict.fromkeys(before, "2")
    for now, told in ((one, "(model b)"), (all_of_it, "(model a, model b, model c, model d and 2 parts more)")):
        assert differences({**old, "code": json.dumps(before)}, {**old, "code": json.dumps(now)}) == [f"the code {told}"]
    earlier = differences({**old, "code": "a" * 64}, {**old, "code": json.dumps(before)})
    assert earlier == ["the code, which an earlier version of PlanWise did not tell part by part"]


def test_a_print_survives_json(tmp_path: Path) -> None:
    first = printed(tmp_path)
    assert differences(json.loads(json.dumps(first)), printed(tmp_path)) == []
