/*
  grain    one row a scenario
  inputs   the limits in force, each announced, projected by its statutory rule or overridden (study/law/legal_limits.py)
  formula  a limit is that of the year it applies to; the HCE and Roth wage thresholds were measured the year before
*/
select
    simulation_year,
    scenario_id,
    max(value_cents) filter (where limit_name = 'elective_deferral_402g') as elective_deferral_cents,
    max(value_cents) filter (where limit_name = 'catch_up_414v') as catch_up_cents,
    max(value_cents) filter (where limit_name = 'catch_up_60_63_414v') as catch_up_60_63_cents,
    max(value_cents) filter (where limit_name = 'annual_additions_415c') as annual_additions_cents,
    max(value_cents) filter (where limit_name = 'compensation_401a17') as compensation_cents,
    max(value_cents) filter (where limit_name = 'hce_compensation_414q') as hce_compensation_cents,
    max(value_cents) filter (where limit_name = 'social_security_wage_base') as social_security_wage_base_cents,
    max(value_cents) filter (where limit_name = 'roth_catch_up_wages_414v7') as roth_catch_up_wages_cents,
    coalesce(string_agg(limit_name, ', ' order by limit_name) filter (where status = 'projected'), '') as projected_limits,
    coalesce(string_agg(limit_name, ', ' order by limit_name) filter (where status = 'override'), '') as overridden_limits
from {{ source('study', 'plan_legal_limits') }}
where applies_year = simulation_year
group by simulation_year, scenario_id
order by scenario_id
