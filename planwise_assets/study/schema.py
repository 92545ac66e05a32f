"""The study file as a whole: what it names, and the sections that a scenario has.

Belongs here: the top level of the file. Does not: the settings of a section (one module each), reading and merging
(`file/load.py`), rules between sections (`rules.py`). A new section is one module and one field of `Scenario`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, PlainValidator, model_validator

from planwise_assets.study.law.qualification import warnings
from planwise_assets.study.plan.plan import Plan
from planwise_assets.study.sections.census import CensusReading, parse_census_columns, parse_census_path
from planwise_assets.study.sections.compensation import Compensation
from planwise_assets.study.sections.groups import parse_groups
from planwise_assets.study.sections.hazards import Hazards, promotion_levels, termination_levels
from planwise_assets.study.sections.hazards_said import hazards_said
from planwise_assets.study.sections.hiring import Hiring
from planwise_assets.study.sections.levels import Levels
from planwise_assets.study.sections.limits import Limits
from planwise_assets.study.sections.workforce import Workforce
from planwise_assets.study.values import (
    FIRST_POSSIBLE_YEAR,
    LAST_POSSIBLE_YEAR,
    Label,
    Name,
    Paragraph,
    Row,
    Section,
    Share,
    Words,
    number,
    whole,
)
from resources.duckdb.optimizations import optimization_names

MOST_YEARS = 100
MOST_SEEDS = 10_000
# Seeds stay exact in JSON and in spreadsheets, which hold whole numbers as doubles.
LARGEST_SEED = 2**53

_seed = whole(0, LARGEST_SEED)
_seed_count = whole(1, MOST_SEEDS)

SimulationYear = Annotated[int, PlainValidator(whole(FIRST_POSSIBLE_YEAR, LAST_POSSIBLE_YEAR))]


class Years(Section):
    """The simulation years, both ends included."""

    start: SimulationYear = Field(description="First simulation year; the census is of the day before it.")
    end: SimulationYear = Field(description="Last simulation year.")

    @property
    def census_date(self) -> date:
        """The day that the census is of: the last one before the first year."""
        return date(self.start - 1, 12, 31)

    @model_validator(mode="after")
    def _one_to_a_hundred(self) -> Years:
        if not 1 <= self.end - self.start + 1 <= MOST_YEARS:
            raise ValueError(f"must be 1 to {MOST_YEARS} years, end not before start (now {self.start} to {self.end})")
        return self


#: Budgets by name; a setting that is written beside `profile` wins over the profile's.
PROFILES: dict[str, dict[str, int]] = {
    "small": {"memory_gb": 2, "threads": 2, "batch_size": 50_000},
    "default": {},
    "large": {"memory_gb": 16, "threads": 8, "batch_size": 1_000_000},
}


def _switches(value: object) -> dict[str, bool]:
    """Optimizations by name, each on or off."""
    if not isinstance(value, Mapping):
        raise ValueError("must be a mapping of optimizations such as {indexes: false}")
    unknown = sorted(str(name) for name in value if name not in optimization_names())
    if unknown:
        known = ", ".join(optimization_names())
        raise ValueError(f"names {', '.join(unknown)}, which is no optimization; possible: {known}")
    if wrong := sorted(name for name, on in value.items() if not isinstance(on, bool)):
        raise ValueError(f"must say true or false for {', '.join(wrong)}")
    return dict(value)


class Resources(Section):
    """What a run may use. No setting here changes any result."""

    profile: Literal["small", "default", "large"] = Field(
        default="default", description="A budget by name; every setting beside it wins over it. Source: design."
    )
    memory_gb: Annotated[Decimal, PlainValidator(number(1, 1024, places=3))] = Field(
        default=Decimal(4), description="Memory of everything that runs at the same time; GB. Source: design."
    )
    threads: Annotated[int, PlainValidator(whole(1, 256))] = Field(
        default=4, description="Threads of everything that runs at the same time. Source: design."
    )
    connections: Annotated[int, PlainValidator(whole(1, 10))] = Field(
        default=10,
        description="Models of a group that may run side by side on pooled cursors. Source: design.",
    )
    step_timeout_minutes: Annotated[Decimal, PlainValidator(number(0, 1440, above=True, places=4))] = Field(
        default=Decimal(30), description="A step that takes longer is ended; minutes. Source: design."
    )
    batch_size: Annotated[int, PlainValidator(whole(1, 10_000_000))] = Field(
        default=200_000,
        description="Employees x worlds that an operation takes at once; rows. Source: judgement.",
    )
    optimizations: Annotated[dict[str, bool], PlainValidator(_switches)] = Field(
        default={}, description="DuckDB optimizations by name, on or off; those left out are as shipped."
    )

    @model_validator(mode="before")
    @classmethod
    def _profile_first(cls, value: object) -> object:
        if not isinstance(value, Mapping):
            return value
        profile = value.get("profile")
        return {**PROFILES.get(profile, {}), **value} if isinstance(profile, str) else value


class Scenario(Words):
    """One set of parameters: the shipped defaults, the study's, and the scenario's own."""

    workforce: Workforce = Field(default=Workforce(), description="Headcount and its movement.")
    hazards: Hazards = Field(default=Hazards(), description="Who leaves, retires or is promoted.")
    levels: Levels = Field(default=Levels(), description="The job levels.")
    compensation: Compensation = Field(default=Compensation(), description="Raises and their dates.")
    hiring: Hiring = Field(default=Hiring(), description="Who the hires are.")
    plan: Plan = Field(default=Plan(), description="The retirement plan.")
    limits: Limits = Field(default=Limits(), description="The legal limits.")

    def with_level_multipliers(self) -> Scenario:
        """The same scenario, with the multipliers by level that the file left out written down."""
        hazards, ids = self.hazards, self.levels.ids
        termination, promotion = hazards.termination, hazards.promotion
        if not termination.level:
            termination = termination.model_copy(update={"level": termination_levels(ids)})
        if not promotion.level:
            promotion = promotion.model_copy(update={"level": promotion_levels(ids)})
        return self.model_copy(
            update={"hazards": hazards.model_copy(update={"termination": termination, "promotion": promotion})}
        )


def _seeds(value: object) -> tuple[int, ...]:
    """Seeds as a list, from a list or from {count, first}."""
    if isinstance(value, Mapping):
        if not set(value) <= {"count", "first"} or "count" not in value:
            raise ValueError("must be a list such as [42, 43], or {count: 25, first: 1}")
        try:
            count = _seed_count(value["count"])
            first = whole(0, LARGEST_SEED - count + 1)(value.get("first", 1))
        except ValueError as error:
            raise ValueError(f"as count {value['count']}, first {value.get('first', 1)}: each {error}") from None
        return tuple(range(first, first + count))
    if not isinstance(value, list | tuple) or not 1 <= len(value) <= MOST_SEEDS:
        raise ValueError(f"must be a list of 1 to {MOST_SEEDS:,} seeds such as [42, 43], or {{count: 25, first: 1}}")
    seeds = []
    for item in value:
        try:
            seeds.append(_seed(item))
        except ValueError as error:
            raise ValueError(f"seed '{item}' {error}") from None
    repeated = [seed for seed, times in Counter(seeds).items() if times > 1]
    if repeated:
        raise ValueError(f"must be different seeds; {', '.join(map(str, repeated))} is there more than once")
    return tuple(seeds)


def _some_scenario(scenarios: dict[str, Scenario]) -> dict[str, Scenario]:
    if not scenarios:
        raise ValueError("must have at least one scenario, such as {baseline: {}}")
    titles = Counter(scenario.title for scenario in scenarios.values() if scenario.title)
    if repeated := [title for title, times in titles.items() if times > 1]:
        raise ValueError(f"must have different titles; {repeated[0]!r} is there more than once")
    return scenarios


class Study(Row):
    """A study, complete: every scenario holds every setting.

    Build one with `load.load_study`, which also checks what lies between the sections.
    """

    study: Name = Field(description="Name of the study; also of its folder in the lake.")
    title: Label | None = Field(default=None, description="What people call the study; the report's headline.")
    description: Paragraph | None = Field(
        default=None, description="The question that the study is to answer, in one to three sentences of your own."
    )
    census: Annotated[Path, PlainValidator(parse_census_path)] = Field(
        description="The census: text, a workbook or Parquet; a relative path is relative to the folder of the study file."
    )
    census_columns: Annotated[dict[str, str], PlainValidator(parse_census_columns)] = Field(
        default={}, description="The census file's own column names, each with PlanWise's name for it."
    )
    census_reading: CensusReading = Field(
        default=CensusReading(), description="How the census is read where it does not say."
    )
    groups: Annotated[tuple[str, ...], PlainValidator(parse_groups)] = Field(
        default=(),
        description="Up to four columns of the census that results can be cut by (`--by`); no result depends on them.",
    )
    years: Years = Field(description="The simulation years.")
    seeds: Annotated[tuple[int, ...], PlainValidator(_seeds)] = Field(
        default=(42,), description="The seeds, as a list or as {count, first}; every scenario runs with each."
    )
    resources: Resources = Field(default=Resources(), description="What a run may use.")
    validation: Literal["full", "fast"] = Field(
        default="full", description="How much a run checks: `full`, or `fast` for drafts. Source: design."
    )
    census_reject_limit: Share = Field(
        default=Decimal("0.01"),
        description="Rejected census rows that stop the run when there are more; share of rows. Source: design.",
    )
    scenarios: Annotated[dict[Name, Scenario], AfterValidator(_some_scenario)] = Field(
        description="The scenarios by name, in the order of the file; left out: one, baseline."
    )

    @property
    def simulation_years(self) -> range:
        """The simulation years in order."""
        return range(self.years.start, self.years.end + 1)

    @property
    def worlds(self) -> tuple[tuple[str, int], ...]:
        """(scenario, seed) of each world, in the order of their numbers from 1."""
        return tuple((scenario, seed) for scenario in self.scenarios for seed in self.seeds)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is allowed in this study, and should be known: one sentence each, in the order of the scenarios."""
        return tuple(
            f"scenarios.{name}: {sentence}"
            for name, scenario in self.scenarios.items()
            for sentence in (
                *hazards_said(scenario.hazards, scenario.workforce, self.simulation_years),
                *warnings(scenario.plan, self.simulation_years),
            )
        )
