"""A plan's terms in people's words, and the study that they make."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from planwise_assets.intake.plan_words import (
    PlanWordsError,
    plan_terms,
    read_auto_enrollment,
    read_eligibility,
    read_match,
    read_safe_harbor,
    read_vesting,
)
from planwise_assets.intake.study_text import NewStudy, study_text
from planwise_assets.study.file.load import load_study
from planwise_assets.study.plan.employer import SCHEDULES


def tiers(*rows: tuple[str, str]) -> tuple[tuple[Decimal, Decimal], ...]:
    return tuple((Decimal(end), Decimal(rate)) for end, rate in rows)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("50% of first 6%", tiers(("0.06", "0.5"))),
        ("50% of the first 6% of pay", tiers(("0.06", "0.5"))),
        ("100% of the first 3%, 50% of the next 2%", tiers(("0.03", "1"), ("0.05", "0.5"))),
        ("100 percent on the first 3 percent and 50 percent on the next 2 percent", tiers(("0.03", "1"), ("0.05", "0.5"))),
        ("100% up to 3%; 50% up to 5%", tiers(("0.03", "1"), ("0.05", "0.5"))),
        ("Dollar for dollar up to 4%", tiers(("0.04", "1"))),
        ("33.5% of first 6%", tiers(("0.06", "0.335"))),
        ("none", ()),
    ],
)
def test_match_formulas(words: str, expected: Any) -> None:
    assert read_match(words) == expected


@pytest.mark.parametrize(
    ("words", "expected"), [("3%", ("0.03", False)), ("6% all", ("0.06", True)), ("none", ("0", False))]
)
def test_automatic_enrolment(words: str, expected: tuple[str, bool]) -> None:
    assert read_auto_enrollment(words) == (Decimal(expected[0]), expected[1])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("immediate", (0, 0, "immediate")),
        ("age 21, 1 year, semiannual", (21, 12, "semiannual")),
        ("Age 18 and 3 months of service, monthly entry", (18, 3, "monthly")),
        ("21, one year of service, quarterly", (21, 12, "quarterly")),
        ("6 months", (0, 6, "immediate")),
        ("age 21, 1-year wait, semi-annual entry dates", (21, 12, "semiannual")),
        ("21; january 1 and july 1", (21, 0, "semiannual")),
    ],
)
def test_eligibility(words: str, expected: tuple[int, int, str]) -> None:
    assert read_eligibility(words) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("immediate", "immediate"),
        ("3-year cliff", "cliff_3"),
        ("3 year cliff", "cliff_3"),
        ("2-year cliff", "cliff_2"),
        ("2-6 graded", "graded_2_6"),
        ("six-year graded", "graded_2_6"),
        ("5-year graded", "graded_1_5"),
        *((name, name) for name in SCHEDULES),
    ],
)
def test_vesting(words: str, expected: str) -> None:
    assert read_vesting(words) == expected


@pytest.mark.parametrize(
    ("read", "words"),
    [
        (read_match, "half of six"),
        (read_match, "50% of first 6% but at most $2,000"),
        (read_match, "100% of first 3%, 50% of first 2%"),
        (read_match, "150% of first 101%"),
        (read_auto_enrollment, "101%"),
        (read_auto_enrollment, "yes"),
        (read_eligibility, "as the plan says"),
        (read_eligibility, "18 months"),
        (read_eligibility, "age 21, 2 years"),
        (read_eligibility, "age 30, 1 year"),
        (read_eligibility, "age 21, 1000 hours"),
        (read_eligibility, "age 21, age 18"),
        (read_eligibility, "age 21, 1 year, 6 months"),
        (read_eligibility, "age 21, 1 year, no interns"),
        (read_vesting, "4-year cliff"),
        (read_vesting, "3-year"),
        (read_vesting, "12-year cliff"),
        (read_safe_harbor, "yes"),
    ],
)
def test_other_words_are_refused_with_how_to_put_them(read: Any, words: str) -> None:
    with pytest.raises(PlanWordsError, match=r"say "):
        read(words)


def test_a_match_that_says_first_twice_is_refused_with_both_readings() -> None:
    with pytest.raises(PlanWordsError, match=r"`first` twice: say 'next 2%' .* add their rates up"):
        read_match("100% of first 3%, 50% of first 6%")


def test_a_match_beside_a_design_whose_match_the_law_sets_is_refused() -> None:
    with pytest.raises(PlanWordsError, match="the law sets the match"):
        plan_terms(match="50% of first 6%", safe_harbor="basic", vesting="immediate")


@pytest.mark.parametrize(
    ("said", "holds"),
    [
        ({}, {"match.tiers": [("0.03", "1"), ("0.05", "0.5")]}),
        ({"match": "50% of first 6%", "vesting": "3-year cliff"}, {"match.tiers": [("0.06", "0.5")]}),
        ({"match": "none", "auto_enroll": "none"}, {"match.tiers": []}),
        ({"match": "0% of first 6%"}, {"match.tiers": [("0.06", "0")]}),
        ({"auto_enroll": "6% all", "eligibility": "age 21, 1 year, quarterly"}, {}),
        ({"safe_harbor": "basic", "vesting": "immediate"}, {}),
        ({"safe_harbor": "basic"}, {}),
        ({"safe_harbor": "nonelective"}, {}),
        ({"safe_harbor": "enhanced", "match": "dollar for dollar up to 4%", "vesting": "immediate"}, {}),
    ],
)
def test_the_study_says_what_was_said(tmp_path: Path, said: dict[str, str], holds: dict[str, Any]) -> None:
    terms = plan_terms(**said)
    file = tmp_path / "study.yaml"
    file.write_text(study_text(NewStudy("mill", "people.csv", {}, (2025, 2026), 1, terms=terms)), encoding="utf-8")
    study = load_study(file)
    plan, other = study.scenarios["baseline"].plan, study.scenarios["stretch_match"].plan
    found = [(f"{row.up_to.normalize():f}", f"{row.rate.normalize():f}") for row in plan.match.tiers]
    assert found == holds.get("match.tiers", found)
    if "auto_enroll" in said:
        rate, is_all = read_auto_enrollment(said["auto_enroll"])
        auto = plan.auto_enrollment
        assert auto.enabled.at(2025) == bool(rate)
        assert not rate or (auto.default_rate.at(2025), auto.scope == "all_eligible") == (rate, is_all)
    if "eligibility" in said:
        rules = plan.eligibility
        age, months, entry = read_eligibility(said["eligibility"])
        assert (rules.minimum_age.at(2025), rules.service_months.at(2025), rules.entry_dates) == (age, months, entry)
    if "vesting" in said:
        assert plan.vesting.match == SCHEDULES[read_vesting(said["vesting"])]
    assert (plan.safe_harbor, other.safe_harbor) == (said.get("safe_harbor", "none"), "none")
    assert other.match.tiers != plan.match.tiers
