"""What each column of a stranger's file is taken for: by its name, then by what stands in it, then by what a person says.

Belongs here: putting the three together, and what may not be passed over. Does not: names (names.py), asking
(commands/init.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace

import duckdb

from planwise_assets.intake.names import Guess, guesses, key, looks_like
from planwise_assets.intake.pay import SUPPLEMENTS
from planwise_assets.intake.reading.table import RAW, CensusError, RawTable
from planwise_assets.intake.values.column import NOTHING, texts
from planwise_assets.intake.values.rates import holds_dollars
from planwise_assets.intake.values.words import is_flag
from planwise_assets.study.sections.census import CENSUS_COLUMNS
from planwise_assets.study.sections.census_columns import BY_NAME

#: Pay below this is an hour's, above that other one a year's; between them it is anything.
_MOST_AN_HOUR, _LEAST_A_YEAR = 500, 5_000
#: More hours of overtime in a year than these nobody has, and less dollars in a whole company hardly anybody pays.
_MOST_OVERTIME_HOURS = 1_000
#: Of what looks important and is not used, pay does not stop a census: it has its pay already.
_STOPS = frozenset({"termination", "rehire", "status", "deferral", "hours", "union", "owner", "pay frequency"})


@dataclass
class Mapping:
    """What the columns of a file are.

    Attributes:
        guesses: What each used column was taken for, and why.
        ignored: Columns that are passed over on purpose.
        remarks: What was noticed on the way, a sentence each.
    """

    guesses: list[Guess]
    ignored: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def columns(self) -> dict[str, str]:
        """PlanWise's names to the file's."""
        found = {guess.column: guess.own for guess in self.guesses}
        return {name: found[name] for name in CENSUS_COLUMNS if name in found}

    def passed_over(self, own: Sequence[str]) -> list[tuple[str, str]]:
        """Columns that look important and are neither used nor ignored on purpose, each with what it looks like."""
        used = {guess.own for guess in self.guesses}
        left = [name for name in own if name not in used and name not in self.ignored]
        return [(name, what) for name in left if (what := looks_like(name)) in _STOPS]


def mapping_of(
    connection: duckdb.DuckDBPyConnection,
    table: RawTable,
    said: Sequence[tuple[str, str]],
    ignored: Sequence[str],
    levels: Collection[int],
) -> Mapping:
    """What the columns of a file are.

    Args:
        connection: Holds `census_raw`.
        table: The file.
        said: The file's column and PlanWise's name for it, as a person says; an empty name passes it over.
        ignored: Columns that a person passes over.
        levels: The job levels of the study.
    """
    passed_over = [*ignored, *(own for own, name in said if not name)]
    free = [name for name in table.names if name not in passed_over and name not in {own for own, _ in said}]
    mapping = Mapping(guesses(free), passed_over)
    for own, name in said:
        if name:
            mapping.guesses = [guess for guess in mapping.guesses if guess.column != name]
            mapping.guesses.append(Guess(own, name, "you said so", 1.0))
    mapping.remarks += [
        f"People are called by column {guess.own!r} in every result and report: give another id if they should not be."
        for guess in mapping.guesses
        if guess.column == "employee_id" and re.search("ss|soc|tax|tin", key(guess.own))
    ]
    mapping.remarks += [
        f"The file has several columns {guess.own!r}: the first is taken, the next is called '{guess.own} (2)' here."
        for guess in mapping.guesses
        if f"{guess.own} (2)" in table.names
    ]
    _by_content(connection, table, mapping, {own for own, _ in said}, levels)
    on_top = [name for name in SUPPLEMENTS if name in mapping.columns]
    if on_top:
        mapping.remarks.append(
            f"{' and '.join(on_top).capitalize()}: pay on top of the yearly rate, the same every year and without raises, "
            "by the days employed; a hire has the average of the level. Pay that was paid is taken to hold it, a yearly "
            "rate is not. The plan counts it unless the study says otherwise: "
            f"plan: {{compensation: {{{on_top[-1]}: false}}}}."
        )
    return mapping


def _by_content(
    connection: duckdb.DuckDBPyConnection, table: RawTable, mapping: Mapping, sure: Collection[str], levels: Collection[int]
) -> None:
    """Moves a guess to the neighbour that its values speak for, or withdraws it."""
    for guess in list(mapping.guesses):
        if guess.own in sure:
            continue
        raw = table.column(guess.own)
        taken = {other.column for other in mapping.guesses}
        known = (
            {text: times for text, times in texts(connection, raw).items() if text.lower() not in NOTHING}
            if guess.column in _LOOKED_INTO
            else {}
        )
        moved, why = _neighbour(connection, guess, raw, known, levels)
        if moved is None:
            continue
        mapping.guesses.remove(guess)
        if moved and moved not in taken:
            mapping.guesses.append(replace(guess, column=moved, why=f"{guess.why}; {why}"))
        else:
            mapping.remarks.append(f"Column {guess.own!r} is not taken for {guess.column}: {why}.")
            if moved == "":
                mapping.ignored.append(guess.own)


_LOOKED_INTO = frozenset({"level_id", "owner_5pct", "ownership_percent", "pretax_deferral", "roth_deferral", *SUPPLEMENTS})


def _neighbour(
    connection: duckdb.DuckDBPyConnection, guess: Guess, raw: str, known: dict[str, int], levels: Collection[int]
) -> tuple[str | None, str]:
    """The column that a guess should be, empty for none, None to leave it; and why."""
    moves: dict[str, tuple[str, str, Callable[[], bool]]] = {
        "deferral_rate": ("pretax_deferral", "it holds dollars", lambda: holds_dollars(connection, raw)),
        "roth_rate": ("roth_deferral", "it holds dollars", lambda: holds_dollars(connection, raw)),
        "pretax_deferral": ("deferral_rate", "it holds rates", lambda: _holds_rates(connection, raw, known)),
        "roth_deferral": ("roth_rate", "it holds rates", lambda: _holds_rates(connection, raw, known)),
        "active": ("hire_date", "it holds days", lambda: _holds_days(connection, raw)),
        "owner_5pct": ("ownership_percent", "it holds per cents", lambda: not is_flag(connection, raw)),
        "ownership_percent": (
            "owner_5pct",
            "it holds yes and no",
            lambda: bool(known) and is_flag(connection, raw) and not set(known) <= {"0", "1"},
        ),
    }
    if guess.column in moves:
        name, why, is_so = moves[guess.column]
        return (name, why) if is_so() else (None, "")
    if guess.column in SUPPLEMENTS:
        return _supplement(connection, guess, raw, known)
    if guess.column in ("hourly_rate", "annual_compensation"):
        return _pay(connection, guess, raw)
    strange = [text for text in known if guess.column == "level_id" and not _is_level(text, levels)]
    if strange and sum(known[text] for text in strange) > 0.05 * sum(known.values()):
        return "", (
            f"it holds {', '.join(strange[:3])}, and the study's levels are {min(levels)} to {max(levels)}; levels come "
            f"from pay. To use it, give the study its levels and map it: --map '{guess.own}=level_id'"
        )
    return None, ""


def _supplement(
    connection: duckdb.DuckDBPyConnection, guess: Guess, raw: str, known: Collection[str]
) -> tuple[str | None, str]:
    if guess.column == "overtime":
        is_small = bool(known) and not _exceeds(connection, raw, _MOST_OVERTIME_HOURS)
        why = f"no value is above {_MOST_OVERTIME_HOURS:,}, so that it may hold hours. If it holds dollars: --map"
        return ("", f"{why} '{guess.own}=overtime'") if is_small else (None, "")
    is_share = _holds_rates(connection, raw, known)
    return ("", "it holds shares of pay, and dollars are wanted") if is_share else (None, "")


def _holds_days(connection: duckdb.DuckDBPyConnection, raw: str) -> bool:
    """Whether nearly all values are days in some form: `Employed` may be yes or no, or since when."""
    is_day = f"regexp_matches({raw}, '[0-9]{{1,4}}[-/. ][0-9A-Za-z]{{1,3}}[-/. ][0-9]{{2,4}}')"
    row = connection.execute(f"select count({raw}), count(*) filter ({is_day}) from {RAW}").fetchone()
    filled, days = row or (0, 0)
    return bool(filled and days > 0.9 * filled)


def _holds_rates(connection: duckdb.DuckDBPyConnection, raw: str, known: Collection[str]) -> bool:
    return any(text.strip("0.,% ") for text in known) and not holds_dollars(connection, raw)


def _roughly(raw: str) -> str:
    """SQL of an amount, whatever the decimal mark is: thousands and cents are told apart by the digits behind."""
    whole = f"regexp_replace(regexp_replace({raw}, '[.,][0-9]{{0,2}}[^0-9]*$', ''), '[^0-9]', '', 'g')"
    return f"coalesce(try_cast({raw} as double), try_cast({whole} as double))"


def _exceeds(connection: duckdb.DuckDBPyConnection, raw: str, amount: int) -> bool:
    row = connection.execute(f"select count(*) filter ({_roughly(raw)} > {amount}) from {RAW}").fetchone()
    return bool(row and row[0])


def _pay(connection: duckdb.DuckDBPyConnection, guess: Guess, raw: str) -> tuple[str | None, str]:
    amount = _roughly(raw)
    row = connection.execute(
        f"select count(*) filter ({amount} > 0), count(*) filter ({amount} between 0.01 and {_MOST_AN_HOUR}), "
        f"count(*) filter ({amount} >= {_LEAST_A_YEAR}) from {RAW}"
    ).fetchone()
    every, hourly, yearly = row or (0, 0, 0)
    is_hourly = guess.column == "hourly_rate"
    more = every - hourly
    if hourly > 0.05 * every and more > 0.05 * every:
        what = f"a year ({yearly:,} from {_LEAST_A_YEAR:,} on)" if yearly == more else f"more than an hour ({more:,} above)"
        raise CensusError(
            f"Column {guess.own!r} holds pay an hour ({hourly:,} values up to {_MOST_AN_HOUR}) and {what}: give a column of "
            "yearly pay, or two columns, one for each."
        )
    if is_hourly and every and more > 0.9 * every:
        return "annual_compensation", "it holds more than pay of an hour"
    if not is_hourly and every and hourly > 0.9 * every:
        return "hourly_rate", "it holds pay of an hour"
    return None, ""


def _is_level(text: str, levels: Collection[int]) -> bool:
    try:
        return float(text) in levels
    except ValueError:
        return False


def assumptions(columns: Collection[str], *, works_as_last_year: bool = False) -> list[tuple[str, str]]:
    """What will be taken for each important thing that a census does not say: the thing, and a sentence.

    Args:
        columns: What it says, by PlanWise's names.
        works_as_last_year: Whether somebody without scheduled hours works as many as in the last year.
    """
    served = {
        "deferral_rate": {"roth_rate", "pretax_deferral", "roth_deferral"},
        "termination_date": {"employment_status", "active"},
        "plan_exclusion": {"union_member", "leased", "nonresident_alien", "employment_status"},
        "scheduled_hours_per_week": {"annual_hours"},
        "owner_5pct": {"ownership_percent", "family_relationship"},
        "prior_year_compensation": set(),
    }
    said = {"scheduled_hours_per_week": "As many hours a week as in the last year."} if works_as_last_year else {}
    return [
        (name, said.get(name, BY_NAME[name].without))
        for name in CENSUS_COLUMNS
        if BY_NAME[name].without
        and name not in columns
        and not served.get(name, set()) & set(columns)
        and (BY_NAME[name].is_important or name in ("level_id", "service_date", "prior_year_compensation"))
    ]
