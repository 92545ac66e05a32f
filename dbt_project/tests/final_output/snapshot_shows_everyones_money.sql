/*
  The money of the plan, person by person: what the snapshot says is what was put in, given, vested and forfeited, and who
  was never eligible has none of it. Sums alone would not see two people's money exchanged. One row a person for whom it is
  not so.
*/
{%- set amounts = {
    'plan_compensation': 'employee.plan_compensation_cents',
    'employee_contribution': 'employee.employee_contribution_cents',
    'catch_up_contribution': 'employee.catch_up_cents',
    'roth_catch_up_contribution': 'employee.roth_catch_up_cents',
    'employer_match': 'employer.match_cents',
    'true_up': 'employer.true_up_cents',
    'employer_core': 'employer.core_cents',
    'match_potential': 'employer.match_potential_cents',
    'cumulative_match': 'vesting.cumulative_match_cents',
    'cumulative_core': 'vesting.cumulative_core_cents',
    'forfeited_match': 'vesting.forfeited_match_cents',
    'forfeited_core': 'vesting.forfeited_core_cents',
    'paid_compensation': 'closing.paid_cents',
} %}
select
    snapshot.scenario_id,
    snapshot.seed,
    snapshot.employee_id,
    {
        {%- for name, cents in amounts.items() %}
        '{{ name }}': {{ to_money('coalesce(' ~ cents ~ ', 0)') }},
        {%- endfor %}
        'match_vested_percent': {{ to_rate('vesting.match_vested_millionths * 100') }},
        'core_vested_percent': {{ to_rate('vesting.core_vested_millionths * 100') }}
    } as expected,
    {
        {%- for name in amounts %}
        '{{ name }}': snapshot.{{ name }},
        {%- endfor %}
        'match_vested_percent': snapshot.match_vested_percent,
        'core_vested_percent': snapshot.core_vested_percent
    } as actual
from {{ ref('fct_workforce_snapshot') }} as snapshot
left join {{ ref('stg_worlds') }} as worlds on snapshot.scenario_id = worlds.scenario_id and snapshot.seed = worlds.seed
{%- for model, alias in {
    'int_closing_workforce': 'closing', 'int_employee_contributions': 'employee',
    'int_employer_contributions': 'employer', 'int_vesting_forfeitures': 'vesting',
}.items() %}
left join {{ ref(model) }} as {{ alias }}
    on worlds.world_id = {{ alias }}.world_id and snapshot.employee_id = {{ alias }}.employee_id
{%- endfor %}
where expected is distinct from actual
