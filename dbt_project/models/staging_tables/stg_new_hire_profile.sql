/*
  grain    one row a scenario and age band of new hires
*/
select
    ages.simulation_year,
    ages.scenario_id,
    parameters.level_mix,
    parameters.part_time_share_millionths,
    parameters.part_time_hours,
    parameters.full_time_hours,
    ages.age_min,
    ages.age_max,
    ages.weight_millionths
from {{ source('study', 'scenario_hire_ages') }} as ages
inner join {{ source('study', 'scenario_parameters') }} as parameters
    on ages.scenario_id = parameters.scenario_id
order by ages.scenario_id, ages.age_min
