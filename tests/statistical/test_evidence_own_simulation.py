"""A simulation's own year-ends give back the settings that made them, and the backtest of them holds.

The settings are not the shipped ones, so that a default that is written in place of a fit fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from planwise_assets.evidence.backtest import run_backtest
from planwise_assets.evidence.fitting import Wish, fit_evidence
from planwise_assets.evidence.hazards import fit_hazards
from planwise_assets.evidence.history import Evidence, read_evidence
from planwise_assets.evidence.movement import Estimate, movement_of
from planwise_assets.evidence.promotions import promotion_experience
from planwise_assets.evidence.rivals import shipped_promotions, shipped_rates
from planwise_assets.evidence.saving import saving_of
from planwise_assets.evidence.study_section import promotion_of, section_of
from planwise_assets.study.file.load import load_study
from tests.harness import SAMPLE_CENSUS, simulation
from tests.statistical import shipped

pytestmark = pytest.mark.statistical

NEW_HIRE_RATE, PROMOTION_BASE = 0.2, 0.2
HIRE_AGES = {(20, 25): 0.25, (25, 35): 0.35, (35, 45): 0.2, (45, 55): 0.15, (55, 60): 0.05}
LEVEL_MIX = {1: 0.6, 2: 0.2, 3: 0.1, 4: 0.05, 5: 0.05}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Four years of the sample company with the shipped hazards of leaving, everybody's own draw deciding."""
    folder = tmp_path_factory.mktemp("own")
    study = {
        "study": "own",
        "census": str(SAMPLE_CENSUS),
        "years": {"start": 2025, "end": 2028},
        "seeds": [1],
        "scenarios": {
            "baseline": {
                "workforce": {
                    "growth": 0.04,
                    "termination_rate": "hazard",
                    "selection": "bernoulli",
                    "new_hire_termination_rate": NEW_HIRE_RATE,
                },
                "hazards": {"promotion": {"base": PROMOTION_BASE}},
                "levels": {"merit_rate": 0.035, "promotion_raise_min": 0.06, "promotion_raise_max": 0.12},
                "compensation": {"cola": 0.012},
                "hiring": {
                    "ages": [{"min": low, "max": high, "weight": weight} for (low, high), weight in HIRE_AGES.items()],
                    "level_mix": [{"level_id": level, "weight": weight} for level, weight in LEVEL_MIX.items()],
                },
                "plan": {
                    "changes": {"up_share": 0.3, "down_share": 0.05, "step": 0.03, "stop_share": 0.02},
                    "escalation": {"increment": 0.02},
                },
            }
        },
    }
    simulated = simulation(folder, study).run(tested=False)
    files = []
    with simulated.connect() as connection:
        for year in range(2025, 2029):
            files.append(folder / f"year_end_{year}.csv")
            connection.execute(
                f"""
                copy (
                    select people.employee_id, birth_date, hire_date, people.termination_date, employment_status,
                        people.level_id, annual_compensation, deferral_rate, enrollment_source,
                        case exit_category when 'retirement' then 'Retirement' when 'experienced' then 'Quit' end as reason
                    from fct_workforce_snapshot as people
                    left join int_termination_events as exits using (employee_id, simulation_year)
                    where people.simulation_year = {year}
                ) to '{files[-1]}' (format csv, header)
                """
            )
    return files


@pytest.fixture(scope="module")
def evidence(files: list[Path]) -> Evidence:
    return read_evidence(files)


@pytest.fixture(scope="module")
def of_two_files(files: list[Path]) -> Evidence:
    return read_evidence(files[-2:])


def test_the_hazards_come_back_within_their_error(evidence: Evidence) -> None:
    """By the bands that made them: a band of so many exits has the error of its count, and steps are slopes of a curve."""
    seen = evidence.experience
    truth, fitted = shipped_rates(seen), fit_hazards(seen).rates(seen)
    bands = {
        ("resignation", "termination", "service"): shipped.TERMINATION_TENURE,
        ("resignation", "termination", "age"): shipped.TERMINATION_AGE,
        ("retirement", "retirement", "age"): shipped.RETIREMENT,
    }
    for (cause, name, axis), shape in bands.items():
        band = shape.index(seen.service if axis == "service" else seen.age)
        for at in np.unique(band):
            here = band == at
            meant, found = ((rates[here] * seen.person_years[here]).sum() for rates in (truth[name], fitted[cause]))
            if meant >= 10:
                assert abs(np.log(found / meant)) < 2.6 / np.sqrt(meant) + 0.1, (cause, axis, shape.starts[at])


def test_the_settings_expect_what_the_truth_expects(evidence: Evidence) -> None:
    seen = evidence.experience
    truth = shipped_rates(seen)
    expected = fit_hazards(seen).rates(seen)
    total = (truth["termination"] * seen.person_years).sum()
    assert (expected["resignation"] * seen.person_years).sum() == pytest.approx(total, rel=0.05)
    section = section_of(fit_hazards(seen), seen, evidence.hires)
    assert section.new_hire_rate == pytest.approx(NEW_HIRE_RATE, abs=0.02)


