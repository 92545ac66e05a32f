{#- Who is highly compensated, and how far the tests let them go. -#}

{#
  The highly compensated of the year (IRC 414(q)): a 5 % owner this or last year, or paid last year above the threshold;
  with the top-paid election only who was among the best paid 20 % then (IRC 414(q)(3)). The fifth is of those who count for
  it (Treas. Reg. 1.414(q)-1T, A-9(b): not under 21, under six months of service or under 17.5 hours a week at the end of
  last year), to the nearest person. Who left last year is not known, and is in neither number. A hire was paid nothing
  last year. A select of world_id, identity_key, hce_reason ('owner', 'pay').
#}
{% macro highly_compensated() -%}
    with known as (
        select
            opening.world_id,
            opening.identity_key,
            opening.prior_paid_cents,
            design.top_paid_group,
            case
                when opening.owner_5pct or opening.was_owner_5pct then 'owner'
                when opening.prior_paid_cents > limits.hce_compensation_cents then 'pay'
            end as hce_reason,
            {{ completed_years('opening.birth_date', 'year_context.year_start - 1') }} >= 21
            and {{ completed_months('opening.service_date', 'year_context.year_start - 1') }} >= 6
            and opening.scheduled_hours_per_week >= 17.5 as counts_for_the_fifth
        from {{ ref('int_opening_workforce') }} as opening
        cross join {{ source('study', 'year_context') }} as year_context
        inner join {{ ref('stg_worlds') }} as worlds on opening.world_id = worlds.world_id
        inner join {{ ref('stg_plan_design') }} as design on worlds.scenario_id = design.scenario_id
        inner join {{ ref('stg_legal_limits') }} as limits on worlds.scenario_id = limits.scenario_id
    ),

    fifths as (
        select world_id, {{ mul_div_round('count(*) filter (where counts_for_the_fifth)', 1, 5) }} as people
        from known
        where top_paid_group
        group by world_id
    ),

    best_paid as (
        select
            known.world_id,
            known.identity_key,
            row_number() over (partition by known.world_id order by known.prior_paid_cents desc, known.identity_key) as place
        from known
        where known.top_paid_group
    )

    select known.world_id, known.identity_key, known.hce_reason
    from known
    left join best_paid on known.world_id = best_paid.world_id and known.identity_key = best_paid.identity_key
    left join fifths on known.world_id = fifths.world_id
    where
        known.hce_reason = 'owner'
        or (known.hce_reason = 'pay' and (not known.top_paid_group or best_paid.place <= fifths.people))
{%- endmacro %}

{#
  The highest average that the highly compensated may have beside this average of the others, both in millionths: the larger
  of 1.25 x it and the smaller of 2 x it and it + 2 points (IRC 401(k)(3)(A)(ii), 401(m)(2)(A)). Exact for whole 0.01 %.
#}
{% macro test_threshold(nhce_millionths) -%}
    greatest({{ nhce_millionths }} * 5 // 4, least({{ nhce_millionths }} * 2, {{ nhce_millionths }} + 20000))
{%- endmacro %}

{#
  What is too much in a failed test (IRC 401(k)(8)(B), 401(m)(6)(B)): the highest ratios are lowered to one level until the
  average is the highest 0.01 % that passes. Lowering the k highest to one level makes room for the rest; of all k the
  highest level is the one that binds. `ratios` has whole 0.01 % (ratio), pay_cents and is_hce a person and test; `judged`
  has hce_count, hce_ratios (their sum), threshold (millionths) and passed a world and test. A select of world_id, test and
  excess_cents.
#}
{% macro leveled_excess(ratios, judged) -%}
    with steps as (
        select
            ratios.world_id,
            ratios.test,
            ratios.ratio,
            ratios.pay_cents,
            (judged.hce_count * (judged.threshold // 100) - judged.hce_ratios + sum(ratios.ratio) over highest) * 100
            // row_number() over highest as level
        from {{ ratios }} as ratios
        inner join {{ judged }} as judged
            on ratios.world_id = judged.world_id and ratios.test = judged.test and not judged.passed
        where ratios.is_hce
        window highest as (partition by ratios.world_id, ratios.test order by ratios.ratio desc, ratios.identity_key)
    ),

    levels as (
        select world_id, test, max(level) as level from steps group by world_id, test
    )

    select
        steps.world_id,
        steps.test,
        cast(sum(
            {{ mul_div_round('greatest(steps.ratio * 100 - levels.level, 0)', 'steps.pay_cents', '1000000') }}
        ) as bigint) as excess_cents
    from steps
    inner join levels on steps.world_id = levels.world_id and steps.test = levels.test
    group by steps.world_id, steps.test
{%- endmacro %}
