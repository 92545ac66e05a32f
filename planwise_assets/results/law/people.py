"""Everybody whom a test of the plan as a whole may count, world by world: the temporary table `law_people`.

Belongs here: who counts, who benefits, who is otherwise excludable. Does not: the tests.

Excludable, and not in the table (Treas. Reg. 1.410(b)-6): who waits for the plan's age, service, hours or entry date (b), a
union's members (d), nonresident aliens without US income whom the plan leaves out (c), long-term part-timers who are in by
that alone (IRC 401(k)(15)(B)), and, source by source, who left with at most 500 hours and therefore got nothing (f).
Otherwise excludable is who could have been kept out for longer: by age 21 and a year of 1,000 hours, and then up to the
next 1 January or 1 July (IRC 410(a)(1), (a)(4); Treas. Reg. 1.410(b)-6(b)(3), 1.410(b)-7(c)(3)).
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from planwise_assets.intake.law_facts import LawFacts
from planwise_assets.results.excess import UNTESTED
from planwise_assets.results.law.plan_of_year import PlanOfYear

PEOPLE = "law_people"
# Treas. Reg. 1.410(b)-6(f)(1)(v).
_FEW_HOURS = 500
_YEAR_OF_SERVICE = 1_000


def make_people(connection: duckdb.DuckDBPyConnection, facts: LawFacts, plans: Iterable[PlanOfYear]) -> None:
    """Makes the temporary tables `law_facts`, `law_plans` and `law_people`.

    Args:
        connection: One whose current schema holds the published tables; it may be read-only.
        facts: What the census says of its people.
        plans: The plan of every published scenario and year.
    """
    connection.execute("""
        create or replace temp table law_facts (
            employee_id varchar, is_excluded boolean, is_union boolean, is_alien boolean, is_officer boolean,
            owns decimal(9, 4), weekly_hours decimal(9, 4)
        );
        create or replace temp table law_plans (
            scenario_id varchar, simulation_year integer, adopted date, minimum_age integer, service_months integer,
            entry_months integer, hours_rule boolean, has_match boolean, match_at_year_end boolean, match_hours integer,
            has_core boolean, core_at_year_end boolean, core_hours integer
        );
    """)
    fill(connection, "law_facts", [[*vars(person).values()] for person in facts.people])
    fill(
        connection,
        "law_plans",
        [
            [
                *(plan.scenario, plan.year, plan.adopted, plan.minimum_age, plan.service_months, plan.entry_months),
                *(plan.hours_rule, plan.has_match, *plan.match_conditions, plan.has_core, *plan.core_conditions),
            ]
            for plan in plans
        ],
    )
    connection.execute(f"create or replace temp table {PEOPLE} as {_QUERY}")


def fill(connection: duckdb.DuckDBPyConnection, table: str, rows: list[list[object]]) -> None:
    """Puts rows into a table, a list a column: row by row is a hundred times as slow.

    Args:
        connection: Holds the table.
        table: Its name.
        rows: Values in the order of its columns.
    """
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        connection.execute(f"insert into {table} select {', '.join('unnest(?)' for _ in columns)}", columns)


def _entry(day: str, months: str) -> str:
    """SQL of the entry date on or next after a day; `months` between entry dates, 0: that day."""
    first = f"cast(date_trunc('month', {day}) as date)"
    waits = f"({months} - (month({day}) - 1) % {months})"
    return f"""case
            when {months} = 0 or ({day} = {first} and (month({day}) - 1) % {months} = 0) then {day}
            else cast({first} + to_months(cast({waits} as integer)) as date)
        end"""


#: `served_since` is the day of the hire, or an earlier one where more years of service are completed than since then; of
#: somebody who never has 1,000 hours a year the statutory date is null.
_QUERY = f"""
    with {UNTESTED},

    known as (
        select
            snapshot.*,
            plan.* exclude (scenario_id, simulation_year),
            coalesce(facts.is_excluded, false) as is_excluded,
            coalesce(facts.is_union, false) as is_union,
            coalesce(facts.is_alien, false) as is_alien,
            coalesce(facts.weekly_hours, 40) as hours_a_week,
            coalesce(untested.since <= simulation_year, false) as is_long_term_part_time,
            employment_status = 'active' as is_there,
            coalesce(termination_date, make_date(simulation_year, 12, 31)) as last_day,
            least(hire_date, cast(last_day - to_years(tenure_years_at_year_end) as date)) as served_since,
            last_day - greatest(hire_date, make_date(simulation_year, 1, 1)) + 1 as days,
            hours_a_week * 52 * days / 365 as hours,
            hours_a_week * 52 >= {_YEAR_OF_SERVICE} as works_a_year
        from fct_workforce_snapshot as snapshot
        inner join law_plans as plan using (scenario_id, simulation_year)
        left join law_facts as facts using (employee_id)
        left join untested using (scenario_id, seed, employee_id)
    ),

    dated as (
        select
            *,
            cast(greatest(birth_date + to_years(21), served_since + to_years(1)) as date) as statutory_met,
            cast(greatest(birth_date + to_years(minimum_age), served_since + to_months(service_months), hire_date) as date)
                as plan_met
        from known
    ),

    placed as (
        select
            *,
            not works_a_year or {_entry("statutory_met", "6")} > last_day as is_otherwise_excludable,
            (works_a_year or not hours_rule) and {_entry("plan_met", "entry_months")} <= last_day as could_be_in
        from dated
        where
            adopted <= last_day
            and not is_union
            and not is_long_term_part_time
            and not is_alien
            and (is_eligible or (is_excluded and could_be_in))
    ),

    sources as (
        select
            *,
            is_eligible and has_match and match_potential > 0
            and (is_there or not match_at_year_end) and hours >= match_hours as gets_match,
            is_eligible and employer_core > 0 as gets_core,
            is_eligible and not is_there and hours <= {_FEW_HOURS} as left_early
        from placed
    )

    select
        scenario_id, seed, simulation_year, employee_id, is_hce, is_there, is_eligible, is_otherwise_excludable, has_match,
        has_core, gets_match, gets_core, age_at_year_end as age, tenure_years_at_year_end as service,
        is_there or not left_early or gets_match or not (match_at_year_end or match_hours > 0) as counts_for_match,
        is_there or not left_early or gets_core or not (core_at_year_end or core_hours > 0) as counts_for_core,
        cast(plan_compensation * 100 as bigint) as pay_cents,
        cast((employee_contribution - catch_up_contribution) * 100 as bigint) as deferral_cents,
        cast(employer_match * 100 as bigint) as match_cents,
        cast(employer_core * 100 as bigint) as core_cents
    from sources
"""


def hundredths(amount: str, of: str = "pay_cents") -> str:
    """SQL of a share in whole hundredths of a per cent, halves up; 0 without pay.

    Args:
        amount: SQL of whole cents.
        of: SQL of the pay in cents.
    """
    return f"case when {of} > 0 then (2 * {_HUNDREDTHS} * ({amount}) + {of}) // (2 * {of}) else 0 end"


_HUNDREDTHS = 10_000
