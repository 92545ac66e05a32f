/*
  grain    one row a world (scenario x seed)
  formula  year_salt and trait_salt are the seed's share of every draw (macros/draws.sql): the year's own, and year 0 for
           traits that last
*/
with seeds as (
    select
        world_id,
        scenario_id,
        seed,
        {{ mix64('seed::ubigint') }} as seed_mix
    from {{ source('study', 'study_worlds') }}
)

select
    year_context.simulation_year,
    seeds.world_id,
    seeds.scenario_id,
    seeds.seed,
    {{ mix64('xor(seed_mix, year_context.simulation_year::ubigint)') }} as year_salt,
    {{ mix64('xor(seed_mix, 0::ubigint)') }} as trait_salt
from seeds
cross join {{ source('study', 'year_context') }} as year_context
order by world_id
