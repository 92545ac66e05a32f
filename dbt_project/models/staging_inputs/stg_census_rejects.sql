/*
  grain    one row a rule that a census row breaks; the same in every year of a study
  inputs   the census as text; the rules are macros/workforce/census.sql
*/
with typed as materialized (
    {{ typed_census() }}
),

ids as (
    select
        employee_id,
        {{ identity_key('employee_id') }} as identity_key,
        count(*) as id_count
    from {{ source('study', 'census_input') }}
    group by employee_id
),

shared_keys as (
    select identity_key
    from ids
    group by identity_key
    having count(*) > 1
),

known_levels as (
    select level_id
    from {{ source('study', 'census_levels') }}
    group by level_id
    having count(*) = (select count(distinct scenario_id) from {{ source('study', 'census_levels') }})
),

judged as materialized (
    select
        typed.*,
        census_context.census_date,
        ids.id_count,
        shared_keys.identity_key is not null as shares_its_key,
        known_levels.level_id is not null as known_level
    from typed
    cross join {{ source('study', 'census_context') }} as census_context
    left join ids on typed.employee_id = ids.employee_id
    left join shared_keys on ids.identity_key = shared_keys.identity_key
    left join known_levels on typed.level_id = known_levels.level_id
),

faults (fault, column_name, reason) as (
    values
    {% for column, _, reason in census_faults() -%}
    ({{ loop.index }}, '{{ column }}', '{{ reason }}'){{ ',' if not loop.last }}
    {% endfor %}
),

broken as (
    select
        *,
        unnest(list_filter([
            {% for _, condition, _ in census_faults() -%}
            case when {{ condition }} then {{ loop.index }} end{{ ',' if not loop.last }}
            {% endfor %}
        ], lambda fault: fault is not null)) as fault
    from judged
)

select
    broken.census_row,
    broken.employee_id,
    faults.column_name,
    case faults.column_name
        when 'employee_id' then broken.employee_id
        {% for column in census_columns() -%}
        when '{{ column }}' then broken.{{ column }}_text
        {% endfor %}
    end as value,
    faults.reason
from broken
inner join faults on broken.fault = faults.fault
order by broken.census_row, faults.column_name, faults.reason
