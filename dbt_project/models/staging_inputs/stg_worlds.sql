/*
  grain    one row a world (scenario x seed): the seed's share of its draws, its year, and what its scenario sets for
           everybody
  formula  year_salt and trait_salt are the seed's share of every draw (macros/draws/draws.sql): the year's own, and year 0
           for traits that last. The promotion date is the configured day, or the last day of a month too short to have it
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
    salted.simulation_year,
    salted.world_id,
    salted.scenario_id,
    salted.seed,
    salted.year_salt,
    salted.trait_salt,
    year_context.year_start,
    year_context.year_end,
    year_context.days_in_year,
    year_context.is_first_year,
    parameters.growth_millionths,
    parameters.termination_rate_millionths,
    parameters.new_hire_termination_rate_millionths,
    parameters.selection,
    parameters.level_mix,
    parameters.part_time_share_millionths,
    parameters.part_time_hours,
    parameters.full_time_hours,
    parameters.cola_millionths,
    parameters.merit_service_months,
    least(
        make_date(salted.simulation_year, parameters.promotion_month, 1) + (parameters.promotion_day - 1),
        last_day(make_date(salted.simulation_year, parameters.promotion_month, 1))
    ) as promotion_date,
    parameters.promotion_raise_cap_millionths,
    parameters.pay_cap_cents
from salted
cross join {{ source('study', 'year_context') }} as year_context
inner join {{ source('study', 'scenario_parameters') }} as parameters using (scenario_id)
order by salted.world_id
