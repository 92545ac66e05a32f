"""Why a figure moved: drivers that add up, to the cent, to the difference between two years or two scenarios.

Belongs here: which drivers there are, their sums. Does not: the queries (driver_queries.py), printing (commands/why.py).

Two sides X and Y, each a scenario and a year, in the same future. People are paired by id. Who is on one side alone comes or
goes: so many people at X's average, and what theirs differ from it. For who is on both sides the amount is a product,

    paid  = rate of pay x share of the year employed
    match = paid x share that counts x full match of a dollar x contributes or not x share of the full match that is got
    core  = paid x share that counts x core of a dollar

and each factor moves from X to Y in turn, in this order and in the opposite one; its driver is the mean of the two (docs/
methodology.md, "Why a figure moved"; Dietzenbacher and Los, Structural Decomposition Techniques: Sense and Sensitivity,
Economic Systems Research 10, 1998). Amounts are whole cents at every step, so the steps of a person add up exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

import duckdb

from planwise_assets.results.driver_queries import FACTORS, NET_COST, Side, participation_sql, people_sql, totals_sql


@dataclass(frozen=True)
class Driver:
    """One reason.

    Attributes:
        name: Its name for programs.
        label: For people.
        meaning: One sentence.
    """

    name: str
    label: str
    meaning: str


#: In the order of the table.
DRIVERS = {
    driver.name: driver
    for driver in (
        Driver("headcount", "more or fewer people", "The difference in people at the average of the first side."),
        Driver("hires", "who comes", "People of the second side alone, hires for part of a year: theirs less the average."),
        Driver("leavers", "who goes", "People of the first side alone, paid until they left: the average less theirs."),
        Driver("raises", "raises", "Rates of pay of the people on both sides: raises and promotions."),
        Driver("days", "days employed", "The share of the year for which people on both sides are employed."),
        Driver("eligible_pay", "eligibility and pay limit", "The share of pay that counts: entry dates, IRC 401(a)(17)."),
        Driver("formula", "the employer's rates", "Full match or core of a dollar of pay; what the same deferral gets."),
        Driver("enrollment", "enrolment", "Whether people contribute at all: who joins less who stops."),
        Driver("deferral", "deferral rates", "Of who defers another rate: what share of the full match they get."),
        Driver("limits", "limits on deferrals", "The same, for people whose deferrals reach a dollar limit on either side."),
        Driver("forfeitures", "forfeitures used", "Forfeitures used against contributions; more of them cost less."),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Explained:
    """One figure between two sides, mean over the seeds.

    Attributes:
        before: On the first side.
        after: On the second.
        drivers: By name, in the order of DRIVERS. They add up to `after - before` exactly.
    """

    before: Fraction
    after: Fraction
    drivers: Mapping[str, Fraction]

    def in_steps(self, unit: Fraction) -> tuple[int, int, dict[str, int]]:
        """All of it in whole units (cents, say) that still add up: a driver is the step between two rounded running sums."""
        running, place, rounded = self.before, _half_up(self.before / unit), {}
        before = place
        for name, value in self.drivers.items():
            running += value
            reached = _half_up(running / unit)
            rounded[name] = reached - place
            place = reached
        return before, place, rounded


def explain(connection: duckdb.DuckDBPyConnection, x: Side, y: Side, seeds: Sequence[int]) -> dict[str, Explained]:
    """Payroll, match, core and net cost in dollars, participation as a share, each with its drivers; means over the seeds.

    Args:
        connection: A connection to the warehouse.
        x: What is compared with.
        y: What is explained.
        seeds: Futures that both have.
    """
    totals = {amount: (before, after) for amount, before, after in connection.execute(totals_sql(x, y, seeds)).fetchall()}
    found = {}
    for amount in FACTORS:
        query = f"select driver, cast(sum(half_cents) as bigint) from ({people_sql(amount, x, y, seeds)}) group by driver"
        summed = dict(connection.execute(query).fetchall())
        drivers = {name: Fraction(summed[name], 200 * len(seeds)) for name in DRIVERS if summed.get(name)}
        before, after = (_dollars(total, seeds) for total in totals[amount])
        found[amount] = Explained(before, after, drivers)
    before, after = (_dollars(total, seeds) for total in totals["net_cost"])
    both = [found[amount].drivers for amount in NET_COST]
    together = {name: sum((drivers.get(name, Fraction(0)) for drivers in both), Fraction(0)) for name in DRIVERS}
    together["forfeitures"] = after - before - sum(together.values())
    found["net_cost"] = Explained(before, after, {name: value for name, value in together.items() if value})
    return found | _participation(connection, x, y, seeds)


def _participation(connection: duckdb.DuckDBPyConnection, x: Side, y: Side, seeds: Sequence[int]) -> dict[str, Explained]:
    """Participants p of e eligible: who changes them by dp, de adds dp (1/e_x + 1/e_y)/2 - de (p_x + p_y)/(2 e_x e_y)."""
    by_seed: dict[int, dict[str, tuple[int, int, int, int]]] = {}
    for seed, name, *counts in connection.execute(participation_sql(x, y, seeds)).fetchall():
        was_in, was_eligible, is_in, is_eligible = counts
        by_seed.setdefault(seed, {})[name] = (was_in, was_eligible, is_in, is_eligible)
    before, after, drivers = [], [], dict.fromkeys(DRIVERS, Fraction(0))
    for groups in by_seed.values():
        p_x, e_x, p_y, e_y = (sum(column) for column in zip(*groups.values(), strict=True))
        if not e_x or not e_y:
            continue
        before.append(Fraction(p_x, e_x))
        after.append(Fraction(p_y, e_y))
        for name, (was_in, was_eligible, is_in, is_eligible) in groups.items():
            by_people = (is_in - was_in) * (Fraction(1, e_x) + Fraction(1, e_y)) / 2
            drivers[name] += by_people - (is_eligible - was_eligible) * Fraction(p_x + p_y, 2 * e_x * e_y)
    if not before:
        return {}
    mean = {name: value / len(before) for name, value in drivers.items() if value}
    means = [sum(rates, Fraction(0)) / len(rates) for rates in (before, after)]
    return {"participation": Explained(means[0], means[1], mean)}


def _dollars(cents: int, seeds: Sequence[int]) -> Fraction:
    return Fraction(cents, 100 * len(seeds))


def _half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))
