{#-
  How a plan's year of pay is divided. By days, as everything else of a year; or by a payroll's months and half-months, each
  of which has an equal part of the yearly rate whatever its days, and whoever is there for some of them their share of that
  part. Both are units: of days a day is one, of months a month is 377,580 and of half-months a half is 21,840, the smallest
  numbers that 28, 29, 30 and 31 days, and 13, 14, 15 and 16, divide.
-#}

{# One row a world: the units of its plan's year of pay, which tell its calendar, and its pay periods. #}
{% macro pay_calendars() -%}
    select
        world_id,
        worlds.year_start,
        design.pay_periods,
        case design.pay_calendar
            when 'days' then worlds.days_in_year when 'months' then 12 * 377580 when 'half_months' then 24 * 21840
        end as units_in_year
    from {{ ref('stg_worlds') }} as worlds
    inner join {{ ref('stg_plan_design') }} as design using (scenario_id)
{%- endmacro %}

{# Whether a year is divided by its days, which is asked for every stretch of pay: a comparison of whole numbers. #}
{% macro goes_by_days(units_in_year) -%}
    {{ units_in_year }} <= 366
{%- endmacro %}

{# The units from 1 January to the beginning of a day; `with_it` is 1 for those to its end. #}
{% macro units_before(units_in_year, day, year_start, with_it=0) -%}
    case
        when {{ goes_by_days(units_in_year) }} then {{ day }} - {{ year_start }} + {{ with_it }}
        when {{ units_in_year }} = 12 * 377580 then
            (month({{ day }}) - 1) * 377580 + (day({{ day }}) - 1 + {{ with_it }}) * (377580 // day(last_day({{ day }})))
        when day({{ day }}) <= 15 then
            (2 * month({{ day }}) - 2) * 21840 + (day({{ day }}) - 1 + {{ with_it }}) * 1456
        else
            (2 * month({{ day }}) - 1) * 21840
            + (day({{ day }}) - 16 + {{ with_it }}) * (21840 // (day(last_day({{ day }})) - 15))
    end
{%- endmacro %}

{# The units from 1 January to the end of a day. #}
{% macro units_through(units_in_year, day, year_start) -%}
    {{ units_before(units_in_year, day, year_start, with_it=1) }}
{%- endmacro %}
