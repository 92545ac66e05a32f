"""The SQL of the operations: years of pay worked out by hand, batches, and the order of rows."""

from __future__ import annotations

import json
from typing import Any

import duckdb
import pytest
import yaml  # type: ignore[import-untyped]

from tests.unit.macro_text import PROJECT, sql
from tests.unit.workforce_world import OPERATIONS, run_operations, settled_year

PERSON_TABLES = (
    "int_opening_workforce",
    "int_termination_events",
    "int_hiring_events",
    "int_new_hire_termination_events",
    "int_promotion_events",
    "int_raise_events",
    "int_plan_eligibility",
    "int_auto_enrollment_window",
    "int_enrollment_events",
    "int_deferral_changes",
)

Segment = tuple[str, str, int, int, int]


def year_of(
    rate_cents: int,
    raises: list[tuple[str, str, int]],
    *,
    hired: str | None = None,
    gone: str | None = None,
    cap_cents: int = 10**12,
) -> list[Segment]:
    """Return (opened_by, start, days, rate, paid) of each segment; raises are (type, date, millionths)."""
    connection = settled_year(1, worlds=1)
    for table in PERSON_TABLES:
        connection.execute(f"delete from {table}")
    connection.execute("update stg_worlds set pay_cap_cents = ?", [cap_cents])
    person = "simulation_year, world_id, employee_id, identity_key"
    key = "2025, 1, 'A', 1"
    if hired is None:
        connection.execute(
            f"insert into int_opening_workforce ({person}, annual_compensation_cents) values ({key}, {rate_cents})"
        )
        exits = "int_termination_events"
    else:
        connection.execute(
            f"insert into int_hiring_events ({person}, hire_date, annual_compensation_cents)"
            f" values ({key}, '{hired}', {rate_cents})"
        )
        exits = "int_new_hire_termination_events"
    if gone is not None:
        connection.execute(f"insert into {exits} ({person}, termination_date) values ({key}, '{gone}')")
    for kind, day, millionths in raises:
        if kind == "promotion":
            connection.execute(
                f"insert into int_promotion_events ({person}, promotion_date, raise_millionths)"
                f" values ({key}, '{day}', {millionths})"
            )
        else:
            connection.execute(f"insert into int_raise_events values ({key}, '{kind}', '{day}', {millionths})")
    rows = connection.execute(sql("operations/compensation_changes.sql")).fetchall()
    assert [row[4] for row in rows] == list(range(1, len(rows) + 1))
    return [(row[5], row[6].isoformat()[5:], row[8], row[11], row[12]) for row in rows]


def test_the_standing_example() -> None:
    """100,000.00 with +4.5 % on 1 April 2025: 10,000,000 x 90 / 365 and 10,450,000 x 275 / 365 cents."""
    assert year_of(10_000_000, [("merit_raise", "2025-04-01", 45_000)]) == [
        ("opening", "01-01", 90, 10_000_000, 2_465_753),
        ("merit_raise", "04-01", 275, 10_450_000, 7_873_288),
    ]


def test_raises_of_one_day_compound_in_the_same_day_order() -> None:
    """COLA on 1 January empties the opening segment; merit comes before the promotion of that day.

    333.33 x 1.003 = 334.32999 -> 334.33; x 1.032 = 345.02856 -> 345.03; x 1.0905 = 376.255215 -> 376.26.
    33,433 x 90 / 365 = 8,243.75 -> 8,244; 37,626 x 275 / 365 = 28,348.35 -> 28,348.
    """
    raises = [
        ("promotion", "2025-04-01", 90_500),
        ("merit_raise", "2025-04-01", 32_000),
        ("cola", "2025-01-01", 3_000),
    ]
    assert year_of(33_333, raises) == [
        ("opening", "01-01", 0, 33_333, 0),
        ("cola", "01-01", 90, 33_433, 8_244),
        ("merit_raise", "04-01", 0, 34_503, 0),
        ("promotion", "04-01", 275, 37_626, 28_348),
    ]


def test_raises_follow_their_dates_before_the_same_day_order() -> None:
    """A promotion in April comes before a merit raise in July: 100 x 1.1 = 110, x 1.05 = 115.50."""
    raises = [("merit_raise", "2025-07-01", 50_000), ("promotion", "2025-04-01", 100_000)]
    assert [(opener, rate) for opener, _, _, rate, _ in year_of(10_000, raises)] == [
        ("opening", 10_000),
        ("promotion", 11_000),
        ("merit_raise", 11_550),
    ]


