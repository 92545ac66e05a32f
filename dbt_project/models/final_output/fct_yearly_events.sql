/*
  grain    one row an event: everything that changed anyone in the year, and only here in its order
  inputs   the operations' events and the forfeitures; the opening, the closing workforce and the pay summary for what was in
           force at an event
  formula  event_sequence counts each person's events of the year by date; same day: hire, COLA, merit, promotion,
           eligibility, opt-out, enrolment, rate change, escalation, exit, forfeiture.
           Before and after: hire NULL -> pay and level; promotion and raises from the pay segment they opened; plan events
           from the deferral segment they opened; exit what was in force -> NULL, and a forfeiture after it NULL -> NULL.
           What an event does not change it carries as the events before it left it.
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

plan_changes as (
    select
        event_id,
        world_id,
        employee_id,
        opened_by as event_type,
        event_category,
        segment_start as effective_date,
        segment_number,
        rate_before_millionths,
        rate_millionths as rate_after_millionths,
        event_probability,
        event_details
    from {{ source('operations', 'plan_enrollments') }}
    where opened_by <> 'opening'
),

forfeitures as (
    {{ forfeiture_events() }}
),

events as (
    select * from workforce
    union all by name
    select * from raises
    union all by name
    select * from plan_changes
    union all by name
    select * from forfeitures
),

-- what the events so far left: pay and level for the plan's events, the deferral rate for the others
ordered as (
    select
        events.*,
        row_number() over person as event_sequence,
        last_value(events.cents_after ignore nulls) over before_it as cents_left,
        last_value(events.level_after ignore nulls) over before_it as level_left,
        last_value(events.rate_after_millionths ignore nulls) over before_it as rate_left
    from events
    window
        person as (
            partition by events.world_id, events.employee_id
            order by
                events.effective_date,
                {{ same_day_order('events.event_type') }},
                events.segment_number,
                events.event_category
        ),
        before_it as (
            partition by events.world_id, events.employee_id
            order by
                events.effective_date,
                {{ same_day_order('events.event_type') }},
                events.segment_number,
                events.event_category
            rows between unbounded preceding and 1 preceding
        )
),

changes as (
    select
        ordered.*,
        ordered.event_type in ('eligibility', 'enrollment', 'opt_out', 'deferral_change', 'deferral_escalation') as is_plan,
        coalesce(ordered.cents_left, opening.annual_compensation_cents) as cents_carried,
        coalesce(ordered.level_left, opening.level_id) as level_carried,
        coalesce(ordered.rate_left, opening.deferral_rate_millionths, 0) as rate_carried
    from ordered
    left join {{ ref('int_opening_workforce') }} as opening
        on ordered.world_id = opening.world_id and ordered.employee_id = opening.employee_id
)

select
    worlds.scenario_id,
    worlds.seed,
    worlds.simulation_year,
    changes.event_id,
    changes.employee_id,
    cast(changes.event_sequence as integer) as event_sequence,
    changes.event_type,
    changes.event_category,
    changes.effective_date,
    {{ to_money('if(changes.is_plan, changes.cents_carried, changes.cents_before)') }} as compensation_before,
    {{ to_money('if(changes.is_plan, changes.cents_carried, changes.cents_after)') }} as compensation_after,
    case when changes.is_plan then changes.level_carried else changes.level_before end as level_before,
    case when changes.is_plan then changes.level_carried else changes.level_after end as level_after,
    {{ to_rate(
        "case when changes.is_plan then coalesce(changes.rate_before_millionths, 0)"
        ~ " when changes.event_type not in ('hire', 'forfeiture') then changes.rate_carried end"
    ) }} as deferral_rate_before,
    {{ to_rate(
        "case when changes.is_plan then changes.rate_after_millionths"
        ~ " when changes.event_type not in ('termination', 'forfeiture') then changes.rate_carried end"
    ) }} as deferral_rate_after,
    changes.event_probability,
    changes.event_details,
    design.plan_design_id
from changes
inner join {{ ref('stg_worlds') }} as worlds on changes.world_id = worlds.world_id
inner join {{ ref('stg_plan_design') }} as design on worlds.scenario_id = design.scenario_id
order by worlds.scenario_id, worlds.seed, changes.employee_id, changes.event_sequence
