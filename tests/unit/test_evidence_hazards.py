"""Surfaces, jumps, breaks in time and the backtest, on simulated histories of known hazards."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from planwise_assets.evidence.backtest import ALL, Materiality, run_backtest
from planwise_assets.evidence.backtest_text import as_json, as_markdown
from planwise_assets.evidence.cell_table import cell_table
from planwise_assets.evidence.errors import EvidenceError
from planwise_assets.evidence.experience import Experience, Group
from planwise_assets.evidence.hazards import expected_exits, fit_hazards
from planwise_assets.evidence.prior import Prior
from planwise_assets.evidence.selection import choose_drifts, choose_groups
from planwise_assets.evidence.time_breaks import time_breaks
from tests.statistical.evidence_truth import TRUTHS, simulate


@pytest.fixture(scope="module")
def plain() -> Experience:
    return simulate(TRUTHS["additive"], 3000, 6, seed=1).experience


def with_cause(seen: Experience, years: tuple[int, ...], share: float, name: str) -> Experience:
    """The same people, of whom a share leaves by another cause in some years."""
    generator = np.random.default_rng(4)
    stayers = (seen.people - seen.exits).astype(int)
    exits = np.where(np.isin(seen.year, years), generator.binomial(stayers, share), 0).astype(float)
    return replace(seen, events={**seen.events, name: exits})


def test_causes_share_those_who_leave() -> None:
    """Incidence with two constant hazards, by Aalen and Johansen over one year: l_k / l (1 - exp(-l))."""
    seen = simulate(TRUTHS["additive"], 50, 1, seed=1).experience
    ones = np.ones(len(seen.age))
    found = expected_exits({"a": 0.3 * ones, "b": 0.1 * ones}, seen)
    assert found["a"] == pytest.approx(seen.people * 0.75 * (1 - np.exp(-0.4)))
    assert found["a"] + found["b"] == pytest.approx(seen.people * (1 - np.exp(-0.4)))


def test_a_smooth_hazard_has_no_jumps_and_keeps_the_total(plain: Experience) -> None:
    hazards = fit_hazards(plain)
    assert hazards.surfaces["quit"].shape.jumps == ()
    assert hazards.expected(plain)["quit"].sum() == pytest.approx(plain.exits.sum(), rel=0.005)


def test_central_and_initial_exposure_agree_where_rates_are_small(plain: Experience) -> None:
    surfaces = [fit_hazards(plain, is_central=central).surfaces["quit"] for central in (False, True)]
    often = plain.people > 20
    first, second = (surface.log_hazard(plain)[0][often] for surface in surfaces)
    assert first == pytest.approx(second, abs=0.12)


def test_a_retirement_age_is_found_and_none_beside_it() -> None:
    history = simulate(TRUTHS["spiked"], 4000, 6, seed=2)
    surface = fit_hazards(history.experience).surfaces["quit"]
    assert [str(jump) for jump in surface.shape.jumps] == ["age 64"]
    at_64 = history.experience.age == 64
    error = surface.log_hazard(history.experience)[0][at_64] - history.log_hazard[at_64]
    assert np.average(np.abs(error), weights=history.experience.people[at_64]) < 0.25


def test_who_may_retire_is_found_by_age_and_service_together() -> None:
    history = simulate(TRUTHS["eligible"], 8000, 6, seed=5)
    surface = fit_hazards(history.experience).surfaces["quit"]
    assert "age 55 and more with 10 years of service and more" in [str(jump) for jump in surface.shape.jumps]


def test_a_retirement_age_that_is_given_up_is_no_more_expected() -> None:
    seen = simulate(TRUTHS["spiked"], 4000, 8, seed=3).experience
    plain = simulate(TRUTHS["additive"], 4000, 8, seed=3).experience
    after = seen.years[5]
    mixed = Experience(  # type: ignore[call-arg]
        *(np.concatenate([getattr(seen, name)[seen.year < after], getattr(plain, name)[plain.year >= after]])
          for name in ("age", "service", "year", "people", "duration", "person_years")),
        {"quit": np.concatenate([seen.exits[seen.year < after], plain.exits[plain.year >= after]])}, {},
    )  # fmt: skip
    hazards = fit_hazards(mixed)
    assert f"age 64 since {after}" in [str(jump) for jump in hazards.surfaces["quit"].shape.jumps]
    last = mixed.where((mixed.age == 64) & (mixed.year == mixed.years[-1]))
    assert hazards.expected(last)["quit"].sum() < 0.3 * last.people.sum()


def test_lay_offs_are_called_an_event(plain: Experience) -> None:
    seen = with_cause(plain, tuple(plain.years[-1:]), 0.05, "layoff")
    breaks = {change.cause: change for change in time_breaks(fit_hazards(seen), seen)}
    assert set(breaks) == {"layoff"}
    assert breaks["layoff"].is_once
    assert breaks["layoff"].since == plain.years[-1]


def test_a_backtest_that_should_hold_holds() -> None:
    seen = simulate(TRUTHS["interacting"], 3000, 6, seed=1).experience
    found = run_backtest(seen, seen.years[-1:])
    assert found.holds, found.breaks
    scores = {score.method: score.deviance for score in found.scores if score.cause == ALL}
    assert scores["surface"] < scores["bands"] < scores["flat rate"]


def test_a_cause_that_is_new_breaks_a_backtest(plain: Experience) -> None:
    seen = with_cause(plain, tuple(plain.years[-1:]), 0.03, "layoff")
    found = run_backtest(seen, seen.years[-1:])
    assert not found.holds
    assert found.breaks[0].startswith("layoff: ")
    text, figures = as_markdown(found, {"a.csv": "0"}), as_json(found, {"a.csv": "0"})
    assert "It does not hold" in text
    assert "none expected" in text
    assert figures["holds"] is False
    assert {score["cause"] for score in figures["scores"]} == {ALL, "quit", "layoff"}


def test_a_gap_that_is_significant_and_small_does_not_count(plain: Experience) -> None:
    seen = with_cause(plain, tuple(plain.years[-2:]), 0.002, "death")
    found = run_backtest(seen, seen.years[-1:], materiality=Materiality(share=0.5))
    assert not any(cell.counts for cell in found.cells)
    dear = Materiality(price=1e9)
    assert dear.holds(found.cells[0].gap, 1.0)


def test_nothing_to_fit_is_refused(plain: Experience) -> None:
    with pytest.raises(EvidenceError, match="No year with exits"):
        run_backtest(plain, plain.years)


def test_a_prior_decides_where_little_was_seen_and_the_data_where_much_was() -> None:
    truth = simulate(TRUTHS["additive"], 20000, 3, seed=5)
    ages, services = np.meshgrid(np.arange(15, 81), np.arange(51), indexing="ij")
    level = TRUTHS["additive"](ages, services, np.zeros_like(ages))
    prior = Prior("twice the truth", 15, 0, 2 * np.exp(level))
    few = simulate(TRUTHS["additive"], 60, 2, seed=6).experience
    much = truth.experience
    found = {}
    for name, seen in (("few", few), ("much", much)):
        surface = fit_hazards(seen, priors={"quit": prior}).surfaces["quit"]
        value, error = surface.log_hazard(seen)
        found[name] = float(np.average(value - prior.log_hazard(seen.age, seen.service), weights=seen.people))
        assert np.all(error**2 <= surface.prior_variance(seen) + 1e-9)
    assert found["much"] == pytest.approx(np.log(0.5), abs=0.06)
    # A hundred person-years move it towards their own ratio to the prior, and do not decide.
    by_prior = expected_exits({"quit": np.exp(prior.log_hazard(few.age, few.service))}, few)["quit"].sum()
    assert np.log(few.exits.sum() / by_prior) < found["few"] < -0.1


def test_every_cell_says_what_the_prior_did(plain: Experience) -> None:
    prior = Prior("flat", 15, 0, np.full((66, 51), 0.2))
    lines = cell_table(fit_hazards(plain, priors={"quit": prior}), plain).splitlines()
    header = lines[0].split(",")
    rows = [dict(zip(header, line.split(","), strict=True)) for line in lines[1:]]
    assert len(rows) == len({(row["age"], row["service"]) for row in rows})
    assert sum(float(row["people"]) for row in rows) == plain.people.sum()
    for row in rows:
        assert float(row["low"]) <= float(row["rate"]) <= float(row["high"])
        assert 0 <= float(row["credibility"]) <= 1
        assert float(row["prior_rate"]) == pytest.approx(0.2)


def test_a_trend_goes_on_where_it_told_the_last_years_better() -> None:
    history = simulate(TRUTHS["trending"], 10_000, 8, seed=1)
    steady = simulate(TRUTHS["additive"], 3_000, 8, seed=1)
    assert choose_drifts(history.experience, []) == ["quit"]
    assert choose_drifts(steady.experience, []) == []
    hazards = fit_hazards(history.experience)
    last = history.experience.in_years(history.experience.years[-1:])
    later = replace(last, year=last.year + 2)
    ratio = hazards.drifting(["quit"]).expected(later)["quit"].sum() / hazards.expected(later)["quit"].sum()
    assert ratio == pytest.approx(np.exp(2 * 0.06), rel=0.05)


def test_a_group_that_matters_is_chosen_and_one_that_does_not_is_not() -> None:
    generator = np.random.default_rng(9)
    halves = [simulate(TRUTHS["additive"], 2500, 6, seed=seed).experience for seed in (11, 12)]
    # The second half leaves twice as often.
    stays = halves[1].people - halves[1].exits
    more = halves[1].exits + generator.binomial(stays.astype(int), 0.12)
    fields = ("age", "service", "year", "people", "duration", "person_years")
    joined = Experience(  # type: ignore[call-arg]
        *(np.concatenate([getattr(half, name) for half in halves]) for name in fields),
        {"quit": np.concatenate([halves[0].exits, more])},
        {
            "unit": Group(np.repeat([0, 1], [len(half.age) for half in halves]), ("a", "b")),
            "shoe": Group(generator.integers(0, 3, sum(len(half.age) for half in halves)), ("s", "m", "l")),
        },
    )
    assert choose_groups(joined, ["shoe", "unit"])[:1] == ["unit"]
    hazards = fit_hazards(joined, groups=["unit"])
    unseen = replace(joined, groups={"unit": Group(joined.groups["unit"].codes, ("c", "b"))})
    _, known_error = hazards.surfaces["quit"].log_hazard(joined)
    value, _ = hazards.surfaces["quit"].log_hazard(unseen)
    assert np.all(np.isfinite(value))
    assert np.all(known_error > 0)
