/*
  grain    one row a scenario, dimension and band
  source   the study's defaults and overrides; what the numbers mean: int_hazard_promotion
*/
select
    hazards.simulation_year,
    hazards.scenario_id,
    hazards.dimension,
    hazards.band_min,
    hazards.band_max,
    hazards.value as multiplier,
    parameters.promotion_base as base
from {{ source('study', 'scenario_hazards') }} as hazards
inner join {{ source('study', 'scenario_parameters') }} as parameters
    on hazards.scenario_id = parameters.scenario_id
where hazards.hazard = 'promotion'
order by hazards.scenario_id, hazards.dimension, hazards.band_min
