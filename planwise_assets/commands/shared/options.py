"""What every command begins with: the settings, the study, its published results.

Belongs here: opening them, and the one message where that fails. Does not: Dagster, unless a command asks for it (`start`).
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import duckdb
import typer

from planwise_assets.allocation import Allocation, AllocationError
from planwise_assets.commands.shared.console import Exit, Form, fail, note
from planwise_assets.commands.shared.process import kept_for_good
from planwise_assets.commands.shared.today import in_one_line, what_differs
from planwise_assets.results.provenance import ProvenanceError, Published, another_study, place_from_home, read_published
from planwise_assets.settings import Settings, SettingsError, pool_of
from planwise_assets.study.errors import StudyError
from planwise_assets.study.file.load import load_study
from planwise_assets.study.schema import Study
from planwise_assets.year.state.owner import how_to_part, owned_by_another
from resources.process.machine import Machine

YearsOption = Annotated[
    str | None, typer.Option(help="One year (2026) or a span (2025-2029); all of the study's by default.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
FormOption = Annotated[
    Form, typer.Option("--format", help="table; tsv pastes into a spreadsheet; csv; markdown. Unrounded but for table.")
]
ScenarioArgument = Annotated[
    str | None, typer.Argument(help="The scenario; the study's first by default.", metavar="[SCENARIO]")
]
FigureOption = Annotated[str, typer.Option(help="The figure: in dollars its sum over the years, else that of the last.")]
StrictOption = Annotated[
    bool, typer.Option("--strict", help="Exit with 1 if the results are not of today's study, census and code.")
]


@dataclass(frozen=True)
class Results:
    """The published results of a study, open for reading.

    Attributes:
        connection: To the warehouse, read-only.
        made: What they were made from.
        differs: What is different today; empty when nothing is.
    """

    connection: duckdb.DuckDBPyConnection
    made: Published
    differs: list[str]

    def as_json(self) -> dict[str, Any]:
        """Of which study the figures are, as a program reads it."""
        last = self.made.last
        return {
            "study": self.made.study,
            "title": self.made.title,
            "study_file": dict(zip(("path", "sha256"), last.study_file, strict=True)),
            "census": dict(zip(("path", "sha256"), last.census, strict=True)),
            "planwise": last.packages["planwise"],
            "years": sorted(self.made.years),
            "seeds": list(self.made.seeds),
            "scenarios": dict(self.made.titles),
            "differs_now": self.differs,
            "warnings": [{"years": years, "warning": warning} for warning, years in self.made.warnings.items()],
        }


def open_study() -> tuple[Settings, Study]:
    """Settings and study; a person's mistakes end here with one message. Takes no Dagster.

    Raises:
        typer.Exit: Either has a mistake; code 2.
    """
    try:
        settings = Settings.from_environment()
        return settings, load_study(settings.study_file)
    except (SettingsError, StudyError) as error:
        fail(str(error))


def start() -> tuple[Settings, Study]:
    """Settings and study, with Dagster's home made ready, for a command that runs something.

    Raises:
        typer.Exit: Either has a mistake, the census lacks a group of the study, the machine is too small for it, or
            another study of its name has written here; code 2.
    """
    settings, study = open_study()
    try:
        Allocation.of(study.resources, Machine.here())
    except AllocationError as error:
        fail(str(error))
    refuse_unknown_groups(study)
    with kept_for_good():
        from planwise_assets.runs.instance import prepare_instance  # noqa: PLC0415 - Dagster takes a second to import

    if refused := owned_by_another(settings, study):
        fail(refused)
    os.environ.setdefault("DAGSTER_HOME", str(settings.dagster_home(study.study)))
    prepare_instance(Path(os.environ["DAGSTER_HOME"]), pool_of(study.study))
    return settings, study


def refuse_unknown_groups(study: Study) -> None:
    """Ends the command where the study names groups that its census does not have.

    Raises:
        typer.Exit: It does, or the census cannot be read; code 2.
    """
    if not study.groups:
        return
    from planwise_assets.intake.groups import require_columns  # noqa: PLC0415 - only for studies with groups
    from planwise_assets.intake.reading.file import read_census  # noqa: PLC0415
    from planwise_assets.intake.reading.table import CensusError  # noqa: PLC0415

    with duckdb.connect() as connection:
        try:
            require_columns(read_census(connection, study.census, study.census_reading.sheet), study.groups)
        except CensusError as error:
            fail(str(error))


def start_other(file: Path, home: Path | None = None) -> tuple[Settings, Study]:
    """As `start`, of another study than the one that was asked for; what this process runs from now on is of it.

    Args:
        file: Its file.
        home: Its home; None: the same one.

    Raises:
        typer.Exit: As `start`.
    """
    os.environ["PLANWISE_STUDY"] = str(file.resolve())
    if home is not None:
        os.environ["PLANWISE_HOME"] = str(home)
    os.environ.pop("DAGSTER_HOME", None)
    return start()


@contextmanager
def published(settings: Settings, study: Study, *, strict: bool = False) -> Iterator[Results]:
    """The study's published results; says on standard error what is different today.

    Args:
        settings: Where they are.
        study: The study as its file says it today.
        strict: Whether a difference ends the command with exit code 1, once it has said all that it has to.

    Raises:
        typer.Exit: Nothing is published, it cannot be read, or with `strict` it is not of today; code 1. It is another
            study's; code 2.
    """
    file = settings.warehouse(study.study)
    if not file.is_file():
        fail(
            f"Study {study.study} ({settings.study_file}) has no published results yet: planwise simulate. "
            "Another study: --study FILE, or the variable PLANWISE_STUDY.",
            Exit.FAILED,
        )
    with duckdb.connect(str(file), read_only=True) as connection:
        try:
            made = read_published(connection)
        except ProvenanceError as error:
            fail(str(error), Exit.FAILED)
        is_at_its_place = made.last.from_home == place_from_home(settings.study_file, settings.home)
        if not is_at_its_place and (
            other := another_study(made.last.study_file, made.last.census, study, settings.study_file)
        ):
            fail(f"{other} {how_to_part(settings, study)}")
        differs = what_differs(made, settings, study)
        results = Results(connection, made if differs else made.in_words_of(study), differs)
        if results.differs:
            note(in_one_line(made, results.differs))
        yield results
    if strict and results.differs:
        raise typer.Exit(Exit.FAILED)


def chosen_years(text: str | None, first: int, last: int) -> list[int]:
    """The years of `--years`, all from `first` to `last` by default.

    Args:
        text: A year (2026) or a span (2025-2029); None: all.
        first: First year that there is.
        last: Last year that there is.

    Raises:
        typer.Exit: The text is neither, or leaves `first` to `last`; code 2.
    """
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


def chosen_seeds(seed: int | None, known: Iterable[int]) -> list[int]:
    """The seed of `--seed`, all of them by default, in order.

    Raises:
        typer.Exit: There is none of this number; code 2.
    """
    seeds = sorted(known)
    return seeds if seed is None else [int(one_of("seed", str(seed), map(str, seeds)))]


def one_of(kind: str, name: str, known: Iterable[str]) -> str:
    """A name that must be one of those there are.

    Args:
        kind: What it is the name of, for the message.
        name: What was given.
        known: The names that there are.

    Returns:
        The name as it was given.

    Raises:
        typer.Exit: There is none of this name; code 2.
    """
    names = list(known)
    if name not in names:
        closest = difflib.get_close_matches(name, names, n=1)
        hint = f" Did you mean {closest[0]}?" if closest else ""
        fail(f"There is no {kind} {name!r}.{hint} There {'is' if len(names) == 1 else 'are'}: {', '.join(names) or 'none'}.")
    return name
