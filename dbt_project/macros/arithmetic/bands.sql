{#-
  Bands: what a table of a study goes by, and the bands by which published tables report people. The latter are labels
  only: hazards and plans have bands of their own.
-#}

{# Where a band of ages or years of service without an end ends (planwise_assets/study/bands.py: OPEN_END). #}
{% macro open_end() -%}
    999
{%- endmacro %}

{#
  Whether somebody of int_closing_workforce is in a band of what the employer puts in. The dimensions, measured on the last
  day of employment in the year (31 December, or the exit):
    service   completed years of service
    age       completed years of life
    points    the sum of both
#}
{% macro in_band(band, closing) -%}
    {%- set last_day = 'coalesce(' ~ closing ~ '.termination_date, make_date(' ~ closing ~ '.simulation_year, 12, 31))' -%}
    {%- set age = completed_years(closing ~ '.birth_date', last_day) -%}
    {%- set service = closing ~ '.tenure_years_at_year_end' -%}
    case {{ band }}.dimension
        when 'service' then {{ service }}
        when 'age' then {{ age }}
        when 'points' then {{ service }} + {{ age }}
    end between {{ band }}.band_min and {{ band }}.band_max - 1
{%- endmacro %}

{% macro age_band(age) -%}
    case
        when {{ age }} < 25 then '<25'
        when {{ age }} < 35 then '25-34'
        when {{ age }} < 45 then '35-44'
        when {{ age }} < 55 then '45-54'
        when {{ age }} < 65 then '55-64'
        else '65+'
    end
{%- endmacro %}

{% macro tenure_band(years) -%}
    case
        when {{ years }} < 1 then '<1'
        when {{ years }} < 3 then '1-2'
        when {{ years }} < 5 then '3-4'
        when {{ years }} < 10 then '5-9'
        when {{ years }} < 20 then '10-19'
        else '20+'
    end
{%- endmacro %}
