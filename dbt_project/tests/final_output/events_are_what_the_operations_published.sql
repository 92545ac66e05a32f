/*
  Every event of the record is one that an operation published, or a forfeiture, and the other way round: by its id, with the
  person, kind, day, probability and details, and the plan in force. Ids and details of forfeitures, and the details of
  raises, are written out anew: digits by printf, the UUID of version 5 from its digest. One row an event that is not so.
*/
with left_behind as (
    select
        world_id, employee_id, 'match' as source, cumulative_match_cents as cumulative, forfeited_match_cents as forfeited,
        match_vested_millionths as vested, forfeiture_date
    from {{ ref('int_vesting_forfeitures') }}
    union all
    select
        world_id, employee_id, 'core', cumulative_core_cents, forfeited_core_cents, core_vested_millionths, forfeiture_date
    from {{ ref('int_vesting_forfeitures') }}
),

digested as (
    select
        left_behind.*,
        sha1(
            '\x96\xCE\x08\x76\x0F\xB7\x59\x11\x89\x9E\xF6\xC2\xB8\xB3\x6D\x20'::blob || encode(concat_ws(
                '|', worlds.scenario_id, worlds.seed, worlds.simulation_year, left_behind.employee_id, 'forfeiture', source
            ))
        ) as digest
    from left_behind
    inner join {{ ref('stg_worlds') }} as worlds using (world_id)
    where left_behind.forfeited > 0
),

made as (
    select event_id, world_id, employee_id, event_type, event_category, effective_date, event_probability, event_details
    from {{ source('operations', 'workforce_events') }}
    union all
    select
        event_id, world_id, employee_id, opened_by, opened_by, segment_start, null,
        printf('{"raise":"%d.%06d"}', raise_millionths // 1000000, raise_millionths % 1000000)
    from {{ source('operations', 'compensation_changes') }}
    where opened_by in ('cola', 'merit_raise')
    union all
    select event_id, world_id, employee_id, opened_by, event_category, segment_start, event_probability, event_details
    from {{ source('operations', 'plan_enrollments') }}
    where opened_by <> 'opening'
    union all
    select
        -- of the digit after the second dash, the two high bits become 10: 8, 9, a or b
        cast(
            left(digest, 12) || '5' || substr(digest, 14, 3)
            || ['8', '9', 'a', 'b'][(instr('0123456789abcdef', substr(digest, 17, 1)) - 1) % 4 + 1]
            || substr(digest, 18, 15) as uuid
        ),
        world_id, employee_id, 'forfeiture', source, forfeiture_date, null,
        printf(
            '{"cumulative":"%d.%02d","forfeited":"%d.%02d","vested":"%d.%06d"}', cumulative // 100, cumulative % 100,
            forfeited // 100, forfeited % 100, vested // 1000000, vested % 1000000
        )
    from digested
),

expected_events as (
    select
        made.event_id,
        {
            'year': worlds.simulation_year, 'scenario_id': scenario_id, 'seed': worlds.seed,
            'employee_id': made.employee_id, 'type': made.event_type, 'category': made.event_category,
            'date': made.effective_date, 'probability': made.event_probability, 'details': made.event_details,
            'plan': design.plan_design_id
        } as expected
    from made
    inner join {{ ref('stg_worlds') }} as worlds using (world_id)
    inner join {{ ref('stg_plan_design') }} as design using (scenario_id)
),

published as (
    select
        event_id,
        {
            'year': simulation_year, 'scenario_id': scenario_id, 'seed': seed,
            'employee_id': employee_id, 'type': event_type, 'category': event_category,
            'date': effective_date, 'probability': event_probability, 'details': event_details,
            'plan': plan_design_id
        } as actual
    from {{ ref('fct_yearly_events') }}
)

select event_id, expected, actual
from expected_events
full join published using (event_id)
where expected is distinct from actual
