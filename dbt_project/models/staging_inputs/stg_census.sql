/*
  grain    one row an active employee of the census
  inputs   the census rows that stg_census_rejects does not list; whoever left by the census date is not in it
*/
with typed as (
    {{ typed_census() }}
)

select
    year_context.simulation_year,
    typed.employee_id,
    {{ identity_key('typed.employee_id') }} as identity_key,
    typed.birth_date,
    typed.hire_date,
    coalesce(typed.service_date, typed.hire_date) as service_date,
    {{ to_cents('typed.annual_compensation') }} as annual_compensation_cents,
    typed.level_id,
    cast(coalesce(typed.scheduled_hours_per_week, 40) as decimal(5, 2)) as scheduled_hours_per_week,
    {{ to_cents('typed.prior_year_compensation') }} as prior_year_compensation_cents
from typed
cross join {{ source('study', 'year_context') }} as year_context
where
    coalesce(typed.active, true)
    and coalesce(typed.termination_date > year_context.census_date, true)
    and not exists (
        select 1
        from {{ ref('stg_census_rejects') }} as rejects
        where rejects.census_row = typed.census_row
    )
order by typed.employee_id
