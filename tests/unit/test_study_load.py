"""Good study files: exact numbers, values by year, inheritance, shipped defaults, and where a setting came from."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from planwise_assets.results.provenance import inputs_of
from planwise_assets.study.file.explain import explain
from planwise_assets.study.file.inheritance import merge
from planwise_assets.study.file.load import load_study
from planwise_assets.study.plan.tiers import match_bands
from planwise_assets.study.schema import Scenario, Study
from planwise_assets.study.sections.census import CENSUS_COLUMNS, census_hash
from planwise_assets.study.values import ByYear, millionths, plain, share

PROJECT = Path(__file__).parents[2]
TOP = "study: trial\ncensus: people.csv\nyears: {start: 2025, end: 2029}\n"


def study_of(folder: Path, text: str) -> Study:
    path = folder / "study.yaml"
    path.write_text(text, encoding="utf-8")
    return load_study(path)


@given(st.integers(0, 1_000_000))
def test_every_rate_of_six_decimals_is_exact(value: int) -> None:
    assert millionths(share(Decimal(value).scaleb(-6))) == value


def test_numbers_of_the_file_are_exact(tmp_path: Path) -> None:
    study = study_of(
        tmp_path,
        TOP + "scenarios: {one: {workforce: {growth: 0.29, termination_rate: 1e-3, new_hire_termination_rate: .57}}}",
    )
    workforce = study.scenarios["one"].workforce
    assert millionths(workforce.growth.at(2025)) == 290_000
    assert workforce.termination_rate.at(2025) == Decimal("0.001")
    assert millionths(workforce.new_hire_termination_rate.at(2025)) == 570_000


def test_a_float_from_python_is_read_as_it_is_written() -> None:
    assert share(0.29) == Decimal("0.29")
    for value in (float("nan"), float("inf"), -0.1):
        with pytest.raises(ValueError, match="must be a number from 0 to 1"):
            share(value)


def test_a_value_by_year_is_carried_forward(tmp_path: Path) -> None:
    study = study_of(tmp_path, TOP + "defaults: {workforce: {growth: {2027: 0.02, 2020: 0.03}}}\n")
    growth = study.scenarios["baseline"].workforce.growth
    assert [growth.at(year) for year in study.simulation_years] == [
        Decimal(rate) for rate in ("0.03", "0.03", "0.02", "0.02", "0.02")
    ]
    with pytest.raises(LookupError):
        growth.at(2019)


def test_hazard_may_take_over_in_a_later_year(tmp_path: Path) -> None:
    study = study_of(tmp_path, TOP + "defaults: {workforce: {termination_rate: {2025: 0.1, 2026: hazard}}}\n")
    rate = study.scenarios["baseline"].workforce.termination_rate
    assert (rate.at(2025), rate.at(2026)) == (Decimal("0.1"), "hazard")


def test_the_smallest_study(tmp_path: Path) -> None:
    study = study_of(tmp_path, TOP)
    assert study.worlds == (("baseline", 42),)
    assert study.census == tmp_path / "people.csv"
    assert study.validation == "full"
    assert study.resources.model_dump() == {
        "profile": "default",
        "memory_gb": 4,
        "threads": 4,
        "connections": 10,
        "step_timeout_minutes": 30,
        "batch_size": 200_000,
        "optimizations": {},
    }


def test_a_profile_is_a_budget_and_what_is_beside_it_wins(tmp_path: Path) -> None:
    small = study_of(tmp_path, TOP + "resources: {profile: small, threads: 1}\n").resources
    assert (small.memory_gb, small.threads, small.batch_size, small.connections) == (2, 1, 50_000, 10)
    large = study_of(tmp_path, TOP + "resources: {profile: large}\n").resources
    assert (large.memory_gb, large.threads, large.batch_size) == (16, 8, 1_000_000)


def test_optimizations_are_switched_by_name(tmp_path: Path) -> None:
    resources = study_of(tmp_path, TOP + "resources: {optimizations: {indexes: false}}\n").resources
    assert resources.optimizations == {"indexes": False}


def test_the_census_is_relative_to_the_study_file_or_absolute(tmp_path: Path) -> None:
    assert study_of(tmp_path, TOP.replace("people", "../data/people")).census == tmp_path.parent / "data/people.csv"
    assert study_of(tmp_path, TOP.replace("people", "/data/people")).census == Path("/data/people.csv")


def test_seeds_as_a_range(tmp_path: Path) -> None:
    assert study_of(tmp_path, TOP + "seeds: {count: 3, first: 7}\n").seeds == (7, 8, 9)
    assert study_of(tmp_path, TOP + "seeds: {count: 2}\n").seeds == (1, 2)
    assert study_of(tmp_path, TOP + "seeds: [9007199254740992, 0]\n").seeds == (2**53, 0)


def test_scenarios_inherit_key_by_key_and_replace_tables_whole(tmp_path: Path) -> None:
    study = study_of(
        tmp_path,
        TOP
        + """
defaults:
  workforce: {growth: {2025: 0.01, 2026: 0.02}, termination_rate: 0.1}
  compensation: {merit_months: {3: 1}}
  hazards: {retirement: [{min: 0, max: 60, rate: 0}, {min: 60, rate: 0.1}]}
