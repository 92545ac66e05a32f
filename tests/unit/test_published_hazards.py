"""A study whose hazards are a published table's: the rates that the models get, and what is refused or said."""

from __future__ import annotations

import math
from decimal import Decimal
from pathlib import Path

import pytest

from planwise_assets.study.errors import StudyError
from planwise_assets.study.file.explain import explain
from planwise_assets.study.file.load import load_study
from planwise_assets.study.parameters.tables import parameter_tables
from planwise_assets.study.schema import Study
from tests.unit.soa_1549 import PRINTED

TOP = "study: example\ncensus: people.csv\nyears: {start: 2025, end: 2025}\n"


def study_of(folder: Path, hazards: str, workforce: str = "{termination_rate: hazard}") -> Study:
    file = folder / "study.yaml"
    file.write_text(f"{TOP}defaults:\n  workforce: {workforce}\n  hazards: {hazards}\n")
    return load_study(file)


def probability(study: Study, age: int, service: int) -> float:
    """As the models make it of the rows: 1 - (1 - base)^(product of the multipliers)."""
    tables = parameter_tables(study, 2025)
    product = Decimal(1)
    for dimension, value in (("age", age), ("tenure", service)):
        (row,) = [
            row
            for row in tables["scenario_hazards"]
            if (row["hazard"], row["dimension"]) == ("termination", dimension)
            and row["band_min"] <= value < row["band_max"]  # type: ignore[operator]
            and row["tenure_min"] <= service < row["tenure_max"]  # type: ignore[operator]
        ]
        product *= row["value"]  # type: ignore[operator]
    base = tables["scenario_parameters"][0]["termination_base"]
    return 1 - (1 - float(base)) ** float(product)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("age", "service", "rates"),
    [
        *PRINTED,
        (60, 30, (0.0020, 0.0020)),
        # Beyond the table its edge holds.
        (70, 30, (0.0020, 0.0020)),
    ],
)
def test_1549_is_in_force_by_age_and_service(tmp_path: Path, age: int, service: int, rates: tuple[float, float]) -> None:
    study = study_of(tmp_path, "{termination: {table: soa-1549}}")
    assert probability(study, age, service) == pytest.approx(sum(rates) / 2, rel=1e-5)


def test_the_scale_is_a_hazard_ratio(tmp_path: Path) -> None:
    """1.1 times the rate of q = .1609 at 20 with 3 years: 1 - (1 - .1619)^1.1."""
    study = study_of(tmp_path, "{termination: {table: soa-1549, scale: 1.1}}")
    assert probability(study, 20, 3) == pytest.approx(1 - (1 - (0.1419 + 0.1819) / 2) ** 1.1, rel=1e-5)


def test_the_rows_cover_every_age_and_service_once(tmp_path: Path) -> None:
    rows = parameter_tables(study_of(tmp_path, "{termination: {table: soa-1549}}"), 2025)["scenario_hazards"]
    area = sum(
        (row["band_max"] - row["band_min"]) * (row["tenure_max"] - row["tenure_min"])  # type: ignore[operator]
        for row in rows
        if (row["hazard"], row["dimension"]) == ("termination", "age")
    )
    assert area == 999 * 999


def test_a_table_by_duration_is_by_completed_service(tmp_path: Path) -> None:
    study = study_of(tmp_path, '{termination: {table: "soa-1701 by duration of withdrawal"}}')
    assert probability(study, 40, 0) == pytest.approx(0.2, rel=1e-5)
    assert probability(study, 60, 1) == pytest.approx(0.12, rel=1e-5)


def test_who_retires_is_not_counted_twice(tmp_path: Path) -> None:
    """1549 ends at 60 and counts every way out; Sarason's tables do not count who retires."""
    study = study_of(tmp_path, "{termination: {table: soa-1549}}")
    rows = [row for row in parameter_tables(study, 2025)["scenario_hazards"] if row["hazard"] == "retirement"]
    assert [(row["band_min"], row["band_max"], float(row["value"])) for row in rows][:2] == [(0, 61, 0.0), (61, 62, 0.04)]  # type: ignore[arg-type]
    assert any("hazards.retirement counts from age 61 on alone" in sentence for sentence in study.warnings)
    sarason = study_of(tmp_path, "{termination: {table: soa-1926}}")
    rows = [row for row in parameter_tables(sarason, 2025)["scenario_hazards"] if row["hazard"] == "retirement"]
    assert (rows[1]["band_min"], rows[1]["band_max"]) == (55, 60)
    assert not math.isclose(float(rows[1]["value"]), 0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hazards", "says"),
    [
        ("{termination: {table: soa-1701}}", "nothing says what it is about"),
        ("{termination: {table: '1549'}}", "must be soa- and the number of a table"),
        ("{termination: {table: soa-9999 by age of all}}", "there is no such table"),
        ("{termination: {table: soa-1701 by age of withdrawal}}", "has the axis Duration, which is not a table by age"),
        ("{termination: {table: soa-885 by age of mortality}}", "counts mortality, which is not termination"),
        ("{termination: {scale: 1.1}}", "is of a published table, and none is named"),
        ("{termination: {table: soa-1549}, retirement: [{min: 0, rate: 0.1}]}", "counts those who retire twice"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_line(tmp_path: Path, hazards: str, says: str) -> None:
    with pytest.raises(StudyError, match=says) as caught:
        study_of(tmp_path, hazards)
    assert "line 6" in str(caught.value)


def test_what_is_not_read_is_said(tmp_path: Path) -> None:
    study = study_of(tmp_path, "{termination: {table: soa-1926, base: 0.1}}", "{termination_rate: 0.12}")
    assert any("takes the place of base, which are not read" in sentence for sentence in study.warnings)
    assert any("how many: with `termination_rate: hazard` its rates decide both" in sentence for sentence in study.warnings)


def test_what_is_in_force_is_the_table_and_no_band(tmp_path: Path) -> None:
    """`config explain` and the provenance sheet show no base and no bands that nothing reads."""
    study_of(tmp_path, "{termination: {table: soa-1549, scale: 1.1}}")
    settings = {setting.key: setting for setting in explain(tmp_path / "study.yaml") if ".hazards." in setting.key}
    of_termination = {
        key.split(".termination.")[1]: found.value for key, found in settings.items() if ".termination." in key
    }
    assert {key: value for key, value in of_termination.items() if not key.startswith("level")} == {
        "table": "soa-1549",
        "scale": "1.1",
        "age": "none",
        "tenure": "none",
    }
    first = settings["scenarios.baseline.hazards.retirement[row 1].max"]
    assert (first.value, first.origin, first.line) == ("61", "published table", 6)
