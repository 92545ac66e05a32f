/*
  grain    one row a scenario, seed and test (ADP, ACP, 415)
  inputs   the ratios of everybody tested, the plan's testing method, last year's averages
  formula  each average of ratios to 0.01 % (Treas. Reg. 1.401(k)-2(a)(2)); that of the highly compensated passes up to the
           threshold of the others', this year's or, by method `prior`, last year's (the settings', 3 %, in the plan's first
           year: IRC 401(k)(3)(E)). Threshold: the larger of 1.25 x it and the smaller of 2 x it and it + 2 points (IRC
           401(k)(3)(A)(ii), 401(m)(2)(A)). Nobody on either side passes; a safe harbor is exempt, its rates inform.
  excess   the k highest ratios are lowered to one level, to the highest 0.01 % that passes; of all k the highest level
           binds; the excess is what each is lowered by x plan compensation (IRC 401(k)(8)(B)). Nothing is paid back.
  415      passes if everybody keeps 415(c); excess is what was cut or made catch-up
*/
with members as (
    select *
    from (select *, cast(null as bigint) as no_ratio from {{ ref('int_tested_members') }})
    unpivot include nulls (ratio for test in (adp_ratio as 'ADP', acp_ratio as 'ACP', no_ratio as '415'))
    where test = '415' or ratio is not null
),

averages as (
    select
        world_id,
        test,
        count(*) filter (where is_hce) as hce_count,
        count(*) filter (where not is_hce) as nhce_count,
        sum(ratio) filter (where is_hce) as hce_ratios,
        {{ mul_div_round('sum(ratio) filter (where is_hce)', 1, 'nullif(hce_count, 0)') }} * 100 as hce_average,
        {{ mul_div_round('sum(ratio) filter (where not is_hce)', 1, 'nullif(nhce_count, 0)') }} * 100 as nhce_average,
        bool_and(keeps_415) as all_keep_415,
        cast(sum(excess_415_cents) as bigint) as excess_415_cents
    from members
    group by world_id, test
),

judged as (
    select
        scenario_id, seed, worlds.world_id, worlds.simulation_year, test,
        case
            when test = '415' then 'individual' when design.safe_harbor <> 'none' then 'safe_harbor'
            else design.testing_method
        end as method,
        averages.* exclude (world_id, test),
        case
            when test = '415' then null
            when design.testing_method = 'current' then averages.nhce_average
            when last_year.test is not null and year(design.adopted) < worlds.simulation_year
                then {{ to_millionths('last_year.nhce_rate_this_year') }}
            when test = 'ADP' then {{ mul_div_round('design.prior_nhce_adp_millionths', 1, 100) }} * 100
            else {{ mul_div_round('design.prior_nhce_acp_millionths', 1, 100) }} * 100
        end as nhce_used,
        greatest(nhce_used * 5 // 4, least(nhce_used * 2, nhce_used + 20000)) as threshold,
        case test
            when '415' then coalesce(averages.all_keep_415, true)
            else method = 'safe_harbor' or coalesce(averages.hce_average <= threshold, true)
        end as passed
    from {{ ref('stg_worlds') }} as worlds
    inner join {{ ref('stg_plan_design') }} as design using (scenario_id)
    cross join (values ('ADP'), ('ACP'), ('415')) as tests (test)
    left join averages using (world_id, test)
    left join {{ source('prior_year', 'fct_nondiscrimination_tests') }} as last_year using (scenario_id, seed, test)
),

steps as (
    select
        world_id, test, member.ratio, member.pay_cents,
        (judged.hce_count * (judged.threshold // 100) - judged.hce_ratios + sum(member.ratio) over highest) * 100
        // row_number() over highest as level
    from members as member
    inner join judged using (world_id, test)
    where test <> '415' and not judged.passed and member.is_hce
    window highest as (partition by world_id, test order by member.ratio desc, member.identity_key)
),

leveled as (
    select *, greatest(ratio * 100 - max(level) over (partition by world_id, test), 0) as lowered_by from steps
),

excesses as (
    select world_id, test, cast(sum({{ mul_div_round('lowered_by', 'pay_cents', '1000000') }}) as bigint) as excess_cents
    from leveled
    group by world_id, test
)

select
    scenario_id, seed, simulation_year, test, method,
    {{ to_rate('hce_average') }} as hce_rate,
    {{ to_rate('nhce_used') }} as nhce_rate,
    {{ to_rate('nhce_average') }} as nhce_rate_this_year,
    coalesce(hce_count, 0) as hce_count,
    coalesce(nhce_count, 0) as nhce_count,
    {{ to_rate('threshold') }} as threshold,
    passed,
    {{ to_money("coalesce(if(test = '415', excess_415_cents, excess_cents), 0)") }} as excess_amount
from judged
left join excesses using (world_id, test)
order by scenario_id, seed, test
