/*
  grain    one row a person eligible for the plan at any time in the year, and world
  inputs   what was elected and on which pay, ages, pay of this and of last year, bonus and overtime that the plan leaves
           out, the plan and the limits
  formula  regular = at most 402(g), 415(c)(1)(A) and pay; catch_up = what is above, at most the 414(v) limit of the age on
           31 December (50; 60 to 63), so deferrals above 415(c) become catch-up where there is room; the rest is never
           deferred. Dollar limits are those of a whole year. Last year's pay above 414(v)(7): catch-up is Roth, or none.
           Plan compensation: pay from entry on, or the year's, at most 401(a)(17). Matched student-loan payments: at most
           what 402(g) leaves (IRC 401(m)(4)(D)). Steady: one rate on all pay that counts and nothing limited, so that
           matching by pay period and by year are the same.
  check    2026: 400,000 at 10 % defers 24,500 at age 45, 32,500 at 55, 35,750 at 61; 1,000,000 at 3 % 24,500
*/
with salted as (
    select elected.*, worlds.scenario_id, worlds.trait_salt
    from {{ ref('int_elected_deferrals') }} as elected
    inner join {{ ref('stg_worlds') }} as worlds using (world_id)
),

drawn as (
    {{ with_draws('salted', {'loan_draw': 'student_loan'}) }}
),

people as (
    select
        drawn.*,
        coalesce(drawn.calendar_pay_cents, closing.paid_cents - coalesce(supplement.uncounted_paid_cents, 0))
            as year_pay_cents,
        -- bonus and overtime that count are rounded with each stretch, and by themselves in what is paid: cents apart
        if(design.pay_before_entry, year_pay_cents, least(drawn.eligible_pay_cents, year_pay_cents)) as counted_pay_cents,
        limits.compensation_cents as compensation_limit_cents,
        limits.elective_deferral_cents,
        least(limits.elective_deferral_cents, limits.annual_additions_cents) as dollar_limit_cents,
        closing.paid_cents,
        coalesce(opening.prior_paid_cents > limits.roth_catch_up_wages_cents, false) as roth_only,
        case
            when closing.age_at_year_end < 50 or (roth_only and not design.roth_available) then 0
            when closing.age_at_year_end between 60 and 63 then coalesce(limits.catch_up_60_63_cents, limits.catch_up_cents)
            else limits.catch_up_cents
        end as catch_up_limit_cents,
        case
            when design.student_loan_matched and drawn.loan_draw * 1000000 < design.student_loan_share_millionths
                then {{ mul_div_round('drawn.eligible_pay_cents', 'design.student_loan_rate_millionths', '1000000') }}
            else 0
        end as student_loan_cents
    from drawn
    inner join {{ ref('stg_plan_design') }} as design using (scenario_id)
    inner join {{ ref('stg_legal_limits') }} as limits using (scenario_id)
    inner join {{ ref('int_closing_workforce') }} as closing using (world_id, identity_key)
    left join {{ ref('int_opening_workforce') }} as opening using (world_id, identity_key)
    left join {{ ref('fct_supplemental_pay') }} as supplement using (world_id, identity_key)
),

limited as (
    select
        *,
        least(deferral_elected_cents, dollar_limit_cents, paid_cents) as regular_cents,
        least(deferral_elected_cents - regular_cents, catch_up_limit_cents) as catch_up_cents,
        regular_cents + catch_up_cents as contribution_cents,
        least(student_loan_cents, greatest(elective_deferral_cents - contribution_cents, 0)) as matched_loan_cents
    from people
)

select
    simulation_year,
    world_id,
    employee_id,
    identity_key,
    eligibility_date,
    eligibility_reason,
    enrollment_date,
    enrollment_source,
    deferral_rate_millionths,
    eligible_pay_cents,
    undeferred_pay_cents,
    counted_pay_cents,
    least(counted_pay_cents, compensation_limit_cents) as plan_compensation_cents,
    deferral_elected_cents,
    contribution_cents as employee_contribution_cents,
    catch_up_cents,
    case when roth_only then catch_up_cents else 0 end as roth_catch_up_cents,
    least(deferral_elected_cents, elective_deferral_cents) - regular_cents as excess_415_cents,
    student_loan_cents,
    contribution_cents + matched_loan_cents as matched_deferral_cents,
    has_one_rate
    and contribution_cents = deferral_elected_cents
    and matched_loan_cents = student_loan_cents
    and counted_pay_cents = eligible_pay_cents
    and counted_pay_cents <= compensation_limit_cents as is_steady,
    deferral_elected_cents >= dollar_limit_cents + catch_up_limit_cents as limit_reached
from limited
order by world_id, employee_id
