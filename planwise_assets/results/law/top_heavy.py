"""Top-heavy, IRC 416, of the published years: key employees' share of the balances, and what the minimum would cost.

Belongs here: balances as far as they are known, key employees, the minimum's cost, the answer's words. Does not: the rules
(study/law/top_heavy.py), the census (intake/law_facts.py).

A year is judged by the last day of the year before, a plan's first year by its own (416(g)(4)(C)). A balance is the match
and core so far (with the census's match_balance and core_balance) less what was forfeited, and the deferrals since the first
simulated year: no returns, and no deferrals from before. Catch-up of the determination year itself does not count (Treas.
Reg. 1.414(v)-1(d)(3)), that of earlier years does. People who left in the determination year count with what they
took (416(g)(3)(B), (4)(E)); who was a key employee in an earlier published year and is none now does not (416(g)(4)(B)).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import duckdb

from planwise_assets.intake.law_facts import LawFacts
from planwise_assets.results.excess import IS_TESTED, UNTESTED
from planwise_assets.results.law.outcome import LawOutcome
from planwise_assets.results.law.people import fill
from planwise_assets.results.law.plan_of_year import PlanOfYear
from planwise_assets.study.law.top_heavy import (
    FIVE_PERCENT,
    ONE_PERCENT,
    ONE_PERCENT_OWNERS_PAY,
    is_top_heavy,
    minimum_rate,
    officers_at_most,
)

LAW = "IRC 416"
_OWNERS = {"owner_5pct", "ownership_percent", "family_relationship"}

#: Heads of the officers' tenth: without whom 414(q)(5) leaves out, as far as the published tables say.
_HEADS = """
    select scenario_id, simulation_year, seed, count(*)
    from fct_workforce_snapshot
    where
        age_at_year_end >= 21
        and hire_date + to_months(6) <= coalesce(termination_date, make_date(simulation_year, 12, 31)) + 1
    group by all
"""

#: Everybody's money, and who is a key employee: one of those of whom the census says something.
_MONEY = f"""
    create or replace temp table law_money as
    with {UNTESTED},

    people as (
        select
            snapshot.scenario_id, snapshot.seed, snapshot.simulation_year, snapshot.employee_id,
            employment_status = 'active' and {IS_TESTED}
            and not coalesce(facts.is_union, false) as is_owed,
            cast(paid_compensation * 100 as bigint) as paid_cents,
            cast((employer_match + employer_core) * 100 as bigint) as employer_cents,
            cast((employee_contribution - catch_up_contribution) * 100 as bigint) as deferral_cents,
            cast((cumulative_match + cumulative_core - forfeited_match - forfeited_core) * 100 as bigint)
                as employer_so_far_cents,
            sum(cast(employee_contribution * 100 as bigint)) over so_far - cast(catch_up_contribution * 100 as bigint)
                as deferred_cents
        from fct_workforce_snapshot as snapshot
        left join untested using (scenario_id, seed, employee_id)
        left join law_facts as facts using (employee_id)
        window so_far as (partition by snapshot.scenario_id, snapshot.seed, snapshot.employee_id order by simulation_year)
    ),

    ranked as (
        select
            scenario_id, seed, simulation_year, employee_id, owns, paid_cents, officers_at_most,
            is_officer and paid_cents > officers_pay_cents as may_be_key,
            row_number() over best_paid as place
        from people
        inner join law_facts using (employee_id)
        inner join law_officers using (scenario_id, seed, simulation_year)
        window best_paid as (
            partition by scenario_id, seed, simulation_year
            order by is_officer and paid_cents > officers_pay_cents desc, paid_cents desc, employee_id
        )
    ),

    keys as (
        select
            scenario_id, seed, simulation_year, employee_id,
            owns > {FIVE_PERCENT}
            or (owns > {ONE_PERCENT} and paid_cents > {ONE_PERCENT_OWNERS_PAY * 100})
            or (may_be_key and place <= officers_at_most) as is_key,
            coalesce(bool_or(is_key) over before, false) and not is_key as was_key
        from ranked
        window before as (
            partition by scenario_id, seed, employee_id order by simulation_year
            rows between unbounded preceding and 1 preceding
        )
    )

    select
        people.*,
        cast(greatest(employer_so_far_cents + deferred_cents, 0) as bigint) as balance_cents,
        coalesce(keys.is_key, false) as is_key,
        coalesce(keys.was_key, false) as was_key
    from people
    left join keys using (scenario_id, seed, simulation_year, employee_id)
