"""Control totals of a census: every line of the file is in one of them, and the sums can be compared with the sender's.

Belongs here: counting. Does not: printing (commands/init.py).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import duckdb

from planwise_assets.intake.census import PEOPLE, Census
from planwise_assets.intake.judge import Judgement

#: Who is counted as working part time: fewer hours a week than this.
FULL_TIME = 30
_LINES = {
    "title": "titles above the table",
    "header": "lines of column names",
    "total": "totals",
    "note": "notes and page lines",
    "blank": "empty lines",
}


@dataclass(frozen=True)
class Totals:
    """The totals of a census.

    Attributes:
        lines: Lines of the file by what they are, in order; people's rows among them.
        people: What becomes of the people's rows; it adds up to all of them.
        figures: Name and value of each figure of the people who enter.
        examples: How pay of a part of a year was made yearly.
    """

    lines: list[tuple[str, int]]
    people: list[tuple[str, int]]
    figures: list[tuple[str, str]]
    examples: list[str]


def totals_of(connection: duckdb.DuckDBPyConnection, census: Census, judged: Judgement) -> Totals:
    """Counts a census that has been judged in this session.

    Args:
        connection: The session in which it was read and judged.
        census: How it was read.
        judged: What came of it.
    """
    around = Counter(left.kind for left in census.table.left_out if left.kind in _LINES)
    lines = [("people's rows", census.rows), *((words, around[kind]) for kind, words in _LINES.items() if around[kind])]
    people = [
        ("enter the simulation", judged.active),
        ("have left by the census date", judged.rows - judged.rejected_rows - judged.active),
        ("bad rows", judged.rejected_rows),
        ("earlier employments of somebody counted above", census.folded),
    ]
    return Totals(
        lines,
        [item for item in people if item[1] or item[0].startswith("enter")],
        _figures(connection, census),
        examples_of(connection),
    )


def _figures(connection: duckdb.DuckDBPyConnection, census: Census) -> list[tuple[str, str]]:
    row = connection.execute(f"""
        select
            count(*) filter (had.ended_before is not null or had.has_unknown_break),
            count(*) filter (staged.plan_excluded),
            count(*) filter (staged.scheduled_hours_per_week < {FULL_TIME}),
            count(*) filter (staged.owner_5pct),
            count(*) filter (try_cast(had.termination_date as date) is not null),
            count(*) filter (had.pay_source = 'annualised'),
            count(*) filter (had.hours_contradict and had.pay_source = 'paid'),
            count(*) filter (abs(had.expected_pay - staged.annual_compensation_cents) <= 0.01 * had.expected_pay),
            count(*) filter (had.expected_pay is not null),
            count(*) filter (staged.deferral_rate_millionths > 0),
            sum(staged.annual_compensation_cents),
            sum(staged.bonus_cents),
            sum(staged.overtime_cents),
            sum(staged.deferral_rate_millionths),
            count(*)
        from stg_census as staged
        inner join {PEOPLE} as had on staged.employee_id = had.employee_id""").fetchone()
    (
        rehired,
        excluded,
        part_time,
        owners,
        announced,
        annualised,
        contradict,
        agreed,
        compared,
        deferring,
        pay,
        bonus,
        overtime,
        rates,
        people,
    ) = row or (0,) * 15
    found: list[tuple[str, str]] = [
        ("total yearly pay", _money(pay)),
        ("average yearly pay", _money(int(pay or 0) // people if people else 0)),
        *((words, _money(cents)) for words, cents in (("bonus a year", bonus), ("overtime pay a year", overtime)) if cents),
        ("people who defer", f"{deferring:,}"),
        ("average deferral of all", f"{(rates or 0) / people / 10_000:.2f} %" if people else "-"),
    ]
    counts = (
        ("rehired", rehired),
        ("left out of the plan (union, leased, nonresident, excluded)", excluded),
        (f"below {FULL_TIME} hours a week", part_time),
        ("5 % owners", owners),
        ("announced leavers", announced),
        ("yearly pay made from pay of a part of the year", annualised),
        ("hours that contradict the days employed, pay taken as a year's", contradict),
    )
    found += [(name, f"{count:,}") for name, count in counts if count]
    if compared:
        found.append(("hourly rate times hours is the yearly pay, within 1 %", f"{agreed:,} of {compared:,}"))
    return found + _of_the_file(connection, census)


def _of_the_file(connection: duckdb.DuckDBPyConnection, census: Census) -> list[tuple[str, str]]:
    """Sums over all rows of the file, as its sender would have them."""
    found: list[tuple[str, str]] = []
    if {"pretax_deferral", "roth_deferral"} & set(census.columns):
        row = connection.execute(
            f"select count(*) filter (deferred_cents > 0), sum(deferred_cents) from {PEOPLE}"
        ).fetchone() or (0, 0)
        found.append(("deferrals in the file, all rows", f"{_money(row[1])} of {row[0]:,} people"))
    for name, words in (
        ("prior_year_compensation", "pay paid in the file, all rows"),
        ("employer_match_paid", "match in the file, all rows"),
    ):
        if name in census.columns:
            total = connection.execute(f"select sum(try_cast({name} as decimal(18, 2))) from census_read").fetchone()
            found.append((words, f"{total[0]:,.2f}" if total and total[0] is not None else "0.00"))
    return found


def examples_of(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """How pay of a part of a year was made yearly, for the first few people, as a sum that can be checked."""
    rows = connection.execute(
        f"select employee_id, paid_text, days_in_year, paid_days, annual_compensation from {PEOPLE} where pay_source = "
        f"'annualised' "
        "order by place limit 3"
    ).fetchall()
    return [
        f"{person}: {paid} x {year} / {days} days employed = {yearly} a year" for person, paid, year, days, yearly in rows
    ]


def _money(cents: int | None) -> str:
    return f"{int(cents or 0) // 100:,}.{int(cents or 0) % 100:02}"
