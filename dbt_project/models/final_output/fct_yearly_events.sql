/*
  grain    one row an event: everything that changed anyone in the year, and only here in its order
  inputs   the operations' events; the closing workforce and the pay summary for level and rate in force at an event
  formula  event_sequence counts each person's events of the year by date; same day: hire, COLA, merit, promotion, exit.
           Before and after: hire NULL -> pay and level; promotion and raises from the pay segment they opened; exit the
           rate and level in force -> NULL. A raise leaves the level as it is.
*/
with promotion_pay as (
    select world_id, identity_key, rate_before_cents, rate_cents
    from {{ source('operations', 'compensation_changes') }}
    where opened_by = 'promotion'
),

promotions as (
    select world_id, identity_key, effective_date, level_before, level_after
    from {{ source('operations', 'workforce_events') }}
    where event_type = 'promotion'
),

workforce as (
    select
        events.event_id,
        events.world_id,
        events.employee_id,
        events.event_type,
        events.event_category,
        events.effective_date,
        case events.event_type
            when 'promotion' then promotion_pay.rate_before_cents
            when 'termination' then summary.closing_rate_cents
        end as cents_before,
        case events.event_type
            when 'hire' then events.annual_compensation_cents
            when 'promotion' then promotion_pay.rate_cents
        end as cents_after,
        events.level_before,
        events.level_after,
        events.event_probability,
        events.event_details
    from {{ source('operations', 'workforce_events') }} as events
    left join promotion_pay
        on events.world_id = promotion_pay.world_id and events.identity_key = promotion_pay.identity_key
    left join {{ ref('int_compensation_summary') }} as summary
        on events.world_id = summary.world_id and events.identity_key = summary.identity_key
),

raises as (
    select
        changes.event_id,
        changes.world_id,
        changes.employee_id,
        changes.opened_by as event_type,
        changes.opened_by as event_category,
        changes.segment_start as effective_date,
        changes.rate_before_cents as cents_before,
        changes.rate_cents as cents_after,
        case
            when promotions.effective_date >= changes.segment_start then promotions.level_before
            else closing.level_id
        end as level_in_force,
        level_in_force as level_before,
        level_in_force as level_after,
        cast(null as decimal(18, 12)) as event_probability,
        {{ raise_details('changes.raise_millionths') }} as event_details
    from {{ source('operations', 'compensation_changes') }} as changes
    left join {{ ref('int_closing_workforce') }} as closing
        on changes.world_id = closing.world_id and changes.identity_key = closing.identity_key
    left join promotions
        on changes.world_id = promotions.world_id and changes.identity_key = promotions.identity_key
    where changes.opened_by in ('cola', 'merit_raise')
),

events as (
    select * from workforce
    union all by name
    select * from raises
)

select
    worlds.scenario_id,
    worlds.seed,
    worlds.simulation_year,
    events.event_id,
    events.employee_id,
    cast(row_number() over (
        partition by events.world_id, events.employee_id
        order by events.effective_date, {{ same_day_order('events.event_type') }}
    ) as integer) as event_sequence,
    events.event_type,
    events.event_category,
    events.effective_date,
    {{ to_money('events.cents_before') }} as compensation_before,
    {{ to_money('events.cents_after') }} as compensation_after,
    events.level_before,
    events.level_after,
    events.event_probability,
    events.event_details
from events
inner join {{ ref('stg_worlds') }} as worlds on events.world_id = worlds.world_id
order by worlds.scenario_id, worlds.seed, events.employee_id, event_sequence
