"""The keyed draws: published vectors, SQL and Python alike, uniform, and independent of what they must not depend on."""

from __future__ import annotations

import math

import duckdb
import pytest

from tests.twins import draws
from tests.unit.macro_text import macro

# splitmix64 seeded with 1234567: the first five outputs, as published with the reference implementation.
SPLITMIX_1234567 = [
    6457827717110365317,
    3203168211198807973,
    9817491932198370423,
    4593380528125082431,
    16408922859458223821,
]
GAMMA = 0x9E3779B97F4A7C15

# Frozen answers: (employee, seed, stream, year, top 53 bits). They change only if every result of PlanWise changes.
KNOWN_ANSWERS = [
    ("E1", 42, "exit_clock", 2025, 3544535007638446),
    ("E1", 42, "exit_clock", 2026, 5296801014146854),
    ("E1", 43, "exit_clock", 2025, 5594536306249585),
    ("E1", 42, "merit_month", draws.LASTING, 3303426718685699),
    ("NH_2025_1_000001", 0, "hire_pay", 2025, 5098626237865098),
    ("Zoë Müller", 9007199254740992, "promotion", 2199, 8332075248819862),
]


@pytest.mark.parametrize(("position", "expected"), enumerate(SPLITMIX_1234567))
def test_mix64_is_splitmix64(position: int, expected: int) -> None:
    assert draws.mix64((1234567 + position * GAMMA) % 2**64) == expected


@pytest.mark.parametrize(("employee", "seed", "stream", "year", "bits"), KNOWN_ANSWERS)
def test_frozen_answers(employee: str, seed: int, stream: str, year: int, bits: int) -> None:
    assert draws.draw(draws.identity_key(employee), seed, stream, year) == bits / 2**53


def sql_draws(people: str, **streams: str) -> str:
    """A select of a relation's rows with a column of draws a stream."""
    return macro("draws/draws.sql", "with_draws", people, streams)


@pytest.mark.parametrize(("employee", "seed", "stream", "year", "bits"), KNOWN_ANSWERS)
def test_sql_and_python_draw_the_same(employee: str, seed: int, stream: str, year: int, bits: int) -> None:
    connection = duckdb.connect()
    key = macro("draws/draws.sql", "identity_key", "$1")
    connection.execute(
        f"create table people as select {key} as identity_key, $2::ubigint as year_salt, $3::ubigint as trait_salt",
        [employee, draws.salt(seed, year), draws.salt(seed, draws.LASTING)],
    )
    (drawn,) = connection.execute(f"select u from ({sql_draws('people', u=stream)})").fetchone()
    assert drawn == bits / 2**53


def test_draws_are_uniform_and_uncorrelated_between_streams() -> None:
    """Chi-square over 1,000 cells, and the correlation of two streams and of two years, for 200,000 people."""
    people = 200_000
    key = macro("draws/draws.sql", "identity_key", "range::varchar")
    connection = duckdb.connect()
    connection.execute(f"create table people as select {key} as identity_key from range({people})")
    for name, year in [("these", 2025), ("others", 2024)]:
        salts = f"{draws.salt(42, year)}::ubigint as year_salt, {draws.salt(42, draws.LASTING)}::ubigint as trait_salt"
        connection.execute(f"create view {name} as select identity_key, {salts} from people")
    connection.execute(
        f"""
        create table drawn as
        select this.u, this.other_stream, last.u as other_year
        from ({sql_draws("these", u="exit_clock", other_stream="exit_day")}) as this
        inner join ({sql_draws("others", u="exit_clock")}) as last using (identity_key)
        """
    )
    cells = connection.execute("select count(*) from drawn group by floor(u * 1000)").fetchall()
    expected = people / 1000
    chi_square = sum((count - expected) ** 2 / expected for (count,) in cells)
    assert abs(chi_square - 999) < 4 * math.sqrt(2 * 999)
    for other in ("other_stream", "other_year"):
        (correlation,) = connection.execute(f"select corr(u, {other}) from drawn").fetchone()
        assert abs(correlation) < 4 / math.sqrt(people)
