/*
  grain    one row a person employed at any time in the year, a scenario and a seed
  inputs   the closing workforce with its pay, what each person and the employer put in, vesting, who is highly compensated
  formula  annual_compensation is the rate in force at year end or at the exit; paid_compensation is what the year's
           segments paid. A person without segments keeps a row, with NULL pay, which a test reports. Who was not eligible
           at any time in the year has a plan of zeros. Cumulative money is before the forfeiture beside it.
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
    {{ to_money('closing.closing_rate_cents') }} as annual_compensation,
    {{ to_money('closing.paid_cents') }} as paid_compensation,
    {{ to_money('coalesce(employee.plan_compensation_cents, 0)') }} as plan_compensation,
    employee.eligibility_date is not null as is_eligible,
    employee.eligibility_date,
    coalesce(employee.deferral_rate_millionths > 0, false) as is_enrolled,
    employee.enrollment_date,
    employee.enrollment_source,
    {{ to_rate('coalesce(employee.deferral_rate_millionths, 0)') }} as deferral_rate,
    {{ to_money('coalesce(employee.employee_contribution_cents, 0)') }} as employee_contribution,
    {{ to_money('coalesce(employee.catch_up_cents, 0)') }} as catch_up_contribution,
    {{ to_money('coalesce(employee.roth_catch_up_cents, 0)') }} as roth_catch_up_contribution,
    {{ to_money('coalesce(employer.match_cents, 0)') }} as employer_match,
    {{ to_money('coalesce(employer.true_up_cents, 0)') }} as true_up,
    {{ to_money('coalesce(employer.core_cents, 0)') }} as employer_core,
    {{ to_money('vesting.cumulative_match_cents') }} as cumulative_match,
    {{ to_money('vesting.cumulative_core_cents') }} as cumulative_core,
    {{ to_rate('vesting.match_vested_millionths * 100') }} as match_vested_percent,
    {{ to_rate('vesting.core_vested_millionths * 100') }} as core_vested_percent,
    {{ to_money('vesting.forfeited_match_cents') }} as forfeited_match,
    {{ to_money('vesting.forfeited_core_cents') }} as forfeited_core,
    {{ to_money('coalesce(employer.match_potential_cents, 0)') }} as match_potential,
    hce.hce_reason is not null as is_hce,
    coalesce(employee.limit_reached, false) as limit_reached
from {{ ref('int_closing_workforce') }} as closing
inner join {{ ref('stg_worlds') }} as worlds using (world_id)
left join {{ ref('int_employee_contributions') }} as employee using (world_id, identity_key)
left join {{ ref('int_employer_contributions') }} as employer using (world_id, identity_key)
left join {{ ref('int_vesting_forfeitures') }} as vesting using (world_id, identity_key)
left join {{ ref('int_highly_compensated') }} as hce using (world_id, identity_key)
order by worlds.scenario_id, worlds.seed, closing.employee_id
