/*
  grain    one row a person and world active after 31 December
  meaning  what the next year opens with, and all of it: every fact about a person that lasts
*/
select
    closing.simulation_year,
    closing.world_id,
    worlds.scenario_id,
    worlds.seed,
    closing.employee_id,
    closing.identity_key,
    closing.birth_date,
    closing.hire_date,
    closing.service_date,
    closing.level_id,
    pay.closing_rate_cents as annual_compensation_cents,
    closing.scheduled_hours_per_week,
    pay.paid_cents as paid_compensation_cents
from {{ ref('int_closing_workforce') }} as closing
inner join {{ ref('int_compensation_summary') }} as pay
    on closing.world_id = pay.world_id and closing.identity_key = pay.identity_key
inner join {{ ref('stg_worlds') }} as worlds
    on closing.world_id = worlds.world_id
where closing.employment_status = 'active'
order by closing.world_id, closing.employee_id
