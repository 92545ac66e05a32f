/*
  A test of the plan (ADP, ACP, 415) that fails in at least one future, a warning: the plan does what it says, and people
  should know. One row a scenario and test; futures are the seeds. Rates and limit are those of the future that is furthest
  from passing, rates as shares of pay.

  Source: IRC 401(k)(3), 401(m), 415(c); docs/methodology.md, "Nondiscrimination tests".
*/
{{ config(severity='warn', meta={'own_check': 'plan_tests'}) }}
select
    scenario_id,
    test,
    count(*) filter (where not passed) as failing_futures,
    count(*) as futures,
    arg_min(hce_rate, threshold - hce_rate) as hce_rate,
    arg_min(nhce_rate, threshold - hce_rate) as nhce_rate,
    arg_min(threshold, threshold - hce_rate) as threshold,
    min(threshold - hce_rate) as worst_margin,
    cast(sum(threshold - hce_rate) / count(threshold - hce_rate) as decimal(9, 6)) as mean_margin,
    max(excess_amount) as worst_excess
from {{ ref('fct_nondiscrimination_tests') }}
group by scenario_id, test
having not bool_and(passed)
order by scenario_id, test
