"""The candidates of a round as scenarios of one study, simulated in a folder of their own and read.

Belongs here: from values to figures. Does not: which values (solver.py), the found study (found.py). No run, no check and no
publication: what is reported in the end comes from a run of the found study (commands/calibrate.py), which has them all.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from statistics import fmean

import duckdb
import numpy as np
import yaml  # type: ignore[import-untyped,unused-ignore]

from planwise_assets.calibration.question import QuestionError, Target, Unknown
from planwise_assets.calibration.solver import Vector
from planwise_assets.project import Project
from planwise_assets.results.measures import MEASURES, Values, World
from planwise_assets.results.reading import table_measures
from planwise_assets.settings import Settings
from planwise_assets.steps import WAREHOUSE
from planwise_assets.study.file.changing import (
    Content,
    as_written,
    changed,
    exact,
    for_trials,
    parser_of,
    setting_at,
    with_settings,
    written_settings,
)
from planwise_assets.study.file.document import Document
from planwise_assets.study.file.load import load_study, study_of
from planwise_assets.study.schema import Study
from planwise_assets.study.values import ByYear
from planwise_assets.year.alone import OpenSession, simulate_for
from resources.dbt.compiled import CompiledProject
from resources.duckdb.sessions import PlanwiseDuckDB
from resources.engines.session import YearSession, read_parquet
from resources.process.locks import study_run


def decimals(point: Vector, unknowns: Sequence[Unknown]) -> list[Decimal]:
    """A point as the study file writes it."""
    return [Decimal(repr(float(value))).quantize(unknown.step) for value, unknown in zip(point, unknowns, strict=True)]


def new_settings(study: Study, scenario: str, unknowns: Sequence[Unknown], values: Sequence[Decimal]) -> dict[str, object]:
    """The settings that the values come to, by key, as the study file has them.

    Args:
        study: The client's study.
        scenario: The scenario whose settings are changed.
        unknowns: What was free.
        values: A value for each.
    """
    found: dict[str, object] = {}
    own = study.scenarios[scenario]
    for key in dict.fromkeys(unknown.key for unknown in unknowns):
        now, read = setting_at(own, key), parser_of(own, key)
        parts = {
            unknown.year: (unknown, value) for unknown, value in zip(unknowns, values, strict=True) if unknown.key == key
        }
        if None in parts:
            unknown, value = parts[None]
            found[key] = (
                as_written(value, read) if unknown.change == "value" else changed(own, key, _changer(unknown, value))
            )
        elif isinstance(now, ByYear):
            found[key] = {
                year: as_written(_changer(*parts[year])(now.at(year)), read) for year in sorted(filter(None, parts))
            }
    return found


def _changer(unknown: Unknown, value: Decimal) -> Callable[[int | Decimal], Decimal]:
    changes: dict[str, Callable[[int | Decimal], Decimal]] = {
        "value": lambda _: value,
        "times": lambda number: number * value,
        "add": lambda number: number + value,
    }
    return changes[unknown.change]


class Trials:
    """The figures of points, by simulating them: what the search calls."""

    def __init__(
        self,
        settings: Settings,
        study: Study,
        document: Document,
        *,
        dbt: CompiledProject,
        scenario: str,
        unknowns: Sequence[Unknown],
        targets: Sequence[Target],
    ) -> None:
        """Keeps what all rounds have in common.

        Args:
            settings: The client's.
            study: The client's study.
            document: Its file as it was written.
            dbt: The compiled dbt project.
            scenario: The scenario that the candidates differ from.
            unknowns: What is free.
            targets: What is asked of each candidate.
        """
        self._settings, self._study, self._document, self._dbt = settings, study, document, dbt
        self._scenario, self._unknowns, self.targets = scenario, unknowns, targets
        self.folder = settings.calibration(study.study)
        self._last_year = max(target.year for target in targets)

    def __call__(self, points: Sequence[Vector]) -> list[Vector]:
        """The targets' figures at each point, means over the seeds."""
        return [np.array([fmean(of_target) for of_target in figures.T]) for figures in self.by_seed(points)]

    def by_seed(self, points: Sequence[Vector]) -> list[Vector]:
        """The targets' figures at each point: a row a seed, a column a target."""
        names = [f"trial_{number}" for number in range(1, len(points) + 1)]
        content = self.content(dict(zip(names, points, strict=True)))
        # What a search that was killed has left.
        shutil.rmtree(self.folder, ignore_errors=True)
        try:
            with self._simulated(content) as connection:
                found = self._figures(connection)
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)
        seeds = self._study.seeds
        return [
            np.array([[_known(found, name, seed, target) for target in self.targets] for seed in seeds]) for name in names
        ]

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Holds the folder for one search.

        Raises:
            StudyBusyError: Another search of this study is at work.
            LockDeniedError: Another user's lock is in the way.
        """
        with study_run(self._settings.locks, f"{self._study.study}.calibration", f"a search, process {os.getpid()}"):
            yield

    def content(self, points: Mapping[str, Vector]) -> Content:
        """The content of the study file whose scenarios are the points."""
        written = written_settings(self._document, self._scenario)
        scenarios = {
            name: with_settings(
                written, new_settings(self._study, self._scenario, self._unknowns, decimals(point, self._unknowns))
            )
            for name, point in points.items()
        }
        return for_trials(self._document, self._study.census, self._study.seeds, scenarios)

    def refuse(self, corners: Sequence[Vector]) -> None:
        """Raises StudyError where a point is no valid study, before any work."""
        content = self.content({f"trial_{number}": corner for number, corner in enumerate(corners, start=1)})
        study_of(replace(self._document, data=content, lines={}))

    def _figures(self, connection: duckdb.DuckDBPyConnection) -> Values:
        found: dict[World, dict[str, float | None]] = {}
        for table in dict.fromkeys(MEASURES[target.measure].table for target in self.targets):
            for world, values in table_measures(connection, table).items():
                found.setdefault(world, {}).update(values)
        return found

    @contextmanager
    def _simulated(self, content: Content) -> Iterator[duckdb.DuckDBPyConnection]:
        self.folder.mkdir(parents=True)
        file = self.folder / "study.yaml"
        file.write_text(yaml.safe_dump(exact(content), sort_keys=False, allow_unicode=True), encoding="utf-8")
        settings = replace(self._settings, home=self.folder, study_file=file)
        project = Project(settings, load_study(file), self._dbt)
        limits = project.allocation.alone(WAREHOUSE)
        duckdb_of_steps = PlanwiseDuckDB(spill_folder=str(project.temporary))

        def session_of(year: int) -> OpenSession:
            @contextmanager
            def opened() -> Iterator[YearSession]:
                with duckdb_of_steps.session(
                    threads=limits.duckdb_threads, memory_gb=limits.memory_gb, others_follow=True
                ) as connection:
                    yield YearSession(connection, project.lake, year, project.first_year, limits.cursors)

            return opened

        tables = dict.fromkeys(MEASURES[target.measure].table for target in self.targets)
        years = range(project.first_year, self._last_year + 1)
        for year in years:
            simulate_for(project, session_of(year), tables)
        with duckdb_of_steps.session(threads=limits.threads, memory_gb=limits.memory_gb) as connection:
            for table in tables:
                files = " union all ".join(f"from {read_parquet(project.lake.file(table, year))}" for year in years)
                connection.execute(f'create view "{table}" as {files}')
            yield connection


def _known(found: Values, scenario: str, seed: int, target: Target) -> float:
    value = found[scenario, seed, target.year][target.measure]
    if value is None:
        raise QuestionError(
            f"{MEASURES[target.measure].title} has no value in {target.year}: {MEASURES[target.measure].meaning}"
        )
    return value
