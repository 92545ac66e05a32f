"""All numeric settings of a scenario, each a share lower and higher, and what a figure makes of them.

Belongs here: which settings there are and which cannot be varied, the trials of each walk. Does not: the design (morris.py),
what is printed (commands/screen.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from planwise_assets.calibration.question import Free, QuestionError, Unknown, target_of, unknowns_of
from planwise_assets.calibration.trials import Trials
from planwise_assets.screening.morris import Effect, Walk, effects, walk
from planwise_assets.settings import Settings
from planwise_assets.study.errors import StudyError
from planwise_assets.study.file.changing import as_it_is, can_be_multiplied, is_table, numeric_settings, setting_at
from planwise_assets.study.file.document import Document
from planwise_assets.study.schema import Scenario, Study
from planwise_assets.study.values import ByYear
from resources.dbt.compiled import compiled_project

#: Walks that no study may take are drawn again: settings that are valid alone may contradict each other.
_MOST_TRIES = 50


@dataclass(frozen=True)
class Screened:
    """What was found.

    Attributes:
        scenario: The client's scenario.
        years: The years whose figures are added up.
        found: The settings, the largest effect first: key, value as it is, effect.
        left_out: Settings that cannot be varied so, each with the reason.
        walks: How many.
        trials: How many scenarios were simulated.
    """

    scenario: str
    years: Sequence[int]
    found: Sequence[tuple[str, str, Effect]]
    left_out: Mapping[str, str]
    walks: int
    trials: int


def screened(
    settings: Settings,
    study: Study,
    document: Document,
    *,
    scenario: str,
    measure: str,
    years: Sequence[int],
    share: Decimal,
    walks: int,
    told: Callable[[str], None],
) -> Screened:
    """Varies all settings of a scenario together, by Morris's design.

    Args:
        settings: The client's environment.
        study: The client's study.
        document: Its file as it was written.
        scenario: One of its scenarios.
        measure: A figure's name in MEASURES.
        years: The years whose figures are added up.
        share: By how much each setting is lower and higher: 0.2 is 20 %.
        walks: How many walks.
        told: Is told after each walk.

    Raises:
        QuestionError: Nothing can be varied, or the figure has no value.
        StudyBusyError: Another search of this study is at work.
    """
    own = study.scenarios[scenario]
    targets = [target_of(measure, year, Decimal(0), None) for year in years]
    dbt = compiled_project(settings.dbt_project, settings.dbt_cache)

    def trials_of(unknowns: Sequence[Unknown]) -> Trials:
        return Trials(settings, study, document, dbt=dbt, scenario=scenario, unknowns=unknowns, targets=targets)

    free = Free.model_construct(low=1 - share, high=1 + share, change="times", years="all")
    unknowns, left_out = _varied(study, own, free, trials_of)
    if not unknowns:
        raise QuestionError("No setting of this scenario can be varied so.")
    trials, draws = trials_of(unknowns), np.random.default_rng(study.seeds[0])
    low, high = float(free.low), float(free.high)
    taken, figures = [], []
    with trials.at_work():
        for number in range(1, walks + 1):
            one = _valid_walk(trials, len(unknowns), draws, low, high)
            by_seed = trials.by_seed([low + (high - low) * point for point in one.points])
            taken.append(one)
            figures.append([float(np.mean(each.sum(axis=1))) for each in by_seed])
            told(f"Walk {number} of {walks}: {len(one.points)} scenarios.")
    found = [
        (unknown.key, as_it_is(setting_at(own, unknown.key)), effect)
        for unknown, effect in zip(unknowns, effects(taken, figures), strict=True)
    ]
    found.sort(key=lambda one: (-one[2].size, one[0]))
    return Screened(scenario, years, found, left_out, walks, walks * (len(unknowns) + 1))


def _varied(
    study: Study, own: Scenario, free: Free, trials_of: Callable[[Sequence[Unknown]], Trials]
) -> tuple[list[Unknown], dict[str, str]]:
    """The settings that both ends are valid of, alone; and why not the others."""
    unknowns, left_out = [], {}
    for key in numeric_settings(own):
        if not can_be_multiplied(setting_at(own, key)):
            continue
        if _is_zero(setting_at(own, key)):
            left_out[key] = "is 0, of which no share is another value"
            continue
        try:
            (unknown,) = unknowns_of(key, free, own, study)
            trials_of([unknown]).refuse([np.array([float(end)]) for end in (free.low, free.high)])
        except StudyError as error:
            left_out[key] = "; ".join(dict.fromkeys(_of_the_setting(problem.message, key) for problem in error.problems))
        except ValueError as error:
            left_out[key] = str(error)
        else:
            unknowns.append(unknown)
    return unknowns, left_out


def _valid_walk(trials: Trials, factors: int, draws: np.random.Generator, low: float, high: float) -> Walk:
    for _ in range(_MOST_TRIES):
        one = walk(factors, draws)
        try:
            trials.refuse([low + (high - low) * point for point in one.points])
        except StudyError as error:
            last = error
        else:
            return one
    raise QuestionError(
        f"Varied together, settings contradict each other: {_of_the_setting(last.problems[0].message)}. Vary less: --by."
    )


def _of_the_setting(message: str, key: str = "") -> str:
    """A problem of a trial's study, without the trial's place."""
    return re.sub(r"scenarios\.trial_\d+\.", "", message).removeprefix(f"{key} ")


def _is_zero(value: object) -> bool:
    if isinstance(value, ByYear):
        return not any(item for _, item in value.steps)
    return not is_table(value) and not value
