/*
  grain    one row a person and world active after 31 December
  meaning  what the next year opens with, and all of it: every fact about a person that lasts
  formula  the plan's facts are those of the year's last deferral segment; who was not eligible has none and keeps the
           opening's (a hire: none of them). Hours of service are 52 weeks of scheduled hours by the days employed
*/
with last_segments as (
    select *
    from {{ source('operations', 'plan_enrollments') }}
    qualify row_number() over (partition by world_id, identity_key order by segment_number desc) = 1
)

select
    closing.simulation_year,
    world_id,
    worlds.scenario_id,
    worlds.seed,
    closing.employee_id,
    identity_key,
    closing.birth_date,
    closing.hire_date,
    closing.service_date,
    opening.announced_exit_date,
    closing.level_id,
    closing.closing_rate_cents as annual_compensation_cents,
    closing.scheduled_hours_per_week,
    closing.paid_cents as paid_compensation_cents,
    coalesce(opening.plan_excluded, false) as plan_excluded,
    coalesce(opening.owner_5pct, false) as owner_5pct,
    coalesce(plan.eligibility_date, opening.eligibility_date) as eligibility_date,
    coalesce(plan.eligibility_reason, opening.eligibility_reason) as eligibility_reason,
    coalesce(plan.enrollment_date, opening.enrollment_date) as enrollment_date,
    coalesce(plan.enrollment_source, opening.enrollment_source) as enrollment_source,
    coalesce(plan.rate_millionths, opening.deferral_rate_millionths, 0) as deferral_rate_millionths,
    coalesce(plan.has_opted_out, opening.has_opted_out, false) as has_opted_out,
    coalesce(plan.escalates, opening.escalates, false) as escalates,
    coalesce(plan.escalation_opted_out, opening.escalation_opted_out, false) as escalation_opted_out,
    plan.window_end,
    cast({{ hours_of_service('closing.scheduled_hours_per_week', 'closing.days_paid', 'worlds.days_in_year') }} as integer)
        as hours_prior_year_1,
    coalesce(opening.hours_prior_year_1, 0) as hours_prior_year_2,
    coalesce(vesting.cumulative_match_cents, opening.cumulative_match_cents, 0) as cumulative_match_cents,
    coalesce(vesting.cumulative_core_cents, opening.cumulative_core_cents, 0) as cumulative_core_cents
from {{ ref('int_closing_workforce') }} as closing
inner join {{ ref('stg_worlds') }} as worlds using (world_id)
left join {{ ref('int_opening_workforce') }} as opening using (world_id, identity_key)
left join last_segments as plan using (world_id, identity_key)
left join {{ ref('int_vesting_forfeitures') }} as vesting using (world_id, identity_key)
where closing.employment_status = 'active'
order by world_id, closing.employee_id
