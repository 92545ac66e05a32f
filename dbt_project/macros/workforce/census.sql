{#-
  The census as it is read and judged: what each column must look like, and every rule that a row must keep, once.
  stg_census_rejects lists what breaks a rule, stg_census keeps the rest. The reader (planwise_assets/intake/) has written
  every value in one form by then, and left what it could not read: a text that is not plainly a date, a number or a yes or
  no is refused here and never guessed at.
-#}

{# The columns of the census besides employee_id, and what each holds. #}
{% macro census_columns() -%}
    {{ return({
        'birth_date': 'date',
        'hire_date': 'date',
        'service_date': 'date',
        'termination_date': 'date',
        'annual_compensation': 'number',
        'prior_year_compensation': 'number',
        'bonus': 'number',
        'overtime': 'number',
        'scheduled_hours_per_week': 'number',
        'level_id': 'whole number',
        'active': 'yes or no',
        'deferral_rate': 'rate',
        'eligibility_date': 'date',
        'enrollment_date': 'date',
        'enrollment_source': 'way in',
        'opted_out': 'yes or no',
        'auto_escalation_opt_out': 'yes or no',
        'plan_exclusion': 'yes or no',
        'owner_5pct': 'yes or no',
        'hours_prior_year_1': 'number',
        'hours_prior_year_2': 'number',
        'match_balance': 'number',
        'core_balance': 'number',
    }) }}
{%- endmacro %}

{# A day, YYYY-MM-DD; midnight may follow, as tools write dates that they hold as timestamps. #}
{% macro census_date(text) -%}
    case
        when regexp_full_match({{ text }}, '[0-9]{4}-[0-9]{2}-[0-9]{2}([ T]00:00:00([.]0+)?)?')
            then try_cast(left({{ text }}, 10) as date)
    end
{%- endmacro %}

{# A decimal number to the second digit, half away from zero. A cast alone would take `1e5`, `1_000` and `0x10` too. #}
{% macro census_number(text) -%}
    case
        when regexp_full_match({{ text }}, '[+-]?[0-9]+([.][0-9]*)?') then try_cast({{ text }} as decimal(18, 2))
    end
{%- endmacro %}

{# A share to the sixth digit; `6%` and `6` are no shares (the range is a rule of its own). #}
{% macro census_rate(text) -%}
    case
        when regexp_full_match({{ text }}, '[+-]?[0-9]+([.][0-9]*)?') then try_cast({{ text }} as decimal(18, 6))
    end
{%- endmacro %}

{# How a participant came into the plan. #}
{% macro census_way_in(text) -%}
    case
        when lower({{ text }}) in ('auto', 'voluntary', 'later', 'active_choice', 'census') then lower({{ text }})
    end
{%- endmacro %}

{# A whole number; `3.0` is one, which is how a column with gaps leaves many tools. #}
{% macro census_whole_number(text) -%}
    case
        when regexp_full_match({{ text }}, '[+-]?[0-9]+([.]0*)?') then try_cast(split_part({{ text }}, '.', 1) as integer)
    end
{%- endmacro %}

{% macro census_yes_or_no(text) -%}
    case
        when lower({{ text }}) in ('true', 't', 'yes', 'y', '1') then true
        when lower({{ text }}) in ('false', 'f', 'no', 'n', '0') then false
    end
{%- endmacro %}

{# One row a census row: each column as text (`<column>_text`, without the spaces around it) and as its type. #}
{% macro typed_census() -%}
    {%- set readers = {
        'date': census_date, 'number': census_number, 'whole number': census_whole_number, 'yes or no': census_yes_or_no,
        'rate': census_rate, 'way in': census_way_in,
    } -%}
    select
        census_row,
        employee_id,
        {% for column, kind in census_columns().items() -%}
        nullif(trim({{ column }}), '') as {{ column }}_text,
        {{ readers[kind]('trim(census_input.' ~ column ~ ')') }} as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ source('study', 'census_input') }} as census_input
{%- endmacro %}

{#
  The rules beyond "is it readable": the column to show, when a row breaks the rule, and the sentence that says so. A
  condition that is NULL breaks nothing: what is missing or unreadable has a rule of its own. Conditions see the columns
  of typed_census(), census_date, id_count, shares_its_key and known_level (stg_census_rejects).
#}
{% macro census_rules() -%}
    {%- set age = completed_years('birth_date', 'census_date') -%}
    {%- set age_at_hire = completed_years('birth_date', 'hire_date') -%}
    {{ return([
        ('employee_id', 'employee_id is null', 'An employee id is required.'),
        (
            'employee_id', "regexp_matches(employee_id, '^[\\s\\p{Z}]|[\\s\\p{Z}]$')",
            'An employee id has no spaces around it: ids are used as they are.'
        ),
        (
            'employee_id', "starts_with(employee_id, 'NH_')",
            'An employee id does not start with NH_: such ids are those of simulated hires.'
        ),
        ('employee_id', 'id_count > 1', 'An employee id occurs once: every row of a repeated id is rejected.'),
        (
            'employee_id', 'shares_its_key',
            'An employee id has an identity key of its own: change one of the ids that share it.'
        ),
        ('birth_date', 'birth_date_text is null', 'A birth date is required.'),
        ('birth_date', age ~ ' not between 14 and 90', 'The age on the census date is between 14 and 90.'),
        ('hire_date', 'hire_date_text is null', 'A hire date is required.'),
        ('hire_date', age_at_hire ~ ' < 14', 'The age on the hire date is at least 14.'),
        (
            'hire_date', 'hire_date > census_date',
            'The hire date is not after the census date, 31 December before the first year.'
        ),
        (
            'service_date', 'service_date > census_date',
            'The service date is not after the census date, 31 December before the first year.'
        ),
        ('service_date', 'service_date < birth_date', 'The service date is not before the birth date.'),
        ('termination_date', 'termination_date < hire_date', 'The termination date is not before the hire date.'),
        ('annual_compensation', 'annual_compensation_text is null', 'Annual pay is required.'),
        ('annual_compensation', 'annual_compensation not between 1 and 50000000', 'Annual pay is between 1 and 50,000,000.'),
        (
            'prior_year_compensation', 'prior_year_compensation not between 0 and 50000000',
            'Pay of the prior year is between 0 and 50,000,000.'
        ),
        ('bonus', 'bonus not between 0 and 30000000', 'A bonus of a year is between 0 and 30,000,000.'),
        ('overtime', 'overtime not between 0 and 30000000', 'Overtime pay of a year is between 0 and 30,000,000.'),
        (
            'scheduled_hours_per_week', 'not (scheduled_hours_per_week > 0 and scheduled_hours_per_week <= 168)',
            'Scheduled hours a week are above 0 and at most 168.'
        ),
        (
            'deferral_rate', 'deferral_rate not between 0 and 1',
            'A deferral rate is a share of pay between 0 and 1: 0.06 means 6 %.'
        ),
        (
            'deferral_rate', 'deferral_rate > 0 and plan_exclusion',
            'An employee whom the plan excludes has no deferral rate.'
        ),
        ('eligibility_date', 'eligibility_date < hire_date', 'The eligibility date is not before the hire date.'),
        (
            'eligibility_date', 'eligibility_date > census_date',
            'The eligibility date is not after the census date: leave it empty for who is not eligible yet.'
        ),
        ('enrollment_date', 'enrollment_date < hire_date', 'The enrolment date is not before the hire date.'),
        ('enrollment_date', 'enrollment_date < eligibility_date', 'The enrolment date is not before the eligibility date.'),
        (
            'enrollment_date', 'enrollment_date > census_date',
            'The enrolment date is not after the census date, 31 December before the first year.'
        ),
        ('hours_prior_year_1', 'hours_prior_year_1 not between 0 and 8784', 'Hours of a year are between 0 and 8784.'),
        ('hours_prior_year_2', 'hours_prior_year_2 not between 0 and 8784', 'Hours of a year are between 0 and 8784.'),
        ('match_balance', 'match_balance not between 0 and 100000000', 'A balance is between 0 and 100,000,000.'),
        ('core_balance', 'core_balance not between 0 and 100000000', 'A balance is between 0 and 100,000,000.'),
        ('level_id', 'level_id is not null and not known_level', 'The level is one that every scenario of the study has.'),
    ]) }}
{%- endmacro %}

{# How an unreadable value of each kind is told to a person. #}
{% macro census_unreadable(kind) -%}
    {{ return({
        'date': 'A date can be read in one way, such as 1980-05-01, and exists in the calendar.',
        'number': 'A number can be read in one way, such as 52000 or 52000.50.',
        'whole number': 'A level is a whole number.',
        'rate': 'A rate is plain digits with a decimal point, such as 0.06.',
        'way in': 'The way into the plan is auto, voluntary, later, active_choice or census.',
        'yes or no': 'A yes or no is true, false, yes, no, t, f, y, n, 1 or 0.',
    }[kind]) }}
{%- endmacro %}

{# Every fault that a row can have: the rules, and for each column that it must be readable. #}
{% macro census_faults() -%}
    {%- set faults = census_rules() -%}
    {%- for column, kind in census_columns().items() -%}
        {%- do faults.append((column, column ~ '_text is not null and ' ~ column ~ ' is null', census_unreadable(kind))) -%}
    {%- endfor -%}
    {{ return(faults) }}
{%- endmacro %}
