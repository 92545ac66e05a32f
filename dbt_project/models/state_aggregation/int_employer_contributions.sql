/*
  grain    one row a person eligible for the plan at any time in the year, and world
  inputs   the match that deferrals earn, the plan's core rates by band (in_band) and its conditions, pay and the limits
  formula  core = rate x plan compensation + excess_rate x the part above the Social Security wage base, rounded half up.
           Who breaks a condition of a source (employed on 31 December, hours) gets nothing of it.
           415(c): regular deferrals + match + core at most the dollar limit and pay; core is cut first, then the match.
           true_up = what matching over the year gives beyond matching by pay period. potential = match + the four losses
  check    2 % of 360,000 and 3 % of the 175,500 above the wage base of 184,500 (2026): 7,200 + 5,265 = 12,465
*/
with core_bands as (
    select
        scenario_id,
        dimension,
        band_min,
        band_max,
        {{ to_millionths("max(value) filter (where subject = 'core')") }} as rate_millionths,
        {{ to_millionths("max(value) filter (where subject = 'core_excess')") }} as excess_rate_millionths
    from {{ ref('stg_plan_bands') }}
    where subject in ('core', 'core_excess')
    group by scenario_id, dimension, band_min, band_max
),

people as (
    select
        employer_match.*,
        design.match_basis,
        contributions.plan_compensation_cents,
        greatest(contributions.plan_compensation_cents - limits.social_security_wage_base_cents, 0) as excess_pay_cents,
        contributions.excess_415_cents as employee_excess_415_cents,
        least(limits.annual_additions_cents, closing.paid_cents)
        - (contributions.employee_contribution_cents - contributions.catch_up_cents) as room_415_cents,
        {{ hours_of_service(
            'closing.scheduled_hours_per_week', 'closing.days_paid', 'year_context.days_in_year'
        ) }} as hours,
        (closing.termination_date is null or not design.match_employed_at_year_end)
        and hours >= design.match_minimum_hours as meets_match_conditions,
        (closing.termination_date is null or not design.core_employed_at_year_end)
        and hours >= design.core_minimum_hours as meets_core_conditions,
        coalesce(core_bands.rate_millionths, 0) as core_rate,
        coalesce(core_bands.excess_rate_millionths, 0) as core_excess_rate
    from {{ ref('int_employer_match') }} as employer_match
    cross join {{ source('study', 'year_context') }} as year_context
    inner join {{ ref('int_employee_contributions') }} as contributions
        on employer_match.world_id = contributions.world_id and employer_match.identity_key = contributions.identity_key
    inner join {{ ref('stg_worlds') }} as worlds on employer_match.world_id = worlds.world_id
    inner join {{ ref('stg_plan_design') }} as design on worlds.scenario_id = design.scenario_id
    inner join {{ ref('stg_legal_limits') }} as limits on worlds.scenario_id = limits.scenario_id
    inner join {{ ref('int_closing_workforce') }} as closing
        on employer_match.world_id = closing.world_id and employer_match.identity_key = closing.identity_key
    left join core_bands
        on worlds.scenario_id = core_bands.scenario_id and {{ in_band('core_bands', 'closing') }}
        and {{ has_employer_money('contributions', 'design') }}
),

due as (
    select
        people.*,
        core_rate::hugeint * plan_compensation_cents + core_excess_rate::hugeint * excess_pay_cents as core_exact,
        case when meets_match_conditions then match_earned_cents else 0 end as match_due_cents,
        case when meets_core_conditions then cast({{ mul_div_round('core_exact', 1, '1000000') }} as bigint) else 0 end
            as core_due_cents,
        greatest(match_due_cents + core_due_cents - room_415_cents, 0) as employer_excess_cents,
        least(employer_excess_cents, core_due_cents) as core_cut_cents,
        employer_excess_cents - core_cut_cents as match_cut_cents
    from people
)

select
    simulation_year,
    world_id,
    employee_id,
    identity_key,
    match_due_cents - match_cut_cents as match_cents,
    case match_basis when 'annual' then greatest(match_due_cents - match_cut_cents - match_by_period_cents, 0) else 0 end
        as true_up_cents,
    core_due_cents - core_cut_cents as core_cents,
    match_potential_cents,
    lost_not_enrolled_cents,
    lost_low_deferral_cents,
    match_earned_cents - match_due_cents as lost_conditions_cents,
    due.lost_limits_cents + match_cut_cents as lost_limits_cents,
    employee_excess_415_cents + employer_excess_cents as excess_415_cents
from due
order by world_id, employee_id
