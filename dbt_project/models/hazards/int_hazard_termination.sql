/*
  grain    one row a scenario, level, age piece and tenure band
  formula  termination_rate = -ln(1 - base) x age x tenure x level multiplier; retirement_rate is a yearly rate by age and
           a cause of its own; exit_rate is their sum and exit_probability = 1 - exp(-exit_rate)
           (macros/workforce/hazards.sql). The two causes may have age bands of their own, so ages are cut wherever either
           begins a band; a published table has ages of its own for each band of service
*/
with bands as (
    select scenario_id, hazard, dimension, band_min, band_max, tenure_min, tenure_max, value, base
    from {{ ref('stg_hazards') }}
    where hazard in ('termination', 'retirement')
),

cuts as (
    select scenario_id, band_min as age from bands where dimension = 'age'
    union
    select scenario_id, band_max as age from bands where dimension = 'age'
),

ages as (
    select
        scenario_id,
        age as age_min,
        lead(age) over (partition by scenario_id order by age) as age_max
    from cuts
),

cells as (
    select
        levels.simulation_year,
        levels.scenario_id,
        levels.level_id,
        ages.age_min,
        ages.age_max,
        by_tenure.band_min as tenure_min,
        by_tenure.band_max as tenure_max,
        by_age.value as age_multiplier,
        by_tenure.value as tenure_multiplier,
        by_level.value as level_multiplier,
        {{ hazard_rate('by_age.base', 'by_age.value * by_tenure.value * by_level.value') }} as termination_rate,
        cast(coalesce(retirement.value, 0) as double) as retirement_rate
    from {{ ref('stg_job_levels') }} as levels
    inner join ages using (scenario_id)
    inner join bands as by_age
        on
            levels.scenario_id = by_age.scenario_id
            and by_age.hazard = 'termination' and by_age.dimension = 'age'
            and ages.age_min >= by_age.band_min and ages.age_min < by_age.band_max
    inner join bands as by_tenure
        on
            levels.scenario_id = by_tenure.scenario_id
            and by_tenure.hazard = 'termination' and by_tenure.dimension = 'tenure'
            and by_tenure.band_min >= by_age.tenure_min and by_tenure.band_min < by_age.tenure_max
    inner join bands as by_level
        on
            levels.scenario_id = by_level.scenario_id
            and by_level.hazard = 'termination' and by_level.dimension = 'level'
            and levels.level_id = by_level.band_min
    left join bands as retirement
        on
            levels.scenario_id = retirement.scenario_id
            and retirement.hazard = 'retirement'
            and ages.age_min >= retirement.band_min and ages.age_min < retirement.band_max
)

select
    *,
    termination_rate + retirement_rate as exit_rate,
    {{ hazard_probability('termination_rate + retirement_rate') }} as exit_probability
from cells
order by scenario_id, level_id, age_min, tenure_min
