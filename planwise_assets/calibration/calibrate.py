"""A calibration from question to found study.

Belongs here: putting question, trials and search together; the verdicts. Does not: the run of the found study, what is
printed (commands/calibrate.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from pathlib import Path

import numpy as np

from planwise_assets.calibration.found import bound_that_holds, found_text, target_text
from planwise_assets.calibration.question import Target, Unknown, read_question
from planwise_assets.calibration.solver import Box, Goal, Seen, search
from planwise_assets.calibration.trials import Trials, decimals, new_settings
from planwise_assets.settings import Settings
from planwise_assets.study.file.changing import as_it_is, setting_at
from planwise_assets.study.file.document import Document
from planwise_assets.study.schema import Scenario, Study
from planwise_assets.study.values import ByYear, plain
from resources.dbt.compiled import compiled_project

_ROUNDS_RAN_OUT = "the rounds were used up (rounds: in the question allows more)"


@dataclass(frozen=True)
class Change:
    """What became of one free number.

    Attributes:
        unknown: What was free.
        was: The client's value, as text.
        value: What was found: the value, the factor or the addition.
    """

    unknown: Unknown
    was: str
    value: Decimal

    @property
    def now(self) -> str:
        """The found value as text."""
        return self.unknown.text_of(self.value)


@dataclass(frozen=True)
class Calibrated:
    """What a search found.

    Attributes:
        scenario: Whose figures count.
        targets: What was to be met.
        figures: What the best candidate had of each.
        changes: The free numbers.
        tried: How many candidates were simulated.
        rounds: In how many rounds.
        ran_out: Whether the search had more to try when its rounds were used up.
        text: The found study, as a file.
    """

    scenario: str
    targets: Sequence[Target]
    figures: Sequence[float]
    changes: Sequence[Change]
    tried: int
    rounds: int
    ran_out: bool
    text: str

    def unmet(self, figures: Sequence[float]) -> list[str]:
        """Why targets are missed by these figures, in sentences; empty when none is."""
        missed = [target for target, value in zip(self.targets, figures, strict=True) if not target.is_met(value)]
        if not missed:
            return []
        held = [text for change in self.changes if (text := bound_that_holds(change.unknown, change.value))]
        nothing_nearer = "no settings within the bounds were found that come nearer to all targets at once"
        why = "; ".join(held) or (_ROUNDS_RAN_OUT if self.ran_out else nothing_nearer)
        return [f"Not met: {', '.join(map(target_text, missed))}. The nearest has been kept: {why}."]


def calibrated(
    settings: Settings, study: Study, document: Document, question_file: Path, file: Path, *, told: Callable[[str], None]
) -> Calibrated:
    """Searches.

    Args:
        settings: The client's environment.
        study: The client's study.
        document: Its file as it was written.
        question_file: The question.
        file: Where the found study will lie.
        told: Is told after each round how far the search is.

    Raises:
        StudyError: The question, or the study at a bound, has a mistake.
        QuestionError: A target is a figure that has no value.
        LockDeniedError: Another calibration of this study is at work.
    """
    scenario, question, unknowns, targets = read_question(question_file, study)
    trials = Trials(
        settings,
        study,
        document,
        dbt=compiled_project(settings.dbt_project, settings.dbt_cache),
        scenario=scenario,
        unknowns=unknowns,
        targets=targets,
    )
    box = Box(*(np.array([float(getattr(one, name)) for one in unknowns]) for name in ("low", "high", "start", "step")))
    goal = Goal(*(np.array([getattr(one, name) for one in targets]) for name in ("value", "within", "weight")))
    trials.refuse(_corners(box))
    with trials.at_work():
        seen = search(box, goal, trials, rounds=question.rounds, told=lambda found: told(_so_far(found, goal)))
    best = seen.best(goal)
    values = decimals(seen.points[best], unknowns)
    changes = [Change(one, _was(study.scenarios[scenario], one), value) for one, value in zip(unknowns, values, strict=True)]
    words = [
        "Targets: " + "; ".join(map(target_text, targets)) + ".",
        "Free: " + "; ".join(f"{one.unknown.name} {one.was} -> {one.now}" for one in changes) + ".",
        f"Of {scenario}; {len(seen.points)} candidates over {len(study.seeds)} seed{'s' if len(study.seeds) > 1 else ''}.",
    ]
    text = found_text(
        document,
        study,
        question.scenario,
        settings=new_settings(study, scenario, unknowns, values),
        file=file,
        words=words,
    )
    return Calibrated(
        scenario,
        targets,
        list(seen.figures[best]),
        changes,
        len(seen.points),
        seen.rounds,
        seen.rounds >= question.rounds,
        text,
    )


def _corners(box: Box) -> list[np.ndarray]:
    """The points whose values are lowest and highest, one setting at a time: a bound that no study may have shows here."""
    corners = [box.start]
    for axis, bound in product(range(len(box.low)), (box.low, box.high)):
        corner = box.start.copy()
        corner[axis] = bound[axis]
        corners.append(corner)
    return corners


def _so_far(seen: Seen, goal: Goal) -> str:
    best = seen.figures[seen.best(goal)]
    met = int(np.sum(np.abs(best - goal.values) <= goal.within))
    return f"Round {seen.rounds}: {len(seen.points)} candidates so far, {met} of {len(goal.values)} targets met by the best."


def _was(scenario: Scenario, unknown: Unknown) -> str:
    value = setting_at(scenario, unknown.key)
    if unknown.year is not None and isinstance(value, ByYear):
        return plain(value.at(unknown.year))
    return as_it_is(value)
