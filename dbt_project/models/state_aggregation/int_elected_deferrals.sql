/*
  grain    one row a person eligible for the plan at any time in the year, and world
  inputs   pay segments and deferral segments (operations), bonus and overtime that the plan counts (macro plan_pay)
  formula  elected = sum over the stretches of one pay and one deferral rate of round(pay x part of the year x rate), no
           limit applied; eligible pay = round(pay x part) from entry on, undeferred pay the part of it at a rate of 0. A
           part is the days or, in a plan that goes by them, the months (macro units_before); such a plan has its own
           pay of the year. Each stretch is rounded to the cent by itself; what rounding brings above the eligible pay is cut
*/
with calendars as (
    {{ pay_calendars() }}
),

members as (
    select
        world_id,
        employee_id,
        identity_key,
        min(segment_start) as entry_day,
        max(eligibility_date) as eligibility_date,
        arg_max(eligibility_reason, segment_number) as eligibility_reason,
        max(enrollment_date) as enrollment_date,
        arg_max(enrollment_source, segment_number) as enrollment_source,
        arg_max(rate_millionths, segment_number) as deferral_rate_millionths
    from {{ source('operations', 'plan_enrollments') }}
    group by world_id, employee_id, identity_key
),

stretches as (
    select
        stretches.*,
        calendars.units_in_year,
        {{ units_through('pay_calendar', 'last_day', 'year_start') }}
        - {{ units_before('pay_calendar', 'first_day', 'year_start') }} as units
    from ({{ deferral_stretches() }}) as stretches
    inner join calendars using (world_id)
),

elected as (
    select
        world_id,
        identity_key,
        cast(sum({{ deferred('rate_cents', 'units', 'rate_millionths', 'units_in_year') }}) as bigint) as deferral_cents,
        cast(coalesce(sum({{ mul_div_round('rate_cents', 'units', 'units_in_year') }}) filter (
            where rate_millionths = 0
        ), 0) as bigint) as undeferred_pay_cents,
        min(rate_millionths) as lowest_rate,
        max(rate_millionths) as highest_rate
    from stretches
    group by world_id, identity_key
),

eligible_pay as (
    select
        world_id,
        identity_key,
        cast(sum({{ mul_div_round(
            'pay.rate_cents',
            'greatest(' ~ units_through('pay_calendar', 'pay.segment_end', 'year_start') ~ ' - '
            ~ units_before('pay_calendar', 'greatest(pay.segment_start, members.entry_day)', 'year_start') ~ ', 0)',
            'units_in_year'
        ) }}) as bigint) as pay_cents,
        cast(sum(case when pay_calendar <> 'days' then {{ mul_div_round(
            'pay.rate_cents',
            units_through('pay_calendar', 'pay.segment_end', 'year_start') ~ ' - '
            ~ units_before('pay_calendar', 'pay.segment_start', 'year_start'),
            'units_in_year'
        ) }} end) as bigint) as year_pay_cents
    from {{ plan_pay() }} as pay
    inner join members using (world_id, identity_key)
    inner join calendars using (world_id)
    -- a raise of 1 January leaves a segment without days, which ends in the year before
    where pay.segment_start <= pay.segment_end
    group by world_id, identity_key
)

select
    worlds.simulation_year,
    world_id,
    members.employee_id,
    identity_key,
    members.eligibility_date,
    members.eligibility_reason,
    members.enrollment_date,
    members.enrollment_source,
    members.deferral_rate_millionths,
    eligible_pay.pay_cents as eligible_pay_cents,
    eligible_pay.year_pay_cents as calendar_pay_cents,
    case
        when elected.highest_rate = 0 then eligible_pay.pay_cents
        else least(elected.undeferred_pay_cents, eligible_pay.pay_cents)
    end as undeferred_pay_cents,
    least(elected.deferral_cents, eligible_pay.pay_cents) as deferral_elected_cents,
    elected.lowest_rate = elected.highest_rate as has_one_rate
from members
inner join {{ ref('stg_worlds') }} as worlds using (world_id)
inner join eligible_pay using (world_id, identity_key)
inner join elected using (world_id, identity_key)
order by world_id, members.employee_id
