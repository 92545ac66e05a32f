{#-
  Exact arithmetic on integers: money in cents, rates in millionths, days in days. DuckDB's `DECIMAL / INTEGER` is a
  DOUBLE, so nothing here divides a DECIMAL. The Python twins are in tests/twins/arithmetic.py.
-#}

{# round(a * b / d), half away from zero, for non-negative integers: (2ab + d) // (2d). #}
{% macro mul_div_round(a, b, d) -%}
    ((2 * ({{ a }}) * ({{ b }}) + ({{ d }})) // (2 * ({{ d }})))
{%- endmacro %}

{# Pay in cents after a raise given in millionths, to the cent. #}
{% macro raised(cents, raise_millionths) -%}
    {{ mul_div_round(cents, '1000000 + (' ~ raise_millionths ~ ')', '1000000') }}
{%- endmacro %}

{# Cents to the published DECIMAL(18,2), by an exact decimal product. #}
{% macro to_money(cents) -%}
    cast(({{ cents }}) * 0.01 as decimal(18, 2))
{%- endmacro %}

{# Published or census money to cents, exactly. #}
{% macro to_cents(money) -%}
    cast(cast({{ money }} as decimal(18, 2)) * 100 as bigint)
{%- endmacro %}

{# Millionths to the published DECIMAL(9,6), by an exact decimal product. #}
{% macro to_rate(millionths) -%}
    cast(({{ millionths }}) * 0.000001 as decimal(9, 6))
{%- endmacro %}

{# A decimal rate to millionths, exactly. #}
{% macro to_millionths(rate) -%}
    cast(cast({{ rate }} as decimal(18, 6)) * 1000000 as bigint)
{%- endmacro %}

{#
  A ratio of two integers as DECIMAL(9,6), rounded half away from zero on the sixth digit; NULL when the denominator is 0.
  The numerator may be negative (a growth), the denominator may not.
#}
{% macro to_ratio(numerator, denominator) -%}
    case
        when ({{ denominator }}) > 0
            then {{ to_rate(
                'sign(' ~ numerator ~ ')::bigint * '
                ~ mul_div_round('abs(' ~ numerator ~ ')::hugeint', '1000000', denominator) ~ '::bigint'
            ) }}
    end
{%- endmacro %}
