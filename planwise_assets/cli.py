"""The `planwise` command: the common paths in one word each.

Belongs here: arguments, progress, what a person reads. Does not: anything a Dagster run would not do by itself; a run
started here is a Dagster run like any other and appears in the UI.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from planwise_assets.allocation import Allocation, AllocationError
from planwise_assets.fork_server import start_fork_server
from planwise_assets.results import print_results
from planwise_assets.settings import PROJECT_ROOT, Settings, SettingsError
from planwise_assets.study.errors import StudyError
from planwise_assets.study.load import load_study
from planwise_assets.study.schema import Study
from resources.machine import Machine
from resources.metrics import PerformanceFolder

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Simulates a workforce and its 401(k) plan, year by year."
)
_PIPED_WIDTH = 120

console = Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH)
problems = Console(stderr=True)

YearsOption = Annotated[
    str | None, typer.Option(help="One year (2026) or a span (2025-2029); all of the study's by default.")
]


@app.command()
def simulate(years: YearsOption = None) -> None:
    """Simulates years in order and prints the results.

    Example: planwise simulate --years 2025-2027
    """
    settings, study = _start()
    chosen = _years(years, study)
    log = settings.home / "logs" / f"{study.study}.log"
    log.unlink(missing_ok=True)
    if settings.executor == "multiprocess":
        start_fork_server(log)
    from planwise_assets.launch import launch_year  # noqa: PLC0415 - Dagster takes seconds to import

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    ) as progress:
        task = progress.add_task(f"Study {study.study}", total=len(chosen))
        for year in chosen:
            progress.update(task, description=f"Simulating {year}")
            started = time.perf_counter()
            outcome = launch_year(year, log)
            if outcome.error:
                progress.stop()
                problems.print(f"{year} failed. {outcome.error}\nLog: {log}", highlight=False, soft_wrap=True, markup=False)
                raise typer.Exit(1)
            console.print(f"{year} simulated in {time.perf_counter() - started:.1f} s", highlight=False)
            progress.advance(task)
    console.print()
    print_results(console, settings, study)


@app.command()
def results() -> None:
    """Prints the results that are published."""
    settings, study = _start()
    print_results(console, settings, study)


@app.command()
def performance(
    year: Annotated[int | None, typer.Option(help="The year; all of the study's by default.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Prints where the time and the memory of the last runs went."""
    settings, study = _start()
    from planwise_assets.performance.command import show_performance  # noqa: PLC0415 - only this command needs it

    chosen = _years(str(year) if year is not None else None, study)
    if not show_performance(console, PerformanceFolder(settings.performance(study.study)), chosen, as_json=as_json):
        problems.print(f"No performance on record for {chosen[0]}-{chosen[-1]}: planwise simulate", highlight=False)
        raise typer.Exit(1)


@app.command()
def setup() -> None:
    """Makes the study's Dagster home, with its limits."""
    settings, study = _start()
    console.print(f"export DAGSTER_HOME={settings.dagster_home(study.study)}", highlight=False, soft_wrap=True)


@app.command()
def doctor(
    reset: Annotated[bool, typer.Option("--reset", help="Forget failures: use every fast path again.")] = False,
) -> None:
    """Shows the state of the study's circuit breakers and of the environment, and what to do about it."""
    try:
        settings = Settings.from_environment()
        study = load_study(settings.study_file)
    except (SettingsError, StudyError) as error:
        problems.print(str(error), highlight=False, soft_wrap=True, markup=False)
        raise typer.Exit(2) from None
    from planwise_assets.doctor import print_diagnosis, reset_breaker  # noqa: PLC0415 - Dagster takes seconds to import

    if reset:
        reset_breaker(console, settings, study)
    if not print_diagnosis(console, settings, study):
        raise typer.Exit(1)


@app.command()
def ui(port: Annotated[int, typer.Option(help="Port on the loopback interface.")] = 3000) -> None:
    """Starts the Dagster UI and daemon, ready to launch years."""
    settings, _ = _start()
    os.environ.update(PLANWISE_STUDY=str(settings.study_file), PLANWISE_HOME=str(settings.home))
    dagster = str(Path(sys.executable).with_name("dagster"))
    os.chdir(PROJECT_ROOT)
    # In place of this process, so that whatever stops it stops Dagster.
    os.execv(dagster, [dagster, "dev", "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(port)])  # noqa: S606


def _start() -> tuple[Settings, Study]:
    """Settings and study, with Dagster's home made ready; a person's mistakes end here with one message."""
    try:
        settings = Settings.from_environment()
        study = load_study(settings.study_file)
        Allocation.of(study.resources, Machine.here())
    except (SettingsError, StudyError, AllocationError) as error:
        problems.print(str(error), highlight=False, soft_wrap=True, markup=False)
        raise typer.Exit(2) from None
    from planwise_assets.instance import prepare_instance  # noqa: PLC0415 - so does this

    os.environ.setdefault("DAGSTER_HOME", str(settings.dagster_home(study.study)))
    prepare_instance(Path(os.environ["DAGSTER_HOME"]), f"planwise_{study.study}")
    return settings, study


def _years(text: str | None, study: Study) -> list[int]:
    first, last = study.years.start, study.years.end
    if text is None:
        return list(range(first, last + 1))
    try:
        start, _, end = text.partition("-")
        chosen = list(range(int(start), int(end or start) + 1))
    except ValueError:
        chosen = []
    if not chosen or chosen[0] < first or chosen[-1] > last:
        problems.print(
            f"--years {text}: give a year or a span within {first}-{last}, e.g. --years {first}-{last}.",
            highlight=False,
        )
        raise typer.Exit(2)
    return chosen


if __name__ == "__main__":
    app()
