{#- What the operations and the published events have in common. Details are JSON text with sorted keys and no floats. -#}

{#
  The order of events of one person on one day (docs/methodology.md, 6. Raises and pay). What is due on the exit day still
  counts.
#}
{% macro same_day_order(event_type) -%}
    case {{ event_type }}
        when 'hire' then 1
        when 'cola' then 2
        when 'merit_raise' then 3
        when 'promotion' then 4
        when 'eligibility' then 5
        when 'opt_out' then 6
        when 'enrollment' then 7
        when 'deferral_change' then 8
        when 'deferral_escalation' then 9
        when 'termination' then 10
        when 'forfeiture' then 11
    end
{%- endmacro %}

{# The raise of a COLA, merit raise or promotion, as it was due (the pay cap may cut what is paid). #}
{% macro raise_details(raise_millionths) -%}
    '{"raise":"' || {{ to_rate(raise_millionths) }} || '"}'
{%- endmacro %}

{# Pay after a raise, at most the cap. A rate that is already above the cap stays, and so does one without a raise. #}
{% macro capped_raise(rate_cents, raise_millionths, cap_cents) -%}
    case
        when {{ raise_millionths }} is null or {{ rate_cents }} >= {{ cap_cents }} then {{ rate_cents }}
        else least({{ raised(rate_cents, raise_millionths) }}, {{ cap_cents }})
    end
{%- endmacro %}

{# The step of a deferral rate and the rate above which it does not go; NULL for an event that steps nothing. #}
{% macro step_details(step_millionths, cap_millionths) -%}
    '{"cap":"' || {{ to_rate(cap_millionths) }} || '","step":"' || {{ to_rate(step_millionths) }} || '"}'
{%- endmacro %}

{#
  The forfeitures as events of the exit day, one for each source of the employer's money of which anything was not vested.
  Details: the money of all years, what is forfeited of it, and the vested share.
#}
{% macro forfeiture_events() -%}
    select
        {{ event_id('worlds', 'left_behind.employee_id', "'forfeiture|' || left_behind.source") }} as event_id,
        world_id,
        left_behind.employee_id,
        left_behind.identity_key,
        'forfeiture' as event_type,
        left_behind.source as event_category,
        left_behind.forfeiture_date as effective_date,
        '{"cumulative":"' || {{ to_money('left_behind.cumulative_cents') }} || '","forfeited":"'
        || {{ to_money('left_behind.forfeited_cents') }} || '","vested":"' || {{ to_rate('left_behind.vested_millionths') }}
        || '"}' as event_details
    from (
        select
            world_id,
            employee_id,
            identity_key,
            forfeiture_date,
            unnest(['match', 'core']) as source,
            unnest([cumulative_match_cents, cumulative_core_cents]) as cumulative_cents,
            unnest([match_vested_millionths, core_vested_millionths]) as vested_millionths,
            unnest([forfeited_match_cents, forfeited_core_cents]) as forfeited_cents
        from {{ ref('int_vesting_forfeitures') }}
        where forfeiture_date is not null
    ) as left_behind
    inner join {{ ref('stg_worlds') }} as worlds using (world_id)
    where left_behind.forfeited_cents > 0
{%- endmacro %}
