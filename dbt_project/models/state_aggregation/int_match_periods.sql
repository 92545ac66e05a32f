/*
  grain    one row a person whose match by pay period is not that of the year, world, and pay period or run of like periods
  inputs   employee contributions, pay and deferral segments of the operations
  formula  period k = 0 .. n - 1 has the days d = 0 .. of the year with floor(d x n / days of the year) = k. What falls in it
           is the rounded amount of a stretch up to its last day less that up to the day before its first. Pay counts until
           401(a)(17) is reached, deferrals and loan payments (spread as pay) are matched until their limits are. At one pay
           and one deferral rate many periods earn what their sum does, so those between a stretch's first and last are one
           row, unless a limit stops something in the year
*/
{%- set days_so_far = '(least(((last_period + 1) * days_in_year - 1) // pay_periods, last_day) - first_day + 1)' %}
{%- set days_before = 'greatest((first_period * days_in_year + pay_periods - 1) // pay_periods - first_day, 0)' %}
with people as (
    select
        contributions.*,
        contributions.matched_deferral_cents - contributions.employee_contribution_cents as matched_loan_cents,
        contributions.employee_contribution_cents < contributions.deferral_elected_cents
        or matched_loan_cents < contributions.student_loan_cents
        or contributions.plan_compensation_cents < contributions.counted_pay_cents as is_limited,
        design.pay_periods,
        design.pay_before_entry,
        worlds.year_start,
        worlds.days_in_year
    from {{ ref('int_employee_contributions') }} as contributions
    inner join {{ ref('stg_worlds') }} as worlds using (world_id)
    inner join {{ ref('stg_plan_design') }} as design using (scenario_id)
    where not contributions.is_steady
        and scenario_id in (select scenario_id from {{ ref('stg_plan_bands') }} where subject = 'match')
),

stretches as (
    {{ deferral_stretches() }}
    union all
    -- pay before entry, for plans that count it
    select world_id, identity_key, pay.segment_start, least(pay.segment_end, people.eligibility_date - 1), pay.rate_cents, 0
    from people
    inner join {{ plan_pay() }} as pay using (world_id, identity_key)
    where people.pay_before_entry and pay.segment_start < people.eligibility_date
),

spans as (
    select
        world_id,
        identity_key,
        people.pay_periods, people.days_in_year, stretches.rate_cents, stretches.rate_millionths,
        stretches.first_day - people.year_start as first_day,
        stretches.last_day - people.year_start as last_day,
        (stretches.first_day - people.year_start) * people.pay_periods // people.days_in_year as first_touched,
        (stretches.last_day - people.year_start) * people.pay_periods // people.days_in_year as last_touched,
        {{ touched_periods('first_touched', 'last_touched', 'people.is_limited') }} as first_period,
        if(people.is_limited or first_period in (first_touched, last_touched), first_period, last_touched - 1) as last_period
    from people
    inner join stretches using (world_id, identity_key)
),

periods as (
    select
        world_id,
        identity_key,
        first_period as period,
        sum(
            {{ mul_div_round('rate_cents', days_so_far, 'days_in_year') }}
            - {{ mul_div_round('rate_cents', days_before, 'days_in_year') }}
        ) as pay_cents,
        sum(
            {{ deferred('rate_cents', days_so_far, 'rate_millionths', 'days_in_year') }}
            - {{ deferred('rate_cents', days_before, 'rate_millionths', 'days_in_year') }}
        ) as deferral_cents
    from spans
    group by world_id, identity_key, first_period
),

running as (
    select
        people.*,
        periods.* exclude (world_id, identity_key),
        sum(pay_cents) over so_far as pay_so_far,
        sum(deferral_cents) over so_far as deferral_so_far,
        {{ mul_div_round('student_loan_cents::hugeint', 'pay_so_far', 'greatest(counted_pay_cents, 1)') }} as loan_so_far,
        {{ mul_div_round('student_loan_cents::hugeint', '(pay_so_far - pay_cents)', 'greatest(counted_pay_cents, 1)') }}
            as loan_before
    from periods
    inner join people using (world_id, identity_key)
    window so_far as (partition by world_id, identity_key order by period rows unbounded preceding)
)

select
    simulation_year,
    world_id,
    employee_id,
    identity_key,
    period,
    {{ part_within('pay_so_far', 'pay_cents', 'plan_compensation_cents') }} as pay_cents,
    cast(deferral_cents + loan_so_far - loan_before as bigint) as elected_cents,
    {{ part_within('deferral_so_far', 'deferral_cents', 'employee_contribution_cents') }}
    + {{ part_within('loan_so_far', 'loan_so_far - loan_before', 'matched_loan_cents') }} as matched_cents
from running
order by world_id, employee_id, period
