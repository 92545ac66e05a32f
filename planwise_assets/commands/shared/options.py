"""What every command begins with: the settings, the study, its published results.

Belongs here: opening them, and the one message where that fails. Does not: Dagster, unless a command asks for it (`start`).
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import duckdb
import typer

from planwise_assets.allocation import Allocation, AllocationError
from planwise_assets.commands.shared.console import Exit, fail
from planwise_assets.commands.shared.process import kept_for_good
from planwise_assets.settings import Settings, SettingsError
from planwise_assets.study.errors import StudyError
from planwise_assets.study.file.load import load_study
from planwise_assets.study.schema import Study
from resources.process.machine import Machine

YearsOption = Annotated[
    str | None, typer.Option(help="One year (2026) or a span (2025-2029); all of the study's by default.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def open_study() -> tuple[Settings, Study]:
    """Settings and study; a person's mistakes end here with one message. Takes no Dagster."""
    try:
        settings = Settings.from_environment()
        return settings, load_study(settings.study_file)
    except (SettingsError, StudyError) as error:
        fail(str(error))


def start() -> tuple[Settings, Study]:
    """Settings and study, with Dagster's home made ready, for a command that runs something."""
    settings, study = open_study()
    try:
        Allocation.of(study.resources, Machine.here())
    except AllocationError as error:
        fail(str(error))
    with kept_for_good():
        from planwise_assets.runs.instance import prepare_instance  # noqa: PLC0415 - Dagster takes a second to import

    os.environ.setdefault("DAGSTER_HOME", str(settings.dagster_home(study.study)))
    prepare_instance(Path(os.environ["DAGSTER_HOME"]), f"planwise_{study.study}")
    return settings, study


@contextmanager
def published(settings: Settings, study: Study) -> Iterator[duckdb.DuckDBPyConnection]:
    """The study's warehouse, read-only."""
    file = settings.warehouse(study.study)
    if not file.is_file():
        fail(f"Study {study.study} has no published results yet: planwise simulate", Exit.FAILED)
    with duckdb.connect(str(file), read_only=True) as connection:
        yield connection


def chosen_years(text: str | None, study: Study) -> list[int]:
    """The years of `--years`."""
    first, last = study.years.start, study.years.end
    if text is None:
        return list(range(first, last + 1))
    try:
        begin, _, end = text.partition("-")
        chosen = list(range(int(begin), int(end or begin) + 1))
    except ValueError:
        chosen = []
    if not chosen or chosen[0] < first or chosen[-1] > last:
        fail(f"--years {text}: give a year or a span within {first}-{last}, e.g. --years {first}-{last}.")
    return chosen


def one_of(kind: str, name: str, known: Iterable[str]) -> str:
    """A name that must be one of those there are."""
    names = list(known)
    if name not in names:
        closest = difflib.get_close_matches(name, names, n=1)
        hint = f" Did you mean {closest[0]}?" if closest else ""
        fail(f"There is no {kind} {name!r}.{hint} There {'is' if len(names) == 1 else 'are'}: {', '.join(names) or 'none'}.")
    return name
