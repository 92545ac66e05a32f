"""Histories as clients have them: who was at risk, who left, and what is odd."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from planwise_assets.evidence.errors import EvidenceError
from planwise_assets.evidence.history import Evidence, read_evidence
from planwise_assets.intake.reading.table import CensusError

HEADER = ("employee_id", "birth_date", "hire_date", "termination_date", "reason")


def write(file: Path, rows: Sequence[Sequence[str]], header: Sequence[str] = HEADER) -> Path:
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows([header, *rows])
    return file


def year_ends(folder: Path, *files: tuple[int, Sequence[Sequence[str]]]) -> list[Path]:
    return [write(folder / f"census_{year}.csv", rows) for year, rows in files]


def cells(evidence: Evidence) -> list[tuple[int, int, int, float, float, float]]:
    """(year, age, service, people, person-years, exits) of each cell."""
    seen = evidence.experience
    columns = (seen.year, seen.age, seen.service, seen.people, seen.person_years, seen.exits)
    return [tuple(row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def kinds(evidence: Evidence) -> dict[str, int]:
    return {oddity.kind: oddity.count for oddity in evidence.oddities}


ANN = ("A", "1980-06-01", "2015-03-01", "", "")
BEN = ("B", "1970-02-10", "2010-07-01", "", "")


def test_only_those_of_the_first_year_end_are_at_risk_and_the_missing_have_left(tmp_path: Path) -> None:
    """Files without leavers: the watch begins on 31 December of the first, and who is missing left, nobody knows when."""
    evidence = read_evidence(year_ends(tmp_path, (2020, [ANN, BEN]), (2021, [ANN])))
    assert evidence.window.start == date(2020, 12, 31)
    assert not evidence.window.lists_leavers
    assert cells(evidence) == [(2021, 40, 5, 1.0, 1.0, 0.0), (2021, 50, 10, 1.0, 0.5, 1.0)]
    assert list(evidence.experience.events) == ["unknown"]
    assert kinds(evidence) == {}


def test_a_hire_is_at_risk_from_the_next_year_on(tmp_path: Path) -> None:
    new = ("C", "1990-01-01", "2021-05-01", "", "")
    evidence = read_evidence(year_ends(tmp_path, (2020, [ANN]), (2021, [ANN, new]), (2022, [ANN])))
    assert [row for row in cells(evidence) if row[1] in (31, 32)] == [(2022, 32, 0, 1.0, 0.5, 1.0)]


def test_leavers_listed_make_the_first_year_whole_and_their_days_count(tmp_path: Path) -> None:
    gone = ("B", "1970-02-10", "2010-07-01", "2020-03-31", "Retired")
    evidence = read_evidence(year_ends(tmp_path, (2020, [ANN, gone]), (2021, [ANN])))
    assert evidence.window.lists_leavers
    assert evidence.experience.causes == ["retirement"]
    rows = {row[:3]: row[3:] for row in cells(evidence)}
    assert rows[2020, 49, 9] == (1.0, pytest.approx(91 / 366), 1.0)
    assert rows[2020, 39, 4] == (1.0, 1.0, 0.0)


def test_a_vanished_person_is_an_exit_and_listed(tmp_path: Path) -> None:
    gone = ("B", "1970-02-10", "2010-07-01", "2020-03-31", "Quit")
    other = ("C", "1985-02-10", "2012-07-01", "", "")
    evidence = read_evidence(year_ends(tmp_path, (2020, [ANN, gone, other]), (2021, [ANN])))
    assert kinds(evidence) == {"vanished": 1}
    assert evidence.experience.events["unknown"].sum() == 1


def test_left_truncation_those_first_seen_later_were_not_at_risk_before(tmp_path: Path) -> None:
    late = ("C", "1975-01-01", "2005-01-01", "", "")
    gone = ("B", "1970-02-10", "2010-07-01", "2020-03-31", "Quit")
    evidence = read_evidence(year_ends(tmp_path, (2020, [ANN, gone]), (2021, [ANN, late]), (2022, [ANN, late])))
    assert kinds(evidence) == {"transfers in": 1}
    years_of_late = [row[0] for row in cells(evidence) if row[2] >= 15]
    assert years_of_late == [2021, 2022]


def test_an_id_that_changes_is_one_person(tmp_path: Path) -> None:
    renamed = ("A-2", *ANN[1:])
    evidence = read_evidence(year_ends(tmp_path, (2020, [ANN, BEN]), (2021, [renamed, BEN]), (2022, [renamed, BEN])))
    assert kinds(evidence) == {"changed ids": 1}
    assert evidence.experience.exits.sum() == 0
    assert evidence.experience.people.sum() == 4


def test_a_restated_hire_date_is_listed_and_the_first_one_counts(tmp_path: Path) -> None:
    restated = ("A", "1980-06-01", "2018-03-01", "", "")
    evidence = read_evidence(year_ends(tmp_path, (2020, [ANN]), (2021, [restated]), (2022, [restated])))
    assert kinds(evidence) == {"restated hire dates": 1}
    assert [row[2] for row in cells(evidence)] == [5, 6]


def test_a_rehire_begins_anew(tmp_path: Path) -> None:
    back = ("B", "1970-02-10", "2022-04-01", "", "")
    evidence = read_evidence(
        year_ends(tmp_path, (2020, [ANN, BEN]), (2021, [ANN]), (2022, [ANN, back]), (2023, [ANN, back]))
    )
    assert kinds(evidence)["rehired"] == 1
    assert [row for row in cells(evidence) if row[1] >= 50] == [(2021, 50, 10, 1.0, 0.5, 1.0), (2023, 52, 0, 1.0, 1.0, 0.0)]


def test_a_gap_of_a_year_is_no_exit(tmp_path: Path) -> None:
    evidence = read_evidence(year_ends(tmp_path, (2020, [ANN, BEN]), (2021, [ANN]), (2022, [ANN, BEN])))
    assert kinds(evidence)["gaps"] == 1
    assert evidence.experience.exits.sum() == 0


def test_a_part_year_file_counts_for_its_part(tmp_path: Path) -> None:
    header = (*HEADER, "as_of")
    files = [
        write(tmp_path / "first.csv", [(*ANN, "2020-12-31")], header),
        write(tmp_path / "second.csv", [(*ANN, "2021-06-30")], header),
    ]
    evidence = read_evidence(files)
    assert kinds(evidence) == {"part-year file": 1}
    assert evidence.experience.duration.tolist() == [pytest.approx(181 / 365, abs=2e-3)]


def test_one_file_with_dates(tmp_path: Path) -> None:
    header = ("employee_id", "birth_date", "hire_date", "termination_date", "rehire_date", "reason")
    rows = [
        ("A", "1980-06-01", "2015-03-01", "", "", ""),
        ("B", "1970-02-10", "2010-07-01", "2019-09-30", "2020-02-01", "quit"),
        ("C", "1960-02-10", "1990-07-01", "2020-12-15", "", "retired"),
    ]
    evidence = read_evidence([write(tmp_path / "people.csv", rows, header)])
    assert evidence.history.form == "dates"
    assert (evidence.window.start, evidence.window.end) == (date(2019, 1, 1), date(2020, 12, 31))
    assert kinds(evidence) == {"rehired": 1}
    assert {cause: values.sum() for cause, values in evidence.experience.events.items()} == {
        "resignation": 1,
        "retirement": 1,
    }
    # B is back in 2020 as a hire of the year: not at risk in it.
    assert evidence.experience.people[evidence.experience.year == 2020].sum() == 2


def test_a_long_file_packed_with_gzip(tmp_path: Path) -> None:
    rows = [
        ("1", "2006-12-31", "1954-01-03", "1989-08-28", "", "Not Applicable", "2006", "ACTIVE"),
        ("1", "2007-06-30", "1954-01-03", "1989-08-28", "2007-06-30", "Retirement", "2007", "TERMINATED"),
        ("2", "2006-12-31", "1984-01-03", "2004-08-28", "1900-01-01", "Not Applicable", "2006", "ACTIVE"),
        ("2", "2007-12-31", "1984-01-03", "2004-08-28", "1900-01-01", "Not Applicable", "2007", "ACTIVE"),
    ]
    header = (
        *("EmployeeID", "recorddate_key", "birthdate_key", "orighiredate_key", "terminationdate_key"),
        *("termreason_desc", "STATUS_YEAR", "STATUS"),
    )
    plain = write(tmp_path / "stores.csv", rows, header)
    packed = tmp_path / "stores.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    evidence = read_evidence([packed])
    assert evidence.experience.events["retirement"].sum() == 1
    assert evidence.experience.people.sum() == 4
    leaver = evidence.experience.events["retirement"] > 0
    assert evidence.experience.person_years[leaver].tolist() == [pytest.approx(181 / 365)]


def test_groups_are_those_of_the_year_before(tmp_path: Path) -> None:
    header = (*HEADER, "Dept")
    files = [
        write(tmp_path / "c_2020.csv", [(*ANN, "Sales")], header),
        write(tmp_path / "c_2021.csv", [(*ANN, "Stores")], header),
        write(tmp_path / "c_2022.csv", [(*ANN, "Stores")], header),
    ]
    group = read_evidence(files, groups=["Dept"]).experience.groups["dept"]
    assert [group.labels[code] for code in group.codes] == ["Sales", "Stores"]


def test_kaplan_meier_is_the_product_over_the_years(tmp_path: Path) -> None:
    """Everybody hired on one day: survival by the cells equals Kaplan and Meier's by hand."""
    ends = ["2020-05-01", "2020-11-01", "2021-02-01", "2022-08-01", "", "", "", ""]
    rows = [(str(number), "1980-01-01", "2019-06-01", end, "quit" if end else "") for number, end in enumerate(ends)]
    seen = read_evidence([write(tmp_path / "people.csv", rows)]).experience
    survival, by_hand = 1.0, []
    for year in seen.years:
        part = seen.in_years([year])
        survival *= 1 - part.exits.sum() / part.people.sum()
        by_hand.append(survival)
    assert by_hand == pytest.approx([6 / 8, 5 / 8, 4 / 8])


