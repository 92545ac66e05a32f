"""Every setting of the study file changes what it is about, in the year from which it is given, and nothing before.

The list of settings is not written here: it is walked out of the schema, empty optional settings included, and a setting
that no line of `SETTINGS` perturbs fails the test, as does a line without a setting. Each perturbation is a scenario of one
study, so that everybody draws the same luck in all of them; what differs from the baseline is what the setting did. A line
says on which published facts its setting may act; in the first year in which anything differs, at least one of them must
differ for somebody, and no other fact may. A hazard that is only shown (`dim_hazards`) and that nobody reads fails.

`resources` and `validation` are the other way round: changing all of them changes no byte of the lake, through Dagster.
"""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, get_args

import duckdb
import pytest
from pydantic import BaseModel

from planwise_assets.settings import Settings
from planwise_assets.study.schema import Resources, Scenario, Study, Years
from planwise_assets.study.values import ByYear, leaves
from resources.lake import read_json
from resources.locks import study_run
from tests.harness import SAMPLE_CENSUS, Simulation, census_file, simulation

FIRST, SECOND = 2025, 2026
Path_ = tuple[str | int, ...]
Document = dict[str, Any]

# What may differ, person by person; each is a column of PEOPLE or a number of facts of dim_hazards.
CELLS = "cells"
HIRES = "hires"
HIRE_AGES, HIRE_PAY, HIRE_HOURS = "hire_ages", "hire_pay", "hire_hours"
EXITS, CAUSES, EXIT_CHANCES = "exits", "causes", "exit_chances"
PROMOTIONS, PROMOTION_DATES, PROMOTION_RAISES, PROMOTION_CHANCES = (
    "promotions",
    "promotion_dates",
    "promotion_raises",
    "promotion_chances",
)
MERIT, MERIT_DATES, MERIT_RAISES, COLA = "merit", "merit_dates", "merit_raises", "cola"
LEVELS, PAY = "levels", "pay"

# What follows from a different exit: the hires that replace it, and the raises that a leaver does not live to see.
WHO_LEAVES = {EXITS, CAUSES, EXIT_CHANCES, HIRES, PROMOTIONS, MERIT}
# Who is promoted decides at which levels people are missing, and merit rates here are the same at all levels.
WHO_RISES = {PROMOTIONS, PROMOTION_CHANCES, HIRES, EXITS, EXIT_CHANCES, MERIT}


class CannotChangeError(Exception):
    """A rule of the study leaves this setting no other value by itself."""


# How a setting is perturbed: a function of (document, path) that gives documents, each with one change.

Step = Callable[[Document, Path_], list[Document]]


def at(document: Document, path: Path_) -> Any:
    value: Any = document
    for part in path:
        value = value[part]
    return value


def changed(document: Document, path: Path_, value: object) -> Document:
    other = copy.deepcopy(document)
    at(other, path[:-1])[path[-1]] = value
    return other


def to(*values: object) -> Step:
    return lambda document, path: [changed(document, path, value) for value in values]


def by(step: Callable[[Any], Any]) -> Step:
    return lambda document, path: [changed(document, path, round(step(at(document, path)), 6))]


def own(value: float) -> Step:
    """A level's own rate, which the baseline leaves to the section."""

    def step(document: Document, path: Path_) -> list[Document]:
        assert path[-1] not in at(document, path[:-1])
        return [changed(document, path, value)]

    return step


def own_of_a_level_that_is_left(value: float) -> Step:
    def step(document: Document, path: Path_) -> list[Document]:
        if path[-2] == len(at(document, path[:-2])) - 1:
            raise CannotChangeError("nobody is promoted out of the top level")
        return own(value)(document, path)

    return step


def boundary(years: int, *, whole_axis: bool = True) -> Step:
    """Moves where one band ends and the next begins, as the rule of no gaps wants both."""

    def step(document: Document, path: Path_) -> list[Document]:
        *table, row, end = path
        rows = at(document, tuple(table))
        neighbour, other_end = (int(row) - 1, "max") if end == "min" else (int(row) + 1, "min")
        if whole_axis and end not in rows[int(row)]:
            raise CannotChangeError("the last band has no end")
        if whole_axis and neighbour < 0:
            raise CannotChangeError("the first band starts at 0")
        moved = changed(document, path, rows[int(row)][end] + years)
        if 0 <= neighbour < len(rows):
            moved = changed(moved, (*table, neighbour, other_end), rows[int(row)][end] + years)
        return [moved]

    return step


