{#- Who may join the plan, from when, and at what rate: what the models of group plan_events share. -#}

{#
  Everybody of the year as the plan sees them: the opening workforce with its plan state, and the hires, who have none yet;
  world, year and draws beside them. Behaviour goes by the age and pay of 1 January, a hire's by those at hire. Nothing
  happens after `last_day`, the exit or 31 December.
#}
{% macro plan_people() -%}
    select
        person.* exclude (age_on, annual_compensation_cents),
        {{ completed_years('person.birth_date', 'coalesce(person.age_on, world.year_start)') }} as age,
        person.annual_compensation_cents as pay_cents,
        coalesce(exits.termination_date, world.year_end) as last_day,
        world.* exclude (world_id)
    from (
        select
            world_id,
            employee_id,
            identity_key,
            birth_date,
            hire_date,
            service_date,
            cast(null as date) as age_on,
            annual_compensation_cents,
            scheduled_hours_per_week,
            plan_excluded,
            {{ plan_state().keys() | join(',\n            ') }}
        from {{ ref('int_opening_workforce') }}
        union all
        select
            world_id,
            employee_id,
            identity_key,
            birth_date,
            hire_date,
            hire_date as service_date,
            hire_date as age_on,
            annual_compensation_cents,
            scheduled_hours_per_week,
            false as plan_excluded,
            {{ plan_state().values() | join(',\n            ') }}
        from {{ ref('int_hiring_events') }}
    ) as person
    inner join {{ ref('stg_worlds') }} as world using (world_id)
    left join ({{ all_exits() }}) as exits using (world_id, identity_key)
{%- endmacro %}

{# What the plan remembers of a person from year to year, and what it is for a hire. #}
{% macro plan_state() -%}
    {{ return({
        'eligibility_date as opening_eligibility_date': 'null',
        'eligibility_reason as opening_eligibility_reason': 'null',
        'enrollment_date as opening_enrollment_date': 'null',
        'enrollment_source as opening_enrollment_source': 'null',
        'deferral_rate_millionths as opening_rate_millionths': '0',
        'has_opted_out': 'false',
        'escalates': 'false',
        'escalation_opted_out': 'false',
        'window_end as opening_window_end': 'null',
        'hours_prior_year_1': '0',
        'hours_prior_year_2': '0',
    }) }}
{%- endmacro %}

{#
  The entry date on or next following a day. Monthly: the first of a month; quarterly: 1 January, April, July, October;
  semiannual: 1 January and July; immediate: the day itself.
#}
{% macro entry_date(met_on, entry_dates) -%}
    {%- set by_name = " when 'monthly' then 1 when 'quarterly' then 3 when 'semiannual' then 6 " -%}
    {%- set months = '(case ' ~ entry_dates ~ by_name ~ 'end)' -%}
    {#- the period that the day before is in, and the first day after it -#}
    {%- set eve = '(' ~ met_on ~ ' - 1)' -%}
    cast(
        coalesce(
            date_trunc('year', {{ eve }}) + to_months(((month({{ eve }}) - 1) // {{ months }} + 1) * {{ months }}),
            {{ met_on }}
        ) as date
    )
{%- endmacro %}

{# The deferral rate that a person chooses: mean x factor in whole per cents, from 1 % to all of pay. Millionths. #}
{% macro chosen_rate(mean_millionths, factor) -%}
    {%- set per_cents = mul_div_round(mean_millionths, 'cast(' ~ factor ~ ' * 1000000 as bigint)', '10000000000') -%}
    (least(greatest({{ per_cents }}, 1), 100) * 10000)
{%- endmacro %}

{#
  The rate after a step: up to the cap at most, and never lowered by a cap that it is above already. A step down has no cap.
#}
{% macro stepped_rate(rate, step, cap) -%}
    case
        when {{ step }} > 0 then greatest({{ rate }}, least({{ rate }} + {{ step }}, {{ cap }}))
        else {{ rate }} + {{ step }}
    end
{%- endmacro %}

{#
  The plan's turnover by the employer's doing, of worlds where there is some: participants are whoever is eligible at any
  time in the year, those of 1 January and those who came (Rev. Rul. 2007-43).
#}
{% macro turnover_by_reductions() -%}
    select
        member.world_id,
        count(*) as participants,
        count(*) filter (closing.termination_category = 'reduction') as reductions
    from {{ ref('int_employee_contributions') }} as member
    inner join {{ ref('int_closing_workforce') }} as closing using (world_id, identity_key)
    where member.world_id in (
        select world_id from {{ ref('int_closing_workforce') }} where termination_category = 'reduction'
    )
    group by member.world_id
{%- endmacro %}
