"""The census as the study file names it: the canonical columns, and the hash of the file.

Here: names and identity of the file. Not here: reading rows (`year_setup`) and judging them (the staging
models).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

REQUIRED_COLUMNS = ("employee_id", "birth_date", "hire_date", "annual_compensation")
OPTIONAL_COLUMNS = (
    "level_id",
    "termination_date",
    "active",
    "service_date",
    "deferral_rate",
    "enrollment_date",
    "enrollment_source",
    "eligibility_date",
    "opted_out",
    "auto_escalation_opt_out",
    "plan_exclusion",
    "scheduled_hours_per_week",
    "hours_prior_year_1",
    "hours_prior_year_2",
    "prior_year_compensation",
    "owner_5pct",
    "match_balance",
    "core_balance",
)
CENSUS_COLUMNS = REQUIRED_COLUMNS + OPTIONAL_COLUMNS
CENSUS_FORMATS = (".parquet", ".csv")


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
        ValueError: Not the path of a Parquet or CSV file.
    """
    if not isinstance(value, str | Path) or Path(value).suffix.lower() not in CENSUS_FORMATS:
        raise ValueError("must be the path of a .parquet or .csv file, relative to the folder of the study file")
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
