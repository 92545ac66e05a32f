/*
  grain    one row a scenario, behavior, dimension and band
  inputs   probabilities and mean rates by age, their multipliers by pay, and the spread of chosen rates: stretches of the
           unit interval in millionths, a draw u belongs to the one whose [band_min, band_max) holds floor(u x 1,000,000)
*/
select
    simulation_year,
    scenario_id,
    behavior,
    dimension,
    band_min,
    band_max,
    value
from {{ source('study', 'plan_behavior') }}
union all
select
    simulation_year,
    scenario_id,
    'deferral' as behavior,
    'spread' as dimension,
    from_millionths as band_min,
    to_millionths as band_max,
    factor as value
from {{ source('study', 'plan_deferral_spread') }}
order by scenario_id, behavior, dimension, band_min
