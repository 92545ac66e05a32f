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
