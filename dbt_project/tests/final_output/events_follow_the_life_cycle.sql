/*
  Life-cycle: a hire is a person's first event, an exit the last but for the forfeitures of that day, each type and category
  happens at most once a year, every event lies between hire and exit, inside the year, and no event of the plan comes
  before eligibility. One row a person for whom this is not so.
*/
with lives as (
    select
        events.scenario_id,
        events.seed,
        events.employee_id,
        count(*) as event_count,
        count(distinct events.event_type || '|' || events.event_category) as type_count,
        coalesce(max(events.event_sequence) filter (where events.event_type = 'hire'), 1) as hire_sequence,
        coalesce(max(events.event_sequence) filter (where events.event_type = 'termination'), count(*)) as exit_sequence,
        count(*) filter (where events.event_type = 'forfeiture') as forfeiture_count,
        coalesce(max(events.event_sequence) filter (where events.event_type = 'eligibility'), 0) as eligibility_sequence,
        min(events.event_sequence) filter (where events.event_type in (
            'enrollment', 'opt_out', 'deferral_change', 'deferral_escalation'
        )) as plan_sequence,
        min(events.effective_date) filter (where events.event_type in (
            'eligibility', 'enrollment', 'opt_out', 'deferral_change', 'deferral_escalation'
        )) as first_plan_event,
        min(events.effective_date) as first_event,
        max(events.effective_date) as last_event,
        any_value(year_context.year_start) as year_start,
        any_value(year_context.year_end) as year_end
    from {{ ref('fct_yearly_events') }} as events
    cross join {{ source('study', 'year_context') }} as year_context
    group by events.scenario_id, events.seed, events.employee_id
)

select
    lives.scenario_id,
    lives.seed,
    lives.employee_id,
    {
        'not_before': greatest(lives.year_start, snapshot.hire_date),
        'not_after': coalesce(snapshot.termination_date, lives.year_end),
        'event_types': lives.event_count, 'hire_sequence': 1, 'exit_sequence': lives.event_count - lives.forfeiture_count,
        'plan_not_before': snapshot.eligibility_date, 'plan_sequence_after': lives.eligibility_sequence
    } as expected,
    {
        'not_before': lives.first_event,
        'not_after': lives.last_event,
        'event_types': lives.type_count, 'hire_sequence': lives.hire_sequence, 'exit_sequence': lives.exit_sequence,
        'plan_not_before': lives.first_plan_event, 'plan_sequence_after': lives.plan_sequence
    } as actual
from lives
left join {{ ref('fct_workforce_snapshot') }} as snapshot
    on lives.scenario_id = snapshot.scenario_id
    and lives.seed = snapshot.seed
    and lives.employee_id = snapshot.employee_id
where not coalesce(
    lives.first_event >= greatest(lives.year_start, snapshot.hire_date)
    and lives.last_event <= coalesce(snapshot.termination_date, lives.year_end)
    and lives.last_event <= lives.year_end
    and snapshot.employee_id is not null
    and lives.type_count = lives.event_count
    and lives.hire_sequence = 1
    and lives.exit_sequence = lives.event_count - lives.forfeiture_count
    and (lives.first_plan_event is null or lives.first_plan_event >= snapshot.eligibility_date)
    and (lives.plan_sequence is null or lives.plan_sequence > lives.eligibility_sequence),
    false
)
