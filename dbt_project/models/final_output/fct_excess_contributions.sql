/*
  grain    one row a person whose money is excess of a failed ADP or ACP test, a scenario, a seed and a test; no rows where
           all tests are passed
  inputs   the failed tests with their excess in all, what each of the highly compensated put in or was matched
  formula  whose the excess is goes by dollars, not by ratios (IRC 401(k)(8)(C), 401(m)(6)(C); Treas. Reg.
           1.401(k)-2(b)(2)(iii)): the highest amount comes down to the next highest, both to the one after it, until the
           excess is used up. The k highest come down to (their sum - excess) / k; of all k the highest such level is that of
           everybody above it, in whole cents; of a cent too much those with the lowest amounts keep one each. Excess in
           all goes by ratios to 0.01 % and may be more than all that was put in: nobody's is more than that
  check    4,500.00, 7,000.00, 3,000.00 and 6,300.00 with 3,180.00 of excess: 1,940.00 of the second, 1,240.00 of the fourth
*/
with failed as (
    select
        worlds.world_id,
        tests.scenario_id,
        tests.seed,
        tests.simulation_year,
        tests.test,
        {{ to_cents('tests.excess_amount') }} as excess_cents
    from {{ ref('fct_nondiscrimination_tests') }} as tests
    inner join {{ ref('stg_worlds') }} as worlds on tests.scenario_id = worlds.scenario_id and tests.seed = worlds.seed
    where not tests.passed and tests.test in ('ADP', 'ACP')
),

ranked as (
    select
        failed.*,
        member.employee_id,
        if(failed.test = 'ADP', member.deferral_cents, member.match_cents) as amount_cents,
        row_number() over highest as place,
        cast(sum(amount_cents) over highest as bigint) as sum_so_far
    from failed
    inner join {{ ref('int_tested_members') }} as member using (world_id)
    where member.is_hce and member.adp_ratio is not null
    window highest as (partition by world_id, test order by amount_cents desc, member.identity_key)
),

levels as (
    select *, greatest(max((sum_so_far - excess_cents) // place) over (partition by world_id, test), 0) as level_cents
    from ranked
),

lowered as (
    select
        *,
        amount_cents - level_cents as lowered_cents,
        count(*) over (partition by world_id, test) as people,
        sum(amount_cents - level_cents) over (partition by world_id, test) - excess_cents as cents_too_many
    from levels
    where amount_cents > level_cents
),

apportioned as (
    select *, lowered_cents - if(place > people - cents_too_many, 1, 0) as excess_of_person_cents
    from lowered
)

select
    scenario_id,
    seed,
    simulation_year,
    test,
    employee_id,
    {{ to_money('amount_cents') }} as contribution,
    {{ to_money('excess_of_person_cents') }} as excess_amount
from apportioned
where excess_of_person_cents > 0
order by scenario_id, seed, test, employee_id
