{#-
  Completed service and ages, by the calendar. The k-th anniversary completes year k; 29 February's anniversary is
  28 February in a year without one (tests/twins/arithmetic.py holds the Python twins).
-#}

{# Completed years from one date to another: an age, or completed service. #}
{% macro completed_years(start_date, end_date) -%}
    cast(
        year({{ end_date }}) - year({{ start_date }})
        - case
            when month({{ end_date }}) * 100 + day({{ end_date }}) < month({{ start_date }}) * 100 + day({{ start_date }})
                and not (
                    month({{ start_date }}) = 2 and day({{ start_date }}) = 29
                    and month({{ end_date }}) = 2 and {{ end_date }} = last_day({{ end_date }})
                )
                then 1
            else 0
        end as integer
    )
{%- endmacro %}

{# Completed months: the day of the month, or the last day of a month too short to have it, completes it. #}
{% macro completed_months(start_date, end_date) -%}
    cast(
        (year({{ end_date }}) - year({{ start_date }})) * 12 + month({{ end_date }}) - month({{ start_date }})
        - case
            when day({{ end_date }}) < day({{ start_date }}) and {{ end_date }} <> last_day({{ end_date }}) then 1
            else 0
        end as integer
    )
{%- endmacro %}

{# The day that a draw u in [0, 1) picks among `days` days from `first_date` on, uniformly. #}
{% macro uniform_day(first_date, days, u) -%}
    ({{ first_date }} + cast(floor({{ u }} * ({{ days }})) as integer))
{%- endmacro %}
