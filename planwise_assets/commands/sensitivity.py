"""`planwise sensitivity`: which assumptions a figure depends on most, each at a low and a high value with its source.

Belongs here: arguments, running the worlds in a home of their own, the table. Does not: the values (sensitivity/worlds.py),
the differences (sensitivity/swings.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from planwise_assets.commands.shared.console import Form, fail, is_terminal, note, print_in_form, print_json, say
from planwise_assets.commands.shared.options import (
    FigureOption,
    FormOption,
    JsonOption,
    ScenarioArgument,
    one_of,
    open_study,
    published,
    start_other,
)
from planwise_assets.commands.shared.years import simulate_years
from planwise_assets.results.ensembles import FEWEST_SEEDS
from planwise_assets.results.measures import MEASURES
from planwise_assets.results.reading import read_measures
from planwise_assets.sensitivity.ranges import Range, read_ranges
from planwise_assets.sensitivity.swings import FIGURE, Sensitivity, Swing, Turn
from planwise_assets.sensitivity.swings import sensitivity as swings_of
from planwise_assets.sensitivity.worlds import Worlds, worlds_of, write_worlds
from planwise_assets.settings import Settings
from planwise_assets.study.errors import StudyError
from planwise_assets.study.file.document import read_document
from planwise_assets.study.schema import LARGEST_SEED, MOST_SEEDS, Study


def sensitivity(
    scenario: ScenarioArgument = None,
    *,
    measure: FigureOption = FIGURE,
    only: Annotated[list[str] | None, typer.Option("--only", help="This assumption alone; may be repeated.")] = None,
    assumptions: Annotated[
        Path | None,
        typer.Option(
            "--assumptions",
            help="YAML with lows and highs of your own; the form: docs/how-to/sensitivity.md.",
            metavar="FILE",
        ),
    ] = None,
    seeds: Annotated[
        int | None,
        typer.Option("--seeds", help=f"Futures; the study's by default. From {FEWEST_SEEDS} on it is said how sure.", min=1),
    ] = None,
    form: FormOption = Form.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Shows which assumptions a figure depends on most, each at a low and a high value.

    Each is changed alone, with the same luck. What it simulates is in a home of its own: nothing of it is in the study's
    results. `planwise report` draws it from then on.

    Try:

        planwise sensitivity

        planwise sensitivity --only cola --only growth --seeds 10

        planwise sensitivity richer_match --measure match --format tsv

        planwise sensitivity --assumptions ours.yaml --json
    """
    one_of("measure", measure, MEASURES)
    settings, study = open_study()
    name = one_of("scenario", scenario or next(iter(study.scenarios)), study.scenarios)
    worlds = _worlds(settings, study, name, only=only, assumptions=assumptions, seeds=seeds)
    apart, its_study = _open_apart(settings, study, worlds)
    simulate_years(
        apart,
        its_study,
        its_study.simulation_years,
        again=False,
        quiet=as_json or form is not Form.TABLE or not is_terminal(),
    )
    with published(apart, its_study) as there:
        found = swings_of(read_measures(there.connection), worlds.of, worlds.varied, measure)
        if as_json:
            print_json({**there.as_json(), **_as_json(found, worlds)})
            return
        _print(found, form)
    for name, reason in worlds.left_out.items():
        note(f"Not varied: {name}: {reason}")


def _worlds(
    settings: Settings,
    study: Study,
    scenario: str,
    *,
    only: Sequence[str] | None,
    assumptions: Path | None,
    seeds: int | None,
) -> Worlds:
    """The study of the table; a person's mistakes end here with one message.

    Args:
        settings: Where the client's study file is.
        study: The client's study.
        scenario: One of its scenarios.
        only: The assumptions to vary; None: all.
        assumptions: A list of the person's own.
        seeds: How many futures; None: the study's.
    """
    try:
        ranges, own = read_ranges(assumptions)
    except StudyError as error:
        fail(str(error))
    chosen: dict[str, Range] = {one_of("assumption", name, ranges): ranges[name] for name in only} if only else ranges
    worlds = worlds_of(read_document(settings.study_file), study, scenario, chosen, _seeds(study, seeds))
    for name in [*own, *(only or ())]:
        if name in worlds.left_out:
            fail(f"The assumption {name} cannot be varied in scenario {scenario}: {worlds.left_out[name]}")
    if not worlds.varied:
        fail("No assumption is left to be varied.")
    return worlds


