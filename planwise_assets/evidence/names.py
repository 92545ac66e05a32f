"""Columns of a history file: names that a census does not have, and the census's own.

Belongs here: guessing from names. Does not: values (reading.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from planwise_assets.intake.names import guesses

DATES = ("birth_date", "hire_date", "rehire_date", "service_date", "termination_date", "record_date")
REQUIRED = ("employee_id", "birth_date", "hire_date")
# Numbers and rates that say what became of who stayed.
AMOUNTS = ("annual_compensation", "scheduled_hours_per_week", "deferral_rate")
# What stands in for a date where a file has years alone: the year-end's age, and its completed years of service.
INSTEAD = {"birth_date": "age", "hire_date": "length_of_service"}
# Names after taking out all but letters and digits.
_OWN = {
    "status_year": ("statusyear", "simulationyear", "year", "censusyear", "snapshotyear", "reportingyear", "planyear"),
    "record_date": ("recorddate", "recorddatekey", "asof", "asofdate", "snapshotdate", "censusdate", "effectivedate"),
    "rehire_date": ("rehiredate", "dateofrehire", "rehired"),
    "reason": (
        *(
            "reason",
            "terminationreason",
            "termreason",
            "termreasondesc",
            "separationreason",
            "exitreason",
            "reasonforleaving",
        ),
        *("leavingreason", "cause", "exitcause", "terminationcause", "statusreason"),
    ),
    "age": ("age", "ageatyearend", "ageyears"),
    "length_of_service": ("lengthofservice", "yearsofservice", "serviceyears", "tenure", "tenureyears", "los"),
    "active": ("status", "employmentstatus", "employeestatus", "empstatus"),
    "birth_date": ("birthdatekey",),
    "hire_date": ("orighiredatekey", "orighiredate", "hiredatekey"),
    "termination_date": ("terminationdatekey", "termdatekey", "exitdate", "enddate", "leavingdate", "retirementdate"),
}
KNOWN = (
    *REQUIRED,
    *INSTEAD.values(),
    "rehire_date",
    "service_date",
    "termination_date",
    "record_date",
    "status_year",
    "active",
    "reason",
    "level_id",
    *AMOUNTS,
    "enrollment_source",
)


def guess(own: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    """PlanWise's names to the file's own.

    Args:
        own: The columns of the file.
        given: What a person says; wins over every guess where the file has the column.
    """
    mapping = {name: column for name, column in given.items() if column in own}
    free = [column for column in own if column not in mapping.values()]
    for name, known in _OWN.items():
        match = next((column for key in known for column in free if _key(column) == key), None)
        if name not in mapping and match is not None:
            mapping[name] = match
            free.remove(match)
    for found in guesses(free):
        if found.column in KNOWN and found.column not in mapping:
            mapping[found.column] = found.own
    return mapping


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
