/*
  grain    one row a person employed at any time in the year, and world
  inputs   the opening workforce and the workforce events, nothing else: closing = opening + events; then the pay segments,
           and bonus and overtime beside them
  formula  the level is the promotion's if there is one; an exit on 31 December is an exit. Age is completed years on
           31 December, also for leavers; tenure is completed service on 31 December or at the exit.
           Closing rate = rate of the last segment; paid = sum of the segments, each rounded to the cent by itself, plus
           bonus and overtime; without segments NULL, which tests report
*/
with people as (
    select
        world_id,
        employee_id,
        identity_key,
        birth_date,
        hire_date,
        service_date,
        level_id as opening_level_id,
        level_id as first_level_id,
        scheduled_hours_per_week
    from {{ ref('int_opening_workforce') }}
    union all by name
    select
        world_id,
        employee_id,
        identity_key,
        birth_date,
        effective_date as hire_date,
        service_date,
        level_after as first_level_id,
        scheduled_hours_per_week
    from {{ source('operations', 'workforce_events') }}
    where event_type = 'hire'
),

exits as (
    select world_id, identity_key, effective_date as termination_date, event_category as termination_category
    from {{ source('operations', 'workforce_events') }}
    where event_type = 'termination'
),

promotions as (
    select world_id, identity_key, level_after
    from {{ source('operations', 'workforce_events') }}
    where event_type = 'promotion'
),

pay as (
    select
        world_id,
        identity_key,
        max(rate_cents) filter (where opened_by = 'opening') as opening_rate_cents,
        arg_max(rate_cents, segment_number) as closing_rate_cents,
        cast(sum(paid_cents) as bigint) as paid_cents,
        cast(sum(days) as integer) as days_paid
    from {{ source('operations', 'compensation_changes') }}
    group by world_id, identity_key
)

select
    worlds.simulation_year,
    world_id,
    people.employee_id,
    identity_key,
    people.birth_date,
    people.hire_date,
    people.service_date,
    exits.termination_date,
    exits.termination_category,
    case when exits.termination_date is null then 'active' else 'terminated' end as employment_status,
    case
        when people.opening_level_id is null and exits.termination_date is null then 'new_hire_active'
        when people.opening_level_id is null then 'new_hire_termination'
        when exits.termination_date is null then 'continuous_active'
        else 'experienced_termination'
    end as detailed_status,
    coalesce(promotions.level_after, people.first_level_id) as level_id,
    people.opening_level_id,
    people.scheduled_hours_per_week,
    {{ completed_years('people.birth_date', 'worlds.year_end') }} as age_at_year_end,
    {{ completed_years('people.service_date', 'coalesce(exits.termination_date, worlds.year_end)') }}
        as tenure_years_at_year_end,
    pay.opening_rate_cents,
    pay.closing_rate_cents,
    pay.paid_cents + coalesce({{ to_cents('supplement.bonus + supplement.overtime') }}, 0) as paid_cents,
    pay.days_paid
from people
inner join {{ ref('stg_worlds') }} as worlds using (world_id)
left join exits using (world_id, identity_key)
left join promotions using (world_id, identity_key)
left join pay using (world_id, identity_key)
left join {{ ref('fct_supplemental_pay') }} as supplement using (world_id, identity_key)
order by world_id, people.employee_id
