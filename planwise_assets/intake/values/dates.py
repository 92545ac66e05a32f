"""Days, as they are written anywhere: 1980-05-01, 05/01/1980, 1.5.80, 01-May-1980, 19800501, 29342, moments with a zone.

Belongs here: recognising a day and its order. Does not: whether a day is possible for a person
(macros/workforce/census.sql).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import duckdb

from planwise_assets.intake.reading.parquet import INSTANT
from planwise_assets.intake.values.column import NOTHING, AmbiguousColumnError, Column, texts, translate

Order = Literal["mdy", "dmy"]
_Shown = Literal["mdy", "dmy", "mixed"]

_TIME = (
    r"(?:[T ,]+(?P<h>\d{1,2}):(?P<m>\d{2})(?::(?P<s>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?"
    r"\s*(?P<zone>Z|UTC|[+-]\d{2}:?\d{2})?)?"
)
_YEAR_FIRST = re.compile(rf"(?P<y>\d{{4}})[-/.](?P<mo>\d{{1,2}})[-/.](?P<d>\d{{1,2}}){_TIME}")
_PARTS = re.compile(rf"(?P<a>\d{{1,2}})(?P<mark>[-/. ])(?P<b>\d{{1,2}})(?P=mark)(?P<y>\d{{4}}|'?\d{{2}}){_TIME}")
_DAY_NAMED = re.compile(
    rf"(?:[A-Za-z]{{3,9}},? )?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[-/. ]*(?P<name>[A-Za-z]{{3,9}})\.?[-/., "
    rf"]*(?P<y>\d{{4}}|'?\d{{2}}){_TIME}"
)
_NAMED_DAY = re.compile(
    rf"(?:[A-Za-z]{{3,9}},? )?(?P<name>[A-Za-z]{{3,9}})\.?[- ](?P<d>\d{{1,2}})(?:st|nd|rd|th)?[-, "
    rf"]+(?P<y>\d{{4}}|'?\d{{2}}){_TIME}"
)
_MONTHS = {
    name: place
    for place, names in enumerate(
        [
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ],
        1,
    )
    for name in names.split()
}
#: A day whose parts stand in the same places in every text, and these places by the order, year first.
_FIXED = re.compile(r"\d\d([-/.])\d\d\1\d{4}")
_PLACES = {"mdy": ((7, 4), (1, 2), (4, 2)), "dmy": ((7, 4), (4, 2), (1, 2))}
_SERIAL = re.compile(r"(\d{4,5})(\.0+)?")
#: Days that stand for none in systems that want one.
_NEVER = re.compile(
    r"(9999|2999|0000|0001|1753)-.*|.*[-/.](9999|2999|0000)\b.*|0+([-/.]0+)*|99/99/99(99)?"
    r"|(0?1[-/.]0?[01][-/.]1900|1900-0?1-0?[01]|1899-12-3[01]|12[-/.]3[01][-/.]1899|3[01][-/.]12[-/.]1899)\b.*"
)
#: A spreadsheet counts days from here (and takes 1900 for a leap year, before any date of a census).
_SERIAL_ZERO = date(1899, 12, 30)
_OPEN_ENDED = frozenset({"birth_date", "hire_date"})


@dataclass
class _Reading:
    column: Column
    known: Mapping[str, int]
    order: _Shown | None = None
    is_serial: bool = False
    compact: str | None = None


def read_dates(
    connection: duckdb.DuckDBPyConnection,
    columns: list[Column],
    census_date: date | None,
    *,
    order: Order | None = None,
    zone: str | None = None,
    of_file: str | None = None,
) -> None:
    """Rewrites columns of days as YYYY-MM-DD, each in place, and says how it read them.

    Args:
        connection: Holds `census_raw`.
        columns: The columns of days, all of the file's.
        census_date: The day that the census is of; two-digit years lie before it. None: not known yet.
        order: How 03/04/1980 is read, where no column decides; it wins over what a column shows.
        zone: Time zone in which moments are days; it wins over `of_file`.
        of_file: The zone that the file names.

    Raises:
        AmbiguousColumnError: Days and months of a column can be exchanged, or moments are no days in any known zone.
    """
    readings = [_Reading(column, texts(connection, column.raw)) for column in columns]
    for reading in readings:
        _recognise(reading)
    proven: dict[_Shown | None, str] = {
        own.order: own.column.own for own in reversed(readings) if own.order in ("mdy", "dmy")
    }
    for reading in readings:
        if order is not None and reading.order is not None:
            reading.order = order
        _decide(reading, order, proven)
        _rewrite(connection, reading, census_date, zone, of_file)


def _recognise(reading: _Reading) -> None:
    """What a column's own texts say of their form and order."""
    known = [text for text in reading.known if text.lower() not in NOTHING and not _NEVER.fullmatch(text)]
    serials = [text for text in known if (found := _SERIAL.fullmatch(text)) and 4000 <= int(found[1]) <= 80000]
    reading.is_serial = bool(known) and len(serials) == len(known)
    eight = [text.zfill(8) for text in known if re.fullmatch(r"\d{7,8}", text)]
    if eight and len(eight) >= 0.9 * len(known):
        forms = {form: sum(_compact(text, form) is not None for text in eight) for form in ("ymd", "mdy", "dmy")}
        best = max(forms.values())
        good = [form for form, count in forms.items() if count == best]
        reading.compact = good[0] if len(good) == 1 or good[0] == "ymd" else None
        if reading.compact is None and len(good) > 1:
            reading.compact = "?"
    first = second = 0
    for text in known:
        found = _PARTS.fullmatch(text)
        if found:
            a, b = int(found["a"]), int(found["b"])
            first += a > 12 >= b > 0
            second += b > 12 >= a > 0
    if first and second:
        reading.order = "mixed"
    elif first or second:
        reading.order = "dmy" if first else "mdy"


