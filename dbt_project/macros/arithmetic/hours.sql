{#- Hours of service, which the plan's eligibility and its allocation conditions go by. -#}

{# Hours of service of a part of a year: 52 weeks of scheduled hours by the days employed, rounded half up. #}
{% macro hours_of_service(hours_per_week, days, days_in_year) -%}
    {{ mul_div_round('cast((' ~ hours_per_week ~ ') * 100 as bigint) * 52', days, '100 * ' ~ days_in_year) }}
{%- endmacro %}

{#
  What the last two eligibility computation periods of a person have of hours, and their ends (the day after): a struct of
  earlier_hours, earlier_end, later_hours, later_end; NULL where there is no such period. The first is twelve months from the
  start of service (IRC 410(a)(3)(A)). After it: `plan_years` from that which includes the first anniversary, or
  `anniversaries` (29 CFR 2530.202-2(b)). A part of a year has its hours by days, in whole hours; from 1 January to this
  year's anniversary they are those of the schedule. `person` has its own columns and those of its world.
#}
{% macro hours_in_periods(person, periods, asked) -%}
    {%- set year = person ~ '.simulation_year' -%}
    {%- set years_on = '(' ~ year ~ ' - year(' ~ person ~ '.service_date))' -%}
    {%- set last_year = 'make_date(' ~ year ~ ' - 1, 1, 1)' -%}
    {%- set before = 'make_date(' ~ year ~ ' - 2, 1, 1)' -%}
    {%- set anniversary = 'cast(' ~ person ~ '.service_date + to_years(' ~ years_on ~ ') as date)' -%}
    {%- set last_anniversary = 'cast(' ~ person ~ '.service_date + to_years(' ~ years_on ~ ' - 1) as date)' -%}
    {%- set anniversary_before = 'cast(' ~ person ~ '.service_date + to_years(' ~ years_on ~ ' - 2) as date)' -%}
    {%- set up_to_anniversary = hours_of_service(
        person ~ '.scheduled_hours_per_week', '(' ~ anniversary ~ ' - ' ~ person ~ '.year_start)', person ~ '.days_in_year'
    ) -%}
    {%- set up_to_last = mul_div_round(
        person ~ '.hours_prior_year_1', '(' ~ last_anniversary ~ ' - ' ~ last_year ~ ')',
        '(' ~ person ~ '.year_start - ' ~ last_year ~ ')'
    ) -%}
    {%- set up_to_before = mul_div_round(
        person ~ '.hours_prior_year_2', '(' ~ anniversary_before ~ ' - ' ~ before ~ ')',
        '(' ~ last_year ~ ' - ' ~ before ~ ')'
    ) -%}
    {%- set by_plan_years = years_on ~ ' > 1 and ' ~ periods ~ " = 'plan_years'" -%}
    case when {{ asked }} and {{ years_on }} > 0 then {
        'earlier_hours': case
            when {{ years_on }} = 1 then null
            when {{ years_on }} = 2 then {{ person }}.hours_prior_year_2 + {{ up_to_last }}
            when {{ by_plan_years }} then {{ person }}.hours_prior_year_2
            else {{ person }}.hours_prior_year_2 - {{ up_to_before }} + {{ up_to_last }}
        end,
        'earlier_end': if({{ years_on }} > 2 and {{ by_plan_years }}, {{ last_year }}, {{ last_anniversary }}),
        'later_hours': case
            when {{ years_on }} = 1 then {{ person }}.hours_prior_year_1 + {{ up_to_anniversary }}
            when {{ by_plan_years }} then {{ person }}.hours_prior_year_1
            else {{ person }}.hours_prior_year_1 - {{ up_to_last }} + {{ up_to_anniversary }}
        end,
        'later_end': if({{ by_plan_years }}, {{ person }}.year_start, {{ anniversary }})
    } end
{%- endmacro %}
