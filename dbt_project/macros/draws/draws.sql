{#-
  Every random decision of PlanWise. A draw is a pure function of who, the seed, what for and the year:

      u = top 53 bits of mix64(identity_key xor salt xor stream) / 2^53, in [0, 1)
      salt = mix64(mix64(seed) xor year); a lasting trait of a person uses year 0
      stream = low 64 bits of md5('stream|<name>')

  mix64 is splitmix64's step (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators"). The scenario
  and the order of rows are in none of it, which is what makes scenarios comparable person by person. The Python twin is
  tests/twins/draws.py; both are held to the same known answers.
-#}

{# What each stream decides; `lasting` streams give a person the same draw in every year. #}
{% macro streams() -%}
    {{ return({
        'exit_clock': {'lasting': false, 'decides': 'who leaves: the clock -ln(1-u)/rate'},
        'exit_cause': {'lasting': false, 'decides': 'whether an exit is a termination or a retirement'},
        'exit_day': {'lasting': false, 'decides': 'the day of an experienced exit'},
        'hire_day': {'lasting': false, 'decides': 'the day on which a new hire starts'},
        'hire_age_band': {'lasting': false, 'decides': 'the age band of a new hire'},
        'hire_age': {'lasting': false, 'decides': 'the age in years within the band'},
        'hire_birthday': {'lasting': false, 'decides': 'the birthday of a new hire within the year of age'},
        'hire_pay': {'lasting': false, 'decides': 'the place of a new hire in the pay band of the level'},
        'hire_part_time': {'lasting': false, 'decides': 'whether a new hire works part time'},
        'new_hire_exit_clock': {'lasting': false, 'decides': 'which hires leave in their first calendar year'},
        'new_hire_exit_day': {'lasting': false, 'decides': 'the day on which such a hire leaves'},
        'promotion': {'lasting': false, 'decides': 'who is promoted'},
        'promotion_raise': {'lasting': false, 'decides': 'the raise that comes with a promotion'},
        'merit_month': {'lasting': true, 'decides': 'the month of the merit raise, the same every year'},
        'opt_out': {'lasting': true, 'decides': 'who declines automatic enrolment'},
        'active_choice': {'lasting': true, 'decides': 'who chooses a deferral rate at once instead of the automatic one'},
        'voluntary_entry': {'lasting': true, 'decides': 'who joins of their own accord when they may'},
        'later_enrollment': {'lasting': false, 'decides': 'who of those not in joins this year'},
        'later_day': {'lasting': false, 'decides': 'the day of such an enrolment'},
        'deferral_spread': {'lasting': true, 'decides': 'how a chosen deferral rate differs from the mean of its cell'},
        'own_change': {'lasting': false, 'decides': 'who raises or lowers the deferral rate'},
        'own_change_day': {'lasting': false, 'decides': 'the day of such a change'},
        'stop': {'lasting': false, 'decides': 'who stops contributing'},
        'stop_day': {'lasting': false, 'decides': 'the day of such a stop'},
        'escalation_opt_out': {'lasting': false, 'decides': 'who declines automatic escalation from this year on'},
        'group': {'lasting': true, 'decides': 'what a new hire belongs to: the groups of a person of the census'},
        'student_loan': {'lasting': true, 'decides': 'who repays a student loan'},
    }) }}
{%- endmacro %}

{#
  `relation` with columns added, each splitmix64's step on an UBIGINT expression over it. 64-bit products are taken in
  UHUGEINT and cut to their low half. One select a stage: a stage reads its input twice, so that written as one expression
  it would be eight times as long, and planned as long as that.
#}
{% macro mixed(relation, expressions) -%}
    {%- set low_half = ' & 18446744073709551615)::ubigint' -%}
    {%- set stages = [(30, '13787848793156543929'), (27, '10723151780598845931')] -%}
    select * replace (
        {%- for column in expressions %}
        xor({{ column }}, {{ column }} >> 31) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    )
    from (
    {%- for shift, factor in stages | reverse %}
        select * replace (
            {%- for column in expressions %}
            ((xor({{ column }}, {{ column }} >> {{ shift }})::uhugeint * {{ factor }}){{ low_half }} as {{ column }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        )
        from (
    {%- endfor %}
            select
                *,
                {%- for column, expression in expressions.items() %}
                ((({{ expression }})::uhugeint + 11400714819323198485){{ low_half }} as {{ column }}
                {{- ',' if not loop.last }}
                {%- endfor %}
            from {{ relation }}
        ) as summed
        ) as stirred
    ) as stirred_again
{%- endmacro %}

{# The low 64 bits of a person's md5: the identity of every draw, and a narrow key to join on. #}
{% macro identity_key(employee_id) -%}
    md5_number_lower('employee|' || {{ employee_id }})
{%- endmacro %}

{#
  `people` with draws added: `draws` maps each column, a draw in [0, 1), to its stream. The relation has identity_key, and
  year_salt and trait_salt of its world (stg_worlds) as far as the streams want them.
#}
{% macro with_draws(people, draws) -%}
    {%- set keys = {} -%}
    {%- for column, stream in draws.items() -%}
        {%- do keys.update({column: draw_key(stream)}) -%}
    {%- endfor -%}
    select * replace (
        {%- for column in draws %}
        cast({{ column }} >> 11 as double) * 1.1102230246251565e-16 as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    )
    from (
    {{ mixed(people, keys) }}
    ) as keyed
{%- endmacro %}

{# What mix64 stirs for a draw: who, the seed and the year, what for. #}
{% macro draw_key(stream) -%}
    {%- if stream not in streams() -%}
        {{ exceptions.raise_compiler_error("Unknown stream '" ~ stream ~ "': declare it in macros/draws/draws.sql.") }}
    {%- endif -%}
    {%- set salt = 'trait_salt' if streams()[stream]['lasting'] else 'year_salt' -%}
    {#- md5_number_lower reads the last eight bytes little-endian -#}
    {%- set digest = local_md5('stream|' ~ stream) -%}
    {%- set low = namespace(hex='') -%}
    {%- for i in range(15, 7, -1) -%}
        {%- set low.hex = low.hex ~ digest[2 * i:2 * i + 2] -%}
    {%- endfor -%}
    xor(xor(identity_key, {{ salt }}), {{ low.hex | int(0, 16) }}::ubigint)
{%- endmacro %}

{#
  How willing a person is, in [0, 1): uniform, and at or above 1 - `share` exactly for whoever would do it unasked, which
  that share does. The least willing decline, so that nobody declines what they would have done unasked as long as the
  two shares have room beside each other; where they have not, as few do both as can. `draw` orders people on either side.
#}
{% macro willingness(unasked, share, draw) -%}
    if({{ unasked }}, 1 - {{ share }} + {{ share }} * {{ draw }}, (1 - {{ share }}) * {{ draw }})
{%- endmacro %}
