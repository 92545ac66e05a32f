"""`planwise calibrate QUESTION`: settings that meet targets, found by trials, and the run of what was found.

Belongs here: arguments, what is said. Does not: the search (calibration/).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planwise_assets.commands.shared.console import Exit, Form, is_terminal, note, print_in_form, print_json, say
from planwise_assets.commands.shared.found import failures_told, refuse_found_study
from planwise_assets.commands.shared.history import need_the_extra
from planwise_assets.commands.shared.options import FormOption, JsonOption, open_study, published, start_other
from planwise_assets.commands.shared.years import simulate_years
from planwise_assets.results.measures import MEASURES
from planwise_assets.results.reading import read_measures
from planwise_assets.settings import Settings
from planwise_assets.study.file.document import read_document
from planwise_assets.study.schema import Study
from planwise_assets.study.values import plain
from resources.files import write_whole

if TYPE_CHECKING:
    from planwise_assets.calibration.calibrate import Calibrated


def calibrate(
    question: Annotated[Path, typer.Argument(help="YAML: targets, and what is free; the form: docs/how-to/calibrate.md.")],
    *,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The found study; beside the study file by default.", metavar="FILE")
    ] = None,
    form: FormOption = Form.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Finds settings that meet targets of the client's, and simulates the study that was found.

    Candidates are tried with the same luck, in a folder of their own; what is printed is of the run of the found study.

    Exit code 1: not all targets can be met; it is said which setting would have to go further.

    Try:

        planwise calibrate targets.yaml

        planwise calibrate targets.yaml --out studies/calibrated.yaml --json
    """
    need_the_extra()
    from planwise_assets.calibration.calibrate import calibrated  # noqa: PLC0415 - needs numpy

    settings, study = open_study()
    file = out or settings.study_file.with_name(f"{study.study[:37]}_calibrated.yaml")
    refuse_found_study(file, settings.study_file)
    quiet = as_json or form is not Form.TABLE or not is_terminal()
    with failures_told("A candidate"):
        found = calibrated(
            settings,
            study,
            read_document(settings.study_file),
            question,
            file,
            told=(lambda _: None) if as_json or form is not Form.TABLE else say,
        )
        write_whole(file, found.text.encode())
    there, its_study = _simulated(file, quiet=quiet)
    with published(there, its_study) as results:
        measured = read_measures(results.connection)
        figures = [
            fmean(measured[found.scenario, seed, target.year][target.measure] or 0.0 for seed in its_study.seeds)
            for target in found.targets
        ]
        unmet = found.unmet(figures)
        if as_json:
            print_json({**results.as_json(), **_as_json(found, figures, file), "unmet": unmet})
        else:
            _print(found, figures, form)
    if form is Form.TABLE and not as_json:
        say(f"\nThe found study: {file}\nIts results:     planwise --study {file} results")
    for sentence in unmet:
        note(sentence)
    if unmet:
        raise typer.Exit(Exit.FAILED)


def _simulated(file: Path, *, quiet: bool) -> tuple[Settings, Study]:
    """The found study, simulated like any other."""
    settings, study = start_other(file)
    simulate_years(settings, study, study.simulation_years, again=False, quiet=quiet)
    return settings, study


def _print(found: Calibrated, figures: Sequence[float], form: Form) -> None:
    targets, settings = [], []
    for target, value in zip(found.targets, figures, strict=True):
        measure = MEASURES[target.measure]
        numbers = (target.value, value, value - target.value)
        is_for_people = form is Form.TABLE
        texts = [
            measure.text(number, signed=place == 2) if is_for_people else str(number) for place, number in enumerate(numbers)
        ]
        name = measure.label if is_for_people else measure.name
        targets.append([name, str(target.year), *texts, "yes" if target.is_met(value) else "no"])
    for change in found.changes:
        free = change.unknown
        bounds = f"{plain(free.low)} to {plain(free.high)}"
        settings.append([free.key, str(free.year or "all"), change.was, change.now, bounds])
    print_in_form(
        form, f"Targets, {found.scenario}", ["figure", "year", "target", "found", "difference", "met"], targets, left=2
    )
    print_in_form(form, "Settings that were free", ["setting", "year", "was", "found", "bounds"], settings, left=2)


def _as_json(found: Calibrated, figures: Sequence[float], file: Path) -> dict[str, Any]:
    return {
        "scenario": found.scenario,
        "found_study": str(file),
        "candidates": found.tried,
        "rounds": found.rounds,
        "targets": [
            {
                "measure": target.measure,
                "year": target.year,
                "target": target.value,
                "within": target.within,
                "found": value,
                "is_met": target.is_met(value),
            }
            for target, value in zip(found.targets, figures, strict=True)
        ],
        "settings": [
            {
                "setting": change.unknown.key,
                "year": change.unknown.year,
                "change": change.unknown.change,
                "was": change.was,
                "found": float(change.value),
                "low": float(change.unknown.low),
                "high": float(change.unknown.high),
            }
            for change in found.changes
        ],
    }
