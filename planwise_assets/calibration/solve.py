"""One setting and one figure: the value at which the figure is what was asked, or what it is in another scenario.

Belongs here: putting question, trials and search together, the verdict in words. Does not: the search (root.py), what is
printed (commands/solve.py), several settings (calibrate.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from pathlib import Path

import numpy as np

from planwise_assets.calibration.found import found_text
from planwise_assets.calibration.question import Free, QuestionError, Unknown, target_of, unknowns_of
from planwise_assets.calibration.root import Tried, Vector, find
from planwise_assets.calibration.trials import Trials, decimals, new_settings
from planwise_assets.results.ensembles import FEWEST_SEEDS
from planwise_assets.results.measures import MEASURES, Measure
from planwise_assets.settings import Settings
from planwise_assets.study.file.changing import as_it_is, setting_at
from planwise_assets.study.file.document import Document
from planwise_assets.study.schema import Study
from resources.dbt.compiled import compiled_project

_ROUNDS = 8
#: A setting is written to a millionth, so that of a sum no smaller share can be asked.
_FINEST = 1e-6


@dataclass(frozen=True)
class Asked:
    """The question.

    Attributes:
        key: The setting that may change.
        free: Its range.
        scenario: Whose setting and figure; None: the first scenario's, and the setting is the study's default.
        measure: The figure's name in MEASURES.
        years: The years whose figures are added up; one for what is no sum.
        value: What the figure is to be, in its unit; None: what it is in `against`.
        against: Another scenario.
    """

    key: str
    free: Free
    scenario: str | None
    measure: str
    years: tuple[int, ...]
    value: Decimal | None
    against: str | None


@dataclass(frozen=True)
class Solved:
    """What was found.

    Attributes:
        unknown: The setting.
        scenario: Whose.
        was: The setting as it is, as text.
        value: The value, the factor or the addition that was found.
        figure: The figure there, mean over the futures.
        asked: What was asked, mean over the futures.
        is_met: Whether the figure reaches what was asked within the range.
        interval: Of the value; None with fewer than FEWEST_SEEDS futures.
        others: Further values near which the figure is met, too.
        tried: Value and figure of every trial, in ascending order.
        futures: How many.
        setting: What the setting comes to, as the study file has it.
        text: The found study, as a file.
    """

    unknown: Unknown
    scenario: str
    was: str
    value: Decimal
    figure: float
    asked: float
    is_met: bool
    interval: tuple[float, float] | None
    others: Sequence[float]
    tried: Sequence[tuple[Decimal, float]]
    futures: int
    setting: object
    text: str

    def text_of(self, value: Decimal | float) -> str:
        """A value as people read it."""
        written = value if isinstance(value, Decimal) else Decimal(repr(round(value, 6)))
        return self.unknown.text_of(written)


def solved(
    settings: Settings, study: Study, document: Document, asked: Asked, file: Path, *, told: Callable[[str], None]
) -> Solved:
    """Searches.

    Args:
        settings: The client's environment.
        study: The client's study.
        document: Its file as it was written.
        asked: The question, whose scenarios, figure and years are known to exist.
        file: Where the found study would lie.
        told: Is told after each round how far the search is.

    Raises:
        QuestionError: The setting or its range cannot be used, or the figure has no value; the message says why.
        StudyError: The study at an end of the range has a mistake.
        StudyBusyError: Another search of this study is at work.
    """
    scenario, figure = asked.scenario or next(iter(study.scenarios)), MEASURES[asked.measure]
    try:
        (unknown,) = unknowns_of(asked.key, asked.free, study.scenarios[scenario], study)
    except ValueError as error:
        raise QuestionError(f"{asked.key} {error}.") from error
    targets = [target_of(asked.measure, year, asked.value or Decimal(0), None) for year in asked.years]
    dbt = compiled_project(settings.dbt_project, settings.dbt_cache)
    trials_of = partial(Trials, settings, study, document, dbt=dbt, targets=targets)
    trials = trials_of(scenario=scenario, unknowns=[unknown])
    trials.refuse([np.array([float(end)]) for end in (unknown.low, unknown.high)])
    with trials.at_work():
        # In each future: the same in all, or what the figure is there in the other scenario.
        goal = np.full(len(study.seeds), float(asked.value or 0))
        if asked.against is not None:
            (goal,) = _summed(trials_of(scenario=asked.against, unknowns=[]), [np.array([])])
        tried = Tried(float(unknown.low), float(unknown.high), float(unknown.step))
        found, is_met = find(
            tried,
            lambda values: [one - goal for one in _summed(trials, [np.array([value]) for value in values])],
            start=float(unknown.start),
            within=max(targets[0].within, _FINEST * abs(float(np.mean(goal)))),
            rounds=_ROUNDS,
            told=lambda so_far: told(_so_far(so_far, figure, float(np.mean(goal)))),
        )
    (value,) = decimals(np.array([found]), [unknown])
    mean = float(np.mean(goal))
    brackets = [(a + b) / 2 for a, b in tried.brackets()]
    now = new_settings(study, scenario, [unknown], [value])
    solution = Solved(
        unknown=unknown,
        scenario=scenario,
        was=as_it_is(setting_at(study.scenarios[scenario], asked.key)),
        value=value,
        figure=mean + tried.mean(found),
        asked=mean,
        is_met=is_met,
        interval=tried.interval(found) if is_met and len(study.seeds) >= FEWEST_SEEDS else None,
        others=sorted(brackets, key=lambda one: abs(one - found))[1:] if is_met else [],
        tried=[(decimals(np.array([one]), [unknown])[0], mean + tried.mean(one)) for one in tried.values],
        futures=len(study.seeds),
        setting=now[asked.key],
        text="",
    )
    words = [
        f"{unknown.name} {solution.was} -> {solution.text_of(value)}, by planwise solve: {figure.label} {solution.figure}."
    ]
    text = found_text(document, study, asked.scenario, settings=now, file=file, words=words)
    return replace(solution, text=text)


def _summed(trials: Trials, points: Sequence[Vector]) -> list[Vector]:
    """The figure at each point in each future, its years added up."""
    return [figures.sum(axis=1) for figures in trials.by_seed(points)]


def _so_far(tried: Tried, measure: Measure, goal: float) -> str:
    nearest = goal + tried.mean(tried.nearest())
    return f"Round {tried.rounds}: {len(tried.misses)} values so far, the nearest {measure.label} {measure.text(nearest)}."
