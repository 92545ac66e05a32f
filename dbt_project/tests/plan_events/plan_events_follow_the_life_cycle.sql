/*
  Life-cycle in the plan: hire <= eligibility <= enrolment < changes <= exit, every event in the year, changes only of who
  contributes, nothing after a stop. One row an event for which this is not so, with the rule it breaks.
*/
with people as (
    select world_id, identity_key, hire_date, enrollment_date, deferral_rate_millionths
    from {{ ref('int_opening_workforce') }}
    union all
    select world_id, identity_key, hire_date, null, 0
    from {{ ref('int_hiring_events') }}
),

exits as (
    {{ all_exits() }}
),

joined as (
    select world_id, identity_key, effective_date
    from {{ ref('int_enrollment_events') }}
    where event_type = 'enrollment'
),

stops as (
    select world_id, identity_key, effective_date
    from {{ ref('int_deferral_changes') }}
    where event_category = 'stop'
),

events as (
    select world_id, employee_id, identity_key, 'eligibility' as kind, eligibility_date as effective_date, is_new
    from {{ ref('int_plan_eligibility') }}
    union all
    select world_id, employee_id, identity_key, 'enrollment', effective_date, true
    from {{ ref('int_enrollment_events') }}
    union all
    select world_id, employee_id, identity_key, if(event_category = 'stop', 'stop', 'change'), effective_date, true
    from {{ ref('int_deferral_changes') }}
)

select
    events.world_id,
    events.employee_id,
    events.kind,
    events.effective_date,
    case
        when people.hire_date is null then 'nobody of the year'
        when events.effective_date < people.hire_date then 'before the hire'
        when events.effective_date > coalesce(exits.termination_date, year_context.year_end) then 'after the exit'
        when events.is_new and events.effective_date < year_context.year_start then 'before the year'
        when eligibility.eligibility_date is null then 'not eligible'
        when events.effective_date < eligibility.eligibility_date then 'before eligibility'
        when events.kind = 'enrollment' and people.deferral_rate_millionths > 0 then 'in already'
        when events.kind in ('eligibility', 'enrollment') then null
        when people.deferral_rate_millionths = 0 and joined.effective_date is null then 'not in'
        when events.effective_date <= coalesce(joined.effective_date, people.enrollment_date) then 'not after enrolment'
        when events.kind = 'change' and events.effective_date >= stops.effective_date then 'after the stop'
    end as broken_rule
from events
cross join {{ source('study', 'year_context') }} as year_context
left join people on events.world_id = people.world_id and events.identity_key = people.identity_key
left join exits on events.world_id = exits.world_id and events.identity_key = exits.identity_key
left join {{ ref('int_plan_eligibility') }} as eligibility
    on events.world_id = eligibility.world_id and events.identity_key = eligibility.identity_key
left join joined on events.world_id = joined.world_id and events.identity_key = joined.identity_key
left join stops on events.world_id = stops.world_id and events.identity_key = stops.identity_key
where broken_rule is not null
