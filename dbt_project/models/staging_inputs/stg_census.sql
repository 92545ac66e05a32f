/*
  grain    one row an active employee of the census; the same in every year of a study
  inputs   the census rows that stg_census_rejects does not list; whoever left by the census date is not in it
  formula  missing pay of the prior year is the pay rate by the days employed in it, missing hours of a year are 52 weeks
           of scheduled hours by the days employed in it. A participant without dates became eligible and enrolled on the
           census date, for a reason that only the census knows. Whom the plan excludes is not eligible. A termination
           date after the census date is an announced leaver's, who was there on it, whatever `active` says of a later day.
           Bonus and overtime are a year's; pay that is made of the rate has the bonus and the overtime of its days
*/
with typed as (
    {{ typed_census() }}
),

active as (
    select
        typed.*,
        census_context.census_date,
        make_date(year(census_context.census_date), 1, 1) as year_1_start,
        make_date(year(census_context.census_date) - 1, 1, 1) as year_2_start,
        coalesce(typed.deferral_rate, 0) > 0 as participates
    from typed
    cross join {{ source('study', 'census_context') }} as census_context
    where
        coalesce(typed.termination_date > census_context.census_date, typed.active, true)
        and not exists (
            select 1
            from {{ ref('stg_census_rejects') }} as rejects
            where rejects.census_row = typed.census_row
        )
),

filled as (
    select
        *,
        cast(coalesce(scheduled_hours_per_week, 40) as decimal(5, 2)) as weekly_hours,
        {{ to_cents('annual_compensation') }} as annual_compensation_cents,
        {{ to_cents('coalesce(bonus, 0)') }} as bonus_cents,
        {{ to_cents('coalesce(overtime, 0)') }} as overtime_cents,
        census_date - greatest(hire_date, year_1_start) + 1 as days_1,
        greatest(year_1_start - greatest(hire_date, year_2_start), 0) as days_2,
        census_date - year_1_start + 1 as days_in_year_1,
        year_1_start - year_2_start as days_in_year_2,
        case
            when not coalesce(plan_exclusion, false)
                then coalesce(eligibility_date, enrollment_date, case when participates then census_date end)
        end as eligible_from,
        coalesce(enrollment_date, case when participates then census_date end) as enrolled_on
    from active
)

select
    employee_id,
    {{ identity_key('employee_id') }} as identity_key,
    birth_date,
    hire_date,
    coalesce(service_date, hire_date) as service_date,
    termination_date as announced_exit_date,
    annual_compensation_cents,
    level_id,
    weekly_hours as scheduled_hours_per_week,
    coalesce(
        {{ to_cents('prior_year_compensation') }},
        {{ mul_div_round('(annual_compensation_cents + overtime_cents)', 'days_1', 'days_in_year_1') }} + bonus_cents
    ) as prior_paid_cents,
    prior_year_compensation is null as prior_pay_imputed,
    coalesce(plan_exclusion, false) as plan_excluded,
    coalesce(owner_5pct, false) as owner_5pct,
    eligible_from as eligibility_date,
    case when eligible_from is not null then 'census' end as eligibility_reason,
    case when eligible_from is not null then enrolled_on end as enrollment_date,
    case
        when eligible_from is not null and enrolled_on is not null then coalesce(enrollment_source, 'census')
    end as enrollment_source,
    {{ to_millionths('coalesce(deferral_rate, 0)') }} as deferral_rate_millionths,
    coalesce(opted_out, false) as has_opted_out,
    participates and coalesce(enrollment_source = 'auto', false) and not coalesce(auto_escalation_opt_out, false)
        as escalates,
    coalesce(auto_escalation_opt_out, false) as escalation_opted_out,
    cast(coalesce(
        round(hours_prior_year_1), {{ hours_of_service('weekly_hours', 'days_1', 'days_in_year_1') }}
    ) as integer) as hours_prior_year_1,
    cast(coalesce(
        round(hours_prior_year_2), {{ hours_of_service('weekly_hours', 'days_2', 'days_in_year_2') }}
    ) as integer) as hours_prior_year_2,
    {{ to_cents('coalesce(match_balance, 0)') }} as cumulative_match_cents,
    {{ to_cents('coalesce(core_balance, 0)') }} as cumulative_core_cents,
    bonus_cents,
    overtime_cents
from filled
order by employee_id
