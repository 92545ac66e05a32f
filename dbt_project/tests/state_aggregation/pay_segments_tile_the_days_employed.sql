/*
  Payroll: each person's pay segments cover the days employed in the year once, without gap or overlap, each at the rate
  that the one before left and its raise made of it, and their payments are the person's pay of the year but bonus and
  overtime. One row a person and broken rule.
*/
with segments as (
    select
        *,
        lag(segment_end) over person as previous_end,
        lag(rate_cents) over person as previous_rate_cents,
        lag(segment_number, 1, 0) over person as previous_number,
        -- what the raise makes of the rate before, less the rate after, in millionths of a cent
        rate_before_cents::hugeint * (1000000 + raise_millionths) - rate_cents::hugeint * 1000000 as above_rate
    from {{ source('operations', 'compensation_changes') }}
    window person as (partition by world_id, employee_id order by segment_number)
),

paid as (
    select
        segments.world_id,
        segments.employee_id,
        min(segments.segment_start) as first_day,
        max(segments.segment_end) as last_day,
        sum(segments.days) as days,
        sum(segments.paid_cents) as paid_cents,
        bool_and(
            segments.segment_number = segments.previous_number + 1
            and segments.segment_start = coalesce(segments.previous_end + 1, segments.segment_start)
            and segments.rate_before_cents is not distinct from segments.previous_rate_cents
            and segments.days = segments.segment_end - segments.segment_start + 1
            and segments.days >= 0
            -- each amount is the cent nearest to the exact one, the upper of two
            and 2 * (segments.rate_cents * segments.days - segments.paid_cents * worlds.days_in_year)
            between -worlds.days_in_year and worlds.days_in_year - 1
            and coalesce(case
                when segments.opened_by in ('opening', 'hire') then true
                when segments.rate_before_cents >= worlds.pay_cap_cents then segments.rate_cents = segments.rate_before_cents
                when segments.rate_cents = worlds.pay_cap_cents then segments.above_rate >= -500000
                else
                    segments.above_rate between -500000 and 499999
                    and segments.rate_cents < coalesce(worlds.pay_cap_cents, segments.rate_cents + 1)
            end, false)
        ) as chained
    from segments
    inner join {{ ref('stg_worlds') }} as worlds on segments.world_id = worlds.world_id
    group by segments.world_id, segments.employee_id
),

employed as (
    select
        closing.world_id,
        closing.employee_id,
        greatest(closing.hire_date, year_context.year_start) as first_day,
        coalesce(closing.termination_date, year_context.year_end) as last_day,
        closing.days_paid as days,
        closing.paid_cents - coalesce(cast((supplement.bonus + supplement.overtime) * 100 as bigint), 0) as paid_cents
    from {{ ref('int_closing_workforce') }} as closing
    left join {{ ref('fct_supplemental_pay') }} as supplement
        on closing.world_id = supplement.world_id and closing.employee_id = supplement.employee_id
    cross join {{ source('study', 'year_context') }} as year_context
)

select
    world_id,
    employee_id,
    {
        'first_day': employed.first_day, 'last_day': employed.last_day,
        'days': employed.last_day - employed.first_day + 1, 'days_paid': employed.days, 'paid_cents': employed.paid_cents,
        'chained': true
    } as expected,
    {
        'first_day': paid.first_day, 'last_day': paid.last_day,
        'days': paid.days, 'days_paid': paid.days, 'paid_cents': paid.paid_cents,
        'chained': paid.chained
    } as actual
from employed
full join paid using (world_id, employee_id)
where expected is distinct from actual
