/*
  grain    one row a scenario, level, age band and tenure band
  formula  promotion_rate = -ln(1 - base) x age x tenure x level multiplier, promotion_probability = 1 - exp(-rate)
           (macros/workforce/hazards.sql). There is nowhere to go from the top level: its multiplier is 0 whatever is
           configured
*/
with bands as (
    select scenario_id, dimension, band_min, band_max, value, base
    from {{ ref('stg_hazards') }}
    where hazard = 'promotion'
),

cells as (
    select
        levels.simulation_year,
        scenario_id,
        levels.level_id,
        by_age.band_min as age_min,
        by_age.band_max as age_max,
        by_tenure.band_min as tenure_min,
        by_tenure.band_max as tenure_max,
        by_age.value as age_multiplier,
        by_tenure.value as tenure_multiplier,
        case when levels.next_level_id is null then cast(0 as decimal(9, 6)) else by_level.value end as level_multiplier,
        by_age.base
    from {{ ref('stg_job_levels') }} as levels
    inner join bands as by_age using (scenario_id)
    inner join bands as by_tenure using (scenario_id)
    inner join bands as by_level using (scenario_id)
    where
        by_age.dimension = 'age' and by_tenure.dimension = 'tenure'
        and by_level.dimension = 'level' and by_level.band_min = levels.level_id
),

rates as (
    select
        *,
        {{ hazard_rate('base', 'age_multiplier * tenure_multiplier * level_multiplier') }} as promotion_rate
    from cells
)

select
    simulation_year,
    scenario_id,
    level_id,
    age_min,
    age_max,
    tenure_min,
    tenure_max,
    age_multiplier,
    tenure_multiplier,
    level_multiplier,
    promotion_rate,
    {{ hazard_probability('promotion_rate') }} as promotion_probability
from rates
order by scenario_id, level_id, age_min, tenure_min
