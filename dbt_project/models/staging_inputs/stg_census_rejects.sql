/*
  grain    one row a rule that a census row breaks
  inputs   the census as text; the rules are macros/census.sql
*/
with typed as (
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
    from {{ source('study', 'scenario_levels') }}
    group by level_id
    having count(*) = (select count(distinct scenario_id) from {{ source('study', 'scenario_levels') }})
),

judged as (
    select
        typed.*,
        year_context.simulation_year,
        year_context.census_date,
        ids.id_count,
        shared_keys.identity_key is not null as shares_its_key,
        known_levels.level_id is not null as known_level
    from typed
    cross join {{ source('study', 'year_context') }} as year_context
    left join ids on typed.employee_id = ids.employee_id
    left join shared_keys on ids.identity_key = shared_keys.identity_key
    left join known_levels on typed.level_id = known_levels.level_id
),

broken as (
    {% for column, condition, reason in census_rules() -%}
    select
        simulation_year,
        census_row,
        employee_id,
        '{{ column }}' as column_name,
        {{ column ~ ('' if column == 'employee_id' else '_text') }} as value,
        '{{ reason }}' as reason
    from judged
    where {{ condition }}
    union all
    {% endfor -%}
    {% for column, kind in census_columns().items() -%}
    select
        simulation_year,
        census_row,
        employee_id,
        '{{ column }}' as column_name,
        {{ column }}_text as value,
        '{{ census_unreadable(kind) }}' as reason
    from judged
    where {{ column }}_text is not null and {{ column }} is null
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    simulation_year,
    census_row,
    employee_id,
    column_name,
    value,
    reason
from broken
order by census_row, column_name, reason
