/*
  grain    one row a person whom automatic enrolment is waiting for, this year or later
  inputs   the opening workforce with the windows still open, the hires, who is eligible, the plan's automatic enrolment
  formula  docs/methodology.md, 7. Eligibility and enrolment. In scope is who enters this year; with `all_eligible` also
           who is eligible already (from 1 January); hired on or after the cutoff, not contributing, never opted out. The
           window is so many days from its start. One that last year left open keeps its end. Without automatic enrolment
           this year there is none.
*/
with people as (
    {{ plan_people() }}
)

select
    person.simulation_year,
    person.world_id,
    person.employee_id,
    person.identity_key,
    case
        when person.opening_window_end is not null then eligibility.eligibility_date
        else greatest(eligibility.eligibility_date, person.year_start)
    end as window_start,
    coalesce(person.opening_window_end, window_start + design.auto_window_days) as window_end,
    window_end <= person.year_end as ends_this_year
from people as person
inner join {{ ref('int_plan_eligibility') }} as eligibility using (world_id, identity_key)
inner join {{ ref('stg_plan_design') }} as design using (scenario_id)
where
    design.auto_enabled
    and person.opening_rate_millionths = 0
    and not person.has_opted_out
    and coalesce(person.hire_date >= design.auto_hire_cutoff, true)
    and (
        person.opening_window_end is not null
        or design.auto_scope = 'all_eligible'
        or (eligibility.is_new and eligibility.eligibility_reason <> 'census')
    )
order by person.world_id, person.employee_id
