/*
  grain    one row a scenario, seed and test (ADP, ACP, 415)
  inputs   what everybody eligible at any time in the year put in and got, who is highly compensated, last year's averages
  formula  ADP: deferrals without catch-up, ACP: match, over plan compensation, leavers in, non-deferrers 0, long-term part-
           timers out (IRC 401(k)(15)(B)); each ratio and each average to 0.01 % (Treas. Reg. 1.401(k)-2(a)(2), (3)). The
           average of the highly compensated passes up to the threshold of the others' average, this year's or, by method
           `prior`, last year's (the settings', 3 %, in the plan's first year: IRC 401(k)(3)(E)). Nobody on either side
           passes; a safe harbor is exempt, its rates are for information.
  excess   the highest ratios are lowered to one level until the average is the highest 0.01 % that passes; the excess is
           the sum of what each is lowered by x plan compensation (IRC 401(k)(8)(B), 401(m)(6)(B)). Nothing is paid back.
  415      passes if nobody's regular deferrals and employer money pass 415(c); excess is what was cut or made catch-up
*/
with highly_compensated as (
    {{ highly_compensated() }}
),

members as (
    select
        worlds.scenario_id,
        worlds.seed,
        employee.world_id,
        employee.identity_key,
        hce.hce_reason is not null as is_hce,
        employee.eligibility_reason is distinct from 'long_term_part_time' as is_tested,
        employee.plan_compensation_cents as pay_cents,
        employee.employee_contribution_cents - employee.catch_up_cents as deferral_cents,
        employer.match_cents,
        employer.excess_415_cents,
        deferral_cents + employer.match_cents + employer.core_cents
        <= least(limits.annual_additions_cents, summary.paid_cents) as keeps_415
    from {{ ref('int_employee_contributions') }} as employee
    inner join {{ ref('int_employer_contributions') }} as employer
        on employee.world_id = employer.world_id and employee.identity_key = employer.identity_key
    inner join {{ ref('int_compensation_summary') }} as summary
        on employee.world_id = summary.world_id and employee.identity_key = summary.identity_key
    inner join {{ ref('stg_worlds') }} as worlds on employee.world_id = worlds.world_id
    inner join {{ ref('stg_legal_limits') }} as limits on worlds.scenario_id = limits.scenario_id
    left join highly_compensated as hce
        on employee.world_id = hce.world_id and employee.identity_key = hce.identity_key
),

ratios as (
    select
        members.world_id,
        tests.test,
        members.is_hce,
        members.identity_key,
        members.pay_cents,
        case
            when members.pay_cents <= 0 then 0
            when tests.test = 'ADP' then {{ mul_div_round('members.deferral_cents', 10000, 'members.pay_cents') }}
            else {{ mul_div_round('members.match_cents', 10000, 'members.pay_cents') }}
        end as ratio
    from members
    cross join (values ('ADP'), ('ACP')) as tests (test)
    where members.is_tested
),

averages as (
    select
        world_id,
        test,
        count(*) filter (where is_hce) as hce_count,
        count(*) filter (where not is_hce) as nhce_count,
        sum(ratio) filter (where is_hce) as hce_ratios,
        {{ mul_div_round('sum(ratio) filter (where is_hce)', 1, 'nullif(hce_count, 0)') }} * 100 as hce_average,
        {{ mul_div_round('sum(ratio) filter (where not is_hce)', 1, 'nullif(nhce_count, 0)') }} * 100 as nhce_average
    from ratios
    group by world_id, test
),

judged as (
    select
        worlds.world_id,
        worlds.scenario_id,
        worlds.seed,
        worlds.simulation_year,
        tests.test,
        design.safe_harbor <> 'none' as is_exempt,
        design.testing_method,
        coalesce(averages.hce_count, 0) as hce_count,
        coalesce(averages.nhce_count, 0) as nhce_count,
        averages.hce_ratios,
        averages.hce_average,
        averages.nhce_average,
        case
            when design.testing_method = 'current' then averages.nhce_average
            when prior.test is not null and year(design.adopted) < worlds.simulation_year
                then cast(prior.nhce_rate_this_year * 1000000 as bigint)
            when tests.test = 'ADP' then {{ mul_div_round('design.prior_nhce_adp_millionths', 1, 100) }} * 100
            else {{ mul_div_round('design.prior_nhce_acp_millionths', 1, 100) }} * 100
        end as nhce_used,
        {{ test_threshold('nhce_used') }} as threshold,
        is_exempt or coalesce(averages.hce_average <= threshold, true) as passed
    from {{ ref('stg_worlds') }} as worlds
    inner join {{ ref('stg_plan_design') }} as design on worlds.scenario_id = design.scenario_id
    cross join (values ('ADP'), ('ACP')) as tests (test)
    left join averages on worlds.world_id = averages.world_id and tests.test = averages.test
    left join {{ source('prior_year', 'fct_nondiscrimination_tests') }} as prior
        on worlds.scenario_id = prior.scenario_id and worlds.seed = prior.seed and tests.test = prior.test
),

excesses as (
    {{ leveled_excess('ratios', 'judged') }}
),

additions as (
    select
        scenario_id,
        seed,
        count(*) filter (where is_hce) as hce_count,
        count(*) filter (where not is_hce) as nhce_count,
        bool_and(keeps_415) as passed,
        cast(sum(excess_415_cents) as bigint) as excess_cents
    from members
    group by scenario_id, seed
),

results as (
    select
        judged.scenario_id,
        judged.seed,
        judged.simulation_year,
        judged.test,
        case when judged.is_exempt then 'safe_harbor' else judged.testing_method end as method,
        judged.hce_average,
        judged.nhce_used,
        judged.nhce_average,
        judged.hce_count,
        judged.nhce_count,
        judged.threshold,
        judged.passed,
        coalesce(excesses.excess_cents, 0) as excess_cents
    from judged
    left join excesses on judged.world_id = excesses.world_id and judged.test = excesses.test
    union all
    select
        worlds.scenario_id,
        worlds.seed,
        worlds.simulation_year,
        '415',
        'individual',
        null,
        null,
        null,
        coalesce(additions.hce_count, 0),
        coalesce(additions.nhce_count, 0),
        null,
        coalesce(additions.passed, true),
        coalesce(additions.excess_cents, 0)
    from {{ ref('stg_worlds') }} as worlds
    left join additions on worlds.scenario_id = additions.scenario_id and worlds.seed = additions.seed
)

select
    scenario_id,
    seed,
    simulation_year,
    test,
    method,
    {{ to_rate('hce_average') }} as hce_rate,
    {{ to_rate('nhce_used') }} as nhce_rate,
    {{ to_rate('nhce_average') }} as nhce_rate_this_year,
    hce_count,
    nhce_count,
    {{ to_rate('threshold') }} as threshold,
    passed,
    {{ to_money('excess_cents') }} as excess_amount
from results
order by scenario_id, seed, test
