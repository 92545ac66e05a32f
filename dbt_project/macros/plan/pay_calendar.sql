{#-
  How a plan's year of pay is divided. By days, as everything else of a year; or by a payroll's months and half-months, each
  of which has an equal part of the yearly rate whatever its days, and whoever is there for some of them their share of that
  part. Both are units: of days a day is one, of months a month is 377,580 and of half-months a half is 21,840, the smallest
  numbers that 28, 29, 30 and 31 days, and 13, 14, 15 and 16, divide.
-#}

{# One row a world: its plan's pay calendar, and the units of this year. #}
{% macro pay_calendars() -%}
    select
        world_id,
        worlds.year_start,
        design.pay_calendar,
        design.pay_periods,
        case design.pay_calendar
            when 'months' then 12 * 377580 when 'half_months' then 24 * 21840 else worlds.days_in_year
        end as units_in_year
    from {{ ref('stg_worlds') }} as worlds
    inner join {{ ref('stg_plan_design') }} as design using (scenario_id)
{%- endmacro %}

{# The units from 1 January to the beginning of a day; `with_it` is 1 for those to its end. #}
{% macro units_before(calendar, day, year_start, with_it=0) -%}
    case {{ calendar }}
        when 'months' then
            (month({{ day }}) - 1) * 377580 + (day({{ day }}) - 1 + {{ with_it }}) * (377580 // day(last_day({{ day }})))
        when 'half_months' then if(
            day({{ day }}) <= 15,
            (2 * month({{ day }}) - 2) * 21840 + (day({{ day }}) - 1 + {{ with_it }}) * 1456,
            (2 * month({{ day }}) - 1) * 21840
            + (day({{ day }}) - 16 + {{ with_it }}) * (21840 // (day(last_day({{ day }})) - 15))
        )
        else {{ day }} - {{ year_start }} + {{ with_it }}
    end
{%- endmacro %}

{# The units from 1 January to the end of a day. #}
{% macro units_through(calendar, day, year_start) -%}
    {{ units_before(calendar, day, year_start, with_it=1) }}
{%- endmacro %}
