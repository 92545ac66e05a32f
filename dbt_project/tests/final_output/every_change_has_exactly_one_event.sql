/*
  Replay backward: from the snapshot back through the events to the opening, without a gap. Each event begins with the
  level, pay and deferral rate that the one before it left (the first with the opening's, a hire with none), no earlier than
  it, and the last one left what the snapshot shows: nothing changed without an event, and no event changed what another had.
  One row an event (or the closing, as event_sequence NULL) that does not begin where the chain stands.
*/
with steps as (
    select
        worlds.scenario_id,
        worlds.seed,
        workforce.employee_id,
        0 as step,
        cast(null as varchar) as event_type,
        cast(null as date) as effective_date,
        cast(null as integer) as level_before,
        cast(null as decimal(18, 2)) as pay_before,
        workforce.level_id as level_after,
        {{ to_money('workforce.annual_compensation_cents') }} as pay_after,
        cast(null as decimal(9, 6)) as rate_before,
        {{ to_rate('workforce.deferral_rate_millionths') }} as rate_after
    from {{ ref('int_opening_workforce') }} as workforce
    inner join {{ ref('stg_worlds') }} as worlds on workforce.world_id = worlds.world_id
    union all
    select
        scenario_id, seed, employee_id, event_sequence, event_type, effective_date,
        level_before, compensation_before, level_after, compensation_after, deferral_rate_before, deferral_rate_after
    from {{ ref('fct_yearly_events') }}
    union all
    -- the closing state; a leaver has none
    select
        scenario_id, seed, employee_id, 1000, 'closing', cast(null as date),
        level_id, annual_compensation, cast(null as integer), cast(null as decimal(18, 2)),
        deferral_rate, cast(null as decimal(9, 6))
    from {{ ref('fct_workforce_snapshot') }}
    where employment_status = 'active'
),

chain as (
    select
        *,
        lag(level_after) over person as level_left,
        lag(pay_after) over person as pay_left,
        lag(rate_after) over person as rate_left,
        lag(effective_date) over person as previous_date,
        lag(step, 1, 0) over person as previous_step
    from steps
    window person as (partition by scenario_id, seed, employee_id order by step)
)

select
    scenario_id,
    seed,
    employee_id,
    nullif(step, 1000) as event_sequence,
    event_type,
    {'level': level_left, 'pay': pay_left, 'rate': rate_left, 'not_before': previous_date} as expected,
    {'level': level_before, 'pay': pay_before, 'rate': rate_before, 'not_before': effective_date} as actual
from chain
where
    event_type is not null
    and (
        level_before is distinct from level_left
        or pay_before is distinct from pay_left
        or rate_before is distinct from rate_left
        or effective_date < previous_date
        or (event_type <> 'closing' and step <> previous_step + 1)
    )
