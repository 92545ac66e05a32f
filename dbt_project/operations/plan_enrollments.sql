/*
  grain    one row a deferral segment: a stretch of days of one eligible person at one deferral rate, opened by the year, by
           eligibility, by enrolment or by a change
  inputs   the opening workforce and the hires, who leaves when, and the settled events of group plan_events
  formula  in this order, each at most once: eligibility or the year; joining or declining to; a change, an escalation or
           declining it; a stop. Joining sets the rate, a change steps it up to a cap that never lowers it, a stop sets 0.
           From entry or 1 January to the exit or 31 December. A change acts from its day on; a segment may have no days.
  check    4 % with +1 point of escalation up to 10 % is 5 %; 9.5 % becomes 10 %; 12 % stays 12 %
  runs     in batches: each person is computed from that person's rows alone
*/
with people as (
    {{ plan_people() }}
),

chains as (
    select
        person.*,
        eligibility.eligibility_date,
        eligibility.eligibility_reason,
        open_window.window_end,
        joined.event_category as joined_by,
        joined.effective_date as joined_on,
        [if(eligibility.is_new, 'eligibility', 'opening'), joined.event_type, changed.event_type, stopped.event_type]
            as openers,
        [
            if(eligibility.is_new, eligibility.eligibility_reason, null),
            joined.event_category, changed.event_category, stopped.event_category
        ] as categories,
        [
            greatest(eligibility.eligibility_date, person.year_start),
            joined.effective_date, changed.effective_date, stopped.effective_date, person.last_day + 1
        ] as starts,
        [null, joined.event_probability, changed.event_probability, stopped.event_probability] as probabilities,
        person.opening_rate_millionths as rate_1,
        coalesce(if(joined.event_type = 'enrollment', joined.deferral_rate_millionths, null), rate_1) as rate_2,
        coalesce({{ stepped_rate('rate_2', 'changed.step_millionths', 'changed.cap_millionths') }}, rate_2) as rate_3,
        [rate_1, rate_2, rate_3, 0] as rates,
        [
            '{"conditions_met_on":"' || eligibility.conditions_met_on || '"}',
            '{"window_end":"' || open_window.window_end || '","window_start":"' || open_window.window_start || '"}',
            {{ step_details('changed.step_millionths', 'changed.cap_millionths') }},
            null
        ] as details
    from people as person
    inner join {{ ref('int_plan_eligibility') }} as eligibility using (world_id, identity_key)
    left join {{ ref('int_auto_enrollment_window') }} as open_window using (world_id, identity_key)
    left join {{ ref('int_enrollment_events') }} as joined using (world_id, identity_key)
    left join (select * from {{ ref('int_deferral_changes') }} where event_category <> 'stop') as changed
        using (world_id, identity_key)
    left join (select * from {{ ref('int_deferral_changes') }} where event_category = 'stop') as stopped
        using (world_id, identity_key)
),

segments as (
    select
        chains.*,
        place,
        openers[place] as opened_by,
        categories[place] as event_category,
        rates[place] as rate_millionths,
        -- what holds from here on; declining automatic enrolment and stopping are opting out, declining escalation is not
        place >= 2 and joined_on is not null as has_decided,
        has_decided and openers[2] = 'enrollment' as has_joined,
        chains.has_opted_out or place = 4 or (has_decided and not has_joined) as opted_out,
        chains.escalation_opted_out or coalesce(place >= 3 and openers[3] = 'opt_out', false) as declined_escalation,
        -- declining escalation is an event of its own beside a stop
        if(opened_by = 'opt_out' and event_category = 'escalation', 'opt_out|escalation', nullif(opened_by, 'opening'))
            as event_name
    from chains
    cross join (values (1), (2), (3), (4)) as places (place)
    where openers[place] is not null
)

select
    simulation_year,
    world_id,
    employee_id,
    identity_key,
    cast(list_count(openers[1:place]) as integer) as segment_number,
    opened_by,
    event_category,
    starts[place] as segment_start,
    coalesce(starts[place + 1], starts[place + 2], starts[place + 3], starts[5]) - 1 as segment_end,
    cast(segment_end - segment_start + 1 as integer) as days,
    if(opened_by = 'opening', null, coalesce(rates[place - 1], 0)) as rate_before_millionths,
    rate_millionths,
    probabilities[place] as event_probability,
    {{ event_id('segments', 'employee_id', 'event_name') }} as event_id,
    eligibility_date,
    eligibility_reason,
    if(has_joined, joined_on, opening_enrollment_date) as enrollment_date,
    if(has_joined, joined_by, opening_enrollment_source) as enrollment_source,
    opted_out as has_opted_out,
    rate_millionths > 0 and not declined_escalation and (escalates or (has_joined and joined_by = 'auto')) as escalates,
    declined_escalation as escalation_opted_out,
    if(has_decided, null, window_end) as window_end,
    if(opened_by = 'opening', null, coalesce(details[place], '{}')) as event_details
from segments
order by world_id, employee_id, segment_number
