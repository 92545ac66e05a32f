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
        scheduled_hours_per_week
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
        closing.scheduled_hours_per_week
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
    openings.scheduled_hours_per_week
from openings
cross join {{ source('study', 'year_context') }} as year_context
order by openings.world_id, openings.employee_id
