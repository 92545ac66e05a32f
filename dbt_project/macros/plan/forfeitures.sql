{#- Forfeitures as events: one a source of employer money, on the exit date. -#}

{% macro forfeiture_events() -%}
    select
        {{ event_id('worlds', 'money.employee_id', "'forfeiture|' || money.source") }} as event_id,
        money.world_id,
        money.employee_id,
        'forfeiture' as event_type,
        money.source as event_category,
        money.forfeiture_date as effective_date,
        '{"cumulative":"' || {{ to_money('money.cumulative_cents') }} || '","forfeited":"'
        || {{ to_money('money.forfeited_cents') }} || '","vested":"' || {{ to_rate('money.vested_millionths') }} || '"}'
            as event_details
    from (
        {%- for source in ['match', 'core'] %}
        select
            world_id,
            employee_id,
            forfeiture_date,
            '{{ source }}' as source,
            cumulative_{{ source }}_cents as cumulative_cents,
            {{ source }}_vested_millionths as vested_millionths,
            forfeited_{{ source }}_cents as forfeited_cents
        from {{ ref('int_vesting_forfeitures') }}
        where forfeited_{{ source }}_cents > 0
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    ) as money
    inner join {{ ref('stg_worlds') }} as worlds on money.world_id = worlds.world_id
{%- endmacro %}
