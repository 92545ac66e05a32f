"""All that the law's tests say of published results, in one call.

Belongs here: the order of the tests, and what they share. Does not: the tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import duckdb

from planwise_assets.intake.law_facts import LawFacts
from planwise_assets.results.excess import Excess
from planwise_assets.results.law.apart import tested_apart
from planwise_assets.results.law.corrections import Correction, corrections
from planwise_assets.results.law.coverage import coverage
from planwise_assets.results.law.general import general_test, needs_test
from planwise_assets.results.law.outcome import LawOutcome
from planwise_assets.results.law.people import make_people
from planwise_assets.results.law.plan_of_year import limit_in_dollars, plan_of_year
from planwise_assets.results.law.top_heavy import is_exempt, make_money, top_heavy
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

    def cents(name: str, at: tuple[str, int]) -> int:
        return int(limit_in_dollars(made, at[0], name, at[1]) * 100)

    make_people(connection, facts, plans)
    wage_bases = {
        (plan.scenario, plan.year): cents("social_security_wage_base", (plan.scenario, plan.year))
        for plan in plans
        if needs_test(plan)
    }
    limits = {
        name: {(plan.scenario, plan.year): cents(name, (plan.scenario, plan.year)) for plan in plans if not is_exempt(plan)}
        for name in ("key_employee_416", "compensation_401a17")
    }
    if limits["key_employee_416"]:
        make_money(connection, limits["key_employee_416"])
    assumed = _assumed(facts)
    found = chain(
        coverage(connection, assumed),
        general_test(connection, plans, wage_bases, assumed),
        top_heavy(connection, plans, facts, limits["compensation_401a17"]),
        tested_apart(connection),
    )
    order = made.scenarios.index
    return LawAnswers(
        sorted(found, key=lambda one: order(one.scenario)),
        list(
            corrections(
                connection,
                excess,
                {(plan.scenario, plan.year): plan for plan in plans},
                lambda scenario, name, year: limit_in_dollars(made, scenario, name, year),
            )
        ),
    )


_LEFT_OUT = {"plan_exclusion", "union_member", "nonresident_alien", "employment_status"}


def _assumed(facts: LawFacts) -> str:
    """What is taken of the people who count without being known, a sentence."""
    if facts.missing:
        return f"Nobody is known to be in a union or left out by the plan's terms: {facts.missing}."
    if not facts.columns & _LEFT_OUT:
        return "Nobody is known to be in a union or left out by the plan's terms: the census has no such column."
    if any(person.is_excluded or person.is_union or person.is_alien for person in facts.people):
        return "No hire is taken to be in a union or left out by the plan's terms."
    return ""
