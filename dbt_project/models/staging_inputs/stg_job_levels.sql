/*
  grain    one row a scenario and level
  formula  next_level_id is the level above by level_id, where a promotion leads
*/
select
    this_year.simulation_year,
    scenario_id,
    level_id,
    this_year.level_name,
    this_year.min_pay_cents,
    this_year.max_pay_cents,
    of_the_census.census_min_pay_cents,
    of_the_census.census_max_pay_cents,
    this_year.merit_rate_millionths,
    this_year.promotion_raise_min_millionths,
    this_year.promotion_raise_max_millionths,
    this_year.hire_percentile_millionths,
    this_year.hire_percentile_spread_millionths,
    this_year.mix_weight_millionths,
    lead(level_id) over (partition by scenario_id order by level_id) as next_level_id
from {{ source('study', 'scenario_levels') }} as this_year
left join {{ source('study', 'census_levels') }} as of_the_census using (scenario_id, level_id)
order by scenario_id, level_id
