"""The plan's parameter tables: what the models get of a scenario's plan in one year."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from planwise_assets.settings import PROJECT_ROOT
from planwise_assets.study.file.load import load_study
from planwise_assets.study.parameters.columns import SCHEMAS
from planwise_assets.study.parameters.fingerprint import differences, fingerprint
from planwise_assets.study.parameters.plan_tables import OPEN_PAY_END, plan_design_id
from planwise_assets.study.parameters.tables import parameter_tables
from planwise_assets.study.plan.plan import Plan
from planwise_assets.study.schema import Study

SETTINGS = """
study: trial
census: people.csv
years: {start: 2025, end: 2028}
scenarios:
  plain: {}
  qaca:
    plan:
      safe_harbor: qaca_match
      auto_enrollment: {scope: all_eligible, hire_cutoff: 2020-07-01, default_rate: {2025: 0.03, 2027: 0.06}}
      vesting: {match: cliff_2}
  graded:
    plan:
      match:
        by_service:
          - {min: 0, max: 5, tiers: [{up_to: 0.06, rate: 0.5}]}
          - {min: 5, tiers: [{up_to: 0.02, rate: 1.25}, {up_to: 0.06, rate: 0.5}]}
      core:
        by_service: [{min: 0, max: 1, rate: 0}, {min: 1, max: 10, rate: 0.02}, {min: 10, rate: 0.06, excess_rate: 0.05}]
      vesting: {match: immediate, core: [{years: 1, vested: 0.333333}, {years: 2, vested: 1}]}
      voluntary: {deferral: {spread: [{factor: 0.5, weight: 1}, {factor: 9, weight: 0}, {factor: 1, weight: 2}]}}
  three_percent:
    plan: {safe_harbor: nonelective, vesting: {core: immediate}, match: {tiers: []}}
    limits: {overrides: {elective_deferral_402g: {2026: 30000}}}
"""


def loaded(folder: Path, text: str = SETTINGS) -> Study:
    path = folder / "study.yaml"
    path.write_text(text)
    return load_study(path)


def rows(study: Study, table: str, scenario: str, year: int = 2025) -> list[tuple[object, ...]]:
    """A scenario's rows, without year and name."""
    return [row[2:] for row in parameter_tables(study, year)[table].rows if row[1] == scenario]


def parameters(study: Study, scenario: str, year: int = 2025) -> dict[str, object]:
    names = [name for name, _ in SCHEMAS["plan_parameters"]]
    (row,) = (row for row in parameter_tables(study, year)["plan_parameters"].rows if row[1] == scenario)
    return dict(zip(names, row, strict=True))


def test_the_models_sources_have_exactly_these_columns() -> None:
    text = (PROJECT_ROOT / "dbt_project" / "models" / "sources.yml").read_text()
    (study,) = (source for source in yaml.safe_load(text)["sources"] if source["name"] == "study")
    declared = {
        table["name"]: tuple((column["name"], column["data_type"]) for column in table["columns"])
        for table in study["tables"]
    }
    del declared["census_input"]
    assert declared == SCHEMAS


def test_scalars_are_those_of_the_year(tmp_path: Path) -> None:
    study = loaded(tmp_path)
    before, after = parameters(study, "qaca", 2026), parameters(study, "qaca", 2027)
    assert (before["auto_default_rate_millionths"], after["auto_default_rate_millionths"]) == (30_000, 60_000)
    assert (before["auto_hire_cutoff"], before["adopted"]) == (date(2020, 7, 1), date(2010, 1, 1))
    assert (before["match_cap_cents"], before["auto_enabled"], before["safe_harbor"]) == (None, True, "qaca_match")


def test_a_yearly_cap_is_in_cents(tmp_path: Path) -> None:
    path = tmp_path / "cap.yaml"
    path.write_text(
        "study: cap\ncensus: a.csv\nyears: {start: 2025, end: 2026}\n"
        "defaults: {plan: {match: {annual_cap: {2025: 12345.67, 2026: 0}}}}\n"
    )
    study = load_study(path)
    assert [parameters(study, "baseline", year)["match_cap_cents"] for year in (2025, 2026)] == [1_234_567, 0]


def test_safe_harbor_names_are_resolved_to_tiers(tmp_path: Path) -> None:
    study = loaded(tmp_path)
    assert rows(study, "plan_tiers", "plain") == [
        ("match", 0, 999, 1, 0, 30_000, 1_000_000, 0),
        ("match", 0, 999, 2, 30_000, 50_000, 500_000, 0),
    ]
    # IRC 401(k)(13)(D)(i)(I): 100 % to 1 %, 50 % to 6 %.
    assert rows(study, "plan_tiers", "qaca") == [
        ("match", 0, 999, 1, 0, 10_000, 1_000_000, 0),
        ("match", 0, 999, 2, 10_000, 60_000, 500_000, 0),
    ]
    # IRC 401(k)(12)(C): 3 % of pay.
    assert rows(study, "plan_tiers", "three_percent") == [("core", 0, 999, 1, 0, 0, 30_000, 0)]


