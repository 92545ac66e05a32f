/*
  grain    one row a world: its seed's draws, its year and its scenario's workforce settings, for everything downstream
*/
select
    worlds.simulation_year,
    worlds.world_id,
    worlds.scenario_id,
    worlds.seed,
    worlds.year_salt,
    worlds.trait_salt,
    year_context.year_start,
    year_context.year_end,
    year_context.days_in_year,
    year_context.is_first_year,
    parameters.growth_millionths,
    parameters.termination_rate_millionths,
    parameters.new_hire_termination_rate_millionths,
    parameters.selection
from {{ ref('stg_worlds') }} as worlds
inner join {{ source('study', 'scenario_parameters') }} as parameters on worlds.scenario_id = parameters.scenario_id
cross join {{ source('study', 'year_context') }} as year_context
order by worlds.world_id
