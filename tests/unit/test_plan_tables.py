"""The plan's parameter tables: what the models get of a scenario's plan in one year."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from planwise_assets.settings import PROJECT_ROOT
from planwise_assets.study.bands import OPEN_END, OPEN_PAY_END
from planwise_assets.study.file.load import load_study
from planwise_assets.study.parameters.fingerprint import differences, fingerprint
from planwise_assets.study.parameters.plan_tables import plan_design_id
from planwise_assets.study.parameters.tables import parameter_tables
from planwise_assets.study.plan.plan import Plan
from planwise_assets.study.schema import Study
from tests.unit.macro_text import macro

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
    found = parameter_tables(study, year)[table]
    return [tuple(row.values())[2:] for row in found if row["scenario_id"] == scenario]


def parameters(study: Study, scenario: str, year: int = 2025) -> dict[str, object]:
    (row,) = (row for row in parameter_tables(study, year)["plan_parameters"] if row["scenario_id"] == scenario)
    return row


def test_the_models_sources_have_exactly_these_tables_and_columns(tmp_path: Path) -> None:
    text = (PROJECT_ROOT / "dbt_project" / "models" / "sources.yml").read_text()
    (source,) = (source for source in yaml.safe_load(text)["sources"] if source["name"] == "study")
    declared = {table["name"]: {column["name"] for column in table["columns"]} for table in source["tables"]}
    del declared["census_input"]
    tables = parameter_tables(loaded(tmp_path), 2025)
    assert {name: {frozenset(row) for row in rows} for name, rows in tables.items()} == {
        name: {frozenset(columns)} for name, columns in declared.items()
    }


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


def bands(study: Study, scenario: str, *subjects: str) -> list[tuple[object, ...]]:
    """(subject, dimension, start and end of the band, ends of the tier, value) of some subjects."""
    return [
        (subject, *row, None if value is None else str(value))
        for subject, *row, value in rows(study, "plan_bands", scenario)
        if subject in subjects
    ]


def tier(band: tuple[int, int], ends: tuple[str, str], rate: str) -> tuple[object, ...]:
    return ("match", "service", *band, Decimal(ends[0]), Decimal(ends[1]), f"{Decimal(rate):.6f}")


def test_safe_harbor_names_are_resolved_to_tiers(tmp_path: Path) -> None:
    study = loaded(tmp_path)
    assert bands(study, "plain", "match", "core", "core_excess") == [
        tier((0, 999), ("0", "0.03"), "1"),
        tier((0, 999), ("0.03", "0.05"), "0.5"),
    ]
    # IRC 401(k)(13)(D)(i)(I): 100 % to 1 %, 50 % to 6 %.
    assert bands(study, "qaca", "match", "core", "core_excess") == [
        tier((0, 999), ("0", "0.01"), "1"),
        tier((0, 999), ("0.01", "0.06"), "0.5"),
    ]
    # IRC 401(k)(12)(C): 3 % of pay.
    assert bands(study, "three_percent", "match", "core", "core_excess") == [("core", "service", 0, 999, 0, None, "0.03")]


def test_tiers_by_service(tmp_path: Path) -> None:
    assert bands(loaded(tmp_path), "graded", "match", "core", "core_excess") == [
        ("core", "service", 1, 10, 0, None, "0.020000"),
        ("core", "service", 10, 999, 0, None, "0.060000"),
        ("core_excess", "service", 10, 999, 0, None, "0.050000"),
        tier((0, 5), ("0", "0.06"), "0.5"),
        tier((5, 999), ("0", "0.02"), "1.25"),
        tier((5, 999), ("0.02", "0.06"), "0.5"),
    ]


def test_core_by_age(tmp_path: Path) -> None:
    by_age = "[{min: 0, max: 50, rate: 0.02}, {min: 50, rate: 0.04, excess_rate: 0.03}]"
    study = loaded(tmp_path, f"{SETTINGS}  aged: {{plan: {{core: {{by_age: {by_age}}}}}}}\n")
    assert bands(study, "aged", "core", "core_excess") == [
        ("core", "age", 0, 50, 0, None, "0.020000"),
        ("core", "age", 50, 999, 0, None, "0.040000"),
        ("core_excess", "age", 50, 999, 0, None, "0.030000"),
    ]


def test_every_schedule_starts_at_0_years_and_a_step_ends_where_the_next_begins(tmp_path: Path) -> None:
    def steps(scenario: str, subject: str) -> list[tuple[object, ...]]:
        return [(*row[1:4], Decimal(str(row[-1]))) for row in bands(study, scenario, subject)]

    study = loaded(tmp_path)
    assert steps("graded", "core_vesting") == [
        ("service", 0, 1, 0),
        ("service", 1, 2, Decimal("0.333333")),
        ("service", 2, 999, 1),
    ]
    assert steps("graded", "match_vesting") == [("service", 0, 999, 1)]
    assert steps("plain", "match_vesting")[:2] == [("service", 0, 2, 0), ("service", 2, 3, Decimal("0.2"))]


def test_behavior_covers_every_age_and_pay_once(tmp_path: Path) -> None:
    for subject in ("deferral", "opt_out", "voluntary"):
        found = bands(loaded(tmp_path), "plain", subject)
        for dimension, end in (("age", OPEN_END), ("pay", OPEN_PAY_END)):
            ends = [row[2:4] for row in found if row[1] == dimension]
            assert [0, *(high for _, high in ends)] == [*(low for low, _ in ends), end]


def test_the_spread_lies_end_to_end_without_empty_stretches(tmp_path: Path) -> None:
    found = bands(loaded(tmp_path), "graded", "deferral")
    spread = [(*row[2:4], float(str(row[-1]))) for row in found if row[1] == "spread"]
    assert spread == [(0, 333_333, 0.5), (333_333, 1_000_000, 1.0)]


def test_python_and_sql_end_open_bands_at_the_same_value() -> None:
    assert int(macro("arithmetic/bands.sql", "open_end")) == OPEN_END


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
