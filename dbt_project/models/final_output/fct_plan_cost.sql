/*
  grain    one row a scenario and seed
  inputs   the published snapshot and events, the employer's money with what was lost of it, last year's carried forfeitures
  formula  participation = contributing / eligible, both active on 31 December; average deferral = simple mean of the rates
           of the contributing. Forfeitures are used, with those carried in, against this year's match and core
           (employer_contributions), for plan expenses at once (expenses: no saving on contributions), or kept and used
           against next year's (carried; Prop. Treas. Reg. 1.401-7). Net cost = match + core - forfeitures used against
           them
*/
{%- set amounts = {
    'payroll': 'paid_compensation', 'employee_contributions': 'employee_contribution',
    'catch_up_contributions': 'catch_up_contribution', 'employer_match': 'employer_match', 'true_up': 'true_up',
    'employer_core': 'employer_core', 'match_potential': 'match_potential',
    'forfeitures_arising': 'forfeited_match + forfeited_core',
} %}
with people as (
    select
        scenario_id, seed,
        count(*) filter (employment_status = 'active') as headcount_closing,
        count(*) filter (employment_status = 'active' and is_eligible) as eligible,
        count(*) filter (employment_status = 'active' and is_eligible and is_enrolled) as participants,
        sum(if(employment_status = 'active' and is_eligible and is_enrolled, {{ to_millionths('deferral_rate') }}, null))
            as deferral_rates
        {%- for name, amount in amounts.items() %},
        {{ to_cents('sum(' ~ amount ~ ')') }} as {{ name }}
        {%- endfor %}
    from {{ ref('fct_workforce_snapshot') }}
    group by scenario_id, seed
),

events as (
    select
        scenario_id, seed,
        count(*) filter (event_type = 'hire') as hires,
        count(*) filter (event_type = 'termination') as terminations,
        count(*) filter (event_type = 'promotion') as promotions
    from {{ ref('fct_yearly_events') }}
    group by scenario_id, seed
),

openings as (
    select world_id, count(*) as headcount_opening from {{ ref('int_opening_workforce') }} group by world_id
),

lost as (
    select
        world_id
        {%- for loss in ['not_enrolled', 'low_deferral', 'conditions', 'limits'] %},
        cast(sum(lost_{{ loss }}_cents) as bigint) as match_lost_{{ loss }}
        {%- endfor %}
    from {{ ref('int_employer_contributions') }}
    group by world_id
),

forfeitures as (
    select
        worlds.world_id,
        coalesce({{ to_cents('last_year.forfeitures_carried') }}, 0) as carried_in,
        carried_in + coalesce(people.forfeitures_arising, 0) as forfeitures,
        coalesce(people.employer_match + people.employer_core, 0) as contributions,
        case design.forfeiture_use
            when 'expenses' then forfeitures
            when 'carried' then least(carried_in, contributions)
            else least(forfeitures, contributions)
        end as forfeitures_used,
        forfeitures - forfeitures_used as forfeitures_carried,
        contributions - if(design.forfeiture_use = 'expenses', 0, forfeitures_used) as net_employer_cost
    from {{ ref('stg_worlds') }} as worlds
    inner join {{ ref('stg_plan_design') }} as design using (scenario_id)
    left join people using (scenario_id, seed)
    left join {{ source('prior_year', 'fct_plan_cost') }} as last_year using (scenario_id, seed)
)

select
    scenario_id,
    seed,
    worlds.simulation_year,
    {%- for count in ['headcount_opening', 'headcount_closing', 'hires', 'terminations', 'promotions'] %}
    coalesce({{ count }}, 0) as {{ count }},
    {%- endfor %}
    {{ to_money('coalesce(people.payroll, 0)') }} as payroll,
    coalesce(people.eligible, 0) as eligible,
    coalesce(people.participants, 0) as participants,
    {{ to_ratio('people.participants', 'people.eligible') }} as participation_rate,
    {{ to_rate(mul_div_round('people.deferral_rates', 1, 'nullif(people.participants, 0)')) }} as average_deferral_rate,
    {%- for amount in [
        'employee_contributions', 'catch_up_contributions', 'employer_match', 'true_up', 'employer_core', 'match_potential',
        'match_lost_not_enrolled', 'match_lost_low_deferral', 'match_lost_conditions', 'match_lost_limits',
        'forfeitures_arising', 'forfeitures_used', 'forfeitures_carried', 'net_employer_cost',
    ] %}
    {{ to_money('coalesce(' ~ amount ~ ', 0)') }} as {{ amount }},
    {%- endfor %}
    {{ to_ratio('forfeitures.net_employer_cost * 100', 'people.payroll') }} as cost_percent_of_payroll
from {{ ref('stg_worlds') }} as worlds
inner join forfeitures using (world_id)
left join people using (scenario_id, seed)
left join events using (scenario_id, seed)
left join openings using (world_id)
left join lost using (world_id)
order by scenario_id, seed
