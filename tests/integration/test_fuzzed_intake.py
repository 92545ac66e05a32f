"""Census and study files as chance makes them: refused with a sentence or taken in whole, never half, never a traceback.

Where the expectations come from: `broken`, the census's rules once more in plain Python. The cases are the same every time.
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import hypothesis.strategies as st
import yaml
from hypothesis import HealthCheck, given, settings

from planwise_assets.intake.census import census_of, interpret
from planwise_assets.intake.judge import Judgement, judge
from planwise_assets.intake.mapping import mapping_of
from planwise_assets.intake.names import missing
from planwise_assets.intake.reading.file import read_census
from planwise_assets.intake.reading.table import CensusError
from planwise_assets.intake.values.column import NOTHING
from planwise_assets.settings import PROJECT_ROOT, Settings
from planwise_assets.study.errors import StudyError
from planwise_assets.study.file.load import load_study
from planwise_assets.study.sections.census import CensusReading
from planwise_assets.year.setup.inputs import prepare_inputs
from resources.dbt.compiled import compiled_project
from tests.census_files import text_of
from tests.harness import SAMPLE_CENSUS, TINY_CENSUS

CENSUS_DATE = date(2024, 12, 31)
LEVELS = range(1, 6)
STUDY = "study: fuzzed\ncensus: {file}\nyears: {{start: 2025, end: 2026}}\ncensus_reject_limit: {limit}\n"
COLUMNS = ["employee_id", "birth_date", "hire_date", "annual_compensation", "level_id", "active", "deferral_rate"]
GOOD = ["A", "1980-05-01", "2010-03-15", "60000.00", "2", "true", ""]

#: Rows judged in one census: reading it costs a session, a row more nothing.
ROWS = 100
by_chance = {"deadline": None, "derandomize": True, "database": None, "suppress_health_check": list(HealthCheck)}


def judged_census(folder: Path, file: str, limit: str = "1") -> Judgement:
    """A census judged as set-up judges it; raises what it raises."""
    study = folder / "study.yaml"
    study.write_text(STUDY.format(file=file, limit=limit), encoding="utf-8")
    loaded = load_study(study)
    dbt = compiled_project(Settings(home=folder / "home", study_file=study).dbt_project, PROJECT_ROOT / "var" / "dbt")
    with duckdb.connect(config={"threads": 1}) as connection:
        prepare_inputs(connection, loaded, dbt, 2025)
        return judge(connection, dbt)


@contextmanager
def untouched() -> Iterator[Path]:
    """A folder in which whatever was judged leaves nothing."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield folder
        assert {path.name for path in folder.iterdir()} <= {"study.yaml", "people.csv", "people.parquet"}


#: Money that can be read in one way, in a column with decimal points, and what it is.
WRITTEN = {
    "1e5": 100_000,
    "$52,000.50": 52_000.5,
    "1,43,137.00": 143_137,
    "USD 7": 7,
    "(500.00)": -500,
    "43 137.25": 43_137.25,
}

#: What is no number at all.
UNREADABLE = ["NaN", "inf", "1_000", "0x10", "1,23", "1.2.3", "5 5"]

# A text that is often nearly right, and sometimes anything that a CSV field may hold.
digits = st.text("0123456789.,-+e ", max_size=12)
anything = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=12)
days = st.dates(date(1900, 1, 1), date(2060, 1, 1)).map(date.isoformat)
odd_days = st.sampled_from(
    ["1980-02-30", "05/01/1980", "2010-03-15 00:00:00", "2010-03-15T01:00:00", " 2010-03-15", "29342"]
)
ids = st.one_of(st.integers(0, 10**9).map("E{}".format), anything, st.sampled_from(["", "NH_1", " A", "same", "A\u00a0"]))
money = st.one_of(
    st.decimals(-10, 10**8, places=2).map(str),
    st.sampled_from([*WRITTEN, *UNREADABLE]),
)


def mostly(plain: st.SearchStrategy[str], odd: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """One value in six is odd: of seven columns most rows have one or none, so that each rule decides alone."""
    return st.sampled_from([plain] * 5 + [odd]).flatmap(lambda chosen: chosen)


a_row = st.tuples(
    mostly(st.integers(0, 10**9).map("E{}".format), ids),
    mostly(st.dates(date(1950, 1, 1), date(1990, 1, 1)).map(date.isoformat), st.one_of(days, odd_days, anything)),
    mostly(st.dates(date(2006, 1, 1), CENSUS_DATE).map(date.isoformat), st.one_of(days, odd_days, anything)),
    mostly(st.decimals(1, 10**6, places=2).map(str), st.one_of(money, anything)),
    mostly(st.sampled_from(["", "1", "5", "3.0"]), st.one_of(digits, anything)),
    mostly(st.sampled_from(["", "true", "NO", "1", "y"]), st.one_of(st.just("perhaps"), anything.map("?{}".format))),
    mostly(st.sampled_from(["", "0", "0.06"]), st.sampled_from(["-0.01", "half", "0.0.6", "1e-2", "0.060000001"])),
)


def read_day(text: str) -> date | None:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T]00:00:00([.]0+)?)?", text):
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def read_number(text: str, places: int) -> Decimal | None:
    if not re.fullmatch(r"[+-]?[0-9]+([.][0-9]*)?", text):
        return None
    number = Decimal(text)
    return number if abs(number) < Decimal(10) ** (18 - places) else None


