/*
  Conservation: everyone employed has cumulative employer money, and it is the opening's and this year's; everyone with
  deferral segments, and nobody else, has money of the year; what the employee elected follows from those segments to
  a cent a stretch of one pay and one rate. One row a person for whom it is not so.
*/
with openings as (
    select world_id, identity_key, cumulative_match_cents, cumulative_core_cents
    from {{ ref('int_opening_workforce') }}
),

calendars as (
    {{ pay_calendars() }}
),

stretches as (
    select
        pay.world_id,
        pay.identity_key,
        pay.employee_id,
        (pay.rate_cents + coalesce(supplement.counted_cents, 0))::hugeint * plan.rate_millionths as yearly,
        greatest(pay.segment_start, plan.segment_start) as first_day,
        least(pay.segment_end, plan.segment_end) as last_day
    from {{ source('operations', 'compensation_changes') }} as pay
    inner join {{ source('operations', 'plan_enrollments') }} as plan
        on pay.world_id = plan.world_id and pay.identity_key = plan.identity_key
    left join {{ ref('fct_supplemental_pay') }} as supplement
        on pay.world_id = supplement.world_id and pay.identity_key = supplement.identity_key
),

-- a third way: exact cents, rounded nowhere
elected as (
    select
        world_id,
        identity_key,
        any_value(employee_id) as employee_id,
        count(*) as stretches,
        sum(case
            when first_day <= last_day then yearly * (
                {{ units_through('pay_calendar', 'last_day', 'year_start') }}
                - ({{ units_before('pay_calendar', 'first_day', 'year_start') }})
            )
            else 0
        end) // (any_value(units_in_year)::hugeint * 1000000) as cents
    from stretches
    inner join calendars using (world_id)
    group by world_id, identity_key
)

select
    coalesce(closing.world_id, elected.world_id) as world_id,
    coalesce(closing.employee_id, elected.employee_id) as employee_id,
    {
        'cumulative_match': coalesce(openings.cumulative_match_cents, 0) + coalesce(employer.match_cents, 0),
        'cumulative_core': coalesce(openings.cumulative_core_cents, 0) + coalesce(employer.core_cents, 0),
        'cumulative_of': closing.employee_id,
        'deferrals_of': elected.employee_id,
        'employer_money_of': elected.employee_id
    } as expected,
    {
        'cumulative_match': vesting.cumulative_match_cents,
        'cumulative_core': vesting.cumulative_core_cents,
        'cumulative_of': vesting.employee_id,
        'deferrals_of': employee.employee_id,
        'employer_money_of': employer.employee_id
    } as actual,
    elected.cents as elected_cents,
    employee.deferral_elected_cents
from {{ ref('int_closing_workforce') }} as closing
full join elected on closing.world_id = elected.world_id and closing.identity_key = elected.identity_key
left join openings on closing.world_id = openings.world_id and closing.identity_key = openings.identity_key
left join {{ ref('int_vesting_forfeitures') }} as vesting
    on closing.world_id = vesting.world_id and closing.identity_key = vesting.identity_key
left join {{ ref('int_employee_contributions') }} as employee
    on closing.world_id = employee.world_id and closing.identity_key = employee.identity_key
left join {{ ref('int_employer_contributions') }} as employer
    on closing.world_id = employer.world_id and closing.identity_key = employer.identity_key
where
    actual is distinct from expected
    or abs(employee.deferral_elected_cents - elected.cents) > elected.stretches