def multiplier(step: Callable[[float], float]) -> Step:
    def of_a_level(document: Document, path: Path_) -> list[Document]:
        if path[:-2] == ("hazards", "promotion", "level") and path[-2] == len(at(document, path[:-2])) - 1:
            raise CannotChangeError("the top level's promotion multiplier is 0")
        return by(step)(document, path)

    return of_a_level


def swapped_with_next(document: Document, path: Path_) -> list[Document]:
    """Gives a row's level to the next row and the next row's to it: every level keeps one row."""
    *table, row, key = path
    rows = at(document, tuple(table))
    following = (int(row) + 1) % len(rows)
    if path[:-2] == ("hazards", "promotion", "level") and len(rows) - 1 in (row, following):
        raise CannotChangeError("the top level's promotion multiplier is 0")
    other = changed(document, path, rows[following][key])
    return [changed(other, (*table, following, key), rows[int(row)][key])]


def renumbered(document: Document, path: Path_) -> list[Document]:
    """Another number for a level, everywhere."""
    old = at(document, path)
    other = changed(document, path, old + 5)
    for hazard in ("termination", "promotion"):
        for row in at(other, ("hazards", hazard, "level")):
            row["level_id"] = old + 5 if row["level_id"] == old else row["level_id"]
    return [other]


def months(document: Document, path: Path_) -> list[Document]:
    """Each month's weight by itself, and a month that had none."""
    weights = at(document, path)
    return [changed(document, path, {**weights, month: weights.get(month, 0) + 0.5}) for month in (*weights, 10)]


NAME = "a name"


class Setting(NamedTuple):
    """How a setting is perturbed, and on which facts it may act."""

    steps: Step | str
    acts_on: set[str]


