/*
  Under `exact` everything comes out as planned: exits, reduction, hires and exits of hires are counted one by one and held
  against int_workforce_needs. A failing row is a world, with what was planned and what came out.
*/
with planned as (
    select world_id, experienced_exits, planned_reduction, planned_hires, planned_new_hire_exits
    from {{ ref('int_workforce_needs') }}
    where experienced_exits is not null
),

exits as (
    select
        world_id,
        count(*) filter (exit_category <> 'reduction') as exits,
        count(*) filter (exit_category = 'reduction') as reduction
    from {{ ref('int_termination_events') }}
    group by world_id
),

hires as (
    select world_id, count(*) as hires
    from {{ ref('int_hiring_events') }}
    group by world_id
),

new_hire_exits as (
    select world_id, count(*) as new_hire_exits
    from {{ ref('int_new_hire_termination_events') }}
    group by world_id
)

select planned.*, exits.exits, exits.reduction, hires.hires, new_hire_exits.new_hire_exits
from planned
left join exits on planned.world_id = exits.world_id
left join hires on planned.world_id = hires.world_id
left join new_hire_exits on planned.world_id = new_hire_exits.world_id
where
    planned.experienced_exits <> coalesce(exits.exits, 0)
    or planned.planned_reduction <> coalesce(exits.reduction, 0)
    or planned.planned_hires <> coalesce(hires.hires, 0)
    or planned.planned_new_hire_exits <> coalesce(new_hire_exits.new_hire_exits, 0)
