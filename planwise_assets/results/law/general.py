"""The general test, IRC 401(a)(4), of the core contribution: by allocation rates, then by the benefits that they buy.

Belongs here: the rates of the published people, and the answer's words. Does not: the rules (study/law/general_test.py).

A core contribution at one rate for all, with or without an excess rate within IRC 401(l), is a uniform allocation formula
and needs no test (Treas. Reg. 1.401(a)(4)-2(b)(2); a condition of hours or of employment at year end is no obstacle,
(b)(4)(iii)). Match and deferrals are tested by ACP and ADP alone (Treas. Reg. 1.401(a)(4)-1(b)(2)(ii)(B)).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

import duckdb

from planwise_assets.results.law.coverage import average_benefits, plan_coverage
from planwise_assets.results.law.outcome import LawOutcome, failing
from planwise_assets.results.law.people import fill, hundredths
from planwise_assets.results.law.plan_of_year import PlanOfYear
from planwise_assets.study.law.coverage import Covered
from planwise_assets.study.law.general_test import (
    DISPARITY,
    INTEREST,
    MORTALITY,
    RateCount,
    benefit_factor,
    is_gradual,
    passes_gateway,
    rate_groups,
)

LAW = "IRC 401(a)(4)"
_OLDEST = 120
#: The three ways, in the order in which they are tried, and what each is called.
_WAYS = {
    "allocation": "by allocation rates",
    "disparity": "by allocation rates with permitted disparity imputed (401(l))",
    "benefits": f"by equivalent benefits ({float(INTEREST):.1%}, {MORTALITY})",
}

_DISPARITY = f"{DISPARITY.numerator} * {{of}} // {DISPARITY.denominator}"
#: The rates of all who count, each way: 1.401(a)(4)-7(b)(2) and (3) of `disparity`, in whole cents.
RATES = f"""
    with rates as (
        select
            person.*,
            {hundredths("core_cents")} as allocation,
            case
                when pay_cents = 0 then 0
                when pay_cents <= wage_base_cents
                    then least(
                        {hundredths("2 * core_cents")},
                        {hundredths(f"core_cents + {_DISPARITY.format(of='pay_cents')}")}
                    )
                else least(
                    {hundredths("2 * core_cents", "(2 * pay_cents - wage_base_cents)")},
                    {hundredths(f"core_cents + {_DISPARITY.format(of='wage_base_cents')}")}
                )
            end as disparity,
            if(pay_cents > 0, cast(round(10000 * core_cents * factor / pay_cents) as bigint), 0) as benefits
        from law_people as person
        inner join law_general using (scenario_id, simulation_year, age)
        where counts_for_core
    )

    select
        scenario_id,
        simulation_year,
        seed,
        way,
        if(gets_core, rate, 0) as its_rate,
        count(*) filter (not is_hce) as others,
        count(*) filter (is_hce) as highly
    from rates
    unpivot (rate for way in (allocation, disparity, benefits))
    group by all
    order by scenario_id, simulation_year, seed, way
"""

#: The lowest and the highest rate of those who get the contribution, to 0.01 % as all rates.
_GATEWAY = f"""
    select scenario_id, simulation_year, seed, is_hce, min(rate), max(rate)
    from (select *, {hundredths("core_cents")} as rate from law_people where gets_core and pay_cents > 0)
    group by all
