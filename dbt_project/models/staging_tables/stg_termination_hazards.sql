/*
  grain    one row a scenario, cause (termination, retirement), dimension and band
  source   the study's defaults and overrides; what the numbers mean: int_hazard_termination
*/
select
    hazards.simulation_year,
    hazards.scenario_id,
    hazards.hazard,
    hazards.dimension,
    hazards.band_min,
    hazards.band_max,
    hazards.value,
    case when hazards.hazard = 'termination' then parameters.termination_base end as base
from {{ source('study', 'scenario_hazards') }} as hazards
inner join {{ source('study', 'scenario_parameters') }} as parameters
    on hazards.scenario_id = parameters.scenario_id
where hazards.hazard in ('termination', 'retirement')
order by hazards.scenario_id, hazards.hazard, hazards.dimension, hazards.band_min
