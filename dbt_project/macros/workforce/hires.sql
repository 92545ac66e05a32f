{#-
  What a draw makes of a new hire, and of a raise: whole numbers from whole ranges.
-#}

{# The whole number that a draw u in [0, 1) picks from low to high, both included, uniformly. #}
{% macro uniform_integer(low, high, u) -%}
    (({{ low }}) + cast(floor({{ u }} * (({{ high }}) - ({{ low }}) + 1)) as bigint))
{%- endmacro %}

{#
  The last birth date of somebody who is `age` on `on_date`. On the last day of a month that is the last day of the month
  then: who was born on 29 February is a year older on 28 February of a year without one (completed_years).
#}
{% macro latest_birth_date(age, on_date) -%}
    cast(
        case
            when {{ on_date }} = last_day({{ on_date }}) then last_day({{ on_date }} - to_years({{ age }}))
            else {{ on_date }} - to_years({{ age }})
        end as date
    )
{%- endmacro %}

{# A birth date of somebody who is `age` on `on_date`, uniform over the 365 or 366 days of that year of age. #}
{% macro birth_date_at(age, on_date, u) -%}
    {%- set latest = latest_birth_date(age, on_date) -%}
    {%- set days = '(' ~ latest ~ ' - ' ~ latest_birth_date(age ~ ' + 1', on_date) ~ ')' -%}
    ({{ latest }} - cast(floor({{ u }} * {{ days }}) as integer))
{%- endmacro %}

{#
  Pay in cents at the band's percentile, which the draw moves by up to `spread` either way; both in millionths. Never
  outside the band.
#}
{% macro pay_in_band(min_cents, max_cents, percentile, spread, u) -%}
    {%- set place = uniform_integer(percentile ~ ' - ' ~ spread, percentile ~ ' + ' ~ spread, u) -%}
    {%- set inside = 'least(greatest(' ~ place ~ ', 0), 1000000)' -%}
    ({{ min_cents }} + {{ mul_div_round(max_cents ~ ' - ' ~ min_cents, inside, '1000000') }})
{%- endmacro %}
