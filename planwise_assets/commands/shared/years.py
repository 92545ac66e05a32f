"""Simulating years in order, with what is done and what is left.

Belongs here: launching years one after another and saying how far they are. Does not: anything a Dagster run would not do by
itself; a run started here is a Dagster run like any other and appears in the UI.
"""

from __future__ import annotations

import functools
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from planwise_assets.commands.shared.console import Exit, fail, is_terminal, note, say
from planwise_assets.commands.shared.process import kept_for_good
from planwise_assets.project import Project
from planwise_assets.runs.fork_server import start_fork_server
from planwise_assets.settings import Settings
from planwise_assets.steps import GROUPS, OPERATIONS, WAREHOUSE, WORKFORCE_STATE, YEAR_SETUP
from planwise_assets.study.schema import Study
from planwise_assets.year.setup.gate import why_simulate
from planwise_assets.year.state.marker import consistent_years
from planwise_assets.year.validation.verification import warehouse_differences
from resources.files import read_json
from resources.lake import Lake
from resources.process.locks import run_at_work

# Listing one folder twice a second takes no time that could be measured, and a bar that moves more often tells no more.
_LOOK_EVERY = 0.5


def simulate_years(
    settings: Settings, study: Study, chosen: Sequence[int], *, again: bool, quiet: bool, wait: bool = False
) -> None:
    """Simulates years in order; says on standard error what should be known of them.

    Args:
        settings: Where the results go.
        study: The study; `start` has made its Dagster home ready.
        chosen: The years.
        again: Whether years that are as the study, the census and the code say are simulated, too.
        quiet: Whether nothing is said of a year that is done.
        wait: Whether another run of the study is waited for; else a year that meets one fails.

    Raises:
        typer.Exit: A year failed; code 1.
    """
    if wait:
        _wait_for_others(settings, study)
    log = settings.home / "logs" / f"{study.study}.log"
    log.unlink(missing_ok=True)
    if settings.executor == "multiprocess":
        start_fork_server(log)
    with kept_for_good():
        from planwise_assets.commands.shared.launch import launch_year  # noqa: PLC0415 - Dagster takes a second to import

    project = None if again else _project_with_results(settings, study)
    failure = ""
    begun = time.perf_counter()
    simulated: list[int] = []
    warned: dict[str, None] = {}
    with _progress() as progress:
        tell = functools.partial(progress.console.print, highlight=False) if is_terminal() else say
        say_year = (lambda _: None) if quiet else tell
        task = progress.add_task("", total=len(chosen) * len(_STEPS), left="")
        for done, year in enumerate(chosen):
            # Asked year by year: a year that is simulated again with the same result leaves the next one as it is.
            if project and not why_simulate(project, year):
                say_year(f"{year} is as the study says; not simulated again (--all does)")
                continue
            year_begun = time.perf_counter()
            with _watched(progress, task, year=year, folder=settings.performance(study.study), done=done, begun=begun):
                outcome = launch_year(year, log)
                while wait and outcome.error and run_at_work(settings.locks, study.study):
                    # Somebody else's run began first.
                    _wait_for_others(settings, study)
                    outcome = launch_year(year, log)
            if outcome.error:
                failure = f"{year} failed. {outcome.error}\nLog: {log}"
                break
            simulated.append(year)
            warned |= dict.fromkeys(_warnings(settings, study, year))
            now = time.perf_counter()
            to_go = len(chosen) - done - 1
            rest = f"; {to_go} to go, about {_span((now - begun) / len(simulated) * to_go)}" if to_go else ""
            say_year(f"{year} simulated in {now - year_begun:.1f} s{rest}")
        if project and not simulated and not failure and any(warehouse_differences(project)):
            # A year was dropped from the study, or the warehouse was lost: the lake has all that it takes.
            outcome = launch_year(consistent_years(project)[-1], log, only=WAREHOUSE.name)
            failure = f"Publishing failed. {outcome.error}\nLog: {log}" if outcome.error else ""
    for warning in warned:
        note(f"To be known: {warning}")
    if failure:
        fail(failure, Exit.FAILED)


def _wait_for_others(settings: Settings, study: Study) -> None:
    """Waits until no other run of the study is at work; says so once."""
    told = ""
    while (run := run_at_work(settings.locks, study.study)) is not None:
        if run != told:
            note(f"Waiting for another run of {study.study} to end ({run}). Ctrl+C ends the waiting.")
            told = run
        time.sleep(_LOOK_EVERY)


def _warnings(settings: Settings, study: Study, year: int) -> list[str]:
    """What a year that has just been simulated says of itself."""
    marker = read_json(Lake(settings.lake(study.study)).marker(year)) or {}
    return [*marker["inputs"]["warnings"], *marker["warnings"]] if marker else []


def _project_with_results(settings: Settings, study: Study) -> Project | None:
    """The study with its compiled models, to see which years are as they should be; None where no year is there."""
    lake = Lake(settings.lake(study.study))
    return Project.load(settings) if any(lake.marker(year).is_file() for year in study.simulation_years) else None


_STEPS = tuple(step.name for step in (YEAR_SETUP, *GROUPS, *OPERATIONS, WORKFORCE_STATE, WAREHOUSE))


@contextmanager
def _progress() -> Iterator[Progress]:
    """A bar over the steps of all years; nothing in a pipe."""
    if not is_terminal():
        with Progress(disable=True) as silent:
            yield silent
        return
    # A descriptor of its own: with the executor in_process Dagster sends this process's standard output into its logs
    # while a step is at work.
    with os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8") as terminal, _bar(Console(file=terminal)) as bar:
        yield bar


def _bar(terminal: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
        console=terminal,
        transient=True,
        refresh_per_second=4,
        # What Dagster says on standard error belongs in the log, not beside the bar.
        redirect_stdout=False,
        redirect_stderr=False,
    )


@contextmanager
def _watched(progress: Progress, task: TaskID, *, year: int, folder: Path, done: int, begun: float) -> Iterator[None]:
    """Moves the bar as the year's steps leave their records, until the year ends."""
    if not is_terminal():
        yield
        return
    ended = threading.Event()
    year_begun = time.time()

    def watch() -> None:
        while True:
            finished = finished_steps(folder, year, year_begun)
            steps = done * len(_STEPS) + len(finished)
            at_work = next((name for name in _STEPS if name not in finished), "finishing")
            passed = time.perf_counter() - begun
            total = progress.tasks[task].total or 1
            left = f"about {_span(passed / steps * (total - steps))} left" if len(finished) > 2 or done else ""
            progress.update(task, completed=steps, description=f"{year} {at_work.replace('_', ' ')}", left=left)
            if ended.wait(_LOOK_EVERY):
                return

    watcher = threading.Thread(target=watch, name="progress", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def finished_steps(folder: Path, year: int, since: float) -> set[str]:
    """The steps of a year that have ended since a time, by the records that each leaves at its end.

    Args:
        folder: The performance records of the study.
        year: Simulation year.
        since: Seconds since 1970.

    Returns:
        Names of steps; none where nothing is there yet.
    """
    try:
        records = [file for file in (folder / f"simulation_year={year}").iterdir() if file.stem in _STEPS]
        return {file.stem for file in records if file.stat().st_mtime >= since}
    except OSError:
        # The folder is made by the first step, and a record may be replaced while it is looked at.
        return set()


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
