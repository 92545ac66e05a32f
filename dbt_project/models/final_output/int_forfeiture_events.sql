/*
  grain    one row a forfeiture: a leaver's employer money of one source (match, core) that was not vested
  inputs   what leavers left behind, from group state_aggregation
  formula  a source of which nothing is left behind has no event. Details: the money of all years, what is forfeited of it,
           and the vested share
*/
with left_behind as (
    select
        world_id,
        employee_id,
        identity_key,
        forfeiture_date,
        unnest(['match', 'core']) as source,
        unnest([cumulative_match_cents, cumulative_core_cents]) as cumulative_cents,
        unnest([match_vested_millionths, core_vested_millionths]) as vested_millionths,
        unnest([forfeited_match_cents, forfeited_core_cents]) as forfeited_cents
    from {{ ref('int_vesting_forfeitures') }}
    where forfeiture_date is not null
)

select
    {{ event_id('worlds', 'left_behind.employee_id', "'forfeiture|' || left_behind.source") }} as event_id,
    world_id,
    left_behind.employee_id,
    left_behind.identity_key,
    'forfeiture' as event_type,
    left_behind.source as event_category,
    left_behind.forfeiture_date as effective_date,
    '{"cumulative":"' || {{ to_money('left_behind.cumulative_cents') }} || '","forfeited":"'
    || {{ to_money('left_behind.forfeited_cents') }} || '","vested":"' || {{ to_rate('left_behind.vested_millionths') }}
    || '"}' as event_details
from left_behind
inner join {{ ref('stg_worlds') }} as worlds using (world_id)
where left_behind.forfeited_cents > 0
order by world_id, left_behind.employee_id, event_category
