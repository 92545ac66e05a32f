"""The published facts of the plan that a setting may act on, and in how many people or worlds they differ.

Here: the facts, and which follow from which. Not here: the settings (`plan.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.harness import Simulation
from tests.integration.settings.perturbing import Case

# Of a person: from the events of the plan ...
ENTRY, JOINING, CHANGES, CHANCES, RATES = "entry", "joining", "changes", "chances", "rates"
# ... and from the snapshot.
PLAN_PAY, DEFERRALS, CATCH_UP, ROTH, LIMIT = "plan_pay", "deferrals", "catch_up", "roth", "limit"
MATCH, TRUE_UP, CORE, POTENTIAL = "match", "true_up", "core", "potential"
MATCH_VESTED, CORE_VESTED, FORFEITED, HCE = "match_vested", "core_vested", "forfeited", "hce"
# Of a world.
COST, TESTS = "cost", "tests"

# What follows from another value of a fact, in the same year.
_FOLLOWS: dict[str, set[str]] = {
    ENTRY: {JOINING, CHANGES, PLAN_PAY, POTENTIAL, CORE, TESTS},
    JOINING: {CHANGES, RATES},
    CHANGES: {RATES, CHANCES},
    # who is at the cap is not escalated, and who lowers a rate to nothing stops
    RATES: {DEFERRALS, CHANGES},
    PLAN_PAY: {MATCH, TRUE_UP, CORE, POTENTIAL, TESTS},
    # 415(c) cuts what the employer puts in beside them
    DEFERRALS: {CATCH_UP, ROTH, LIMIT, MATCH, TRUE_UP, CORE, COST, TESTS},
    CATCH_UP: {DEFERRALS, ROTH, LIMIT},
    LIMIT: {DEFERRALS, CATCH_UP},
    MATCH: {TRUE_UP, CORE, FORFEITED, COST, TESTS},
    CORE: {MATCH, FORFEITED, COST, TESTS},
    POTENTIAL: {COST},
    MATCH_VESTED: {FORFEITED},
    CORE_VESTED: {FORFEITED},
    FORFEITED: {COST},
    HCE: {TESTS},
}


def with_what_follows(facts: set[str]) -> set[str]:
    """The facts, and all that another value of them may change."""
    found: set[str] = set()
    ahead = list(facts)
    while ahead:
        fact = ahead.pop()
        if fact not in found:
            found.add(fact)
            ahead += _FOLLOWS.get(fact, ())
    return found


# Everybody of a world and year with the facts as text, by name.
_PEOPLE = """
    create temp table people as
    with plan_events as (
        select
            scenario_id, simulation_year, employee_id,
            list((event_category, effective_date)) filter (where event_type = 'eligibility') as entry,
            list((event_type, event_category, effective_date) order by event_type) filter (
                where event_type = 'enrollment' or (event_type = 'opt_out' and event_category = 'auto')
            ) as joining,
            list((event_type, event_category, effective_date) order by event_type, event_category) filter (
                where event_type in ('deferral_change', 'deferral_escalation')
                or (event_type = 'opt_out' and event_category <> 'auto')
            ) as changes,
            list(deferral_rate_after order by event_sequence) filter (
                where event_type in ('enrollment', 'opt_out', 'deferral_change', 'deferral_escalation')
            ) as rates
        from fct_yearly_events
        group by all
    )

    select
        scenario_id, simulation_year, employee_id,
        [eligibility_date::varchar, entry::varchar] as entry,
        [enrollment_date::varchar, enrollment_source, joining::varchar] as joining,
        changes,
        [deferral_rate::varchar, rates::varchar] as rates,
        plan_compensation as plan_pay, employee_contribution as deferrals, catch_up_contribution as catch_up,
        roth_catch_up_contribution as roth, limit_reached as "limit", employer_match as "match", true_up,
        employer_core as core, match_potential as potential, match_vested_percent as match_vested,
        core_vested_percent as core_vested, (forfeited_match, forfeited_core) as forfeited, is_hce as hce
    from fct_workforce_snapshot
    left join plan_events using (scenario_id, simulation_year, employee_id)
