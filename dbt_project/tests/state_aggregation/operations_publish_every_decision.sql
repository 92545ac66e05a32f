/*
  Every decision of group event_generation is published by its operation, and nothing else is: row counts by world and
  kind. An operation whose file is empty or partial fails here. One row a world and kind whose counts differ.
*/
with decided as (
    select world_id, 'hire' as kind from {{ ref('int_hiring_events') }}
    union all
    select world_id, 'termination' from {{ ref('int_termination_events') }}
    union all
    select world_id, 'termination' from {{ ref('int_new_hire_termination_events') }}
    union all
    select world_id, 'promotion' from {{ ref('int_promotion_events') }}
    union all
    select world_id, 'segment: ' || raise_type from {{ ref('int_raise_events') }}
    union all
    select world_id, 'segment: promotion' from {{ ref('int_promotion_events') }}
    union all
    select world_id, 'segment: hire' from {{ ref('int_hiring_events') }}
    union all
    select world_id, 'segment: opening' from {{ ref('int_opening_workforce') }}
    union all
    select world_id, 'person employed' from {{ ref('int_opening_workforce') }}
    union all
    select world_id, 'person employed' from {{ ref('int_hiring_events') }}
),

published as (
    select world_id, event_type as kind from {{ source('operations', 'workforce_events') }}
    union all
    select world_id, 'segment: ' || opened_by from {{ source('operations', 'compensation_changes') }}
    union all
    select world_id, 'person employed' from {{ ref('int_closing_workforce') }}
),

expected as (select world_id, kind, count(*) as row_count from decided group by world_id, kind),

actual as (select world_id, kind, count(*) as row_count from published group by world_id, kind)

select
    world_id,
    kind,
    coalesce(expected.row_count, 0) as expected,
    coalesce(actual.row_count, 0) as actual
from expected
full join actual using (world_id, kind)
where expected.row_count is distinct from actual.row_count
