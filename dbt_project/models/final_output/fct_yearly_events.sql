/*
  grain    one row an event: everything that changed anyone in the year
  inputs   the operations' events and the forfeitures, each with what it sets; the opening for what held before
  formula  event_sequence counts each person's events of the year by date; same day: hire, COLA, merit, promotion,
           eligibility, opt-out, enrolment, rate change, escalation, exit, forfeiture.
           What an event sets it has from its operation, before and after, so that a lost event is a gap. What it does not
           set it carries as the events before it left it, or the opening. A hire has nothing before, an exit nothing after,
           a forfeiture neither
*/
with forfeitures as (
    {{ forfeiture_events() }}
),

events as (
    select
        event.event_id, world_id, event.employee_id, identity_key, event.event_type, event.event_category,
        event.effective_date,
        case event.event_type
            when 'promotion' then promoted.rate_before_cents when 'termination' then closing.closing_rate_cents
        end as cents_before,
        case event.event_type
            when 'hire' then event.annual_compensation_cents when 'promotion' then promoted.rate_cents
        end as cents_after,
        event.level_before, event.level_after, event.event_probability, event.event_details
    from {{ source('operations', 'workforce_events') }} as event
    left join (select * from {{ source('operations', 'compensation_changes') }} where opened_by = 'promotion') as promoted
        using (world_id, identity_key)
    left join {{ ref('int_closing_workforce') }} as closing using (world_id, identity_key)
    union all by name
    select
        event_id, world_id, employee_id, identity_key, opened_by as event_type, opened_by as event_category,
        segment_start as effective_date, rate_before_cents as cents_before, rate_cents as cents_after,
        {{ raise_details('raise_millionths') }} as event_details
    from {{ source('operations', 'compensation_changes') }}
    where opened_by in ('cola', 'merit_raise')
    union all by name
    select
        event_id, world_id, employee_id, identity_key, opened_by as event_type, event_category,
        segment_start as effective_date, segment_number, rate_before_millionths as rate_before,
        rate_millionths as rate_after, event_probability, event_details
    from {{ source('operations', 'plan_enrollments') }}
    where opened_by <> 'opening'
    union all by name
    select * from forfeitures
),

ordered as (
    select
        *,
        row_number() over person as event_sequence,
        last_value(cents_after ignore nulls) over (person rows between unbounded preceding and 1 preceding) as cents_left,
        last_value(level_after ignore nulls) over (person rows between unbounded preceding and 1 preceding) as level_left,
        last_value(rate_after ignore nulls) over (person rows between unbounded preceding and 1 preceding) as rate_left
    from events
    window person as (
        partition by world_id, identity_key
        order by effective_date, {{ same_day_order('event_type') }}, segment_number, event_category
    )
),

changes as (
    select
        ordered.* replace (
            coalesce(ordered.cents_before, cents_left, opening.annual_compensation_cents) as cents_before,
            coalesce(ordered.level_before, level_left, opening.level_id) as level_before,
            coalesce(ordered.rate_before, rate_left, opening.deferral_rate_millionths, 0) as rate_before
        ),
        event_type not in ('hire', 'forfeiture') as has_before,
        event_type not in ('termination', 'forfeiture') as has_after
    from ordered
    left join {{ ref('int_opening_workforce') }} as opening using (world_id, identity_key)
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
    {{ to_money('if(has_before, cents_before, null)') }} as compensation_before,
    {{ to_money('if(has_after, coalesce(cents_after, cents_before), null)') }} as compensation_after,
    if(has_before, changes.level_before, null) as level_before,
    if(has_after, coalesce(changes.level_after, changes.level_before), null) as level_after,
    {{ to_rate('if(has_before, rate_before, null)') }} as deferral_rate_before,
    {{ to_rate('if(has_after, coalesce(rate_after, rate_before), null)') }} as deferral_rate_after,
    changes.event_probability,
    changes.event_details,
    design.plan_design_id
from changes
inner join {{ ref('stg_worlds') }} as worlds on changes.world_id = worlds.world_id
inner join {{ ref('stg_plan_design') }} as design on worlds.scenario_id = design.scenario_id
order by worlds.scenario_id, worlds.seed, changes.employee_id, changes.event_sequence
