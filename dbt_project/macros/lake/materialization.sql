{#
  `lake`: one model is one Parquet file of this year, and a view over it. dbt-duckdb's own `external` writes an all-NULL
  row for an empty result (dbt-duckdb issue 848); this one writes a file with no rows. It enforces contracts, and commits,
  or else the view stays invisible to dbt's other threads.
#}
{% materialization lake, adapter='duckdb', supported_languages=['sql'] %}
    {%- set file = lake_file(write_lake(), this.identifier, lake_year()) -%}
    {%- set relation = this.incorporate(type='view') -%}

    {{ run_hooks(pre_hooks) }}
    {% if config.get('contract').enforced %}
        {% do get_assert_columns_equivalent(sql) %}
    {% endif %}
    {% call statement('main') -%}
        {{ copy_to_lake(sql, file) }}
    {%- endcall %}
    {% do run_query(lake_view(this.identifier, file, [])) %}
    {{ run_hooks(post_hooks) }}
    {% do adapter.commit() %}

    {{ return({'relations': [relation]}) }}
{% endmaterialization %}

{# A temporary name first: COPY writes a new file under its final name otherwise, and a kill leaves it broken. #}
{% macro copy_to_lake(sql, file) -%}
    copy (
        {{ sql }}
    ) to '{{ file }}' (format parquet, compression zstd, use_tmp_file true)
{%- endmacro %}