"""

_BALANCES = """
    select
        seed,
        coalesce(cast(sum(balance_cents) filter (is_key) as bigint), 0),
        coalesce(cast(sum(balance_cents) as bigint), 0),
        count(*) filter (is_key)
    from law_money
    where scenario_id = ? and simulation_year = ? and not was_key
    group by seed
    order by seed
"""

#: What the minimum costs at a rate: who is no key employee, and there on the last day, less match and core of the year.
_PAID = """
    with key as (
        select employee_id from law_money where scenario_id = $scenario and seed = $seed and simulation_year = $of and is_key
    ),

    people as (
        select *, employee_id in (from key) as is_key_now, least(paid_cents, $most) as pay_cents
        from law_money
        where scenario_id = $scenario and seed = $seed and simulation_year = $year
    )

    select
        arg_max([deferral_cents + employer_cents, pay_cents], (deferral_cents + employer_cents) / pay_cents)
            filter (is_key_now and pay_cents > 0),
        list([pay_cents, employer_cents]) filter (is_owed and not is_key_now)
    from people
"""


@dataclass(frozen=True)
class _Future:
    """One future: the key employees' balances, everybody's, how many they are, and what the minimum costs; cents."""

    seed: int
    key: int
    everybody: int
    heads: int
    cost: int = 0

    @property
    def share(self) -> float:
        """Of the balances that are known."""
        return self.key / self.everybody if self.everybody else 0.0


def is_exempt(plan: PlanOfYear) -> bool:
    """Whether the plan is nothing but a safe harbor and deferrals, IRC 416(g)(4)(H)."""
    if plan.safe_harbor == "none":
        return False
    if plan.safe_harbor in ("nonelective", "qaca_nonelective"):
        return not plan.has_excess_rate and all(band.rate <= Fraction(3, 100) for band in plan.core)
    return not plan.has_core


def make_money(connection: duckdb.DuckDBPyConnection, officers_pay: Mapping[tuple[str, int], int]) -> None:
    """Makes the temporary table `law_money`: balances and key employees.

    Args:
        connection: Holds `law_facts`.
        officers_pay: Pay above which an officer is a key employee, in cents, by scenario and year.
    """
    connection.execute("""
        create or replace temp table law_officers (
            scenario_id varchar, simulation_year integer, seed bigint, officers_at_most integer, officers_pay_cents bigint
        )
    """)
    worlds = [
        [scenario, year, seed, officers_at_most(heads), officers_pay[scenario, year]]
        for scenario, year, seed, heads in connection.execute(_HEADS).fetchall()
        if (scenario, year) in officers_pay
    ]
    fill(connection, "law_officers", worlds)
    connection.execute(_MONEY)


def top_heavy(
    connection: duckdb.DuckDBPyConnection,
    plans: Sequence[PlanOfYear],
    facts: LawFacts,
    pay_limits: Mapping[tuple[str, int], int],
) -> Iterator[LawOutcome]:
    """The answer for each scenario and year.

    Args:
        connection: Holds `law_money`, if something can be said of any plan.
        plans: Of every scenario and year.
        facts: What the census says of its people.
        pay_limits: IRC 401(a)(17) in cents, by scenario and year.
    """
    first = min((plan.year for plan in plans), default=0)
    for plan in plans:
        unknown = why_unknown(plan, first, facts)
        if is_exempt(plan):
            text = "A safe harbor and deferrals alone are exempt (416(g)(4)(H))."
            yield LawOutcome(plan.scenario, plan.year, "top-heavy", LAW, "exempt", text)
        elif unknown:
            yield LawOutcome(plan.scenario, plan.year, "top-heavy", LAW, "cannot be said", unknown)
        else:
            yield _answer(connection, plan, first, facts, pay_limits)


def determination_year(plan: PlanOfYear) -> int:
    """The year whose last day decides: the one before, of a plan's first year that year itself."""
    return plan.year if plan.adopted.year >= plan.year else plan.year - 1


