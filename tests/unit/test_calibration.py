"""The search on functions whose answer is known, and questions that cannot be asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import yaml

from planwise_assets.calibration.question import read_question
from planwise_assets.calibration.solver import Box, Goal, Vector, search
from planwise_assets.study.errors import StudyError
from planwise_assets.study.file.load import load_study
from tests.harness import TINY_CENSUS

STEP = 1e-6


def box(low: Sequence[float], high: Sequence[float], start: Sequence[float], step: float = STEP) -> Box:
    return Box(np.array(low), np.array(high), np.array(start), np.full(len(low), step))


def goal(values: Sequence[float], within: float = 1e-5) -> Goal:
    return Goal(np.array(values), np.full(len(values), within), np.full(len(values), 1e-3))


def each(function: Callable[[Vector], Sequence[float] | Vector]) -> Callable[[Sequence[Vector]], list[Vector]]:
    return lambda points: [np.array(function(point)) for point in points]


def test_a_linear_problem_takes_two_rounds() -> None:
    matrix = np.array([[2.0, 0.5], [-0.3, 1.0]])
    wanted = np.array([0.4, 0.7])
    seen = search(box([0, 0], [1, 1], [0.3, 0.4]), goal(matrix @ wanted), each(lambda x: matrix @ x), rounds=9)
    assert seen.rounds == 2
    assert seen.points[-1] == pytest.approx(wanted, abs=STEP)


def test_growth_that_compounds() -> None:
    """Pay after five years of c, twice: 60,000 x (1 + c)^5 = 70,000 at c = (7/6)^(1/5) - 1, and a share of it."""
    answer = (7 / 6) ** (1 / 5) - 1
    seen = search(
        box([0, 0], [0.1, 1], [0.0, 0.5]),
        Goal(np.array([70_000.0, 0.3]), np.array([0.5, 1e-5]), np.array([70.0, 1e-3])),
        each(lambda x: [60_000 * (1 + x[0]) ** 5, x[1] ** 2 * (1 + x[0])]),
        rounds=9,
    )
    best = seen.best(Goal(np.array([70_000.0, 0.3]), np.ones(2), np.array([70.0, 1e-3])))
    assert seen.points[best][0] == pytest.approx(answer, abs=2 * STEP)
    assert seen.points[best][1] == pytest.approx((0.3 / (1 + answer)) ** 0.5, abs=1e-4)
    assert seen.rounds <= 6


def test_whole_heads() -> None:
    """A figure that moves in steps is met where it can be: 1,000 people and growth in millionths."""
    wanted = goal([1_137], within=0.5)
    seen = search(box([0], [0.2], [0.03]), wanted, each(lambda x: [np.floor(1_000 * (1 + x[0]) + 0.5)]), rounds=9)
    assert seen.figures[seen.best(wanted)] == [1_137]


def test_a_small_company_s_heads_move_in_steps() -> None:
    """Sixty people: growth of less than one in sixty changes nobody, and pay shows only how well the other figure is met."""
    wanted = Goal(np.array([65.0, 80_000.0]), np.array([0.5, 0.5]), np.array([0.5, 80.0]))

    def company(point: Vector) -> list[float]:
        heads = np.floor(np.floor(60 * (1 + point[0]) + 0.5) * (1 + point[0]) + 0.5)
        return [heads, (70_000 + 10 * heads) * (1 + point[1]) ** 2]

    seen = search(box([0, 0], [0.2, 0.08], [0.01, 0.003]), wanted, each(company), rounds=10)
    assert wanted.is_met(seen.figures[seen.best(wanted)])


def test_a_share_of_few_people_stands_still_and_then_jumps() -> None:
    """39 people in three futures: the share moves by 1/117, and between two jumps nothing tells how far the next one is."""
    wanted = Goal(np.array([93_000.0, 0.75]), np.array([0.5, 0.004]), np.array([93.0, 0.004]))

    def company(point: Vector) -> list[float]:
        return [
            88_000 * (1 + point[0]) ** 2,
            np.floor(117 * (0.60 + 0.5 * point[1])) / 117 + (0.01 if point[1] > 0.278 else 0),
        ]

    seen = search(box([0, 0], [0.06, 0.5], [0.003, 0.08]), wanted, each(company), rounds=10)
    assert wanted.is_met(seen.figures[seen.best(wanted)])


def test_a_bound_that_holds() -> None:
    wanted = goal([5.0, 0.5])
    seen = search(box([0, 0], [1, 1], [0.2, 0.2]), wanted, each(lambda x: [2 * x[0], x[1]]), rounds=20)
    assert seen.points[seen.best(wanted)] == pytest.approx([1.0, 0.5], abs=1e-5)
    # Nothing is to be gained from there on, and no round is wasted on it.
    assert seen.rounds <= 6


def test_more_targets_than_settings_are_missed_alike() -> None:
    """Least squares: of x = 0.2 and x = 0.4 the mean, in weights that are alike."""
    wanted = goal([0.2, 0.4], within=1e-6)
    seen = search(box([0], [1], [0.9]), wanted, each(lambda x: [x[0], x[0]]), rounds=20)
    assert seen.points[seen.best(wanted)] == pytest.approx([0.3], abs=1e-5)


def test_more_settings_than_targets_meet_them() -> None:
    wanted = goal([0.9])
    seen = search(box([0, 0], [1, 1], [0.1, 0.1]), wanted, each(lambda x: [x[0] + x[1]]), rounds=9)
    assert wanted.is_met(seen.figures[seen.best(wanted)])


def test_a_curve_that_misleads_at_first() -> None:
    """The first slope promises too much: steps get shorter until one brings what it promises."""
    wanted = goal([0.0], within=1e-4)
    seen = search(box([-6], [6], [3.0]), wanted, each(lambda x: [np.arctan(x[0] - 1.5)]), rounds=20)
    assert seen.points[seen.best(wanted)] == pytest.approx([1.5], abs=1e-3)


def test_nothing_is_tried_twice_and_everything_within_bounds() -> None:
    tried: list[tuple[float, ...]] = []

    def noted(points: Sequence[Vector]) -> list[Vector]:
        tried.extend(tuple(point) for point in points)
        return [np.array([np.sin(5 * point[0]) + point[1] ** 3, point[0] * point[1]]) for point in points]

    search(box([-1, -1], [1, 1], [1.0, -1.0]), goal([0.3, 0.1]), noted, rounds=30)
    assert len(set(tried)) == len(tried)
    assert np.abs(np.array(tried)).max() <= 1


STUDY = f"""
study: asked
census: {TINY_CENSUS}
years: {{start: 2025, end: 2026}}
scenarios: {{baseline: {{}}, richer: {{plan: {{match: {{tiers: [{{up_to: 0.06, rate: 1.0}}]}}}}}}}}
"""


def test_a_setting_moves_by_what_its_file_can_write(tmp_path: Path) -> None:
    """A share by a millionth, dollars by a cent, days by one."""
    study_file, file = tmp_path / "study.yaml", tmp_path / "question.yaml"
    study_file.write_text(STUDY, encoding="utf-8")
    free = {"compensation.cola": 0.1, "plan.auto_enrollment.window_days": 60, "plan.match.annual_cap": 5_000}
    question = {"targets": {"match": {2026: 1_000}}, "free": {key: {"low": 0, "high": high} for key, high in free.items()}}
    file.write_text(yaml.safe_dump(question), encoding="utf-8")
    study_file.write_text(STUDY.replace("baseline: {}", "baseline: {plan: {match: {annual_cap: 900}}}"))
    _, _, unknowns, _ = read_question(file, load_study(study_file))
    assert [str(unknown.step) for unknown in unknowns] == ["0.000001", "1", "0.01"]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ({}, "targets is missing; add it"),
        ({"targets": {"pay": {2025: 1}}}, "targets.pay is no figure; possible: opening"),
        ({"targets": {"headcount": {2030: 1}}}, "targets.headcount in 2030 is not simulated; possible: 2025 to 2026"),
        ({"targets": {"headcount": 100}}, "must be figures by year"),
        ({"targets": {"participation": {2026: 75}}}, "targets.participation in 2026 is a share: 0.75 means 75 % (now 75)"),
        ({"targets": {}}, "targets must name at least one"),
        ({"free": {"compensation.colla": {"low": 0, "high": 0.1}}}, "did you mean compensation.cola"),
        (
            {"free": {"cola": {"low": 0, "high": 0.1}}},
            "free.cola is not a setting of a scenario that has a value; did you mean ",
        ),
        ({"targets": {"participation": {2026: "75%"}}}, "0.75 means 75 %"),
        ({"free": {"compensation.cola": {"low": 0.2, "high": 0.1}}}, "must have a low below its high"),
        ({"free": {"compensation.cola": {"low": 0}}}, "free.compensation.cola.high is missing"),
        ({"free": {"compensation.cola": {"low": -0.5, "high": 0.1}}}, "free.compensation.cola must be a number from 0 to 1"),
        ({"free": {"compensation.cola": {"low": 0, "high": 0.1, "step": 1}}}, "is not known here"),
        ({"free": {"compensation.cola": {"low": 0, "high": 0.1, "change": "by"}}}, "change"),
        ({"free": {"hazards.retirement": {"low": 0, "high": 2}}}, "all by one factor (change: times)"),
        (
            {"free": {"hazards.retirement": {"low": 0, "high": 2, "change": "times", "years": "each"}}},
            "the same in all years",
        ),
        ({"free": {"workforce.selection": {"low": 0, "high": 2}}}, "has no number to change"),
        ({"scenario": "poorer"}, "is no scenario of this study; possible: baseline, richer"),
        ({"within": {"payroll": 1}}, "within.payroll is no target"),
        ({"within": {"headcount": 0}}, "within.headcount must be above 0"),
        ({"rounds": 0}, "rounds must be a whole number from 1 to 50"),
        ({"target": {}}, "target is not known here"),
    ],
)
def test_a_question_that_cannot_be_asked(tmp_path: Path, question: dict[str, object], said: str) -> None:
    study_file, file = tmp_path / "study.yaml", tmp_path / "question.yaml"
    study_file.write_text(STUDY, encoding="utf-8")
    whole = {"targets": {"headcount": {2026: 100}}, "free": {"compensation.cola": {"low": 0, "high": 0.1}}, **question}
    file.write_text(yaml.safe_dump(whole if question else {"free": whole["free"]}), encoding="utf-8")
    with pytest.raises(StudyError) as refused:
        read_question(file, load_study(study_file))
    assert said in str(refused.value)
    assert str(file) in str(refused.value)
