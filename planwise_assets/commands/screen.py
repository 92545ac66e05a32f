"""`planwise screen`: which of all numeric settings a figure depends on at all.

Belongs here: arguments, the table, the list for `planwise sensitivity`. Does not: the design (screening/morris.py), the
trials (screening/screen.py).
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import yaml  # type: ignore[import-untyped,unused-ignore]

from planwise_assets.commands.shared.console import Form, fail, note, print_in_form, print_json, say
from planwise_assets.commands.shared.found import failures_told, refuse_to_replace
from planwise_assets.commands.shared.history import need_the_extra
from planwise_assets.commands.shared.options import (
    FigureOption,
    FormOption,
    JsonOption,
    ScenarioArgument,
    one_of,
    open_study,
)
from planwise_assets.results.measures import MEASURES, Measure
from planwise_assets.results.wording import in_words
from planwise_assets.sensitivity.swings import FIGURE, is_summed
from planwise_assets.study.file.document import read_document
from resources.files import write_whole

if TYPE_CHECKING:
    from planwise_assets.screening.screen import Screened

_TOP = 10
_MARK = "# Written by planwise screen"


def screen(
    scenario: ScenarioArgument = None,
    *,
    measure: FigureOption = FIGURE,
    by: Annotated[
        float, typer.Option(help="How much lower and higher each setting is; 0.2 is 20 %.", min=0.01, max=0.9)
    ] = 0.2,
    walks: Annotated[
        int, typer.Option(help="Walks; each is one scenario more than there are settings.", min=1, max=100)
    ] = 4,
    until: Annotated[
        int | None, typer.Option(help="The last year that is simulated; the study's by default.", metavar="YEAR")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help=f"Write the first {_TOP} as a list for planwise sensitivity.", metavar="FILE"),
    ] = None,
    form: FormOption = Form.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Shows which of all settings a figure depends on: each a share lower and higher, together with all others.

    Morris's design: few scenarios for many settings. It ranks; what a setting is worth between two values with a source says
    `planwise sensitivity`. It is simulated in a folder of its own: your results stay as they are.

    Try:

        planwise screen

        planwise screen richer_match --measure participation --by 0.1 --walks 8

        planwise screen --out top.yaml && planwise sensitivity --assumptions top.yaml
    """
    need_the_extra()
    from planwise_assets.screening.screen import screened  # noqa: PLC0415 - needs numpy

    one_of("measure", measure, MEASURES)
    settings, study = open_study()
    name = one_of("scenario", scenario or next(iter(study.scenarios)), study.scenarios)
    years = [year for year in study.simulation_years if until is None or year <= until]
    if not years or (until is not None and until not in years):
        fail(f"--until {until}: not simulated; possible: {study.simulation_years[0]} to {study.simulation_years[-1]}.")
    if out:
        refuse_to_replace(out, _MARK, "planwise screen has not written it")
    with failures_told("A scenario"):
        found = screened(
            settings,
            study,
            read_document(settings.study_file),
            scenario=name,
            measure=measure,
            years=years if is_summed(measure) else years[-1:],
            share=Decimal(str(by)),
            walks=walks,
            told=(lambda _: None) if as_json or form is not Form.TABLE else say,
        )
        if out:
            write_whole(out, _list(found, by).encode())
    if as_json:
        print_json(_as_json(found, measure, by))
    else:
        _print(found, MEASURES[measure], by, form)
    if out and form is Form.TABLE and not as_json:
        say(f"\nWhat the first {_TOP} are worth: planwise sensitivity --assumptions {out}")


def _print(found: Screened, figure: Measure, by: float, form: Form) -> None:
    rows = [
        [
            key,
            in_words(key, now) if form is Form.TABLE else now,
            *(_figure(figure, value, form) for value in (effect.size, effect.mean, effect.spread, effect.error)),
        ]
        for key, now, effect in found.found
        if effect.size or form is not Form.TABLE
    ]
    span = f"{found.years[0]}-{found.years[-1]}" if len(found.years) > 1 else str(found.years[0])
    title = (
        f"{figure.title} of {found.scenario}, {span}: what {by * 100:g} % less to {by * 100:g} % more of each setting moves"
    )
    print_in_form(form, title, ["setting", "as it is", "size", "mean", "spread", "± of size"], rows, left=2)
    if form is not Form.TABLE:
        return
    say(f"{found.walks} walks, {found.trials} scenarios. Spread as large as size: what it does depends on other settings.")
    if none := [key for key, _, effect in found.found if not effect.size]:
        say(f"No difference in any walk: {', '.join(none)}.")
    for key, reason in found.left_out.items():
        note(f"Not varied: {key}: {reason}")


def _figure(figure: Measure, value: float | None, form: Form) -> str:
    if form is not Form.TABLE:
        return "" if value is None else str(value)
    return figure.text(value, signed=False)


def _list(found: Screened, by: float) -> str:
    """The settings with the largest effects, as `planwise sensitivity --assumptions` reads them; no shipped ones."""
    from planwise_assets.sensitivity.ranges import SHIPPED  # noqa: PLC0415

    dropped = dict.fromkeys(yaml.safe_load(SHIPPED.read_text(encoding="utf-8")))
    source = f"planwise screen, {by * 100:g} % of what it is; no evidence"
    listed = {
        key.replace(".", "_")[-40:].lstrip("_0123456789"): {
            "what": key,
            "setting": key,
            "low": {"times": float(Decimal(1) - Decimal(str(by))), "source": source},
            "high": {"times": float(Decimal(1) + Decimal(str(by))), "source": source},
        }
        for key, _, effect in found.found[:_TOP]
        if effect.size
    }
    head = (
        f"{_MARK}; the next one replaces it. A null drops a shipped assumption; write lows, highs and sources of your own."
    )
    return f"{head}\n{yaml.safe_dump({**dropped, **listed}, sort_keys=False, allow_unicode=True, width=118)}"


def _as_json(found: Screened, measure: str, by: float) -> dict[str, Any]:
    return {
        "scenario": found.scenario,
        "measure": measure,
        "years": list(found.years),
        "by": by,
        "walks": found.walks,
        "scenarios": found.trials,
        "settings": [
            {
                "setting": key,
                "as_it_is": now,
                "size": effect.size,
                "mean": effect.mean,
                "spread": effect.spread,
                "size_standard_error": effect.error,
            }
            for key, now, effect in found.found
        ],
        "left_out": dict(found.left_out),
    }