SETTINGS: dict[str, Setting] = {
    "workforce.growth": Setting(to(0.2, -0.1), {HIRES, EXITS, CAUSES, EXIT_CHANCES, PROMOTIONS, MERIT}),
    "workforce.termination_rate": Setting(to(0.25, "hazard"), WHO_LEAVES),
    "workforce.new_hire_termination_rate": Setting(to(0.5), {HIRES, EXITS, EXIT_CHANCES, PROMOTIONS, MERIT}),
    "workforce.selection": Setting(to("bernoulli"), WHO_LEAVES),
    "hazards.termination.base": Setting(to(0.4), WHO_LEAVES | {CELLS}),
    "hazards.termination.age[].min": Setting(boundary(-2), WHO_LEAVES | {CELLS}),
    "hazards.termination.age[].max": Setting(boundary(2), WHO_LEAVES | {CELLS}),
    "hazards.termination.age[].multiplier": Setting(multiplier(lambda x: x * 4 + 1), WHO_LEAVES | {CELLS}),
    "hazards.termination.tenure[].min": Setting(boundary(-1), WHO_LEAVES | {CELLS}),
    "hazards.termination.tenure[].max": Setting(boundary(1), WHO_LEAVES | {CELLS}),
    "hazards.termination.tenure[].multiplier": Setting(multiplier(lambda x: x * 4 + 1), WHO_LEAVES | {CELLS}),
    "hazards.termination.level[].level_id": Setting(swapped_with_next, WHO_LEAVES | {CELLS}),
    "hazards.termination.level[].multiplier": Setting(multiplier(lambda x: x * 4 + 1), WHO_LEAVES | {CELLS}),
    "hazards.retirement[].min": Setting(boundary(-1), WHO_LEAVES | {CELLS}),
    "hazards.retirement[].max": Setting(boundary(1), WHO_LEAVES | {CELLS}),
    "hazards.retirement[].rate": Setting(by(lambda x: x + 0.3), WHO_LEAVES | {CELLS}),
    "hazards.promotion.base": Setting(to(0.6), WHO_RISES | {CELLS}),
    "hazards.promotion.age[].min": Setting(boundary(-3), WHO_RISES | {CELLS}),
    "hazards.promotion.age[].max": Setting(boundary(3), WHO_RISES | {CELLS}),
    "hazards.promotion.age[].multiplier": Setting(multiplier(lambda x: x * 4 + 1), WHO_RISES | {CELLS}),
    "hazards.promotion.tenure[].min": Setting(boundary(-1), WHO_RISES | {CELLS}),
    "hazards.promotion.tenure[].max": Setting(boundary(2), WHO_RISES | {CELLS}),
    "hazards.promotion.tenure[].multiplier": Setting(multiplier(lambda x: x * 4 + 1), WHO_RISES | {CELLS}),
    "hazards.promotion.level[].level_id": Setting(swapped_with_next, WHO_RISES | {CELLS}),
    "hazards.promotion.level[].multiplier": Setting(multiplier(lambda x: x * 4 + 1), WHO_RISES | {CELLS}),
    "levels.uprating": Setting(to(0.2), {HIRE_PAY}),
    "levels.merit_rate": Setting(to(0.07), {MERIT_RAISES}),
    "levels.promotion_raise_min": Setting(to(0.1), {PROMOTION_RAISES}),
    "levels.promotion_raise_max": Setting(to(0.2), {PROMOTION_RAISES}),
    "levels.hire_percentile": Setting(to(0.7), {HIRE_PAY}),
    "levels.hire_percentile_spread": Setting(to(0.3), {HIRE_PAY}),
    # Levels, once other, are other in everything that depends on the level.
    "levels.bands[].level_id": Setting(
        renumbered, {LEVELS, CELLS, HIRES, HIRE_PAY, EXITS, EXIT_CHANCES, CAUSES, PROMOTIONS, MERIT}
    ),
    "levels.bands[].name": Setting(NAME, set()),
    "levels.bands[].min_pay": Setting(by(lambda x: x + 4000), {HIRE_PAY, LEVELS, PROMOTION_RAISES} | WHO_LEAVES | WHO_RISES),
    "levels.bands[].max_pay": Setting(by(lambda x: x - 4000), {HIRE_PAY, LEVELS, PROMOTION_RAISES} | WHO_LEAVES | WHO_RISES),
    "levels.bands[].merit_rate": Setting(own(0.09), {MERIT_RAISES}),
    "levels.bands[].promotion_raise_min": Setting(own_of_a_level_that_is_left(0.11), {PROMOTION_RAISES}),
    "levels.bands[].promotion_raise_max": Setting(own_of_a_level_that_is_left(0.22), {PROMOTION_RAISES}),
    "levels.bands[].hire_percentile": Setting(own(0.8), {HIRE_PAY}),
    "levels.bands[].hire_percentile_spread": Setting(own(0.35), {HIRE_PAY}),
    "compensation.cola": Setting(to(0.02, 0), {COLA}),
    "compensation.merit_service_months": Setting(to(48), {MERIT}),
    "compensation.merit_months": Setting(months, {MERIT, MERIT_DATES}),
    "compensation.promotion_date.month": Setting(to(9), {PROMOTION_DATES, PROMOTIONS}),
    "compensation.promotion_date.day": Setting(to(20), {PROMOTION_DATES, PROMOTIONS}),
    "compensation.promotion_raise_cap": Setting(to(0.07), {PROMOTION_RAISES}),
    "compensation.annual_compensation_cap": Setting(to(90_000), {PAY}),
    "hiring.level_mix": Setting(
        to("current", [{"level_id": level, "weight": 1} for level in (10, 20, 30, 40, 50)]),
        {HIRES, EXITS, EXIT_CHANCES, PROMOTIONS},
    ),
    "hiring.level_mix[].level_id": Setting(swapped_with_next, {HIRES, EXITS, EXIT_CHANCES, PROMOTIONS}),
    "hiring.level_mix[].weight": Setting(by(lambda x: x + 3), {HIRES, EXITS, EXIT_CHANCES, PROMOTIONS}),
    "hiring.ages[].min": Setting(boundary(-3, whole_axis=False), {HIRE_AGES, PROMOTIONS, PROMOTION_CHANCES}),
    "hiring.ages[].max": Setting(boundary(3, whole_axis=False), {HIRE_AGES, PROMOTIONS, PROMOTION_CHANCES}),
    "hiring.ages[].weight": Setting(by(lambda x: x + 0.5), {HIRE_AGES, PROMOTIONS, PROMOTION_CHANCES}),
    "hiring.part_time_share": Setting(to(0.6), {HIRE_HOURS}),
    "hiring.part_time_hours": Setting(to(25), {HIRE_HOURS}),
    "hiring.full_time_hours": Setting(to(37.5), {HIRE_HOURS}),
}


