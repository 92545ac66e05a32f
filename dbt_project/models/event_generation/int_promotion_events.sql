/*
  grain    one row a person promoted
  inputs   the opening workforce and the hires, who of them leaves when, the cells of the promotion hazard, the raise ranges
  formula  DESIGN 10.5: active on the promotion date (hired by then; an exit on that very day still counts), below the top
           level, and a draw under the cell's probability. Hires have age at hire and no service. The raise is uniform in the
           range of the level that is left, in whole millionths, capped.
*/
with people as (
    select world_id, scenario_id, employee_id, identity_key, level_id, age_on_january_1 as age, tenure_years_on_january_1 as tenure, hire_date
    from {{ ref('int_active_workforce') }}
    union all
    select hire.world_id, world.scenario_id, hire.employee_id, hire.identity_key, hire.level_id, {{ completed_years('hire.birth_date', 'hire.hire_date') }}, 0, hire.hire_date
    from {{ ref('int_hiring_events') }} as hire
    inner join {{ ref('int_effective_parameters') }} as world on hire.world_id = world.world_id
),

exits as (
    {{ all_exits() }}
),

cells as materialized (
    {{ hazard_cells('people', ref('int_hazard_promotion'), ['promotion_probability']) }}
),

salted as (
    select person.*, cell.promotion_probability, world.simulation_year, world.year_salt
    from people as person
    inner join cells as cell using (scenario_id, level_id, age, tenure)
    inner join {{ ref('int_effective_parameters') }} as world on person.world_id = world.world_id
),

drawn as (
    {{ with_draws('salted', {'u': 'promotion', 'raise_draw': 'promotion_raise'}) }}
)

select
    person.simulation_year,
    person.world_id,
    person.employee_id,
    person.identity_key,
    policy.promotion_date,
    person.level_id as level_before,
    level.next_level_id as level_after,
    least(
        {{ uniform_integer(
            'level.promotion_raise_min_millionths', 'level.promotion_raise_max_millionths', 'person.raise_draw'
        ) }},
        policy.promotion_raise_cap_millionths
    ) as raise_millionths,
    person.promotion_probability as event_probability
from drawn as person
inner join {{ ref('stg_compensation_policy') }} as policy on person.scenario_id = policy.scenario_id
inner join {{ ref('stg_job_levels') }} as level
    on person.scenario_id = level.scenario_id and person.level_id = level.level_id and level.next_level_id is not null
left join exits on person.world_id = exits.world_id and person.identity_key = exits.identity_key
where
    person.hire_date <= policy.promotion_date
    and coalesce(exits.termination_date >= policy.promotion_date, true)
    and person.u < person.promotion_probability
order by person.world_id, person.employee_id
