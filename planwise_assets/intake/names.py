"""Which of a stranger's columns is which: guesses from names alone, each with a reason and a score, for a person to confirm.

Belongs here: comparing names. Does not: the names themselves (synonyms.py), values (values/), questions (commands/init.py).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from planwise_assets.intake.synonyms import SYNONYMS
from planwise_assets.study.sections.census import CENSUS_COLUMNS, REQUIRED_COLUMNS

# Only spelling mistakes are guessed beyond the list: a name that means something else must not be taken.
_CLOSE = 0.87
#: Where the mistake is in the word that gives the sense: `Date of Fire` is not `Date of Hire`.
_CLOSER = 0.92
#: Said in front of a name without changing what it means.
_IN_FRONT = re.compile(r"^(employee|ee|emp|worker|participant|associate|staff|current|person|the)(?=[a-z0-9])")
#: How a value is written, said behind its name: `Date of Birth (MM/DD/YYYY)`, `Salary ($)`, `DOB *`.
_FORMAT = re.compile(
    r"\s*(\(\s*(?:[mdy]{1,4}[/. -]?){2,3}\s*\)|\(\s*(?:%|\$|usd|percent|required|optional)\s*\)|\*+)\s*$", re.I
)
#: Words that turn a name into another one. Likeness never crosses them: `Date of Rehire` is no misspelt `Date of Hire`.
_SENSES = {
    "rehire": r"re-?hire|rehired|reinstat|return|recall|reemploy|rejoin|reentr",
    "original": r"orig|first|initial",
    "latest": r"last|latest|recent",
    "birth": r"birth|brith|brth|birht|born|dob|bday",
    "hire": r"hire|hird|start|join|commenc|doh",
    "end": r"term|separat|sever|left|leav|exit|end|quit|depart|dot|retir",
    "service": r"servic|senior|vest",
    "adjusted": r"adj",
    "plan entry": r"enrol|entry|particip",
    "eligible": r"elig",
    "paid": r"paid|gross|w2|ytd|earn|yeartodate",
    "hourly": r"hour|hrs",
    "weekly": r"week|wk",
    "rate": r"rate|percent|pct|election",
    "amount": r"amount|amt|dollar",
    "roth": r"roth",
    "match": r"match",
    "balance": r"balance|account",
    "owner": r"owner|owned",
    "second": r"second|2",
    "name": r"name",
    "reason": r"reason|code|type",
    "out": r"optout|optedout|declin",
    "exclude": r"exclu|inelig",
    "union": r"union|bargain|cba",
    "status": r"stat",
    "manager": r"manager|supervisor|spouse|dependent|beneficiary|emergency|department|dept|division|location|phone|zip",
}
#: What a name looks like that matters to a plan: (what it would be, its pattern).
_IMPORTANT = (
    (
        "termination",
        r"term(?!s)|separat|sever|retire|exit|leaver|leaving|^left|leavedate|laidoff|layoff|lastday|employmentend",
    ),
    ("rehire", r"rehir|reinstat|recall|rejoin|reentr|reemploy|originalhire|firsthire|lasthire|hiredate|dateofhire|doh"),
    ("status", r"status|leaveof|onleave|deceased|death"),
    ("deferral", r"defer|401k|403b|457b|roth|pretax|elective|contrib|catchup"),
    ("hours", r"hours|fulltime|parttime"),
    ("union", r"union|bargain|leased|nonresident|exclu|inelig"),
    ("owner", r"owner|sharehold|family|relationship"),
    ("pay frequency", r"payfreq|frequency|payperiod|payrollcycle"),
    ("pay", r"salary|wage|compens|grosspay|earnings|bonus|overtime|commission|payrate|hourlyrate"),
)
_SHORT = (
    ("hours", r"\b(fte|hrs)\b"),
    ("status", r"\bloa\b"),
    ("termination", r"\bdot\b"),
    ("rehire", r"\bdor\b"),
    ("deferral", r"\bdef\b"),
)


@dataclass(frozen=True)
class Guess:
    """What a column of the file was taken for.

    Attributes:
        own: Its name in the file.
        column: PlanWise's name.
        why: What spoke for it.
        score: How sure that is, from 0 to 1.
    """

    own: str
    column: str
    why: str
    score: float


def key(name: str) -> str:
    """A name without case, blanks and punctuation: two names with the same key are the same name."""
    plain = re.sub(r"\(\s*([a-z])\s*\)", r"\1", _FORMAT.sub("", name).lower())  # 401(k)
    plain = plain.replace("%", "percent").replace("#", "number").replace("$", "dollars").replace(" & ", "and")
    return re.sub(r"[^a-z0-9]", "", plain)


@cache
def _known() -> dict[str, str]:
    """Every known key, and the column that it means."""
    found: dict[str, str] = {}
    for column, names in SYNONYMS.items():
        for name in (column, *names):
            if found.setdefault(key(name), column) != column:
                raise AssertionError(f"{name!r} means both {found[key(name)]} and {column}")
    return found


@cache
def _rank(column: str) -> dict[str, int]:
    return {key(name): place for place, name in reversed(list(enumerate((column, *SYNONYMS[column]))))}


def guesses(own: Sequence[str]) -> list[Guess]:
    """What the columns of a file are taken for.

    Args:
        own: Their names.

    Returns:
        At most one guess for a column of either side, in PlanWise's order. PlanWise's own names win over known ones, and
        these over spelling mistakes; of two known names of one column the commoner one.
    """
    found: dict[str, Guess] = {}
    for compare in (_same, _named, _without_front, _misspelt):
        offers: dict[str, list[tuple[int, Guess]]] = {}
        for name in own:
            if name in {guess.own for guess in found.values()}:
                continue
            offer = compare(name)
            if offer is not None and offer[1].column not in found:
                offers.setdefault(offer[1].column, []).append(offer)
        found |= {column: min(made, key=lambda offer: (offer[0], -offer[1].score))[1] for column, made in offers.items()}
    return [found[column] for column in CENSUS_COLUMNS if column in found]


def _same(name: str) -> tuple[int, Guess] | None:
    return (0, Guess(name, name, "PlanWise's own name", 1.0)) if name in CENSUS_COLUMNS else None


def _named(name: str) -> tuple[int, Guess] | None:
    column = _known().get(key(name))
    return (_rank(column)[key(name)], Guess(name, column, "a known name", 1.0)) if column else None


def _without_front(name: str) -> tuple[int, Guess] | None:
    short = _IN_FRONT.sub("", key(name))
    column = _known().get(short)
    return (
        (_rank(column)[short], Guess(name, column, f"a known name after {name.split(maxsplit=1)[0]!r}", 0.95))
        if column
        else None
    )


def _misspelt(name: str) -> tuple[int, Guess] | None:
    own = key(name)
    if len(own) < 5:
        return None
    best: tuple[float, str] | None = None
    for known, column in _known().items():
        # A spelling mistake may be in the very word that gives the sense; a sense of its own is another name.
        if (
            len(known) < 5
            or senses(own) not in (frozenset(), senses(known))
            or re.sub(r"\D", "", known) != re.sub(r"\D", "", own)
        ):
            continue
        likeness = difflib.SequenceMatcher(None, own, known).ratio()
        enough = _CLOSE if senses(own) else _CLOSER
        if likeness >= enough and (best is None or likeness > best[0]):
            best = (likeness, column)
    return (0, Guess(name, best[1], "spelt nearly as a known name", round(best[0], 2))) if best else None


def senses(name_key: str) -> frozenset[str]:
    """The words in a name that change what it means; a misspelt name must have the same."""
    found = {sense for sense, pattern in _SENSES.items() if re.search(pattern, name_key)}
    return frozenset(found - {"hire"} if "rehire" in found else found)


def looks_like(own: str) -> str | None:
    """What a name looks like that matters to a plan, such as `termination`; None when it looks like nothing of that kind."""
    words = " ".join(re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+", own)).lower()
    short = next((what for what, pattern in _SHORT if re.search(pattern, words)), None)
    return short or next((what for what, pattern in _IMPORTANT if re.search(pattern, key(own))), None)


def recognised(names: Sequence[str]) -> int:
    """How many of these texts are names of columns; spelling mistakes do not count."""
    return len(
        {column for name in names if (column := _known().get(key(name)) or _known().get(_IN_FRONT.sub("", key(name))))}
    )


def missing(mapping: Mapping[str, str]) -> list[str]:
    """The required columns that are not there. Pay may come as paid or as an hourly rate."""
    lacking = [name for name in REQUIRED_COLUMNS if name not in mapping]
    if "annual_compensation" in lacking and ("prior_year_compensation" in mapping or "hourly_rate" in mapping):
        lacking.remove("annual_compensation")
    return lacking
