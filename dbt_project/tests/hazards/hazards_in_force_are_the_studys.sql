/*
  The published hazard cells against the study's own bands: each world, hazard and level has cells that tile all ages and all
  tenures (retirement: the study's bands), with the multipliers of the bands they lie in and the base of the study.
  One row a cell that is not so, or a level whose cells leave a gap (as cells).
*/
with bands as (
    select scenario_id, hazard, dimension, band_min, band_max, tenure_min, tenure_max, value, base
    from {{ ref('stg_hazards') }}
),

cells as (
    select
        cell.*,
        by_age.value as age_value,
        by_tenure.value as tenure_value,
        -- from the top level there is nowhere to be promoted to
        if(cell.hazard = 'promotion' and levels.next_level_id is null, 0, by_level.value) as level_value,
        if(cell.hazard = 'retirement', by_age.value, by_age.base) as base_value
    from {{ ref('dim_hazards') }} as cell
    left join {{ ref('stg_job_levels') }} as levels
        on cell.scenario_id = levels.scenario_id and cell.level_id = levels.level_id
    left join bands as by_age
        on cell.scenario_id = by_age.scenario_id and cell.hazard = by_age.hazard and by_age.dimension = 'age'
        and cell.age_min >= by_age.band_min and cell.age_max <= by_age.band_max
        and cell.tenure_min >= by_age.tenure_min and cell.tenure_max <= by_age.tenure_max
        and (cell.hazard = 'termination' or (cell.age_min = by_age.band_min and cell.age_max = by_age.band_max))
    left join bands as by_tenure
        on cell.scenario_id = by_tenure.scenario_id and cell.hazard = by_tenure.hazard and by_tenure.dimension = 'tenure'
        and cell.tenure_min = by_tenure.band_min and cell.tenure_max = by_tenure.band_max
    left join bands as by_level
        on cell.scenario_id = by_level.scenario_id and cell.hazard = by_level.hazard and by_level.dimension = 'level'
        and cell.level_id = by_level.band_min
),

expected_areas as (
    select worlds.simulation_year, worlds.scenario_id, worlds.seed, ages.hazard, levels.level_id, ages.area
    from {{ ref('stg_worlds') }} as worlds
    inner join {{ ref('stg_job_levels') }} as levels on worlds.scenario_id = levels.scenario_id
    inner join (
        select scenario_id, hazard, sum((band_max - band_min) * (tenure_max - tenure_min)) as area
        from bands
        where dimension = 'age'
        group by scenario_id, hazard
    ) as ages on worlds.scenario_id = ages.scenario_id
),

actual_areas as (
    select simulation_year, scenario_id, seed, hazard, level_id, sum((age_max - age_min) * (tenure_max - tenure_min)) as area
    from {{ ref('dim_hazards') }}
    group by all
)

select
    scenario_id,
    seed,
    hazard,
    level_id,
    age_min,
    tenure_min,
    {'age': age_value, 'tenure': tenure_value, 'level': level_value, 'base': base_value} as expected,
    {'age': age_multiplier, 'tenure': tenure_multiplier, 'level': level_multiplier, 'base': base} as actual
from cells
where
    case hazard
        when 'retirement' then base is distinct from base_value or tenure_min <> 0 or tenure_max <> 999
        else expected is distinct from actual
    end
union all
select
    scenario_id, seed, hazard, level_id, null, null,
    {'age': expected_areas.area, 'tenure': null, 'level': null, 'base': null},
    {'age': actual_areas.area, 'tenure': null, 'level': null, 'base': null}
from expected_areas
full join actual_areas using (simulation_year, scenario_id, seed, hazard, level_id)
where expected_areas.area is distinct from actual_areas.area