def _seeds(study: Study, count: int | None) -> list[int]:
    """So many seeds: the study's first, then the next ones that it does not have."""
    if count is None:
        return list(study.seeds)
    if count > MOST_SEEDS:
        fail(f"--seeds {count}: at most {MOST_SEEDS:,}.")
    seeds = list(study.seeds[:count])
    following = (seed for seed in range(LARGEST_SEED) if seed not in study.seeds)
    while len(seeds) < count:
        seeds.append(next(following))
    return seeds


def _open_apart(settings: Settings, study: Study, worlds: Worlds) -> tuple[Settings, Study]:
    """Writes the study into a home of its own, and opens it there as any study is opened."""
    home = settings.sensitivity(study.study)
    file = write_worlds(worlds, home)
    cache = home / "dbt"
    if settings.dbt_cache == settings.home / "dbt" and not cache.exists():
        # The home's own compiled project, whose SQL is the same.
        settings.dbt_cache.mkdir(parents=True, exist_ok=True)
        cache.symlink_to(settings.dbt_cache, target_is_directory=True)
    return start_other(file, home)


def _as_json(found: Sensitivity, worlds: Worlds) -> dict[str, Any]:
    return {
        "scenario": found.of,
        "measure": found.measure,
        "unit": MEASURES[found.measure].unit,
        "of": found.span,
        "futures": found.seeds,
        "as_it_is": found.as_it_is.mean,
        "assumptions": [swing.as_json() for swing in found.swings],
        "left_out": dict(worlds.left_out),
    }


def _print(found: Sensitivity, form: Form) -> None:
    figure = MEASURES[found.measure]
    if form is not Form.TABLE or not is_terminal():
        print_in_form(form, "", _HEADS, [_exact_row(swing) for swing in found.swings], left=6)
        return
    rows = [
        [
            swing.varied.what,
            swing.low.side.value,
            swing.high.side.value,
            _difference(found, swing.low),
            _difference(found, swing.high),
            figure.text(swing.size) + _error(found, swing.difference.standard_error),
        ]
        for swing in found.swings
        if not swing.is_none
    ]
    title = f"{figure.title} of {found.of}, {found.span}: {figure.text(found.as_it_is.mean)}; what it is more or less"
    print_in_form(form, title, ["assumption", "low", "high", "at low", "at high", "swing"], rows, left=3)
    if none := [swing.varied.what for swing in found.swings if swing.is_none]:
        say(f"No difference in any future: {', '.join(none)}.")
    futures = f"{found.seeds} future{'s' * (found.seeds > 1)}"
    if found.seeds < FEWEST_SEEDS:
        say(f"{futures}: too few to say how sure. planwise sensitivity --seeds {FEWEST_SEEDS}")
    else:
        say(f"± is the standard error over {futures} with the same luck.")
    for swing in found.swings:
        say(f"{swing.varied.what}: low, {swing.low.side.source}; high, {swing.high.side.source}.")


def _difference(found: Sensitivity, turn: Turn) -> str:
    return MEASURES[found.measure].text(turn.less.mean, signed=True) + _error(found, turn.less.standard_error)


def _error(found: Sensitivity, error: float | None) -> str:
    return f" ± {MEASURES[found.measure].text(error).rstrip('%')}" if error else ""


_HEADS = (
    "assumption", "low", "low_source", "high", "high_source", "as_it_is", "at_low", "at_low_standard_error", "at_high",
    "at_high_standard_error", "swing", "swing_standard_error", "seeds",
)  # fmt: skip


def _exact_row(swing: Swing) -> list[str]:
    figures = [
        cell for turn in (swing.low, swing.high) for cell in (_plain(turn.less.mean), _plain(turn.less.standard_error))
    ]
    return [
        swing.varied.name,
        swing.low.side.value,
        swing.low.side.source,
        swing.high.side.value,
        swing.high.side.source,
        swing.varied.now,
        *figures,
        _plain(swing.size),
        _plain(swing.difference.standard_error),
        str(swing.difference.seeds),
    ]


def _plain(value: float | None) -> str:
    return "-" if value is None else f"{value:.6f}".rstrip("0").rstrip(".")
