/*
  Exact headcount: where the selection is `exact`, the people active after 31 December are the growth target to the person.
  One row a world that misses it.
*/
with active as (
    select scenario_id, seed, count(*) as headcount
    from {{ ref('fct_workforce_snapshot') }}
    where employment_status = 'active'
    group by scenario_id, seed
)

select
    needs.scenario_id,
    needs.seed,
    needs.target_headcount as expected,
    coalesce(active.headcount, 0) as actual
from {{ ref('int_workforce_needs') }} as needs
inner join {{ ref('stg_worlds') }} as parameters on needs.world_id = parameters.world_id
left join active on needs.scenario_id = active.scenario_id and needs.seed = active.seed
where parameters.selection = 'exact' and needs.target_headcount <> coalesce(active.headcount, 0)
