/*
  grain    one row a world and person employed on 1 January
  formula  age and completed years of service on 1 January, the axes of every hazard; service counts from the service
           date, which a rehire or an acquisition puts before or after the hire date
*/
select
    opening.simulation_year,
    world_id,
    worlds.scenario_id,
    opening.employee_id,
    opening.identity_key,
    opening.birth_date,
    opening.hire_date,
    opening.service_date,
    opening.announced_exit_date,
    case
        when opening.announced_exit_date <= worlds.year_end then 'this year'
        when opening.announced_exit_date > worlds.year_end then 'later'
    end as announced_exit,
    opening.level_id,
    opening.annual_compensation_cents,
    {{ completed_years('opening.birth_date', 'worlds.year_start') }} as age_on_january_1,
    {{ completed_years('opening.service_date', 'worlds.year_start') }} as tenure_years_on_january_1
from {{ ref('int_opening_workforce') }} as opening
inner join {{ ref('stg_worlds') }} as worlds using (world_id)
order by world_id, opening.employee_id
