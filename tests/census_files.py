"""Forty people, none of whom exists, and files of them in the ways in which people send them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from planwise_assets.intake.census import Census, interpret
from planwise_assets.intake.names import guesses
from planwise_assets.intake.reading.file import read_census
from planwise_assets.study.sections.census import CensusReading

HEADER = ("employee_id", "birth_date", "hire_date", "annual_compensation")
CENSUS_DATE = date(2024, 12, 31)
Person = tuple[str, date, date, int]


def people(count: int = 40) -> list[Person]:
    """Id, birth, hire, pay in cents. Days run through all months, so that a column shows the order of day and month."""
    return [
        (
            f"E{number:05}",
            date(1958, 1, 15) + timedelta(days=(number * 317) % 9_000),
            date(2001, 3, 20) + timedelta(days=(number * 211) % 8_000),
            4_200_025 + 113_725 * number,
        )
        for number in range(count)
    ]


def rows(
    day: Callable[[date], str] = date.isoformat,
    money: Callable[[int], str] = lambda cents: f"{cents // 100}.{cents % 100:02}",
    ident: Callable[[str], str] = str,
    count: int = 40,
) -> list[list[str]]:
    """The people, written some way."""
    return [[ident(who), day(born), day(hired), money(pay)] for who, born, hired, pay in people(count)]


def text_of(lines: Sequence[Sequence[str]], header: Sequence[str] = HEADER, **dialect: Any) -> str:
    """CSV text with a header."""
    made = io.StringIO()
    csv.writer(made, lineterminator=dialect.pop("end", "\n"), **dialect).writerows([header, *lines] if header else lines)
    return made.getvalue()


def write(folder: Path, content: str | bytes, name: str = "people.csv") -> Path:
    """A file."""
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def read(
    file: Path,
    *,
    columns: Sequence[str] = HEADER,
    reading: CensusReading | None = None,
    census_date: date = CENSUS_DATE,
    mapping: dict[str, str] | None = None,
) -> tuple[list[tuple[Any, ...]], Census]:
    """The people of a file as the simulation takes them, in the order of the file, and how it was read."""
    reading = reading or CensusReading()
    with duckdb.connect(config={"threads": 2}) as connection:
        table = read_census(connection, file, reading.sheet)
        mapping = mapping or {guess.column: guess.own for guess in guesses(table.names)}
        census = interpret(connection, table, mapping, reading, census_date)
        found = connection.execute(f"select {', '.join(columns)} from census_people order by place").fetchall()
    return found, census


def expected(count: int = 40) -> list[tuple[str, ...]]:
    """What `read` gives of them."""
    return [
        (who, born.isoformat(), hired.isoformat(), f"{pay // 100}.{pay % 100:02}") for who, born, hired, pay in people(count)
    ]
