"""The plan's nondiscrimination tests over the seeds: how near, how often failed, and what would have to change.

Belongs here: statistics of the published tests, and the way back to a limit. Does not: the tests themselves
(fct_nondiscrimination_tests), printing.

Seeds are futures: a test fails in so many of them, test by test; outcomes of several tests or seeds are never added up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Any

import duckdb

from planwise_assets.results.chances import Chance

#: What each test is of, in the order in which they are shown.
TESTS = {
    "ADP": "deferrals, IRC 401(k)(3)",
    "ACP": "match, IRC 401(m)",
    "415": "annual additions of each person, IRC 415(c)",
}
_STEP = Decimal("0.0001")


@dataclass(frozen=True)
class PlanTest:
    """One test of one scenario and year, over the seeds. Rates are shares of pay, margins shares too, money is dollars.

    Attributes:
        scenario: The scenario.
        year: The year.
        test: ADP, ACP or 415.
        method: `current`, `prior`, `individual`, or `safe_harbor` (exempt: the rates are for information).
        seeds: Futures.
        failed: Those in which it fails.
        hce_rate: Mean over the futures of the highly compensated's average; None without any, and for 415.
        nhce_rate: Of the others' average that the test uses.
        limit: Of the highest average of the highly compensated that passes.
        margin: Of limit less average; below 0 where it fails.
        worst: The smallest margin of a future.
        worst_rates: In that future: the highly compensated's average, and the others'.
        excess: Mean over the futures of what would have to go back (415: what was cut or made catch-up).
        worst_excess: The largest of a future.
    """

    scenario: str
    year: int
    test: str
    method: str
    seeds: int
    failed: int
    hce_rate: float | None
    nhce_rate: float | None
    limit: float | None
    margin: float | None
    worst: float | None
    worst_rates: tuple[Decimal, Decimal] | None
    excess: float
    worst_excess: float

    @property
    def is_exempt(self) -> bool:
        """Whether a safe harbor takes the place of the test."""
        return self.method == "safe_harbor"

    @property
    def says(self) -> str:
        """How it went: `passed`, `failed`, `exempt`, or in how many of the futures it fails."""
        if self.is_exempt:
            return "exempt"
        if not self.failed:
            return "passed"
        return "failed" if self.seeds == 1 else f"fails in {self.failed} of {self.seeds}"

    @property
    def chance(self) -> Chance:
        """How often it fails."""
        return Chance(self.scenario, self.year, self.seeds, self.failed)

    @property
    def chance_text(self) -> str:
        """How often it fails, as people read it under CHANCE_HEAD; nothing of a test whose place a safe harbor takes."""
        return "-" if self.is_exempt else self.chance.text()

    def remedy(self) -> str | None:
        """What would have to change in the future that is furthest from passing; None where nothing has to."""
        if not self.failed or self.worst_rates is None or self.worst is None:
            return None
        highly, others = self.worst_rates
        needed = others_needed(highly)
        rise = f"or the others' {others:.2%} rise by {(needed - others) * 100:.2f} points to {needed:.2%}"
        if self.method == "prior":
            rise += " (by the prior-year method: last year's)"
        begin = "The" if self.seeds == 1 else "In the worst of the futures the"
        return (
            f"{self.test} of {self.year}: {begin} highly compensated's average of {highly:.2%} must fall by "
            f"{-self.worst * 100:.2f} points to {float(highly) + self.worst:.2%}, {rise}; else ${self.worst_excess:,.0f} "
            "of theirs is excess."
        )

    def as_json(self) -> dict[str, Any]:
        """The outcome as a program reads it; a share of futures from FEWEST_SEEDS on."""
        low, high = self.chance.interval or (None, None)
        return {
            "scenario_id": self.scenario,
            "simulation_year": self.year,
            "test": self.test,
            "method": self.method,
            "seeds": self.seeds,
            "failed": self.failed,
            "share_failed": self.chance.share,
            "share_failed_low_95": low,
            "share_failed_high_95": high,
            "hce_rate": self.hce_rate,
            "nhce_rate": self.nhce_rate,
            "limit": self.limit,
            "margin": self.margin,
            "worst_margin": self.worst,
            "excess": self.excess,
            "worst_excess": self.worst_excess,
            "remedy": self.remedy(),
        }


def others_needed(highly: Decimal) -> Decimal:
    """The lowest average of the others at which an average of the highly compensated passes, to 0.01 %.

    The limit is the larger of 1.25 n and the smaller of 2 n and n + 2 points (IRC 401(k)(3)(A)(ii)); so n is the smaller of
    h / 1.25 and the larger of h / 2 and h - 2 points.

    Args:
        highly: The average of the highly compensated; a share of pay.
    """
    needed = min(highly / Decimal("1.25"), max(highly / 2, highly - Decimal("0.02")))
    return needed.quantize(_STEP, rounding=ROUND_CEILING)


_OVER_SEEDS = """
    select
        scenario_id as scenario,
        simulation_year as year,
        test,
        any_value(method) as method,
        count(*) as seeds,
        count(*) filter (where not passed) as failed,
        cast(avg(hce_rate) as double) as hce_rate,
        cast(avg(nhce_rate) as double) as nhce_rate,
        cast(avg(threshold) as double) as "limit",
        cast(avg(threshold - hce_rate) as double) as margin,
        cast(min(threshold - hce_rate) as double) as worst,
        arg_min(hce_rate, threshold - hce_rate) as worst_hce_rate,
        arg_min(nhce_rate, threshold - hce_rate) as worst_nhce_rate,
        cast(avg(excess_amount) as double) as excess,
        cast(max(excess_amount) as double) as worst_excess
    from fct_nondiscrimination_tests
    group by scenario_id, simulation_year, test
"""


def read_plan_tests(connection: duckdb.DuckDBPyConnection, order: list[str]) -> list[PlanTest]:
    """Every test by scenario, year and test, over the seeds.

    Args:
        connection: A connection to the warehouse.
        order: The scenarios in the order in which they are shown.
    """
    cursor = connection.cursor().execute(_OVER_SEEDS)
    names = [column[0] for column in cursor.description or []]
    outcomes = []
    for row in cursor.fetchall():
        values = dict(zip(names, row, strict=True))
        highly, others = values.pop("worst_hce_rate"), values.pop("worst_nhce_rate")
        outcomes.append(PlanTest(**values, worst_rates=None if highly is None else (highly, others)))
    tests = list(TESTS)
    return sorted(outcomes, key=lambda one: (order.index(one.scenario), one.year, tests.index(one.test)))


#: Beside HEADS, where there are several futures: how often a test fails.
CHANCE_HEAD = "fails (95 % interval)"
HEADS = (
    *("scenario", "year", "test", "outcome", "highly compensated", "others", "limit", "margin", "worst margin"),
    *("excess", "worst excess"),
)


def outcome_rows(outcomes: Sequence[PlanTest]) -> Iterator[list[str]]:
    """The outcomes as people read them, under HEADS."""
    for one in outcomes:
        rates = (one.hce_rate, one.nhce_rate, one.limit)
        margins = (one.margin, one.worst)
        yield [
            *(one.scenario, str(one.year), one.test, one.says),
            *("-" if rate is None else f"{rate:.2%}" for rate in rates),
            *("-" if margin is None else f"{margin * 100:+.2f} pt" for margin in margins),
            *(f"{money:,.0f}" for money in (one.excess, one.worst_excess)),
        ]
