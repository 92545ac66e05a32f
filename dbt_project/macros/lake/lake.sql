{#-
  The lake in dbt: where a relation's file is, how a session opens it, how a model is written to it. The optimized engine
  (resources/engines/optimized.py) does the same with the same compiled SQL; a test compares every byte.

  Two environment variables say where: PLANWISE_LAKE is the lake that is read, PLANWISE_WRITE_LAKE the one that is
  written (by hand: a lake of its own under target/, so that trying something never touches published files).
  PLANWISE_YEAR is the simulation year. They are read when a run executes, never when the project is parsed.
-#}

{% macro lake_file(lake, name, year) -%}
    {{ lake }}/{{ name }}/simulation_year={{ year }}/{{ name }}.parquet
{%- endmacro %}

{% macro read_lake() -%}{{ return(env_var('PLANWISE_LAKE', '../var/lake/default')) }}{%- endmacro %}
{% macro write_lake() -%}{{ return(env_var('PLANWISE_WRITE_LAKE', 'target/lake')) }}{%- endmacro %}
{% macro lake_year() -%}{{ return(env_var('PLANWISE_YEAR', '2025') | int) }}{%- endmacro %}

{#
  What stands behind `create view`: this year's file, or no rows of the contract's types. Of a source's file, what is
  declared and no more: an undeclared column could take the place of an alias in a query.
#}
{% macro lake_view(name, file, columns, is_source=false) -%}
    create or replace view {{ adapter.quote(name) }} as
    {% if file %}
        select {{ columns | map(attribute='name') | join(', ') if is_source else '*' }}
        from read_parquet('{{ file }}', hive_partitioning = false)
    {% else %}
        select
            {% for column in columns -%}
                cast(null as {{ column.data_type }}) as {{ column.name }}{{ ', ' if not loop.last }}
            {% endfor %}
        where false
    {% endif %}
{%- endmacro %}

{# The first of the candidate lakes that holds the file, or none. #}
{% macro find_in_lakes(found, name, year) -%}
    {%- for lake in [write_lake(), read_lake()] if lake_file(lake, name, year) in found -%}
        {{ return(lake_file(lake, name, year)) }}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}

{# on-run-start: settings of the step, then one view for every source and model. Last year is empty in the first year. #}
{% macro open_lake() -%}
    {%- if execute -%}
        {%- for name, value in fromjson(env_var('PLANWISE_DUCKDB_SETTINGS', '{}')).items() -%}
            {%- do run_query("set " ~ name ~ " = '" ~ value ~ "'") -%}
        {%- endfor -%}
        {%- set patterns = [] -%}
        {%- for lake in [write_lake(), read_lake()] -%}
            {%- for year in [lake_year(), lake_year() - 1] -%}
                {%- do patterns.append("'" ~ lake_file(lake, '*', year) ~ "'") -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- set found = run_query('select file from glob([' ~ patterns | join(', ') ~ '])').columns[0].values() | list -%}

        {%- set context = find_in_lakes(found, 'year_context', lake_year()) -%}
        {%- set first_year = lake_year() -%}
        {%- if context -%}
            {%- set found_year = run_query("select first_year from read_parquet('" ~ context ~ "')") -%}
            {%- set first_year = found_year.columns[0].values()[0] | int -%}
        {%- endif -%}

        {%- set models = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | list -%}
        {%- for node in graph.sources.values() | list + models -%}
            {%- if node.get('source_name') == 'prior_year' -%}
                {%- set relation = node.identifier -%}
                {%- set file = find_in_lakes(found, node.name, lake_year() - 1) if lake_year() > first_year -%}
            {%- else -%}
                {%- set relation = node.name -%}
                {%- set file = find_in_lakes(found, node.name, lake_year()) -%}
            {%- endif -%}
            {%- do run_query(lake_view(relation, file, node.columns.values(), node.resource_type == 'source')) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
