{#- Hours of service, which the plan's eligibility and its allocation conditions go by. -#}

{# Hours of service of a part of a year: 52 weeks of scheduled hours by the days employed, rounded half up. #}
{% macro hours_of_service(hours_per_week, days, days_in_year) -%}
    {{ mul_div_round('cast((' ~ hours_per_week ~ ') * 100 as bigint) * 52', days, '100 * ' ~ days_in_year) }}
{%- endmacro %}
