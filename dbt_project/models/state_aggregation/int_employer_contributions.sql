/*
  grain    one row a person eligible for the plan at any time in the year, and world
  inputs   employee contributions, the plan's tiers by completed service, pay and deferral segments for matching by period
  formula  match = sum over the tiers of rate x the deferral (catch-up and matched student-loan payments in) between from and
           up_to of plan compensation, at most the plan's cap; exact until it is rounded once, half up. `annual`: the year's
           deferrals over the year's pay. `pay_period`: each of pay_periods periods of equal days on its own, pay counting
           until 401(a)(17) and deferrals until their limit is reached. true_up = what `annual` gives beyond that.
           core = rate x plan compensation + excess_rate x the part above the Social Security wage base.
           415(c): regular deferrals + match + core at most the dollar limit and pay; core is cut first, then the match.
           potential = the match of whoever defers to the last tier; potential = match + the four losses, in the order not
           enrolled (the share of pay without a deferral, at most the gap), low deferral, limits, conditions.
  check    basic safe harbor at 0, 1, 2, 3, 4, 5, 6 %: 0, 1, 2, 3, 3.5, 4, 4 % of pay; 1,000,000 at 3 % in 2026: 14,400
*/
with match_tiers as (
    select
        scenario_id,
        band_min,
        band_max,
        {{ to_millionths('tier_from') }} as from_millionths,
        {{ to_millionths('tier_up_to') }} as up_to_millionths,
        {{ to_millionths('value') }} as rate_millionths
    from {{ ref('stg_plan_bands') }}
    where subject = 'match'
),

match_bands as (
    select
        scenario_id,
        band_min,
        band_max,
        list({'from': from_millionths, 'up_to': up_to_millionths, 'rate': rate_millionths} order by from_millionths) as tiers,
        sum(rate_millionths * (up_to_millionths - from_millionths)) as full_rate
    from match_tiers
    group by scenario_id, band_min, band_max
),

core_bands as (
    select
        scenario_id,
        band_min,
        band_max,
        {{ to_millionths("max(value) filter (where subject = 'core')") }} as rate_millionths,
        {{ to_millionths("max(value) filter (where subject = 'core_excess')") }} as excess_rate_millionths
    from {{ ref('stg_plan_bands') }}
    where subject in ('core', 'core_excess')
    group by scenario_id, band_min, band_max
),

people as (
    select
        contributions.*,
        worlds.scenario_id,
        design.match_basis,
        design.pay_periods,
        design.pay_before_entry,
        coalesce(design.match_cap_cents, 9000000000000000) as match_cap_cents,
        match_bands.tiers,
        coalesce(match_bands.full_rate, 0) as full_rate,
        limits.compensation_cents as compensation_limit_cents,
        least(limits.annual_additions_cents, summary.paid_cents)
        - (contributions.employee_contribution_cents - contributions.catch_up_cents) as room_415_cents,
        {{ hours_of_service(
            'closing.scheduled_hours_per_week', 'summary.days_paid', 'year_context.days_in_year'
        ) }} as hours,
        (closing.termination_date is null or not design.match_employed_at_year_end)
        and hours >= design.match_minimum_hours as meets_match_conditions,
        (closing.termination_date is null or not design.core_employed_at_year_end)
        and hours >= design.core_minimum_hours as meets_core_conditions,
        coalesce(core.rate_millionths, 0) as core_rate,
        coalesce(core.excess_rate_millionths, 0) as core_excess_rate,
        limits.social_security_wage_base_cents
    from {{ ref('int_employee_contributions') }} as contributions
    cross join {{ source('study', 'year_context') }} as year_context
    inner join {{ ref('stg_worlds') }} as worlds on contributions.world_id = worlds.world_id
    inner join {{ ref('stg_plan_design') }} as design on worlds.scenario_id = design.scenario_id
    inner join {{ ref('stg_legal_limits') }} as limits on worlds.scenario_id = limits.scenario_id
    inner join {{ ref('int_closing_workforce') }} as closing
        on contributions.world_id = closing.world_id and contributions.identity_key = closing.identity_key
    inner join {{ ref('int_compensation_summary') }} as summary
        on contributions.world_id = summary.world_id and contributions.identity_key = summary.identity_key
    left join match_bands
        on worlds.scenario_id = match_bands.scenario_id
        and closing.tenure_years_at_year_end >= match_bands.band_min
        and closing.tenure_years_at_year_end < match_bands.band_max
    left join core_bands as core
        on worlds.scenario_id = core.scenario_id
        and closing.tenure_years_at_year_end >= core.band_min
        and closing.tenure_years_at_year_end < core.band_max
),

