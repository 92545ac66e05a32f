/*
  grain    one row a person promoted
  inputs   the opening workforce and the hires, who of them leaves when, the cells of the promotion hazard, the raise ranges
  formula  docs/methodology.md, 5. Promotions. Active on the promotion date (hired by then; an exit on that very day still
           counts), below the top level, and a draw under the cell's probability. Hires have age at hire and no service.
           The raise is uniform in the range of the level that is left, in whole millionths, capped.
*/
with people as (
    select
        world_id,
        employee_id,
        identity_key,
        level_id,
        age_on_january_1 as age,
        tenure_years_on_january_1 as tenure,
        hire_date
    from {{ ref('int_active_workforce') }}
    union all
    select
        world_id,
        employee_id,
        identity_key,
        level_id,
        {{ completed_years('birth_date', 'hire_date') }},
        0,
        hire_date
    from {{ ref('int_hiring_events') }}
),

exits as (
    {{ all_exits() }}
),

employed as (
    select
        people.*,
        world.simulation_year,
        world.scenario_id,
        world.year_salt,
        world.promotion_date,
        world.promotion_raise_cap_millionths
    from people
    inner join {{ ref('stg_worlds') }} as world using (world_id)
    left join exits using (world_id, identity_key)
    where people.hire_date <= world.promotion_date and coalesce(exits.termination_date >= world.promotion_date, true)
),

cells as materialized (
    {{ hazard_cells('employed', ref('int_hazard_promotion'), ['promotion_probability']) }}
),

candidates as (
    select employed.*, cells.promotion_probability
    from employed
    inner join cells using (scenario_id, level_id, age, tenure)
),

drawn as (
    {{ with_draws('candidates', {'u': 'promotion', 'raise_draw': 'promotion_raise'}) }}
)

select
    person.simulation_year,
    person.world_id,
    person.employee_id,
    person.identity_key,
    person.promotion_date,
    level_id as level_before,
    level.next_level_id as level_after,
    least(
        {{ uniform_integer(
            'level.promotion_raise_min_millionths', 'level.promotion_raise_max_millionths', 'person.raise_draw'
        ) }},
        person.promotion_raise_cap_millionths
    ) as raise_millionths,
    person.promotion_probability as event_probability
from drawn as person
inner join {{ ref('stg_job_levels') }} as level using (scenario_id, level_id)
where level.next_level_id is not null and person.u < person.promotion_probability
order by person.world_id, person.employee_id
