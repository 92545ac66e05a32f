"""Layouts of census files as recordkeepers, payroll vendors and personnel systems export them, filled with made-up people.

Belongs here: headers, and what each column is. Does not: any expectation beyond that (integration/test_census_layouts.py).
A layout is a line of `Header=what`, where `what` is a key of `WRITTEN`: the people's value in some form.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Member:
    """Somebody who does not exist. Dates are None where nothing happened; money in dollars."""

    number: int
    born: date
    hired: date
    pay: int
    left: date | None = None
    again: date | None = None
    rate: int = 0
    roth: int = 0
    hours: int = 40
    status: str = "A"
    union: bool = False
    owns: int = 0
    site: str = "Main"


PEOPLE = (
    Member(1001, date(1971, 2, 14), date(2009, 6, 22), 88_400, rate=6, roth=2),
    Member(1002, date(1984, 11, 30), date(2016, 1, 18), 52_000, rate=4, site="Plant 2"),
    Member(1003, date(1990, 7, 8), date(2021, 9, 13), 41_600, hours=20),
    Member(1004, date(1966, 12, 19), date(2001, 3, 26), 124_800, rate=10, owns=60),
    Member(1005, date(1979, 5, 27), date(2011, 10, 31), 67_600, left=date(2023, 4, 28), status="T"),
    Member(1006, date(1988, 8, 21), date(2014, 2, 17), 58_240, left=date(2018, 7, 13), again=date(2022, 8, 15), rate=3),
    Member(1007, date(1993, 1, 25), date(2019, 5, 20), 46_800, union=True, site="Plant 2"),
    Member(1008, date(1975, 9, 16), date(2006, 11, 27), 72_800, status="L", rate=5),
    Member(1009, date(1996, 4, 29), date(2022, 12, 19), 39_520, roth=7),
    Member(1010, date(1962, 10, 13), date(1998, 8, 24), 93_600, left=date(2025, 3, 31), rate=8),
)
#: Whoever is employed on 31 December 2024.
AT_WORK = [member for member in PEOPLE if member.number != 1005]


def _us(day: date | None) -> str:
    return day.strftime("%m/%d/%Y") if day else ""


def _money(amount: float) -> str:
    return f"{amount:.2f}"


def _latest(member: Member) -> date:
    return member.again or member.hired


#: Each form of each fact, with PlanWise's column for it (None: without effect).
WRITTEN: dict[str, tuple[str | None, Callable[[Member], Any]]] = {
    "id": ("employee_id", lambda m: f"{m.number:06}"),
    "ssn": ("employee_id", lambda m: f"900-{m.number % 100:02}-{m.number}"),
    "last": ("last_name", lambda m: f"Ash{m.number}"),
    "first": ("first_name", lambda _: "Jo"),
    "name": ("first_name", lambda m: f"Ash{m.number}, Jo"),
    "dob": ("birth_date", lambda m: _us(m.born)),
    "dob_iso": ("birth_date", lambda m: m.born.isoformat()),
    "dob_short": ("birth_date", lambda m: m.born.strftime("%m/%d/%y")),
    "dob_word": ("birth_date", lambda m: m.born.strftime("%d-%b-%Y")),
    "dob_compact": ("birth_date", lambda m: m.born.strftime("%Y%m%d")),
    "hire": ("hire_date", lambda m: _us(m.hired)),
    "hire_iso": ("hire_date", lambda m: m.hired.isoformat()),
    "hire_short": ("hire_date", lambda m: m.hired.strftime("%m/%d/%y")),
    "hire_word": ("hire_date", lambda m: m.hired.strftime("%d-%b-%Y")),
    "hire_compact": ("hire_date", lambda m: m.hired.strftime("%Y%m%d")),
    "latest": ("hire_date", lambda m: _us(_latest(m))),
    "latest_iso": ("hire_date", lambda m: _latest(m).isoformat()),
    "original": ("original_hire_date", lambda m: _us(m.hired)),
    "original_iso": ("original_hire_date", lambda m: m.hired.isoformat()),
    "term": ("termination_date", lambda m: _us(m.left)),
    "term_iso": ("termination_date", lambda m: m.left.isoformat() if m.left else ""),
    "term_short": ("termination_date", lambda m: m.left.strftime("%m/%d/%y") if m.left else ""),
    "term_word": ("termination_date", lambda m: m.left.strftime("%d-%b-%Y") if m.left else ""),
    "term_compact": ("termination_date", lambda m: m.left.strftime("%Y%m%d") if m.left else ""),
    "again": ("rehire_date", lambda m: _us(m.again)),
    "again_iso": ("rehire_date", lambda m: m.again.isoformat() if m.again else ""),
    "again_short": ("rehire_date", lambda m: m.again.strftime("%m/%d/%y") if m.again else ""),
    "again_word": ("rehire_date", lambda m: m.again.strftime("%d-%b-%Y") if m.again else ""),
    "again_compact": ("rehire_date", lambda m: m.again.strftime("%Y%m%d") if m.again else ""),
    "pay": ("annual_compensation", lambda m: _money(m.pay)),
    "pay_usd": ("annual_compensation", lambda m: f"${m.pay:,.2f}"),
    "pay_whole": ("annual_compensation", lambda m: str(m.pay)),
    "paid": ("prior_year_compensation", lambda m: f"{m.pay:,.2f}"),
    "eligible_pay": ("plan_compensation", lambda m: f"{m.pay:,.2f}"),
    "rate_an_hour": ("hourly_rate", lambda m: f"{m.pay / 52 / m.hours:.4f}"),
    "weekly_hours": ("scheduled_hours_per_week", lambda m: m.hours),
    "yearly_hours": ("annual_hours", lambda m: m.hours * 52),
    "hours": ("hours_prior_year_1", lambda m: m.hours * 52),
    "percent": ("deferral_rate", lambda m: m.rate),
    "percent_sign": ("deferral_rate", lambda m: f"{m.rate}%"),
    "share": ("deferral_rate", lambda m: f"{m.rate / 100:.2f}"),
    "roth_percent": ("roth_rate", lambda m: m.roth),
    "roth_sign": ("roth_rate", lambda m: f"{m.roth}%"),
    "dollars": ("pretax_deferral", lambda m: _money(m.pay * m.rate / 100)),
    "roth_dollars": ("roth_deferral", lambda m: _money(m.pay * m.roth / 100)),
    "period_dollars": ("pretax_deferral", lambda m: _money(m.pay * m.rate / 100 / 26)),
    "frequency": ("pay_frequency", lambda _: "Biweekly"),
    "status": ("employment_status", lambda m: m.status),
    "status_word": ("employment_status", lambda m: {"A": "Active", "T": "Terminated", "L": "Leave of Absence"}[m.status]),
    "active": ("active", lambda m: "No" if m.status == "T" else "Yes"),
    "leave": ("on_leave", lambda m: "Y" if m.status == "L" else "N"),
    "union": ("union_member", lambda m: "Y" if m.union else "N"),
    "owner": ("owner_5pct", lambda m: "Y" if m.owns > 5 else "N"),
    "owns": ("ownership_percent", lambda m: f"{m.owns}%"),
    "family": ("family_relationship", lambda _: ""),
    "officer": ("officer", lambda m: "Y" if m.owns else "N"),
    "match": ("employer_match_paid", lambda m: _money(m.pay * min(m.rate, 4) / 200)),
    "excluded": ("plan_exclusion", lambda _: "N"),
    "reason": ("termination_reason", lambda m: "Voluntary" if m.left else ""),
    "entry": ("enrollment_date", lambda m: _us(_latest(m)) if m.rate or m.roth else ""),
    "service": ("service_date", lambda m: _us(m.hired)),
    "bonus": ("bonus", lambda m: _money(m.pay * 0.05)),
    "overtime": ("overtime", lambda m: _money(m.pay * 0.02)),
    "site": (None, lambda m: m.site),
    "other": (None, lambda _: "x"),
    "blank": (None, lambda _: ""),
}


def columns_of(layout: str) -> list[tuple[str, str]]:
    """The columns of a layout: header and what it holds."""
    return [(name.strip(), what) for name, _, what in (part.rpartition("=") for part in layout.split(";") if part.strip())]


def file_of(layout: str, **dialect: Any) -> str:
    """The layout's file, with all the people."""
    columns = columns_of(layout)
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n", **dialect)
    writer.writerow([name for name, _ in columns])
    writer.writerows([WRITTEN[what][1](member) for _, what in columns] for member in PEOPLE)
    return made.getvalue()


