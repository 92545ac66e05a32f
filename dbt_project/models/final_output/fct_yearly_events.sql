/*
  grain    one row an event: everything that changed anyone in the year, and only here in its order
  inputs   the year's events, and the opening for what was in force before the first
  formula  event_sequence counts each person's events of the year by date; same day: hire, COLA, merit, promotion,
           eligibility, opt-out, enrolment, rate change, escalation, exit, forfeiture.
           What an event does not change it carries as the events before it left it: a plan event pay and level, the others
           the deferral rate; a hire has nothing before, an exit nothing after, a forfeiture neither
*/
with ordered as (
    select
        *,
        event_type in ('eligibility', 'enrollment', 'opt_out', 'deferral_change', 'deferral_escalation') as is_plan,
        row_number() over person as event_sequence,
        last_value(cents_after ignore nulls) over (person rows between unbounded preceding and 1 preceding) as cents_left,
        last_value(level_after ignore nulls) over (person rows between unbounded preceding and 1 preceding) as level_left,
        last_value(rate_after_millionths ignore nulls) over (
            person rows between unbounded preceding and 1 preceding
        ) as rate_left
    from {{ ref('int_events') }}
    window person as (
        partition by world_id, employee_id
        order by effective_date, {{ same_day_order('event_type') }}, segment_number, event_category
    )
),

carried as (
    select
        ordered.*,
        coalesce(ordered.cents_left, opening.annual_compensation_cents) as cents_carried,
        coalesce(ordered.level_left, opening.level_id) as level_carried,
        coalesce(ordered.rate_left, opening.deferral_rate_millionths, 0) as rate_carried
    from ordered
    left join {{ ref('int_opening_workforce') }} as opening
        on ordered.world_id = opening.world_id and ordered.employee_id = opening.employee_id
),

changes as (
    select
        * replace (
            if(is_plan, cents_carried, cents_before) as cents_before,
            if(is_plan, cents_carried, cents_after) as cents_after,
            if(is_plan, level_carried, level_before) as level_before,
            if(is_plan, level_carried, level_after) as level_after,
            case
                when is_plan then coalesce(rate_before_millionths, 0)
                when event_type not in ('hire', 'forfeiture') then rate_carried
            end as rate_before_millionths,
            case
                when is_plan then rate_after_millionths
                when event_type not in ('termination', 'forfeiture') then rate_carried
            end as rate_after_millionths
        )
    from carried
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
    {{ to_money('changes.cents_before') }} as compensation_before,
    {{ to_money('changes.cents_after') }} as compensation_after,
    changes.level_before,
    changes.level_after,
    {{ to_rate('changes.rate_before_millionths') }} as deferral_rate_before,
    {{ to_rate('changes.rate_after_millionths') }} as deferral_rate_after,
    changes.event_probability,
    changes.event_details,
    design.plan_design_id
from changes
inner join {{ ref('stg_worlds') }} as worlds on changes.world_id = worlds.world_id
inner join {{ ref('stg_plan_design') }} as design on worlds.scenario_id = design.scenario_id
order by worlds.scenario_id, worlds.seed, changes.employee_id, changes.event_sequence
