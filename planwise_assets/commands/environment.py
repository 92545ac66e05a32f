"""`planwise performance`, `doctor`, `setup` and `ui`: what is around a simulation.

Belongs here: their arguments. Does not: their bodies (performance/command.py, doctor.py, instance.py).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from planwise_assets.commands.console import Exit, console, fail, say
from planwise_assets.commands.study import JsonOption, chosen_years, open_study, start
from planwise_assets.settings import PROJECT_ROOT
from resources.metrics import PerformanceFolder


def performance(
    year: Annotated[int | None, typer.Option(help="The year; all of the study's by default.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Prints where the time and the memory of the last runs went.

    Try:

        planwise performance --year 2026

        planwise performance --json
    """
    settings, study = open_study()
    from planwise_assets.performance.command import show_performance  # noqa: PLC0415 - only this command needs it

    chosen = chosen_years(str(year) if year is not None else None, study)
    if not show_performance(console, PerformanceFolder(settings.performance(study.study)), chosen, as_json=as_json):
        fail(f"No performance on record for {chosen[0]}-{chosen[-1]}: planwise simulate", Exit.FAILED)


def setup() -> None:
    """Makes the study's Dagster home, with its limits.

    Try:

        eval "$(planwise setup)"
    """
    settings, study = start()
    say(f"export DAGSTER_HOME={settings.dagster_home(study.study)}")


def doctor(
    reset: Annotated[bool, typer.Option("--reset", help="Forget failures: use every fast path again.")] = False,
) -> None:
    """Shows the state of the study's circuit breakers and of the environment, and what to do about it.

    Exit code 1: something keeps a run from working.

    Try:

        planwise doctor

        planwise doctor --reset
    """
    settings, study = open_study()
    from planwise_assets.doctor import print_diagnosis, reset_breaker  # noqa: PLC0415 - Dagster takes seconds to import

    if reset:
        reset_breaker(console, settings, study)
    if not print_diagnosis(console, settings, study):
        raise typer.Exit(Exit.FAILED)


def ui(port: Annotated[int, typer.Option(help="Port on the loopback interface.")] = 3000) -> None:
    """Starts the Dagster UI and daemon, ready to launch years.

    Try:

        planwise ui --port 3001
    """
    settings, _ = start()
    os.environ.update(PLANWISE_STUDY=str(settings.study_file), PLANWISE_HOME=str(settings.home))
    dagster = str(Path(sys.executable).with_name("dagster"))
    os.chdir(PROJECT_ROOT)
    # In place of this process, so that whatever stops it stops Dagster.
    os.execv(dagster, [dagster, "dev", "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(port)])  # noqa: S606
