/*
  grain    one row a hire, promotion or exit; each type occurs at most once a person and year
  inputs   the settled events of group event_generation, the opening workforce for who the people are
  formula  event_id = uuid5(scenario_id|seed|simulation_year|employee_id|event_type), macros/draws/uuid.sql; an exit's
           level is the one in force on its day, and a promotion on the exit day counts
  runs     in batches: each person is computed from that person's rows alone
*/
with people as (
    select world_id, identity_key, birth_date, service_date, level_id
    from {{ ref('int_opening_workforce') }}
    union all
    select world_id, identity_key, birth_date, hire_date as service_date, level_id
    from {{ ref('int_hiring_events') }}
),

exits as (
    select world_id, employee_id, identity_key, exit_category, termination_date, event_probability
    from {{ ref('int_termination_events') }}
    union all
    select world_id, employee_id, identity_key, 'new_hire' as exit_category, termination_date, event_probability
    from {{ ref('int_new_hire_termination_events') }}
),

hires as (
    select
        world_id, employee_id, identity_key,
        'hire' as event_type,
        'new_hire' as event_category,
        hire_date as effective_date,
        level_id as level_after,
        annual_compensation_cents,
        birth_date,
        hire_date as service_date,
        scheduled_hours_per_week,
        '{"birth_date":"' || birth_date || '","scheduled_hours_per_week":"' || scheduled_hours_per_week
        || '","slot":' || slot || '}' as event_details
    from {{ ref('int_hiring_events') }}
),

promotions as (
    select
        world_id, employee_id, identity_key,
        'promotion' as event_type,
        'promotion' as event_category,
        promotion_date as effective_date,
        level_before,
        level_after,
        event_probability,
        {{ raise_details('raise_millionths') }} as event_details
    from {{ ref('int_promotion_events') }}
),

terminations as (
    select
        world_id, exits.employee_id, identity_key,
        'termination' as event_type,
        exits.exit_category as event_category,
        exits.termination_date as effective_date,
        coalesce(promotions.level_after, people.level_id) as level_before,
        exits.event_probability,
        '{"age_at_exit":' || {{ completed_years('people.birth_date', 'exits.termination_date') }}
        || ',"service_years_at_exit":' || {{ completed_years('people.service_date', 'exits.termination_date') }}
        || '}' as event_details
    from exits
    inner join people using (world_id, identity_key)
    left join promotions using (world_id, identity_key)
),

events as (
    select * from hires
    union all by name
    select * from promotions
    union all by name
    select * from terminations
)

select
    worlds.simulation_year,
    {{ event_id('worlds', 'events.employee_id', 'events.event_type') }} as event_id,
    world_id,
    events.employee_id,
    events.identity_key,
    events.event_type,
    events.event_category,
    events.effective_date,
    events.level_before,
    events.level_after,
    events.annual_compensation_cents,
    events.birth_date,
    events.service_date,
    events.scheduled_hours_per_week,
    events.event_probability,
    events.event_details
from events
inner join {{ ref('stg_worlds') }} as worlds using (world_id)
order by world_id, events.employee_id, events.effective_date, {{ same_day_order('events.event_type') }}