by_period as (
    {{ match_by_period('people') }}
),

matched as (
    select
        people.*,
        people.full_rate * people.plan_compensation_cents as full_exact,
        {{ match_by_tiers(
            'people.matched_deferral_cents', 'people.plan_compensation_cents', 'people.tiers'
        ) }} as annual_exact,
        coalesce(by_period.limited_exact, annual_exact) as period_exact,
        case
            when people.match_basis = 'pay_period' and by_period.limited_exact is not null then by_period.unlimited_exact
            when people.matched_deferral_cents = people.deferral_elected_cents + people.student_loan_cents then annual_exact
            else {{ match_by_tiers(
                'people.deferral_elected_cents + people.student_loan_cents', 'people.plan_compensation_cents', 'people.tiers'
            ) }}
        end as unlimited_exact
    from people
    left join by_period on people.world_id = by_period.world_id and people.identity_key = by_period.identity_key
),

due as (
    select
        matched.*,
        {{ match_in_cents('full_exact', 'match_cap_cents') }} as potential_cents,
        {{ match_in_cents('unlimited_exact', 'match_cap_cents') }} as unlimited_cents,
        {{ match_in_cents('period_exact', 'match_cap_cents') }} as period_cents,
        case match_basis
            when 'annual' then {{ match_in_cents('annual_exact', 'match_cap_cents') }} else period_cents
        end as earned_cents,
        case when meets_match_conditions then earned_cents else 0 end as due_cents,
        case
            when meets_core_conditions
                then cast({{ mul_div_round(
                    '(core_rate::hugeint * plan_compensation_cents + core_excess_rate::hugeint'
                    ~ ' * greatest(plan_compensation_cents - social_security_wage_base_cents, 0))', 1, '1000000'
                ) }} as bigint)
            else 0
        end as core_due_cents,
        greatest(due_cents + core_due_cents - room_415_cents, 0) as employer_excess_cents,
        least(employer_excess_cents, core_due_cents) as core_cut_cents,
        employer_excess_cents - core_cut_cents as match_cut_cents,
        case
            when undeferred_pay_cents = eligible_pay_cents then potential_cents - unlimited_cents
            else least(
                potential_cents - unlimited_cents,
                cast({{ mul_div_round(
                    'potential_cents::hugeint', 'undeferred_pay_cents', 'greatest(eligible_pay_cents, 1)'
                ) }} as bigint)
            )
        end as not_enrolled_cents
    from matched
)

select
    simulation_year,
    world_id,
    employee_id,
    identity_key,
    due_cents - match_cut_cents as match_cents,
    case match_basis when 'annual' then greatest(due_cents - match_cut_cents - period_cents, 0) else 0 end as true_up_cents,
    core_due_cents - core_cut_cents as core_cents,
    potential_cents as match_potential_cents,
    not_enrolled_cents as lost_not_enrolled_cents,
    potential_cents - unlimited_cents - not_enrolled_cents as lost_low_deferral_cents,
    earned_cents - due_cents as lost_conditions_cents,
    unlimited_cents - earned_cents + match_cut_cents as lost_limits_cents,
    excess_415_cents + employer_excess_cents as excess_415_cents
from due
order by world_id, employee_id
