{#-
  Who leaves, and how many: the arithmetic that several models share (docs/methodology.md, 2. How many and 3. Who leaves).
-#}

{#
  The hazard cell of a person (or of a group of equal people): scenario, level, age and tenure, minima inclusive, maxima
  exclusive. A join condition; grouping people by level, age and tenure first makes the join small.
#}
{% macro in_hazard_cell(person, cell) -%}
    {{ person }}.scenario_id = {{ cell }}.scenario_id
        and {{ person }}.level_id = {{ cell }}.level_id
        and {{ person }}.age >= {{ cell }}.age_min and {{ person }}.age < {{ cell }}.age_max
        and {{ person }}.tenure >= {{ cell }}.tenure_min and {{ person }}.tenure < {{ cell }}.tenure_max
{%- endmacro %}

{#
  `columns` of the hazard cell of every level, age and tenure that occur in `people`, to be joined back on these. In a CTE,
  make it `as materialized`: otherwise the optimizer may join every person with every cell.
#}
{% macro hazard_cells(people, hazard, columns) -%}
    select person.scenario_id, person.level_id, person.age, person.tenure, {{ columns | join(', ') }}
    from (select distinct scenario_id, level_id, age, tenure from {{ people }}) as person
    inner join {{ hazard }} as cell
        on {{ in_hazard_cell('person', 'cell') }}
{%- endmacro %}

{# The time at which somebody with this rate would leave: exponential, -ln(1-u) / rate. A rate of 0 is never. #}
{% macro exit_clock(u, rate) -%}
    case when {{ rate }} > 0 then -ln(1 - {{ u }}) / {{ rate }} else 'infinity'::double end
{%- endmacro %}

{#
  The probability that a clock of this rate rings before `scale`, 1 - exp(-scale x rate). At rate 0 it is 0, also where the
  scale is infinite and the product undefined: somebody without a hazard leaves only to fill the quota.
#}
{% macro leaving_probability(scale, rate) -%}
    cast(case when {{ rate }} > 0 then 1 - exp(-{{ scale }} * {{ rate }}) else 0 end as decimal(18, 12))
{%- endmacro %}

{# The groups that solved_scale takes: an aggregate over rows that are one rate each, in the order of the rates. #}
{% macro rate_groups(rate, people) -%}
    list({'rate': {{ rate }}::double, 'people': {{ people }}::double} order by {{ rate }}) filter ({{ rate }} > 0)
{%- endmacro %}

{#
  The scale s at which the probabilities sum to `target`: sum of people x (1 - exp(-s x rate)) = target. Infinity when the
  target is everybody with a rate, 0 when it is nobody.

  Newton's method on the logarithm of the survivors, ln(sum of people x exp(-s x rate)) = ln(people - target), from s = 0.
  That function is convex and falls, so every step stays left of the root, and (value x slope) shrinks to a quarter or
  less a step: 64 steps cover 38 orders of magnitude. It is exact after one step when all rates are equal. The groups are
  one list in a fixed order, so the result does not depend on threads.
#}
{% macro solved_scale(groups, target) -%}
    {%- set people = "list_sum(list_transform(" ~ groups ~ ", lambda g: g.people))" -%}
    {%- set survivors = "list_sum(list_transform(" ~ groups ~ ", lambda g: g.people * exp(-s * g.rate)))" -%}
    {%- set slope = "list_sum(list_transform(" ~ groups ~ ", lambda g: g.people * g.rate * exp(-s * g.rate)))" -%}
    case
        when ({{ target }}) <= 0 then 0
        when coalesce({{ people }}, 0) <= ({{ target }}) then 'infinity'::double
        else list_reduce(
            range(64)::double[],
            lambda s, step: s + ln({{ survivors }} / ({{ people }} - ({{ target }}))) * {{ survivors }} / {{ slope }},
            0::double
        )
    end
{%- endmacro %}

{#
  The headcount plan of each row of `worlds`: a select that adds target_headcount, net_need, hires, new_hire_exits and
  reduction to a relation with opening_headcount, exits, growth_millionths and new_hire_termination_rate_millionths.
  Integers throughout, halves up; the closing headcount is the target: opening - exits - reduction + hires - new_hire_exits.
#}
{% macro headcount_plan(worlds) -%}
    select
        *,
        {{ mul_div_round('opening_headcount', '1000000 + growth_millionths', '1000000') }} as target_headcount,
        target_headcount - (opening_headcount - exits) as net_need,
        case
            when net_need > 0
                then {{ mul_div_round('net_need', '1000000', '1000000 - new_hire_termination_rate_millionths') }}
            else 0
        end as hires,
        hires - greatest(net_need, 0) as new_hire_exits,
        greatest(-net_need, 0) as reduction
    from {{ worlds }}
{%- endmacro %}

{# Everybody who leaves this year, of the opening workforce and of the hires: world_id, identity_key, termination_date. #}
{% macro all_exits() -%}
    select world_id, identity_key, termination_date
    from {{ ref('int_termination_events') }}
    union all
    select world_id, identity_key, termination_date
    from {{ ref('int_new_hire_termination_events') }}
{%- endmacro %}
