/*
  grain    one row a world and person employed on 1 January
  inputs   the census in the first year (int_cold_start), last year's closing workforce in every later one: one of the
           two has no rows
*/
with openings as (
    select
        world_id,
        employee_id,
        identity_key,
        birth_date,
        hire_date,
        service_date,
        level_id,
        annual_compensation_cents,
        scheduled_hours_per_week,
        prior_paid_cents,
        prior_pay_imputed,
        plan_excluded,
        owner_5pct,
        was_owner_5pct,
        eligibility_date,
        eligibility_reason,
        enrollment_date,
        enrollment_source,
        deferral_rate_millionths,
        has_opted_out,
        escalates,
        escalation_opted_out,
        window_end,
        hours_prior_year_1,
        hours_prior_year_2,
        cumulative_match_cents,
        cumulative_core_cents
    from {{ ref('int_cold_start') }}
    union all
    select
        worlds.world_id,
        closing.employee_id,
        closing.identity_key,
        closing.birth_date,
        closing.hire_date,
        closing.service_date,
        closing.level_id,
        closing.annual_compensation_cents,
        closing.scheduled_hours_per_week,
        closing.paid_compensation_cents as prior_paid_cents,
        false as prior_pay_imputed,
        closing.plan_excluded,
        closing.owner_5pct,
        closing.owner_5pct as was_owner_5pct,
        closing.eligibility_date,
        closing.eligibility_reason,
        closing.enrollment_date,
        closing.enrollment_source,
        closing.deferral_rate_millionths,
        closing.has_opted_out,
        closing.escalates,
        closing.escalation_opted_out,
        closing.window_end,
        closing.hours_prior_year_1,
        closing.hours_prior_year_2,
        closing.cumulative_match_cents,
        closing.cumulative_core_cents
    from {{ source('prior_year', 'workforce_state') }} as closing
    inner join {{ ref('stg_worlds') }} as worlds
        on closing.scenario_id = worlds.scenario_id and closing.seed = worlds.seed
)

select
    year_context.simulation_year,
    openings.world_id,
    openings.employee_id,
    openings.identity_key,
    openings.birth_date,
    openings.hire_date,
    openings.service_date,
    openings.level_id,
    openings.annual_compensation_cents,
    openings.scheduled_hours_per_week,
    openings.prior_paid_cents,
    openings.prior_pay_imputed,
    openings.plan_excluded,
    openings.owner_5pct,
    openings.was_owner_5pct,
    openings.eligibility_date,
    openings.eligibility_reason,
    openings.enrollment_date,
    openings.enrollment_source,
    openings.deferral_rate_millionths,
    openings.has_opted_out,
    openings.escalates,
    openings.escalation_opted_out,
    openings.window_end,
    openings.hours_prior_year_1,
    openings.hours_prior_year_2,
    openings.cumulative_match_cents,
    openings.cumulative_core_cents
from openings
cross join {{ source('study', 'year_context') }} as year_context
order by openings.world_id, openings.employee_id
