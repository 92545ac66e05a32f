/*
  Reasonableness, a warning: a year of a company of 100 people or more in which something is outside what is known of real
  companies and plans. The bands are wide; a study that means it may well be outside. One row a broken rule.

  Exits: yearly separation rates by industry lie between 10 % and 60 %, those of companies with a plan lower (BLS JOLTS).
  Participation, deferrals: no size or industry of Vanguard's How America Saves 2025 is outside. Cost: employer contributions
  of 3 to 6 % of pay are usual, 15 % is what 415(c) leaves room for after average deferrals.
*/
{{ config(severity='warn') }}
with years as (
    select costs.*, growth.growth as pay_growth
    from {{ ref('fct_plan_cost') }} as costs
    left join {{ ref('fct_compensation_growth') }} as growth
        on
            costs.scenario_id = growth.scenario_id
            and costs.seed = growth.seed
            and growth.method = 'all'
            and growth.level_id is null
    where costs.headcount_opening >= 100
),

measured as (
    select
        scenario_id,
        seed,
        'headcount_growth' as broken_rule,
        headcount_closing / headcount_opening - 1 as actual,
        -0.2 as low,
        0.3 as high
    from years
    union all
    select scenario_id, seed, 'exits_of_the_opening_headcount', terminations / headcount_opening, 0.01, 0.6 from years
    union all
    select scenario_id, seed, 'growth_of_average_pay', pay_growth, -0.05, 0.12 from years
    union all
    select scenario_id, seed, 'participation', participation_rate, 0.3, 1 from years where eligible >= 100
    union all
    select scenario_id, seed, 'average_deferral', average_deferral_rate, 0.02, 0.15 from years where participants >= 50
    union all
    select scenario_id, seed, 'employer_cost_in_per_cent_of_payroll', cost_percent_of_payroll, 0, 15 from years
)

select *
from measured
where actual not between low and high
