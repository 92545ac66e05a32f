"""Growth, hires, promotions, pay and saving from year-ends: closed forms, and what is said where nothing can be."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from planwise_assets.evidence.backtest import Materiality
from planwise_assets.evidence.history import Evidence, read_evidence
from planwise_assets.evidence.measures import _distance, measures_of
from planwise_assets.evidence.movement import movement_of, share_of
from planwise_assets.evidence.promotions import promotion_experience
from planwise_assets.evidence.saving import saving_of
from planwise_assets.evidence.year_ends import YearEnds

HEADER = (
    "employee_id",
    "birth_date",
    "hire_date",
    "level_id",
    "annual_compensation",
    "hours per week",
    "401k %",
    "enrollment source",
)
COLA, MERIT, STEP = 0.012, 0.035, 0.03


def year_ends(folder: Path) -> Evidence:
    """Two year-ends of 1,000 people: 900 stay, 180 are hired; every third of level 1 rises."""
    generator = np.random.default_rng(3)
    files: dict[int, list[tuple[object, ...]]] = {2023: [], 2024: []}
    for at in range(1000):
        born, hired, level = 1960 + at % 40, 2012 + at % 8, 1 + at % 2
        rises, source = level == 1 and at % 3 == 0, ("auto", "voluntary")[at // 2 % 2]
        pay = 40_000 + 13.37 * at
        rate = 0.06 if source == "voluntary" else 0.04
        person = (f"P{at:04}", f"{born}-03-01", f"{hired}-06-15")
        files[2023].append((*person, level, f"{pay:.2f}", 40, f"{rate:.0%}", source))
        if at >= 900:
            continue
        extra = 1 + generator.uniform(0.06, 0.12) if rises else 1.0
        later = rate + (0.01 if source == "auto" else STEP if at % 10 == 2 else 0.0)
        paid = pay * (1 + COLA) * (1 + MERIT) * extra
        files[2024].append((*person, level + rises, f"{paid:.2f}", 40, f"{later:.0%}", source))
    # Who came in the autumn of 2023 gets the cost-of-living raise alone.
    for at in range(60):
        person = (f"N{at:03}", "1990-03-01", "2023-11-01")
        files[2023].append((*person, 1, "50000.00", 40, "0%", ""))
        files[2024].append((*person, 1, f"{50_000 * (1 + COLA):.2f}", 40, "0%", ""))
    for at in range(180):
        person = (f"H{at:03}", f"{1970 + at % 30}-05-01", "2024-05-01")
        files[2024].append((*person, 1 + (at % 4 == 0), "50000.00", 20 if at % 5 == 0 else 40, "0%", ""))
    return read_evidence([write(folder / f"census_{year}.csv", rows) for year, rows in files.items()])


def write(file: Path, rows: list[tuple[object, ...]]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows([HEADER, *rows])
    return file


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    return year_ends(tmp_path_factory.mktemp("ends"))


@pytest.fixture(scope="module")
def ends(evidence: Evidence) -> YearEnds:
    return evidence.ends


def test_growth_with_one_year_has_the_interval_of_chance(ends: YearEnds) -> None:
    """1,060 to 1,140 people, of whom 960 stay: 100 leave and 180 join, so the log has the variance 280 / 1,060^2."""
    growth = movement_of(ends).growth
    assert growth is not None
    assert growth.value == pytest.approx(1140 / 1060 - 1)
    assert growth.high == pytest.approx(1140 / 1060 * np.exp(1.96 * np.sqrt(280) / 1060) - 1)


def test_a_share_has_wilsons_interval() -> None:
    share = share_of(36, 180, "hires")
    assert (share.low, share.high) == pytest.approx(proportion_confint(36, 180, method="wilson"), abs=1e-4)


def test_hires_have_ages_levels_and_hours(ends: YearEnds) -> None:
    """180 of 2024 and 60 of 2023; every fifth of the first works 20 hours; 45 of them begin at level 2."""
    movement = movement_of(ends)
    assert movement.hours["part_time_share"].value == pytest.approx(36 / 240)
    assert (movement.hours["part_time_hours"].value, movement.hours["full_time_hours"].value) == (20, 40)
    assert isinstance(movement.level_mix, dict)
    assert movement.level_mix[2].value == pytest.approx(45 / 240)
    # Born 1 May 1970 to 1999 and hired on 1 May 2024: 25 to 54; the others are 33.
    assert list(movement.hire_ages) == [(25, 35), (35, 45), (45, 55)]
    assert movement.hire_ages[25, 35].value == pytest.approx((60 + 60) / 240)


def test_raises_are_told_apart(ends: YearEnds) -> None:
    movement = movement_of(ends)
    assert movement.cola is not None
    assert movement.cola.value == pytest.approx(COLA, abs=1e-5)
    assert movement.merit is not None
    assert movement.merit.value == pytest.approx(MERIT, abs=1e-5)
    assert movement.promotion_raise is not None
    low, high = movement.promotion_raise
    assert low.low <= 0.06 <= low.high
    assert high.low <= 0.12 <= high.high


def test_without_a_raise_that_many_share_all_is_merit(ends: YearEnds) -> None:
    generator = np.random.default_rng(8)
    before = np.asarray(ends.pairs["pay_before"], float)
    mixed = {**ends.pairs, "pay_after": before * (1 + generator.normal(0.04, 0.01, len(before)))}
    movement = movement_of(YearEnds(ends.headcount, ends.mix, ends.hires, mixed, ends.has, ends.lists_leavers))
    assert movement.cola is not None
    assert movement.cola.value == 0
    assert any("cannot be told apart from merit" in reason for reason in movement.unseen)
    assert movement.merit is not None
    interval = stats.t.interval(0.95, 10_000, loc=0.04, scale=0.01 / np.sqrt(600))
    assert interval[0] - 0.001 < movement.merit.value < interval[1] + 0.001


def test_promotions_are_of_those_below_the_top(ends: YearEnds) -> None:
    """Of 900 who stay 450 are at level 1, 150 of whom rise, and 60 newcomers at level 1 do not; level 2 is the top."""
    rising = promotion_experience(ends, "level_id")
    assert rising is not None
    assert (rising.top, rising.seen.people.sum(), rising.seen.exits.sum()) == (2, 510, 150)


def test_savers_change_and_are_escalated(ends: YearEnds) -> None:
    """Half of 900 chose; of these every tenth raises by three points. The others rise by one point, all of them."""
    saving = saving_of(ends)
    assert saving.increment is not None
    assert saving.increment.value == pytest.approx(0.01)
    assert saving.changes["up_share"].value == pytest.approx(45 / 450)
    assert saving.changes["down_share"].value == 0
    assert saving.changes["step"].value == pytest.approx(STEP)


def test_what_the_files_do_not_have_is_said(ends: YearEnds) -> None:
    nothing = np.full(len(ends.pairs["year"]), np.nan)
    empty = YearEnds(
        ends.headcount, {}, {**ends.hires, "hours": np.full(len(ends.hires["year"]), np.nan), "level": np.array([])},
        {**ends.pairs, "pay_before": nothing, "pay_after": nothing}, frozenset(), lists_leavers=False,
    )  # fmt: skip
    said = " ".join((*movement_of(empty).unseen, *saving_of(empty).unseen))
    for setting in ("hiring.level_mix", "hiring.part_time_share", "levels.merit_rate", "deferral_rate", "do not list them"):
        assert setting in said


def test_the_composition_is_the_total_variation_and_chance_its_mean() -> None:
    """Three of ten are elsewhere; the mean by chance against 20,000 samples."""
    found = _distance("age", np.array([5.0, 5.0, 0.0]), np.array([2.0, 5.0, 3.0]))
    assert found.distance == pytest.approx(0.3)
    share, people = np.array([0.2, 0.5, 0.3]), 400
    drawn = np.random.default_rng(1).multinomial(people, share, 20_000) / people
    simulated = (np.abs(drawn - share).sum(1) / 2).mean()
    assert _distance("age", share * people, share * people).by_chance == pytest.approx(simulated, rel=0.02)


def test_measures_are_expected_of_the_years_before(ends: YearEnds) -> None:
    """The same year again: every expectation is the year's own figure, and nobody is surprised."""
    years = {2023: ends.headcount[2023], 2024: ends.headcount[2024], 2025: round(1140 * 1140 / 1060)}
    later = {name: np.asarray(column) for name, column in ends.pairs.items()} | {"year": np.asarray(ends.pairs["year"]) + 1}
    new = YearEnds(years, ends.mix, ends.hires, later, ends.has, ends.lists_leavers)
    found = {measure.name: measure.gap for measure in measures_of(ends, new, {2025: 100.0}, {2025: 90.0})}
    assert found["headcount 2025"].expected == pytest.approx(1140 * 1140 / 1060)
    assert found["hires there at the end of 2025"].expected == pytest.approx(1140 * 80 / 1060 + 100)
    for name in ("promotions", "mean raise of who stays", "savers among who stays", "mean change of savers' rates"):
        assert found[name].actual == pytest.approx(found[name].expected, rel=0.01), name


