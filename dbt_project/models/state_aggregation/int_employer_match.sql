/*
  grain    one row a person eligible for the plan at any time in the year, and world
  inputs   employee contributions, their pay periods, the plan's tiers by band (macro in_band)
  formula  match = sum over the tiers of rate x the deferral (catch-up and matched student-loan payments in) between from and
           up_to of plan compensation, at most the plan's cap; exact until it is rounded once, half up. `annual`: the year's
           deferrals over the year's pay. `pay_period`: each of pay_periods periods on its own.
           potential = the match of whoever defers to the last tier; potential = earned + the losses, in the order not
           enrolled (the share of pay without a deferral, at most the gap), low deferral, limits. Conditions and 415(c), and
           the losses by them: int_employer_contributions
  check    basic safe harbor at 0, 1, 2, 3, 4, 5, 6 %: 0, 1, 2, 3, 3.5, 4, 4 % of pay; 1,000,000 at 3 % in 2026: 14,400
*/
with match_bands as (
    select
        scenario_id,
        dimension,
        band_min,
        band_max,
        list({
            'from': {{ to_millionths('tier_from') }},
            'up_to': {{ to_millionths('tier_up_to') }},
            'rate': {{ to_millionths('value') }}
        } order by tier_from) as tiers
    from {{ ref('stg_plan_bands') }}
    where subject = 'match'
    group by scenario_id, dimension, band_min, band_max
),

people as (
    select
        contributions.*,
        contributions.deferral_elected_cents + contributions.student_loan_cents as elected_cents,
        design.match_basis,
        design.match_cap_cents,
        match_bands.tiers
    from {{ ref('int_employee_contributions') }} as contributions
    inner join {{ ref('stg_worlds') }} as worlds on contributions.world_id = worlds.world_id
    inner join {{ ref('stg_plan_design') }} as design on worlds.scenario_id = design.scenario_id
    inner join {{ ref('int_closing_workforce') }} as closing
        on contributions.world_id = closing.world_id and contributions.identity_key = closing.identity_key
    left join match_bands
        on worlds.scenario_id = match_bands.scenario_id and {{ in_band('match_bands', 'closing') }}
        and {{ has_employer_money('contributions', 'design') }}
),

by_period as (
    select
        people.world_id,
        people.identity_key,
        sum({{ match_by_tiers('periods.matched_cents', 'periods.pay_cents', 'people.tiers') }}) as matched,
        sum({{ match_by_tiers('periods.elected_cents', 'periods.pay_cents', 'people.tiers') }}) as elected
    from people
    inner join {{ ref('int_match_periods') }} as periods
        on people.world_id = periods.world_id and people.identity_key = periods.identity_key
    group by people.world_id, people.identity_key
),

matches as (
    select
        people.*,
        {{ match_by_tiers('matched_deferral_cents', 'plan_compensation_cents', 'tiers') }} as annual_exact,
        coalesce(by_period.matched, annual_exact) as by_period_exact,
        coalesce(
            case when match_basis = 'pay_period' then by_period.elected end,
            {{ match_by_tiers('elected_cents', 'plan_compensation_cents', 'tiers') }}
        ) as elected_exact,
        {{ match_by_tiers('plan_compensation_cents', 'plan_compensation_cents', 'tiers') }} as full_exact,
        {{ match_in_cents('full_exact', 'match_cap_cents') }} as potential_cents,
        {{ match_in_cents('by_period_exact', 'match_cap_cents') }} as by_period_cents,
        case match_basis
            when 'annual' then {{ match_in_cents('annual_exact', 'match_cap_cents') }} else by_period_cents
        end as earned_cents,
        potential_cents - {{ match_in_cents('elected_exact', 'match_cap_cents') }} as not_elected_cents
    from people
    left join by_period on people.world_id = by_period.world_id and people.identity_key = by_period.identity_key
)

select
    simulation_year,
    world_id,
    employee_id,
    identity_key,
    potential_cents as match_potential_cents,
    case
        when undeferred_pay_cents = eligible_pay_cents then not_elected_cents
        else least(not_elected_cents, cast({{ mul_div_round(
            'potential_cents::hugeint', 'undeferred_pay_cents', 'greatest(eligible_pay_cents, 1)'
        ) }} as bigint))
    end as lost_not_enrolled_cents,
    not_elected_cents - lost_not_enrolled_cents as lost_low_deferral_cents,
    potential_cents - not_elected_cents - earned_cents as lost_limits_cents,
    earned_cents as match_earned_cents,
    by_period_cents as match_by_period_cents
from matches
order by world_id, employee_id
