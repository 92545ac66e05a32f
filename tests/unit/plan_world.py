"""A year of plan money for a few invented people, for tests of contributions, match, vesting and the compliance tests.

Belongs here: typed tables from the project's own contracts, the shipped plan as settings, and the SQL that turns
them into money. Does not: any expectation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import duckdb
import yaml  # type: ignore[import-untyped,unused-ignore]

from tests.unit.macro_text import PROJECT, macro, sql

MONEY = (
    "foundation/int_highly_compensated",
    "state_aggregation/fct_supplemental_pay",
    "state_aggregation/int_elected_deferrals",
    "state_aggregation/int_employee_contributions",
    "state_aggregation/int_match_periods",
    "state_aggregation/int_employer_match",
    "state_aggregation/int_employer_contributions",
    "state_aggregation/int_vesting_forfeitures",
    "final_output/int_tested_members",
)

#: The plan as it is shipped, in the columns of stg_plan_design, with whatever the money does not read left out.
DESIGN: dict[str, Any] = {
    "scenario_id": "baseline",
    "plan_design_id": "p1",
    "adopted": date(2010, 1, 1),
    "roth_available": True,
    "pay_before_entry": False,
    "counts_bonus": True,
    "counts_overtime": True,
    "safe_harbor": "none",
    "long_term_employer_money": False,
    "match_basis": "annual",
    "pay_periods": 26,
    "pay_calendar": "days",
    "match_cap_cents": None,
    "match_employed_at_year_end": False,
    "match_minimum_hours": 0,
    "student_loan_matched": False,
    "student_loan_share_millionths": 0,
    "student_loan_rate_millionths": 0,
    "core_employed_at_year_end": False,
    "core_minimum_hours": 0,
    "normal_retirement_age": 65,
    "partial_termination_millionths": 200_000,
    "forfeiture_use": "employer_contributions",
    "testing_method": "current",
    "top_paid_group": False,
    "prior_nhce_adp_millionths": 30_000,
    "prior_nhce_acp_millionths": 30_000,
}

#: IRS Notice 2025-67 (HCE: Notice 2024-80; wage base: SSA), in cents.
LIMITS_2026: dict[str, Any] = {
    "scenario_id": "baseline",
    "elective_deferral_cents": 2_450_000,
    "catch_up_cents": 800_000,
    "catch_up_60_63_cents": 1_125_000,
    "annual_additions_cents": 7_200_000,
    "compensation_cents": 36_000_000,
    "hce_compensation_cents": 16_000_000,
    "social_security_wage_base_cents": 18_450_000,
    "roth_catch_up_wages_cents": 15_000_000,
}

#: (up_to, rate) in shares, as the designs are written in IRC 401(k)(12)(B) and (13)(D) and in the issue.
BASIC = ((0.03, 1.0), (0.05, 0.5))
QACA = ((0.01, 1.0), (0.06, 0.5))

GRADED = {0: 0, 2: 200_000, 3: 400_000, 4: 600_000, 5: 800_000, 6: 1_000_000}
CLIFF = {0: 0, 3: 1_000_000}


#: A band of completed years that everybody is in.
EVERYBODY = (0, 999)


@dataclass(frozen=True)
class Person:
    """Somebody employed in the year: pay and deferral rates as (first day, value), each until the next or the exit."""

    employee_id: str
    pay: Sequence[tuple[date, int]]
    rates: Sequence[tuple[date, int]] = ()
    birth_date: date = date(1980, 6, 15)
    service_date: date = date(2015, 3, 1)
    exit: date | None = None
    hours: float = 40
    opening: Mapping[str, Any] = field(default_factory=dict)
    reason: str = "census"
    #: A year's, in cents.
    bonus: int = 0
    overtime: int = 0


@cache
def contracts() -> dict[str, dict[str, str]]:
    """Return column types by relation, from the yml of models and sources."""
    found: dict[str, dict[str, str]] = {}
    for file in sorted((PROJECT / "models").rglob("*.yml")):
        text = yaml.safe_load(file.read_text())
        for source in text.get("sources", []):
            for table in source["tables"]:
                name = table.get("identifier", table["name"])
                found[name] = {column["name"]: column["data_type"] for column in table["columns"]}
        for model in text.get("models", []):
            found[model["name"]] = {column["name"]: column["data_type"] for column in model["columns"]}
    return found


def table(connection: duckdb.DuckDBPyConnection, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Make a relation with the types of its contract; what a row does not name is NULL."""
    columns = contracts()[name]
    connection.execute(f"create or replace table {name} ({', '.join(f'{c} {t}' for c, t in columns.items())})")
    for row in rows:
        unknown = set(row) - set(columns)
        if unknown:
            raise KeyError(f"{name} has no {sorted(unknown)}.")
        connection.execute(f"insert into {name} ({', '.join(row)}) values ({', '.join('?' * len(row))})", list(row.values()))


