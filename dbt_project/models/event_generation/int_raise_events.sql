/*
  grain    one row a person and raise: at most a COLA and a merit raise a year
  inputs   the opening workforce and the hires, who leaves when, who is promoted, the policy and the merit calendar
  formula  docs/methodology.md, 6. Raises and pay. COLA on 1 January for the opening workforce (an exit on that very day
           still counts). Merit in the person's own month, the same every year, for those active that day with the stated
           service, at the rate of the level in force: a promotion of an earlier day counts, one of the same day comes
           after merit. No raise of 0.
*/
with people as (
    select world_id, employee_id, identity_key, hire_date, service_date, level_id, true as is_opening
    from {{ ref('int_active_workforce') }}
    union all
    select world_id, employee_id, identity_key, hire_date, hire_date, level_id, false
    from {{ ref('int_hiring_events') }}
),

exits as (
    {{ all_exits() }}
),

salted as (
    select people.*, world.scenario_id, world.trait_salt, world.merit_service_months
    from people
    inner join {{ ref('stg_worlds') }} as world using (world_id)
),

drawn as (
    {{ with_draws('salted', {'month_draw': 'merit_month'}) }}
),

months as (
    select * replace (floor(month_draw * 1000000)::bigint as month_draw)
    from drawn
),

merit as (
    select
        person.world_id,
        person.employee_id,
        person.identity_key,
        timing.raise_date,
        level.merit_rate_millionths
    from months as person
    inner join {{ ref('stg_raise_timing') }} as timing
        on
            person.scenario_id = timing.scenario_id
            and person.month_draw >= timing.from_millionths and person.month_draw < timing.to_millionths
    left join exits on person.world_id = exits.world_id and person.identity_key = exits.identity_key
    left join {{ ref('int_promotion_events') }} as promotion
        on
            person.world_id = promotion.world_id and person.identity_key = promotion.identity_key
            and promotion.promotion_date < timing.raise_date
    inner join {{ ref('stg_job_levels') }} as level
        on person.scenario_id = level.scenario_id and level.level_id = coalesce(promotion.level_after, person.level_id)
    where
        person.hire_date <= timing.raise_date
        and coalesce(exits.termination_date >= timing.raise_date, true)
        and {{ completed_months('person.service_date', 'timing.raise_date') }} >= person.merit_service_months
),

raises as (
    select
        world_id,
        people.employee_id,
        people.identity_key,
        'cola' as raise_type,
        world.year_start as effective_date,
        world.cola_millionths as raise_millionths
    from people
    inner join {{ ref('stg_worlds') }} as world using (world_id)
    where people.is_opening
    union all
    select world_id, employee_id, identity_key, 'merit_raise', raise_date, merit_rate_millionths
    from merit
)

select
    year(effective_date)::integer as simulation_year,
    world_id,
    employee_id,
    identity_key,
    raise_type,
    effective_date,
    raise_millionths
from raises
where raise_millionths > 0
order by world_id, employee_id, raise_type
