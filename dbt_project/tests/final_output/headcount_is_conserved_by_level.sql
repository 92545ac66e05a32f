/*
  Conservation: opening + hires + promotions in - promotions out - exits = closing, in every world and level, from the
  published events. One row a world and level where it is not so.
*/
with movements as (
    select worlds.scenario_id, worlds.seed, workforce.level_id, 1 as people
    from {{ ref('int_opening_workforce') }} as workforce
    inner join {{ ref('stg_worlds') }} as worlds on workforce.world_id = worlds.world_id
    union all
    select scenario_id, seed, level_after, 1
    from {{ ref('fct_yearly_events') }}
    where event_type in ('hire', 'promotion')
    union all
    select scenario_id, seed, level_before, -1
    from {{ ref('fct_yearly_events') }}
    where event_type in ('promotion', 'termination')
),

expected as (
    select scenario_id, seed, level_id, sum(people) as headcount
    from movements
    group by scenario_id, seed, level_id
),

actual as (
    select scenario_id, seed, level_id, count(*) as headcount
    from {{ ref('fct_workforce_snapshot') }}
    where employment_status = 'active'
    group by scenario_id, seed, level_id
)

select
    scenario_id,
    seed,
    level_id,
    coalesce(expected.headcount, 0) as expected,
    coalesce(actual.headcount, 0) as actual
from expected
full join actual using (scenario_id, seed, level_id)
where coalesce(expected.headcount, 0) <> coalesce(actual.headcount, 0)
