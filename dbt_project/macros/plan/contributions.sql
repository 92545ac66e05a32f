{#- The arithmetic of the plan's money that several models share: stretches of pay at one deferral rate, and the match. -#}

{#
  One row a stretch of days at one pay rate and one deferral rate: the overlaps of pay segments and deferral segments. Both
  tile their days, so nothing is counted twice and no day from entry on is left out.
#}
{% macro deferral_stretches() -%}
    select
        pay.world_id,
        pay.identity_key,
        greatest(pay.segment_start, plan.segment_start) as first_day,
        least(pay.segment_end, plan.segment_end) as last_day,
        pay.rate_cents,
        plan.rate_millionths
    from {{ source('operations', 'compensation_changes') }} as pay
    inner join {{ source('operations', 'plan_enrollments') }} as plan
        on pay.world_id = plan.world_id and pay.identity_key = plan.identity_key
    where greatest(pay.segment_start, plan.segment_start) <= least(pay.segment_end, plan.segment_end)
{%- endmacro %}

{#
  What `days` at a yearly pay in cents and a deferral rate in millionths defer: rounded once, halves up. The largest pay
  that a study may have (50,000,000.00) for 366 days, doubled, stays below 2^63.
#}
{% macro deferred(rate_cents, days, rate_millionths, days_in_year) -%}
    {{ mul_div_round(rate_cents ~ ' * (' ~ days ~ ')', rate_millionths, '1000000 * ' ~ days_in_year) }}
{%- endmacro %}

{#
  The match, in cents x 10^12 and not yet rounded: the sum over the tiers of rate x the part of the deferral that lies
  between from x pay and up_to x pay. `tiers` is a list of {from, up_to, rate} in millionths; NULL is no match.
#}
{% macro match_by_tiers(deferral_cents, pay_cents, tiers) -%}
    coalesce(list_sum(list_transform(
        {{ tiers }},
        lambda tier: greatest(
            least(({{ deferral_cents }})::hugeint * 1000000, tier.up_to::hugeint * ({{ pay_cents }}))
            - tier.from::hugeint * ({{ pay_cents }}),
            0
        ) * tier.rate
    )), 0)
{%- endmacro %}

{# Such a match in cents, rounded half up, at most the cap (NULL: none). #}
{% macro match_in_cents(exact, cap_cents) -%}
    least(cast({{ mul_div_round(exact, 1, '1000000000000') }} as bigint), {{ cap_cents }})
{%- endmacro %}

{#
  The match by pay period, in cents x 10^12, of those of `people` for whom it is not that of the year (is_steady): a select
  of world_id, identity_key, limited_exact (pay and deferrals until their limits) and unlimited_exact (deferrals as elected).
  Period k = 0 .. n - 1 has the days d = 0 .. of the year with floor(d x n / days of the year) = k. What falls in it is the
  rounded amount of a stretch up to its last day less that up to the day before its first, so that the periods sum to the
  stretch. At one pay and one deferral rate the match of many periods is that of their sum: the periods between a stretch's
  first and last are taken together, but for whom a limit stops somewhere in the year.
#}
{% macro match_by_period(people) -%}
    {%- set last_day_of_it = '((last_period + 1) * days_in_year + pay_periods - 1) // pay_periods - 1' -%}
    {%- set days_so_far = 'least(' ~ last_day_of_it ~ ', last_day) - first_day + 1' -%}
    {%- set days_before = 'greatest((first_period * days_in_year + pay_periods - 1) // pay_periods - first_day, 0)' -%}
    with stretches as (
        {{ deferral_stretches() }}
        union all
        -- pay before entry, for plans that count it
        select
            pay.world_id,
            pay.identity_key,
            pay.segment_start,
            least(pay.segment_end, person.eligibility_date - 1),
            pay.rate_cents,
            0
        from {{ people }} as person
        inner join {{ source('operations', 'compensation_changes') }} as pay
            on person.world_id = pay.world_id and person.identity_key = pay.identity_key
        where person.pay_before_entry and pay.segment_start <= least(pay.segment_end, person.eligibility_date - 1)
    ),

    spans as (
        select
            person.world_id,
            person.identity_key,
            person.pay_periods,
            year_context.days_in_year,
            stretch.rate_cents,
            stretch.rate_millionths,
            stretch.first_day - year_context.year_start as first_day,
            stretch.last_day - year_context.year_start as last_day,
            (stretch.first_day - year_context.year_start) * person.pay_periods // year_context.days_in_year as first_touched,
            (stretch.last_day - year_context.year_start) * person.pay_periods // year_context.days_in_year as last_touched,
            unnest(case
                when person.employee_contribution_cents < person.deferral_elected_cents
                    or person.matched_deferral_cents - person.employee_contribution_cents < person.student_loan_cents
                    or person.counted_pay_cents > person.compensation_limit_cents
                    then list_transform(range(first_touched, last_touched + 1), lambda period: [period, period])
                else list_filter(
                    [[first_touched, first_touched], [first_touched + 1, last_touched - 1], [last_touched, last_touched]],
                    lambda span, position: span[1] <= span[2] and (position < 3 or first_touched < last_touched)
                )
            end) as span,
            span[1] as first_period,
            span[2] as last_period
        from {{ people }} as person
        inner join stretches as stretch
            on person.world_id = stretch.world_id and person.identity_key = stretch.identity_key
        cross join {{ source('study', 'year_context') }} as year_context
        where not person.is_steady and person.tiers is not null
    ),

    periods as (
        select
            world_id,
            identity_key,
            first_period as period,
            cast(sum(
                {{ mul_div_round('rate_cents', '(' ~ days_so_far ~ ')', 'days_in_year') }}
                - {{ mul_div_round('rate_cents', days_before, 'days_in_year') }}
            ) as bigint) as pay_cents,
            cast(sum(
                {{ deferred('rate_cents', days_so_far, 'rate_millionths', 'days_in_year') }}
                - {{ deferred('rate_cents', days_before, 'rate_millionths', 'days_in_year') }}
            ) as bigint) as deferral_cents
        from spans
        group by world_id, identity_key, first_period
    ),

    running as (
        select
            periods.*,
            cast(sum(pay_cents) over so_far as bigint) as pay_so_far,
            cast(sum(deferral_cents) over so_far as bigint) as deferral_so_far
        from periods
        window so_far as (
            partition by world_id, identity_key order by period rows between unbounded preceding and current row
        )
    ),

    with_loans as (
        select
            running.*,
            person.tiers,
            person.plan_compensation_cents,
            person.employee_contribution_cents,
            person.matched_deferral_cents - person.employee_contribution_cents as matched_loan,
            {%- set loan = 'person.student_loan_cents::hugeint' %}
            {{ mul_div_round(loan, 'running.pay_so_far', 'greatest(person.counted_pay_cents, 1)') }} as loan_so_far,
            {{ mul_div_round(
                loan, '(running.pay_so_far - running.pay_cents)', 'greatest(person.counted_pay_cents, 1)'
            ) }} as loan_before
        from running
        inner join {{ people }} as person
            on running.world_id = person.world_id and running.identity_key = person.identity_key
    ),

    counted as (
        select
            world_id,
            identity_key,
            tiers,
            least(pay_so_far, plan_compensation_cents) - least(pay_so_far - pay_cents, plan_compensation_cents) as pay,
            deferral_cents + loan_so_far - loan_before as elected,
            least(deferral_so_far, employee_contribution_cents)
            - least(deferral_so_far - deferral_cents, employee_contribution_cents)
            + least(loan_so_far, matched_loan) - least(loan_before, matched_loan) as limited
        from with_loans
    ),

    matched as (
        select
            world_id,
            identity_key,
            {{ match_by_tiers('limited', 'pay', 'tiers') }} as limited_exact,
            case
                when elected = limited then limited_exact else {{ match_by_tiers('elected', 'pay', 'tiers') }}
            end as unlimited_exact
        from counted
    )

    select world_id, identity_key, sum(limited_exact) as limited_exact, sum(unlimited_exact) as unlimited_exact
    from matched
    group by world_id, identity_key
{%- endmacro %}
