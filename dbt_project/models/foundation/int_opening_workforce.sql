/*
  grain    one row a world and person employed on 1 January
  inputs   the census in the first year, last year's closing workforce in every later one, each with every fact about a
           person that lasts: one of the two has no rows. Bonus and overtime stay those of the census
*/
with of_the_census as (
    select
        worlds.simulation_year,
        worlds.world_id,
        baseline.* exclude (scenario_id, level_source, bonus_cents, overtime_cents),
        baseline.owner_5pct as was_owner_5pct,
        cast(null as date) as window_end
    from {{ ref('int_baseline_workforce') }} as baseline
    inner join {{ ref('stg_worlds') }} as worlds on baseline.scenario_id = worlds.scenario_id and worlds.is_first_year
),

closed_last_year as (
    select
        worlds.simulation_year,
        worlds.world_id,
        closing.* exclude (simulation_year, world_id, scenario_id, seed, paid_compensation_cents),
        closing.paid_compensation_cents as prior_paid_cents,
        false as prior_pay_imputed,
        closing.owner_5pct as was_owner_5pct
    from {{ source('prior_year', 'workforce_state') }} as closing
    inner join {{ ref('stg_worlds') }} as worlds on closing.scenario_id = worlds.scenario_id and closing.seed = worlds.seed
)

select * from of_the_census
union all by name
select * from closed_last_year
order by world_id, employee_id