def _decide(reading: _Reading, order: Order | None, proven: Mapping[_Shown | None, str]) -> None:
    own = reading.column.own
    parts = sum(times for text, times in reading.known.items() if _PARTS.fullmatch(text))
    if not parts and reading.compact != "?":
        return
    if order is None and reading.order is None and parts < 0.5 * sum(reading.known.values()) and not reading.compact:
        return  # A few among days that are written otherwise: they stay as they are, and are refused by their place.
    if reading.order == "mixed" and order is None:
        raise _two_ways(f"Column {own!r} has days before months and months before days", reading)
    if reading.order is None or reading.order == "mixed":
        if order is None and len(proven) != 1:
            raise _two_ways(f"Column {own!r} does not say which is the month", reading)
        reading.order = order or next(iter(proven))
        if order is None:
            reading.column.said.append(f"days and months in the order that column {proven[reading.order]!r} shows")
    if reading.compact == "?":
        reading.compact = reading.order


def _two_ways(problem: str, reading: _Reading) -> AmbiguousColumnError:
    example = next((text for text in reading.known if _PARTS.fullmatch(text)), next(iter(reading.known)))
    return AmbiguousColumnError(
        f"{problem} (e.g. {example}): say --dates mdy (03/04/1980 is 4 March) or --dates dmy (it is 3 April); "
        "in a study, `census_reading: {dates: mdy}`.",
        "dates",
        ("mdy", "dmy"),
    )


def _rewrite(
    connection: duckdb.DuckDBPyConnection, reading: _Reading, census_date: date | None, zone: str | None, of_file: str | None
) -> None:
    column = reading.column
    used: dict[str, list[date]] = {}
    moments = [text for text in reading.known if text.startswith(INSTANT)]
    if moments:
        _moments(connection, column, moments, zone, of_file)
        return

    def read(text: str) -> str | None:
        if column.name not in _OPEN_ENDED and (text.lower() in NOTHING or _NEVER.fullmatch(text)):
            used.setdefault("nothing", [])
            return ""
        found = _day(text, reading, census_date)
        if found is None:
            return None
        form, day = found
        used.setdefault(form, []).append(day)
        return day.isoformat()

    parts = _PLACES.get(reading.order or "")
    if parts and _are_alike(reading, read):
        # As most payroll systems print it, 03/04/1980 throughout: the parts are put in order without a look at each day.
        year, month, day = (f"substring({column.text}, {first}, {length})" for first, length in parts)
        column.sql = f"case when {column.text} <> '' then {year} || '-' || {month} || '-' || {day} end"
    else:
        translate(connection, column, read, reading.known)
    column.said += _spoken(used, reading)


def _are_alike(reading: _Reading, read: Callable[[str], str | None]) -> bool:
    """Whether every text of a column is a day of two digits, two digits and four, in its order."""
    return all(_FIXED.fullmatch(text) and read(text) for text in reading.known)


