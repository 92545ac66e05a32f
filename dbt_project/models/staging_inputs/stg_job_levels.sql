/*
  grain    one row a scenario and level
  formula  next_level_id is the level above by level_id, where a promotion leads
*/
select
    simulation_year,
    scenario_id,
    level_id,
    level_name,
    min_pay_cents,
    max_pay_cents,
    census_min_pay_cents,
    census_max_pay_cents,
    merit_rate_millionths,
    promotion_raise_min_millionths,
    promotion_raise_max_millionths,
    hire_percentile_millionths,
    hire_percentile_spread_millionths,
    mix_weight_millionths,
    lead(level_id) over (partition by scenario_id order by level_id) as next_level_id
from {{ source('study', 'scenario_levels') }}
order by scenario_id, level_id
