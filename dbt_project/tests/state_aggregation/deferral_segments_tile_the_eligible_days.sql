/*
  Deferral segments: each eligible person's cover the days from entry or 1 January to the exit or 31 December once, without
  gap or overlap, from the opening rate on, each from the rate that the one before left, by a step that the plan allows: a
  stop to 0, an escalation by its increment up to its cap and never down, an own change by its step; each on the day that
  was decided, enrolment at the rate that was. Nobody else has any.
  One row a person and broken rule.
*/
with events as (
    select world_id, identity_key, event_type, event_category, effective_date, deferral_rate_millionths
    from {{ ref('int_enrollment_events') }}
    union all
    select world_id, identity_key, event_type, event_category, effective_date, null
    from {{ ref('int_deferral_changes') }}
),

segments as (
    select
        segments.*,
        lag(segment_end) over person as previous_end,
        lag(rate_millionths) over person as previous_rate,
        lag(segment_number, 1, 0) over person as previous_number,
        rate_millionths - rate_before_millionths as step_millionths,
        opened_by in ('opening', 'eligibility') or segment_start = decided.effective_date as is_on_its_day,
        case
            when opened_by = 'opening' then rate_before_millionths is null
            when opened_by = 'eligibility' then rate_before_millionths = 0 and rate_millionths = 0
            when opened_by = 'enrollment'
                then rate_before_millionths = 0 and rate_millionths = decided.deferral_rate_millionths
            when opened_by = 'deferral_escalation' then
                rate_millionths = greatest(
                    rate_before_millionths,
                    least(rate_before_millionths + design.escalation_increment_millionths, design.escalation_cap_millionths)
                )
            when opened_by = 'deferral_change' then
                step_millionths = -design.change_step_millionths
                or step_millionths = least(design.change_step_millionths, 1000000 - rate_before_millionths)
            when decided.event_category = 'stop' then rate_millionths = 0 and has_opted_out and not escalates
            when decided.event_category = 'escalation' then step_millionths = 0 and escalation_opted_out and not escalates
            when opened_by = 'opt_out'
                then rate_millionths = 0 and step_millionths = 0 and has_opted_out and window_end is null
        end as is_allowed
    from {{ source('operations', 'plan_enrollments') }} as segments
    inner join {{ ref('stg_worlds') }} as worlds on segments.world_id = worlds.world_id
    inner join {{ ref('stg_plan_design') }} as design on worlds.scenario_id = design.scenario_id
    left join events as decided
        on
            segments.world_id = decided.world_id and segments.identity_key = decided.identity_key
            and segments.opened_by = decided.event_type and segments.event_category = decided.event_category
    window person as (partition by segments.world_id, segments.employee_id order by segments.segment_number)
),

covered as (
    select
        world_id,
        employee_id,
        min(segment_start) as first_day,
        max(segment_end) as last_day,
        sum(days) as days,
        max(rate_millionths) filter (where opened_by = 'opening') as opening_rate,
        bool_and(coalesce(
            is_allowed
            and is_on_its_day
            and segment_number = previous_number + 1
            and segment_start = coalesce(previous_end + 1, segment_start)
            and rate_before_millionths is not distinct from coalesce(previous_rate, if(opened_by = 'opening', null, 0))
            and days = segment_end - segment_start + 1
            and days >= 0
            and (event_id is null) = (opened_by = 'opening')
            and rate_millionths between 0 and 1000000
            and (rate_millionths = 0 or enrollment_date <= segment_start)
            and (rate_millionths > 0 or not escalates),
            false
        )) as chained
    from segments
    group by world_id, employee_id
),

eligible as (
    select
        closing.world_id,
        closing.employee_id,
        greatest(eligibility.eligibility_date, year_context.year_start) as first_day,
        coalesce(closing.termination_date, year_context.year_end) as last_day,
        if(eligibility.is_new, null, opening.deferral_rate_millionths) as opening_rate
    from {{ ref('int_closing_workforce') }} as closing
    inner join {{ ref('int_plan_eligibility') }} as eligibility
        on closing.world_id = eligibility.world_id and closing.identity_key = eligibility.identity_key
    left join {{ ref('int_opening_workforce') }} as opening
        on closing.world_id = opening.world_id and closing.identity_key = opening.identity_key
    cross join {{ source('study', 'year_context') }} as year_context
)

select
    world_id,
    employee_id,
    {
        'first_day': eligible.first_day, 'last_day': eligible.last_day, 'days': eligible.last_day - eligible.first_day + 1,
        'opening_rate': eligible.opening_rate, 'chained': true
    } as expected,
    {
        'first_day': covered.first_day, 'last_day': covered.last_day, 'days': covered.days,
        'opening_rate': covered.opening_rate, 'chained': covered.chained
    } as actual
from eligible
full join covered using (world_id, employee_id)
where expected is distinct from actual