"""
_OF_A_PERSON = (
    *(ENTRY, JOINING, CHANGES, RATES, PLAN_PAY, DEFERRALS, CATCH_UP, ROTH, LIMIT, MATCH, TRUE_UP, CORE, POTENTIAL),
    *(MATCH_VESTED, CORE_VESTED, FORFEITED, HCE),
)

# What the workforce does, without what the plan adds to its events.
WORKFORCE = """
    select
        employee_id, simulation_year, event_type, event_category, effective_date, compensation_before, compensation_after,
        level_before, level_after, event_probability, event_details
    from fct_yearly_events
    where event_type in ('hire', 'termination', 'promotion', 'merit_raise', 'cola')
"""


def differences(run: Simulation, cases: Sequence[Case]) -> dict[str, dict[int, dict[str, int]]]:
    """For each case (its scenario) and year, in how many people, events or worlds each fact differs from the baseline."""
    found: dict[str, dict[int, dict[str, int]]] = {case.scenario_id: {} for case in cases}
    with run.connect() as connection:
        connection.execute("create temp table pairs (scenario_id varchar, baseline varchar)")
        connection.executemany("insert into pairs values (?, ?)", [(case.scenario_id, case.baseline) for case in cases])
        connection.execute(_PEOPLE)

        def count(fact: str, query: str) -> None:
            for case_id, year, number in connection.execute(query).fetchall():
                found[case_id].setdefault(year, {})[fact] = number

        for fact in _OF_A_PERSON:
            count(fact, _differing("people", f'"{fact}"', "employee_id"))
        for fact, table in ((COST, "fct_plan_cost"), (TESTS, "fct_nondiscrimination_tests")):
            connection.execute(f"""
                create or replace temp table results as
                select scenario_id, simulation_year, list(result order by result) as result
                from (
                    select scenario_id, simulation_year, row(*columns(* exclude (scenario_id)))::varchar as result
                    from {table}
                )
                group by all
            """)
            count(fact, _differing("results", "result", "simulation_year"))
        # only where both have the event
        count(CHANCES, """
            select pairs.scenario_id, simulation_year, count(*) filter (base.event_probability <> other.event_probability)
            from pairs
            inner join fct_yearly_events as base on pairs.baseline = base.scenario_id
            inner join fct_yearly_events as other
                using (simulation_year, employee_id, event_type, event_category)
            where pairs.scenario_id = other.scenario_id
                and base.event_type in ('enrollment', 'opt_out', 'deferral_change', 'deferral_escalation')
            group by all
        """)  # fmt: skip
    return found


def _differing(table: str, fact: str, key: str) -> str:
    return f"""
        select pairs.scenario_id, base.simulation_year, count(*) filter (base.{fact} is distinct from other.{fact})
        from pairs
        inner join {table} as base on pairs.baseline = base.scenario_id
        inner join {table} as other
            on pairs.scenario_id = other.scenario_id and base.simulation_year = other.simulation_year
            and base.{key} = other.{key}
        group by all
    """


def changed_workforces(run: Simulation, cases: Sequence[Case]) -> list[str]:
    """The cases in which anything happens to anyone outside the plan that does not happen in their baseline."""
    with run.connect() as connection:
        connection.execute("create temp table pairs (scenario_id varchar, baseline varchar)")
        connection.executemany("insert into pairs values (?, ?)", [(case.scenario_id, case.baseline) for case in cases])
        rows = connection.execute(f"""
            with events as ({WORKFORCE.replace("select", "select scenario_id,", 1)}),
            base as (
                select pairs.scenario_id as case_id, events.* exclude (scenario_id)
                from pairs inner join events on pairs.baseline = events.scenario_id
            ),
            other as (
                select events.scenario_id as case_id, events.* exclude (scenario_id)
                from pairs inner join events using (scenario_id)
            )
            select distinct case_id
            from ((from base except all from other) union all (from other except all from base))
        """).fetchall()  # fmt: skip
    changed = {case_id for (case_id,) in rows}
    return [case.label for case in cases if case.scenario_id in changed]
