/*
  The nondiscrimination tests anew, from the published snapshot: who is tested, the averages of the ratios to 0.01 %, the
  average that is compared with (this year's, last year's or the study's), what is too much where a test fails (the level
  to which the highest ratios are lowered, found bit by bit), and what was cut under 415(c). Every world has every test.
  One row a world and test for which it is not so.
*/
with members as (
    select
        worlds.world_id,
        employee.identity_key,
        snapshot.is_hce,
        coalesce(employee.eligibility_reason <> 'long_term_part_time', true) as is_tested,
        {{ to_cents('snapshot.plan_compensation') }} as pay_cents,
        {{ to_cents('snapshot.employee_contribution - snapshot.catch_up_contribution') }} as adp_cents,
        {{ to_cents('snapshot.employer_match') }} as acp_cents,
        employer.excess_415_cents
    from {{ ref('fct_workforce_snapshot') }} as snapshot
    inner join {{ ref('stg_worlds') }} as worlds on snapshot.scenario_id = worlds.scenario_id and snapshot.seed = worlds.seed
    left join {{ ref('int_employee_contributions') }} as employee
        on worlds.world_id = employee.world_id and snapshot.employee_id = employee.employee_id
    left join {{ ref('int_employer_contributions') }} as employer
        on worlds.world_id = employer.world_id and snapshot.employee_id = employer.employee_id
    where snapshot.is_eligible
),

ratios as (
    {%- for test in ['adp', 'acp'] %}
    select
        world_id, identity_key, is_hce, pay_cents, '{{ test | upper }}' as test,
        if(
            pay_cents > 0,
            {{ test }}_cents * 10000 // pay_cents + if({{ test }}_cents * 10000 % pay_cents * 2 >= pay_cents, 1, 0),
            0
        ) as ratio
    from members
    where is_tested
    union all
    {%- endfor %}
    select world_id, identity_key, is_hce, pay_cents, '415', null from members
),

sides as (
    select
        world_id,
        test,
        count(*) filter (is_hce) as hce_count,
        count(*) filter (not is_hce) as nhce_count,
        sum(ratio) filter (is_hce) as hce_ratios,
        sum(ratio) filter (not is_hce) as nhce_ratios,
        list({'ratio': ratio * 100, 'pay_cents': pay_cents::hugeint} order by identity_key) filter (is_hce) as hces
    from ratios
    group by world_id, test
),

averages as (
    select
        *,
        -- quotient and remainder: halves go up
        (hce_ratios // nullif(hce_count, 0) + if(hce_ratios % nullif(hce_count, 0) * 2 >= hce_count, 1, 0)) * 100
            as hce_average,
        (nhce_ratios // nullif(nhce_count, 0) + if(nhce_ratios % nullif(nhce_count, 0) * 2 >= nhce_count, 1, 0)) * 100
            as nhce_average
    from sides
),

judged as (
    select
        worlds.world_id,
        worlds.scenario_id,
        worlds.seed,
        worlds.simulation_year,
        tests.test,
        coalesce(averages.hce_count, 0) as hce_count,
        coalesce(averages.nhce_count, 0) as nhce_count,
        averages.hces,
        {{ to_rate('averages.hce_average') }} as hce_rate,
        {{ to_rate('averages.nhce_average') }} as nhce_rate_this_year,
        case
            when tests.test = '415' then null
            when design.testing_method = 'current' then {{ to_rate('averages.nhce_average') }}
            when last_year.test is not null and year(design.adopted) < worlds.simulation_year
                then last_year.nhce_rate_this_year
            when tests.test = 'ADP' then {{ to_rate('(design.prior_nhce_adp_millionths + 50) // 100 * 100') }}
            else {{ to_rate('(design.prior_nhce_acp_millionths + 50) // 100 * 100') }}
        end as nhce_rate,
        case when tests.test = '415' then 'individual' when design.safe_harbor <> 'none' then 'safe_harbor'
        else design.testing_method end as method,
        {{ to_millionths('published.threshold') }} as threshold,
        tests.test = '415' or coalesce(published.passed, true) as passed
    from {{ ref('stg_worlds') }} as worlds
    inner join {{ ref('stg_plan_design') }} as design on worlds.scenario_id = design.scenario_id
    cross join (values ('ADP'), ('ACP'), ('415')) as tests (test)
    left join averages on worlds.world_id = averages.world_id and tests.test = averages.test
    left join {{ source('prior_year', 'fct_nondiscrimination_tests') }} as last_year
        on worlds.scenario_id = last_year.scenario_id and worlds.seed = last_year.seed and tests.test = last_year.test
    left join {{ ref('fct_nondiscrimination_tests') }} as published
        on worlds.scenario_id = published.scenario_id and worlds.seed = published.seed and tests.test = published.test
),

-- the highest level, bit by bit from 2^24 millionths down, at which the sum of the lowered ratios is no more than may be
leveled as (
    select
        world_id,
        test,
        hces,
        hce_count * (threshold // 100) * 100 as most,
        -- sqlfluff 4.5 does not know a lambda of two parameters
        list_reduce(  -- noqa: PRS
            list_transform(range(24, -1, -1), lambda bit: 1::hugeint << bit),
            lambda level, step: if(
                list_sum(list_transform(hces, lambda hce: least(hce.ratio, level + step))) <= most, level + step, level
            ),
            0::hugeint
        ) as level
    from judged
    where not passed
),

excesses as (
    select
        world_id,
        test,
        cast(list_sum(list_transform(
            hces, lambda hce: (greatest(hce.ratio - level, 0) * hce.pay_cents + 500000) // 1000000
        )) as bigint) as excess_cents
    from leveled
    union all
    select world_id, '415', cast(sum(excess_415_cents) as bigint) from members group by world_id
)

select
    judged.scenario_id,
    judged.seed,
    judged.test,
    {
        'year': judged.simulation_year, 'method': judged.method, 'hce_count': judged.hce_count,
        'nhce_count': judged.nhce_count, 'hce_rate': judged.hce_rate, 'nhce_rate': judged.nhce_rate,
        'nhce_rate_this_year': judged.nhce_rate_this_year, 'has_threshold': judged.nhce_rate is not null,
        'excess': {{ to_money('coalesce(excesses.excess_cents, 0)') }}
    } as expected,
    {
        'year': published.simulation_year, 'method': published.method, 'hce_count': published.hce_count,
        'nhce_count': published.nhce_count, 'hce_rate': published.hce_rate, 'nhce_rate': published.nhce_rate,
        'nhce_rate_this_year': published.nhce_rate_this_year, 'has_threshold': published.threshold is not null,
        'excess': published.excess_amount
    } as actual
from judged
left join {{ ref('fct_nondiscrimination_tests') }} as published
    on judged.scenario_id = published.scenario_id and judged.seed = published.seed and judged.test = published.test
left join excesses on judged.world_id = excesses.world_id and judged.test = excesses.test
where expected is distinct from actual
