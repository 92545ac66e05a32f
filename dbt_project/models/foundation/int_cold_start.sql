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
    baseline.scheduled_hours_per_week
from {{ ref('int_baseline_workforce') }} as baseline
inner join {{ ref('stg_worlds') }} as worlds on baseline.scenario_id = worlds.scenario_id
cross join {{ source('study', 'year_context') }} as year_context
where year_context.is_first_year
order by worlds.world_id, baseline.employee_id