def test_pay_stops_at_the_cap_and_a_rate_above_it_stays() -> None:
    raises = [
        ("cola", "2025-01-01", 10_000),
        ("merit_raise", "2025-03-01", 50_000),
        ("promotion", "2025-04-01", 90_000),
    ]
    assert [segment[3] for segment in year_of(10_000, raises, cap_cents=10_200)] == [
        10_000,
        10_100,
        10_200,
        10_200,
    ]
    assert [segment[3] for segment in year_of(10_201, raises, cap_cents=10_200)] == [10_201] * 4


def test_the_exit_day_is_the_last_paid_day_and_its_raise_counts() -> None:
    """Gone on 1 March with a raise due that day: 59 days of the old rate, one of 36,500 x 1.1 / 365."""
    assert year_of(36_500, [("merit_raise", "2025-03-01", 100_000)], gone="2025-03-01") == [
        ("opening", "01-01", 59, 36_500, 5_900),
        ("merit_raise", "03-01", 1, 40_150, 110),
    ]


def test_hires_are_paid_from_their_first_day() -> None:
    assert year_of(36_500, [], hired="2025-12-31") == [("hire", "12-31", 1, 36_500, 100)]
    assert year_of(36_500, [], hired="2025-01-01", gone="2025-01-01") == [("hire", "01-01", 1, 36_500, 100)]
    assert year_of(36_500, [("merit_raise", "2025-07-01", 50_000)], hired="2025-07-01") == [
        ("hire", "07-01", 0, 36_500, 0),
        ("merit_raise", "07-01", 184, 38_325, 19_320),
    ]


def test_events_carry_level_in_force_and_details_in_key_order() -> None:
    connection = settled_year(600)
    run_operations(connection)
    kinds: dict[str, tuple[str, ...]] = {
        "hire": ("birth_date", "scheduled_hours_per_week", "slot"),
        "promotion": ("raise",),
        "termination": ("age_at_exit", "service_years_at_exit"),
    }
    for kind, keys in kinds.items():
        details = connection.execute("select event_details from workforce_events where event_type = ?", [kind]).fetchall()
        assert details
        assert {tuple(json.loads(text)) for (text,) in details} == {keys}
        assert keys == tuple(sorted(keys))
    promoted_leavers = connection.execute("""
        select exits.level_before, promotions.level_after, exits.effective_date >= promotions.effective_date
        from workforce_events as exits
        inner join workforce_events as promotions using (world_id, employee_id)
        where exits.event_type = 'termination' and promotions.event_type = 'promotion'
    """).fetchall()
    assert promoted_leavers
    assert all(before == after and in_order for before, after, in_order in promoted_leavers)


def rows_of(connection: duckdb.DuckDBPyConnection, name: str) -> list[Any]:
    return connection.execute(sql(f"operations/{name}.sql")).fetchall()


@pytest.mark.parametrize("name", OPERATIONS)
def test_batches_and_threads_change_nothing(name: str) -> None:
    """A person is computed from that person's rows alone: batches put together are the whole."""
    whole = rows_of(settled_year(300, threads=1), name)
    assert whole == rows_of(settled_year(300, threads=4), name)
    connection = settled_year(300)
    for table in PERSON_TABLES:
        connection.execute(f"alter table {table} rename to all_{table}")
    parts = []
    for world in range(1, 5):
        for low, high in (("", "E0000123"), ("E0000123", "NH_2025_2"), ("NH_2025_2", "ZZ")):
            for table in PERSON_TABLES:
                connection.execute(f"""
                    create or replace temp view {table} as select * from all_{table}
                    where world_id = {world} and employee_id >= '{low}' and employee_id < '{high}'
                """)
            parts += rows_of(connection, name)
    assert parts == whole


@pytest.mark.parametrize("name", OPERATIONS)
def test_columns_are_those_of_the_source(name: str) -> None:
    """Names, types and order are the contract in models/sources.yml."""
    described = settled_year(1).execute(f"describe {sql(f'operations/{name}.sql')}").fetchall()
    sources = yaml.safe_load((PROJECT / "models" / "sources.yml").read_text())["sources"]
    tables = next(source["tables"] for source in sources if source["name"] == "operations")
    contract = next(table["columns"] for table in tables if table["name"] == name)
    assert [row[:2] for row in described] == [(column["name"], column["data_type"]) for column in contract]
