/*
  grain    one row a person whose match by pay period is not that of the year, world, and pay period or run of like periods
  inputs   employee contributions, pay and deferral segments of the operations
  formula  period k = 0 .. n - 1 has the units u = 0 .. of the year with floor(u x n / units of the year) = k: days or, in a
           plan that is paid by months, equal parts of each (macro units_before). What falls in it is the rounded amount of a
           stretch up to its last unit less that up to the one before its first. Pay counts until 401(a)(17) is reached,
           deferrals and loan payments (spread as pay) are matched until their limits are. At one pay and one rate many
           periods earn what their sum does: those between a stretch's first and last are one row, unless a limit stops
  check    300,000 at 12 % by months: 3,000 a month until 23,500 is reached in the eighth; 3 % of 25,000 x 8 = 6,000
*/
{%- set units_so_far = '(least(((last_period + 1) * units_in_year - 1) // pay_periods, last_unit) - first_unit + 1)' %}
{%- set units_until = 'greatest((first_period * units_in_year + pay_periods - 1) // pay_periods - first_unit, 0)' %}
with calendars as (
    {{ pay_calendars() }}
),

people as (
    select
        contributions.*,
        contributions.matched_deferral_cents - contributions.employee_contribution_cents as matched_loan_cents,
        contributions.employee_contribution_cents < contributions.deferral_elected_cents
        or matched_loan_cents < contributions.student_loan_cents
        or contributions.plan_compensation_cents < contributions.counted_pay_cents as is_limited,
        design.pay_before_entry
    from {{ ref('int_employee_contributions') }} as contributions
    inner join {{ ref('stg_worlds') }} as worlds using (world_id)
    inner join {{ ref('stg_plan_design') }} as design using (scenario_id)
    where not contributions.is_steady
        and scenario_id in (select scenario_id from {{ ref('stg_plan_bands') }} where subject = 'match')
),

stretches as (
    {{ deferral_stretches() }}
    union all
    -- pay before entry, for plans that count it; a raise of 1 January leaves a segment without days before it
    select world_id, identity_key, pay.segment_start, least(pay.segment_end, people.eligibility_date - 1), pay.rate_cents, 0
    from people
    inner join {{ plan_pay() }} as pay using (world_id, identity_key)
    where people.pay_before_entry and pay.segment_start < people.eligibility_date and pay.segment_start <= pay.segment_end
),

spans as (
    select
        world_id,
        identity_key,
        calendars.pay_periods, calendars.units_in_year, stretches.rate_cents, stretches.rate_millionths,
        {{ units_before('pay_calendar', 'first_day', 'year_start') }} as first_unit,
        {{ units_through('pay_calendar', 'last_day', 'year_start') }} - 1 as last_unit,
        first_unit * pay_periods // units_in_year as first_touched,
        last_unit * pay_periods // units_in_year as last_touched,
        {{ touched_periods('first_touched', 'last_touched', 'people.is_limited') }} as first_period,
        if(people.is_limited or first_period in (first_touched, last_touched), first_period, last_touched - 1) as last_period
    from people
    inner join stretches using (world_id, identity_key)
    inner join calendars using (world_id)
),

periods as (
    select
        world_id,
        identity_key,
        first_period as period,
        sum(
            {{ mul_div_round('rate_cents', units_so_far, 'units_in_year') }}
            - {{ mul_div_round('rate_cents', units_until, 'units_in_year') }}
        ) as pay_cents,
        sum(
            {{ deferred('rate_cents', units_so_far, 'rate_millionths', 'units_in_year') }}
            - {{ deferred('rate_cents', units_until, 'rate_millionths', 'units_in_year') }}
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
