"""People in place of rows: who came back, who is on leave, what somebody is paid a year and defers, who owns the company."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from planwise_assets.intake.people import _service
from planwise_assets.intake.reading.table import CensusError
from planwise_assets.study.sections.census import CensusReading
from tests.census_files import read, text_of, write

BORN = "1980-05-05"


def census(folder: Path, header: str, *lines: str, want: str, end: date = date(2024, 12, 31), **reading: Any) -> list[Any]:
    """The wanted columns of each person."""
    content = text_of([line.split(";") for line in lines], header=header.split(";"))
    found, _ = read(write(folder, content), columns=want.split(","), reading=CensusReading(**reading), census_date=end)
    return found


SPELLS = "ID;DOB;Date of Hire;Date of Termination 1;Date of Rehire;Date of Termination 2;Annual Salary"
WANT = "hire_date,termination_date,service_date"


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ("2008-05-20;;;", ("2008-05-20", None, None)),
        ("2019-03-04;2024-06-14;;", ("2019-03-04", "2024-06-14", None)),
        # Five years and 207 days before a break of four years: they move to just before the rehire.
        ("2012-02-06;2017-08-31;2021-05-03;", ("2021-05-03", None, "2015-10-08")),
        ("2010-02-01;2015-08-31;2022-05-02;2024-09-30", ("2022-05-02", "2024-09-30", "2016-10-02")),
        # A break shorter than twelve months counts as service: 26 CFR 1.410(a)-7(d)(1)(iii).
        ("2012-04-06;2024-02-15;2024-11-01;", ("2024-11-01", None, "2012-04-06")),
        # Two whole years before, whatever leap days lie in them.
        ("2012-04-02;2014-04-01;2024-01-02;", ("2024-01-02", None, "2022-01-02")),
        # An announced leaver is at work on the census date.
        ("2012-04-02;2025-03-31;;", ("2012-04-02", "2025-03-31", None)),
    ],
)
def test_an_employment_and_its_service(tmp_path: Path, dates: str, expected: tuple[str | None, ...]) -> None:
    assert census(tmp_path, SPELLS, f"A;{BORN};{dates};60000", want=WANT) == [expected]


def test_two_years_before_a_gap_and_one_after_are_three(tmp_path: Path) -> None:
    """13 years from the first hire to the end of 2025; the ten between the employments do not count."""
    header = "ID;DOB;Original Hire Date;Date of Termination;Last Hire Date;Annual Salary"
    found = census(tmp_path, header, f"REHIRED;{BORN};2012-04-02;2014-04-01;2024-12-31;60000", want=WANT)
    service = date.fromisoformat(found[0][2])
    assert (2025 - service.year, service.isoformat()) == (3, "2022-12-31")


def test_an_exit_before_the_hire_and_after_service_began_is_an_earlier_employment(tmp_path: Path) -> None:
    """As systems export people who came back: the latest hire, the former exit, and the adjusted service date."""
    header = "ID;DOB;Adjusted Service Date;Latest Hire Date;Term Date;Salary"
    found = census(tmp_path, header, f"A;{BORN};2014-02-17;2022-08-15;2018-07-13;60000", want=WANT)
    assert found == [("2022-08-15", None, "2014-02-17")]
    # Without service before it the exit is a mistake, which the models refuse by its place.
    mistaken = census(tmp_path, header, f"A;{BORN};2022-08-15;2022-08-15;2018-07-13;60000", want=WANT)
    assert mistaken == [("2022-08-15", "2018-07-13", "2022-08-15")]


def test_a_break_of_unknown_length_asks(tmp_path: Path) -> None:
    header, line = "ID;DOB;Original Hire Date;Last Hire Date;Annual Salary", f"REHIRED;{BORN};2012-04-02;2024-01-02;60000"
    with pytest.raises(CensusError, match=r"REHIRED in line 2.*--breaks lost"):
        census(tmp_path, header, line, want=WANT)
    assert census(tmp_path, header, line, want=WANT, unknown_breaks="lost") == [("2024-01-02", None, None)]
    assert census(tmp_path, header, line, want=WANT, unknown_breaks="kept") == [("2024-01-02", None, "2012-04-02")]
    prior = census(tmp_path, f"{header};Prior Years of Service", f"{line};2", want=WANT, unknown_breaks="lost")
    assert prior == [("2024-01-02", None, "2022-01-02")]
    same = f"LTPT;{BORN};2024-01-02;2024-01-02;60000"
    assert census(tmp_path, header, same, want=WANT) == [("2024-01-02", None, None)]


def test_rows_of_one_person_become_one(tmp_path: Path) -> None:
    header = "ID;DOB;Hire Date;Term Date;Annual Salary"
    lines = [f"A;{BORN};2012-04-02;2014-04-01;40000", f"B;{BORN};2020-01-01;;50000", f"A;{BORN};2024-01-02;;60000"]
    content = text_of([line.split(";") for line in lines], header=header.split(";"))
    found, read_as = read(write(tmp_path, content), columns=["employee_id", "annual_compensation", "service_date"])
    assert found == [("B", "50000", None), ("A", "60000", "2022-01-02")]
    assert (read_as.rows, read_as.folded) == (3, 1)
    assert [(left.place, left.kind) for left in read_as.table.left_out][-1] == (2, "earlier employment")


@pytest.mark.parametrize(
    "other", ["A;1981-05-05;2024-01-02;;60000", f"A;{BORN};2014-01-02;;60000", f"A;{BORN};2012-04-02;2014-04-01;60000"]
)
def test_two_people_of_one_id_stay_two(tmp_path: Path, other: str) -> None:
    """Another birth date, overlapping employments, the same row again: refused by the models as an id that occurs twice."""
    found = census(
        tmp_path, "ID;DOB;Hire Date;Term Date;Annual Salary", f"A;{BORN};2012-04-02;2014-04-01;40000", other, want=WANT
    )
    assert len(found) == 2


def test_service_of_several_rows_adds_up() -> None:
    rows: list[Any] = [
        ("A", 2, BORN, date(2000, 1, 1), date(2001, 12, 31), None),
        ("A", 3, BORN, date(2005, 1, 1), date(2005, 12, 31), None),
        ("A", 4, BORN, date(2010, 1, 1), None, None),
    ]
    assert _service(rows) == date(2007, 1, 1)


@pytest.mark.parametrize(
    ("dates", "below", "service"),
    [
        # Two years of service, nine away: lost where a right is vested from three years on, kept where from two.
        ("2012-04-02;2014-04-01;2023-04-02;", None, "2021-04-02"),
        ("2012-04-02;2014-04-01;2023-04-02;", 2, "2021-04-02"),
        ("2012-04-02;2014-04-01;2023-04-02;", 3, "2023-04-02"),
        # Less than five years away; five to the day.
        ("2012-04-02;2014-04-01;2019-04-01;", 3, "2017-04-01"),
        ("2012-04-02;2014-04-01;2019-04-02;", 3, "2019-04-02"),
        # Six whole years of service, five away: fewer than the service, so nothing is lost.
        ("2008-04-02;2014-04-01;2019-04-02;", 6, "2013-04-02"),
    ],
)
def test_service_that_the_rule_of_parity_disregards(tmp_path: Path, dates: str, below: int | None, service: str) -> None:
    """IRC 411(a)(6)(D), the same from one row and from two."""
    assert census(tmp_path, SPELLS, f"A;{BORN};{dates};60000", want=WANT, parity_below_years=below)[0][2] == service
    first, left, again, _ = dates.split(";")
    lines = [f"A;{BORN};{first};{left};40000", f"A;{BORN};{again};;60000"]
    found = census(
        tmp_path, "ID;DOB;Hire Date;Term Date;Annual Salary", *lines, want="service_date", parity_below_years=below
    )
    assert found == [(service,)]


PAID = "Emp No;DOB;Date of Hire;Date of Termination;Date of Rehire;Hours Worked;Gross Pay"


@pytest.mark.parametrize(
    ("line", "year", "yearly"),
    [
        ("R1;1969-01-17;2025-08-28;;;;15201.00", 2025, "44034.64"),  # x 365 / 126
        ("R2;1954-04-22;2025-08-17;;;;22154.00", 2025, "59023.43"),  # x 365 / 137
        ("F1;1980-04-22;2015-08-17;;;;58000.00", 2025, "58000.00"),
        ("F3;1983-03-17;2024-10-01;;;520;16000", 2024, "63652.17"),  # x 366 / 92
        # 46 days to 15 February, 61 from 1 November: x 366 / 107.
        ("F5;1985-03-19;2012-04-06;2024-02-15;2024-11-01;700;21000", 2024, "71831.78"),
        # 2,080 hours in 193 days are no part of a year.
        ("H;1987-02-18;2024-06-22;;;2080;121391", 2024, "121391"),
        ("L;1984-03-18;2012-04-05;;;0;0", 2024, "0"),
    ],
)
def test_pay_of_a_part_of_the_year_becomes_a_yearly_rate(tmp_path: Path, line: str, year: int, yearly: str) -> None:
    found = census(tmp_path, PAID, line, want="annual_compensation,prior_year_compensation", end=date(year, 12, 31))
    assert found == [(yearly, line.rsplit(";", maxsplit=1)[-1])]


def test_a_yearly_rate_and_what_was_paid_are_both_kept(tmp_path: Path) -> None:
    header = "ID;DOB;Hire Date;Annual Salary;Gross Pay"
    found = census(tmp_path, header, f"A;{BORN};2024-08-28;45000;15201", want="annual_compensation,prior_year_compensation")
    assert found == [("45000", "15201")]


def test_an_hourly_rate_is_a_yearly_one_by_its_hours(tmp_path: Path) -> None:
    header = "ID;DOB;Hire Date;Pay Rate;Annual Hours"
    want = "annual_compensation,scheduled_hours_per_week"
    found = census(tmp_path, header, f"A;{BORN};2010-01-01;25.50;2080", f"B;{BORN};2010-01-01;20;1040", want=want)
    assert found == [("53040.00", "40.00"), ("20800.00", "20.00")]
    weekly = census(tmp_path, "ID;DOB;Hire Date;Pay Rate;Weekly Hours", f"A;{BORN};2010-01-01;25.50;30", want=want)
    assert weekly == [("39780.00", "30")]


def test_hours_worked_say_who_works_part_time(tmp_path: Path) -> None:
    header = "ID;DOB;Hire Date;Hours Worked;Annual Salary"
    lines = (f"A;{BORN};2010-01-01;2080;60000", f"B;{BORN};2010-01-01;700;17500", f"C;{BORN};2010-01-01;0;17500")
    want = "scheduled_hours_per_week"
    assert census(tmp_path, header, *lines, want=want, weekly_hours="worked") == [("40.00",), ("13.46",), (None,)]
    assert census(tmp_path, header, *lines, want=want) == [(None,), (None,), (None,)]


RATE = "deferral_rate"


@pytest.mark.parametrize(
    ("header", "values", "reading", "rates"),
    [
        ("401k %", ["6%", "4.5 %", "0%"], {}, ["0.060000", "0.045000", "0.000000"]),
        ("Deferral Rate", ["0.06", "0.1", ""], {}, ["0.06", "0.1", None]),
        ("Deferral Rate", ["0", "6", "10"], {}, ["0.000000", "0.060000", "0.100000"]),
        ("Deferral Rate", ["0", "1", "1"], {"rates": "percent"}, ["0.000000", "0.010000", "0.010000"]),
        ("Deferral Rate", ["0", "1", "1"], {"rates": "share"}, ["0", "1", "1"]),
        ("Deferral Rate", ["0", "0,5", "6,5"], {}, ["0.000000", "0.005000", "0.065000"]),
    ],
)
def test_a_rate_is_a_share(tmp_path: Path, header: str, values: list[str], reading: Any, rates: list[str]) -> None:
    lines = [f"P{place};{BORN};2010-01-01;60000;{value}" for place, value in enumerate(values)]
    found = census(tmp_path, f"ID;DOB;Hire Date;Annual Salary;{header}", *lines, want=RATE, **reading)
    assert [row[0] for row in found] == rates


@pytest.mark.parametrize("values", [["0", "1"], ["0", "0.5", "1"], ["0.06", "6"]])
def test_a_rate_that_may_be_either_asks(tmp_path: Path, values: list[str]) -> None:
    lines = [f"P{place};{BORN};2010-01-01;60000;{value}" for place, value in enumerate(values)]
    with pytest.raises(CensusError, match="--rates percent"):
        census(tmp_path, "ID;DOB;Hire Date;Annual Salary;Deferral Rate", *lines, want=RATE)


def test_dollars_are_shares_of_the_pay_that_they_are_of(tmp_path: Path) -> None:
    paid = "ID;DOB;Hire Date;Gross Compensation;Plan Compensation;Pre-Tax Deferrals;Roth Deferrals"
    lines = (f"A;{BORN};2010-01-01;97066;97066;9706.60;1941.32", f"B;{BORN};2010-01-01;83750;83750;0;0")
    assert census(tmp_path, paid, *lines, want=RATE) == [("0.120000",), ("0",)]
    each = "ID;DOB;Hire Date;Annual Salary;Deferral Amount"
    line = f"A;{BORN};2010-01-01;52000;200"
    with pytest.raises(CensusError, match="--deferral-dollars"):
        census(tmp_path, each, line, want=RATE)
    assert census(tmp_path, each, line, want=RATE, deferral_dollars_each="biweek") == [("0.100000",)]
    assert census(tmp_path, f"{each};Pay Frequency", f"{line};Bi-Weekly", want=RATE) == [("0.100000",)]
    assert census(tmp_path, f"{each};Pay Frequency", f"{line};52", want=RATE) == [("0.200000",)]


def test_roth_and_pretax_rates_are_one_deferral(tmp_path: Path) -> None:
    header = "ID;DOB;Hire Date;Annual Salary;Pretax %;Roth %"
    assert census(tmp_path, header, f"A;{BORN};2010-01-01;52000;6%;2%", want=RATE) == [("0.080000",)]


STATUS = "ID;DOB;Hire Date;Annual Salary;Emp Status"


@pytest.mark.parametrize(
    ("words", "active", "excluded"),
    [
        (["A", "L", "T", "R", "D"], ["true", "true", "false", "false", "false"], [None] * 5),
        (
            ["Active", "Leave of Absence", "Terminated", "Retired", "Deceased"],
            ["true", "true", "false", "false", "false"],
            [None] * 5,
        ),
        (["Full-Time", "Part-Time", "Laid off", "On Leave - Unpaid"], ["true", "true", "false", "true"], [None] * 4),
        (
            ["Active", "Union", "Leased", "Nonresident Alien", "Excluded"],
            ["true"] * 5,
            [None, "true", "true", "true", "true"],
        ),
    ],
)
def test_a_status_says_who_is_employed_and_covered(
    tmp_path: Path, words: list[str], active: list[str], excluded: list[str | None]
) -> None:
    lines = [f"P{place};{BORN};2010-01-01;60000;{word}" for place, word in enumerate(words)]
    assert census(tmp_path, STATUS, *lines, want="active,plan_exclusion") == list(zip(active, excluded, strict=True))


def test_t_is_terminated_beside_a_and_true_beside_f(tmp_path: Path) -> None:
    header = "ID;DOB;Hire Date;Annual Salary;Active"
    letters = [f"P{place};{BORN};2010-01-01;60000;{word}" for place, word in enumerate("ATA")]
    flags = [f"P{place};{BORN};2010-01-01;60000;{word}" for place, word in enumerate("FTT")]
    assert census(tmp_path, header, *letters, want="active") == [("true",), ("false",), ("true",)]
    assert census(tmp_path, header, *flags, want="active") == [("false",), ("true",), ("true",)]


def test_an_unknown_status_asks_and_is_kept_in_the_study(tmp_path: Path) -> None:
    lines = (f"A;{BORN};2010-01-01;60000;A", f"B;{BORN};2010-01-01;60000;Q7")
    with pytest.raises(CensusError, match=r"'Q7'.*--status 'Q7=active'"):
        census(tmp_path, STATUS, *lines, want="active")
    assert census(tmp_path, STATUS, *lines, want="active", statuses={"Q7": "retired"})[1] == ("false",)


def test_owners_and_their_families(tmp_path: Path) -> None:
    header = "ID;DOB;Hire Date;Annual Salary;Ownership %;Family Relationship"
    relations = (
        "60%;", ";Spouse of Last0", ";Grandson of Last0", "5%;", "5.01%;", ";Father", ";Brother", ";None",
    )  # fmt: skip
    lines = [f"P{place};{BORN};2010-01-01;60000;{relation}" for place, relation in enumerate(relations)]
    found = [row[0] for row in census(tmp_path, header, *lines, want="owner_5pct")]
    assert found == ["true", "true", None, None, "true", "true", None, None]


def test_whom_the_plan_lets_defer_it_covers(tmp_path: Path) -> None:
    header = "ID;DOB;Hire Date;Annual Salary;Union (Y/N);401k %"
    lines = (f"A;{BORN};2010-01-01;60000;Y;0%", f"B;{BORN};2010-01-01;60000;Y;6%", f"C;{BORN};2010-01-01;60000;Local 12;0%")
    assert census(tmp_path, header, *lines, want="plan_exclusion") == [("true",), (None,), ("true",)]


@pytest.mark.parametrize(
    ("header", "value", "words"),
    [
        ("Date of Rehire", "soon", ["line 2: 'soon'", "Date of Rehire"]),
        ("Hourly Rate", "lots", ["line 2: 'lots'"]),
        ("Leased", "perhaps", ["neither yes nor no", "'perhaps'", "--ignore 'Leased'"]),
    ],
)
def test_what_no_model_sees_is_refused_by_the_reader(tmp_path: Path, header: str, value: str, words: list[str]) -> None:
    with pytest.raises(CensusError) as refusal:
        census(tmp_path, f"ID;DOB;Hire Date;Annual Salary;{header}", f"A;{BORN};2010-01-01;60000;{value}", want="active")
    assert [word for word in words if word not in str(refusal.value)] == []


def test_days_that_stand_for_none_are_none(tmp_path: Path) -> None:
    header = "ID;DOB;Hire Date;Term Date;Annual Salary"
    lines = [
        f"P{place};{BORN};2010-01-01;{day};60000"
        for place, day in enumerate(("12/31/9999", "00/00/0000", "N/A", "06/30/2024"))
    ]
    assert [row[0] for row in census(tmp_path, header, *lines, want="termination_date")] == [None, None, None, "2024-06-30"]
