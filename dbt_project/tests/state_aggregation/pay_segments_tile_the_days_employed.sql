/*
  Payroll: each person's pay segments cover the days employed in the year once, without gap or overlap, each at the rate
  that the one before left and its raise made of it, and their payments are the person's pay of the year. One row a person
  and broken rule.
*/
with segments as (
    select
        *,
        lag(segment_end) over person as previous_end,
        lag(rate_cents) over person as previous_rate_cents,
        lag(segment_number, 1, 0) over person as previous_number
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
            and segments.paid_cents
            = {{ mul_div_round('segments.rate_cents', 'segments.days', 'year_context.days_in_year') }}
            and coalesce(
                segments.rate_cents
                = {{ capped_raise('segments.rate_before_cents', 'segments.raise_millionths', 'policy.pay_cap_cents') }},
                segments.opened_by in ('opening', 'hire')
            )
        ) as chained
    from segments
    inner join {{ ref('stg_worlds') }} as worlds on segments.world_id = worlds.world_id
    inner join {{ ref('stg_compensation_policy') }} as policy on worlds.scenario_id = policy.scenario_id
    cross join {{ source('study', 'year_context') }} as year_context
    group by segments.world_id, segments.employee_id
),

employed as (
    select
        closing.world_id,
        closing.employee_id,
        greatest(closing.hire_date, year_context.year_start) as first_day,
        coalesce(closing.termination_date, year_context.year_end) as last_day,
        summary.days_paid as days,
        summary.paid_cents
    from {{ ref('int_closing_workforce') }} as closing
    cross join {{ source('study', 'year_context') }} as year_context
    left join {{ ref('int_compensation_summary') }} as summary
        on closing.world_id = summary.world_id and closing.employee_id = summary.employee_id
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
