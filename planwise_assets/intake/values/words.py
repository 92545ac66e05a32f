"""Words and letters: yes and no, statuses, how often pay is paid.

Belongs here: vocabularies. Does not: what a status does to a person (intake/people.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import duckdb

from planwise_assets.intake.reading.table import CensusError
from planwise_assets.intake.values.column import NOTHING, Column, texts, translate
from planwise_assets.study.sections.census import STATUSES

_YES = frozenset({"true", "t", "yes", "y", "1", "x", "on", "1.0", "checked", "✓", "si", "ja"})
_NO = frozenset({"false", "f", "no", "n", "0", "off", "0.0", "unchecked", "nein"})
#: A status by its words; the first that is found counts, so that `Leave - Unpaid` is no termination.
_STATUSES = (
    ("deceased", r"decease|death|died|dead"),
    ("retired", r"retire|pension"),
    ("leave", r"leave|loa|fmla|furlough|suspend|disab|sabbat|military|userra|std|ltd|layoff with recall|seasonal off"),
    (
        "terminated",
        r"term|separat|resign|quit|left|inactive|not active|laid off|lay "
        r"?off|sever|discharg|dismiss|former|withdrawn|ex-?employee|not employed",
    ),
    ("union", r"union|bargain|cba"),
    ("leased", r"leased|contingent|contractor"),
    ("nonresident", r"non-?\s?resident|nra"),
    ("excluded", r"exclud|ineligible"),
    (
        "active",
        r"active|current|employed|working|at work|full|part|regular|perm|temp|on.call|per diem|casual|hire|probation|on "
        r"roll|paid",
    ),
)
#: Short words that mean one thing everywhere; other letters are asked about.
_LETTERS = {
    **dict.fromkeys(("a", "act", "ft", "pt", "prn"), "active"),
    **dict.fromkeys(("l", "lv", "loa", "lwp", "std", "ltd"), "leave"),
    **dict.fromkeys(("t", "trm", "i"), "terminated"),
    **dict.fromkeys(("r", "ret"), "retired"),
    **dict.fromkeys(("d", "dec"), "deceased"),
}
_PERIODS = {"week": 52, "biweek": 26, "semimonth": 24, "month": 12, "year": 1}
_PERIOD_WORDS = (
    ("biweek", r"bi-?\s?weekly?|every (two|2|other) weeks?|fortnight(ly)?|26|bw|b|biweek|every other week"),
    ("semimonth", r"semi-?\s?monthly?|twice (a|per) month|24|sm|s|semimonth|bi-?monthly"),
    ("week", r"weekly?|every week|52|w|wk|wkly"),
    ("month", r"monthly?|every month|12|m|mo|mth"),
    ("year", r"annual(ly)?|year(ly)?|1|a|y"),
)


class UnknownWordsError(CensusError):
    """A column has words that are not understood.

    Attributes:
        words: They, as they are written.
    """

    def __init__(self, message: str, words: list[str]) -> None:
        super().__init__(message)
        self.words = words


def is_flag(connection: duckdb.DuckDBPyConnection, raw: str) -> bool:
    """Whether a column is yes and no throughout."""
    return {text.lower() for text in texts(connection, raw)} <= NOTHING | _YES | _NO


def holds_statuses(connection: duckdb.DuckDBPyConnection, raw: str) -> bool:
    """Whether a column that was taken for yes and no has a word for a status: `T` beside `A` is no `true`."""
    return any(_status(text, {}) for text in {text.lower() for text in texts(connection, raw)} - NOTHING - _YES - _NO)


def read_flag(connection: duckdb.DuckDBPyConnection, column: Column, *, is_staged: bool = True) -> None:
    """Rewrites a column of yes and no, in place.

    Args:
        connection: Holds `census_raw`.
        column: The column.
        is_staged: Whether the models see it: then other words stay, and are refused by their place.

    Raises:
        UnknownWordsError: Other words in a column that no model sees. A union's name is a yes.
    """
    known = texts(connection, column.raw)
    others = sorted(text for text in known if text.lower() not in NOTHING | _YES | _NO)
    names = column.name == "union_member"
    if others and not names and not is_staged:
        raise UnknownWordsError(
            f"Column {column.own!r} is neither yes nor no: it has {', '.join(map(repr, others[:5]))}. Pass it over with "
            f"--ignore '{column.own}', or write yes and no.",
            [],
        )
    if others and names:
        column.said.append(
            ", ".join(f"{text} is {'no member' if _is_no_union(text) else 'a member'}" for text in others[:8])
        )

    def read(text: str) -> str | None:
        word = text.lower()
        if names and text in others:
            return "false" if _is_no_union(text) else "true"
        return "" if word in NOTHING else "true" if word in _YES else "false" if word in _NO else None

    translate(connection, column, read, known)


def _is_no_union(text: str) -> bool:
    return re.match(r"(non|not|no)\b|non-?union", text.lower()) is not None


def read_status(connection: duckdb.DuckDBPyConnection, column: Column, given: Mapping[str, str]) -> dict[str, str]:
    """Rewrites a column of statuses as PlanWise's, in place.

    Args:
        connection: Holds `census_raw`.
        column: The column.
        given: The file's own words that the study explains.

    Returns:
        Each word of the file and what it was taken for.

    Raises:
        UnknownWordsError: A word that could be anything.
    """
    explained = {word.lower(): status for word, status in given.items()}
    known = texts(connection, column.raw)
    found = {text: status for text in known if text.lower() not in NOTHING and (status := _status(text, explained))}
    unknown = [text for text in known if text.lower() not in NOTHING and text not in found]
    if unknown:
        raise UnknownWordsError(
            f"Column {column.own!r} has {', '.join(repr(word) for word in unknown[:10])}, which may mean anything: say "
            f"for each, e.g. "
            f"--status '{unknown[0]}=active' (one of {', '.join(STATUSES)}); in a study, `census_reading: {{statuses: "
            f"{{{unknown[0]}: active}}}}`.",
            unknown,
        )
    translate(connection, column, lambda text: found.get(text, "" if text.lower() in NOTHING else None), known)
    column.said.append(", ".join(f"{text} is {status}" for text, status in found.items()))
    return found


def _status(text: str, explained: Mapping[str, str]) -> str | None:
    word = text.lower().strip()
    if word in explained:
        return explained[word]
    if word in _LETTERS:
        return _LETTERS[word]
    if word in ("inactive", "not active", "non-active"):
        return "terminated"
    return next((status for status, pattern in _STATUSES if re.search(pattern, word)), None) if len(word) > 3 else None


def read_period(connection: duckdb.DuckDBPyConnection, column: Column) -> None:
    """Rewrites how often pay is paid as the number of times a year, in place."""
    known = texts(connection, column.raw)

    def read(text: str) -> str | None:
        word = text.lower().strip()
        number = re.sub(r"\.0+$", "", word)
        found = next((period for period, pattern in _PERIOD_WORDS if re.fullmatch(pattern, number)), None)
        return str(_PERIODS[found]) if found else ("" if word in NOTHING else None)

    translate(connection, column, read, known)


def times_a_year(period: str) -> int:
    """How many of a period there are in a year."""
    return _PERIODS[period]
