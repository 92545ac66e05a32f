"""What each way to correct a failed ADP or ACP test would cost: refunds, catch-up, and contributions in their place.

Belongs here: the alternatives in the future with most excess. Does not: whose the excess is (results/excess.py). Nothing of
it is done: no money of the simulation changes.

- Excess of ADP is catch-up first, as far as the year's limit has room (IRC 414(v), Treas. Reg. 1.414(v)-1(b)(1)(iii)); the
  rest is refunded. The match on what is refunded is forfeited (Treas. Reg. 1.401(k)-2(b)(4)(iii), IRC 411(a)(3)(G)).
- QNEC: the same share of pay for each of the others, so that their average just passes (Treas. Reg. 1.401(k)-2(a)(6); the
  same for all, it keeps the limit on targeting, (a)(6)(iv)). By the prior-year method it would have been due last year.
- QMAC: of ACP, the same share on top of the match of each of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import Any

import duckdb

from planwise_assets.results.compliance import others_needed
from planwise_assets.results.excess import IS_TESTED, UNTESTED, Excess
from planwise_assets.results.law.plan_of_year import PlanOfYear

_CATCH_UP_AGE, _HIGHER = 50, range(60, 64)
_HIGHER_FROM = 2025
# IRC 414(v)(7): from then on catch-up of the highly paid is Roth.
_ROTH_FROM = 2026

_PEOPLE = """
    select
        employee_id,
        age_at_year_end,
        tenure_years_at_year_end,
        cast(plan_compensation * 100 as bigint),
        cast((employee_contribution - catch_up_contribution) * 100 as bigint),
        cast(catch_up_contribution * 100 as bigint),
        cast(employer_match * 100 as bigint)
    from fct_workforce_snapshot
    where scenario_id = ? and simulation_year = ? and seed = ? and employee_id in (select unnest(?))
"""

_OTHERS = """
    select
        count(*),
        count(*) filter (pay_cents > 0),
        sum(pay_cents),
        sum(match_cents),
        any_value(hce_rate),
        any_value(nhce_rate)
    from law_tested
    inner join fct_nondiscrimination_tests using (scenario_id, simulation_year, seed)
    where scenario_id = ? and simulation_year = ? and seed = ? and test = ? and not is_hce
"""

#: Whom ADP and ACP are of.
_TESTED = f"""
    create or replace temp view law_tested as
    with {UNTESTED}

    select
        scenario_id,
        simulation_year,
        seed,
        employee_id,
        is_hce,
        cast(plan_compensation * 100 as bigint) as pay_cents,
        cast(employer_match * 100 as bigint) as match_cents
    from fct_workforce_snapshot
    left join untested using (scenario_id, seed, employee_id)
    where {IS_TESTED}
"""


@dataclass(frozen=True)
class Share:
    """What becomes of one person's excess; dollars."""

    employee: str
    excess: Decimal
    catch_up: Decimal
    refund: Decimal
    lost_match: Decimal

    def as_json(self) -> dict[str, Any]:
        """As a program reads it."""
        return {
            "employee_id": self.employee,
            **{name: float(getattr(self, name)) for name in ("excess", "catch_up", "refund", "lost_match")},
        }


@dataclass(frozen=True)
class Correction:
    """The ways to correct a test of a scenario and year, in the future with most excess; dollars.

    Attributes:
        scenario: The scenario.
        year: The year.
        test: ADP or ACP.
        seed: The future.
        people: Whose the excess is, with what becomes of each one's.
        qnec: What the same share of pay for all others would cost; None by the prior-year method.
        qnec_rate: That share.
        qmac: Of ACP, what a share on top of everybody's match would cost; None where it is no way.
    """

    scenario: str
    year: int
    test: str
    seed: int
    people: Sequence[Share]
    qnec: Decimal | None
    qnec_rate: Fraction | None
    qmac: Decimal | None

    def sum(self, name: str) -> Decimal:
        """A column of all people."""
        return sum((getattr(one, name) for one in self.people), Decimal(0))

    def as_json(self) -> dict[str, Any]:
        """As a program reads it."""
        return {
            "scenario_id": self.scenario,
            "simulation_year": self.year,
            "test": self.test,
            "seed": self.seed,
            **{name: float(self.sum(name)) for name in ("excess", "catch_up", "refund", "lost_match")},
            "qnec": None if self.qnec is None else float(self.qnec),
            "qnec_rate": None if self.qnec_rate is None else float(self.qnec_rate),
            "qmac": None if self.qmac is None else float(self.qmac),
            "people": [one.as_json() for one in self.people],
        }