def test_ages_and_years_of_service_stand_in_for_dates(tmp_path: Path) -> None:
    header = ("id", "year", "age", "length_of_service", "status", "reason")
    rows = [
        ("A", "2020", "40", "5", "ACTIVE", ""),
        ("A", "2021", "41", "6", "ACTIVE", ""),
        ("B", "2020", "30", "0", "ACTIVE", ""),
        ("B", "2021", "31", "1", "TERMINATED", "quit"),
    ]
    evidence = read_evidence([write(tmp_path / "years.csv", rows, header)])
    assert cells(evidence) == [
        *((2020, 39, 4, 1.0, 1.0, 0.0), (2021, 30, 0, 1.0, 0.5, 1.0)),
        (2021, 40, 5, 1.0, 1.0, 0.0),
    ]


@pytest.mark.parametrize(
    ("rows", "header", "says"),
    [
        ([ANN], HEADER, "no termination dates|termination date"),
        ([("A", "1980-06-01")], ("employee_id", "birth_date"), "no column is hire_date"),
        ([("A", "03/04/1980", "2015-03-01", "", "")], HEADER, "does not say which is the month"),
    ],
)
def test_what_cannot_be_used_is_refused(
    tmp_path: Path, rows: list[tuple[str, ...]], header: tuple[str, ...], says: str
) -> None:
    with pytest.raises((EvidenceError, CensusError), match=says):
        read_evidence([write(tmp_path / "people.csv", rows, header)])


def test_files_without_a_year_are_refused(tmp_path: Path) -> None:
    files = [write(tmp_path / "old.csv", [ANN]), write(tmp_path / "new.csv", [ANN])]
    with pytest.raises(EvidenceError, match="nothing says of which year"):
        read_evidence(files)


def test_rows_that_cannot_be_read_are_counted(tmp_path: Path) -> None:
    broken = ("D", "soon", "2015-03-01", "", "")
    evidence = read_evidence(year_ends(tmp_path, (2020, [ANN, broken]), (2021, [ANN])))
    assert kinds(evidence) == {"unusable rows": 1}
    assert np.all(evidence.experience.people == 1)
