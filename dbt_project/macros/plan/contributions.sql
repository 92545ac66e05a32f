{#- The arithmetic of the plan's money that several models share: stretches of pay at one deferral rate, and the match. -#}

{#
  The pay segments at the rate that the plan goes by: the pay rate and, spread over the year, bonus and overtime that the
  plan counts.
#}
{% macro plan_pay() -%}
    (
        select
            segments.* exclude (rate_cents),
            segments.rate_cents + coalesce(supplement.counted_cents, 0) as rate_cents
        from {{ source('operations', 'compensation_changes') }} as segments
        left join {{ ref('fct_supplemental_pay') }} as supplement using (world_id, identity_key)
    )
{%- endmacro %}

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
    from {{ plan_pay() }} as pay
    inner join {{ source('operations', 'plan_enrollments') }} as plan
        on pay.world_id = plan.world_id and pay.identity_key = plan.identity_key
    where greatest(pay.segment_start, plan.segment_start) <= least(pay.segment_end, plan.segment_end)
{%- endmacro %}

{#
  What `units` of a year of pay (macro pay_calendars) at a yearly pay in cents and a deferral rate in millionths defer:
  rounded once, halves up. The largest pay that a study may have (50,000,000.00, and twice 30,000,000.00 beside it) for 366
  days, doubled, stays below 2^63; the units of months and half-months do not, and only they pay for wider numbers.
#}
{% macro deferred(rate_cents, units, rate_millionths, units_in_year) -%}
    {%- set pay = rate_cents ~ ' * (' ~ units ~ ')' -%}
    {%- set of_all = '1000000 * ' ~ units_in_year -%}
    case
        when {{ units_in_year }} <= 366 then {{ mul_div_round(pay, rate_millionths, of_all) }}
        else cast({{ mul_div_round('(' ~ pay ~ ')::hugeint', rate_millionths, of_all) }} as bigint)
    end
{%- endmacro %}

{#
  The match, in cents x 10^12 and not yet rounded: the sum over the tiers of rate x the part of the deferral that lies
  between from x pay and up_to x pay. `tiers` is a list of {from, up_to, rate} in millionths (match_bands); NULL is no match.
  The largest pay that a study may have (1.1 x 10^10 cents) in millionths stays below 2^63; times the rate it does not.
#}
{% macro match_by_tiers(deferral_cents, pay_cents, tiers) -%}
    coalesce(list_sum(list_transform(
        {{ tiers }},
        lambda tier: greatest(
            least(({{ deferral_cents }}) * 1000000, tier.up_to * ({{ pay_cents }})) - tier.from * ({{ pay_cents }}), 0
        )::hugeint * tier.rate
    )), 0)
{%- endmacro %}

{# Such a match in cents, rounded half up, at most the cap (NULL: none). #}
{% macro match_in_cents(exact, cap_cents) -%}
    least(cast({{ mul_div_round(exact, 1, '1000000000000') }} as bigint), {{ cap_cents }})
{%- endmacro %}

{#
  The pay periods that a stretch from period `first` to period `last` touches, as a row each: every one of them, or the
  first, the one after it, which then stands for all up to the last, and the last.
#}
{% macro touched_periods(first, last, one_by_one) -%}
    unnest(case
        when {{ one_by_one }} then range({{ first }}, {{ last }} + 1)
        when {{ first }} + 1 < {{ last }} then [{{ first }}, {{ first }} + 1, {{ last }}]
        when {{ first }} < {{ last }} then [{{ first }}, {{ last }}]
        else [{{ first }}]
    end)
{%- endmacro %}

{# The part of an amount that counts, when it is the last of a running sum that counts up to a limit. In cents. #}
{% macro part_within(sum_so_far, amount, limit) -%}
    cast(least({{ sum_so_far }}, {{ limit }}) - least({{ sum_so_far }} - ({{ amount }}), {{ limit }}) as bigint)
{%- endmacro %}

{# Whether somebody eligible has match and core at all: the plan decides for long-term part-timers (IRC 401(k)(15)(B)(i)). #}
{% macro has_employer_money(member, design) -%}
    ({{ design }}.long_term_employer_money or {{ member }}.eligibility_reason is distinct from 'long_term_part_time')
{%- endmacro %}
