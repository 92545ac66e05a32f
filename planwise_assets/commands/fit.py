"""`planwise fit FILES`: settings from the client's own history.

Belongs here: arguments, the order of the steps, what is said. Does not: reading, fitting, the YAML (evidence/).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from planwise_assets.commands.shared.console import Exit, fail, print_json, say
from planwise_assets.commands.shared.history import (
    CauseOption,
    DatesOption,
    FilesArgument,
    GroupOption,
    MapOption,
    OnlyOption,
    open_history,
    say_what_was_seen,
)
from planwise_assets.commands.shared.options import JsonOption
from resources.files import CannotWriteError, write_whole


def fit(
    files: FilesArgument,
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="The settings, for `defaults:` of a study.")] = Path(
        "hazards.yaml"
    ),
    cells: Annotated[Path, typer.Option(help="Every cell with its rate and interval, as CSV.")] = Path("hazard_cells.csv"),
    years: Annotated[str | None, typer.Option(help="Calendar years to fit, e.g. 2018-2023; by default all.")] = None,
    column: MapOption = None,
    group: GroupOption = None,
    cause: CauseOption = None,
    only: OnlyOption = None,
    leave_out: Annotated[
        list[str] | None, typer.Option(help="A cause that does not go into the settings, such as a lay-off for once.")
    ] = None,
    table: Annotated[
        str | None,
        typer.Option(help="A published table to draw the rates to, e.g. soa-1549; it decides where little was seen."),
    ] = None,
    exposure: Annotated[
        Literal["initial", "central"],
        typer.Option(help="initial: the people of 1 January, as PlanWise steps; central: the time that each was there."),
    ] = "initial",
    dates: DatesOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fits a study's settings to a history of year-end files: who leaves and rises, growth, hires, raises, savers' changes.

    Each value has its interval and what it rests on; what the files do not show is said and keeps its default.

    Try:

        planwise fit census_2019.csv census_2020.csv census_2021.csv

        planwise fit people_by_year.csv --group Department --leave-out layoff --out hazards.yaml
    """
    evidence = open_history(files, column=column, group=group, cause=cause, only=only, dates=dates)
    from planwise_assets.evidence.errors import EvidenceError  # noqa: PLC0415 - needs numpy
    from planwise_assets.evidence.fitting import Wish, fit_evidence  # noqa: PLC0415

    try:
        fitted = fit_evidence(evidence, Wish(years, tuple(leave_out or ()), table, exposure == "central"))
    except EvidenceError as error:
        fail(str(error))
    try:
        write_whole(out, fitted.settings.encode())
        write_whole(cells, fitted.cells.encode())
    except CannotWriteError as error:
        fail(str(error), Exit.USAGE)
    if as_json:
        print_json(fitted.summary() | {"settings": str(out), "cells": str(cells)})
        return
    say_what_was_seen(evidence)
    for sentence in fitted.sentences:
        say(sentence)
    say(f"\nSettings: {out} (for `defaults:` of a study). Every cell: {cells}")
