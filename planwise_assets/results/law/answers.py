"""All that the law's tests say of published results, in one call.

Belongs here: the order of the tests, and what they share. Does not: the tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import chain

import duckdb

from planwise_assets.intake.law_facts import LawFacts
from planwise_assets.results.excess import Excess
from planwise_assets.results.law.apart import tested_apart
from planwise_assets.results.law.corrections import Correction, corrections
from planwise_assets.results.law.coverage import coverage
from planwise_assets.results.law.general import general_test, needs_test
from planwise_assets.results.law.match_rates import match_rates
from planwise_assets.results.law.outcome import LawOutcome
from planwise_assets.results.law.partial_termination import partial_termination
from planwise_assets.results.law.people import make_people
from planwise_assets.results.law.plan_of_year import PlanOfYear, limit_in_dollars, plan_of_year
from planwise_assets.results.law.top_heavy import is_exempt, make_money, top_heavy, why_unknown
from planwise_assets.results.provenance import Published


@dataclass(frozen=True)
class LawAnswers:
    """What the tests say, by scenario, and what corrections would cost."""

    outcomes: Sequence[LawOutcome] = ()
    corrections: Sequence[Correction] = ()


def law_answers(
    connection: duckdb.DuckDBPyConnection, made: Published, facts: LawFacts, excess: Sequence[Excess]
) -> LawAnswers:
    """Asks every test of every published scenario and year.

    Args:
        connection: One whose current schema holds the published tables; it gets temporary tables `law_*`.
        made: What the results were made from.
        facts: What the census of then says of its people.
        excess: Everybody's excess of failed tests.
    """
    there = connection.execute("select distinct scenario_id, simulation_year from fct_workforce_snapshot").fetchall()
    published = sorted(there, key=lambda at: (made.scenarios.index(at[0]), at[1]))
    plans = [plan_of_year(made, scenario, year) for scenario, year in published]

    @cache
    def dollars(scenario: str, name: str, year: int) -> Decimal:
        return limit_in_dollars(made, scenario, name, year)

    def cents(name: str, asked: Sequence[PlanOfYear]) -> dict[tuple[str, int], int]:
        return {(plan.scenario, plan.year): int(dollars(plan.scenario, name, plan.year) * 100) for plan in asked}

    make_people(connection, facts, plans)
    wage_bases = cents("social_security_wage_base", [plan for plan in plans if needs_test(plan)])
    first = min((plan.year for plan in plans), default=0)
    may_be_heavy = [plan for plan in plans if not is_exempt(plan) and not why_unknown(plan, first, facts)]
    if may_be_heavy:
        # Of every year: who was a key employee before, and what each put in so far.
        make_money(connection, cents("key_employee_416", plans))
    assumed = _assumed(facts)
    found = chain(
        coverage(connection, assumed),
        general_test(connection, plans, wage_bases, assumed),
        match_rates(connection, plans, assumed),
        top_heavy(connection, plans, facts, cents("compensation_401a17", may_be_heavy)),
        partial_termination(connection),
        tested_apart(connection, assumed if facts.missing else ""),
    )
    order = made.scenarios.index
    return LawAnswers(
        sorted(found, key=lambda one: order(one.scenario)),
        list(
            corrections(
                connection,
                excess,
                {(plan.scenario, plan.year): plan for plan in plans},
                dollars,
            )
        ),
    )


_LEFT_OUT = {"plan_exclusion", "union_member", "nonresident_alien", "employment_status"}


def _assumed(facts: LawFacts) -> str:
    """What is taken of the people who count without being known, a sentence."""
    if facts.missing:
        return f"Nobody is known to be in a union or left out by the plan's terms: {facts.missing}."
    if not facts.columns & _LEFT_OUT:
        return "Of unions and people left out the census has no column."
    if any(person.is_excluded or person.is_union or person.is_alien for person in facts.people):
        return "No hire is taken to be in a union or left out by the plan's terms."
    return ""
