/*
  grain    one row a world and employee of the census in the first year, no rows later
*/
select
    worlds.simulation_year,
    worlds.world_id,
    baseline.employee_id,
    baseline.identity_key,
    baseline.birth_date,
    baseline.hire_date,
    baseline.service_date,
    baseline.level_id,
    baseline.annual_compensation_cents,
    baseline.scheduled_hours_per_week,
    baseline.prior_paid_cents,
    baseline.prior_pay_imputed,
    baseline.plan_excluded,
    baseline.owner_5pct,
    baseline.owner_5pct as was_owner_5pct,
    baseline.eligibility_date,
    baseline.eligibility_reason,
    baseline.enrollment_date,
    baseline.enrollment_source,
    baseline.deferral_rate_millionths,
    baseline.has_opted_out,
    baseline.escalates,
    baseline.escalation_opted_out,
    cast(null as date) as window_end,
    baseline.hours_prior_year_1,
    baseline.hours_prior_year_2,
    baseline.cumulative_match_cents,
    baseline.cumulative_core_cents
from {{ ref('int_baseline_workforce') }} as baseline
inner join {{ ref('stg_worlds') }} as worlds on baseline.scenario_id = worlds.scenario_id
cross join {{ source('study', 'year_context') }} as year_context
where year_context.is_first_year
order by worlds.world_id, baseline.employee_id