def _band(subject: str, value: float, band: tuple[int, int], dimension: str) -> dict[str, Any]:
    low, high = band
    row = {"scenario_id": "baseline", "subject": subject, "dimension": dimension, "band_min": low, "band_max": high}
    return row | {"tier_from": Decimal(0), "tier_up_to": None, "value": Decimal(str(value))}


def tiers(*rows: tuple[float, float], band: tuple[int, int] = EVERYBODY, by: str = "service") -> list[dict[str, Any]]:
    """Return rows of stg_plan_bands of a match from (up_to, rate) in shares."""
    ends = [Decimal(0), *(Decimal(str(up_to)) for up_to, _ in rows)]
    return [
        _band("match", rate, band, by) | {"tier_from": start, "tier_up_to": end}
        for (_, rate), start, end in zip(rows, ends, ends[1:], strict=False)
    ]


def core(
    rate: float, excess_rate: float = 0, band: tuple[int, int] = EVERYBODY, by: str = "service"
) -> list[dict[str, Any]]:
    """Return rows of stg_plan_bands of a core contribution."""
    return [_band("core", rate, band, by), _band("core_excess", excess_rate, band, by)]


def vesting(schedules: Mapping[str, Mapping[int, int]]) -> list[dict[str, Any]]:
    """Return rows of stg_plan_bands of schedules by source, from completed years to the share in millionths."""
    return [
        _band(f"{source}_vesting", 0, (years, min((later for later in steps if later > years), default=999)), "service")
        | {"value": Decimal(share) / 1_000_000}
        for source, steps in schedules.items()
        for years, share in steps.items()
    ]


