"""The census as the study file names it: the canonical columns, and the hash of the file.

Belongs here: names and identity of the file. Does not: reading rows (`year_setup`) and judging them (the staging models).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PlainValidator

from planwise_assets.study.sections.census_columns import COLUMNS
from planwise_assets.study.values import Section, whole

REQUIRED_COLUMNS = ("employee_id", "birth_date", "hire_date", "annual_compensation")
CENSUS_COLUMNS = tuple(column.name for column in COLUMNS)
CENSUS_FORMATS = (".csv", ".txt", ".tsv", ".tab", ".dat", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".parquet", ".pq")

Period = Literal["year", "month", "semimonth", "biweek", "week"]
#: What a status may mean. All but the last four of them say whether somebody is employed; these say whether the plan covers
#: them.
STATUSES = ("active", "leave", "terminated", "retired", "deceased", "union", "leased", "nonresident", "excluded")


def _statuses(value: object) -> dict[str, str]:
    """The census's own words for a status, each with PlanWise's."""
    if not isinstance(value, Mapping):
        raise ValueError("must be a mapping such as {A: active, L: leave}")
    if wrong := [f"{own}: {status}" for own, status in value.items() if status not in STATUSES]:
        raise ValueError(f"has {', '.join(wrong)}; a status is {', '.join(STATUSES)}")
    return {str(own): str(status) for own, status in value.items()}


class CensusReading(Section):
    """How the census is read where the file does not say. `planwise init` asks and writes it."""

    sheet: str | None = Field(default=None, description="Of a workbook, the sheet. Source: the census.")
    dates: Literal["mdy", "dmy"] | None = Field(
        default=None, description="How 03/04/1980 is read where no date of the file decides. Source: the census."
    )
    decimal: Literal["point", "comma"] | None = Field(
        default=None, description="How 43.137 is read where no number of the column decides. Source: the census."
    )
    rates: Literal["percent", "share"] | None = Field(
        default=None,
        description="Whether a rate of 1 is 1 % or 100 % where no rate of the column decides. Source: the census.",
    )
    zone: str | None = Field(default=None, description="Time zone in which a time of day is midnight. Source: the census.")
    deferral_dollars_each: Period | None = Field(
        default=None, description="What deferrals in dollars are for: a year or a pay period. Source: the census."
    )
    pay_each: Period | None = Field(
        default=None,
        description="What yearly pay is given for: a year where it is left out, or a pay period. Source: the census.",
    )
    weekly_hours: Literal["scheduled", "worked"] = Field(
        default="scheduled",
        description="Whether somebody without scheduled hours has 40 a week, or those of last year. Source: judgement.",
    )
    unknown_breaks: Literal["lost", "kept"] | None = Field(
        default=None,
        description="Service before a break of unknown length: lost (latest hire on) or kept. Source: the census.",
    )
    parity_below_years: Annotated[int, PlainValidator(whole(1, 6))] | None = Field(
        default=None,
        description=(
            "Rule of parity: whoever left with fewer years of service than these (without a vested right) and stayed away "
            "for five years, and for as many as they had, loses them; nobody where it is left out; years. "
            "Source: IRC 411(a)(6)(D)."
        ),
    )
    statuses: Annotated[dict[str, str], PlainValidator(_statuses)] = Field(
        default={}, description="The census's own words for a status, each with PlanWise's."
    )
    ignore: tuple[str, ...] = Field(default=(), description="Columns of the file that are passed over on purpose.")


def census_hash(path: Path) -> str:
    """SHA-256 of the file's content.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def parse_census_path(value: object) -> Path:
    """Parse the setting `census`.

    Raises:
        ValueError: Not the path of a file of a kind that can be read.
    """
    if not isinstance(value, str | Path) or Path(value).suffix.lower() not in CENSUS_FORMATS:
        raise ValueError(
            f"must be the path of a {', '.join(CENSUS_FORMATS[:-1])} or {CENSUS_FORMATS[-1]} file, relative to the folder "
            f"of the "
            "study file"
        )
    return Path(value)


def parse_census_columns(value: object) -> dict[str, str]:
    """Parse the setting `census_columns`: the file's own names to canonical ones.

    Raises:
        ValueError: Not a mapping of texts, an unknown canonical column, or two names for the same column.
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ValueError("must be a mapping of the file's names to PlanWise's, such as {gross_pay: annual_compensation}")
    taken: dict[str, str] = {}
    for own, canonical in value.items():
        if not isinstance(own, str) or not own.strip():
            raise ValueError(f"entry '{own}: {canonical}': the file's column name must be a text (put it in quotes)")
        if canonical not in CENSUS_COLUMNS:
            raise ValueError(f"entry '{own}: {canonical}': PlanWise has no such column; it has {', '.join(CENSUS_COLUMNS)}")
        if canonical in taken:
            raise ValueError(f"'{taken[canonical]}' and '{own}' are both mapped to {canonical}; keep one")
        taken[canonical] = own
    return {str(own): str(canonical) for own, canonical in value.items()}
