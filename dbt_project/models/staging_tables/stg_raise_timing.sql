/*
  grain    one row a scenario and month with merit raises
  formula  the weights laid end to end: a draw u belongs to the month whose [from, to) holds floor(u x 1,000,000)
*/
with cumulated as (
    select
        *,
        cast(sum(weight_millionths) over (partition by scenario_id order by month) as bigint) as to_millionths
    from {{ source('study', 'scenario_merit_months') }}
    where weight_millionths > 0
)

select
    simulation_year,
    scenario_id,
    month,
    make_date(simulation_year, month, 1) as raise_date,
    to_millionths - weight_millionths as from_millionths,
    to_millionths
from cumulated
order by scenario_id, month
