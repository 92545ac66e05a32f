/*
  grain    one row a scenario, hazard (termination, retirement, promotion), dimension and band; a published table has ages of
           their own for each band of service
  source   the study's defaults and overrides; what the numbers mean: int_hazard_termination, int_hazard_promotion
*/
select
    hazards.simulation_year,
    scenario_id,
    hazards.hazard,
    hazards.dimension,
    hazards.band_min,
    hazards.band_max,
    hazards.value,
    hazards.tenure_min,
    hazards.tenure_max,
    case hazards.hazard
        when 'termination' then parameters.termination_base
        when 'promotion' then parameters.promotion_base
    end as base
from {{ source('study', 'scenario_hazards') }} as hazards
inner join {{ source('study', 'scenario_parameters') }} as parameters using (scenario_id)
order by scenario_id, hazards.hazard, hazards.dimension, hazards.tenure_min, hazards.band_min
