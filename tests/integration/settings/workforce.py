"""The settings of the workforce, and on which published facts of a person each may act."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb

from tests.harness import SAMPLE_CENSUS, Simulation, census_file
from tests.integration.settings.perturbing import (
    NAME,
    SECOND,
    CannotChangeError,
    Case,
    Document,
    Part,
    Path_,
    Setting,
    Step,
    at,
    boundary,
    by,
    changed,
    own,
    to,
)

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


def own_of_a_level_that_is_left(value: float) -> Step:
    def step(document: Document, path: Path_) -> list[Document]:
        if path[-2] == len(at(document, path[:-2])) - 1:
            raise CannotChangeError("nobody is promoted out of the top level")
        return own(value)(document, path)

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


SETTINGS: dict[str, Setting] = {
    "workforce.growth": Setting(to(0.2, -0.1), {HIRES, EXITS, CAUSES, EXIT_CHANCES, PROMOTIONS, MERIT}),
    "workforce.termination_rate": Setting(to(0.25, "hazard"), WHO_LEAVES),
    "workforce.new_hire_termination_rate": Setting(to(0.5), {HIRES, EXITS, EXIT_CHANCES, PROMOTIONS, MERIT}),
    "workforce.selection": Setting(to("bernoulli"), WHO_LEAVES),
    "hazards.termination.table": Setting(to("soa-1930"), WHO_LEAVES | {CELLS}, by_year=False),
    "hazards.termination.scale": Setting(to(3), WHO_LEAVES | {CELLS}, baseline="published"),
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
    "levels.uprating": Setting(to(0.2), {HIRE_PAY}, acts_in=SECOND),
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
    "hiring.level_mix[].level_id": Setting(swapped_with_next, {HIRES, EXITS, EXIT_CHANCES, PROMOTIONS}, baseline="weighted"),
    "hiring.level_mix[].weight": Setting(by(lambda x: x + 3), {HIRES, EXITS, EXIT_CHANCES, PROMOTIONS}, baseline="weighted"),
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
# A table takes the place of the bands by age and by service; its scale moves how many leave where the hazards decide that.
PUBLISHED: Document = {
    **BASELINE,
    "workforce": {"growth": 0.1, "termination_rate": "hazard"},
    "hazards": {
        **BASELINE["hazards"],
        "termination": {"table": "soa-1926", **BASELINE["hazards"]["termination"]},
    },
}
BASELINES = {"baseline": BASELINE, "weighted": WEIGHTED, "published": PUBLISHED}

PART = Part(SETTINGS, BASELINES, (2025, 2026))


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


def differences(run: Simulation, cases: Sequence[Case]) -> dict[str, dict[int, dict[str, int]]]:
    """For each case (its scenario) and year, in how many people (or cells) each fact differs from the baseline."""
    columns = [
        f"count(*) filter (base.facts is not null and other.facts is not null and other.facts.{fact} is distinct from "
        f"base.facts.{fact}) as {fact}"
        for fact in FACTS
    ] + [f"count(*) filter (other.of_events.{fact} <> base.of_events.{fact}) as {fact}" for fact in OF_EVENTS]
    with run.connect() as connection:
        connection.execute(PEOPLE)
        connection.execute("create temp table pairs (scenario_id varchar, baseline varchar)")
        connection.executemany("insert into pairs values (?, ?)", [(case.scenario_id, case.baseline) for case in cases])
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
    return found


def fault(case: Case, differs: set[str]) -> str | None:
    """What is wrong with the facts that a case changes in its first year; None if nothing is."""
    acts_on = SETTINGS[case.setting].acts_on
    if not differs & acts_on - {CELLS}:
        return "is shown in dim_hazards, and read by nobody"
    if not differs <= acts_on | {PAY}:
        return f"acts on {sorted(differs - acts_on)} too"
    if (CELLS in differs) != (CELLS in acts_on):
        return "is not shown in dim_hazards" if CELLS in acts_on else "is shown in dim_hazards"
    return None
