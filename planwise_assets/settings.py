"""The environment, read once: where things are, which study, which engine and executor.

Belongs here: environment variables and the paths that follow from them. Does not: anything inside the study file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

PROJECT_ROOT = Path(__file__).resolve().parent.parent

Engine = Literal["optimized", "standard"]
ExecutorMode = Literal["multiprocess", "in_process"]


class SettingsError(ValueError):
    """An environment variable holds a value that PlanWise does not know."""


@dataclass(frozen=True)
class Settings:
    """Where PlanWise finds and puts things.

    Attributes:
        home: Everything that PlanWise writes (`PLANWISE_HOME`, by default `var/` in the project).
        study_file: The study (`PLANWISE_STUDY`, by default `studies/default.yaml`).
        engine: Who runs the models (`PLANWISE_ENGINE`): `optimized` or `standard`.
        executor: How steps run (`PLANWISE_EXECUTOR`): `multiprocess` or `in_process`.
        accept_stale: Whether a year may follow a year before it that does not match (`PLANWISE_ACCEPT_STALE=1`). Recorded.
        nightly: When the schedule of that name ticks (`PLANWISE_NIGHTLY`), as cron writes it: by default at 3, after exports
            that run at midnight.
        timezone: Of the schedule (`PLANWISE_TIMEZONE`), e.g. `America/New_York`.
        source_url: Where people read the code (`PLANWISE_SOURCE_URL`), e.g. `https://github.com/us/planwise/blob/main`;
            empty where they read it on this machine.
    """

    home: Path
    study_file: Path
    engine: Engine = "optimized"
    executor: ExecutorMode = "multiprocess"
    accept_stale: bool = False
    nightly: str = "0 3 * * *"
    timezone: str = "UTC"
    source_url: str = ""
    dbt_project: Path = PROJECT_ROOT / "dbt_project"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """The settings of this process.

        Raises:
            SettingsError: A value that is not one of the allowed ones.
        """
        return cls(
            home=_home(environment.get("PLANWISE_HOME") or PROJECT_ROOT / "var"),
            study_file=Path(environment.get("PLANWISE_STUDY") or PROJECT_ROOT / "studies" / "default.yaml").resolve(),
            engine=cast(Engine, _choice(environment, "PLANWISE_ENGINE", get_args(Engine))),
            executor=cast(ExecutorMode, _choice(environment, "PLANWISE_EXECUTOR", get_args(ExecutorMode))),
            accept_stale=_choice(environment, "PLANWISE_ACCEPT_STALE", ("0", "1")) == "1",
            nightly=_cron(environment.get("PLANWISE_NIGHTLY") or cls.nightly),
            timezone=_timezone(environment.get("PLANWISE_TIMEZONE") or "UTC"),
            source_url=(environment.get("PLANWISE_SOURCE_URL") or "").rstrip("/"),
        )

    def lake(self, study: str) -> Path:
        """The folder of the study's Parquet files."""
        return self.home / "lake" / study

    def warehouse(self, study: str) -> Path:
        """The published DuckDB file of the study."""
        return self.home / "warehouse" / f"{study}.duckdb"

    def performance(self, study: str) -> Path:
        """What the study's steps noted about themselves, which differs from run to run: beside the lake, not in it."""
        return self.home / "performance" / study

    def calibration(self, study: str) -> Path:
        """Where a search for settings tries its candidates; nothing of it lasts."""
        return self.home / "calibration" / study

    def sensitivity(self, study: str) -> Path:
        """The home of the study's sensitivity, so that nothing of it is among the study's results."""
        return self.home / "sensitivity" / study

    def dagster_home(self, study: str) -> Path:
        """Dagster's own storage: one a study, because asset keys do not name the study."""
        return self.home / "dagster" / study

    @property
    def locks(self) -> Path:
        """The folder of the studies' lock files."""
        return self.home / "locks"

    @property
    def dbt_cache(self) -> Path:
        """Compiled dbt projects, by the hash of what they were compiled from.

        The SQL is the same for all homes of an installation, and compiling it costs more than some years: it lies with the
        installation, unless a home has its own (an image's) or nobody may write there.
        """
        own, shared = self.home / "dbt", PROJECT_ROOT / "var" / "dbt"
        return own if own.exists() or not _may_write(shared) else shared

    def state(self, study: str) -> Path:
        """What is remembered of a study between its runs, beside its results."""
        return self.home / "state" / study

    def temporary(self, study: str) -> Path:
        """What a killed step may leave behind, and the study's next run clears as it begins."""
        return self.home / "tmp" / study


def pool_of(study: str) -> str:
    """The Dagster pool that keeps runs of a study from overlapping."""
    return f"planwise_{study}"


def _home(folder: str | Path) -> Path:
    home = Path(folder).resolve()
    # dbt's macros write paths into SQL texts, which an apostrophe ends.
    if "'" in str(home):
        raise SettingsError(
            f"PLANWISE_HOME={str(home)!r} has an apostrophe, which SQL cannot have in a path. Choose another."
        )
    return home


def _cron(text: str) -> str:
    # The form only; Dagster judges the numbers.
    if not re.fullmatch(r"[0-9a-z*/,#-]+( +[0-9a-z*/,#-]+){4}", text, re.IGNORECASE):
        raise SettingsError(
            f"PLANWISE_NIGHTLY={text!r} is no time. Give five fields as cron has them: minute, hour, day, month, day of the "
            "week, e.g. 30 5 * * 1-5."
        )
    return text


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingsError(
            f"PLANWISE_TIMEZONE={name!r} is not known. Give a name such as America/New_York or UTC."
        ) from None
    return name


def _choice(environment: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    value = environment.get(name) or allowed[0]
    if value not in allowed:
        raise SettingsError(f"{name}={value!r} is not known. Allowed: {', '.join(allowed)}.")
    return value


def _may_write(folder: Path) -> bool:
    there = next(place for place in (folder, *folder.parents) if place.exists())
    return os.access(there, os.W_OK)
