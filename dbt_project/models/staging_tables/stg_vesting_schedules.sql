/*
  grain    one row a scenario, source of employer money (match, core) and step of its schedule
  formula  a step holds from its completed years of service on, up to the next step
*/
select
    simulation_year,
    scenario_id,
    source,
    years,
    vested_millionths,
    lead(years, 1, 999) over (partition by scenario_id, source order by years) as years_end
from {{ source('study', 'plan_vesting') }}
order by scenario_id, source, years