def read_money(text: str) -> Decimal | None:
    return Decimal(str(WRITTEN[text])) if text in WRITTEN else read_number(text, 2)


def read_id(text: str) -> str:
    """Without the blanks around it."""
    first, last = 0, len(text)
    while first < last and unicodedata.category(text[first])[0] == "Z":
        first += 1
    while first < last and unicodedata.category(text[last - 1])[0] == "Z":
        last -= 1
    return text[first:last]


def years_between(born: date, then: date) -> int:
    return then.year - born.year - ((then.month, then.day) < (born.month, born.day))


def broken(row: tuple[str, ...], same_id: int) -> set[str]:
    """The columns of a row that break a rule."""
    person, *texts = row
    born_text, hired_text, pay_text, level_text, active_text, rate_text = (text.strip(" ") for text in texts)
    born, hired = read_day(born_text), read_day(hired_text)
    pay, rate = read_money(pay_text), read_number(rate_text, 6)
    wrong: set[str] = set()
    if not read_id(person) or read_id(person).startswith("NH_") or same_id > 1:
        wrong.add("employee_id")
    if born is None or not 14 <= years_between(born, CENSUS_DATE) <= 90:
        wrong.add("birth_date")
    if hired is None or hired > CENSUS_DATE or (born is not None and years_between(born, hired) < 14):
        wrong.add("hire_date")
    if pay is None or not 1 <= pay.quantize(Decimal("0.01"), "ROUND_HALF_UP") <= 50_000_000:
        wrong.add("annual_compensation")
    # A blank of any kind is nothing, too.
    level_text = "" if level_text.strip().lower() in NOTHING else level_text
    is_level = re.fullmatch(r"[+-]?[0-9]+([.]0*)?", level_text) and int(level_text.split(".")[0]) in LEVELS
    if level_text and not is_level:
        wrong.add("level_id")
    if active_text and active_text.lower() not in {"true", "t", "yes", "y", "1", "false", "f", "no", "n", "0"}:
        wrong.add("active")
    if rate_text and (rate is None or not 0 <= rate.quantize(Decimal("0.000001"), "ROUND_HALF_UP") <= 1):
        wrong.add("deferral_rate")
    return wrong


@given(st.lists(a_row, min_size=ROWS, max_size=ROWS))
@settings(max_examples=10, **by_chance)
def test_every_row_is_taken_or_refused_by_its_rules(rows: list[tuple[str, ...]]) -> None:
    """1,000 rows, each a case."""
    with untouched() as folder:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([COLUMNS, GOOD, *rows])
        (folder / "people.csv").write_text(text.getvalue(), encoding="utf-8")
        try:
            judged = judged_census(folder, "people.csv")
        except dg.Failure as refused:
            # The file as a whole, in words: a mark of money that is not every row's, a word that is a status or is none.
            if any(said in str(refused) for said in ("several currencies", "which may mean anything")):
                return
            raise
    everybody = [tuple(GOOD), *rows]
    same = Counter(read_id(row[0]) for row in everybody)
    expected = {number: wrong for number, row in enumerate(everybody, 1) if (wrong := broken(row, same[read_id(row[0])]))}
    found: dict[int, set[str]] = {}
    for reject in judged.rejects:
        assert reject.reason.endswith(".")
        found.setdefault(reject.place - 1, set()).add(reject.column)
    assert judged.rows == len(everybody)
    assert found == expected
    at_work = {"", "true", "t", "yes", "y", "1"}
    kept = [row for number, row in enumerate(everybody, 1) if number not in expected]
    assert judged.active == sum(row[5].strip(" ").lower() in at_work for row in kept)


def mutated(content: bytes, edits: list[tuple[int, int, bytes]], length: int | None) -> bytes:
    """Bytes with some places overwritten, left out or added to, and perhaps the end cut off."""
    changed = bytearray(content)
    for place, gone, come in edits:
        at = place % (len(changed) + 1)
        changed[at : at + gone] = come
    return bytes(changed if length is None else changed[: length % (len(changed) + 1)])


added = st.one_of(st.binary(max_size=8), st.text("0123456789,.\n\"' :-[]{}xy", max_size=8).map(str.encode))
edits = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 20), added), max_size=4)
cuts = st.one_of(st.none(), st.none(), st.integers(0, 10**6))


@given(edits, cuts, st.sampled_from(["utf-8"] * 4 + ["utf-8-sig", "utf-16"]))
@settings(max_examples=400, **by_chance)
def test_bytes_of_a_csv_file_are_read_or_refused_with_its_name(
    edits: list[tuple[int, int, bytes]], cut: int | None, encoding: str
) -> None:
    content = TINY_CENSUS.read_text(encoding="utf-8").encode(encoding)
    read_or_refused("people.csv", mutated(content, edits, cut))


