/*
  grain    one row a scenario
  inputs   the study's section `plan` (planwise_assets/study/parameters/plan_tables.py), its single values in force this year
*/
select *
from {{ source('study', 'plan_parameters') }}
order by scenario_id
