{#
  Every row keeps every rule: a failing row is returned with the name of the first rule that it breaks. One scan, in which
  each rule is said once. The optimized engine counts the same beside the model's key (resources/engines/data_tests.py).
#}
{% test holds(model, rules) %}
    select *
    from (
        select
            case
                {% for name, condition in rules.items() %}
                    when not coalesce({{ condition }}, false) then '{{ name }}'
                {% endfor %}
            end as broken_rule,
            *
        from {{ model }}
    )
    where broken_rule is not null
{% endtest %}
