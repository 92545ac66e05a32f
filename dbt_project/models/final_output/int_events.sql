/*
  grain    one row an event: everything that changed anyone in the year, not yet in order
  inputs   the operations' events and the forfeitures, each with what it says of itself; the closing workforce for what
           was in force at an exit and at a raise
  formula  before and after: hire NULL -> pay and level; promotion and raises from the pay segment they opened; plan events
           from the deferral segment they opened; an exit what was in force -> NULL. What an event does not set is NULL
*/
with workforce_changes as (
    select
        event.event_id,
        world_id,
        event.employee_id,
        identity_key,
        event.event_type,
        event.event_category,
        event.effective_date,
        case event.event_type
            when 'promotion' then promoted.rate_before_cents
            when 'termination' then closing.closing_rate_cents
        end as cents_before,
        case event.event_type
            when 'hire' then event.annual_compensation_cents
            when 'promotion' then promoted.rate_cents
        end as cents_after,
        event.level_before,
        event.level_after,
        event.event_probability,
        event.event_details
    from {{ source('operations', 'workforce_events') }} as event
    left join {{ ref('int_closing_workforce') }} as closing using (world_id, identity_key)
    left join (select * from {{ source('operations', 'compensation_changes') }} where opened_by = 'promotion') as promoted
        using (world_id, identity_key)
),

raises as (
    select
        segment.event_id,
        world_id,
        segment.employee_id,
        segment.opened_by as event_type,
        segment.opened_by as event_category,
        segment.segment_start as effective_date,
        segment.rate_before_cents as cents_before,
        segment.rate_cents as cents_after,
        -- a promotion of the same day comes after the raise
        if(promotion.effective_date >= segment.segment_start, promotion.level_before, closing.level_id) as level_in_force,
        level_in_force as level_before,
        level_in_force as level_after,
        {{ raise_details('segment.raise_millionths') }} as event_details
    from {{ source('operations', 'compensation_changes') }} as segment
    left join {{ ref('int_closing_workforce') }} as closing using (world_id, identity_key)
    left join (select * from workforce_changes where event_type = 'promotion') as promotion using (world_id, identity_key)
    where segment.opened_by in ('cola', 'merit_raise')
),

forfeited_money as (
    select
        world_id,
        employee_id,
        forfeiture_date,
        unnest(['match', 'core']) as source,
        unnest([cumulative_match_cents, cumulative_core_cents]) as cumulative_cents,
        unnest([match_vested_millionths, core_vested_millionths]) as vested_millionths,
        unnest([forfeited_match_cents, forfeited_core_cents]) as forfeited_cents
    from {{ ref('int_vesting_forfeitures') }}
    where forfeiture_date is not null
),

forfeitures as (
    select
        {{ event_id('worlds', 'money.employee_id', "'forfeiture|' || money.source") }} as event_id,
        world_id,
        money.employee_id,
        'forfeiture' as event_type,
        money.source as event_category,
        money.forfeiture_date as effective_date,
        '{"cumulative":"' || {{ to_money('money.cumulative_cents') }} || '","forfeited":"'
        || {{ to_money('money.forfeited_cents') }} || '","vested":"' || {{ to_rate('money.vested_millionths') }} || '"}'
            as event_details
    from forfeited_money as money
    inner join {{ ref('stg_worlds') }} as worlds using (world_id)
    where money.forfeited_cents > 0
),

plan_changes as (
    select
        event_id, world_id, employee_id, opened_by as event_type, event_category, segment_start as effective_date,
        segment_number, rate_before_millionths, rate_millionths as rate_after_millionths, event_probability, event_details
    from {{ source('operations', 'plan_enrollments') }}
    where opened_by <> 'opening'
)

select * exclude (identity_key) from workforce_changes
union all by name
select * exclude (level_in_force) from raises
union all by name
select * from plan_changes
union all by name
select * from forfeitures
order by world_id, employee_id, effective_date, event_id
