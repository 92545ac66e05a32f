/*
  grain    one row a person employed at any time in the year, a scenario and a seed
  inputs   the closing workforce, the pay summary
  formula  annual_compensation is the rate in force at year end or at the exit; paid_compensation is what the year's
           segments paid. A person without segments keeps a row, with NULL pay, which a test reports.
*/
select
    worlds.scenario_id,
    worlds.seed,
    closing.simulation_year,
    closing.employee_id,
    closing.employment_status,
    closing.detailed_status,
    closing.birth_date,
    closing.hire_date,
    closing.termination_date,
    closing.age_at_year_end,
    closing.tenure_years_at_year_end,
    {{ age_band('closing.age_at_year_end') }} as age_band,
    {{ tenure_band('closing.tenure_years_at_year_end') }} as tenure_band,
    closing.level_id,
    {{ to_money('summary.closing_rate_cents') }} as annual_compensation,
    {{ to_money('summary.paid_cents') }} as paid_compensation
from {{ ref('int_closing_workforce') }} as closing
inner join {{ ref('stg_worlds') }} as worlds on closing.world_id = worlds.world_id
left join {{ ref('int_compensation_summary') }} as summary
    on closing.world_id = summary.world_id and closing.identity_key = summary.identity_key
order by worlds.scenario_id, worlds.seed, closing.employee_id
