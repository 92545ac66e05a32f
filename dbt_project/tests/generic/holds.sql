{# Every row keeps every rule: a failing row is returned with the name of the first rule that it breaks. One scan. #}
{% test holds(model, rules) %}
    select
        case
            {% for name, condition in rules.items() %}
                when not coalesce({{ condition }}, false) then '{{ name }}'
            {% endfor %}
        end as broken_rule,
        *
    from {{ model }}
    where
        {% for condition in rules.values() %}
            {{ 'or ' if not loop.first }}not coalesce({{ condition }}, false)
        {% endfor %}
{% endtest %}
