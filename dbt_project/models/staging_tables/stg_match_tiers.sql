/*
  grain    one row a scenario, source of employer money (match, core), service band and tier
  inputs   the plan's tiers, safe-harbor designs resolved to theirs (planwise_assets/study/plan/tiers.py)
*/
select
    simulation_year,
    scenario_id,
    source,
    service_min,
    service_max,
    tier,
    from_millionths,
    up_to_millionths,
    rate_millionths,
    excess_rate_millionths
from {{ source('study', 'plan_tiers') }}
order by scenario_id, source, service_min, tier
