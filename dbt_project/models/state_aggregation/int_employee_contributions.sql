/*
  grain    one row a person eligible for the plan at any time in the year, and world
  inputs   pay segments and deferral segments (operations), ages, pay of this and of last year, the plan and the limits
  formula  elected = sum over the stretches of one pay and one deferral rate of round(pay x days x rate); pay is not limited.
           regular = at most 402(g), 415(c)(1)(A) and pay; catch_up = what is above, at most the 414(v) limit of the age on
           31 December (50; 60 to 63), so deferrals above 415(c) become catch-up where there is room; the rest is never
           deferred. Dollar limits are those of a whole year. Last year's pay above 414(v)(7): catch-up is Roth, or none.
           Plan compensation: pay from entry on, or the year's, at most 401(a)(17). Matched student-loan payments: at most
           what 402(g) leaves (IRC 401(m)(4)(D)). Steady: one rate on all pay that counts and nothing limited, so that
           matching by pay period and by year are the same.
  check    2026: 400,000 at 10 % defers 24,500 at age 45, 32,500 at 55, 35,750 at 61; 1,000,000 at 3 % 24,500
*/
{%- set days = '(stretches.last_day - stretches.first_day + 1)' %}
with members as (
    select
        world_id,
        employee_id,
        identity_key,
        min(segment_start) as entry_day,
        max(eligibility_date) as eligibility_date,
        arg_max(eligibility_reason, segment_number) as eligibility_reason,
        max(enrollment_date) as enrollment_date,
        arg_max(enrollment_source, segment_number) as enrollment_source,
        arg_max(rate_millionths, segment_number) as deferral_rate_millionths
    from {{ source('operations', 'plan_enrollments') }}
    group by world_id, employee_id, identity_key
),

stretches as (
    {{ deferral_stretches() }}
),

elected as (
    select
        stretches.world_id,
        stretches.identity_key,
        cast(sum({{ deferred(
            'stretches.rate_cents', days, 'stretches.rate_millionths', 'year_context.days_in_year'
        ) }}) as bigint) as deferral_cents,
        cast(coalesce(sum({{ mul_div_round('stretches.rate_cents', days, 'year_context.days_in_year') }}) filter (
            where stretches.rate_millionths = 0
        ), 0) as bigint) as undeferred_pay_cents,
        min(stretches.rate_millionths) as lowest_rate,
        max(stretches.rate_millionths) as highest_rate
    from stretches
    cross join {{ source('study', 'year_context') }} as year_context
    group by stretches.world_id, stretches.identity_key
),

eligible_pay as (
    select
        pay.world_id,
        pay.identity_key,
        cast(sum({{ mul_div_round(
            'pay.rate_cents',
            'greatest(pay.segment_end - greatest(pay.segment_start, members.entry_day) + 1, 0)',
            'year_context.days_in_year'
        ) }}) as bigint) as pay_cents
    from {{ source('operations', 'compensation_changes') }} as pay
    inner join members on pay.world_id = members.world_id and pay.identity_key = members.identity_key
    cross join {{ source('study', 'year_context') }} as year_context
    group by pay.world_id, pay.identity_key
),

salted as (
    select members.*, worlds.simulation_year, worlds.scenario_id, worlds.trait_salt
    from members
    inner join {{ ref('stg_worlds') }} as worlds on members.world_id = worlds.world_id
),

drawn as (
    {{ with_draws('salted', {'loan_draw': 'student_loan'}) }}
),

people as (
    select
        members.*,
        eligible_pay.pay_cents as eligible_pay_cents,
        case when design.pay_before_entry then summary.paid_cents else eligible_pay.pay_cents end as counted_pay_cents,
        limits.compensation_cents as compensation_limit_cents,
        least(elected.deferral_cents, eligible_pay.pay_cents) as elected_cents,
        case
            when elected.highest_rate = 0 then eligible_pay.pay_cents
            else least(elected.undeferred_pay_cents, eligible_pay.pay_cents)
        end as undeferred_pay_cents,
        elected.lowest_rate = elected.highest_rate as has_one_rate,
        limits.elective_deferral_cents,
        least(limits.elective_deferral_cents, limits.annual_additions_cents) as dollar_limit_cents,
        summary.paid_cents,
        coalesce(opening.prior_paid_cents > limits.roth_catch_up_wages_cents, false) as roth_only,
        case
            when closing.age_at_year_end < 50 or (roth_only and not design.roth_available) then 0
            when closing.age_at_year_end between 60 and 63 then coalesce(limits.catch_up_60_63_cents, limits.catch_up_cents)
            else limits.catch_up_cents
        end as catch_up_limit_cents,
        case
            when design.student_loan_matched
                and members.loan_draw * 1000000 < design.student_loan_share_millionths
                then {{ mul_div_round('eligible_pay.pay_cents', 'design.student_loan_rate_millionths', '1000000') }}
            else 0
        end as student_loan_cents
    from drawn as members
    inner join {{ ref('stg_plan_design') }} as design on members.scenario_id = design.scenario_id
    inner join {{ ref('stg_legal_limits') }} as limits on members.scenario_id = limits.scenario_id
    inner join {{ ref('int_closing_workforce') }} as closing
        on members.world_id = closing.world_id and members.identity_key = closing.identity_key
    inner join {{ ref('int_compensation_summary') }} as summary
        on members.world_id = summary.world_id and members.identity_key = summary.identity_key
    inner join eligible_pay
        on members.world_id = eligible_pay.world_id and members.identity_key = eligible_pay.identity_key
    inner join elected on members.world_id = elected.world_id and members.identity_key = elected.identity_key
    left join {{ ref('int_opening_workforce') }} as opening
        on members.world_id = opening.world_id and members.identity_key = opening.identity_key
),

limited as (
    select
        people.*,
        least(people.elected_cents, people.dollar_limit_cents, people.paid_cents) as regular_cents,
        least(people.elected_cents - regular_cents, people.catch_up_limit_cents) as catch_up_cents,
        regular_cents + catch_up_cents as contribution_cents,
        least(
            people.student_loan_cents, greatest(people.elective_deferral_cents - contribution_cents, 0)
        ) as matched_loan_cents
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
    elected_cents as deferral_elected_cents,
    contribution_cents as employee_contribution_cents,
    catch_up_cents,
    case when roth_only then catch_up_cents else 0 end as roth_catch_up_cents,
    least(elected_cents, elective_deferral_cents) - regular_cents as excess_415_cents,
    student_loan_cents,
    contribution_cents + matched_loan_cents as matched_deferral_cents,
    has_one_rate
    and contribution_cents = elected_cents
    and matched_loan_cents = student_loan_cents
    and counted_pay_cents = eligible_pay_cents
    and counted_pay_cents <= compensation_limit_cents as is_steady,
    elected_cents >= dollar_limit_cents + catch_up_limit_cents as limit_reached
from limited
order by world_id, employee_id
