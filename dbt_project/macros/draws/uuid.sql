{#-
  Event ids: UUIDs of version 5 (RFC 9562, 5.5), the same for the same event whenever and wherever it is computed. DuckDB
  has no such function: the sha1 of namespace and name, cut to 16 bytes, with the version and variant bits set.
-#}

{# The namespace of every PlanWise event: uuid5(NAMESPACE_URL, 'planwise:event'). It must never change. #}
{% macro event_namespace() -%}
    96ce08760fb75911899ef6c2b8b36d20
{%- endmacro %}

{#
  The UUID of a name (VARCHAR) in a namespace (32 hex digits); NULL for NULL. The variant's two bits are 10: the digit's low
  two bits choose 8, 9, a or b. Not inside a CASE: DuckDB computes the digest once outside, and four times inside.
#}
{% macro uuid5(name, namespace=event_namespace()) -%}
    {%- set digest = "sha1(from_hex('" ~ namespace ~ "') || encode(" ~ name ~ "))" -%}
    cast(
        substr({{ digest }}, 1, 12)
        || '5' || substr({{ digest }}, 14, 3)
        || substr('88889999aaaabbbb', strpos('048c159d26ae37bf', substr({{ digest }}, 17, 1)), 1)
        || substr({{ digest }}, 18, 15) as uuid
    )
{%- endmacro %}

{#
  The id of an event: each type occurs at most once a person and year. world_id is no part of it, because adding a
  scenario renumbers the worlds. `world` is an alias with scenario_id, seed and simulation_year (stg_worlds).
#}
{% macro event_id(world, employee_id, event_type) -%}
    {{ uuid5(
        world ~ ".scenario_id || '|' || " ~ world ~ ".seed || '|' || " ~ world ~ ".simulation_year || '|' || "
        ~ employee_id ~ " || '|' || " ~ event_type
    ) }}
{%- endmacro %}
