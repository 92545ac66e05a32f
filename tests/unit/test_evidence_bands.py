"""Bands by proportional fitting, and the settings that a fit becomes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
import yaml

from planwise_assets.evidence.bands import band_of, joined_bands, proportional_fit
from planwise_assets.evidence.experience import Experience, Group
from planwise_assets.evidence.exposure import HireYear
from planwise_assets.evidence.hazards import fit_hazards
from planwise_assets.evidence.section_text import section_text
from planwise_assets.evidence.study_section import section_of
from planwise_assets.settings import PROJECT_ROOT
from planwise_assets.study.file.load import load_study
from tests.statistical.evidence_truth import TRUTHS, simulate


@pytest.fixture(scope="module")
def seen() -> Experience:
    return simulate(TRUTHS["additive"], 4000, 6, seed=1).experience


def test_proportional_fitting_is_the_poisson_regression_on_bands(seen: Experience) -> None:
    ages, services = (0, 30, 45, 60), (0, 2, 8)
    ours = proportional_fit(seen.age, seen.service, seen.exits, seen.person_years, age_starts=ages, service_starts=services)
    rows, columns = np.eye(4)[band_of(ages, seen.age)], np.eye(3)[band_of(services, seen.service)][:, 1:]
    theirs = sm.GLM(
        seen.exits, np.concatenate([rows, columns], 1), family=sm.families.Poisson(), offset=np.log(seen.person_years)
    ).fit(tol=1e-12)
    assert ours.hazard(seen.age, seen.service) * seen.person_years == pytest.approx(theirs.fittedvalues, rel=1e-5)


def test_neighbours_join_where_nothing_is_lost() -> None:
    values = np.arange(20, 40)
    expected = np.full(20, 100.0)
    exits = np.where(values < 30, 10.0, np.where(values == 35, 60.0, 20.0))
    assert joined_bands(values, exits, expected, most=10, loss=0.5) == (20, 30, 35, 36)
    assert len(joined_bands(values, exits, expected, most=2, loss=0.5)) == 2


def written(seen: Experience, folder: Path, **changes: object) -> tuple[str, Path]:
    """The settings of a fit, put into a study file."""
    section = section_of(fit_hazards(seen), seen, [HireYear(2010, 200, 30)])
    text = section_text(replace(section, **changes), source="a test")  # type: ignore[arg-type]
    study = yaml.safe_load((PROJECT_ROOT / "studies" / "tiny.yaml").read_text(encoding="utf-8"))
    study["census"] = str((PROJECT_ROOT / "studies" / study["census"]).resolve())
    study["defaults"] = yaml.safe_load(text)
    file = folder / "study.yaml"
    file.write_text(yaml.safe_dump(study, sort_keys=False), encoding="utf-8")
    return text, file


def test_the_study_loader_takes_the_settings_as_they_are(seen: Experience, tmp_path: Path) -> None:
    text, file = written(seen, tmp_path)
    scenario = next(iter(load_study(file).scenarios.values()))
    assert str(scenario.workforce.new_hire_termination_rate.at(2025)) == "0.150000"
    assert scenario.hazards.termination.age[-1].max is None
    assert "person-years" in text
    assert "not seen: the shipped hazard" in text
    assert "of 200 hires" in text


def test_the_bands_expect_what_the_surface_expects(seen: Experience) -> None:
    hazards = fit_hazards(seen)
    section = section_of(hazards, seen)
    assert section.termination.base is not None
    factors = []
    for values, bands in ((seen.age, section.termination.age), (seen.service, section.termination.service)):
        starts = [band.start for band in bands]
        factors.append(np.array([band.value for band in bands])[band_of(starts, values)])
    product = -np.log1p(-section.termination.base) * factors[0] * factors[1]
    surface = hazards.rates(replace(seen, year=np.full_like(seen.year, seen.years[-1])))["quit"]
    assert (product * seen.person_years).sum() == pytest.approx((surface * seen.person_years).sum(), rel=1e-3)
    assert section.termination.lost < 0.05
    for band in (*section.termination.age, *section.termination.service):
        assert band.low <= band.value <= band.high


def test_what_was_not_seen_keeps_the_shipped_hazard(seen: Experience) -> None:
    section = section_of(fit_hazards(seen), seen)
    first = section.termination.age[0]
    assert (first.start, first.end, first.is_fitted) == (0, 20, False)
    assert section.termination.base is not None
    # The shipped hazard at 14-24 years of age and 5-9 of service: -ln(1 - .085) x 1.6 x 1.
    assert first.value * -np.log1p(-section.termination.base) == pytest.approx(-np.log1p(-0.085) * 1.6)


def test_retirement_has_rates_of_its_own_and_may_be_certain() -> None:
    base = simulate(TRUTHS["additive"], 3000, 6, seed=2).experience
    base = base.where(base.age <= 64)
    goes = np.where(base.age == 64, base.people - base.exits, 0.0)
    retiring = replace(base, events={"quit": base.exits, "retirement": goes})
    section = section_of(fit_hazards(retiring), retiring)
    by_age = {band.start: band for band in section.retirement}
    assert by_age[64].value > 3
    assert by_age[65].value == pytest.approx(0.15)
    assert not by_age[65].is_fitted
    assert all(band.value < 0.01 for band in section.retirement if band.is_fitted and band.start < 60)
    assert section.capped == ()


def test_without_the_cause_retirement_nobody_retires_twice(seen: Experience) -> None:
    section = section_of(fit_hazards(seen), seen)
    assert [(band.start, band.end, band.value) for band in section.retirement if band.is_fitted] == [(20, 70, 0.0)]
    assert [band.value for band in section.retirement if band.start >= 70] == pytest.approx([0.2])


def test_too_few_exits_give_one_rate_with_its_error(seen: Experience) -> None:
    few = seen.where(np.cumsum(seen.exits) <= 10)
    section = section_of(fit_hazards(few), few)
    fitted = [band for band in section.termination.service if band.is_fitted]
    assert len(fitted) == 1
    half = np.exp(1.96 / np.sqrt(few.exits.sum()))
    assert (fitted[0].low, fitted[0].high) == (pytest.approx(1 / half), pytest.approx(half))


def test_a_cause_can_be_left_out(seen: Experience) -> None:
    laid_off = replace(
        seen, events={"quit": seen.exits, "layoff": np.where(seen.exits == 0, seen.people * 0.1, 0.0).round()}
    )
    hazards = fit_hazards(laid_off)
    both, one = (section_of(hazards, laid_off, left_out=left).termination.base or 0.0 for left in ((), ("layoff",)))
    assert both > one > 0


def test_levels_get_multipliers(seen: Experience) -> None:
    codes = np.random.default_rng(1).integers(0, 2, len(seen.age))
    exits = np.where(codes == 1, np.minimum(seen.exits * 2, seen.people), seen.exits)
    levels = replace(seen, events={"quit": exits}, groups={"level_id": Group(codes, ("1", "2"))})
    section = section_of(fit_hazards(levels, groups=["level_id"]), levels)
    assert section.termination.levels[2].value / section.termination.levels[1].value == pytest.approx(2.0, rel=0.25)