scenarios:
  plain:
  lean:
    workforce: {growth: {2025: 0.05}}
    compensation: {merit_months: {4: 1}}
    hazards: {retirement: [{min: 0, rate: 0.02}]}
    hiring:
""",
    )
    base, lean = study.scenarios["plain"], study.scenarios["lean"]
    assert base.workforce.growth.at(2026) == Decimal("0.02")
    assert lean.workforce.growth.steps == ((2025, Decimal("0.05")),)
    assert lean.workforce.termination_rate.at(2025) == Decimal("0.1")
    assert (base.compensation.merit_months, lean.compensation.merit_months) == ({3: 1}, {4: 1})
    assert (len(base.hazards.retirement), len(lean.hazards.retirement)) == (2, 1)
    assert lean.hiring == Scenario().hiring


def test_merging_changes_neither_side() -> None:
    base = {"workforce": {"growth": 1, "selection": "exact"}}
    assert merge(base, {"workforce": {"growth": 2}}) == {"workforce": {"growth": 2, "selection": "exact"}}
    assert base == {"workforce": {"growth": 1, "selection": "exact"}}


def test_level_multipliers_left_out(tmp_path: Path) -> None:
    def promotion(text: str) -> list[tuple[int, str]]:
        rows = study_of(tmp_path, TOP + text).scenarios["baseline"].hazards.promotion.level
        return [(row.level_id, plain(row.multiplier)) for row in rows]

    assert promotion("") == [(1, "1"), (2, "0.9"), (3, "0.8"), (4, "0.35"), (5, "0")]
    three = ", ".join(f"{{level_id: {number}, name: L, min_pay: {number}0, max_pay: {number}9}}" for number in (2, 4, 7))
    assert promotion(f"defaults: {{levels: {{bands: [{three}]}}}}\n") == [(2, "1"), (4, "1"), (7, "0")]


def test_a_level_has_its_own_rate_or_the_sections(tmp_path: Path) -> None:
    study = study_of(
        tmp_path,
        TOP
        + """
defaults:
  levels:
    merit_rate: 0.04
    bands:
      - {level_id: 1, name: A, min_pay: 1, max_pay: 2}
      - {level_id: 2, name: B, min_pay: 2, max_pay: 3, merit_rate: 0}
