/*
  grain    one row a world and employee of the census in the first year, no rows later
  inputs   every fact of the baseline about a person but bonus and overtime, which stay those of the census
*/
select
    worlds.world_id,
    baseline.* exclude (scenario_id, level_source, bonus_cents, overtime_cents),
    baseline.owner_5pct as was_owner_5pct,
    cast(null as date) as window_end
from {{ ref('int_baseline_workforce') }} as baseline
inner join {{ ref('stg_worlds') }} as worlds on baseline.scenario_id = worlds.scenario_id and worlds.is_first_year
order by worlds.world_id, baseline.employee_id