def test_a_year_with_half_the_raises_is_found_and_priced(ends: YearEnds) -> None:
    before = np.asarray(ends.pairs["pay_before"], float)
    halved = {**ends.pairs, "pay_after": before + (np.asarray(ends.pairs["pay_after"], float) - before) * 0.2}
    new = YearEnds(ends.headcount, ends.mix, ends.hires, halved, ends.has, ends.lists_leavers)
    (raises,) = (found for found in measures_of(ends, new, {}, {}) if found.name == "mean raise of who stays")
    assert raises.p_value < 1e-6
    assert raises.payroll == pytest.approx(before.sum())
    limit = Materiality(price=1.0, dollars=500_000)
    assert limit.holds(raises.gap, raises.whole, raises.payroll)
    assert not Materiality(price=1.0, dollars=5_000_000).holds(raises.gap, raises.whole, raises.payroll)


def test_spells_give_headcounts_and_hires(tmp_path: Path) -> None:
    """Ann is there all along; Ben leaves in 2021; 40 come in 2022, at 30, one of whom is gone before its end."""
    rows = [("A", "1980-06-01", "2015-03-01", ""), ("B", "1970-02-10", "2010-07-01", "2021-05-31")]
    rows += [(f"C{at}", "1992-01-15", "2022-04-01", "2022-12-15" if at == 0 else "") for at in range(40)]
    file = tmp_path / "people.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows([("employee_id", "birth_date", "hire_date", "termination_date"), *rows])
    ends = read_evidence([file]).ends
    assert ends.headcount == {2020: 2, 2021: 1, 2022: 40}
    assert len(ends.hires["age"]) == 40
    assert set(np.asarray(ends.hires["age"], int)) == {30}
    assert not ends.has
