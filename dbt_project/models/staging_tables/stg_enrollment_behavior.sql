/*
  grain    one row a scenario, subject, dimension and band: what people do. Subjects opt_out, voluntary and deferral; what
           the plan gives is in stg_plan_bands, in the same idiom
  inputs   the study's section `plan` (planwise_assets/study/parameters/plan_tables.py)
  formula  `value` holds where the measure that `dimension` names is in [band_min, band_max): age (completed years), pay
           (cents), spread (a draw u as floor(u x 1,000,000))
*/
select *
from {{ source('study', 'plan_bands') }}
where subject in ('opt_out', 'voluntary', 'deferral')
order by scenario_id, subject, dimension, band_min
