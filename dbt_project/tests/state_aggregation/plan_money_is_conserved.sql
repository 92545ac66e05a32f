/*
  Conservation: everyone employed has cumulative employer money, and it is the opening's and this year's; everyone with
  deferral segments, and nobody else, has money of the year; what the employee elected follows from those segments to
  a cent a stretch of one pay and one rate. One row a person for whom it is not so.
*/
with openings as (
    select world_id, identity_key, cumulative_match_cents, cumulative_core_cents
    from {{ ref('int_opening_workforce') }}
),

-- a third way: exact cents, rounded nowhere
elected as (
    select
        pay.world_id,
        pay.identity_key,
        any_value(pay.employee_id) as employee_id,
        count(*) as stretches,
        sum(
            (pay.rate_cents + coalesce(supplement.counted_cents, 0))::hugeint * plan.rate_millionths
            * greatest(
                least(pay.segment_end, plan.segment_end) - greatest(pay.segment_start, plan.segment_start) + 1, 0
            )
        ) as cents_times_days
    from {{ source('operations', 'compensation_changes') }} as pay
    inner join {{ source('operations', 'plan_enrollments') }} as plan
        on pay.world_id = plan.world_id and pay.identity_key = plan.identity_key
    left join {{ ref('fct_supplemental_pay') }} as supplement
        on pay.world_id = supplement.world_id and pay.identity_key = supplement.identity_key
    group by pay.world_id, pay.identity_key
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
    elected.cents_times_days // (year_context.days_in_year * 1000000) as elected_cents,
    employee.deferral_elected_cents
from {{ ref('int_closing_workforce') }} as closing
full join elected on closing.world_id = elected.world_id and closing.identity_key = elected.identity_key
cross join {{ source('study', 'year_context') }} as year_context
left join openings on closing.world_id = openings.world_id and closing.identity_key = openings.identity_key
left join {{ ref('int_vesting_forfeitures') }} as vesting
    on closing.world_id = vesting.world_id and closing.identity_key = vesting.identity_key
left join {{ ref('int_employee_contributions') }} as employee
    on closing.world_id = employee.world_id and closing.identity_key = employee.identity_key
left join {{ ref('int_employer_contributions') }} as employer
    on closing.world_id = employer.world_id and closing.identity_key = employer.identity_key
where
    actual is distinct from expected
    or abs(
        employee.deferral_elected_cents - elected.cents_times_days // (year_context.days_in_year * 1000000)
    ) > elected.stretches
