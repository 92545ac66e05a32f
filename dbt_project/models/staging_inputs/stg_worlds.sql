/*
  grain    one row a world (scenario x seed)
  formula  year_salt and trait_salt are the seed's share of every draw (macros/draws/draws.sql): the year's own, and year 0 for
           traits that last
*/
with seeds as (
    {{ mixed(source('study', 'study_worlds'), {'seed_mix': 'seed::ubigint'}) }}
),

this_year as (
    select year_context.simulation_year, seeds.world_id, seeds.scenario_id, seeds.seed, seeds.seed_mix
    from seeds
    cross join {{ source('study', 'year_context') }} as year_context
),

salted as (
    {{ mixed('this_year', {
        'year_salt': 'xor(seed_mix, simulation_year::ubigint)',
        'trait_salt': 'xor(seed_mix, 0::ubigint)',
    }) }}
)

select
    simulation_year,
    world_id,
    scenario_id,
    seed,
    year_salt,
    trait_salt
from salted
order by world_id
