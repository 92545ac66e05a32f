"""Which of a stranger's columns is which: guesses from names alone, each of them for a person to confirm.

Belongs here: the names that payroll and record-keeping systems use. Does not: values (values.py), questions
(commands/init.py).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence

from planwise_assets.study.sections.census import CENSUS_COLUMNS, REQUIRED_COLUMNS

# Names as they are after `_key`: lower case, letters and digits only.
_KNOWN: dict[str, tuple[str, ...]] = {
    "employee_id": (
        *("employeeid", "empid", "eeid", "employeenumber", "employeeno", "empno", "empnumber", "employee", "workerid"),
        *(
            "personnelnumber",
            "personnelno",
            "personid",
            "participantid",
            "staffid",
            "associateid",
            "fileno",
            "filenumber",
            "id",
        ),
    ),
    "birth_date": ("birthdate", "dateofbirth", "dob", "birthday", "born", "bdate", "eedob"),
    "hire_date": (
        *("hiredate", "dateofhire", "doh", "hired", "lasthiredate", "currenthiredate", "startdate", "employmentdate"),
        *("dateofemployment", "employedsince", "joindate", "datehired", "mostrecenthiredate"),
    ),
    "annual_compensation": (
        *(
            "annualcompensation",
            "annualpay",
            "annualsalary",
            "salary",
            "basesalary",
            "basepay",
            "annualbasesalary",
            "grosspay",
        ),
        *(
            "annualbase",
            "annualrate",
            "annualizedsalary",
            "compensation",
            "pay",
            "yearlypay",
            "yearlysalary",
            "annualearnings",
        ),
        *("fulltimesalary", "annualbasepay"),
    ),
    "level_id": ("levelid", "level", "joblevel", "grade", "jobgrade", "paygrade", "band"),
    "termination_date": (
        "terminationdate",
        "dateofterminaton",
        "dateoftermination",
        "termdate",
        "dot",
        "separationdate",
        "leftdate",
    ),
    "active": ("active", "isactive", "activeflag", "currentlyemployed", "employed"),
    "service_date": (
        "servicedate",
        "adjustedservicedate",
        "originalhiredate",
        "seniorityhdate",
        "senioritydate",
        "vestingdate",
    ),
    "deferral_rate": (
        *(
            "deferralrate",
            "deferralpercent",
            "deferralpct",
            "deferral",
            "contributionrate",
            "contributionpercent",
            "401kpercent",
        ),
        *("401kpct", "401krate", "401kdeferral", "electivedeferral", "deferralpercentage", "401kcontribution", "401k"),
    ),
    "enrollment_date": ("enrollmentdate", "enrolmentdate", "planentrydate", "participationdate", "enrolled", "enrolleddate"),
    "enrollment_source": ("enrollmentsource", "enrolmentsource", "enrollmentmethod"),
    "eligibility_date": ("eligibilitydate", "eligibledate", "dateeligible"),
    "opted_out": ("optedout", "optout", "declined"),
    "auto_escalation_opt_out": ("autoescalationoptout", "escalationoptout", "autoincreaseoptout"),
    "plan_exclusion": ("planexclusion", "excluded", "excludedclass", "ineligibleclass"),
    "scheduled_hours_per_week": (
        "scheduledhoursperweek",
        "hoursperweek",
        "weeklyhours",
        "scheduledhours",
        "standardhours",
        "stdhours",
    ),
    "hours_prior_year_1": ("hoursprioryear1", "hourslastyear", "prioryearhours", "hoursworked", "ytdhours"),
    "hours_prior_year_2": ("hoursprioryear2", "hourstwoyearsago"),
    "prior_year_compensation": (
        "prioryearcompensation",
        "w2",
        "w2wages",
        "w2pay",
        "lastyearpay",
        "prioryearpay",
        "grosswages",
        "ytdgross",
    ),
    "owner_5pct": ("owner5pct", "fivepercentowner", "5percentowner", "owner", "isowner", "owner5"),
    "match_balance": ("matchbalance", "employermatchbalance", "erbalance", "matchaccount", "companymatchbalance"),
    "core_balance": ("corebalance", "profitsharingbalance", "employercorebalance", "nonelectivebalance"),
}
# Only spelling mistakes are guessed beyond the list: a name that means something else must not be taken.
_CLOSE = 0.87


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower().replace("%", "percent").replace("#", "number"))


def guess_columns(own: Sequence[str]) -> dict[str, str]:
    """Guesses which of a file's columns hold what PlanWise knows.

    Args:
        own: The names of the file's columns.

    Returns:
        PlanWise's name to the file's. No column of the file is given twice; exact names win over known ones, and these over
        similar ones.
    """
    keys = {name: _key(name) for name in own}
    found: dict[str, str] = {}
    for test in (_is_same, _is_known, _is_close):
        for canonical in CENSUS_COLUMNS:
            if canonical not in found:
                free = [name for name in own if name not in found.values()]
                match = next((name for name in test(canonical, keys) if name in free), None)
                if match is not None:
                    found[canonical] = match
    return {canonical: found[canonical] for canonical in CENSUS_COLUMNS if canonical in found}


def _is_same(canonical: str, keys: Mapping[str, str]) -> list[str]:
    return [name for name in keys if name == canonical]


def _is_known(canonical: str, keys: Mapping[str, str]) -> list[str]:
    return sorted(
        (name for name, key in keys.items() if key in _KNOWN[canonical]),
        key=lambda name: _KNOWN[canonical].index(keys[name]),
    )


def _is_close(canonical: str, keys: Mapping[str, str]) -> list[str]:
    return [name for name, key in keys.items() if difflib.get_close_matches(key, _KNOWN[canonical], n=1, cutoff=_CLOSE)]


def missing(mapping: Mapping[str, str]) -> list[str]:
    """The required columns that are not there yet."""
    return [name for name in REQUIRED_COLUMNS if name not in mapping]
