/*
  Every event of the record is one that an operation published, or a forfeiture, and the other way round: by its id, with the
  person, kind, day, probability and details, and the plan in force. One row an event that is not.
*/
with made as (
    select event_id, world_id, employee_id, event_type, event_category, effective_date, event_probability, event_details
    from {{ source('operations', 'workforce_events') }}
    union all
    select
        event_id, world_id, employee_id, opened_by, opened_by, segment_start, cast(null as decimal(18, 12)),
        {{ raise_details('raise_millionths') }}
    from {{ source('operations', 'compensation_changes') }}
    where opened_by in ('cola', 'merit_raise')
    union all
    select event_id, world_id, employee_id, opened_by, event_category, segment_start, event_probability, event_details
    from {{ source('operations', 'plan_enrollments') }}
    where opened_by <> 'opening'
    union all
    select
        event_id, world_id, employee_id, event_type, event_category, effective_date, cast(null as decimal(18, 12)),
        event_details
    from ({{ forfeiture_events() }}) as forfeitures
),

expected_events as (
    select
        made.event_id,
        {
            'year': worlds.simulation_year, 'scenario_id': worlds.scenario_id, 'seed': worlds.seed,
            'employee_id': made.employee_id, 'type': made.event_type, 'category': made.event_category,
            'date': made.effective_date, 'probability': made.event_probability, 'details': made.event_details,
            'plan': design.plan_design_id
        } as expected
    from made
    inner join {{ ref('stg_worlds') }} as worlds on made.world_id = worlds.world_id
    inner join {{ ref('stg_plan_design') }} as design on worlds.scenario_id = design.scenario_id
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
