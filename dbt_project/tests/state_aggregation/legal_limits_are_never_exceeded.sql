/*
  Legal limits, from the results back: deferrals at most 402(g) and, by the age on 31 December, the catch-up of 414(v), none
  of it without Roth for who was paid too much last year; plan compensation at most 401(a)(17) and pay; regular deferrals,
  match and core at most 415(c) and pay; deferrals at most the year's pay. One row a person who is over a limit.
*/
with people as (
    select
        employee.world_id,
        employee.employee_id,
        -- on 31 December everybody has had this year's birthday
        worlds.simulation_year - year(closing.birth_date) as age,
        limits.elective_deferral_cents
        + case
            when age < 50 then 0
            when opening.prior_paid_cents > limits.roth_catch_up_wages_cents and not design.roth_available then 0
            when age <= 63 and age >= 60 then coalesce(limits.catch_up_60_63_cents, limits.catch_up_cents)
            else limits.catch_up_cents
        end as deferral_limit,
        least(limits.annual_additions_cents, closing.paid_cents) as additions_limit,
        -- a plan that is paid by months counts a twelfth of a month of 28 days, too
        if(design.pay_calendar = 'days', least(limits.compensation_cents, closing.paid_cents), limits.compensation_cents)
            as compensation_limit,
        limits.elective_deferral_cents as regular_limit,
        closing.paid_cents,
        employee.employee_contribution_cents,
        employee.catch_up_cents,
        employee.plan_compensation_cents,
        employer.match_cents + employer.core_cents as employer_cents
    from {{ ref('int_employee_contributions') }} as employee
    inner join {{ ref('stg_worlds') }} as worlds on employee.world_id = worlds.world_id
    inner join {{ ref('stg_plan_design') }} as design on worlds.scenario_id = design.scenario_id
    inner join {{ ref('stg_legal_limits') }} as limits on worlds.scenario_id = limits.scenario_id
    left join {{ ref('int_closing_workforce') }} as closing
        on employee.world_id = closing.world_id and employee.employee_id = closing.employee_id
    left join {{ ref('int_opening_workforce') }} as opening
        on employee.world_id = opening.world_id and employee.employee_id = opening.employee_id
    left join {{ ref('int_employer_contributions') }} as employer
        on employee.world_id = employer.world_id and employee.employee_id = employer.employee_id
),

measured as (
    select
        world_id,
        employee_id,
        {
            'deferrals': deferral_limit, 'regular_deferrals': regular_limit, 'plan_compensation': compensation_limit,
            'annual_additions': additions_limit, 'deferrals_of_pay': paid_cents
        } as at_most,
        {
            'deferrals': employee_contribution_cents, 'regular_deferrals': employee_contribution_cents - catch_up_cents,
            'plan_compensation': plan_compensation_cents,
            'annual_additions': employee_contribution_cents - catch_up_cents + employer_cents,
            'deferrals_of_pay': employee_contribution_cents
        } as actual
    from people
)

select world_id, employee_id, at_most, actual
from measured
where not coalesce(
    actual.deferrals <= at_most.deferrals
    and actual.regular_deferrals <= at_most.regular_deferrals
    and actual.plan_compensation <= at_most.plan_compensation
    and actual.annual_additions <= at_most.annual_additions
    and actual.deferrals_of_pay <= at_most.deferrals_of_pay,
    false
)
