"""Published tables of leaving, such as `soa-1549`: which table means what, and its rates by age and completed service.

Belongs here: the conventions of the tables, reading them offline through pymort. Does not: the setting that names one
(`hazards.py`), its rows in the parameter tables (`parameters/hazard_rows.py`), fitting (`evidence/`).

The tables of the Society of Actuaries share one file format whose fields mislead. What a table is about is therefore known
here by its number, or said by who names it; an axis or exits that are not known are refused, never guessed:

* 1549 (2003 Pension Plan Turnover) is five tables by service in the form "select and ultimate". The one in the place of
  the ultimate is all services together and is not used. It counts every way out: termination, retirement, disability,
  death and transfers.
* 1926 to 1936 (Sarason's T-1 to T-11) count withdrawal, transfer, death and disability, not retirement, and never reach 0.
* Tables by duration name their axis "Age" at times. Completed service is duration - 1, attained age is age at entry +
  duration - 1.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, cast, get_args

Axis = Literal["age", "duration", "age at entry and duration"]
Basis = Literal["nearest birthday", "last birthday"]
Exits = Literal["all", "all but retirement", "withdrawal"]
_TEXT = re.compile(
    r"soa-(\d{1,4})(?: by (age|duration|age at entry and duration) of ([a-z ]+?)(?: at (nearest|last) birthday)?)?"
)
_SAY = (
    "say its axis (age, duration, or age at entry and duration), the exits it counts "
    f"({', '.join(get_args(Exits))}) and how it counts ages, e.g. soa-1701 by duration of withdrawal at last birthday"
)


@dataclass(frozen=True)
class Convention:
    """What a table is about.

    Attributes:
        axis: What its rows are, and its columns if it has any.
        exits: The exits that it counts.
        basis: How ages are counted.
        service_starts: First completed year of service of each sub-table, in their order; empty: one table for every
            service.
    """

    axis: Axis
    exits: Exits
    basis: Basis = "nearest birthday"
    service_starts: tuple[int, ...] = ()


KNOWN: dict[int, Convention] = {
    1549: Convention("age", "all", "nearest birthday", (0, 2, 5, 10)),
    **{number: Convention("age", "all but retirement") for number in range(1926, 1937)},
}


@dataclass(frozen=True)
class PublishedTable:
    """A table by its number, with what it is about."""

    number: int
    convention: Convention

    @property
    def name(self) -> str:
        """As people name it."""
        return f"soa-{self.number}"


@dataclass(frozen=True)
class Graded:
    """Yearly probabilities by completed service and by age at the last birthday.

    Attributes:
        service_starts: First completed year of each row; the last row has no end.
        first_ages: Age of the first probability of each row.
        probabilities: By row, by age.
        last_age: The last age that the table has, beyond which its edge holds; None: it is for all ages.
        citation: Name and source, as the table says them.
    """

    service_starts: tuple[int, ...]
    first_ages: tuple[int, ...]
    probabilities: tuple[tuple[float, ...], ...]
    last_age: int | None
    citation: str

    def at(self, age: int, service: int) -> float:
        """The probability at an age and completed service; beyond the table that of its nearest edge."""
        row = max(sum(start <= service for start in self.service_starts) - 1, 0)
        values = self.probabilities[row]
        return values[min(max(age - self.first_ages[row], 0), len(values) - 1)]


def parse_table(value: object) -> PublishedTable:
    """A table from what a person writes.

    Raises:
        ValueError: It is no such name, what it is about is not known, or it counts exits that no termination is.
    """
    found = _TEXT.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError("must be soa- and the number of a table, such as soa-1549; of another table than "
                         f"{', '.join(map(str, sorted(KNOWN)))} {_SAY}")  # fmt: skip
    number = int(found[1])
    if found[2] is None:
        if number not in KNOWN:
            raise ValueError(f"names a table of which nothing says what it is about: {_SAY}")
        return PublishedTable(number, KNOWN[number])
    if found[3] not in get_args(Exits):
        raise ValueError(
            f"counts {found[3]}, which is not termination: it must count {' or '.join(get_args(Exits))}. "
            "A table of other exits would count some twice, or not at all"
        )
    said = Convention(
        cast("Axis", found[2]), cast("Exits", found[3]), "last birthday" if found[4] == "last" else "nearest birthday"
    )
    known = KNOWN.get(number)
    if known and (known.axis, known.exits, known.basis) != (said.axis, said.exits, said.basis):
        raise ValueError(
            f"is wrong about soa-{number}, which is by {known.axis} of {known.exits} exits at {known.basis}: "
            f"write soa-{number}"
        )
    return PublishedTable(number, known or said)


@cache
def graded(table: PublishedTable) -> Graded:
    """The rates of a table, read offline.

    Raises:
        ValueError: pymort is not installed, has no such table, or the table has other axes than it was said to have.
    """
    opened, stated = _opened(table), table.convention
    parts = opened.Tables[: max(len(stated.service_starts), 1)]
    axes = [axis.AxisName for axis in parts[0].MetaData.AxisDefs]
    if len(axes) != (2 if stated.axis == "age at entry and duration" else 1):
        raise ValueError(f"has the axes {', '.join(axes)}, which is not a table by {stated.axis}")
    if stated.axis == "age" and axes[0].lower() != "age":
        raise ValueError(f"has the axis {axes[0]}, which is not a table by age")
    content = opened.ContentClassification
    citation = f"{content.TableName}; {content.TableReference}; {stated.exits} exits"
    columns = [part.Values["vals"] for part in parts]
    if stated.axis == "age":
        firsts = tuple(int(column.index.min()) for column in columns)
        last = max(int(column.index.max()) for column in columns)
        rows = tuple(_by_age(column, stated.basis) for column in columns)
        return Graded(stated.service_starts or (0,), firsts, rows, last, citation)
    if stated.axis == "duration":
        values = [float(value) for value in columns[0]]
        return Graded(tuple(range(len(values))), (0,) * len(values), tuple((value,) for value in values), None, citation)
    square = columns[0].unstack()
    entry, last, durations = int(square.index.min()), int(square.index.max()), square.shape[1]
    rows = tuple(
        tuple(float(square.iat[min(max(age - service - entry, 0), last - entry), service]) for age in range(entry, last + 1))
        for service in range(durations)
    )
    return Graded(tuple(range(durations)), (entry,) * durations, rows, last, citation)


def _opened(table: PublishedTable) -> Any:
    try:
        import pymort  # noqa: PLC0415 - an optional extra
    except ImportError:
        raise ValueError("needs the extra `evidence`: pip install 'planwise[evidence]'") from None
    try:
        return pymort.MortXML.from_id(table.number)
    except (FileNotFoundError, ValueError):
        raise ValueError(f"names {table.name}, and there is no such table in pymort") from None


def _by_age(column: Sequence[float], basis: Basis) -> tuple[float, ...]:
    values = [float(value) for value in column]
    if basis == "last birthday":
        return tuple(values)
    # Who is x at the last birthday is x + 1/2 on average: half of them are nearest to x, half to x + 1.
    return tuple((value + after) / 2 for value, after in zip(values, [*values[1:], values[-1]], strict=True))
