"""What group plan_events decides in the invented year of workforce_world.py, with the plan's settings and limits.

Belongs here: the tables that operation plan_enrollments and the plan's money read, beside those of the workforce. Does
not: any expectation. Decisions are arithmetic on row numbers: not yet eligible, never in, in and escalating, changing,
stopping, enrolled and gone within the window, opted out, highly paid, owners, 50 and 60 to 63.
"""

from __future__ import annotations

from typing import Any

import duckdb

from tests.unit.plan_world import BASIC, CLIFF, DESIGN, GRADED, core, table, tiers, vesting

#: IRS Notice 2024-80, in cents.
_LIMITS_2025 = {
    "elective_deferral_cents": 2_350_000,
    "catch_up_cents": 750_000,
    "catch_up_60_63_cents": 1_125_000,
    "annual_additions_cents": 7_000_000,
    "compensation_cents": 35_000_000,
    "hce_compensation_cents": 12_500_000,
    "social_security_wage_base_cents": 17_610_000,
    "roth_catch_up_wages_cents": 13_000_000,
}

#: What the odd and the even scenario do differently.
_DESIGNS: tuple[dict[str, Any], ...] = (
    {},
    {"match_basis": "pay_period", "pay_periods": 12, "pay_before_entry": True, "forfeiture_use": "carried"},
)


def settle_plan(connection: duckdb.DuckDBPyConnection) -> None:
    """Add the plan to a year whose workforce is settled."""
    scenarios = [row[0] for row in connection.execute("select distinct scenario_id from stg_worlds order by 1").fetchall()]
    year = {"simulation_year": 2025}
    named = [(year | {"scenario_id": scenario}, number) for number, scenario in enumerate(scenarios)]
    table(connection, "stg_plan_design", [DESIGN | _DESIGNS[number % 2] | scenario for scenario, number in named])
    table(connection, "stg_legal_limits", [_LIMITS_2025 | scenario for scenario, _ in named])
    rows = [*tiers(*BASIC), *core(0.02, 0.02), *vesting({"match": GRADED, "core": CLIFF})]
    table(connection, "stg_plan_bands", [row | scenario for scenario, _ in named for row in rows])
    table(connection, "prior_fct_plan_cost", [])
    table(connection, "prior_fct_nondiscrimination_tests", [])
    connection.execute(_DECISIONS)


_DECISIONS = """
    create or replace table int_opening_workforce as
    select
        *,
        case when i % 9 <> 4 then date '2019-01-01' + (i % 1000)::integer end as eligibility_date,
        case when i % 9 <> 4 then 'census' end as eligibility_reason,
        (case when i % 9 <> 4 and i % 3 <> 0 then 10000 * (1 + i % 14) else 0 end)::bigint as deferral_rate_millionths,
        case when deferral_rate_millionths > 0 then date '2022-01-01' + (i % 500)::integer end as enrollment_date,
        case when deferral_rate_millionths > 0 then 'census' end as enrollment_source,
        i % 21 = 0 as has_opted_out, false as escalates, false as escalation_opted_out, null::date as window_end,
        false as plan_excluded, i % 101 = 7 as owner_5pct, i % 101 = 8 as was_owner_5pct,
        2080::integer as hours_prior_year_1, 2080::integer as hours_prior_year_2,
        (annual_compensation_cents * 97 // 100)::bigint as prior_paid_cents, false as prior_pay_imputed,
        (i * 977 % 3000000)::bigint as cumulative_match_cents, (i * 331 % 1000000)::bigint as cumulative_core_cents
    from (
        select * replace (annual_compensation_cents * if(i % 50 = 9, 12, 1) as annual_compensation_cents)
        from (select *, substr(employee_id, 2)::bigint + world_id as i from int_opening_workforce)
    );

    create or replace table plan_exits as
    select world_id, identity_key, termination_date from int_termination_events
    union all
    select world_id, identity_key, termination_date from int_new_hire_termination_events;

    create or replace table int_plan_eligibility as
    select
        2025::integer as simulation_year, person.world_id, person.employee_id, person.identity_key,
        case when person.is_hire then person.first_day else coalesce(person.eligibility_date, date '2025-03-01') end
            as eligibility_date,
        case when person.is_hire then 'immediate' else coalesce(person.eligibility_reason, 'service') end
            as eligibility_reason,
        person.is_hire or person.eligibility_date is null as is_new,
        case when is_new then person.first_day end as conditions_met_on
    from (
        select world_id, employee_id, identity_key, eligibility_date, eligibility_reason, false as is_hire,
            date '2025-01-01' as first_day
        from int_opening_workforce
        union all
        select world_id, employee_id, identity_key, null, null, true, hire_date from int_hiring_events
    ) as person
    left join plan_exits as gone using (world_id, identity_key)
    where coalesce(gone.termination_date, date '2025-12-31') >= date '2025-03-01' or person.eligibility_date is not null
        or person.is_hire;

    create or replace table int_auto_enrollment_window as
    select
        simulation_year, world_id, employee_id, identity_key, eligibility_date as window_start,
        eligibility_date + 30 as window_end, eligibility_date + 30 <= date '2025-12-31' as ends_this_year
    from int_plan_eligibility
    where is_new and eligibility_reason = 'immediate';

    create or replace table int_enrollment_events as
    select simulation_year, world_id, employee_id, identity_key, event_type, event_category, effective_date,
        deferral_rate_millionths, 0.5::decimal(18, 12) as event_probability
    from (
        select
            open_window.*, identity_key % 10 as choice,
            case when choice = 0 then 'opt_out' else 'enrollment' end as event_type,
            case when choice = 1 then 'active_choice' else 'auto' end as event_category,
            case when choice = 1 then window_start else window_end end as effective_date,
            case choice when 0 then 0::bigint when 1 then 90000 else 40000 end as deferral_rate_millionths
        from int_auto_enrollment_window as open_window
        union all by name
        select
            2025::integer as simulation_year, world_id, employee_id, identity_key,
            'enrollment' as event_type, 'later' as event_category,
            date '2025-01-02' + (identity_key % 360)::integer as effective_date, 60000::bigint as deferral_rate_millionths
        from int_opening_workforce as person
        where eligibility_date is not null and deferral_rate_millionths = 0 and identity_key % 4 = 0
    ) as decision
    left join plan_exits as gone using (world_id, identity_key)
    where effective_date <= coalesce(gone.termination_date, date '2025-12-31');

    create or replace table int_deferral_changes as
    select simulation_year, world_id, employee_id, identity_key, event_type, event_category, effective_date, step_millionths,
        cap_millionths, 0.1::decimal(18, 12) as event_probability
    from (
        select
            2025::integer as simulation_year, person.world_id, person.employee_id, person.identity_key,
            'deferral_escalation' as event_type, 'escalation' as event_category, date '2025-01-01' as effective_date,
            10000::bigint as step_millionths, 100000::bigint as cap_millionths
        from int_opening_workforce as person where deferral_rate_millionths > 0 and i % 4 = 1
        union all
        select
            2025, world_id, employee_id, identity_key, 'deferral_change', 'raise', date '2025-01-01' + (i % 365)::integer,
            20000, 1000000
        from int_opening_workforce where deferral_rate_millionths > 0 and i % 4 = 2
        union all
        select 2025, world_id, employee_id, identity_key, 'opt_out', 'stop', date '2025-12-31', null, null
        from int_opening_workforce where deferral_rate_millionths > 0 and i % 5 = 1
    ) as change
    left join plan_exits as gone using (world_id, identity_key)
    where effective_date <= coalesce(gone.termination_date, date '2025-12-31');
"""
