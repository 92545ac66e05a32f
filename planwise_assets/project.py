"""All that a definition needs to know, in one value: settings, study, compiled dbt project, lake.

Belongs here: putting the four together. Does not: assets.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from planwise_assets.allocation import Allocation
from planwise_assets.settings import Settings, pool_of
from planwise_assets.study.file.load import load_study
from planwise_assets.study.schema import Study
from resources.dbt.compiled import CompiledProject, compiled_project
from resources.lake import Lake
from resources.process.machine import Machine
from resources.process.metrics import PerformanceFolder


@dataclass(frozen=True)
class Project:
    """One study in one environment, ready to become Dagster definitions."""

    settings: Settings
    study: Study
    dbt: CompiledProject

    @classmethod
    def load(cls, settings: Settings) -> Project:
        """Reads the study and compiles the dbt project, from the cache when it can.

        Raises:
            StudyError: The study file is wrong; the message says where and what is allowed.
            DbtProjectError: The dbt project does not compile.
        """
        study = load_study(settings.study_file)
        return cls(settings, study, compiled_project(settings.dbt_project, settings.dbt_cache))

    @cached_property
    def lake(self) -> Lake:
        """The study's Parquet files."""
        return Lake(self.settings.lake(self.study.study))

    @cached_property
    def performance(self) -> PerformanceFolder:
        """What the study's steps noted about themselves."""
        return PerformanceFolder(self.settings.performance(self.study.study))

    @cached_property
    def allocation(self) -> Allocation:
        """What the study's steps may use on this machine."""
        return Allocation.of(self.study.resources, Machine.here())

    @property
    def temporary(self) -> Path:
        """Where this study's steps keep what must not last."""
        return self.settings.temporary(self.study.study)

    @property
    def first_year(self) -> int:
        """The first simulation year."""
        return self.study.years.start

    @property
    def last_year(self) -> int:
        """The last simulation year."""
        return self.study.years.end

    @property
    def pool(self) -> str:
        """The Dagster pool that keeps runs of this study from overlapping."""
        return pool_of(self.study.study)