def estimates(evidence: Evidence) -> Iterator[tuple[str, Estimate, float]]:
    """Each fitted value with the setting that made it."""
    movement, saving = movement_of(evidence.ends), saving_of(evidence.ends)
    assert isinstance(movement.level_mix, dict)
    assert movement.promotion_raise is not None
    made = {
        "growth": (movement.growth, 0.04),
        "cola": (movement.cola, 0.012),
        "merit_rate": (movement.merit, 0.035),
        "promotion_raise_min": (movement.promotion_raise[0], 0.06),
        "promotion_raise_max": (movement.promotion_raise[1], 0.12),
        "increment": (saving.increment, 0.02),
        "up_share": (saving.changes["up_share"], 0.3),
        "down_share": (saving.changes["down_share"], 0.05),
        "stop_share": (saving.changes["stop_share"], 0.02),
        "step": (saving.changes["step"], 0.03),
    }
    made |= {f"hires of {ages}": (movement.hire_ages[ages], weight) for ages, weight in HIRE_AGES.items()}
    made |= {f"hires of level {level}": (movement.level_mix[level], weight) for level, weight in LEVEL_MIX.items()}
    for name, (estimate, truth) in made.items():
        assert estimate is not None, name
        yield name, estimate, truth


@pytest.mark.parametrize("history", ["of_two_files", "evidence"])
def test_growth_hires_pay_and_saving_come_back_within_their_intervals(history: str, request: pytest.FixtureRequest) -> None:
    """With some twenty intervals of 95 % one misses its truth by chance; none does by half its width more."""
    found = list(estimates(request.getfixturevalue(history)))
    missed = [name for name, estimate, truth in found if not estimate.low - 1e-6 <= truth <= estimate.high + 1e-6]
    assert len(missed) <= 2, missed
    for name, estimate, truth in found:
        assert abs(truth - estimate.value) <= 1.5 * (estimate.high - estimate.low) / 2 + 1e-5, (name, estimate, truth)


@pytest.mark.parametrize("history", ["of_two_files", "evidence"])
def test_promotions_come_back_within_their_error(history: str, request: pytest.FixtureRequest) -> None:
    """By level and by the bands that made them; a base of .2 in place of the shipped .1 is a hazard 2.118 times as high."""
    ends = request.getfixturevalue(history).ends
    rising = promotion_experience(ends, "level_id")
    assert rising is not None
    seen, shipped_rates_ = rising.seen, shipped_promotions()
    levels = np.array([1.0, 0.9, 0.8, 0.35])[np.array([int(label) for label in seen.groups["level_id"].labels]) - 1]
    raised = np.log(1 - PROMOTION_BASE) / np.log(1 - 0.1)
    truth = np.exp(shipped_rates_.log_hazard(seen.age, seen.service)) * levels[seen.groups["level_id"].codes] * raised
    hazards = fit_hazards(seen, groups=("level_id",))
    fitted = hazards.rates(seen)["promotion"]
    for axis in (seen.groups["level_id"].codes, np.digitize(seen.age, (25, 35, 45, 55, 65)), seen.service >= 10):
        for at in np.unique(axis):
            here = axis == at
            meant, found = (float((-np.expm1(-rates[here]) * seen.people[here]).sum()) for rates in (truth, fitted))
            if meant >= 10:
                assert abs(np.log(found / meant)) < 2.6 / np.sqrt(meant) + 0.1
    product = promotion_of(hazards, seen, rising.top)
    assert product.levels[5].value == 0
    assert product.levels[4].value / product.levels[1].value == pytest.approx(0.35, rel=0.6)


def test_the_fit_of_two_files_is_a_study(of_two_files: Evidence, tmp_path: Path) -> None:
    """The settings are loaded as they are, and are in force."""
    written = fit_evidence(of_two_files, Wish())
    lines = [f"  {line}" for line in written.settings.splitlines()]
    study = tmp_path / "study.yaml"
    top = f"study: own\ncensus: {SAMPLE_CENSUS}\nyears: {{start: 2025, end: 2026}}\ndefaults:\n"
    study.write_text(top + "\n".join(lines) + "\n", encoding="utf-8")
    scenario = load_study(study).scenarios["baseline"]
    assert float(scenario.levels.merit_rate.at(2025)) == pytest.approx(0.035, abs=1e-5)
    assert float(scenario.compensation.cola.at(2025)) == pytest.approx(0.012, abs=1e-5)
    assert float(scenario.workforce.growth.at(2025)) == pytest.approx(0.04, abs=0.02)
    assert not any("hazards.promotion" in reason for reason in written.unseen)


def test_the_backtest_holds(evidence: Evidence) -> None:
    found = run_backtest(evidence.experience, [2028], ends=evidence.ends)
    assert found.holds, found.breaks
    assert {scored.measure.name.split()[0] for scored in found.measures} == {
        "headcount",
        "hires",
        "promotions",
        "mean",
        "savers",
    }
    # By age and by service; the mix of levels moves in this study, as hires are not those who are missing.
    assert all(cut.distance < 2 * cut.by_chance for cut in found.compositions if cut.cut != "level")
