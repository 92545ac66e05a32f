/*
  Automatic enrolment: nobody is enrolled or asked when it is off, nobody who ever opted out, nobody outside a window; and
  whoever is there when the window ends has joined or declined by then. One row a person for whom this is not so.
*/
with exits as (
    {{ all_exits() }}
),

events as (
    select world_id, identity_key, event_type, event_category, effective_date
    from {{ ref('int_enrollment_events') }}
    where event_category in ('auto', 'active_choice')
)

select
    world_id,
    identity_key,
    open_window.window_start,
    open_window.window_end,
    events.event_type,
    events.event_category,
    events.effective_date
from {{ ref('int_auto_enrollment_window') }} as open_window
full join events using (world_id, identity_key)
left join exits using (world_id, identity_key)
left join {{ ref('int_opening_workforce') }} as opening using (world_id, identity_key)
left join {{ ref('stg_worlds') }} as worlds using (world_id)
left join {{ ref('stg_plan_design') }} as design on worlds.scenario_id = design.scenario_id
where
    not design.auto_enabled
    or opening.has_opted_out
    or open_window.window_end is null
    or events.effective_date <> if(events.event_category = 'auto', open_window.window_end, open_window.window_start)
    or (
        open_window.ends_this_year
        and coalesce(exits.termination_date >= open_window.window_end, true)
        and events.effective_date is null
    )
