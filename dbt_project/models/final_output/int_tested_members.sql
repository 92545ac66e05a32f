/*
  grain    one row a person eligible at any time in the year, and world
  inputs   what everybody put in and got, who is highly compensated, the limits
  formula  ADP ratio: deferrals without catch-up, ACP ratio: match, over plan compensation, in whole 0.01 % (Treas. Reg.
           1.401(k)-2(a)(3)), halves up; 0 without pay. Non-deferrers and leavers count, long-term part-timers do not (IRC
           401(k)(15)(B)) and have no ratio. 415(c) is kept where regular deferrals and employer money are at most the dollar
           limit and pay
*/
with members as (
    select
        worlds.simulation_year,
        world_id,
        employee.employee_id,
        identity_key,
        hce.hce_reason is not null as is_hce,
        coalesce(employee.eligibility_reason <> 'long_term_part_time', true) as is_tested,
        employee.plan_compensation_cents as pay_cents,
        employee.employee_contribution_cents - employee.catch_up_cents as deferral_cents,
        employer.match_cents,
        deferral_cents + employer.match_cents + employer.core_cents
        <= least(limits.annual_additions_cents, closing.paid_cents) as keeps_415,
        employer.excess_415_cents
    from {{ ref('int_employee_contributions') }} as employee
    inner join {{ ref('int_employer_contributions') }} as employer using (world_id, identity_key)
    inner join {{ ref('int_closing_workforce') }} as closing using (world_id, identity_key)
    inner join {{ ref('stg_worlds') }} as worlds using (world_id)
    inner join {{ ref('stg_legal_limits') }} as limits using (scenario_id)
    left join {{ ref('int_highly_compensated') }} as hce using (world_id, identity_key)
)

select
    simulation_year,
    world_id,
    employee_id,
    identity_key,
    is_hce,
    pay_cents,
    {%- for name, cents in {'adp_ratio': 'deferral_cents', 'acp_ratio': 'match_cents'}.items() %}
    case
        when is_tested and pay_cents > 0 then {{ mul_div_round(cents, 10000, 'pay_cents') }} when is_tested then 0
    end as {{ name }},
    {%- endfor %}
    keeps_415,
    excess_415_cents
from members
order by world_id, employee_id