"""


@dataclass(frozen=True)
class _Future:
    """How the three ways go in one future.

    Attributes:
        seed: The future.
        failing: Of each way, the rate groups that fail, of how many.
        lowest: The lowest rate of somebody not highly compensated who gets the contribution.
        highest: The highest of a highly compensated person.
        needs_gateway: Whether the schedule is none that rises gradually.
    """

    seed: int
    failing: Mapping[str, tuple[int, int]]
    lowest: Fraction | None
    highest: Fraction | None
    needs_gateway: bool

    @property
    def has_gateway(self) -> bool:
        """Whether cross-testing is allowed."""
        if not self.needs_gateway or self.lowest is None or self.highest is None:
            return True
        return passes_gateway(self.highest, self.lowest)

    @property
    def passes_by(self) -> str | None:
        """The first way by which it passes; None: it fails."""
        ways = [way for way, (failed, _) in self.failing.items() if not failed]
        allowed = [way for way in ways if way != "benefits" or self.has_gateway]
        return allowed[0] if allowed else None


def general_test(
    connection: duckdb.DuckDBPyConnection,
    plans: Sequence[PlanOfYear],
    wage_bases: Mapping[tuple[str, int], int],
    assumed: str,
) -> Iterator[LawOutcome]:
    """The answer for each scenario and year.

    Args:
        connection: Holds `law_people`.
        plans: Of every scenario and year.
        wage_bases: The Social Security wage base in cents, by scenario and year; of those that are tested.
        assumed: What is not known of the people, a sentence; empty where nothing is wanting.
    """
    graded = [plan for plan in plans if needs_test(plan)]
    futures = _futures(connection, graded, wage_bases) if graded else {}
    for plan in plans:
        if (plan.scenario, plan.year) in futures:
            yield _answer(plan, futures[plan.scenario, plan.year], assumed)
        else:
            yield LawOutcome(plan.scenario, plan.year, "general test: core", LAW, *_not_needed(plan))


def needs_test(plan: PlanOfYear) -> bool:
    """Whether the core contribution differs by age, service or points."""
    return not plan.is_uniform


def _not_needed(plan: PlanOfYear) -> tuple[str, str]:
    if not plan.has_core:
        return "not needed", "There is no core contribution; match and deferrals are tested by ACP and ADP alone."
    if needs_test(plan):
        return "not needed", "Nobody counts."
    return "passed", "The core contribution has one formula for all: a design-based safe harbor (1.401(a)(4)-2(b)(2))."


def _futures(
    connection: duckdb.DuckDBPyConnection, plans: Sequence[PlanOfYear], wage_bases: Mapping[tuple[str, int], int]
) -> dict[tuple[str, int], list[_Future]]:
    rows = [
        [plan.scenario, plan.year, age, wage_bases[plan.scenario, plan.year], benefit_factor(age, plan.retirement_age)]
        for plan in plans
        for age in range(_OLDEST)
    ]
    connection.execute("""
        create or replace temp table law_general (
            scenario_id varchar, simulation_year integer, age integer, wage_base_cents bigint, factor double
        )
    """)
    fill(connection, "law_general", rows)
    covered, benefits = plan_coverage(connection, "core"), average_benefits(connection)
    edges = {row[:4]: row[4:] for row in connection.execute(_GATEWAY).fetchall()}
    by_plan = {(plan.scenario, plan.year): plan for plan in plans}
    counted = connection.execute(RATES).fetchall()
    found: dict[tuple[str, int], list[_Future]] = {}
    for world, counts in groupby(counted, key=lambda row: row[:3]):
        plan = by_plan[world[:2]]
        ways = {way: [RateCount(*row[4:]) for row in of] for way, of in groupby(counts, key=lambda row: row[3])}
        failing_by = {way: _failing(ways[way], covered[world], benefits[world]) for way in _tried(plan)}
        lowest, highest = edges.get((*world, False)), edges.get((*world, True))
        found.setdefault(world[:2], []).append(
            _Future(
                world[2],
                failing_by,
                Fraction(lowest[0], 10_000) if lowest else None,
                Fraction(highest[1], 10_000) if highest else None,
                plan.has_excess_rate or not is_gradual(plan.core, plan.core_by),
            )
        )
    return found


def _tried(plan: PlanOfYear) -> list[str]:
    """A contribution that integrates by its own formula, or makes the plan a safe harbor, imputes no disparity."""
    explicit = plan.has_excess_rate or plan.safe_harbor in ("nonelective", "qaca_nonelective")
    return [way for way in _WAYS if way != "disparity" or not explicit]


def _failing(counts: Sequence[RateCount], plan: Covered, benefits: Fraction | None) -> tuple[int, int]:
    groups = [group for _, group in rate_groups(counts)]
    return sum(not group.rate_group_passes(plan, benefits) for group in groups), len(groups)


def _answer(plan: PlanOfYear, futures: Sequence[_Future], assumed: str) -> LawOutcome:
    failed = [one for one in futures if one.passes_by is None]
    one = failed[0] if failed else max(futures, key=lambda each: list(_WAYS).index(each.passes_by or "allocation"))
    told = "; ".join(
        f"{_WAYS[way]} {'all' if not bad else f'{bad} of'} {of} rate groups {'fail' if bad else 'pass'}"
        for way, (bad, of) in one.failing.items()
    )
    text = f"The core contribution goes by {plan.core_by}. {told[:1].upper()}{told[1:]}. {_gateway(one)}"
    if failed and len(futures) > 1:
        text = f"In future {one.seed}: {text}"
    figures = {
        "worst_seed": one.seed,
        "way": one.passes_by,
        "rate_groups_failing": {way: bad for way, (bad, _) in one.failing.items()},
        "rate_groups": {way: of for way, (_, of) in one.failing.items()},
        "gateway": one.has_gateway,
        "lowest_rate": None if one.lowest is None else float(one.lowest),
        "highest_hce_rate": None if one.highest is None else float(one.highest),
        "interest": float(INTEREST),
        "mortality": MORTALITY,
    }
    says = failing(len(failed), len(futures))
    because = " ".join(filter(None, (text, assumed)))
    return LawOutcome(plan.scenario, plan.year, "general test: core", LAW, says, because, len(failed), len(futures), figures)


def _gateway(one: _Future) -> str:
    if not one.needs_gateway:
        return "The schedule rises gradually: benefits need no gateway (1.401(a)(4)-8(b)(1)(iv))."
    if one.lowest is None or one.highest is None:
        return "Nobody needs the gateway."
    return (
        f"The gateway is {'kept' if one.has_gateway else 'not kept'}: the lowest rate is {float(one.lowest):.2%} of pay, a "
        f"third of the highest {float(one.highest / 3):.2%} (1.401(a)(4)-8(b)(1)(vi))."
    )
