"""`planwise solve SETTING FIGURE=VALUE`: the value of one setting at which a figure is what was asked.

Belongs here: arguments, what is said. Does not: the search (calibration/solve.py).
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
import yaml  # type: ignore[import-untyped,unused-ignore]

from planwise_assets.calibration.question import Free
from planwise_assets.commands.shared.console import Exit, Form, fail, note, print_in_form, print_json, say
from planwise_assets.commands.shared.found import failures_told, refuse_found_study
from planwise_assets.commands.shared.history import need_the_extra
from planwise_assets.commands.shared.options import FormOption, JsonOption, one_of, open_study
from planwise_assets.results.ensembles import FEWEST_SEEDS
from planwise_assets.results.measures import MEASURES, Measure
from planwise_assets.sensitivity.swings import is_summed
from planwise_assets.study.file.changing import exact
from planwise_assets.study.file.document import read_document
from planwise_assets.study.schema import Study
from resources.files import write_whole

if TYPE_CHECKING:
    from planwise_assets.calibration.solve import Asked, Solved


def solve(
    setting: Annotated[str, typer.Argument(help="A key of the study file, such as plan.match.tiers.", metavar="SETTING")],
    figure: Annotated[
        str,
        typer.Argument(
            help="What it is to be: match=12000000, cost_rate=0.03; with --against its name.", metavar="FIGURE[=VALUE]"
        ),
    ],
    *,
    low: Annotated[str, typer.Option(help="The lowest value that is tried.", metavar="NUMBER")],
    high: Annotated[str, typer.Option(help="The highest.", metavar="NUMBER")],
    change: Annotated[
        Literal["value", "times", "add"],
        typer.Option(help="Whether low and high are values, factors of what it is, or what is added; of a table times."),
    ] = "value",
    scenario: Annotated[
        str | None, typer.Option("--of", help="Whose setting and figure; the study's defaults and its first scenario.")
    ] = None,
    year: Annotated[
        int | None, typer.Option(help="The figure's year; without it all years of money, else the last.", metavar="YEAR")
    ] = None,
    against: Annotated[
        str | None, typer.Option(help="Break even: the figure is to be what it is in this scenario.", metavar="SCENARIO")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write the found study here.", metavar="FILE")] = None,
    form: FormOption = Form.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Says at which value of one setting a figure is what you ask, and how surely; or where two designs break even.

    Values are tried with the same luck, in a folder of their own: your results stay as they are.

    Exit code 1: nothing within the range gives it; the nearest is shown.

    Try:

        planwise solve plan.match.tiers match=12000000 --change times --low 0.5 --high 2 --year 2026

        planwise solve plan.match.tiers net_cost --against auto_for_all --change times --low 0.5 --high 3
    """
    need_the_extra()
    from planwise_assets.calibration.solve import solved  # noqa: PLC0415 - needs numpy

    settings, study = open_study()
    if out:
        refuse_found_study(out, settings.study_file)
    asked = _asked(study, setting, figure, (low, high), change=change, scenario=scenario, year=year, against=against)
    quiet = as_json or form is not Form.TABLE
    with failures_told("A value"):
        found = solved(
            settings,
            study,
            read_document(settings.study_file),
            asked,
            out or settings.study_file.with_name(f"{study.study[:37]}_solved.yaml"),
            told=(lambda _: None) if quiet else say,
        )
        if out:
            write_whole(out, found.text.encode())
    measure = MEASURES[asked.measure]
    if as_json:
        print_json(_as_json(asked, found))
    else:
        rows = [[found.text_of(value), _text(measure, at, form)] for value, at in found.tried]
        print_in_form(form, f"What was tried, {found.scenario}", [setting, measure.label], rows)
        for line in _told(asked, found, measure):
            (say if form is Form.TABLE else note)(line)
        if out and form is Form.TABLE:
            say(f"The study: planwise --study {out} simulate")
    if not found.is_met:
        raise typer.Exit(Exit.FAILED)


