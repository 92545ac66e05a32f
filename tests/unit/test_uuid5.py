"""The UUIDs (version 5) that SQL makes are those of Python's uuid module."""

from __future__ import annotations

import uuid

import duckdb

from tests.unit.macro_text import macro


def test_the_published_vector() -> None:
    """RFC 9562, appendix A.4: www.example.com in the DNS namespace."""
    made = macro("draws/uuid.sql", "uuid5", "'www.example.com'", uuid.NAMESPACE_DNS.hex)
    row = duckdb.connect().execute(f"select {made}").fetchone()
    assert row == (uuid.UUID("2ed6657d-e927-568b-95e1-2665a8aea6a2"),)


def test_event_ids_are_those_of_python() -> None:
    """Every variant nibble occurs among 10,000 names, non-ASCII ids among them."""
    namespace = uuid.uuid5(uuid.NAMESPACE_URL, "planwise:event")
    assert macro("draws/uuid.sql", "event_namespace").strip() == namespace.hex
    event_id = macro("draws/uuid.sql", "event_id", "world", "employee_id", "'hire'")
    rows = (
        duckdb.connect()
        .execute(f"""
        select employee_id, {event_id}
        from (select 'Zoë-' || i as employee_id from range(10000) as r (i))
        cross join (select 'baseline' as scenario_id, 42::bigint as seed, 2025::integer as simulation_year)
        as world
    """)
        .fetchall()
    )
    assert len(rows) == 10_000
    for employee_id, made in rows:
        assert made == uuid.uuid5(namespace, f"baseline|42|2025|{employee_id}|hire")
    assert {str(made)[19] for _, made in rows} == set("89ab")