""",
    )
    levels = study.scenarios["baseline"].levels
    assert [levels.merit_rate_of(level, 2025) for level in levels.bands] == [Decimal("0.04"), 0]


def bands(rows: tuple[BaseModel, ...], value: str) -> list[str]:
    """Rows as `min-max value`."""
    return [f"{row.min}-{row.max if row.max is not None else ''} {plain(getattr(row, value))}" for row in rows]  # type: ignore[attr-defined]


def test_shipped_defaults_are_those_of_the_research() -> None:
    scenario = Scenario().with_level_multipliers()
    scalars = {
        "workforce.growth": "0.03",
        "workforce.termination_rate": "0.12",
        "workforce.new_hire_termination_rate": "0.2",
        "workforce.selection": "exact",
        "hazards.termination.base": "0.085",
        "hazards.promotion.base": "0.1",
        "levels.uprating": "0.03",
        "levels.merit_rate": "0.032",
        "levels.promotion_raise_min": "0.05",
        "levels.promotion_raise_max": "0.124",
        "levels.hire_percentile": "0.4",
        "levels.hire_percentile_spread": "0.15",
        "compensation.cola": "0.003",
        "compensation.merit_service_months": "6",
        "compensation.merit_months": "2: 0.1, 3: 0.45, 4: 0.35, 7: 0.1",
        "compensation.promotion_date.month": "4",
        "compensation.promotion_date.day": "1",
        "compensation.promotion_raise_cap": "0.25",
        "compensation.annual_compensation_cap": "50000000",
        "hiring.level_mix": "hold",
        "hiring.part_time_share": "0.1",
        "hiring.part_time_hours": "20",
        "hiring.full_time_hours": "40",
    }
    for key, expected in scalars.items():
        value: object = scenario
        for part in key.split("."):
            value = getattr(value, part)
        assert (key, plain(value)) == (key, expected)
    termination, promotion = scenario.hazards.termination, scenario.hazards.promotion
    assert bands(termination.age, "multiplier") == ["0-25 1.6", "25-35 1.2", "35-45 1", "45-55 0.85", "55- 0.8"]
    assert bands(termination.tenure, "multiplier") == (
        ["0-1 2.5", "1-2 2.05", "2-3 1.7", "3-5 1.4", "5-10 1", "10-15 0.6", "15-20 0.4", "20- 0.3"]
    )
    assert {plain(row.multiplier) for row in termination.level} == {"1"}
    assert bands(scenario.hazards.retirement, "rate") == (
        ["0-55 0", "55-60 0.015", "60-62 0.04", "62-65 0.08", "65-70 0.15", "70- 0.2"]
    )
    assert bands(promotion.age, "multiplier") == (
        ["0-25 1.4", "25-35 1.25", "35-45 1", "45-55 0.75", "55-65 0.45", "65- 0.2"]
    )
    assert bands(promotion.tenure, "multiplier") == ["0-1 0", "1-5 1.3", "5-10 1", "10-20 0.7", "20- 0.4"]
    assert bands(scenario.hiring.ages, "weight") == (
        ["18-25 0.2", "25-35 0.34", "35-45 0.21", "45-55 0.15", "55-65 0.08", "65-70 0.02"]
    )


def models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """A model and every model under it."""
    yield model
    for field in model.model_fields.values():
        for found in re.findall(r"planwise_assets\.study\.(\w+)\.(\w+)", repr(field.annotation)):
            inner = getattr(sys.modules[f"planwise_assets.study.{found[0]}"], found[1])
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                yield from models(inner)


def test_every_setting_is_described_and_every_default_of_a_scenario_has_its_source() -> None:
    for model in models(Study):
        for name, field in model.model_fields.items():
            assert field.description, f"{model.__name__}.{name}"
    for section in models(Scenario):
        for name, field in section.model_fields.items():
            if field.is_required() or field.default is None or isinstance(field.default, BaseModel):
                continue
            assert "Source: " in (field.description or ""), f"{section.__name__}.{name}"


def test_explain_says_where_each_setting_came_from(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(
        TOP
        + "defaults: {workforce: {growth: 0.02}}\n"
        + "scenarios:\n  one: {}\n  two: {workforce: {growth: {2025: 0.05, 2026: 0.04}}}\n"
    )
    settings = {setting.key: setting for setting in explain(path)}
    one, two = settings["scenarios.one.workforce.growth"], settings["scenarios.two.workforce.growth"]
    assert (one.value, one.origin, one.line) == ("0.02", "study defaults", 4)
    assert (two.value, two.origin, two.line) == ("0.05 from 2025, 0.04 from 2026", "scenario", 7)
    assert settings["scenarios.one.compensation.cola"].origin == "shipped default"
    assert settings["years.start"].origin == "study file"
    assert settings["scenarios.one.hazards.promotion.level[row 5].multiplier"].value == "0"


_AT_ONCE = "vesting: {match: immediate, core: immediate}"
_QACA = "auto_enrollment: {scope: all_eligible, default_rate: 0.06}, escalation: {enabled: false}, vesting: {match: cliff_2}"


@pytest.mark.parametrize(
    ("plan", "tiers", "core"),
    [
        (f"{{safe_harbor: basic, {_AT_ONCE}}}", ["0.03: 1", "0.05: 0.5"], "0"),
        (f"{{safe_harbor: qaca_match, {_QACA}}}", ["0.01: 1", "0.06: 0.5"], "0"),
        (f"{{safe_harbor: nonelective, {_AT_ONCE}}}", ["0.03: 1", "0.05: 0.5"], "0.03"),
        ("{match: {by_service: [{min: 0, tiers: [{up_to: 0.04, rate: 1}]}]}}", [], "0"),
    ],
)
def test_the_match_that_is_explained_is_the_match_that_is_computed(
    plan: str, tiers: list[str], core: str, tmp_path: Path
) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(TOP + f"scenarios:\n  one: {{plan: {plan}}}\n")
    study = load_study(path)
    explained = {setting.key: setting for setting in explain(path)}
    recorded = dict(inputs_of(study, path, path.parent, "")["scenarios"]["one"]["settings"])
    for settings in ({key: setting.value for key, setting in explained.items()}, recorded):
        shown = {key.rsplit("plan.", 1)[-1]: value for key, value in settings.items() if "plan." in key}
        rows = [
            f"{shown[f'match.tiers[row {row}].up_to']}: {shown[f'match.tiers[row {row}].rate']}"
            for row in (1, 2)[: len(tiers)]
        ]
        assert rows == tiers
        assert f"match.tiers[row {len(tiers) + 1}].up_to" not in shown
        assert shown["core.rate"] == core
    computed = match_bands(study.scenarios["one"].plan)[0].tiers
    assert not tiers or [f"{plain(tier.up_to)}: {plain(tier.rate)}" for tier in computed] == tiers
    origin = explained.get("scenarios.one.plan.match.tiers[row 1].up_to")
    assert origin is None or (origin.origin == "plan design") == ("qaca" in plan)


@pytest.mark.parametrize("name", ["default", "tiny"])
def test_shipped_studies_load(name: str) -> None:
    study = load_study(PROJECT / "studies" / f"{name}.yaml")
    assert study.study == name
    assert study.census.parent == PROJECT / "data"


def test_the_census_hash_is_of_the_content(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(b"abc")
    assert census_hash(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert len(CENSUS_COLUMNS) == len(set(CENSUS_COLUMNS)) == 48


def test_a_constant_has_one_step() -> None:
    assert ByYear(((0, 6),)).at(1990) == 6


def test_loading_a_study_imports_neither_dagster_nor_dbt() -> None:
    code = (
        "import sys, planwise_assets.study.file.load, planwise_assets.study.file.explain, "
        "planwise_assets.study.parameters.tables, planwise_assets.study.parameters.fingerprint; "
        "print([m for m in ('dagster', 'dbt', 'duckdb') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
