/*
  The plan's cost in one row a world is the sum of the published snapshot and events: people, pay, money, the mean of the
  contributors' rates; what of the match was lost to what is the employer model's; forfeitures carried in and arising are
  used or carried on, by the plan's own rule. One row a world for which it is not so.
*/
{%- set sums = {
    'payroll': 'paid_compensation', 'employee_contributions': 'employee_contribution',
    'catch_up_contributions': 'catch_up_contribution', 'employer_match': 'employer_match', 'true_up': 'true_up',
    'employer_core': 'employer_core', 'match_potential': 'match_potential',
    'forfeitures_arising': 'forfeited_match + forfeited_core',
} %}
{%- set losses = ['not_enrolled', 'low_deferral', 'conditions', 'limits'] %}
with people as (
    select
        scenario_id,
        seed,
        count(*) filter (where detailed_status not like 'new_hire%') as headcount_opening,
        count(*) filter (where employment_status = 'active') as headcount_closing,
        count(*) filter (where detailed_status like 'new_hire%') as hires,
        count(*) filter (where employment_status = 'terminated') as terminations,
        count(*) filter (where employment_status = 'active' and is_eligible) as eligible,
        count(*) filter (where employment_status = 'active' and is_enrolled) as participants,
        sum({{ to_millionths('deferral_rate') }}) filter (where employment_status = 'active' and is_enrolled) as rates,
        {%- for name, amount in sums.items() %}
        sum({{ amount }}) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('fct_workforce_snapshot') }}
    group by scenario_id, seed
),

promoted as (
    select scenario_id, seed, count(*) as promotions
    from {{ ref('fct_yearly_events') }}
    where event_type = 'promotion'
    group by scenario_id, seed
),

lost as (
    select
        world_id,
        {%- for loss in losses %}
        {{ to_money('cast(sum(lost_' ~ loss ~ '_cents) as bigint)') }} as match_lost_{{ loss }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('int_employer_contributions') }}
    group by world_id
)

select
    worlds.scenario_id,
    worlds.seed,
    {
        'simulation_year': worlds.simulation_year,
        {%- for count in ['headcount_opening', 'headcount_closing', 'hires', 'terminations', 'eligible', 'participants'] %}
        '{{ count }}': coalesce(people.{{ count }}, 0),
        {%- endfor %}
        'promotions': coalesce(promoted.promotions, 0),
        {%- for name in sums %}
        '{{ name }}': coalesce(people.{{ name }}, 0),
        {%- endfor %}
        {%- for loss in losses %}
        'match_lost_{{ loss }}': coalesce(lost.match_lost_{{ loss }}, 0),
        {%- endfor %}
        'average_deferral_rate': {{ to_rate(
            'people.rates // nullif(people.participants, 0)'
            ~ ' + if(people.rates % nullif(people.participants, 0) * 2 >= people.participants, 1, 0)'
        ) }},
        'forfeitures': coalesce(last_year.forfeitures_carried, 0) + coalesce(people.forfeitures_arising, 0),
        'forfeitures_used': case design.forfeiture_use
            when 'expenses' then coalesce(last_year.forfeitures_carried, 0) + cost.forfeitures_arising
            else least(
                coalesce(last_year.forfeitures_carried, 0)
                + if(design.forfeiture_use = 'carried', 0, cost.forfeitures_arising),
                cost.employer_match + cost.employer_core
            )
        end,
        'net_employer_cost': cost.employer_match + cost.employer_core
        - if(design.forfeiture_use = 'expenses', 0, cost.forfeitures_used)
    } as expected,
    {
        'simulation_year': cost.simulation_year,
        {%- for count in ['headcount_opening', 'headcount_closing', 'hires', 'terminations', 'eligible', 'participants'] %}
        '{{ count }}': cost.{{ count }},
        {%- endfor %}
        'promotions': cost.promotions,
        {%- for name in sums %}
        '{{ name }}': cost.{{ name }},
        {%- endfor %}
        {%- for loss in losses %}
        'match_lost_{{ loss }}': cost.match_lost_{{ loss }},
        {%- endfor %}
        'average_deferral_rate': cost.average_deferral_rate,
        'forfeitures': cost.forfeitures_used + cost.forfeitures_carried,
        'forfeitures_used': cost.forfeitures_used,
        'net_employer_cost': cost.net_employer_cost
    } as actual
from {{ ref('stg_worlds') }} as worlds
inner join {{ ref('stg_plan_design') }} as design on worlds.scenario_id = design.scenario_id
left join people on worlds.scenario_id = people.scenario_id and worlds.seed = people.seed
left join promoted on worlds.scenario_id = promoted.scenario_id and worlds.seed = promoted.seed
left join lost on worlds.world_id = lost.world_id
left join {{ source('prior_year', 'fct_plan_cost') }} as last_year
    on worlds.scenario_id = last_year.scenario_id and worlds.seed = last_year.seed
left join {{ ref('fct_plan_cost') }} as cost on worlds.scenario_id = cost.scenario_id and worlds.seed = cost.seed
where expected is distinct from actual