def bands(*rows: tuple[int | None, float], value: str = "multiplier") -> list[Document]:
    starts = [0, *(end or 0 for end, _ in rows)]
    return [
        {"min": start, value: number} | ({} if end is None else {"max": end})
        for start, (end, number) in zip(starts, rows, strict=False)
    ]


def by_level(**numbers: float) -> list[Document]:
    return [{"level_id": int(level[1:]), "multiplier": number} for level, number in numbers.items()]


# The baseline: a value for everything, neighbours that differ, and bands wide enough to move.
BASELINE: Document = {
    "workforce": {"growth": 0.1},
    "hazards": {
        "termination": {
            "tenure": bands((2, 2.5), (5, 1.7), (8, 1.2), (14, 1.0), (20, 0.6), (None, 0.3)),
            "level": by_level(_10=1.4, _20=1.2, _30=1, _40=0.8, _50=0.6),
        },
        "retirement": bands((52, 0), (57, 0.02), (62, 0.05), (66, 0.1), (70, 0.15), (None, 0.3), value="rate"),
        "promotion": {
            "base": 0.3,
            "tenure": bands((2, 0.4), (5, 1.6), (10, 1.0), (18, 0.6), (None, 0.3)),
            "level": by_level(_10=1, _20=0.8, _30=0.6, _40=0.2, _50=0),
        },
    },
    "levels": {
        "bands": [
            {"level_id": level, "name": name, "min_pay": low, "max_pay": high}
            for level, name, low, high in (
                (10, "Staff", 30_000, 65_000),
                (20, "Professional", 65_000, 100_000),
                (30, "Manager", 100_000, 150_000),
                (40, "Director", 150_000, 250_000),
                (50, "Executive", 250_000, 600_000),
            )
        ]
    },
    "compensation": {},
    "hiring": {},
}
WEIGHTED: Document = {
    **BASELINE,
    "hiring": {
        "level_mix": [
            {"level_id": level, "weight": weight} for level, weight in ((10, 5), (20, 3), (30, 1), (40, 2), (50, 4))
        ]
    },
}
BASELINES = {"baseline": BASELINE, "weighted": WEIGHTED}


def walked(value: object, path: Path_ = ()) -> Iterator[tuple[Path_, object]]:
    """Every setting under a model, with its path: as `leaves`, and those left empty too."""
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from walked(getattr(value, name), (*path, name))
    elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
        for index, row in enumerate(value):
            yield from walked(row, (*path, index))
    else:
        yield path, value


