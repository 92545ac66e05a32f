/*
  grain    one row a person who is eligible at any time of the year; whom the plan excludes is not
  inputs   the opening workforce with its dates and hours, the hires, who leaves when, the plan's conditions
  formula  docs/methodology.md, 7. Eligibility and enrolment. Entry is the entry date on or next after the day on which age,
           service and hours are met; never before the hire or the plan's adoption, nor before 1 January where a change of
           the plan lets somebody in. The k-th birthday and month count (29 February's is 28 February). Hours rule: 1,000 a
           year by schedule, or worked in a computation period (macro hours_in_periods), or 500 in each of the last two (IRC
           401(k)(15)). Who comes with the census and had an entry date before the first year is eligible from its 1 January,
           reason `census`; an entry date on that very day is an entry like any other. A date once reached is kept. Reason:
           the condition that had to be waited for after the hire.
*/
with people as (
    {{ plan_people() }}
),

rules as (
    select
        person.*,
        design.entry_dates,
        design.adopted,
        design.long_term_part_time,
        person.birth_date + to_years(design.minimum_age) as age_met_on,
        person.service_date + to_months(design.service_months) as service_met_on,
        design.hours_rule and person.scheduled_hours_per_week * 52 < 1000 as counts_hours,
        {{ hours_in_periods('person', 'design.computation_periods', 'counts_hours') }} as periods
    from people as person
    inner join {{ ref('stg_plan_design') }} as design using (scenario_id)
    where not person.plan_excluded
),

conditions as (
    select
        * exclude (periods),
        case
            when not counts_hours then hire_date
            when periods.earlier_hours >= 1000 then periods.earlier_end
            when periods.later_hours >= 1000 then periods.later_end
        end as hours_met_on,
        case
            when long_term_part_time and least(periods.earlier_hours, periods.later_hours) >= 500
                and periods.earlier_hours is not null
                then cast(greatest(periods.later_end, age_met_on) as date)
        end as long_term_met_on
    from rules
),

met as (
    select
        *,
        -- greatest() passes over a NULL, so what is never met is asked for first
        case
            when hours_met_on is not null then cast(greatest(hire_date, age_met_on, service_met_on, hours_met_on) as date)
        end as ordinary_met_on,
        least(ordinary_met_on, long_term_met_on) as met_on
    from conditions
),

entries as (
    select
        *,
        opening_eligibility_date is null as is_new,
        {{ entry_date('met_on', 'entry_dates') }} as entry_on,
        coalesce(opening_eligibility_date, greatest(entry_on, year_start, adopted)) as eligibility_date
    from met
    where opening_eligibility_date is not null or met_on is not null
)

select
    simulation_year,
    world_id,
    employee_id,
    identity_key,
    eligibility_date,
    case
        when not is_new then opening_eligibility_reason
        when is_first_year and entry_on < year_start and adopted < year_start then 'census'
        when ordinary_met_on is null or long_term_met_on < ordinary_met_on then 'long_term_part_time'
        when age_met_on > hire_date and greatest(service_met_on, hours_met_on) > hire_date then 'age_and_service'
        when age_met_on > hire_date then 'age'
        when greatest(service_met_on, hours_met_on) > hire_date then 'service'
        else 'immediate'
    end as eligibility_reason,
    is_new,
    case when is_new then met_on end as conditions_met_on
from entries
where eligibility_date <= last_day
order by world_id, employee_id