@given(edits, cuts)
@settings(max_examples=400, **by_chance)
def test_bytes_of_a_parquet_file_are_read_or_refused_with_its_name(
    edits: list[tuple[int, int, bytes]], cut: int | None
) -> None:
    read_or_refused("people.parquet", mutated(SAMPLE_CENSUS.read_bytes(), edits, cut))


def read_or_refused(name: str, content: bytes) -> None:
    """What set-up and `planwise init` do with a census before they judge a row: whatever is wrong is told of the file."""
    with untouched() as folder, duckdb.connect(config={"threads": 1}) as connection:
        (folder / name).write_bytes(content)
        try:
            census = census_of(connection, folder / name, {}, CensusReading(), CENSUS_DATE)
        except CensusError:
            return
        row = connection.execute("select count(*), count(distinct place) from census_people").fetchone()
        # Nothing in silence: each line is a person's row, or named as none.
        assert row is not None
        assert row[0] == row[1] == census.rows - census.folded > 0
        assert {left.kind for left in census.table.left_out} <= {
            "title",
            "header",
            "total",
            "note",
            "blank",
            "earlier employment",
        }


#: Names as files have them, some of them of one thing, and one of nothing.
names = st.sampled_from([
    "Emp ID", "SSN", "DOB", "Date of Hire", "Hire Date", "Rehire Date", "Term Date", "Salary", "Gross Pay", "Hours Worked",
    "401k %", "Roth %", "Status", "Active", "Union (Y/N)", "Owner %", "Pay Frequency", "Division", "x", "",
])  # fmt: skip
words = st.sampled_from(["Y", "N", "A", "T", "6%", "0.06", "", "Total", "weekly"])
cells = st.one_of(days, odd_days, money, anything, words)


@given(
    st.lists(names, min_size=2, max_size=9),
    st.lists(st.lists(cells, max_size=9), max_size=8),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]),
)
@settings(max_examples=60, **by_chance)
def test_any_table_is_read_or_refused(header: list[str], lines: list[list[str]], separator: str, encoding: str) -> None:
    """As `planwise init` takes it: its columns guessed, its values read, its people put together."""
    with untouched() as folder, duckdb.connect(config={"threads": 1}) as connection:
        file = folder / "people.csv"
        file.write_bytes(text_of(lines, header=header, delimiter=separator).encode(encoding))
        try:
            table = read_census(connection, file)
            mapping = mapping_of(connection, table, [], [], LEVELS)
            if missing(mapping.columns):
                return
            census = interpret(connection, table, mapping.columns, CensusReading(), CENSUS_DATE)
        except CensusError:
            return
        row = connection.execute("select count(*), count(distinct place) from census_people").fetchone()
        assert row is not None
        assert row[0] == row[1] == census.rows - census.folded


@given(edits, cuts, st.booleans())
@settings(max_examples=20, **by_chance)
def test_what_a_person_is_told_of_it(edits: list[tuple[int, int, bytes]], cut: int | None, is_csv: bool) -> None:
    name, source = ("people.csv", TINY_CENSUS) if is_csv else ("people.parquet", SAMPLE_CENSUS)
    with untouched() as folder:
        (folder / name).write_bytes(mutated(source.read_bytes(), edits, cut))
        try:
            judged_census(folder, name)
        except dg.Failure as error:
            said = error.description or ""
        else:
            said = str(folder / name)
        assert str(folder / name) in said


DEFAULT_STUDY = (PROJECT_ROOT / "studies" / "default.yaml").read_bytes()
values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=10), st.dates()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=6,
)


def load_or_refuse(content: bytes) -> None:
    with untouched() as folder:
        file = folder / "study.yaml"
        file.write_bytes(content)
        try:
            load_study(file)
        except StudyError as error:
            said = str(error)
        else:
            said = str(file)
        assert str(file) in said


@given(edits, cuts)
@settings(max_examples=200, **by_chance)
def test_bytes_of_a_study_file_are_a_study_or_refused_with_its_name(
    edits: list[tuple[int, int, bytes]], cut: int | None
) -> None:
    load_or_refuse(mutated(DEFAULT_STUDY, edits, cut))


@given(st.data())
@settings(max_examples=400, **by_chance)
def test_settings_of_any_type_are_a_study_or_refused_with_its_name(data: st.DataObject) -> None:
    """A setting of the shipped study, at any depth, becomes anything; or one comes that nobody knows."""
    document = yaml.safe_load(DEFAULT_STUDY)
    inside = document
    while True:
        key = data.draw(st.sampled_from(sorted(inside, key=str)) | st.text(max_size=8))
        if not isinstance(inside.get(key), dict) or not inside[key] or data.draw(st.integers(0, 3)) == 0:
            break
        inside = inside[key]
    inside[key] = data.draw(values)
    load_or_refuse(yaml.safe_dump(document, allow_unicode=True).encode())
