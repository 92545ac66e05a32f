"""The operation `plan_enrollments` on lives made by hand: every segment, rate, state and event id, worked out beside it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import duckdb
import pytest

from planwise_assets.settings import PROJECT_ROOT
from resources.dbt.compiled import CompiledProject, compiled_project

_EVENTS = uuid.UUID("96ce0876-0fb7-5911-899e-f6c2b8b36d20")
_AUTO = {
    "event_type": "enrollment",
    "event_category": "auto",
    "deferral_rate_millionths": 40_000,
    "event_probability": 0.675,
}
_ESCALATION = {
    "event_type": "deferral_escalation",
    "event_category": "escalation",
    "step_millionths": 10_000,
    "cap_millionths": 100_000,
    "event_probability": 0.874,
}
_STOP = {"event_type": "opt_out", "event_category": "stop", "event_probability": 0.006}


def _day(month: int, day: int, year: int = 2025) -> date:
    return date(year, month, day)


@pytest.fixture(scope="module")
def dbt() -> CompiledProject:
    return compiled_project(PROJECT_ROOT / "dbt_project", PROJECT_ROOT / "var" / "dbt")


class Lives:
    """A year's plan events written by hand, and what the operation makes of them."""

    def __init__(self, dbt: CompiledProject, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._analysis = dbt.analysis_id("plan_enrollments")
        self._sql = dbt.compiled_sql(self._analysis)
        self._columns = {relation.name: relation.columns for relation in dbt.inputs(self._analysis)}
        for name, columns in self._columns.items():
            connection.execute(f"create table {name} ({', '.join(f'{column} {kind}' for column, kind in columns.items())})")
        year = {"simulation_year": 2025, "year_start": _day(1, 1), "year_end": _day(12, 31), "days_in_year": 365}
        self.add("stg_worlds", {**year, "world_id": 1, "scenario_id": "base", "seed": 42})

    def add(self, relation: str, row: Mapping[str, Any]) -> None:
        """Adds a row; columns that are not given are NULL."""
        unknown = row.keys() - self._columns[relation].keys()
        assert not unknown, unknown
        marks = ", ".join("?" for _ in row)
        self._connection.execute(f"insert into {relation} ({', '.join(row)}) values ({marks})", list(row.values()))

    def opens(self, **state: Any) -> None:
        """A person of the opening workforce, eligible since 2020 and not contributing unless told otherwise."""
        eligible = {"eligibility_date": _day(6, 1, 2020), "eligibility_reason": "service"}
        self._person("int_opening_workforce", {**_STATE, **eligible, **state})
        self._add_event("int_plan_eligibility", {**eligible, "is_new": False})

    def hired(self, day: date, eligible_from: date | None) -> None:
        """A hire, eligible from that day on."""
        self._person("int_hiring_events", {"hire_date": day})
        if eligible_from:
            entry = {"eligibility_date": eligible_from, "eligibility_reason": "service", "conditions_met_on": eligible_from}
            self._add_event("int_plan_eligibility", {**entry, "is_new": True})

    def happens(self, relation: str, **event: Any) -> None:
        """Something happens to the person."""
        self._add_event(relation, event)

    def segments(self, *columns: str) -> Sequence[tuple[Any, ...]]:
        """Columns of the operation's rows, in its order."""
        self._connection.execute(f"create or replace table made as {self._sql}")
        return self._connection.execute(f"select {', '.join(columns)} from made").fetchall()

    def _person(self, relation: str, row: Mapping[str, Any]) -> None:
        who = {"world_id": 1, "employee_id": "E1", "identity_key": 1, "birth_date": _day(6, 15, 1990)}
        self.add(relation, {**who, "annual_compensation_cents": 8_000_000, **row})

    def _add_event(self, relation: str, row: Mapping[str, Any]) -> None:
        self.add(relation, {"simulation_year": 2025, "world_id": 1, "employee_id": "E1", "identity_key": 1, **row})


_STATE = {
    "hire_date": _day(6, 1, 2020),
    "service_date": _day(6, 1, 2020),
    "plan_excluded": False,
    "deferral_rate_millionths": 0,
    "has_opted_out": False,
    "escalates": False,
    "escalation_opted_out": False,
}
_IN = {"enrollment_date": _day(7, 1, 2020), "enrollment_source": "auto", "escalates": True}


@pytest.fixture
def lives(dbt: CompiledProject) -> Iterator[Lives]:
    with duckdb.connect() as connection:
        yield Lives(dbt, connection)


def test_a_year_with_everything_in_it(lives: Lives) -> None:
    lives.hired(_day(1, 2), eligible_from=_day(2, 1))
    lives.happens("int_auto_enrollment_window", window_start=_day(2, 1), window_end=_day(3, 3), ends_this_year=True)
    lives.happens("int_enrollment_events", **_AUTO, effective_date=_day(3, 3))
    lives.happens("int_deferral_changes", **_ESCALATION, effective_date=_day(7, 1))
    lives.happens("int_deferral_changes", **_STOP, effective_date=_day(9, 10))
    lives.happens("int_new_hire_termination_events", termination_date=_day(11, 30))

    # 1 February to 2 March is 30 days, to 30 June 120, to 9 September 71, to 30 November 82: 303, February 1 to November 30.
    assert lives.segments(
        "segment_number", "opened_by", "segment_start", "segment_end", "days", "rate_before_millionths", "rate_millionths"
    ) == [
        (1, "eligibility", _day(2, 1), _day(3, 2), 30, 0, 0),
        (2, "enrollment", _day(3, 3), _day(6, 30), 120, 0, 40_000),
        (3, "deferral_escalation", _day(7, 1), _day(9, 9), 71, 40_000, 50_000),
        (4, "opt_out", _day(9, 10), _day(11, 30), 82, 50_000, 0),
    ]
    # The plan state in force from each segment on: the window is over once it is answered, a stop is an opt-out for good.
    assert lives.segments(
        "enrollment_date", "enrollment_source", "has_opted_out", "escalates", "escalation_opted_out", "window_end"
    ) == [
        (None, None, False, False, False, _day(3, 3)),
        (_day(3, 3), "auto", False, True, False, None),
        (_day(3, 3), "auto", False, True, False, None),
        (_day(3, 3), "auto", True, False, False, None),
    ]
    assert lives.segments("event_id") == [
        (uuid.uuid5(_EVENTS, f"base|42|2025|E1|{name}"),)
        for name in ("eligibility", "enrollment", "deferral_escalation", "opt_out")
    ]
    assert lives.segments("event_category", "event_details") == [
        ("service", '{"conditions_met_on":"2025-02-01"}'),
        ("auto", '{"window_end":"2025-03-03","window_start":"2025-02-01"}'),
        ("escalation", '{"cap":"0.100000","step":"0.010000"}'),
        ("stop", "{}"),
    ]


@pytest.mark.parametrize(
    ("rate", "step", "cap", "after"),
    [
        (40_000, 10_000, 100_000, 50_000),
        (95_000, 10_000, 100_000, 100_000),  # up to the cap
        (120_000, 10_000, 100_000, 120_000),  # above it: never lowered
        (990_000, 20_000, 1_000_000, 1_000_000),  # no more than all of pay
        (60_000, -20_000, 1_000_000, 40_000),  # a step down has no cap
    ],
)
def test_a_step_ends_at_its_cap(lives: Lives, rate: int, step: int, cap: int, after: int) -> None:
    lives.opens(**_IN, deferral_rate_millionths=rate)
    change = {**_ESCALATION, "step_millionths": step, "cap_millionths": cap}
    lives.happens("int_deferral_changes", **change, effective_date=_day(1, 1))

    # On 1 January: the opening segment has no days.
    assert lives.segments("days", "rate_before_millionths", "rate_millionths") == [(0, None, rate), (365, rate, after)]


def test_declining_escalation_is_for_good_and_not_a_stop(lives: Lives) -> None:
    lives.opens(**_IN, deferral_rate_millionths=40_000)
    lives.happens("int_deferral_changes", event_type="opt_out", event_category="escalation", effective_date=_day(1, 1))
    lives.happens("int_deferral_changes", **_STOP, effective_date=_day(5, 1))

    assert lives.segments("rate_millionths", "escalates", "escalation_opted_out", "has_opted_out", "event_id") == [
        (40_000, True, False, False, None),
        (40_000, False, True, False, uuid.uuid5(_EVENTS, "base|42|2025|E1|opt_out|escalation")),
        (0, False, True, True, uuid.uuid5(_EVENTS, "base|42|2025|E1|opt_out")),
    ]


def test_declining_automatic_enrolment_keeps_the_rate_at_nothing(lives: Lives) -> None:
    lives.opens(window_end=_day(1, 14))
    lives.happens("int_auto_enrollment_window", window_start=_day(12, 15, 2024), window_end=_day(1, 14), ends_this_year=True)
    lives.happens("int_enrollment_events", event_type="opt_out", event_category="auto", effective_date=_day(1, 14))

    assert lives.segments("opened_by", "days", "rate_millionths", "has_opted_out", "window_end") == [
        ("opening", 13, 0, False, _day(1, 14)),
        ("opt_out", 352, 0, True, None),
    ]


def test_a_window_open_on_31_december_is_carried(lives: Lives) -> None:
    lives.hired(_day(12, 15), eligible_from=_day(12, 15))
    lives.happens(
        "int_auto_enrollment_window", window_start=_day(12, 15), window_end=_day(1, 14, 2026), ends_this_year=False
    )

    assert lives.segments("opened_by", "days", "rate_millionths", "window_end") == [
        ("eligibility", 17, 0, _day(1, 14, 2026))
    ]


def test_a_participant_keeps_date_and_rate_until_something_happens(lives: Lives) -> None:
    lives.opens(**_IN, deferral_rate_millionths=70_000)

    assert lives.segments(
        "opened_by", "segment_start", "segment_end", "rate_millionths", "enrollment_date", "event_id", "event_details"
    ) == [("opening", _day(1, 1), _day(12, 31), 70_000, _day(7, 1, 2020), None, None)]


def test_joining_again_is_a_new_enrolment(lives: Lives) -> None:
    lives.opens(**{**_IN, "escalates": False}, has_opted_out=True)
    later = {**_AUTO, "event_category": "later", "deferral_rate_millionths": 60_000}
    lives.happens("int_enrollment_events", **later, effective_date=_day(12, 31))

    assert lives.segments(
        "days", "rate_millionths", "enrollment_date", "enrollment_source", "has_opted_out", "escalates"
    ) == [
        (364, 0, _day(7, 1, 2020), "auto", True, False),
        (1, 60_000, _day(12, 31), "later", True, False),
    ]


def test_who_is_not_eligible_has_no_segment(lives: Lives) -> None:
    lives.hired(_day(3, 1), eligible_from=None)

    assert lives.segments("employee_id") == []