def _day(text: str, reading: _Reading, census_date: date | None) -> tuple[str, date] | None:
    if reading.is_serial and (found := _SERIAL.fullmatch(text)):
        return "serial", _SERIAL_ZERO + timedelta(days=int(found[1]))
    if reading.compact and re.fullmatch(r"\d{7,8}", text):
        day = _compact(text.zfill(8), reading.compact)
        return ("compact", day) if day else None
    if found := _YEAR_FIRST.fullmatch(text):
        form, month, day_of = ("iso" if text[4] == "-" else "year first"), int(found["mo"]), int(found["d"])
    elif (found := _PARTS.fullmatch(text)) and reading.order:
        first, second = int(found["a"]), int(found["b"])
        form, month, day_of = str(reading.order), *((second, first) if reading.order == "dmy" else (first, second))
    else:
        found = _DAY_NAMED.fullmatch(text) or _NAMED_DAY.fullmatch(text)
        if found is None or found["name"].lower() not in _MONTHS:
            return None
        form, month, day_of = "named", _MONTHS[found["name"].lower()], int(found["d"])
    return _dated(form, found, month, day_of, reading.column.name, census_date) if _is_midnight(found) else None


def _dated(  # noqa: PLR0917 - the parts of a day
    form: str, found: re.Match[str], month: int, day: int, column: str, census_date: date | None
) -> tuple[str, date] | None:
    digits = found["y"].strip("'")
    is_full = len(digits) == 4
    for year in [int(digits)] if is_full else _centuries(int(digits), column, census_date):
        made = _real(year, month, day)
        if made and (is_full or _is_possible(made, column, census_date)):
            return form if is_full else f"{form}, two digits", made
    return None


def _is_midnight(found: re.Match[str]) -> bool:
    if found["h"] is None:
        return True
    hour = int(found["h"])
    if found["half"]:
        hour = hour % 12 + (12 if found["half"][0] in "pP" else 0)
    return not (hour or int(found["m"]) or int(found["s"] or 0))


def _real(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _centuries(two: int, column: str, census_date: date | None) -> list[int]:
    """Full years in the order in which they are tried: the latest first, but for births the one of a working age."""
    if census_date is None and column != "birth_date":
        return [2000 + two] if two < 50 else [1900 + two]
    return [2000 + two, 1900 + two]


def _is_possible(day: date, column: str, census_date: date | None) -> bool:
    then = census_date or date(2049, 12, 31)
    if column == "birth_date":
        return day.year <= then.year - 14
    # A hire or a leaver may be announced; nothing else lies after the census date.
    return day <= then + timedelta(
        days=366 if column in ("hire_date", "rehire_date", "termination_date", "termination_date_2") else 0
    )


def _compact(text: str, form: str) -> date | None:
    year, month, day = {
        "ymd": (text[:4], text[4:6], text[6:]),
        "mdy": (text[4:], text[:2], text[2:4]),
        "dmy": (text[4:], text[2:4], text[:2]),
    }[form]
    try:
        return date(int(year), int(month), int(day)) if 1900 <= int(year) <= 2100 else None
    except ValueError:
        return None


def _moments(
    connection: duckdb.DuckDBPyConnection, column: Column, known: list[str], zone: str | None, of_file: str | None
) -> None:
    """Moments that are midnight somewhere: the day there."""

    def days(name: str) -> dict[str, str]:
        there, found = ZoneInfo(name), {}
        for text in known:
            moment = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(text.removeprefix(INSTANT)))).astimezone(
                there
            )
            if (moment.hour, moment.minute, moment.second, moment.microsecond) == (0, 0, 0, 0):
                found[text] = moment.date().isoformat()
        return found

    for name in (zone,) if zone else (of_file, "UTC"):
        if name and len(found := days(name)) >= 0.5 * len(known):
            translate(connection, column, found.get, known)
            column.said.append(
                f"moments as the days that they begin in {name}{', the time zone of the file' if name == of_file else ''}"
            )
            return
    raise AmbiguousColumnError(
        f"Column {column.own!r} holds moments that are midnight neither in UTC nor in a zone that the file names: say "
        f"--zone, e.g. "
        "--zone America/New_York; in a study, `census_reading: {zone: America/New_York}`.",
        "zone",
        (),
    )


def _spoken(used: Mapping[str, list[date]], reading: _Reading) -> list[str]:
    words = {
        "mdy": "month/day/year",
        "dmy": "day/month/year",
        "year first": "year/month/day",
        "named": "days with the month's name",
        "serial": "days that a spreadsheet counts from 1900",
        "compact": f"days without separators ({reading.compact})",
    }
    said = []
    for form, days in sorted(used.items()):
        order, _, two = form.partition(", ")
        if form == "nothing":
            said.append("days that stand for none (such as 12/31/9999) as empty")
        elif two and days:
            said.append(f"{words.get(order, order)} with two-digit years, from {min(days)} to {max(days)}")
        elif order in words:
            said.append(words[order])
    return said
