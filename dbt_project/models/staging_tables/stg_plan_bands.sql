/*
  grain    one row a scenario, subject, band and tier: every banded table of the plan, one idiom
  inputs   the study's section `plan`, safe-harbor designs resolved to their tiers (planwise_assets/study/parameters/plan_tables.py)
  formula  `value` holds where the measure that `dimension` names is in [band_min, band_max): age, service (completed years),
           pay (cents), spread (a draw u as floor(u x 1,000,000)). A tier of the match narrows it to the part of the deferral
           between tier_from and tier_up_to, shares of pay
*/
select *
from {{ source('study', 'plan_bands') }}
order by scenario_id, subject, dimension, band_min, tier_from