#: By its kind and number: recordkeepers (r), payroll vendors (p), personnel systems (h), administrators (a).
LAYOUTS: dict[str, str] = {
    "r1": "Social Security Number=ssn;Last Name=last;First Name=first;Birth Date=dob;Hire Date=hire;Termination Date=term;"
    "Rehire Date=again;Plan Year Compensation=paid;Plan Year Hours=hours;Pre-Tax Contributions=dollars;"
    "Roth Contributions=roth_dollars;Match Contributions=match",
    "r2": "SSN=ssn;EE Name=name;DOB=dob;DOH=hire;DOT=term;DOR=again;Gross Comp=paid;Hours=hours;401(k) Deferrals=dollars;"
    "Roth 401(k) Deferrals=roth_dollars;% Owned=owns;Officer (Y/N)=officer",
    "r3": "Participant SSN=ssn;Participant Last Name=last;Participant First Name=first;Participant DOB=dob;"
    "Participant Hire Date=hire;Participant Termination Date=term;Participant Rehire Date=again;Total Compensation=paid;"
    "Deferral %=percent_sign;Roth %=roth_sign",
    "r4": "Soc Sec No=ssn;Name=name;Date of Birth (MM/DD/YYYY)=dob;Date of Hire (MM/DD/YYYY)=hire;"
    "Date of Termination (MM/DD/YYYY)=term;Date of Rehire (MM/DD/YYYY)=again;Annual Salary ($)=pay_usd;"
    "Deferral Percentage (%)=percent",
    "r5": "EE_SSN=ssn;EE_LAST_NM=last;EE_FIRST_NM=first;BIRTH_DT=dob_compact;HIRE_DT=hire_compact;TERM_DT=term_compact;"
    "REHIRE_DT=again_compact;YTD_GROSS_COMP=paid;YTD_HOURS=hours;PRETAX_DEF_AMT=dollars;ROTH_DEF_AMT=roth_dollars",
    "r6": "Employee SSN=ssn;Original Hire Date=original;Most Recent Hire Date=latest;Termination Date=term;Birth Date=dob;"
    "W-2 Wages=paid;Hours of Service=hours;Elective Deferrals=dollars;Roth Elective Deferrals=roth_dollars",
    "r7": "Tax ID=ssn;Surname=last;Given Name=first;Born=dob_word;Employed=hire_word;Left=term_word;Rehired=again_word;"
    "Base Salary=pay;Contribution Rate=share",
    "r8": "SSN #=ssn;Date Of Birth=dob_short;Date Of Hire=hire_short;Date Of Term=term_short;Date Of Rehire=again_short;"
    "Compensation=pay;401k %=percent",
    "r9": "Participant ID=id;Birthdate=dob;Hiredate=hire;Termdate=term;Rehiredate=again;Annual Comp=pay;"
    "Pre-Tax Deferral %=percent;Roth Deferral %=roth_percent;Entry Date=entry;Plan Status=status_word",
    "r10": "Emp SSN=ssn;DOB=dob;Orig DOH=original;Last DOH=latest;Last DOT=term;Comp 415=paid;Plan Comp=eligible_pay;"
    "EE Pretax=dollars;EE Roth=roth_dollars;ER Match=match;Hrs=hours",
    "p1": "Company Code=other;File Number=id;Payroll Name=name;Birth Date=dob;Hire Date=hire;Rehire Date=again;"
    "Termination Date=term;Position Status=status_word;Annual Salary=pay_usd;Standard Hours=weekly_hours;"
    "401K Deduction %=percent",
    "p2": "Employee ID=id;Employee Name=name;Date of Birth=dob;Last Hire Date=latest;Original Hire Date=original;"
    "Termination Date=term;Base Rate=rate_an_hour;Scheduled Hours=weekly_hours;Employee Status=status;"
    "Pretax 401k %=percent;Roth 401k %=roth_percent",
    "p3": "EmployeeNumber=id;LastName=last;FirstName=first;BirthDate=dob;HireDate=hire;ReHireDate=again;"
    "TerminationDate=term;AnnualPay=pay;PayFrequency=frequency;401kAmount=period_dollars;EmploymentStatus=status_word",
    "p4": "employee_no=id;dob=dob_iso;hire_dt=hire_iso;rehire_dt=again_iso;term_dt=term_iso;annual_rate=pay;"
    "std_hrs=weekly_hours;emp_stat=status;k401_pct=percent",
    "p5": "Emp #=id;Emp Name=name;Birth=dob;Hired=hire;Termed=term;Rehired=again;Gross YTD=paid;Reg Hours=hours;"
    "401k EE YTD=dollars",
    "p6": "Clock Number=id;Employee=name;D.O.B.=dob;D.O.H.=hire;D.O.T.=term;Rehire=again;Hourly Rate=rate_an_hour;"
    "Weekly Hours=weekly_hours;Savings Rate=percent",
    "p7": "Payroll ID=id;Date Born=dob;Start Date=hire;End Date=term;Return Date=again;Salary=pay;FTE Hours=yearly_hours;"
    "Deferral Election=percent_sign",
    "p8": "Associate ID=id;Preferred Name=name;Birth Date=dob;Hire/Rehire Date=latest;Original Hire Date=original;"
    "Termination Date=term;Regular Pay Rate Amount=pay;Deferral Rate=share",
    "p9": "EE ID=id;EE DOB=dob;EE Hire Date=hire;EE Term Date=term;EE Rehire Date=again;EE Annual Salary=pay;"
    "EE 401k Percent=percent;EE Roth Percent=roth_percent;EE Status=status",
    "p10": "ID=id;Birth Date=dob;Hire Date=hire;Term Date=term;Rehire Date=again;Base Pay=pay;Bonus=bonus;Overtime=overtime;"
    "Deferral %=percent",
    "h1": "Worker ID=id;Worker=name;Date of Birth=dob_iso;Hire Date=latest_iso;Original Hire Date=original_iso;"
    "Termination Date=term_iso;Active Status=active;Total Base Pay Annualized - Amount=pay;"
    "Scheduled Weekly Hours=weekly_hours;Location=site",
    "h2": "Person Number=id;Legal Name=name;Date of Birth=dob_iso;Latest Start Date=latest_iso;"
    "First Start Date=original_iso;Termination Date=term_iso;"
    "Assignment Status=status_word;Annual Salary=pay;Working Hours=weekly_hours",
    "h3": "EMPLID=id;NAME=name;BIRTHDATE=dob_iso;HIRE_DT=hire_iso;REHIRE_DT=again_iso;TERMINATION_DT=term_iso;"
    "EMPL_STATUS=status;ANNUAL_RT=pay;STD_HOURS=weekly_hours;LOCATION=site",
    "h4": "PersNo=id;Last name=last;First name=first;Birth date=dob_word;Entry=hire_word;Leaving=term_word;"
    "Annual salary=pay;Employment status=status_word",
    "h5": "Employee Code=id;Employee Name=name;DOB=dob;Hire Date=hire;Rehire Date=again;Term Date=term;"
    "Job Status=status_word;Annual Salary=pay;Department=site",
    "h6": "employeeId=id;dateOfBirth=dob_iso;hireDate=hire_iso;rehireDate=again_iso;terminationDate=term_iso;"
    "annualSalary=pay;deferralPercent=percent;employmentStatus=status_word",
    "h7": "Staff No.=id;D.O.B=dob;Date Joined=hire;Date Left=term;Date Rejoined=again;Annual Salary=pay;FTE=other",
    "h8": "BadgeID=id;Birth_Date=dob;Seniority_Date=service;Hire_Date=latest;Termination_Date=term;Base_Salary=pay_whole;"
    "Emp_Status=status;Union_Flag=union",
    "h9": "Employee Number=id;Employee Status=status_word;Birth Date=dob;Adjusted Service Date=service;Hire Date=latest;"
    "Term Date=term;Annual Base Salary=pay;Cost Center=site",
    "h10": "Personnel No=id;Date of birth=dob;Hire date=hire;Leave date=term;Reentry date=again;Pay annual=pay;"
    "Weekly hours=weekly_hours",
    "a1": "Name=name;SS#=ssn;Sex=other;Birth Date=dob;Hire Date=hire;Term Date=term;Rehire Date=again;Annual Hours=hours;"
    "Total Gross Wages=paid;Salary Deferral $=dollars;Roth Deferral $=roth_dollars;Union=union;Owner %=owns",
    "a2": "Employee Name=name;Social Security #=ssn;D/O/B=dob;D/O/H=hire;D/O/T=term;D/O/R=again;Hours Worked=hours;"
    "Total Comp=paid;Deferrals=dollars;% Ownership=owns;Officer?=officer;Relationship to Owner=family",
    "a3": "SSN=ssn;Last=last;First=first;Date of Birth=dob;Date of Hire=hire;Date of Term.=term;Date of Rehire=again;"
    "Hours=hours;Gross Pay=paid;401(k) Pre-Tax=dollars;401(k) Roth=roth_dollars;5% Owner=owner;Key Employee=officer",
    "a4": "Employee=name;ID=id;Birth=dob;Hire=hire;Term=term;Rehire=again;Comp=pay;Deferral=percent;Excluded=excluded",
    "a5": "Emp. No.=id;Date of Birth=dob;Date of Hire=hire;Date of Termination=term;Date of Rehire=again;"
    "Reason for Termination=reason;Compensation for Plan Year=paid;Hours for Plan Year=hours;"
    "Elective Deferrals for Plan Year=dollars;Collectively Bargained (Y/N)=union",
    "a6": "SSN=ssn;DOB=dob;DOH=hire;Term=term;Rehire=again;W-2 Box 1=paid;W-2 Box 12 Code D=dollars;Hours=hours",
    "a7": "Participant=name;SSN=ssn;Birth Date=dob;Employment Date=hire;Separation Date=term;Reemployment Date=again;"
    "Annual Earnings=paid;Service Hours=hours;Deferral Amount=dollars;Leave of Absence=leave",
    "a8": "ID Number=id;Date of Birth=dob;Employment Start=hire;Employment End=term;Rehire Date=again;Yearly Salary=pay;"
    "Deferral Rate=percent",
    "a9": "Emp Id=id;Birth Dt=dob;Hire Dt=hire;Term Dt=term;Rehire Dt=again;Sal=pay;Def Pct=percent;Roth Pct=roth_percent;"
    "Stat=status",
    "a10": "Employee ID No.=id;Birthdate=dob;Last Date of Hire=latest;Original Date of Hire=original;Date Terminated=term;"
    "Base Annual Salary=pay;Current Deferral %=percent_sign",
    "u1": "Payroll Number=id;Date of Birth=dob_word;Date Joined Company=hire_word;Date of Leaving=term_word;"
    "Date of Re-hire=again_word;Full Time Salary=pay;Contracted Hours=weekly_hours",
    "u2": "Employee Reference=id;Birth Date=dob_iso;Continuous Service Date=hire_iso;Leaving Date=term_iso;"
    "Rehire Date=again_iso;Basic Salary=pay",
    "t1": "Emp ID=id;Birth Date=dob;Hire Date=hire;Term Date=term;Rehire Date=again;Monthly Salary=pay",
    "t2": "Emp ID=id;Age=other;Hire Date=hire;Salary=pay",
    "t3": "Emp ID=id;Birth Date=dob;Years of Service=other;Salary=pay",
    "t4": "Emp ID=id;Birth Year=other;Hire Date=hire;Salary=pay",
}
