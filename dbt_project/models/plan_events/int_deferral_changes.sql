/*
  grain    one row a change of a deferral rate after enrolment: at most one of escalation (or declining it) and own change,
           and at most one stop, a person and year
  inputs   who contributes on 1 January or joins this year, who leaves when, the plan's escalation and yearly shares
  formula  docs/methodology.md, 7. Eligibility and enrolment. Escalation: on the first of its month, after enrolment by at
           least the delay, below the cap; or declined, for good. Own changes: who contributed on 1 January and does not
           escalate, up or down by the step on a day of the year; down to nothing is a stop. Stop: any contributor, on a day
           of the year, if contributing on it. By willingness: who would join this year if not in neither stops nor lowers,
           who would raise unasked does not decline escalation. Nothing follows a stop or, after its day, an exit.
*/
with people as (
    {{ plan_people() }}
),

contributors as (
    select
        person.*,
        joined.effective_date as joined_on,
        coalesce(joined.effective_date, person.opening_enrollment_date) as enrolled_on,
        coalesce(joined.deferral_rate_millionths, person.opening_rate_millionths) as rate_millionths,
        design.* exclude (simulation_year, scenario_id),
        design.escalation_enabled and not person.escalation_opted_out
        and (person.escalates or coalesce(joined.event_category = 'auto', false)) as in_escalation
    from people as person
    inner join {{ ref('stg_plan_design') }} as design using (scenario_id)
    left join (select * from {{ ref('int_enrollment_events') }} where event_type = 'enrollment') as joined
        using (world_id, identity_key)
    where (person.opening_rate_millionths > 0 and not person.plan_excluded) or joined.effective_date is not null
),

drawn as (
    {{ with_draws('contributors', {
        'change_draw': 'own_change',
        'change_day_draw': 'own_change_day',
        'stop_draw': 'stop',
        'stop_day_draw': 'stop_day',
        'decline_draw': 'escalation_opt_out',
        'later_draw': 'later_enrollment',
    }) }}
),

settled as (
    select
        *,
        {{ uniform_day('year_start', 'days_in_year', 'change_day_draw') }} as change_day,
        {{ uniform_day('year_start', 'days_in_year', 'stop_day_draw') }} as stop_day,
        make_date(simulation_year, escalation_month, 1) as escalation_day,
        later_draw * 1000000 < later_enrollment_millionths as would_join,
        {{ willingness('would_join', 'later_enrollment_millionths / 1000000', 'stop_draw') }} * 1000000 as to_stay,
        {{ willingness('would_join', 'later_enrollment_millionths / 1000000', 'change_draw') }} * 1000000 as to_save,
        to_save >= 1000000 - change_up_share_millionths as would_raise,
        {{ willingness('would_raise', 'change_up_share_millionths / 1000000', 'decline_draw') }} * 1000000 as to_escalate,
        case
            when in_escalation or joined_on is not null then null
            when would_raise then 'raise'
            when to_save < change_down_share_millionths then if(rate_millionths > change_step_millionths, 'lower', 'stop')
        end as own_change,
        if(to_stay < stop_share_millionths and coalesce(joined_on < stop_day, true), stop_day, null) as plain_stop_on,
        -- the earlier of two stops: one of its own, one of a rate lowered to nothing; least() passes over a NULL
        least(plain_stop_on, if(own_change = 'stop', change_day, null)) as stops_on,
        least(stops_on - 1, last_day) as last_change_day,
        to_escalate < escalation_opt_out_millionths as declines
    from drawn
),

changes as (
    select *, 'opt_out' as event_type, 'stop' as event_category, stops_on as effective_date, null as step_millionths,
        null as cap_millionths,
        if(plain_stop_on = stops_on, stop_share_millionths, change_down_share_millionths) as share_millionths
    from settled where stops_on <= last_day
    union all
    select *, 'deferral_change', own_change, change_day,
        if(own_change = 'raise', change_step_millionths, -change_step_millionths), 1000000,
        if(own_change = 'raise', change_up_share_millionths, change_down_share_millionths)
    from settled
    where own_change in ('raise', 'lower') and change_day <= last_change_day and change_step_millionths > 0
        and (own_change = 'lower' or rate_millionths < 1000000)
    union all
    select *, if(declines, 'opt_out', 'deferral_escalation'), 'escalation', escalation_day,
        if(declines, null, escalation_increment_millionths), if(declines, null, escalation_cap_millionths),
        if(declines, escalation_opt_out_millionths, 1000000 - escalation_opt_out_millionths)
    from settled
    where in_escalation and escalation_increment_millionths > 0 and rate_millionths < escalation_cap_millionths
        and escalation_day > enrolled_on and escalation_day <= last_change_day
        and {{ completed_months('enrolled_on', 'escalation_day') }} >= escalation_delay_months
)

select
    simulation_year,
    world_id,
    employee_id,
    identity_key,
    event_type,
    event_category,
    effective_date,
    cast(step_millionths as bigint) as step_millionths,
    cast(cap_millionths as bigint) as cap_millionths,
    cast({{ to_rate('share_millionths') }} as decimal(18, 12)) as event_probability
from changes
order by world_id, employee_id, effective_date, {{ same_day_order('event_type') }}
