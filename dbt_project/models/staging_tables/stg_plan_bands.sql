/*
  grain    one row a scenario, subject, band and tier: what the plan gives. Subjects match, core, core_excess, match_vesting,
           core_vesting: all that is not what employees do (stg_enrollment_behavior), so that an unknown one is reported
  inputs   the study's section `plan`, safe-harbor designs resolved to their tiers
           (planwise_assets/study/parameters/plan_tables.py)
  formula  `value` holds where the measure that `dimension` names is in [band_min, band_max): age and service (completed
           years), points (their sum). A tier of the match narrows it to the part of the deferral between tier_from and
           tier_up_to, shares of pay
*/
select *
from {{ source('study', 'plan_bands') }}
where subject not in ('opt_out', 'voluntary', 'deferral')
order by scenario_id, subject, dimension, band_min, tier_from