def why_unknown(plan: PlanOfYear, first: int, facts: LawFacts) -> str:
    """Why nothing can be said; empty where something can.

    Args:
        plan: The plan of a year.
        first: The first published year.
        facts: What the census says of its people.
    """
    if facts.missing:
        return f"Nobody is known to be a key employee: {facts.missing}."
    if not any(person.is_officer or person.owns > ONE_PERCENT for person in facts.people):
        officers = "names no officer" if facts.officers else "has no column officer"
        owners = "names no owner" if facts.columns & _OWNERS else "has none of owners (owner_5pct, ownership_percent)"
        why = f"the census {officers} and {owners}"
        return f"Nobody is known to be a key employee: {why}{_words(facts)}."
    if determination_year(plan) < first:
        return f"It goes by balances and pay of {plan.year - 1}, before the first simulated year."
    if plan.adopted.year < first and not facts.columns & {"match_balance", "core_balance"}:
        return (
            f"It cannot be said without balances: the plan is older than {first}, and the census has no match_balance and "
            "no core_balance."
        )
    return ""


def _words(facts: LawFacts) -> str:
    return f" ({', '.join(facts.unread)} in the column {facts.officers} is neither yes nor no)" if facts.unread else ""


def _answer(
    connection: duckdb.DuckDBPyConnection,
    plan: PlanOfYear,
    first: int,
    facts: LawFacts,
    pay_limits: Mapping[tuple[str, int], int],
) -> LawOutcome:
    of = determination_year(plan)
    futures = []
    for seed, key, everybody, heads in connection.execute(_BALANCES, [plan.scenario, of]).fetchall():
        one = _Future(seed, key, everybody, heads)
        if is_top_heavy(key, everybody):
            one = _Future(seed, key, everybody, heads, _cost(connection, plan, seed, pay_limits[plan.scenario, plan.year]))
        futures.append(one)
    if not futures:
        return LawOutcome(plan.scenario, plan.year, "top-heavy", LAW, "cannot be said", f"Nothing of {of} is published.")
    heavy = [one for one in futures if is_top_heavy(one.key, one.everybody)]
    worst = max(futures, key=lambda one: (one.cost, one.share))
    says = (
        "not top-heavy"
        if not heavy
        else "top-heavy"
        if len(heavy) == len(futures)
        else f"top-heavy in {len(heavy)} of {len(futures)}"
    )
    told = f"On 31 December {of} {worst.heads:,} key employees have {worst.share:.1%} of the money that is known"
    if len(futures) > 1:
        told += ", in the worst of the futures"
    text = f"{told}; more than 60 % is top-heavy."
    if heavy:
        text += f" The minimum of 416(c)(2) would cost ${worst.cost / 100:,.0f} in {plan.year} beside match and core."
    figures = {
        "determination_year": of,
        "worst_seed": worst.seed,
        "key_employees": worst.heads,
        "key_share": worst.share,
        "minimum_cost": worst.cost / 100,
    }
    because = f"{text} {_not_known(plan, first, facts)}"
    return LawOutcome(plan.scenario, plan.year, "top-heavy", LAW, says, because, len(heavy), len(futures), figures)


def _not_known(plan: PlanOfYear, first: int, facts: LawFacts) -> str:
    known = f"Officers are those of the column {facts.officers}{_words(facts)}" if facts.officers else "No officer is known"
    owners = "" if facts.columns & _OWNERS else ", no owner"
    before = f" and deferrals before {first}" if plan.adopted.year < first else ""
    return f"{known}{owners}; no hire is one. Returns{before} are in no balance."


def _cost(connection: duckdb.DuckDBPyConnection, plan: PlanOfYear, seed: int, most: int) -> int:
    """What the minimum costs in a future, in cents."""
    at = {"scenario": plan.scenario, "seed": seed, "year": plan.year, "of": determination_year(plan), "most": most}
    ((best, owed),) = connection.execute(_PAID, at).fetchall()
    rate = minimum_rate(Fraction(*best) if best else Fraction(0))
    return sum(max(int(pay * rate + Fraction(1, 2)) - given, 0) for pay, given in owed or [])
