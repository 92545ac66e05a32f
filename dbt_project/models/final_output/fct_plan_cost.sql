/*
  grain    one row a scenario and seed
  inputs   the published snapshot and events, the employer's money with what was lost of it, last year's carried forfeitures
  formula  participation = contributing / eligible, both active on 31 December; average deferral = simple mean of the rates
           of the contributing. Forfeitures are used, with those carried in, against this year's match and core
           (employer_contributions), for plan expenses at once (expenses: no saving on contributions), or kept and used
           against next year's (carried; Prop. Treas. Reg. 1.401-7 allows twelve months).
           net employer cost = match + core - forfeitures used against them
*/
with people as (
    select
        scenario_id,
        seed,
        count(*) filter (where employment_status = 'active') as headcount_closing,
        sum(paid_compensation) as payroll,
        count(*) filter (where employment_status = 'active' and is_eligible) as eligible,
        count(*) filter (where employment_status = 'active' and is_eligible and is_enrolled) as participants,
        sum(cast(deferral_rate * 1000000 as bigint)) filter (
            where employment_status = 'active' and is_eligible and is_enrolled
        ) as deferral_rates,
        sum(employee_contribution) as employee_contributions,
        sum(catch_up_contribution) as catch_up_contributions,
        sum(employer_match) as employer_match,
        sum(true_up) as true_up,
        sum(employer_core) as employer_core,
        sum(match_potential) as match_potential,
        sum(forfeited_match + forfeited_core) as forfeitures_arising
    from {{ ref('fct_workforce_snapshot') }}
    group by scenario_id, seed
),

events as (
    select
        scenario_id,
        seed,
        count(*) filter (where event_type = 'hire') as hires,
        count(*) filter (where event_type = 'termination') as terminations,
        count(*) filter (where event_type = 'promotion') as promotions
    from {{ ref('fct_yearly_events') }}
    group by scenario_id, seed
),

openings as (
    select world_id, count(*) as headcount from {{ ref('int_opening_workforce') }} group by world_id
),

losses as (
    select
        world_id,
        sum(lost_not_enrolled_cents) as not_enrolled_cents,
        sum(lost_low_deferral_cents) as low_deferral_cents,
        sum(lost_conditions_cents) as conditions_cents,
        sum(lost_limits_cents) as limits_cents
    from {{ ref('int_employer_contributions') }}
    group by world_id
),

amounts as (
    select
        worlds.scenario_id,
        worlds.seed,
        worlds.simulation_year,
        coalesce(openings.headcount, 0) as headcount_opening,
        coalesce(people.headcount_closing, 0) as headcount_closing,
        coalesce(events.hires, 0) as hires,
        coalesce(events.terminations, 0) as terminations,
        coalesce(events.promotions, 0) as promotions,
        coalesce(people.eligible, 0) as eligible,
        coalesce(people.participants, 0) as participants,
        people.deferral_rates,
        {%- for amount in [
            'payroll', 'employee_contributions', 'catch_up_contributions', 'employer_match', 'true_up', 'employer_core',
            'match_potential', 'forfeitures_arising',
        ] %}
        coalesce({{ to_cents('people.' ~ amount) }}, 0) as {{ amount }},
        {%- endfor %}
        {%- for loss in ['not_enrolled', 'low_deferral', 'conditions', 'limits'] %}
        coalesce(cast(losses.{{ loss }}_cents as bigint), 0) as match_lost_{{ loss }},
        {%- endfor %}
        coalesce({{ to_cents('prior.forfeitures_carried') }}, 0) as carried_in,
        design.forfeiture_use
    from {{ ref('stg_worlds') }} as worlds
    inner join {{ ref('stg_plan_design') }} as design on worlds.scenario_id = design.scenario_id
    left join people on worlds.scenario_id = people.scenario_id and worlds.seed = people.seed
    left join events on worlds.scenario_id = events.scenario_id and worlds.seed = events.seed
    left join openings on worlds.world_id = openings.world_id
    left join losses on worlds.world_id = losses.world_id
    left join {{ source('prior_year', 'fct_plan_cost') }} as prior
        on worlds.scenario_id = prior.scenario_id and worlds.seed = prior.seed
),

forfeitures as (
    select
        amounts.*,
        case forfeiture_use
            when 'expenses' then carried_in + forfeitures_arising
            when 'carried' then least(carried_in, employer_match + employer_core)
            else least(carried_in + forfeitures_arising, employer_match + employer_core)
        end as forfeitures_used,
        carried_in + forfeitures_arising - forfeitures_used as forfeitures_carried,
        employer_match + employer_core
        - case when forfeiture_use = 'expenses' then 0 else forfeitures_used end as net_employer_cost
    from amounts
)

select
    scenario_id,
    seed,
    simulation_year,
    headcount_opening,
    headcount_closing,
    hires,
    terminations,
    promotions,
    {{ to_money('payroll') }} as payroll,
    eligible,
    participants,
    {{ to_ratio('participants', 'eligible') }} as participation_rate,
    {{ to_rate(mul_div_round('deferral_rates', 1, 'nullif(participants, 0)')) }} as average_deferral_rate,
    {%- for amount in [
        'employee_contributions', 'catch_up_contributions', 'employer_match', 'true_up', 'employer_core', 'match_potential',
        'match_lost_not_enrolled', 'match_lost_low_deferral', 'match_lost_conditions', 'match_lost_limits',
        'forfeitures_arising', 'forfeitures_used', 'forfeitures_carried', 'net_employer_cost',
    ] %}
    {{ to_money('forfeitures.' ~ amount) }} as {{ amount }},
    {%- endfor %}
    {{ to_ratio('forfeitures.net_employer_cost * 100', 'forfeitures.payroll') }} as cost_percent_of_payroll
from forfeitures
order by scenario_id, seed