def written(value: object) -> Any:
    """A model as a study file would give it; what is empty is left out."""
    if isinstance(value, BaseModel):
        items = ((name, getattr(value, name)) for name in type(value).model_fields)
        return {name: written(item) for name, item in items if item is not None}
    if isinstance(value, ByYear):
        ((_, item),) = value.steps
        return written(item)
    if isinstance(value, Mapping):
        return {key: written(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [written(item) for item in value]
    return float(value) if isinstance(value, Decimal) else value


def pattern(path: Path_) -> str:
    return "".join("[]" if isinstance(part, int) else f".{part}" for part in path)[1:]


def overrides(base: Any, other: Any) -> Any:
    """What a scenario writes to become `other`: mappings key by key, everything else whole."""
    if not isinstance(other, dict) or not isinstance(base, dict) or any(isinstance(key, int) for key in other):
        return other
    return {key: overrides(base.get(key), value) for key, value in other.items() if base.get(key) != value}


def later(base: Any, other: Any) -> Any:
    """The same change from the second year on: by year instead of for all years."""
    if isinstance(other, dict):
        return {key: later(base[key], value) for key, value in other.items()}
    return {FIRST: base, SECOND: other}


class Case(NamedTuple):
    """One perturbation: what is changed, the scenario that does it, and the baseline that it is held against."""

    label: str
    setting: str
    baseline: str
    scenario: Document


def cases() -> Iterator[Case]:
    for baseline, document in BASELINES.items():
        model = Scenario.model_validate(document)
        full = written(model)
        for path, value in walked(model):
            setting = pattern(path)
            if baseline != "baseline" and not setting.startswith("hiring.level_mix[]"):
                continue
            steps = SETTINGS[setting].steps if setting in SETTINGS else NAME
            if isinstance(steps, str):
                continue
            try:
                others = steps(full, path)
            except CannotChangeError:
                continue
            where = ".".join(map(str, path))
            for number, other in enumerate(others, start=1):
                change = overrides(full, other)
                label = f"{where}/{number}" if len(others) > 1 else where
                yield Case(label, setting, baseline, merged(document, change))
                if isinstance(value, ByYear):
                    yield Case(f"{label} from {SECOND}", setting, baseline, merged(document, later(full, change)))


def merged(base: Any, change: Any) -> Any:
    if not isinstance(change, dict) or not isinstance(base, dict) or any(isinstance(key, int) for key in change):
        return change
    return {**base, **{key: merged(base.get(key), value) for key, value in change.items()}}


CASES = list(cases())


def reachable(annotation: object) -> Iterator[type[BaseModel]]:
    """Every kind of section and row that a type can hold."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from reachable(field.annotation)
    for inner in get_args(annotation):
        yield from reachable(inner)


def test_every_setting_is_perturbed() -> None:
    """A new setting without a line in SETTINGS fails here, and so does a line whose setting has gone."""
    models = [Scenario.model_validate(document) for document in BASELINES.values()]
    assert {pattern(path) for model in models for path, _ in walked(model)} == set(SETTINGS)
    # The walk goes through everything that a scenario can hold, and sees all that the product itself lists.
    seen = {
        type(at_model(model, path[:length])) for model in models for path, _ in walked(model) for length in range(len(path))
    }
    assert seen >= set(reachable(Scenario))
    for model in models:
        assert {path for path, _ in leaves(model)} <= {path for path, _ in walked(model)}
    # Every line is tried at least once, but for names; every row of every table too.
    assert {case.setting for case in CASES} == {name for name, setting in SETTINGS.items() if setting.steps != NAME}
    rows = {path[:-1] for path, _ in walked(models[0]) if isinstance(path[-2], int)}
    tried = {tuple(case.label.split("/")[0].split(".")[: len(row)]) for case in CASES for row in rows}
    assert [row for row in rows if tuple(map(str, row)) not in tried] == [("hazards", "promotion", "level", 4)]  # the top


def at_model(model: Any, path: Path_) -> Any:
    for part in path:
        model = model[part] if isinstance(part, int) else getattr(model, part)
    return model


def census(folder: Path) -> Path:
    """People of every level, age and service; without levels, so that the bands place them."""
    query = f"""
        with people as (
            select *, row_number() over (partition by level_id order by md5(employee_id)) as place,
                row_number() over (order by birth_date) as by_age
            from '{SAMPLE_CENSUS}' where active
        )
        select employee_id, birth_date, hire_date, annual_compensation from people
        where place <= 110 or by_age <= 60 order by employee_id
    """
    names = ("employee_id", "birth_date", "hire_date", "annual_compensation")
    return census_file(folder, [dict(zip(names, row, strict=True)) for row in duckdb.execute(query).fetchall()])


PEOPLE = """
    create temp table people as
    select
        people.scenario_id,
        people.simulation_year,
        people.employee_id,
        {
            'hire_ages': any_value(people.birth_date),
            'hire_pay': max(compensation_after) filter (event_type = 'hire'),
            'hire_hours': max(event_details->>'scheduled_hours_per_week') filter (event_type = 'hire'),
            'exits': any_value(people.termination_date),
            'promotions': bool_or(coalesce(event_type = 'promotion', false)),
            'merit': bool_or(coalesce(event_type = 'merit_raise', false)),
            'cola': max(event_details->>'raise') filter (event_type = 'cola'),
            'levels': coalesce(
                min(level_before) filter (event_type = 'promotion'),
                max(level_after) filter (event_type = 'hire'),
                any_value(people.level_id)
            )
        } as facts,
        -- only where both have the event
        {
            'causes': max(event_category) filter (event_type = 'termination'),
            'exit_chances': max(event_probability) filter (event_type = 'termination'),
            'promotion_dates': max(events.effective_date) filter (event_type = 'promotion'),
            'promotion_raises': max(event_details->>'raise') filter (event_type = 'promotion'),
            'promotion_chances': max(event_probability) filter (event_type = 'promotion'),
            'merit_dates': max(events.effective_date) filter (event_type = 'merit_raise'),
            'merit_raises': max(event_details->>'raise') filter (event_type = 'merit_raise'),
        } as of_events,
        any_value(people.annual_compensation) as annual_compensation
    from fct_workforce_snapshot as people
    left join fct_yearly_events as events using (scenario_id, seed, simulation_year, employee_id)
    group by people.scenario_id, people.simulation_year, people.employee_id
"""
FACTS = ("hire_ages", "hire_pay", "hire_hours", "exits", "promotions", "merit", "cola", "levels")
OF_EVENTS = (
    "causes",
    "exit_chances",
    "promotion_dates",
    "promotion_raises",
    "promotion_chances",
    "merit_dates",
    "merit_raises",
)


class Trial(NamedTuple):
    """The run of all cases: for each case and year, in how many people (or cells) each fact differs from the baseline."""

    run: Simulation
    differences: dict[str, dict[int, dict[str, int]]]


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    folder = tmp_path_factory.mktemp("settings")
    scenarios = {**BASELINES, **{f"s{number}": case.scenario for number, case in enumerate(CASES)}}
    study = {
        "study": "settings",
        "census": str(census(folder)),
        "years": {"start": FIRST, "end": SECOND},
        "seeds": [5],
        "scenarios": scenarios,
    }
    run = simulation(folder, study).run()
    return Trial(run, differences(run))


def differences(run: Simulation) -> dict[str, dict[int, dict[str, int]]]:
    columns = [
        f"count(*) filter (base.facts is not null and other.facts is not null and other.facts.{fact} is distinct from "
        f"base.facts.{fact}) as {fact}"
        for fact in FACTS
    ] + [f"count(*) filter (other.of_events.{fact} <> base.of_events.{fact}) as {fact}" for fact in OF_EVENTS]
    with run.connect() as connection:
        connection.execute(PEOPLE)
        connection.execute("create temp table pairs (scenario_id varchar, baseline varchar)")
        connection.executemany(
            "insert into pairs values (?, ?)", [(f"s{number}", case.baseline) for number, case in enumerate(CASES)]
        )
        cursor = connection.execute(
            f"""
            with base as (
                select pairs.scenario_id as case_id, people.* from pairs
                inner join people on pairs.baseline = people.scenario_id
            ),
            other as (select people.scenario_id as case_id, people.* from people)
            select case_id, simulation_year, {", ".join(columns)},
                count(*) filter (base.employee_id is null or other.employee_id is null) as hires,
                count(*) filter (other.annual_compensation <> base.annual_compensation) as pay
            from base full join (select * from other where case_id not in ('baseline', 'weighted')) as other
                using (case_id, simulation_year, employee_id)
            group by case_id, simulation_year
            """
        )
        names = [column[0] for column in cursor.description or []][2:]
        found: dict[str, dict[int, dict[str, int]]] = {}
        for case_id, year, *counts in cursor.fetchall():
            found.setdefault(case_id, {})[year] = dict(zip(names, counts, strict=True))
        cells = connection.execute(
            """
            with cells as (select * exclude (seed) from dim_hazards),
            base as (
                select pairs.scenario_id as case_id, cells.* exclude (scenario_id) from pairs
                inner join cells on pairs.baseline = cells.scenario_id
            ),
            other as (select scenario_id as case_id, * exclude (scenario_id) from cells where scenario_id like 's%')
            select case_id, simulation_year, count(*)
            from ((from other except all from base) union all (from base except all from other))
            group by all
            """
        ).fetchall()
    for case_id, year, count in cells:
        found[case_id][year][CELLS] = count
    return {case.label: found[f"s{number}"] for number, case in enumerate(CASES)}


def test_a_setting_acts_on_what_it_is_about_and_on_nothing_else(trial: Trial) -> None:
    wrong = {case.label: fault for case in CASES if (fault := _fault(case, trial.differences[case.label]))}
    assert wrong == {}


def _fault(case: Case, by_year: dict[int, dict[str, int]]) -> str | None:
    """What is wrong with how a case differs from its baseline; None if nothing is."""
    acts_on = SETTINGS[case.setting].acts_on
    differs = {year: {fact for fact, count in facts.items() if count} for year, facts in by_year.items()}
    first = next((year for year in (FIRST, SECOND) if differs[year]), None)
    if first is None:
        return "changes nothing"
    if (first == SECOND) != (str(SECOND) in case.label or case.setting == "levels.uprating"):
        return f"acts in {first}"
    if not differs[first] & acts_on - {CELLS}:
        return "is shown in dim_hazards, and read by nobody"
    if not differs[first] <= acts_on | {PAY}:
        return f"acts on {sorted(differs[first] - acts_on)} too"
    if (CELLS in differs[first]) != (CELLS in acts_on):
        return "is not shown in dim_hazards" if CELLS in acts_on else "is shown in dim_hazards"
    return None


# The study's own settings: each with the test of this module that perturbs it.

STUDY_SETTINGS = {
    "study": NAME,
    "census": NAME,
    "scenarios": NAME,
    "census_columns": "test_census_columns_say_which_column_counts",
    "years.start": "test_the_years_are_those_of_the_study",
    "years.end": "test_the_years_are_those_of_the_study",
    "seeds": "test_another_seed_changes_every_draw",
    "census_reject_limit": "test_more_rejected_rows_than_the_limit_stop_the_year",
    "validation": "test_resources_and_validation_change_no_byte",
    **{
        f"resources.{name}": "test_resources_and_validation_change_no_byte"
        for name in ("memory_gb", "threads", "connections", "step_timeout_minutes", "batch_size", "profile", "optimizations")
    },
}
OTHER_RESOURCES = {
    "profile": "small",
    "memory_gb": 1.5,
    "threads": 1,
    "connections": 1,
    "step_timeout_minutes": 5,
    "batch_size": 17,
    "optimizations": dict.fromkeys(("memory_settings", "query_caching", "indexes", "materialized_aggregations"), False)
    | dict.fromkeys(("vectorized_operations", "join_patterns"), True),
}


def test_every_setting_of_the_study_is_perturbed() -> None:
    sections: dict[str, type[BaseModel]] = {"years": Years, "resources": Resources}
    names = {
        name if inner is None else f"{name}.{inner}"
        for name in Study.model_fields
        for inner in (sections[name].model_fields if name in sections else [None])
    }
    assert names == set(STUDY_SETTINGS)
    assert {name for name in STUDY_SETTINGS.values() if name != NAME} <= set(globals())
    assert set(OTHER_RESOURCES) == set(Resources.model_fields)


def small_study(folder: Path, **settings: Any) -> Document:
    """60 people, of whom one is to be rejected, in one year; the file has two columns of pay."""
    query = f"select employee_id, birth_date, hire_date, annual_compensation from '{SAMPLE_CENSUS}' order by all limit 60"
    rows = [
        {"employee_id": who, "birth_date": born, "hire_date": hired, "gross_pay": pay + 1000, "annual_compensation": pay}
        for who, born, hired, pay in duckdb.execute(query).fetchall()
    ]
    rows[7]["birth_date"] = "1800-01-01"
    study = {
        "study": "small",
        "census": str(census_file(folder, rows)),
        "years": {"start": FIRST, "end": FIRST},
        "seeds": [5, 6],
        "census_reject_limit": 0.02,
        "scenarios": {"baseline": {"hazards": {"promotion": {"base": 0.5}}}},
    }
    return {**study, **settings}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    folder = tmp_path_factory.mktemp("small")
    return simulation(folder, small_study(folder)).run()


def test_census_columns_say_which_column_counts(small: Simulation, tmp_path: Path) -> None:
    """Also where the file has a column of PlanWise's own name: what the study says wins."""
    mapped = simulation(tmp_path, small_study(tmp_path, census_columns={"gross_pay": "annual_compensation"})).run()
    pay = "select employee_id, annual_compensation_cents from stg_census order by 1"
    assert mapped.query(pay) == [(who, cents + 100_000) for who, cents in small.query(pay)]
    snapshot = "select * from fct_workforce_snapshot order by all"
    assert mapped.query(snapshot) != small.query(snapshot)


def test_more_rejected_rows_than_the_limit_stop_the_year(small: Simulation, tmp_path: Path) -> None:
    """One of 60 rows, 1.67 %, is within 2 % and beyond the default of 1 %."""
    study = small_study(tmp_path)
    del study["census_reject_limit"]
    strict = simulation(tmp_path, study).run(check=False)
    assert [outcome.name for outcome in strict.tests[FIRST] if outcome.status == "error"] == ["census_reject_limit"]
    assert [outcome.name for outcome in small.tests[FIRST] if outcome.status == "error"] == []
    assert small.query("select count(*) from stg_census") == [(59,)]


def test_another_seed_changes_every_draw(small: Simulation) -> None:
    """Who leaves and when, promotions with their raises, the hires, and the lasting month (of four, unequal ones)."""
    facts = {
        "exits": "select employee_id, effective_date from fct_yearly_events where event_category <> 'new_hire'"
        " and event_type = 'termination'",
        "promotions": "select employee_id, event_details from fct_yearly_events where event_type = 'promotion'",
        "merit": "select employee_id, effective_date from fct_yearly_events where event_type = 'merit_raise'",
        "hires": "select employee_id, effective_date from fct_yearly_events where event_type = 'hire'",
        "hire_pay": "select employee_id, compensation_after from fct_yearly_events where event_type = 'hire'",
        "births": "select employee_id, birth_date from fct_workforce_snapshot where year(hire_date) = simulation_year",
    }
    for name, query in facts.items():
        five, six = (set(small.query(f"{query} and seed = {seed}")) for seed in (5, 6))
        assert len(five & six) < 0.6 * min(len(five), len(six)), name


def test_the_years_are_those_of_the_study(small: Simulation, trial: Trial, tmp_path: Path) -> None:
    later_years = {"start": SECOND, "end": SECOND}
    later_run = simulation(tmp_path, small_study(tmp_path, years=later_years)).run()
    years = "select distinct simulation_year from fct_workforce_snapshot order by 1"
    assert small.query(years) == [(FIRST,)]
    assert later_run.query(years) == [(SECOND,)]
    assert trial.run.query(years) == [(FIRST,), (SECOND,)]


def test_resources_and_validation_change_no_byte(tmp_path: Path) -> None:
    """One year through Dagster, with other values for all of them at once: the same bytes in every file of the lake."""
    plain = _through_dagster(tmp_path / "plain", {})
    other = _through_dagster(tmp_path / "other", {"resources": OTHER_RESOURCES, "validation": "fast"})
    assert other.hashes() == plain.hashes()
    assert len(plain.hashes()) > 30
    markers = [read_json(run.project.lake.marker(FIRST)) or {} for run in (plain, other)]
    assert [marker.get("validation") for marker in markers] == ["full", "fast"]


def _through_dagster(folder: Path, settings: Document) -> Simulation:
    from planwise_assets.definitions import build_defs

    run = simulation(folder, small_study(folder, seeds=[5], **settings))
    home = run.project.settings.home
    home.mkdir()
    (home / "dbt").symlink_to(run.project.dbt.folder.parent)  # compiled already
    settings_of_run = Settings(home=home, study_file=run.project.settings.study_file)
    job = build_defs(settings_of_run).resolve_job_def("simulate_year")
    run_id = str(uuid.uuid4())
    with study_run(settings_of_run.locks, run.project.study.study, run_id):
        assert job.execute_in_process(partition_key=str(FIRST), run_id=run_id).success
    return run
