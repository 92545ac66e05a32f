/*
  grain    one row a scenario and age band of new hires
  formula  the weights laid end to end: a draw u belongs to the band whose [from, to) holds floor(u x 1,000,000)
*/
with cumulated as (
    select
        *,
        cast(sum(weight_millionths) over (partition by scenario_id order by age_min) as bigint) as to_millionths
    from {{ source('study', 'scenario_hire_ages') }}
    where weight_millionths > 0
)

select
    simulation_year,
    scenario_id,
    age_min,
    age_max,
    to_millionths - weight_millionths as from_millionths,
    to_millionths
from cumulated
order by scenario_id, age_min
