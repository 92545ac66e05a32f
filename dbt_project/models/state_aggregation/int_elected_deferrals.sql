/*
  grain    one row a person eligible for the plan at any time in the year, and world
  inputs   pay segments and deferral segments (operations), bonus and overtime that the plan counts (macro plan_pay)
  formula  elected = sum over the stretches of one pay and one deferral rate of round(pay x days x rate), no limit applied;
           eligible pay = round(pay x days) from entry on, undeferred pay the part of it at a rate of 0. Each stretch is
           rounded to the cent by itself; what rounding brings above the eligible pay is cut
*/
{%- set days = '(stretches.last_day - stretches.first_day + 1)' %}
with members as (
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
    {{ deferral_stretches() }}
),

elected as (
    select
        world_id,
        stretches.identity_key,
        cast(sum({{ deferred('stretches.rate_cents', days, 'stretches.rate_millionths', 'worlds.days_in_year') }}) as bigint)
            as deferral_cents,
        cast(coalesce(sum({{ mul_div_round('stretches.rate_cents', days, 'worlds.days_in_year') }}) filter (
            where stretches.rate_millionths = 0
        ), 0) as bigint) as undeferred_pay_cents,
        min(stretches.rate_millionths) as lowest_rate,
        max(stretches.rate_millionths) as highest_rate
    from stretches
    inner join {{ ref('stg_worlds') }} as worlds using (world_id)
    group by world_id, stretches.identity_key
),

eligible_pay as (
    select
        world_id,
        identity_key,
        cast(sum({{ mul_div_round(
            'pay.rate_cents',
            'greatest(pay.segment_end - greatest(pay.segment_start, members.entry_day) + 1, 0)',
            'worlds.days_in_year'
        ) }}) as bigint) as pay_cents
    from {{ plan_pay() }} as pay
    inner join members using (world_id, identity_key)
    inner join {{ ref('stg_worlds') }} as worlds using (world_id)
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
