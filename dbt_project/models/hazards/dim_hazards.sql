/*
  grain    one row a world, hazard, level, age band and tenure band: the cells in force this year, published
  formula  termination, promotion: yearly_probability = 1 - (1 - base)^(product of the multipliers), each cause alone.
           retirement: base is the yearly rate by age and yearly_probability = 1 - exp(-base), the same at every level
           and tenure
*/
with bases as (
    select distinct scenario_id, hazard, base
    from {{ ref('stg_hazards') }}
    where base is not null
),

cells as (
    select
        scenario_id, 'termination' as hazard, cell.level_id, cell.age_min, cell.age_max, cell.tenure_min, cell.tenure_max,
        cell.age_multiplier, cell.tenure_multiplier, cell.level_multiplier, bases.base,
        {{ hazard_probability('cell.termination_rate') }} as yearly_probability
    from {{ ref('int_hazard_termination') }} as cell
    inner join bases using (scenario_id)
    where bases.hazard = 'termination'
    union all
    select
        scenario_id, 'promotion', cell.level_id, cell.age_min, cell.age_max, cell.tenure_min, cell.tenure_max,
        cell.age_multiplier, cell.tenure_multiplier, cell.level_multiplier, bases.base, cell.promotion_probability
    from {{ ref('int_hazard_promotion') }} as cell
    inner join bases using (scenario_id)
    where bases.hazard = 'promotion'
    union all
    select
        scenario_id, 'retirement', levels.level_id, band.band_min, band.band_max, 0, {{ open_end() }},
        1, 1, 1, band.value, {{ hazard_probability('cast(band.value as double)') }}
    from {{ ref('stg_hazards') }} as band
    inner join {{ ref('stg_job_levels') }} as levels using (scenario_id)
    where band.hazard = 'retirement'
)

select
    scenario_id,
    worlds.seed,
    worlds.simulation_year,
    cells.hazard,
    cells.level_id,
    cells.age_min,
    cells.age_max,
    cells.tenure_min,
    cells.tenure_max,
    cast(cells.age_multiplier as decimal(9, 6)) as age_multiplier,
    cast(cells.tenure_multiplier as decimal(9, 6)) as tenure_multiplier,
    cast(cells.level_multiplier as decimal(9, 6)) as level_multiplier,
    cells.base,
    cells.yearly_probability
from cells
inner join {{ ref('stg_worlds') }} as worlds using (scenario_id)
order by scenario_id, worlds.seed, cells.hazard, cells.level_id, cells.age_min, cells.tenure_min