def test_tiers_by_service(tmp_path: Path) -> None:
    assert rows(loaded(tmp_path), "plan_tiers", "graded") == [
        ("core", 1, 10, 1, 0, 0, 20_000, 0),
        ("core", 10, 999, 1, 0, 0, 60_000, 50_000),
        ("match", 0, 5, 1, 0, 60_000, 500_000, 0),
        ("match", 5, 999, 1, 0, 20_000, 1_250_000, 0),
        ("match", 5, 999, 2, 20_000, 60_000, 500_000, 0),
    ]


def test_every_schedule_starts_at_0_years(tmp_path: Path) -> None:
    study = loaded(tmp_path)
    assert rows(study, "plan_vesting", "graded") == [
        ("core", 0, 0),
        ("core", 1, 333_333),
        ("core", 2, 1_000_000),
        ("match", 0, 1_000_000),
    ]
    assert rows(study, "plan_vesting", "plain")[2:4] == [("match", 0, 0), ("match", 2, 200_000)]


def test_behavior_covers_every_age_and_pay_once(tmp_path: Path) -> None:
    behavior = rows(loaded(tmp_path), "plan_behavior", "plain")
    for name in ("deferral", "opt_out", "voluntary"):
        for dimension, end in (("age", 999), ("pay", OPEN_PAY_END)):
            bands = [row[2:4] for row in behavior if row[:2] == (name, dimension)]
            assert [0, *(high for _, high in bands)] == [*(low for low, _ in bands), end]


def test_the_spread_lies_end_to_end_without_empty_stretches(tmp_path: Path) -> None:
    spread = [
        (position, float(str(factor)), start, end)
        for position, factor, start, end in rows(loaded(tmp_path), "plan_deferral_spread", "graded")
    ]
    assert spread == [(1, 0.5, 0, 333_333), (2, 1.0, 333_333, 1_000_000)]


def test_legal_limits_have_their_status(tmp_path: Path) -> None:
    study = loaded(tmp_path)
    status = {
        (scenario, year): next(row[4] for row in rows(study, "plan_legal_limits", scenario, year) if "402g" in str(row[0]))
        for scenario in ("plain", "three_percent")
        for year in (2025, 2026, 2027)
    }
    assert status == {
        ("plain", 2025): "announced",
        ("plain", 2026): "announced",
        ("plain", 2027): "projected",
        ("three_percent", 2025): "announced",
        ("three_percent", 2026): "override",
        ("three_percent", 2027): "projected",
    }


def test_the_same_plan_has_the_same_id_and_every_setting_counts(tmp_path: Path) -> None:
    shipped = plan_design_id(Plan(), 2025)
    assert len(shipped) == 12
    written = {"auto_enrollment": {"window_days": {2025: 30}}, "vesting": {"match": "graded_2_6"}}
    assert plan_design_id(Plan.model_validate(written), 2025) == shipped
    assert plan_design_id(Plan.model_validate({"adopted": "2010-01-02"}), 2025) != shipped
    study = loaded(tmp_path)
    ids = {parameters(study, scenario)["plan_design_id"] for scenario in study.scenarios}
    assert len(ids) == len(study.scenarios)
    # A value by year changes the id in its year only.
    by_year = [parameters(study, "qaca", year)["plan_design_id"] for year in (2025, 2026, 2027)]
    assert by_year[0] == by_year[1] != by_year[2]


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ("plan: {match: {tiers: [{up_to: 0.06, rate: 0.5}]}}", "plan.match.tiers"),
        ("plan: {auto_enrollment: {enabled: false}}", "plan.auto_enrollment.enabled in 2025: true -> false"),
        ("plan: {vesting: {match: immediate}}", "plan.vesting.match"),
        ("limits: {overrides: {catch_up_414v: {2026: 9000}}}", "limits.overrides.catch_up_414v: none -> 2026: 9000"),
    ],
)
def test_the_year_gate_sees_the_plan(tmp_path: Path, settings: str, named: str) -> None:
    def printed(scenario: str) -> dict[str, str]:
        path = tmp_path / "study.yaml"
        path.write_text(f"study: a\ncensus: a.csv\nyears: {{start: 2025, end: 2028}}\nscenarios: {{one: {{{scenario}}}}}\n")
        return fingerprint(load_study(path), 2026, "c1" * 32)

    assert any(named in sentence for sentence in differences(printed(""), printed(settings)))
