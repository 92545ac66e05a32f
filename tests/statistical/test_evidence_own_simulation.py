"""A simulation's own year-ends give back the settings that made them, and the backtest of them holds."""

from __future__ import annotations

import numpy as np
import pytest

from planwise_assets.evidence.backtest import run_backtest
from planwise_assets.evidence.hazards import fit_hazards
from planwise_assets.evidence.history import Evidence, read_evidence
from planwise_assets.evidence.rivals import shipped_rates
from planwise_assets.evidence.study_section import section_of
from tests.harness import SAMPLE_CENSUS, simulation
from tests.statistical import shipped

pytestmark = pytest.mark.statistical

NEW_HIRE_RATE = 0.2


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """Four years of the sample company with the shipped hazards, everybody's own draw deciding."""
    folder = tmp_path_factory.mktemp("own")
    study = {
        "study": "own",
        "census": str(SAMPLE_CENSUS),
        "years": {"start": 2025, "end": 2028},
        "seeds": [1],
        "scenarios": {
            "baseline": {
                "workforce": {
                    "termination_rate": "hazard",
                    "selection": "bernoulli",
                    "new_hire_termination_rate": NEW_HIRE_RATE,
                }
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
                        case exit_category when 'retirement' then 'Retirement' when 'experienced' then 'Quit' end as reason
                    from fct_workforce_snapshot as people
                    left join int_termination_events as exits using (employee_id, simulation_year)
                    where people.simulation_year = {year}
                ) to '{files[-1]}' (format csv, header)
                """
            )
    return read_evidence(files)


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


def test_the_backtest_holds(evidence: Evidence) -> None:
    found = run_backtest(evidence.experience, [2028])
    assert found.holds, found.breaks