def corrections(
    connection: duckdb.DuckDBPyConnection,
    found: Sequence[Excess],
    plans: Mapping[tuple[str, int], PlanOfYear],
    catch_up_limit: Callable[[str, str, int], Decimal],
) -> Iterator[Correction]:
    """The ways to correct each failed test, in the order of the excess.

    Args:
        connection: One whose current schema holds the published tables.
        found: Everybody's excess, as `read_excess` gives it.
        plans: By scenario and year.
        catch_up_limit: The limit of a scenario by name and year, in dollars.
    """
    if found:
        connection.execute(_TESTED)
    for (scenario, year, test, seed), people in groupby(found, key=lambda one: (one.scenario, one.year, one.test, one.seed)):
        plan = plans[scenario, year]
        listed = list(people)
        asked = [scenario, year, seed, [one.employee for one in listed]]
        known = {who: facts for who, *facts in connection.execute(_PEOPLE, asked).fetchall()}
        shares = [_share(one, known[one.employee], plan, catch_up_limit) for one in listed]
        yield Correction(scenario, year, test, seed, shares, *_contributions(connection, plan, test, seed))


def _share(one: Excess, known: Sequence[int], plan: PlanOfYear, catch_up_limit: Callable[[str, str, int], Decimal]) -> Share:
    """What becomes of a person's excess; `known` is what `_PEOPLE` says of the person, but for the id."""
    age, service, pay, deferral, caught_up, match = known
    if one.test == "ACP":
        return Share(one.employee, one.excess, Decimal(0), one.excess, Decimal(0))
    room = Decimal(0)
    if age >= _CATCH_UP_AGE and (plan.has_roth or one.year < _ROTH_FROM):
        name = "catch_up_60_63_414v" if age in _HIGHER and one.year >= _HIGHER_FROM else "catch_up_414v"
        room = max(catch_up_limit(one.scenario, name, one.year) - Decimal(caught_up) / 100, Decimal(0))
    catch_up = min(one.excess, room)
    refund = one.excess - catch_up
    measure = service + (age if plan.match_by == "points" else 0)
    kept = deferral + caught_up - int(refund * 100)
    earned = plan.match_of(Fraction(kept, pay), measure) * pay if pay else Fraction(0)
    if plan.match_at_most is not None:
        earned = min(earned, Fraction(plan.match_at_most * 100))
    lost = max(match - int(earned + Fraction(1, 2)), 0) if refund else 0
    return Share(one.employee, one.excess, catch_up, refund, Decimal(lost) / 100)


def _contributions(
    connection: duckdb.DuckDBPyConnection, plan: PlanOfYear, test: str, seed: int
) -> tuple[Decimal | None, Fraction | None, Decimal | None]:
    """Cost and rate of a QNEC, and the cost of a QMAC."""
    ((people, paid, pay, match, highly, others),) = connection.execute(
        _OTHERS, [plan.scenario, plan.year, seed, test]
    ).fetchall()
    if not people or plan.method == "prior":
        return None, None, None
    needed = others_needed(highly)
    missing = Fraction(needed) - Fraction(others)
    # Who has no pay gets nothing, and stays in the average.
    rate = missing * people / paid if paid else None
    qnec = None if rate is None else _dollars(rate * pay)
    qmac = _dollars(missing / Fraction(others) * match) if test == "ACP" and others else None
    return qnec, rate, qmac


def _dollars(cents: Fraction) -> Decimal:
    return Decimal(int(cents + Fraction(1, 2))) / 100


CORRECTION_HEADS = (
    *("scenario", "year", "test", "seed", "people", "excess", "as catch-up", "refunds", "match lost"),
    *("or a QNEC of", "of pay", "or a QMAC of"),
)


def correction_rows(found: Sequence[Correction]) -> Iterator[list[str]]:
    """The ways as people read them, under CORRECTION_HEADS."""
    for one in found:
        yield [
            *(one.scenario, str(one.year), one.test, str(one.seed), str(len(one.people))),
            *(f"{one.sum(name):,.2f}" for name in ("excess", "catch_up", "refund", "lost_match")),
            "-" if one.qnec is None else f"{one.qnec:,.2f}",
            "-" if one.qnec_rate is None else f"{float(one.qnec_rate):.2%}",
            "-" if one.qmac is None else f"{one.qmac:,.2f}",
        ]