def plan_year(
    people: Sequence[Person],
    *,
    year: int = 2026,
    design: Mapping[str, Any] | None = None,
    limits: Mapping[str, Any] | None = None,
    match: Sequence[Mapping[str, Any]] | None = None,
    schedules: Mapping[str, Mapping[int, int]] | None = None,
    threads: int = 2,
    left: Sequence[Mapping[str, Any]] = (),
) -> duckdb.DuckDBPyConnection:
    """Return a connection with these people's year and its money; `left` are rows of int_lookback_leavers."""
    connection = duckdb.connect()
    connection.execute(f"set threads = {threads}")
    start, end = date(year, 1, 1), date(year, 12, 31)
    days_in_year = (end - start).days + 1
    shared = {"simulation_year": year}
    dates = {"year_start": start, "year_end": end, "days_in_year": days_in_year}
    table(connection, "year_context", [shared | dates])
    table(
        connection,
        "stg_worlds",
        [shared | dates | {"world_id": 1, "scenario_id": "baseline", "seed": 42, "year_salt": 11, "trait_salt": 13}],
    )
    table(connection, "stg_plan_design", [shared | DESIGN | dict(design or {})])
    table(connection, "stg_legal_limits", [shared | LIMITS_2026 | dict(limits or {})])
    bands = [*(tiers(*BASIC) if match is None else match), *vesting(schedules or {"match": GRADED, "core": CLIFF})]
    table(connection, "stg_plan_bands", [shared | dict(row) for row in bands])
    keys = {person.employee_id: number for number, person in enumerate(people, start=1)}
    opening, closing, pay, plan, census = [], [], [], [], []
    for person in people:
        key = shared | {"world_id": 1, "employee_id": person.employee_id, "identity_key": keys[person.employee_id]}
        last = person.exit or end
        first = person.pay[0][0]
        census.append(key | {"bonus_cents": person.bonus, "overtime_cents": person.overtime})
        if first == start:
            opening.append(
                key
                | {"birth_date": person.birth_date, "service_date": person.service_date, "owner_5pct": False}
                | {"was_owner_5pct": False, "cumulative_match_cents": 0, "cumulative_core_cents": 0}
                | {"scheduled_hours_per_week": person.hours, "prior_paid_cents": 0}
                | dict(person.opening)
            )
        segments = []
        for number, (day, until, value) in enumerate(_stretches(person.pay, last), start=1):
            days = (until - day).days + 1
            segments.append(
                key
                | {"segment_number": number, "opened_by": "opening", "segment_start": day, "segment_end": until}
                | {"days": days, "rate_cents": value}
                | {"paid_cents": (2 * value * days + days_in_year) // (2 * days_in_year)}
            )
        pay += segments
        paid_days = sum(segment["days"] for segment in segments)
        beside = (
            (2 * yearly * paid_days + days_in_year) // (2 * days_in_year) for yearly in (person.bonus, person.overtime)
        )
        closing.append(
            key
            | {"birth_date": person.birth_date, "hire_date": person.service_date, "service_date": person.service_date}
            | {"termination_date": person.exit, "scheduled_hours_per_week": person.hours}
            | {"employment_status": "active" if person.exit is None else "terminated"}
            | {"paid_cents": sum(segment["paid_cents"] for segment in segments) + sum(beside)}
            | {"closing_rate_cents": person.pay[-1][1], "days_paid": paid_days}
        )
        for number, (day, until, value) in enumerate(_stretches(person.rates, last), start=1):
            plan.append(
                key
                | {"segment_number": number, "opened_by": "opening", "segment_start": day, "segment_end": until}
                | {"days": (until - day).days + 1, "rate_millionths": value, "eligibility_date": person.rates[0][0]}
                | {"eligibility_reason": person.reason}
            )
    # Whoever came in the year is of the census too here: amounts of their own, in place of a level's average.
    # The same in every world and year, so that it names none.
    of_all = ("world_id", "simulation_year")
    table(connection, "stg_census", [{name: row[name] for name in row if name not in of_all} for row in census])
    table(connection, "int_baseline_workforce", [])
    hired = [{name: value for name, value in row.items() if name[-6:] != "_cents"} for row in census]
    table(
        connection,
        "int_hiring_events",
        [row for row in hired if row["identity_key"] not in {one["identity_key"] for one in opening}],
    )
    table(connection, "int_opening_workforce", opening)
    table(connection, "int_lookback_leavers", left)
    table(connection, "int_closing_workforce", closing)
    age = macro("arithmetic/dates.sql", "completed_years", "birth_date", f"date '{end}'")
    service = macro("arithmetic/dates.sql", "completed_years", "service_date", f"coalesce(termination_date, date '{end}')")
    connection.execute(f"update int_closing_workforce set age_at_year_end = {age}, tenure_years_at_year_end = {service}")
    table(connection, "compensation_changes", pay)
    table(connection, "plan_enrollments", plan)
    for path in MONEY:
        connection.execute(f"create table {path.split('/')[1]} as {sql(f'models/{path}.sql')}")
    return connection


def _stretches(changes: Sequence[tuple[date, int]], last: date) -> list[tuple[date, date, int]]:
    ends = [day - timedelta(days=1) for day, _ in changes[1:]] + [last]
    return [(day, until, value) for (day, value), until in zip(changes, ends, strict=True)]