def _asked(
    study: Study,
    setting: str,
    figure: str,
    bounds: tuple[str, str],
    *,
    change: Literal["value", "times", "add"],
    scenario: str | None,
    year: int | None,
    against: str | None,
) -> Asked:
    """The question, each part held against the study; ends with what is allowed where one does not fit."""
    from planwise_assets.calibration.solve import Asked  # noqa: PLC0415 - needs numpy

    name, equals, value = figure.partition("=")
    measure = MEASURES[one_of("figure", name, MEASURES)]
    if bool(equals) == (against is not None):
        fail(f"Say what {name} is to be, {name}=VALUE, or --against a scenario: one of the two.")
    for one in filter(None, (scenario, against)):
        one_of("scenario", one, study.scenarios)
    if against is not None and against == (scenario or next(iter(study.scenarios))):
        fail(f"--against {against} is the scenario itself.")
    years = list(study.simulation_years)
    if year is not None and year not in years:
        fail(f"{year} is not simulated; possible: {years[0]} to {years[-1]}.")
    chosen = [year] if year is not None else years if is_summed(name) else years[-1:]
    low, high = (_number(f"--{which}", text) for which, text in zip(("low", "high"), bounds, strict=True))
    free = Free.model_construct(low=low, high=high, change=change, years="all")
    wanted = _number(name, value) if equals else None
    if wanted is not None and measure.unit == "share" and abs(wanted) > 1:
        fail(f"{name} is a share: 0.03 means 3 % (now {value}).")
    return Asked(setting, free, scenario, name, tuple(chosen), wanted, against)


def _number(what: str, text: str) -> Decimal:
    try:
        number = Decimal(text.replace(",", "").replace("_", ""))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        fail(f"{what}: {text!r} is no number, such as 2000000 or 0.03.")
    return number


def _text(measure: Measure, value: float, form: Form) -> str:
    return measure.text(value) if form is Form.TABLE else str(value)


def _told(asked: Asked, found: Solved, measure: Measure) -> list[str]:
    """The verdict: the value, how sure it is, what else there is to know."""
    span = f"{asked.years[0]}-{asked.years[-1]}" if len(asked.years) > 1 else str(asked.years[0])
    wanted = f"as in {asked.against}, {measure.text(found.asked)}" if asked.against else measure.text(found.asked)
    it_is = (
        f"{asked.key} {found.text_of(found.value)} (now {found.was}): {measure.label} {span} is {measure.text(found.figure)}"
    )
    if not found.is_met:
        return [f"Nothing within the range gives {wanted}. The nearest: {it_is}."]
    lines = [f"{it_is}; asked was {wanted}."]
    if asked.free.change != "value":
        written = yaml.safe_dump(exact(found.setting), default_flow_style=True, width=1000).removesuffix("...\n").strip()
        lines.append(f"In the study file: {asked.key}: {written}")
    futures = f"{found.futures} future{'s' * (found.futures > 1)}"
    if found.interval:
        low, high = (found.text_of(end) for end in found.interval)
        lines.append(f"With 95 % confidence from {low} to {high}: what {futures} do not say of the mean of all.")
    else:
        lines.append(f"{futures}: how sure that is takes {FEWEST_SEEDS} (seeds in the study file).")
    if found.others:
        lines.append(
            f"Also near {', '.join(found.text_of(other) for other in found.others)}: the figure turns within the range."
        )
    return lines


def _as_json(asked: Asked, found: Solved) -> dict[str, Any]:
    return {
        "setting": asked.key,
        "change": asked.free.change,
        "scenario": found.scenario,
        "measure": asked.measure,
        "years": list(asked.years),
        "against": asked.against,
        "asked": found.asked,
        "was": found.was,
        "found": float(found.value),
        "figure": found.figure,
        "is_met": found.is_met,
        "interval": list(found.interval) if found.interval else None,
        "others": list(found.others),
        "futures": found.futures,
        "tried": [{"value": float(value), "figure": figure} for value, figure in found.tried],
    }
