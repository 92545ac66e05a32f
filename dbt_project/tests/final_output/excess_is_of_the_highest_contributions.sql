/*
  Dollar leveling by what it must bring about, not by how: the excess of each failed test is all somebody's, of the highly
  compensated (as far as they put in so much); afterwards those who give are level to a cent, and nobody who gives nothing is
  above them. Of a test that is passed nobody gives. One row a test for which it is not so.
*/
with members as (
    select
        snapshot.scenario_id,
        snapshot.seed,
        tests.simulation_year,
        tests.test,
        tests.passed,
        tests.excess_amount as excess_in_all,
        snapshot.is_hce,
        if(tests.test = 'ADP', employee_contribution - catch_up_contribution, employer_match) as amount,
        excess.employee_id as giver,
        coalesce(excess.contribution <> amount or excess.simulation_year <> tests.simulation_year, true) as is_wrong,
        coalesce(excess.excess_amount, 0) as given,
        amount - given as kept
    from {{ ref('fct_nondiscrimination_tests') }} as tests
    inner join {{ ref('fct_workforce_snapshot') }} as snapshot
        on tests.scenario_id = snapshot.scenario_id and tests.seed = snapshot.seed
    inner join {{ ref('int_tested_members') }} as tested
        on snapshot.employee_id = tested.employee_id and tested.adp_ratio is not null
    inner join {{ ref('stg_worlds') }} as worlds
        on tested.world_id = worlds.world_id and tests.scenario_id = worlds.scenario_id and tests.seed = worlds.seed
    left join {{ ref('fct_excess_contributions') }} as excess
        on
            snapshot.scenario_id = excess.scenario_id and snapshot.seed = excess.seed
            and snapshot.employee_id = excess.employee_id and tests.test = excess.test
    where tests.test <> '415' and snapshot.is_hce
),

outcomes as (
    select
        scenario_id,
        seed,
        test,
        least(any_value(if(passed, 0, excess_in_all)), sum(amount)) as due,
        sum(given) as given,
        coalesce(max(kept) filter (given > 0), 0) as most_kept,
        coalesce(min(kept) filter (given > 0), most_kept) as least_kept,
        coalesce(max(kept) filter (given = 0), 0) as most_of_the_others,
        count(giver) filter (is_wrong) as wrong_people,
        count(giver) as people
    from members
    group by scenario_id, seed, test
),

published as (
    select scenario_id, seed, test, count(*) as people
    from {{ ref('fct_excess_contributions') }}
    group by scenario_id, seed, test
)

select scenario_id, seed, test, outcomes, published
from outcomes
full join published using (scenario_id, seed, test)
where
    coalesce(outcomes.due <> outcomes.given, true)
    or outcomes.most_kept - outcomes.least_kept > 0.01
    or (outcomes.people > 0 and outcomes.most_of_the_others > outcomes.least_kept + 0.01)
    or outcomes.wrong_people > 0
    or coalesce(published.people, 0) <> outcomes.people
