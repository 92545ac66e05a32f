/*
  Every decision of group event_generation is published by its operation as it was taken, and nothing else is: who, what,
  when, the level reached, and the cause of an exit or the raise due. An operation whose file is empty, partial or about
  something else fails here. One row a person and kind that was not published as often as it was decided.
*/
with decided as (
    select
        world_id, identity_key, 'hire' as kind, hire_date as day, level_id, annual_compensation_cents as number,
        'new_hire' as cause
    from {{ ref('int_hiring_events') }}
    union all
    select world_id, identity_key, 'termination', termination_date, null, null, exit_category
    from {{ ref('int_termination_events') }}
    union all
    select world_id, identity_key, 'termination', termination_date, null, null, 'new_hire'
    from {{ ref('int_new_hire_termination_events') }}
    union all
    select world_id, identity_key, 'promotion', promotion_date, level_after, null, 'promotion'
    from {{ ref('int_promotion_events') }}
    union all
    select world_id, identity_key, 'segment: promotion', promotion_date, null, raise_millionths, null
    from {{ ref('int_promotion_events') }}
    union all
    select world_id, identity_key, 'segment: ' || raise_type, effective_date, null, raise_millionths, null
    from {{ ref('int_raise_events') }}
    union all
    select world_id, identity_key, 'segment: hire', hire_date, null, annual_compensation_cents, null
    from {{ ref('int_hiring_events') }}
    union all
    select world_id, identity_key, 'segment: opening', null, null, annual_compensation_cents, null
    from {{ ref('int_opening_workforce') }}
    union all
    select world_id, identity_key, 'person employed', null, null, null, null
    from {{ ref('int_opening_workforce') }}
    union all
    select world_id, identity_key, 'person employed', null, null, null, null
    from {{ ref('int_hiring_events') }}
    union all
    select world_id, identity_key, 'segment: eligibility', eligibility_date, null, null, eligibility_reason
    from {{ ref('int_plan_eligibility') }}
    where is_new
    union all
    select
        world_id, identity_key, 'segment: ' || event_type, effective_date, null,
        case when event_type = 'enrollment' then deferral_rate_millionths end, event_category
    from {{ ref('int_enrollment_events') }}
    union all
    select world_id, identity_key, 'segment: ' || event_type, effective_date, null, null, event_category
    from {{ ref('int_deferral_changes') }}
    union all
    select world_id, identity_key, 'person eligible', null, null, null, null
    from {{ ref('int_plan_eligibility') }}
),

published as (
    select
        world_id, identity_key, event_type as kind, effective_date as day, level_after as level_id,
        annual_compensation_cents as number, event_category as cause
    from {{ source('operations', 'workforce_events') }}
    union all
    select
        world_id, identity_key, 'segment: ' || opened_by, case when opened_by <> 'opening' then segment_start end, null,
        coalesce(raise_millionths, rate_cents), null
    from {{ source('operations', 'compensation_changes') }}
    union all
    select world_id, identity_key, 'person employed', null, null, null, null
    from {{ ref('int_closing_workforce') }}
    union all
    select
        world_id, identity_key, 'segment: ' || opened_by, segment_start, null,
        case when opened_by = 'enrollment' then rate_millionths end, event_category
    from {{ source('operations', 'plan_enrollments') }}
    where opened_by <> 'opening'
    union all
    select world_id, identity_key, 'person eligible', null, null, null, null
    from {{ ref('int_employee_contributions') }}
),

sides as (
    select *, true as is_decision from decided
    union all
    select *, false from published
)

select
    world_id,
    identity_key,
    kind,
    day,
    level_id,
    number,
    cause,
    count(*) filter (is_decision) as expected,
    count(*) filter (not is_decision) as actual
from sides
group by all
having expected <> actual
